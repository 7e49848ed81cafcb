#include "core/field/random_field.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/base/random.hpp"
#include "core/field/derived.hpp"

namespace eddyline {
namespace {

constexpr double negligible = 1e-12;       // of the spectrum's maximum
constexpr double most_coefficients = 4e6;  // of a series

enum class Side { periodic, cosine, sine };

/// Power of one mode of wave number k, up to a factor.
double power(const RandomFieldConfig& config, int dimension, double k) {
  if (config.spectrum == "peak") {  // E(k) over the area of the shell
    const double q = k / config.peak_wavenumber;
    return std::pow(q, config.slope - (dimension - 1)) * std::exp(-0.5 * config.slope * (q * q - 1));
  }
  const double q = k * config.correlation_length;
  return config.spectrum == "power_law" ? std::pow(1 + q * q, -0.5 * config.slope) : std::exp(-0.5 * q * q);
}

/// Beyond it no mode is drawn.
double largest_wavenumber(const RandomFieldConfig& config, double smallest) {
  if (config.modes > 0) return static_cast<double>(config.modes) * smallest;
  if (config.spectrum == "power_law") return 32 * smallest;
  if (config.spectrum == "squared_exponential")
    return std::max(smallest, std::sqrt(-2 * std::log(negligible)) / config.correlation_length);
  double q = 1;
  while (std::pow(q, config.slope) * std::exp(-0.5 * config.slope * (q * q - 1)) > negligible) q += 0.125;
  return std::max(smallest, q * config.peak_wavenumber);
}

/// The waves of a box, and one draw of their coefficients.
class Waves {
 public:
  Waves(const Case& problem, const RandomFieldConfig& config, std::string name, const std::array<Side, 3>& sides)
      : config_(config), name_(std::move(name)), seed_(static_cast<std::uint64_t>(problem.config().initial.seed)) {
    const Grid& grid = problem.grid();
    dimension_ = grid.dimension();
    double smallest = HUGE_VAL;  // one wave along the longest side
    for (int axis = 0; axis < dimension_; ++axis)
      smallest = std::min(smallest, 2 * std::numbers::pi / (grid.high(axis) - grid.low(axis)));
    largest_ = largest_wavenumber(config, smallest) * (1 + 1e-12);
    double count = 1;
    for (int axis = 0; axis < dimension_; ++axis) {
      const Side side = sides[static_cast<std::size_t>(axis)];
      TrigonometricAxis line;
      line.origin = grid.low(axis);
      line.wavenumber = (side == Side::periodic ? 2 : 1) * std::numbers::pi / (grid.high(axis) - grid.low(axis));
      const double waves = std::floor(largest_ / line.wavenumber);
      count *= 1 + waves * (side == Side::periodic ? 2 : 1);
      if (count > most_coefficients || waves >= most_waves)
        throw ConfigError("initial.random." + name_.substr(0, name_.find('/')) +
                          ": waves up to k = " + format_number(largest_, 4) +
                          " are too many in this box; set modes to the number along the longest side that you need");
      if (side != Side::sine) line.functions.push_back({0, false});
      for (std::int64_t n = 1; n <= static_cast<std::int64_t>(waves); ++n) {
        if (side != Side::sine) line.functions.push_back({n, false});
        if (side != Side::cosine) line.functions.push_back({n, true});
      }
      axes_.push_back(std::move(line));
    }
  }

