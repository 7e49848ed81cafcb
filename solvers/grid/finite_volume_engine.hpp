#pragma once
// The explicit finite-volume solver in one precision.

#include <memory>

#include "core/rollout/solver.hpp"
#include "solvers/grid/finite_volume_config.hpp"
#include "solvers/grid/grid_forcing.hpp"
#include "solvers/grid/grid_sides.hpp"
#include "solvers/grid/sweep.hpp"
#include "solvers/time/runge_kutta.hpp"

namespace eddyline {

/// What FiniteVolumeSolver does, whatever the precision.
class ExplicitSolver : public Solver {
 public:
  /// Exactly `steps` steps of the stable length (unless a step had to be halved).
  [[nodiscard]] virtual State advance_steps(const State& start, std::int64_t steps) const = 0;
};

/// See FiniteVolumeSolver. @tparam Element  float or double: of the cells, of what is computed with them and of the
/// states.
template <class Element>
class FiniteVolumeEngine final : public ExplicitSolver {
 public:
  FiniteVolumeEngine(const FiniteVolumeConfig& config, std::shared_ptr<const Case> problem);

  [[nodiscard]] std::vector<State> advance(std::span<const State> past, double dt, int frames) const override;
  [[nodiscard]] State advance_steps(const State& start, std::int64_t steps) const override;
  [[nodiscard]] State initial_state() const override;
  [[nodiscard]] double stable_dt(const State& now) const override;
  [[nodiscard]] at::Tensor residual(const State& before, const State& after) const override;
  [[nodiscard]] at::Tensor to_cells(const State& state) const override;
  [[nodiscard]] State from_cells(const at::Tensor& cells, double time) const override;
  [[nodiscard]] at::Tensor fluid_fraction() const override;
  [[nodiscard]] Diagnostics diagnostics(const State& state) const override;

 private:
  /// Stage 0 is the state; the last stage of a step becomes the next one.
  struct Work {
    std::vector<PaddedArray<Element>> stages;
    PaddedArray<Element> forcing, smoothness;
    bool has_first_order_cells = false;
    typename GridSides<Element>::Work sides;
    double time = 0;
    double rate = 0;  // of stage 0
  };
  using Cell = std::array<int, 3>;

  [[nodiscard]] const StateLayout& layout() const { return sweep_->physics().layout(); }
  [[nodiscard]] std::unique_ptr<Work> load(const State& state) const;
  [[nodiscard]] State save(const Work& work) const;
  [[nodiscard]] PaddedArray<Element> field(int components) const { return PaddedArray<Element>(components, shape_); }
  /// A stage that reads the first of the fields, with what acts on it at a time.
  [[nodiscard]] Stage<Element> stage_from(PaddedArray<Element>& state, double time, Work& work) const;
  [[nodiscard]] double take_step(Work& work, double dt, std::int64_t number) const;
  /// The Runge-Kutta stages from work.stages[0]; null when all is well, else the field with inadmissible cells.
  [[nodiscard]] const PaddedArray<Element>* try_step(Work& work, double dt) const;
  void check_admissible(const PaddedArray<Element>& conserved, const std::string& where) const;
  /// The primitive state of a cell. @return whether it is admissible.
  [[nodiscard]] bool primitive_of(const PaddedArray<Element>& conserved, const Cell& cell,
                                  std::array<Element, max_components>& primitive) const;
  [[nodiscard]] std::vector<Cell> bad_cells(const PaddedArray<Element>& conserved) const;
  [[nodiscard]] std::string describe(const PaddedArray<Element>& conserved, const Cell& cell) const;

  FiniteVolumeConfig config_;
  std::shared_ptr<const Case> problem_;
  BlockShape shape_;
  std::unique_ptr<const Sweep<Element>> sweep_;
  std::unique_ptr<const GridSides<Element>> sides_;
  std::unique_ptr<const GridForcing<Element>> forcing_;
  const RungeKutta& scheme_;
  PaddedArray<Element> fixed_;
};

}  // namespace eddyline
