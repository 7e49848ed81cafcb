// States in and out of the three-dimensional solver: face velocities, cell-centred tensors, the initial flow.

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "core/field/initial_field.hpp"
#include "solvers/incompressible/incompressible_3d_work.hpp"

namespace eddyline {
namespace {

constexpr std::array face_blocks = {"face_velocity_x", "face_velocity_y", "face_velocity_z"};
const std::array<std::string, 3> component_channels = {"velocity_x", "velocity_y", "velocity_z"};

/// Copies the entries from index 0 of a component into a tensor [nz, ny, nx] of the given size, and back.
at::Tensor to_tensor(const PaddedField& field, int component, at::IntArrayRef size) {
  at::Tensor out = at::empty(size, at::kDouble);
  double* data = out.data_ptr<double>();
  for (int k = 0; k < size[0]; ++k)
    for (int j = 0; j < size[1]; ++j) data = std::copy_n(field.row(component, j, k), size[2], data);
  return out;
}
void from_tensor(const at::Tensor& tensor, at::IntArrayRef size, const std::string& name, PaddedField& field,
                 int component) {
  if (tensor.sizes() != size)
    throw ShapeError("the state's '" + name + "' does not fit a grid with " + std::to_string(size[0]) + " x " +
                     std::to_string(size[1]) + " x " + std::to_string(size[2]) + " values");
  const at::Tensor whole = tensor.to(at::kDouble).contiguous();
  const double* data = whole.const_data_ptr<double>();
  for (int k = 0; k < size[0]; ++k)
    for (int j = 0; j < size[1]; ++j, data += size[2]) std::copy_n(data, size[2], field.row(component, j, k));
}

std::array<std::int64_t, 3> cell_size(const std::array<AxisMetrics, 3>& axes) {
  return {axes[2].cells(), axes[1].cells(), axes[0].cells()};
}
std::array<std::int64_t, 3> face_size(const std::array<AxisMetrics, 3>& axes, int component) {
  auto size = cell_size(axes);
  size[static_cast<std::size_t>(2 - component)] += 1;
  return size;
}

/// Vector potential of a few random waves under a Gaussian bell in the middle of the box; its curl has an amplitude
/// near one velocity unit.
class RandomEddies {
 public:
  explicit RandomEddies(const Case& problem) {
    const Grid& grid = problem.grid();
    length_ = grid.high(0) - grid.low(0);
    for (int axis = 0; axis < 3; ++axis) {
      middle_[static_cast<std::size_t>(axis)] = 0.5 * (grid.low(axis) + grid.high(axis));
      length_ = std::min(length_, grid.high(axis) - grid.low(axis));
    }
    length_ *= 0.1;
    RandomStream random(static_cast<std::uint64_t>(problem.config().initial.seed), "initial");
    for (auto& component : waves_)
      for (auto& wave : component)
        wave = {random.uniform(-2, 2) / length_, random.uniform(-2, 2) / length_, random.uniform(-2, 2) / length_,
                random.uniform(0, 2 * std::numbers::pi)};
  }
  [[nodiscard]] double velocity(int component, const std::array<double, 3>& at) const {
    const auto a = static_cast<std::size_t>((component + 1) % 3), b = static_cast<std::size_t>((component + 2) % 3);
    return slope(b, a, at) - slope(a, b, at);
  }