  /// @param weight  of the spectrum's power in the variance of a coefficient, a function of k^2;
  /// @param counted  what part of the mean square of the coefficient enters `mean_square`, of the wave vector's
  /// squares.
  template <class Weight, class Counted>
  TrigonometricSeries draw(Weight weight, Counted counted, double& mean_square) const {
    std::vector<std::size_t> size(3, 1);
    for (std::size_t axis = 0; axis < axes_.size(); ++axis) size[axis] = axes_[axis].functions.size();
    std::vector<double> coefficients(size[0] * size[1] * size[2], 0.0);
    for (std::size_t i = 0; i < coefficients.size(); ++i) {
      const std::array<std::size_t, 3> at = {i % size[0], i / size[0] % size[1], i / (size[0] * size[1])};
      std::array<double, 3> squares{};
      std::uint64_t index = 0, sines = 0;
      double norm = 1;
      for (std::size_t axis = 0; axis < axes_.size(); ++axis) {
        const auto& function = axes_[axis].functions[at[axis]];
        const double k = static_cast<double>(function.wave) * axes_[axis].wavenumber;
        squares[axis] = k * k;
        index = index * most_waves + static_cast<std::uint64_t>(function.wave);
        sines = 2 * sines + (function.is_sine ? 1 : 0);
        norm *= function.wave > 0 ? 0.5 : 1;
      }
      const double square = squares[0] + squares[1] + squares[2];
      if (square == 0 || square > largest_ * largest_) continue;
      const double variance = power(config_, dimension_, std::sqrt(square)) * weight(square);
      mean_square += variance * norm * counted(squares);
      // A normal number takes four draws: coefficient number n of the stream, whatever the others are.
      coefficients[i] =
          std::sqrt(variance) * RandomStream(seed_, "initial/random/" + name_, 4 * (8 * index + sines)).normal();
    }
    return {axes_, std::move(coefficients)};
  }

