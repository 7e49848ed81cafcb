#include "operators/lagrangian_flow/lagrangian_flow.hpp"

#include <cmath>
#include <numbers>
#include <sstream>

#include "core/base/error.hpp"
#include "operators/lagrangian_flow/residual_layer.hpp"
#include "operators/lagrangian_flow/sigmoid_layer.hpp"
#include "operators/lagrangian_flow/simple_layers.hpp"
#include "operators/lagrangian_flow/small_matrix.hpp"

namespace eddyline::lagrangian_flow {
namespace {

Activation activation_of(const std::string& name) { return name == "relu" ? Activation::relu : Activation::silu; }

std::vector<std::int64_t> order_of_axes(std::int64_t dimension, bool reversed) {
  std::vector<std::int64_t> order;
  if (!reversed) {
    const auto drawn = torch::randperm(dimension);
    for (std::int64_t axis = 0; axis < dimension; ++axis) order.push_back(drawn[axis].item<std::int64_t>());
    return order;
  }
  for (std::int64_t axis = dimension; axis > 0; --axis) order.push_back(axis - 1);
  return order;
}

/// The authors' sequences. Layers run from x to z.
std::vector<std::shared_ptr<FlowLayer>> layer_sequence(const FlowConfig& config, const FlowDomain& domain) {
  std::vector<std::shared_ptr<FlowLayer>> layers;
  const auto D = domain.dimension, C = config.context_features, H = config.hidden_features;
  const auto add = [&](std::shared_ptr<FlowLayer> layer) { layers.push_back(std::move(layer)); };
  const auto normalise = [&] { add(std::make_shared<ActNormLayer>(D)); };
  const auto svd = [&](const std::string& activation) {
    add(std::make_shared<SvdLayer>(D, C, H, activation_of(activation)));
  };
  if (domain.half_width.defined()) {
    add(std::make_shared<AffineLayer>(domain.half_width, domain.centre, true));
    if (config.form != "sum_of_sigmoids") add(std::make_shared<ArtanhLayer>());
  }
  if (config.form == "residual") add(std::make_shared<AffineLayer>(torch::tensor(4.0f), torch::tensor(0.0f), false));
  for (std::int64_t k = 0; k < config.layers; ++k) {
    if (config.form == "sum_of_sigmoids") {
      add(std::make_shared<PermutationLayer>(order_of_axes(D, true)));
      normalise();
      add(std::make_shared<ShiftLayer>(D, C, H));
      add(std::make_shared<SigmoidLayer>(D, C, H, config.sigmoids));
      continue;
    }
    if (config.form == "permuted_residual") add(std::make_shared<PermutationLayer>(order_of_axes(D, false)));
    normalise();
    add(std::make_shared<ResidualLayer>(D, C, config.densenet_depth, config.densenet_growth, config.sine_frequency));
    svd(config.svd_activation);
  }
  if (config.form == "sum_of_sigmoids")
    add(std::make_shared<ShiftLayer>(D, C, H));
  else
    svd(config.last_svd_activation);
  if (config.form != "permuted_residual") normalise();
  return layers;
}

std::string shape_text(const torch::Tensor& tensor) {
  std::ostringstream text;
  text << tensor.sizes() << " " << tensor.scalar_type();
  return text.str();
}

}  // namespace

void FlowConfig::fields(FieldVisitor& visit) {
  visit(
      "form", form, rule::one_of({"residual", "permuted_residual", "sum_of_sigmoids"}),
      "layers: residual nets and linear maps in a box; the same with shuffled axes; autoregressive sums of sigmoids in "
      "unbounded space");
  visit("layers", layers, rule::at_least(1), "repetitions of the block of layers");
  visit("context_features", context_features, rule::at_least(1), "numbers that tell the layers the time");
  visit("hidden_features", hidden_features, rule::at_least(1), "width of the networks in the layers");
  visit("embedding_features", embedding_features, rule::at_least(1), "width of the network of time");
  visit("densenet_depth", densenet_depth, rule::at_least(1), "dense layers of a residual net");
  visit("densenet_growth", densenet_growth, rule::at_least(2), "features that each adds, even");
  visit("sine_frequency", sine_frequency, rule::positive(), "w0 of the activation sin(w0 x) / w0");
  visit("sigmoids", sigmoids, rule::at_least(1), "of each coordinate, for sum_of_sigmoids");
  visit("svd_activation", svd_activation, rule::one_of({"relu", "silu"}), "of the linear maps' networks");
  visit("last_svd_activation", last_svd_activation, rule::one_of({"relu", "silu"}), "of the last one");
  visit("flexible_mass", flexible_mass, rule::any(), "the mass comes from a small network, not from one number");
  visit("initial_log_mass", initial_log_mass, rule::any(), "log of the total mass before training");
}

void FlowConfig::check(ConfigProblems& problems) const {
  if (densenet_growth % 2 != 0) problems.add("densenet_growth", "must be even, got " + std::to_string(densenet_growth));
}

LagrangianFlowImpl::LagrangianFlowImpl(const FlowConfig& config, const FlowDomain& domain)
    : config_(config), domain_(domain) {
  if (domain.dimension < 1 || domain.dimension > 3)
    throw ConfigError("a Lagrangian flow needs one to three axes of space, not " + std::to_string(domain.dimension));
  embedding_ = register_module("_embedding_net",
                               ResidualNet(1, config.context_features, config.embedding_features, 2, Activation::silu));
  if (config.flexible_mass) {
    mass_input_ = register_parameter("const", torch::ones({1, 1}));
    mass_net_ = register_module("norm_const_net", ResidualNet(1, 1, 16, 1, Activation::relu));
  } else {
    log_mass_ = register_parameter("_trainable_log_scale", torch::tensor(static_cast<float>(config.initial_log_mass)));
  }
  if (config.form == "sum_of_sigmoids") {
    auto base = register_module("_distribution", std::make_shared<torch::nn::Module>());
    base_mean_ = base->register_parameter("mean_", torch::zeros({1, domain.dimension}));
    base_log_deviation_ = base->register_parameter("log_std_", torch::zeros({1, domain.dimension}));
  }
  layers_ = layer_sequence(config, domain);
  auto list = register_module("_transform", std::make_shared<torch::nn::Module>())
                  ->register_module("_transforms", torch::nn::ModuleList());
  for (const auto& layer : layers_) list->push_back(layer);
}

Dual LagrangianFlowImpl::context(const torch::Tensor& t) {
  const auto scaled = (t - domain_.time_centre) / domain_.time_half;
  return embedding_->forward(Dual{scaled, torch::full_like(scaled, 1 / domain_.time_half).unsqueeze(0)});
}

torch::Tensor LagrangianFlowImpl::log_mass() {
  if (!config_.flexible_mass) return log_mass_;
  return mass_net_->forward(mass_input_).squeeze() + config_.initial_log_mass;
}

torch::Tensor LagrangianFlowImpl::base_log_density(const torch::Tensor& z) const {
  const double constant = 0.5 * static_cast<double>(domain_.dimension) * std::log(2 * std::numbers::pi);
  if (!base_mean_.defined()) return -0.5 * z.square().sum(1) - constant;
  const auto standard = (z - base_mean_) * torch::exp(-base_log_deviation_);
  return -0.5 * standard.square().sum(1) - base_log_deviation_.sum() - constant;
}

FlowOutput LagrangianFlowImpl::forward(const torch::Tensor& x, const torch::Tensor& t) {
  const auto dtype = embedding_->parameters().front().scalar_type();
  if (x.dim() != 2 || x.size(1) != domain_.dimension || t.dim() != 2 || t.size(0) != x.size(0) || t.size(1) != 1 ||
      x.scalar_type() != dtype || t.scalar_type() != dtype)
    throw ShapeError("Lagrangian flow: expected points [N, " + std::to_string(domain_.dimension) +
                     "] and times [N, 1] of type " + c10::toString(dtype) + ", got " + shape_text(x) + " and " +
                     shape_text(t));
  if (!(torch::isfinite(x).all() & torch::isfinite(t).all()).item<bool>())
    throw DataError("Lagrangian flow: a point or time of " + shape_text(x) + " is not finite");
  const Dual when = context(t);
  FlowOutput output;
  torch::Tensor log_determinant;
  output.z = x;
  for (const auto& layer : layers_) {
    const LayerOutput next = layer->forward(output.z, when);
    output.z = next.value;
    if (!output.dz_dx.defined()) {
      output.dz_dx = next.jacobian;
      output.dz_dt = next.rate;
      log_determinant = next.log_determinant;
      continue;
    }
    output.dz_dt = torch::bmm(next.jacobian, output.dz_dt.unsqueeze(2)).squeeze(2) + next.rate;
    output.dz_dx = torch::bmm(next.jacobian, output.dz_dx);
    log_determinant = log_determinant + next.log_determinant;
  }
  output.log_density = base_log_density(output.z) + log_determinant + log_mass();
  output.velocity = flow_velocity(output.dz_dx, output.dz_dt, 0);
  return output;
}

torch::Tensor LagrangianFlowImpl::inverse(const torch::Tensor& z, const torch::Tensor& t) {
  const torch::NoGradGuard no_gradient;
  const auto when = context(t).value;
  auto x = z;
  for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) x = (*layer)->inverse(x, when);
  return x;
}

torch::Tensor flow_velocity(const torch::Tensor& dz_dx, const torch::Tensor& dz_dt, double regularisation) {
  if (regularisation == 0) return -solved(dz_dx, dz_dt);
  return -solved(dz_dx + regularisation * torch::eye(dz_dx.size(1), dz_dx.options()), dz_dt);
}

ContinuityTerms continuity_terms(LagrangianFlow& flow, const torch::Tensor& x, const torch::Tensor& t) {
  const auto points = x.detach().clone().requires_grad_(true), times = t.detach().clone().requires_grad_(true);
  const FlowOutput output = flow->forward(points, times);
  const auto density = output.log_density.exp();
  const auto gradient = [](const torch::Tensor& of, const torch::Tensor& by) {
    return torch::autograd::grad({of.sum()}, {by}, {}, true)[0];
  };
  ContinuityTerms terms{gradient(density, times).squeeze(1), torch::zeros_like(density)};
  for (std::int64_t axis = 0; axis < x.size(1); ++axis)
    terms.flux_divergence += gradient(density * output.velocity.select(1, axis), points).select(1, axis);
  return terms;
}

}  // namespace eddyline::lagrangian_flow
