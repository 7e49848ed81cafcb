#include "solvers/grid/grid_initial.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include "core/base/error.hpp"
#include "core/field/initial_field.hpp"
#include "solvers/grid/grid_model.hpp"

namespace eddyline {
namespace {

struct Quadrature {
  std::vector<double> points;   // in cell widths from the centre
  std::vector<double> weights;  // their sum is one
};

Quadrature gauss(std::int64_t points) {
  if (points == 1) return {{0}, {1}};
  if (points == 2) return {{-0.5 / std::sqrt(3.0), 0.5 / std::sqrt(3.0)}, {0.5, 0.5}};
  return {{-0.5 * std::sqrt(0.6), 0, 0.5 * std::sqrt(0.6)}, {5.0 / 18, 8.0 / 18, 5.0 / 18}};
}

/// Calls visit(j, k, x of the row, y, z, weight) for every row of quadrature points.
void for_point_rows(const Case& problem, const BlockShape& shape, std::int64_t points,
                    const std::function<void(int, int, const std::vector<double>&, double, double, double)>& visit) {
  const Grid& grid = problem.grid();
  const Quadrature rule = gauss(points), single = gauss(1);
  std::array<std::vector<double>, 3> centers;
  std::array<double, 3> width{};
  for (int axis = 0; axis < 3; ++axis) {
    const auto a = static_cast<std::size_t>(axis);
    centers[a] = axis < shape.dimension ? grid.centers(axis) : std::vector<double>{0};
    width[a] = axis < shape.dimension ? (grid.high(axis) - grid.low(axis)) / static_cast<double>(grid.cells(axis)) : 0;
  }
  const Quadrature &in_y = shape.dimension > 1 ? rule : single, &in_z = shape.dimension > 2 ? rule : single;
  std::vector<double> x(centers[0].size());
  for (int k = 0; k < shape.cells[2]; ++k)
    for (int j = 0; j < shape.cells[1]; ++j)
      for (std::size_t c = 0; c < in_z.points.size(); ++c)
        for (std::size_t b = 0; b < in_y.points.size(); ++b)
          for (std::size_t a = 0; a < rule.points.size(); ++a) {
            for (std::size_t i = 0; i < x.size(); ++i) x[i] = centers[0][i] + rule.points[a] * width[0];
            visit(j, k, x, centers[1][static_cast<std::size_t>(j)] + in_y.points[b] * width[1],
                  centers[2][static_cast<std::size_t>(k)] + in_z.points[c] * width[2],
                  rule.weights[a] * in_y.weights[b] * in_z.weights[c]);
          }
}

/// Adds weight * conserved(primitive) to the rows of the state.
template <class Element>
class Accumulator {
 public:
  Accumulator(const RowPhysics<Element>& physics, PaddedArray<Element>& conserved)
      : physics_(physics), conserved_(conserved), cells_(conserved.shape().cells[0]) {
    const auto count = static_cast<std::size_t>(cells_ * max_components);
    primitive_values_.assign(count, Element(0));
    conserved_values_.assign(count, Element(0));
    for (std::size_t c = 0; c < max_components; ++c) {
      primitive[c] = primitive_values_.data() + c * static_cast<std::size_t>(cells_);
      rows_[c] = conserved_values_.data() + c * static_cast<std::size_t>(cells_);
    }
  }
  void add(int j, int k, double weight) {
    physics_.to_conserved(read_only<Element>(primitive), rows_, cells_);
    for (int c = 0; c < physics_.layout().conserved_count; ++c)
      for (int i = 0; i < cells_; ++i)
        conserved_.row(c, j, k)[i] += static_cast<Element>(weight) * rows_[static_cast<std::size_t>(c)][i];
  }
  MutableRows<Element> primitive{};

 private:
  const RowPhysics<Element>& physics_;
  PaddedArray<Element>& conserved_;
  int cells_;
  std::vector<Element> primitive_values_, conserved_values_;
  MutableRows<Element> rows_{};
};

}  // namespace

template <class Element>
void set_initial_state(const Case& problem, const RowPhysics<Element>& physics, std::int64_t points,
                       PaddedArray<Element>& conserved) {
  const InitialConfig& initial = problem.config().initial;
  const auto channels = channel_names(problem.channels());
  if (initial.type != "formula" && initial.type != "random" && initial.type != "waves")
    throw ConfigError("initial.type: the finite-volume solver starts from formula, random or waves, not " +
                      initial.type);
  if (initial.perturbation != 0)
    throw ConfigError("initial.perturbation: the finite-volume solver takes none; put it into the formulas");
  Accumulator<Element> sum(physics, conserved);
  if (initial.type == "waves") {
    const GridModel& model = GridModels::find(problem);
    if (!model.forcing) throw ConfigError("initial.type: waves is for forced_burgers, whose forcing it is at t = 0");
    for_point_rows(problem, conserved.shape(), points,
                   [&](int j, int k, const std::vector<double>& x, double, double, double weight) {
                     std::vector<double> waves(x.size());
                     model.forcing(problem, x).evaluate(0, waves.data());
                     std::transform(waves.begin(), waves.end(), sum.primitive[0],
                                    [](double value) { return static_cast<Element>(value); });
                     sum.add(j, k, weight);
                   });
    return;
  }
  auto known = channels;
  if (physics.layout().has_bed) known.push_back("bed");
  std::vector<std::pair<std::size_t, InitialField>> fields;
  for (const auto& channel : initial_channels(problem, known))
    if (channel != "bed")
      fields.emplace_back(static_cast<std::size_t>(std::find(known.begin(), known.end(), channel) - known.begin()),
                          InitialField(problem, channel));
  for_point_rows(problem, conserved.shape(), points,
                 [&](int j, int k, const std::vector<double>& x, double y, double z, double weight) {
                   for (auto& [component, field] : fields)
                     for (std::size_t i = 0; i < x.size(); ++i)
                       sum.primitive[component][i] = static_cast<Element>(field(x[i], y, z));
                   sum.add(j, k, weight);
                 });
}

template <class Element>
void set_bed(const Case& problem, std::int64_t points, PaddedArray<Element>& bed) {
  const InitialConfig& initial = problem.config().initial;
  if (!initial.values.contains("bed") && !initial.random.contains("bed")) return;
  InitialField field(problem, "bed");
  for_point_rows(problem, bed.shape(), points,
                 [&](int j, int k, const std::vector<double>& x, double y, double z, double weight) {
                   for (std::size_t i = 0; i < x.size(); ++i)
                     bed.row(0, j, k)[i] += static_cast<Element>(weight * field(x[i], y, z));
                 });
}

template void set_initial_state(const Case&, const RowPhysics<double>&, std::int64_t, PaddedArray<double>&);
template void set_initial_state(const Case&, const RowPhysics<float>&, std::int64_t, PaddedArray<float>&);
template void set_bed(const Case&, std::int64_t, PaddedArray<double>&);
template void set_bed(const Case&, std::int64_t, PaddedArray<float>&);

}  // namespace eddyline