 private:
  static constexpr std::int64_t most_waves = 1 << 14;
  RandomFieldConfig config_;
  std::string name_;
  std::uint64_t seed_;
  int dimension_ = 1;
  double largest_ = 0;
  std::vector<TrigonometricAxis> axes_;
};

double scale(const RandomFieldConfig& config, const std::string& name, double mean_square) {
  if (mean_square > 0 && std::isfinite(mean_square)) return config.amplitude / std::sqrt(mean_square);
  throw ConfigError("initial.random." + name + ": the spectrum has no power at any wave number of the box; change " +
                    (config.spectrum == "peak" ? "peak_wavenumber" : "correlation_length") + " or modes");
}

std::array<Side, 3> sides_of(const Case& problem, Side closed) {
  std::array<Side, 3> sides = {closed, closed, closed};
  const PeriodicAxes periodic = periodic_axes(problem);
  for (std::size_t axis = 0; axis < periodic.size(); ++axis)
    if (periodic[axis]) sides[axis] = Side::periodic;
  return sides;
}

double mean_square(const std::vector<TrigonometricSeries>& terms) {
  double sum = 0;
  for (const auto& a : terms)
    for (const auto& b : terms) sum += mean_product(a, b);
  return sum;
}

double one(const std::array<double, 3>&) { return 1; }

/// Both terms of every component of curl A; the stream function is A_z.
std::vector<std::vector<TrigonometricSeries>> drawn_velocity(const Case& problem, const RandomFieldConfig& config) {
  const int dimension = problem.grid().dimension();
  if (dimension < 2)
    throw ConfigError(
        "initial.random.velocity: a velocity free of divergence needs two or three dimensions; in one, "
        "give velocity_x");
  std::vector<std::vector<TrigonometricSeries>> velocity(static_cast<std::size_t>(dimension));
  double expected = 0;
  for (std::size_t of = dimension == 2 ? 2 : 0; of < 3; ++of) {
    // The potential's components along a side vanish on it.
    auto sides = sides_of(problem, Side::sine);
    if (sides[of] == Side::sine) sides[of] = Side::cosine;
    const std::string name = "velocity/" + std::string(1, "xyz"[of]);
    const TrigonometricSeries potential =
        Waves(problem, config, name, sides)
            .draw([](double square) { return 1 / square; },
                  [&](const std::array<double, 3>& squares) { return squares[(of + 1) % 3] + squares[(of + 2) % 3]; },
                  expected);
    // (curl A)_i = dA_k/dj - dA_j/dk for (i, j, k) in cyclic order.
    const std::size_t next = (of + 1) % 3, last = (of + 2) % 3;
    velocity[next].push_back(potential.derivative(static_cast<int>(last)));
    velocity[last].push_back(potential.derivative(static_cast<int>(next)).times(-1));
  }
  double own = 0;
  for (const auto& terms : velocity) own += mean_square(terms);
  const double factor = scale(config, "velocity", config.normalised ? own : expected);
  for (auto& terms : velocity)
    for (auto& term : terms) term = term.times(factor);
  return velocity;
}

}  // namespace

RandomField::RandomField(const Case& problem, RandomFieldConfig config)
    : config_(std::move(config)), dimension_(problem.grid().dimension()) {
  const PeriodicAxes periodic = periodic_axes(problem);
  for (int axis = 0; axis < dimension_; ++axis)
    if (periodic[static_cast<std::size_t>(axis)])
      period_[static_cast<std::size_t>(axis)] = problem.grid().high(axis) - problem.grid().low(axis);
}

RandomField::RandomField(const Case& problem, const RandomFieldConfig& config, const std::string& name)
    : RandomField(problem, config) {
  if (config.type == "shapes") {
    draw_shapes(problem, name);
    return;
  }
  double expected = 0;
  terms_.push_back(
      Waves(problem, config, name, sides_of(problem, Side::cosine)).draw([](double) { return 1.0; }, one, expected));
  terms_[0] = terms_[0].times(scale(config, name, config.normalised ? mean_square(terms_) : expected));
}

RandomField RandomField::velocity(const Case& problem, const RandomFieldConfig& config, int axis) {
  RandomField field(problem, config);
  field.terms_ = drawn_velocity(problem, config).at(static_cast<std::size_t>(axis));
  return field;
}

void RandomField::draw_shapes(const Case& problem, const std::string& name) {
  const Grid& grid = problem.grid();
  double shortest = HUGE_VAL;
  for (int axis = 0; axis < dimension_; ++axis) shortest = std::min(shortest, grid.high(axis) - grid.low(axis));
  RandomStream random(static_cast<std::uint64_t>(problem.config().initial.seed), "initial/random/" + name);
  for (std::int64_t n = 0; n < config_.shapes; ++n) {
    Shape shape;
    const double radius = random.uniform(config_.smallest, config_.largest) * shortest;
    for (int axis = 0; axis < dimension_; ++axis) {
      const auto a = static_cast<std::size_t>(axis);
      shape.center[a] = random.uniform(grid.low(axis), grid.high(axis));
      const double half = random.uniform(config_.smallest, config_.largest) * shortest;
      shape.half[a] = config_.shape == "disc" ? radius : half;
    }
    shape.value = random.uniform(config_.low, config_.high);
    shapes_.push_back(shape);
  }
}

double RandomField::value_of_shapes(const std::array<double, 3>& point) const {
  for (auto shape = shapes_.rbegin(); shape != shapes_.rend(); ++shape) {  // the last drawn lies on top
    double largest = 0, square = 0;
    for (std::size_t axis = 0; axis < static_cast<std::size_t>(dimension_); ++axis) {
      double away = point[axis] - shape->center[axis];
      if (period_[axis] > 0) away = std::remainder(away, period_[axis]);
      away /= shape->half[axis];
      largest = std::max(largest, std::abs(away));
      square += away * away;
    }
    if (config_.shape == "disc" ? square <= 1 : largest <= 1) return shape->value;
  }
  return config_.mean;
}

double RandomField::operator()(double x, double y, double z) {
  if (config_.type == "shapes") return value_of_shapes({x, y, z});
  double value = config_.mean;
  for (auto& term : terms_) value += term(x, y, z);
  if (config_.type == "log_normal") return std::exp(value);
  if (config_.type == "threshold") return value >= 0 ? config_.high : config_.low;
  return value;
}

}  // namespace eddyline
