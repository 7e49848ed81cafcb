#include "core/field/case.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/base/text.hpp"
#include "core/config/config_reader.hpp"

namespace eddyline {

void BoundaryConfig::fields(FieldVisitor& visit) {
  visit(
      "type", type,
      rule::one_of({"periodic", "inflow", "outflow", "no_slip", "free_slip", "moving_wall", "prescribed", "far_field"}),
      "kind of boundary");
  visit("profile", profile, rule::one_of({"uniform", "parabolic"}), "inflow: shape over the side");
  visit("velocity", velocity, rule::any().unit("velocity"),
        "inflow, moving_wall: velocity vector (parabolic: maximum)");
  visit("values", values, rule::any(),
        "prescribed, inflow, far_field: channel to formula in x, y, z, t; no_slip, moving_wall: temperature; outflow: "
        "pressure; finite_volume: the side is a free-slip wall where the "
        "formula `where` is zero");
}

void InitialConfig::fields(FieldVisitor& visit) {
  visit("type", type, rule::one_of({"rest", "uniform", "formula", "random", "waves"}),
        "kind of initial state; random: formulas and random fields; waves: the random forcing of forced_burgers at t = "
        "0");
  visit("velocity", velocity, rule::any().unit("velocity"), "uniform: velocity vector");
  visit("values", values, rule::any(), "formula, random: channel to formula in x, y, z and the parameters");
  visit("random", random,
        "random: channel to random field, added to its formula; `velocity`: all components, free of divergence");
  visit("perturbation", perturbation, rule::non_negative(),
        "amplitude of a smooth random velocity, in velocity scales");
  visit("seed", seed, rule::non_negative(), "seed of random fields, of the perturbation and of random waves");
}

void InitialConfig::check(ConfigProblems& problems) const {
  if (!random.empty() && type != "random")
    problems.add("random", "is for type random, not " + type + "; a formula and a random field of a channel are added");
  if (type == "random" && random.empty()) problems.add("random", "type random needs a random field of a channel");
  const auto flow = random.find("velocity");
  if (flow == random.end()) return;
  if (flow->second.type != "gaussian")
    problems.add("random", "velocity is free of divergence and of type gaussian, not " + flow->second.type);
  if (flow->second.mean != 0) problems.add("random", "velocity.mean: give a mean flow as formulas in initial.values");
}

void ForcingConfig::fields(FieldVisitor& visit) {
  visit("values", values, rule::any(),
        "channel to formula in x, y, z, t and the parameters of the case, added to its rate of change");
  visit("drag", drag, rule::non_negative().unit("1 / time"), "rate at which the velocity decays");
}

void CaseConfig::fields(FieldVisitor& visit) {
  visit("name", name, rule::any(), "name of the case");
  visit("equation", equation, rule::one_of(EquationRegistry::instance().names()), "what is solved");
  visit("grid", grid, "axes x, y[, z]");
  visit("parameters", parameters, rule::any(), "physical parameters of the equation, by name");
  visit("boundaries", boundaries, "boundary of each side: x_low, x_high, y_low, y_high[, z_low, z_high]");
  visit("obstacles", obstacles, "solid bodies");
  visit("initial", initial, "state at t = 0");
  visit("forcing", forcing, "what acts on the fields everywhere");
  visit("length_scale", length_scale, rule::positive().unit("length"), "reference length D");
  visit("velocity_scale", velocity_scale, rule::positive().unit("velocity"), "reference velocity U");
  visit("length_unit", length_unit, rule::any(), "unit of lengths; 1 when dimensionless");
  visit("time_unit", time_unit, rule::any(), "unit of times; 1 when dimensionless");
}

void CaseConfig::check(ConfigProblems& problems) const {
  if (grid.empty() || grid.size() > 3) {
    problems.add("grid", "expected one to three axes, got " + std::to_string(grid.size()));
    return;
  }
  std::vector<std::string> patches;
  for (std::size_t axis = 0; axis < grid.size(); ++axis)
    for (const char* end : {"_low", "_high"}) patches.push_back(std::string(1, "xyz"[axis]) + end);
  for (const auto& [patch, boundary] : boundaries)
    if (std::find(patches.begin(), patches.end(), patch) == patches.end())
      problems.add("boundaries", "no side is called '" + printable(patch) + "'" + suggestion(patch, patches));
  for (const auto& patch : patches)
    if (!boundaries.contains(patch)) problems.add("boundaries", "side " + patch + " has no boundary");
  for (std::size_t axis = 0; axis < grid.size(); ++axis) {
    const auto low = boundaries.find(patches[2 * axis]), high = boundaries.find(patches[2 * axis + 1]);
    if (low == boundaries.end() || high == boundaries.end()) continue;
    if ((low->second.type == "periodic") != (high->second.type == "periodic"))
      problems.add("boundaries", "periodic needs both " + low->first + " and " + high->first);
  }
  const auto found = EquationRegistry::instance().names();
  if (std::find(found.begin(), found.end(), equation) == found.end()) return;
  const auto problem = EquationRegistry::instance().create(equation, EmptyConfig{});
  const auto positive = problem->positive();
  const bool is_gas = std::find(positive.begin(), positive.end(), "pressure") != positive.end();
  for (const auto& [patch, boundary] : boundaries)
    if (boundary.type == "far_field" && !is_gas)
      problems.add("boundaries", patch + ": far_field is for compressible gases, " + equation + " is none");
  std::vector<std::string> names;
  for (const auto& parameter : problem->parameters()) names.push_back(parameter.name);
  for (const auto& [parameter, value] : parameters)
    if (std::find(names.begin(), names.end(), parameter) == names.end())
      problems.add("parameters",
                   "'" + printable(parameter) + "' is no parameter of " + equation + suggestion(parameter, names));
  for (const auto& parameter : names)
    if (!parameters.contains(parameter)) problems.add("parameters", "'" + parameter + "' is missing");
  for (const auto& parameter : problem->positive_parameters())
    if (parameters.contains(parameter) && !(parameters.at(parameter) > 0))
      problems.add("parameters", "'" + parameter + "' must be > 0, got " + format_number(parameters.at(parameter)));
}

Case::Case(CaseConfig config) : config_(std::move(config)) {
  struct Throwing final : ConfigProblems {
    std::string text;
    void add(const std::string& key, const std::string& message) override {
      text += (text.empty() ? "" : "\n") + std::string("case.") + key + ": " + message;
    }
  } problems;
  config_.check(problems);
  if (!problems.text.empty()) throw ConfigError("case '" + printable(config_.name) + "': " + problems.text);
  equation_ = EquationRegistry::instance().create(config_.equation, EmptyConfig{});
  std::vector<std::vector<double>> nodes;
  for (const auto& axis : config_.grid) nodes.push_back(axis.node_coordinates());
  grid_ = std::make_shared<Grid>(std::move(nodes));
}

double Case::parameter(const std::string& name) const {
  const auto found = config_.parameters.find(name);
  if (found == config_.parameters.end())
    throw ConfigError("case '" + printable(config_.name) + "' has no parameter '" + name + "'");
  return found->second;
}

std::string Case::to_yaml() const { return resolved_yaml(config_); }

std::shared_ptr<const Case> Case::from_yaml(const std::string& text, const std::string& source_name) {
  CaseConfig config;
  read_config_text(text, source_name, config);
  return std::make_shared<Case>(std::move(config));
}

std::shared_ptr<const Case> on_grid(const Case& problem, const Grid& grid) {
  CaseConfig config = problem.config();
  config.grid.assign(static_cast<std::size_t>(grid.dimension()), {});
  for (int axis = 0; axis < grid.dimension(); ++axis) {
    auto& line = config.grid[static_cast<std::size_t>(axis)];
    line.from = grid.low(axis);
    line.to = grid.high(axis);
    line.cells = grid.cells(axis);
    if (!grid.is_uniform(axis)) line.nodes = grid.nodes(axis);
  }
  return std::make_shared<Case>(std::move(config));
}

}  // namespace eddyline
