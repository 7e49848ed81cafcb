#include "solvers/incompressible/body_force.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"

namespace eddyline {

BodyForce::BodyForce(const Case& problem, const CutCells& cells, const std::string& scalar)
    : cells_(cells),
      x_nodes_(problem.grid().nodes(0)),
      y_nodes_(problem.grid().nodes(1)),
      x_centers_(problem.grid().centers(0)),
      y_centers_(problem.grid().centers(1)) {
  std::vector<std::string> channels = {"velocity_x", "velocity_y"};
  if (!scalar.empty()) channels.push_back(scalar);
  for (const auto& [channel, text] : problem.config().forcing.values) {
    const auto found = std::find(channels.begin(), channels.end(), channel);
    if (found == channels.end())
      throw ConfigError("forcing.values: " + problem.config().equation + " has no '" + printable(channel) +
                        "' that could be forced" + suggestion(channel, channels) + "; use " + join(channels, ", "));
    formulas_[static_cast<std::size_t>(found - channels.begin())].emplace(problem, text, "forcing.values." + channel);
  }
}

bool BodyForce::is_steady() const {
  return std::all_of(formulas_.begin(), formulas_.end(),
                     [](const auto& formula) { return !formula || !formula->depends_on_time(); });
}

void BodyForce::evaluate(double time, FaceVelocity& force, Array2& source) const {
  const auto fill = [&](const std::optional<SpaceTimeFormula>& formula, Array2& out, const Array2& open,
                        const std::vector<double>& x, const std::vector<double>& y) {
    if (!formula) return;
    const SpaceTimeFormula value = *formula;
    for (std::size_t j = 0; j < y.size(); ++j)
      for (std::size_t i = 0; i < x.size(); ++i) {
        const auto column = static_cast<std::int64_t>(i), row = static_cast<std::int64_t>(j);
        out(column, row) = open(column, row) > 0 ? value(x[i], y[j], 0, time) : 0;
      }
  };
  fill(formulas_[0], force.u, cells_.open_x, x_nodes_, y_centers_);
  fill(formulas_[1], force.v, cells_.open_y, x_centers_, y_nodes_);
  fill(formulas_[2], source, cells_.area, x_centers_, y_centers_);
}

}  // namespace eddyline
