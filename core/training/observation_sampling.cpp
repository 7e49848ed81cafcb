#include "core/training/observation_sampling.hpp"

#include <cmath>
#include <filesystem>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/base/random.hpp"
#include "core/base/text.hpp"
#include "core/config/formula.hpp"
#include "core/io/atomic_file.hpp"
#include "core/io/csv.hpp"

namespace eddyline {

void ObserveConfig::fields(FieldVisitor& visit) {
  visit("output", output, rule::any().required(), "CSV file to write");
  visit("points", points, rule::at_least(1), "observations");
  visit("low", low, rule::any().unit("length"), "lower corner of the box that places are drawn from");
  visit("high", high, rule::any().unit("length"), "upper corner");
  visit("time_low", time_low, rule::any().unit("time"), "first time");
  visit("time_high", time_high, rule::any().unit("time"), "last time");
  visit("density", density, rule::any().required(), "formula in x, y, z, t");
  visit("velocity", velocity, rule::any(), "a formula an axis; empty: not observed");
  visit("noise", noise, rule::non_negative(), "relative standard deviation of normal errors");
  visit("seed", seed, rule::non_negative(), "of places, times and errors");
}

void ObserveConfig::check(ConfigProblems& problems) const {
  if (low.empty() || low.size() > 3 || low.size() != high.size())
    return problems.add("high", "low and high need one to three numbers each");
  for (std::size_t axis = 0; axis < low.size(); ++axis)
    if (!(low[axis] < high[axis])) problems.add("high", "must be above low on every axis");
  if (!(time_low < time_high)) problems.add("time_high", "must be above time_low");
  if (!velocity.empty() && velocity.size() != low.size())
    problems.add("velocity", std::to_string(velocity.size()) + " formulas for " + std::to_string(low.size()) + " axes");
}

void observe(const ObserveConfig& config) {
  const std::vector<std::string> variables = {"x", "y", "z", "t"};
  const Formula density(config.density, variables);
  std::vector<Formula> velocity;
  for (const auto& text : config.velocity) velocity.emplace_back(text, variables);
  std::vector<std::string> columns;
  for (std::size_t axis = 0; axis < config.low.size(); ++axis) columns.emplace_back(1, "xyz"[axis]);
  columns.insert(columns.end(), {"t", "rho"});
  for (std::size_t axis = 0; axis < velocity.size(); ++axis) columns.emplace_back(1, "uvw"[axis]);
  std::string text = join(columns, ",") + "\n";
  RandomStream places(static_cast<std::uint64_t>(config.seed), "observe/places");
  RandomStream errors(static_cast<std::uint64_t>(config.seed), "observe/errors");
  for (std::int64_t n = 0; n < config.points; ++n) {
    std::vector<double> row, at(4, 0);
    for (std::size_t axis = 0; axis < config.low.size(); ++axis) {
      at[axis] = places.uniform(config.low[axis], config.high[axis]);
      row.push_back(at[axis]);
    }
    at[3] = places.uniform(config.time_low, config.time_high);
    row.push_back(at[3]);
    const double truth = density(at);
    if (truth < 0)
      throw ConfigError("density: '" + printable(config.density) + "' is " + format_number(truth) +
                        " at t = " + format_number(at[3]) + ": a density cannot be negative");
    // Relative errors as powers keep a density positive.
    row.push_back(config.noise > 0 ? truth * std::exp(config.noise * errors.normal()) : truth);
    for (const auto& component : velocity)
      row.push_back(component(at) * (config.noise > 0 ? 1 + config.noise * errors.normal() : 1));
    text += csv_line(row);
  }
  const std::filesystem::path path = config.output;
  if (path.has_parent_path()) create_folder(path.parent_path());
  write_atomically(path, text);
}

}  // namespace eddyline
