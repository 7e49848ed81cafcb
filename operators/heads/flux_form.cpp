// Flux form: the network gives what flows through the faces of the cells, and the change of a cell is what flows in
// minus what flows out. Whatever the network says, nothing is made or lost inside (Lax and Wendroff, Systems of
// conservation laws, 1960: the discrete form of the integral law).

#include <numbers>

#include "core/base/error.hpp"
#include "operators/heads/sides.hpp"
#include "operators/kernels/layers.hpp"

namespace eddyline::heads {
namespace {

struct FluxFormConfig final : Config {
  std::vector<std::string> channels;
  double length = 4;
  std::map<std::string, std::string> boundaries;
  void fields(FieldVisitor& visit) override {
    visit("channels", channels, rule::any(), "channels that are changed by fluxes alone; empty: all densities");
    visit("length", length, rule::positive().unit("cells"),
          "scale of the fluxes: a network output of 1 at waves shorter than 2 pi times this changes the field by the "
          "usual "
          "increment, at longer ones by less");
    visit_boundaries(visit, boundaries);
  }
};

class FluxForm final : public Head {
 public:
  FluxForm(const FluxFormConfig& config, const HeadContext& context)
      : grid_(context.data.grid), sides_(sides_of(context, config.boundaries)), length_(config.length) {
    for (int axis = 0; axis < grid_->dimension(); ++axis)
      if (grid_->cells(axis) < 2)
        throw ConfigError("flux_form: an axis of one cell has no faces inside; drop the axis");
    is_flux_ = torch::zeros({context.spec.channels}, torch::kBool);
    for (const std::int64_t channel : chosen_channels(context, config.channels)) is_flux_[channel] = true;
    std::vector<std::int64_t> shape(static_cast<std::size_t>(context.spec.dimension) + 1, 1);
    shape[0] = context.spec.channels;
    is_flux_ = is_flux_.view(shape);
  }

  [[nodiscard]] std::int64_t outputs() const override { return grid_->dimension(); }

  /// For every cell i and axis the network gives q_i (smoothed, see below); through the face between i and i + 1 flows
  /// in the interval
  ///   G_(i+1/2) = q_i * length * dx * increment        (in units of the field times a length)
  /// and u_i changes by -(G_(i+1/2) - G_(i-1/2)) / dx_i, summed over the axes. A face belongs to one cell, so that the
  /// shortest wave of the grid is within reach: a mean of both neighbours would let it grow unseen. Nothing flows
  /// through closed sides and into solids; an open high side is the face of the last cell, an open low side has 2 q_0 -
  /// q_1. Other channels change by the mean of q.
  [[nodiscard]] torch::Tensor apply(const torch::Tensor& outputs, const HeadInputs& inputs) const override {
    check_grid(outputs, *grid_);
    const torch::Tensor given = outputs * inputs.increment.unsqueeze(1);
    const torch::Tensor smooth = smoothed(given);
    torch::Tensor change = torch::zeros_like(given.select(2, 0));
    for (int axis = 0; axis < grid_->dimension(); ++axis)
      change = change - divergence(smooth.select(2, axis), axis, inputs);
    return inputs.last + torch::where(is_flux_, change, given.mean(2));
  }

 private:
  /// q with its waves k (radians a cell) divided by sqrt(1 + (length |k|)^2), |k|^2 = sum over axes of (2 sin(k /
  /// 2))^2, so that the divergence, which multiplies by |k|, gives every wave shorter than the length the same weight:
  /// without it the noise of the network at the shortest waves is amplified most and rollouts go unstable. Axes that do
  /// not wrap are continued by their mirror image.
  [[nodiscard]] torch::Tensor smoothed(const torch::Tensor& q) const {
    torch::Tensor whole = q;
    torch::Tensor square = torch::zeros({}, q.options());
    std::vector<std::int64_t> space, length;
    for (int axis = grid_->dimension() - 1; axis >= 0; --axis) {
      const std::int64_t along = q.dim() + tensor_axis(axis);
      if (sides_[static_cast<std::size_t>(axis)].first != Side::periodic)
        whole = torch::cat({whole, whole.flip({along})}, along);
      const std::int64_t points = whole.size(along);
      space.push_back(along);
      length.push_back(points);
      std::vector<std::int64_t> shape(static_cast<std::size_t>(grid_->dimension()), 1);
      const std::int64_t modes = axis == 0 ? points / 2 + 1 : points;
      shape[shape.size() - 1 - static_cast<std::size_t>(axis)] = modes;
      const torch::Tensor k = torch::arange(modes, q.options()) * (2 * std::numbers::pi / static_cast<double>(points));
      square = square + (2 * (0.5 * k).sin()).square().view(shape);
    }
    torch::Tensor result = torch::fft::irfftn(
        torch::fft::rfftn(whole, length, space) / (1 + length_ * length_ * square).sqrt(), length, space);
    for (const std::int64_t axis : space) result = result.narrow(axis, 0, q.size(axis));
    return result;
  }

  /// (G_(i+1/2) - G_(i-1/2)) / dx_i of q [B, F, C, ...].
  [[nodiscard]] torch::Tensor divergence(const torch::Tensor& q, int axis, const HeadInputs& inputs) const {
    const std::int64_t along = tensor_axis(axis), cells = q.size(along);
    const auto [low_side, high_side] = sides_[static_cast<std::size_t>(axis)];
    const double width = (grid_->high(axis) - grid_->low(axis)) / static_cast<double>(cells);  // mean dx
    const torch::Tensor flow = q * (length_ * width);
    torch::Tensor inner = flow.narrow(along, 0, cells - 1), high = flow.narrow(along, cells - 1, 1);
    torch::Tensor low = high;  // of a periodic axis
    if (low_side == Side::open) low = 2 * flow.narrow(along, 0, 1) - flow.narrow(along, 1, 1);
    if (low_side == Side::closed) low = torch::zeros_like(low);
    if (high_side == Side::closed) high = torch::zeros_like(high);
    if (inputs.mask.defined()) {
      const torch::Tensor fluid = inputs.mask.unsqueeze(1).unsqueeze(1).to(q.dtype());
      const torch::Tensor first = fluid.narrow(along, 0, 1), last = fluid.narrow(along, cells - 1, 1);
      inner = inner * fluid.narrow(along, 0, cells - 1) * fluid.narrow(along, 1, cells - 1);
      low = low * (low_side == Side::periodic ? first * last : first);
      high = high * (high_side == Side::periodic ? first * last : last);
    }
    const torch::Tensor faces = torch::cat({low, inner, high}, along);
    std::vector<std::int64_t> shape(static_cast<std::size_t>(grid_->dimension()), 1);
    shape[shape.size() - 1 - static_cast<std::size_t>(axis)] = cells;
    const torch::Tensor widths = torch::tensor(grid_->widths(axis), q.options()).view(shape);
    return (faces.narrow(along, 1, cells) - faces.narrow(along, 0, cells)) / widths;
  }

  std::shared_ptr<const Grid> grid_;
  Sides sides_;
  double length_;
  torch::Tensor is_flux_;  // bool [C, 1...]
};

const HeadRegistry::Registration<FluxForm, FluxFormConfig> registration{
    "flux_form", "the network gives fluxes through faces: what leaves a cell enters its neighbour"};

}  // namespace
}  // namespace eddyline::heads
