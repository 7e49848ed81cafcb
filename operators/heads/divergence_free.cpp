// Velocity without divergence on a periodic uniform grid: the Helmholtz projection in Fourier space, with the wave
// numbers of the difference that is to vanish (Chorin, 1968: projection onto the solenoidal fields).

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/base/error.hpp"
#include "operators/heads/sides.hpp"
#include "operators/kernels/layers.hpp"

namespace eddyline::heads {
namespace {

struct DivergenceFreeConfig final : Config {
  std::string derivative = "central";
  std::map<std::string, std::string> boundaries;
  void fields(FieldVisitor& visit) override {
    visit("derivative", derivative, rule::one_of({"central", "spectral"}),
          "which divergence vanishes: that of central differences, as metrics and pictures show it, or of the Fourier "
          "series");
    visit_boundaries(visit, boundaries);
  }
};

class DivergenceFree final : public Head {
 public:
  DivergenceFree(const DivergenceFreeConfig& config, const HeadContext& context)
      : grid_(context.data.grid), velocity_(velocity_channels(context.data.channels, context.spec.dimension)) {
    if (velocity_.empty() || context.spec.dimension < 2)
      throw ConfigError("divergence_free: the data has no velocity in " + std::to_string(context.spec.dimension) +
                        " dimensions, two or three are needed");
    if (!grid_->is_uniform())
      throw ConfigError("divergence_free: the grid is stretched; Fourier series need a uniform one");
    for (const auto& [low, high] : sides_of(context, config.boundaries))
      if (low != Side::periodic || high != Side::periodic)
        throw ConfigError("divergence_free: the grid is not periodic along every axis; Fourier series need that");
    if (std::any_of(context.data.static_channels.begin(), context.data.static_channels.end(),
                    [](const Channel& channel) { return channel.name == "mask"; }))
      throw ConfigError("divergence_free: the data has solids, where a Fourier series does not stop");
    for (int axis = 0; axis < grid_->dimension(); ++axis) waves_.push_back(waves(axis, config.derivative == "central"));
  }

  /// u' = u - k (k . u) / |k|^2 for every mode, k the symbol of the derivative over i. Modes whose k is 0 (the mean,
  /// and with central differences the shortest waves, which these do not see) stay.
  [[nodiscard]] torch::Tensor apply(const torch::Tensor& frames, const HeadInputs&) const override {
    check_grid(frames, *grid_);
    std::vector<std::int64_t> space, length;
    for (std::int64_t axis = frames.dim() - grid_->dimension(); axis < frames.dim(); ++axis) {
      space.push_back(axis - 1);  // of one channel
      length.push_back(frames.size(axis));
    }
    std::vector<torch::Tensor> parts = frames.unbind(2), modes;
    torch::Tensor along = torch::zeros({}, frames.options()), square = torch::zeros({}, frames.options());
    for (std::size_t axis = 0; axis < velocity_.size(); ++axis) {
      modes.push_back(torch::fft::rfftn(parts[static_cast<std::size_t>(velocity_[axis])], length, space));
      const torch::Tensor k = waves_[axis].to(frames.options());
      along = along + k * modes.back();
      square = square + k * k;
    }
    const torch::Tensor share = along / torch::where(square > 0, square, torch::ones_like(square));
    for (std::size_t axis = 0; axis < velocity_.size(); ++axis)
      parts[static_cast<std::size_t>(velocity_[axis])] =
          torch::fft::irfftn(modes[axis] - waves_[axis].to(frames.options()) * share, length, space);
    return torch::stack(parts, 2);
  }

 private:
  /// k of the modes along an axis, shaped to multiply those of a real transform (half of them along x).
  [[nodiscard]] torch::Tensor waves(int axis, bool central) const {
    const std::int64_t cells = grid_->cells(axis);
    const double width = grid_->widths(axis).front();
    std::vector<double> values;
    for (std::int64_t m = 0; m < (axis == 0 ? cells / 2 + 1 : cells); ++m) {
      const std::int64_t mode = 2 * m <= cells ? m : m - cells;
      const double phase = 2 * std::numbers::pi * static_cast<double>(mode) / static_cast<double>(cells);
      const bool is_shortest = 2 * m == cells;  // its derivative is 0 on the grid
      values.push_back(is_shortest ? 0 : (central ? std::sin(phase) : phase) / width);
    }
    std::vector<std::int64_t> shape(static_cast<std::size_t>(grid_->dimension()), 1);
    shape[shape.size() - 1 - static_cast<std::size_t>(axis)] = static_cast<std::int64_t>(values.size());
    return torch::tensor(values, torch::kDouble).view(shape);
  }

  std::shared_ptr<const Grid> grid_;
  std::vector<std::int64_t> velocity_;
  std::vector<torch::Tensor> waves_;  // along x, y(, z)
};

const HeadRegistry::Registration<DivergenceFree, DivergenceFreeConfig> registration{
    "divergence_free", "velocity is projected onto fields without divergence (periodic uniform grids)"};

}  // namespace
}  // namespace eddyline::heads