 private:
  [[nodiscard]] double potential(std::size_t component, const std::array<double, 3>& at) const {
    double sum = 0, distance = 0;
    for (std::size_t axis = 0; axis < 3; ++axis) distance += std::pow(at[axis] - middle_[axis], 2);
    for (const auto& wave : waves_[component]) {
      double phase = wave[3];
      for (std::size_t axis = 0; axis < 3; ++axis) phase += wave[axis] * (at[axis] - middle_[axis]);
      sum += std::cos(phase);
    }
    return 0.5 * length_ * sum * std::exp(-distance / (2 * length_ * length_));
  }
  [[nodiscard]] double slope(std::size_t component, std::size_t axis, std::array<double, 3> at) const {
    const double offset = 1e-4 * length_, here = at[axis];
    at[axis] = here + offset;
    const double high = potential(component, at);
    at[axis] = here - offset;
    return (high - potential(component, at)) / (2 * offset);
  }
  double length_ = 1;
  std::array<double, 3> middle_{};
  std::array<std::array<std::array<double, 4>, 4>, 3> waves_{};
};

}  // namespace

std::unique_ptr<Incompressible3d::Work> Incompressible3d::load(const State& state) const {
  for (const char* name : face_blocks)
    if (!state.auxiliary.contains(name))
      return load(from_cells(cell_tensor(state, channel_names(problem_->channels())), state.time));
  auto work = this->work();
  work->time = state.time;
  for (int c = 0; c < 3; ++c) {
    const std::string name = face_blocks[static_cast<std::size_t>(c)];
    from_tensor(state.auxiliary.at(name), face_size(axes_, c), name, work->now.velocity, c);
  }
  sides_.update(work->sides, work->time);
  sides_.fill_ghosts(work->now.velocity, work->sides);
  if (!scalar_) return work;
  from_tensor(cell_tensor(state, {scalar_->channel})[0], cell_size(axes_), scalar_->channel, work->now.scalar, 0);
  sides_.fill_scalar_ghosts(work->now.scalar, work->sides);
  return work;
}

/// The pressure is that of the very instant: the acceleration it leaves is free of divergence.
State Incompressible3d::save(Work& work) const {
  State state;
  state.problem = problem_;
  state.time = work.time;
  const auto size = cell_size(axes_);
  for (int c = 0; c < 3; ++c) {
    const auto component = static_cast<std::size_t>(c);
    const at::Tensor faces = to_tensor(work.now.velocity, c, face_size(axes_, c));
    const std::int64_t axis = 2 - c, count = size[static_cast<std::size_t>(axis)];
    state.fields[component_channels[component]] = {Location::cell,
                                                   0.5 * (faces.narrow(axis, 0, count) + faces.narrow(axis, 1, count))};
    state.auxiliary[face_blocks[component]] = faces;
  }
  if (scalar_) state.fields[scalar_->channel] = {Location::cell, to_tensor(work.now.scalar, 0, size)};
  const AlignedValues pressure = balanced_rates(work, work.next);
  at::Tensor cells = at::empty(size, at::kDouble);
  std::copy(pressure.begin(), pressure.end(), cells.data_ptr<double>());
  state.fields["pressure"] = {Location::cell, cells};
  return state;
}

void Incompressible3d::set_initial_fields(Work& work) const {
  const InitialConfig& initial = problem_->config().initial;
  if (initial.type == "waves")
    throw ConfigError("initial.type: waves is for forced_burgers; use rest, uniform, formula or random");
  /// Adds value(point) to a component: 0..2 the velocity at its faces, 3 the scalar at the cells.
  const auto add = [&](int component, auto&& value) {
    PaddedField& field = component < 3 ? work.now.velocity : work.now.scalar;
    const auto points = [&](int axis) -> const std::vector<double>& {
      const AxisMetrics& metrics = axes_[static_cast<std::size_t>(axis)];
      return axis == component ? metrics.nodes() : metrics.centers();
    };
    const auto &x = points(0), &y = points(1), &z = points(2);
    for (std::size_t k = 0; k < z.size(); ++k)
      for (std::size_t j = 0; j < y.size(); ++j) {
        double* row = field.row(component % 3, static_cast<int>(j), static_cast<int>(k));
        for (std::size_t i = 0; i < x.size(); ++i) row[i] += value(std::array{x[i], y[j], z[k]});
      }
  };
  if (initial.type == "uniform") {
    if (initial.velocity.size() != 3)
      throw ConfigError("initial.velocity: expected three components [x, y, z], got " +
                        std::to_string(initial.velocity.size()));
    for (int c = 0; c < 3; ++c) add(c, [&](const auto&) { return initial.velocity[static_cast<std::size_t>(c)]; });
  }
  if (initial.type == "formula" || initial.type == "random") {
    std::vector<std::string> known(component_channels.begin(), component_channels.end());
    if (scalar_) known.push_back(scalar_->channel);
    if (initial.values.contains("pressure"))
      throw ConfigError("initial.values: 'pressure' cannot be set; it follows from the velocity");
    for (const auto& channel : initial_channels(*problem_, known)) {
      InitialField field(*problem_, channel);
      add(static_cast<int>(std::find(known.begin(), known.end(), channel) - known.begin()),
          [&](const auto& at) { return field(at[0], at[1], at[2]); });
    }
  }
  if (initial.perturbation <= 0) return;
  const RandomEddies eddies(*problem_);
  const double amplitude = initial.perturbation * problem_->config().velocity_scale;
  for (int c = 0; c < 3; ++c) add(c, [&](const auto& at) { return amplitude * eddies.velocity(c, at); });
}

State Incompressible3d::initial_state() const {
  const auto work = this->work();
  set_initial_fields(*work);
  sides_.update(work->sides, 0);
  project(*work, work->now.velocity);
  if (scalar_) sides_.fill_scalar_ghosts(work->now.scalar, work->sides);
  check(*work, 0, 0);
  return save(*work);
}

at::Tensor Incompressible3d::to_cells(const State& state) const {
  return cell_tensor(state, channel_names(problem_->channels())).to(at::kDouble);
}

State Incompressible3d::from_cells(const at::Tensor& cells, double time) const {
  const State centred = cell_state(problem_, time, channel_names(problem_->channels()), cells.to(at::kDouble));
  const auto work = this->work();
  work->time = time;
  PaddedField means = work->next.velocity;
  for (int c = 0; c < 3; ++c) {
    const auto component = static_cast<std::size_t>(c);
    from_tensor(centred.fields.at(component_channels[component]).values, cell_size(axes_),
                component_channels[component], means, c);
    // Linear between the centres of both cells; beyond a side the last cell's.
    const AxisMetrics& axis = axes_[component];
    const auto size = face_size(axes_, c);
    for (int k = 0; k < size[0]; ++k)
      for (int j = 0; j < size[1]; ++j)
        for (int i = 0; i < size[2]; ++i) {
          std::array<int, 3> low = {i, j, k}, high = low;
          const int face = low[component], n = axis.cells();
          low[component] = face > 0 ? face - 1 : (axis.is_periodic() ? n - 1 : 0);
          high[component] = face < n ? face : (axis.is_periodic() ? 0 : n - 1);
          work->now.velocity.row(c, j, k)[i] = axis.high_part()[face] * means.row(c, low[1], low[2])[low[0]] +
                                               axis.low_part()[face] * means.row(c, high[1], high[2])[high[0]];
        }
  }
  if (scalar_)
    from_tensor(centred.fields.at(scalar_->channel).values, cell_size(axes_), scalar_->channel, work->now.scalar, 0);
  sides_.update(work->sides, time);
  project(*work, work->now.velocity);
  if (scalar_) sides_.fill_scalar_ghosts(work->now.scalar, work->sides);
  return save(*work);
}

at::Tensor Incompressible3d::fluid_fraction() const { return at::ones(cell_size(axes_), at::kDouble); }

}  // namespace eddyline
