// Conservation by projection: the nearest field, in a weighted least-squares sense, that has the integral of the past
// frame. The update of a Gaussian by an exact linear constraint, as in ProbConserv: Hansen, Maddix, Alizadeh, Gupta &
// Mahoney, Learning Physical Models that Can Respect Conservation Laws (ICML 2023), arXiv:2302.11002.

#include "core/base/error.hpp"
#include "operators/heads/sides.hpp"

namespace eddyline::heads {
namespace {

struct ConservationConfig final : Config {
  std::vector<std::string> channels;
  std::string variance = "uniform";
  std::map<std::string, std::string> boundaries;
  void fields(FieldVisitor& visit) override {
    visit("channels", channels, rule::any(), "channels whose integral stays; empty: all densities");
    visit("variance", variance, rule::one_of({"uniform", "change"}),
          "where a prediction is corrected: everywhere alike, or in proportion to the square of its change");
    visit_boundaries(visit, boundaries);
  }
};

class Conservation final : public Head {
 public:
  Conservation(const ConservationConfig& config, const HeadContext& context)
      : grid_(context.data.grid),
        channels_(chosen_channels(context, config.channels)),
        volumes_(volumes_of(*context.data.grid)),
        by_change_(config.variance == "change") {
    if (!context.spec.forecasts()) throw ConfigError("conservation needs a past frame; the task gives none");
    for (const auto& [low, high] : sides_of(context, config.boundaries))
      if (low == Side::open || high == Side::open)
        throw ConfigError(
            "conservation: a side of the domain is open, so that the integral changes by what flows through it; use "
            "flux_form, or boundaries that say otherwise");
  }

  /// Minimises sum_i (u'_i - u_i)^2 / s_i^2 subject to sum_i V_i u'_i = sum_i V_i u_i(t):
  ///   u' = u + s^2 V (sum V u(t) - sum V u) / sum(s^2 V^2),   s^2 the variance
  [[nodiscard]] torch::Tensor apply(const torch::Tensor& frames, const HeadInputs& inputs) const override {
    check_grid(frames, *grid_);
    const std::int64_t axes = grid_->dimension();
    std::vector<std::int64_t> space;
    for (std::int64_t axis = 1; axis <= axes; ++axis) space.push_back(-axis);
    torch::Tensor volumes = volumes_.to(frames.options());
    if (inputs.mask.defined()) volumes = volumes * inputs.mask.unsqueeze(1).to(frames.dtype());  // [B, 1, ...]
    std::vector<torch::Tensor> parts = frames.unbind(2);
    for (const std::int64_t channel : channels_) {
      torch::Tensor& u = parts[static_cast<std::size_t>(channel)];  // [B, F, ...]
      const torch::Tensor change = u - inputs.last.select(2, channel);
      torch::Tensor variance = torch::ones({}, u.options());
      if (by_change_) {
        // A thousandth of the usual change keeps the sum positive where nothing moves.
        const torch::Tensor floor = 1e-3 * inputs.increment.select(1, channel);
        variance = change.square() + floor.square();
      }
      const torch::Tensor weighted = variance * volumes;
      const torch::Tensor excess = (volumes * change).sum(space, true);
      u = u - weighted * excess / (weighted * volumes).sum(space, true);
    }
    return torch::stack(parts, 2);
  }

 private:
  std::shared_ptr<const Grid> grid_;
  std::vector<std::int64_t> channels_;
  at::Tensor volumes_;
  bool by_change_;
};

const HeadRegistry::Registration<Conservation, ConservationConfig> registration{
    "conservation", "the integrals of the past frame are kept by a weighted least-squares projection"};

}  // namespace
}  // namespace eddyline::heads
