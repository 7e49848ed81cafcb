// A Lagrangian flow as a field model: density and velocity from scattered observations.

#include <cmath>

#include "core/base/error.hpp"
#include "core/training/field_model.hpp"
#include "operators/lagrangian_flow/lagrangian_flow.hpp"

namespace eddyline::lagrangian_flow {
namespace {

struct FieldConfig final : FlowConfig {
  double velocity_weight = 1, mass_weight = 1e-6, transport_weight = 0;
  void fields(FieldVisitor& visit) override {
    FlowConfig::fields(visit);
    visit("velocity_weight", velocity_weight, rule::non_negative(), "of the velocity's mean square error in the loss");
    visit("mass_weight", mass_weight, rule::non_negative(), "of softplus(log mass) in the loss");
    visit("transport_weight", transport_weight, rule::non_negative(),
          "of the mean square speed in the loss: prefers the shortest transport");
  }
};

FlowDomain domain_of(const FieldModelSpec& spec) {
  FlowDomain domain;
  domain.dimension = spec.dimension();
  std::vector<float> centre, half;
  for (std::size_t axis = 0; axis < spec.low.size(); ++axis) {
    centre.push_back(static_cast<float>(0.5 * (spec.low[axis] + spec.high[axis])));
    half.push_back(static_cast<float>(0.5 * (spec.high[axis] - spec.low[axis])));
  }
  domain.centre = torch::tensor(centre);
  domain.half_width = torch::tensor(half);
  domain.time_centre = 0.5 * (spec.time_low + spec.time_high);
  const double half_time = 0.5 * (spec.time_high - spec.time_low);
  domain.time_half = half_time > 0 ? half_time : 1;
  return domain;
}

/// The flow's own mass is of order one: its density counts in units of the observations' scale over the whole box.
/// Loss as in the authors' experiments (appendix C): mean square of softplus(log density), of the velocity, and a weak
/// pull on the mass.
class LagrangianFlowField final : public FieldModel {
 public:
  LagrangianFlowField(const FieldConfig& config, const FieldModelSpec& spec) : config_(config), spec_(spec) {
    if (spec.channels.size() != spec.low.size() + 1 || spec.channels.front().kind != ChannelKind::density)
      throw ConfigError("a Lagrangian flow gives one density and the velocity; " +
                        std::to_string(spec.channels.size()) + " channels were asked for");
    flow_ = register_module("flow", LagrangianFlow(config, domain_of(spec)));
    for (std::size_t axis = 0; axis < spec.low.size(); ++axis)
      log_volume_ += std::log(spec.high[axis] - spec.low[axis]);
  }

  torch::Tensor values(const torch::Tensor& x, const torch::Tensor& t) override {
    const FlowOutput output = flow_->forward(x, t);
    const auto density = torch::exp(output.log_density + (log_volume_ + std::log(spec_.scales.front())));
    return torch::cat({density.unsqueeze(1), output.velocity}, 1);
  }

  torch::Tensor loss(const Batch& batch) override {
    const FlowOutput output = flow_->forward(batch.positions, batch.time.unsqueeze(1));
    const auto mean_observed = [](const torch::Tensor& error, const torch::Tensor& mask) {
      return (error.square() * mask).sum() / mask.sum().clamp_min(1);
    };
    // softplus(log rho) = log(1 + rho)
    const auto observed = torch::log1p(batch.targets.select(1, 0) / spec_.scales.front());
    const auto density_error = torch::softplus(output.log_density + log_volume_) - observed;
    const auto dimension = spec_.dimension();
    const double speed = spec_.scales.back();
    const auto velocity_error = (output.velocity - batch.targets.narrow(1, 1, dimension)) / speed;
    auto total = mean_observed(density_error, batch.mask.select(1, 0)) +
                 config_.velocity_weight * mean_observed(velocity_error, batch.mask.narrow(1, 1, dimension)) +
                 config_.mass_weight * torch::softplus(flow_->log_mass());
    if (config_.transport_weight > 0)
      total = total + config_.transport_weight * (output.velocity / speed).square().sum(1).mean();
    return total;
  }

 private:
  FieldConfig config_;
  FieldModelSpec spec_;
  LagrangianFlow flow_{nullptr};
  double log_volume_ = 0;
};

const FieldModelRegistry::Registration<LagrangianFlowField, FieldConfig> registration{
    "lagrangian_flow", "density and velocity that obey the continuity equation for any weights"};

}  // namespace
}  // namespace eddyline::lagrangian_flow
