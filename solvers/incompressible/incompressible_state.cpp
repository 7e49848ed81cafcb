// States in and out of the incompressible solver: face velocities, cell-centred tensors, the initial flow.

#include <ATen/ATen.h>

#include <algorithm>

#include "core/base/error.hpp"
#include "solvers/incompressible/incompressible_work.hpp"
#include "solvers/incompressible/initial_flow.hpp"

namespace eddyline {
namespace {

/// Copies an array without its ghosts into a tensor [ny, nx], and back.
at::Tensor to_tensor(const Array2& array) {
  at::Tensor out = at::empty({array.ny(), array.nx()}, at::kDouble);
  for (std::int64_t j = 0; j < array.ny(); ++j)
    std::copy_n(array.row(j), array.nx(), out.data_ptr<double>() + j * array.nx());
  return out;
}
void from_tensor(const at::Tensor& tensor, Array2& array, const std::string& name) {
  if (tensor.dim() != 2 || tensor.size(0) != array.ny() || tensor.size(1) != array.nx())
    throw ShapeError("the state's '" + name + "' does not fit a grid with " + std::to_string(array.ny()) + " x " +
                     std::to_string(array.nx()) + " values");
  const at::Tensor whole = tensor.to(at::kDouble).contiguous();
  for (std::int64_t j = 0; j < array.ny(); ++j)
    std::copy_n(whole.data_ptr<double>() + j * array.nx(), array.nx(), array.row(j));
}

}  // namespace

std::unique_ptr<IncompressibleSolver::Work> IncompressibleSolver::load(const State& state) const {
  const auto faces_x = state.auxiliary.find("face_velocity_x"), faces_y = state.auxiliary.find("face_velocity_y");
  if (faces_x == state.auxiliary.end() || faces_y == state.auxiliary.end())
    return load(from_cells(cell_tensor(state, channel_names(problem_->channels())), state.time));
  auto work = this->work();
  work->time = state.time;
  from_tensor(faces_x->second, work->velocity.u, "face_velocity_x");
  from_tensor(faces_y->second, work->velocity.v, "face_velocity_y");
  from_tensor(state.fields.at("pressure").values, work->pressure, "pressure");
  if (scalar_) from_tensor(state.fields.at(scalar_->channel).values, work->scalar, scalar_->channel);
  fill_ghosts(*work);
  return work;
}

State IncompressibleSolver::save(Work& work) const {
  at::Tensor u = at::empty({cells_.ny, cells_.nx}, at::kDouble), v = at::empty_like(u);
  double *u_out = u.data_ptr<double>(), *v_out = v.data_ptr<double>();
  for (std::int64_t j = 0; j < cells_.ny; ++j)
    for (std::int64_t i = 0; i < cells_.nx; ++i) {
      const std::int64_t k = j * cells_.nx + i;
      u_out[k] =
          0.5 * (cells_.open_x(i, j) * work.velocity.u(i, j) + cells_.open_x(i + 1, j) * work.velocity.u(i + 1, j));
      v_out[k] =
          0.5 * (cells_.open_y(i, j) * work.velocity.v(i, j) + cells_.open_y(i, j + 1) * work.velocity.v(i, j + 1));
    }
  State state;
  state.problem = problem_;
  state.time = work.time;
  state.fields["velocity_x"] = {Location::cell, u};
  state.fields["velocity_y"] = {Location::cell, v};
  state.fields["pressure"] = {Location::cell, to_tensor(work.pressure)};
  if (scalar_) state.fields[scalar_->channel] = {Location::cell, to_tensor(work.scalar)};
  state.auxiliary["face_velocity_x"] = to_tensor(work.velocity.u);
  state.auxiliary["face_velocity_y"] = to_tensor(work.velocity.v);
  return state;
}

State IncompressibleSolver::initial_state() const {
  const auto work = this->work();
  set_initial_flow(*problem_, cells_, scalar_name(), work->velocity, work->scalar);
  if (scalar_) transport_->fill_ghosts(work->scalar);
  sides_.set_normal(work->velocity, 0);
  project(*work, 1);
  work->pressure = Array2(cells_.nx, cells_.ny);
  update_pressure(*work);
  return save(*work);
}

at::Tensor IncompressibleSolver::to_cells(const State& state) const {
  return cell_tensor(state, channel_names(problem_->channels())).to(at::kDouble);
}

State IncompressibleSolver::from_cells(const at::Tensor& cells, double time) const {
  const auto channels = channel_names(problem_->channels());
  const State centred = cell_state(problem_, time, channels, cells.to(at::kDouble));
  Array2 u(cells_.nx, cells_.ny), v(cells_.nx, cells_.ny);
  from_tensor(centred.fields.at("velocity_x").values, u, "velocity_x");
  from_tensor(centred.fields.at("velocity_y").values, v, "velocity_y");
  const auto work = this->work();
  work->time = time;
  from_tensor(centred.fields.at("pressure").values, work->pressure, "pressure");
  if (scalar_) from_tensor(centred.fields.at(scalar_->channel).values, work->scalar, scalar_->channel);
  const std::int64_t nx = cells_.nx, ny = cells_.ny;
  for (std::int64_t j = 0; j < ny; ++j)
    for (std::int64_t i = 0; i <= nx; ++i) {
      const std::int64_t low = i > 0 ? i - 1 : (sides_.periodic_x() ? nx - 1 : 0),
                         high = i < nx ? i : (sides_.periodic_x() ? 0 : nx - 1);
      const double total = cells_.width(i - 1) + cells_.width(i);
      work->velocity.u(i, j) =
          cells_.open_x(i, j) > 0 ? (u(low, j) * cells_.width(i) + u(high, j) * cells_.width(i - 1)) / total : 0;
    }
  for (std::int64_t j = 0; j <= ny; ++j)
    for (std::int64_t i = 0; i < nx; ++i) {
      const std::int64_t low = j > 0 ? j - 1 : (sides_.periodic_y() ? ny - 1 : 0),
                         high = j < ny ? j : (sides_.periodic_y() ? 0 : ny - 1);
      const double total = cells_.height(j - 1) + cells_.height(j);
      work->velocity.v(i, j) =
          cells_.open_y(i, j) > 0 ? (v(i, low) * cells_.height(j) + v(i, high) * cells_.height(j - 1)) / total : 0;
    }
  sides_.set_normal(work->velocity, time);
  Array2 pressure = work->pressure;
  project(*work, 1);
  work->pressure = std::move(pressure);
  return save(*work);
}

at::Tensor IncompressibleSolver::fluid_fraction() const {
  at::Tensor out = at::empty({cells_.ny, cells_.nx}, at::kDouble);
  for (std::int64_t j = 0; j < cells_.ny; ++j)
    for (std::int64_t i = 0; i < cells_.nx; ++i) out.data_ptr<double>()[j * cells_.nx + i] = cells_.fraction(i, j);
  return out;
}

}  // namespace eddyline
