#pragma once
// A tensor-product Cartesian grid in one to three dimensions.

#include <memory>
#include <vector>

#include "core/config/config.hpp"
#include "core/domain/discretisation.hpp"

namespace eddyline {

/// One axis of a grid as a config gives it.
struct AxisConfig final : Config {
  double from = 0, to = 1;
  std::int64_t cells = 1;
  /// Width of the smallest over the largest cell; 1 is uniform. Cells shrink towards `cluster`.
  double stretching = 1;
  std::string cluster = "both";  // "low", "high", "both" ends, or "nodes"
  std::vector<double> nodes;     // explicit node coordinates; then `from`, `to`, `cells` are ignored
  void fields(FieldVisitor& visit) override;
  void check(ConfigProblems& problems) const override;
  [[nodiscard]] std::vector<double> node_coordinates() const;
};

/// Immutable. Axis 0 is x, then y, then z; tensors have x last.
class Grid final : public Discretisation {
 public:
  /// @param nodes  strictly increasing node coordinates per axis (x first), at least two each.
  /// @throws ConfigError when they are not increasing or not finite.
  explicit Grid(std::vector<std::vector<double>> nodes);
  /// Uniform: `cells[axis]` cells on [low[axis], high[axis]].
  static Grid uniform(const std::vector<double>& low, const std::vector<double>& high,
                      const std::vector<std::int64_t>& cells);

  [[nodiscard]] std::string kind() const override { return "grid"; }
  [[nodiscard]] int dimension() const override { return static_cast<int>(nodes_.size()); }
  [[nodiscard]] std::vector<std::int64_t> cell_shape() const override;
  [[nodiscard]] std::vector<double> cell_volumes() const override;
  /// x_low, x_high, y_low, y_high, z_low, z_high, as far as the dimension goes.
  [[nodiscard]] std::vector<std::string> patches() const override;
  [[nodiscard]] Partition partition() const override;

  [[nodiscard]] std::int64_t cells(int axis) const { return static_cast<std::int64_t>(nodes_.at(axis).size()) - 1; }
  [[nodiscard]] const std::vector<double>& nodes(int axis) const { return nodes_.at(axis); }
  /// Cell centres along an axis.
  [[nodiscard]] std::vector<double> centers(int axis) const;
  /// Cell widths along an axis.
  [[nodiscard]] std::vector<double> widths(int axis) const;
  [[nodiscard]] double low(int axis) const { return nodes_.at(axis).front(); }
  [[nodiscard]] double high(int axis) const { return nodes_.at(axis).back(); }
  /// All cells of the axis (of the grid) equally wide to 1e-10 relative.
  [[nodiscard]] bool is_uniform(int axis) const;
  [[nodiscard]] bool is_uniform() const;
  [[nodiscard]] bool operator==(const Grid& other) const { return nodes_ == other.nodes_; }

 private:
  std::vector<std::vector<double>> nodes_;
};

/// Every `factor[axis]` cells merged into one. @throws ConfigError when a factor does not divide the cell count.
[[nodiscard]] Grid coarsened(const Grid& grid, const std::vector<std::int64_t>& factor);

}  // namespace eddyline
