#include "solvers/incompressible/box_forces.hpp"

#include <algorithm>
#include <cmath>
#include <exception>

#include "core/base/error.hpp"
#include "core/base/text.hpp"

namespace eddyline {
namespace {

BlockShape shape_of(const std::array<AxisMetrics, 3>& axes) {
  return {3, {axes[0].cells(), axes[1].cells(), axes[2].cells()}, 2};
}

}  // namespace

BoxForces::BoxForces(const Case& problem, const std::array<AxisMetrics, 3>& axes)
    : axes_(axes), drag_(problem.config().forcing.drag) {
  const auto scalar = incompressible_equation(problem.equation(), "incompressible_3d").scalar();
  std::vector<std::string> known = {"velocity_x", "velocity_y", "velocity_z"};
  if (scalar) known.push_back(scalar->channel);
  if (scalar && scalar->is_buoyant()) buoyancy_ = problem.parameter(scalar->buoyancy);
  for (const auto& [channel, text] : problem.config().forcing.values) {
    const auto found = std::find(known.begin(), known.end(), channel);
    if (found == known.end())
      throw ConfigError("forcing.values: nothing can act on '" + printable(channel) + "'" + suggestion(channel, known));
    formulas_[static_cast<std::size_t>(found - known.begin())].emplace(problem, text, "forcing.values." + channel);
  }
}

bool BoxForces::acts() const {
  return drag_ > 0 || buoyancy_ != 0 ||
         std::any_of(formulas_.begin(), formulas_.end(), [](const auto& formula) { return formula.has_value(); });
}

void BoxForces::evaluate(int component, double time, PaddedField& out) const {
  out = PaddedField(1, shape_of(axes_));
  const auto points = [&](int axis) -> const std::vector<double>& {
    const AxisMetrics& metrics = axes_[static_cast<std::size_t>(axis)];
    return axis == component ? metrics.nodes() : metrics.centers();
  };
  const auto &x = points(0), &y = points(1), &z = points(2);
  std::exception_ptr error;
#pragma omp parallel
  {
    SpaceTimeFormula formula = *formulas_[static_cast<std::size_t>(component)];
#pragma omp for schedule(static)
    for (int k = 0; k < axes_[2].cells(); ++k) try {
        for (int j = 0; j < axes_[1].cells(); ++j)
          for (int i = 0; i < axes_[0].cells(); ++i)
            out.row(0, j, k)[i] = formula(x[static_cast<std::size_t>(i)], y[static_cast<std::size_t>(j)],
                                          z[static_cast<std::size_t>(k)], time);
      } catch (...) {
#pragma omp critical
        error = std::current_exception();
      }
  }
  if (error) std::rethrow_exception(error);
}

void BoxForces::update(Values& values, double time) const {
  if (values.are_known && values.time == time) return;
  for (int component = 0; component < 4; ++component) {
    const auto& formula = formulas_[static_cast<std::size_t>(component)];
    if (!formula || (values.are_known && formula->is_steady())) continue;
    evaluate(component, time, component < 3 ? values.velocity[static_cast<std::size_t>(component)] : values.scalar);
  }
  values.time = time;
  values.are_known = true;
}

void BoxForces::add(const BoxFields& from, const Values& values, double rate, BoxFields& to, int first,
                    int last) const {
  const int nx = axes_[0].cells(), ny = axes_[1].cells();
  for (int k = first; k < last; ++k)
    for (int j = 0; j < ny; ++j) {
      const std::array<int, 3> index = {0, j, k};
      for (int c = 0; c < 3; ++c) {
        const auto component = static_cast<std::size_t>(c);
        const int begin = c == 0 ? axes_[0].first_inner_face() : 0;
        if (c > 0 && index[component] < axes_[component].first_inner_face()) continue;
        const double* q = from.velocity.row(c, j, k);
        double* out = to.velocity.row(c, j, k);
        if (drag_ > 0) {
          const double factor = rate * drag_;
#pragma omp simd
          for (int i = begin; i < nx; ++i) out[i] -= factor * q[i];
        }
        if (formulas_[component]) {
          const double* force = values.velocity[component].row(0, j, k);
#pragma omp simd
          for (int i = begin; i < nx; ++i) out[i] += rate * force[i];
        }
        if (c == 2 && buoyancy_ != 0) {
          // Linear between the centres of both cells: each has the other's part of the distance.
          const double low = rate * buoyancy_ * axes_[2].high_part()[k],
                       high = rate * buoyancy_ * axes_[2].low_part()[k];
          const double *above = from.scalar.row(0, j, k), *below = from.scalar.row(0, j, k - 1);
#pragma omp simd
          for (int i = begin; i < nx; ++i) out[i] += low * below[i] + high * above[i];
        }
      }
      if (!formulas_[3]) continue;
      const double* source = values.scalar.row(0, j, k);
      double* out = to.scalar.row(0, j, k);
#pragma omp simd
      for (int i = 0; i < nx; ++i) out[i] += rate * source[i];
    }
}

double BoxForces::largest_acceleration(const BoxFields& fields, const Values& values) const {
  const int nx = axes_[0].cells(), ny = axes_[1].cells(), nz = axes_[2].cells();
  const auto largest = [&](const PaddedField& field) {
    double most = 0;
#pragma omp parallel for schedule(static) reduction(max : most)
    for (int k = 0; k < nz; ++k)
      for (int j = 0; j < ny; ++j) {
        const double* row = field.row(0, j, k);
#pragma omp simd reduction(max : most)
        for (int i = 0; i < nx; ++i) most = std::max(most, std::abs(row[i]));
      }
    return most;
  };
  double sum = buoyancy_ != 0 ? std::abs(buoyancy_) * largest(fields.scalar) : 0;
  for (std::size_t c = 0; c < 3; ++c)
    if (formulas_[c]) sum += largest(values.velocity[c]);
  return sum;
}

}  // namespace eddyline
