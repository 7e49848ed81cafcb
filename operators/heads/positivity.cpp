// Depth, density and pressure stay above a floor; what is lifted is taken from the other cells, so that the integral of
// the prediction stays.

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "operators/heads/sides.hpp"

namespace eddyline::heads {
namespace {

struct PositivityConfig final : Config {
  std::vector<std::string> channels;
  double floor = 0;
  bool conserve = true;
  void fields(FieldVisitor& visit) override {
    visit("channels", channels, rule::any(), "channels that stay above the floor; empty: those of the equation");
    visit("floor", floor, rule::non_negative(), "smallest value, in the channel's unit");
    visit("conserve", conserve, rule::any(),
          "take what is lifted from the cells above the floor, in proportion to their height over it");
  }
};

class Positivity final : public Head {
 public:
  Positivity(const PositivityConfig& config, const HeadContext& context)
      : grid_(context.data.grid),
        volumes_(volumes_of(*context.data.grid)),
        floor_(config.floor),
        conserve_(config.conserve) {
    std::vector<std::string> names = config.channels;
    if (names.empty() && context.problem) names = context.problem->equation().positive();
    if (names.empty())
      throw ConfigError(
          "positivity: name the channels; neither the config nor the dataset's equation says which are positive");
    channels_ = chosen_channels(context, names);
  }

  /// v = max(u - floor, 0), u' = floor + v * sum(V (u - floor)) / sum(V v). Where the integral itself lies below the
  /// floor no positive field has it: there u' = floor + v.
  [[nodiscard]] torch::Tensor apply(const torch::Tensor& frames, const HeadInputs& inputs) const override {
    check_grid(frames, *grid_);
    std::vector<std::int64_t> space;
    for (std::int64_t axis = 1; axis <= grid_->dimension(); ++axis) space.push_back(-axis);
    torch::Tensor volumes = volumes_.to(frames.options());
    if (inputs.mask.defined()) volumes = volumes * inputs.mask.unsqueeze(1).to(frames.dtype());
    std::vector<torch::Tensor> parts = frames.unbind(2);
    for (const std::int64_t channel : channels_) {
      torch::Tensor& u = parts[static_cast<std::size_t>(channel)];
      const torch::Tensor above = u - floor_, lifted = above.clamp_min(0);
      torch::Tensor factor = torch::ones({}, u.options());
      if (conserve_) {
        const torch::Tensor wanted = (volumes * above).sum(space, true), have = (volumes * lifted).sum(space, true);
        const torch::Tensor possible = wanted > 0;
        factor = torch::where(possible, wanted / torch::where(possible, have, torch::ones_like(have)),
                              torch::ones_like(have));
      }
      u = floor_ + lifted * factor;
    }
    return torch::stack(parts, 2);
  }

 private:
  std::shared_ptr<const Grid> grid_;
  at::Tensor volumes_;
  double floor_;
  bool conserve_;
  std::vector<std::int64_t> channels_;
};

const HeadRegistry::Registration<Positivity, PositivityConfig> registration{
    "positivity", "channels stay above a floor, without changing the integral of the prediction"};

}  // namespace
}  // namespace eddyline::heads
