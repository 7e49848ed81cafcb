// Parity files and foreign weights of the authors' Lagrangian flows.

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/base/text.hpp"
#include "core/training/foreign_config.hpp"
#include "core/training/importer.hpp"
#include "operators/lagrangian_flow/lagrangian_flow.hpp"

namespace eddyline::lagrangian_flow {
namespace {

class Model final : public ForeignModel {
 public:
  Model(const FlowConfig& config, const FlowDomain& domain, double regularisation, torch::Dtype dtype)
      : flow_(config, domain), regularisation_(regularisation), flexible_mass_(config.flexible_mass) {
    flow_->to(dtype);
  }
  torch::nn::Module& module() override { return *flow_; }
  NamedTensors state() override {
    NamedTensors state;
    for (const auto& entry : flow_->named_parameters()) state[entry.key()] = entry.value();
    for (const auto& entry : flow_->named_buffers()) state[entry.key()] = entry.value();
    return state;
  }
  // `basis_vectors` is the original's identity matrix; `degrees` are what the masks were made from; `const` is the
  // input of the mass's network, stored even where there is none. The original's two estimators of the determinant hold
  // the residual net once more each.
  bool ignores(const std::string& name) const override {
    return name.find("_determinant_estimator.") != std::string::npos || name == "basis_vectors" ||
           name.ends_with(".degrees") || (name == "const" && !flexible_mass_);
  }
  NamedTensors run(const NamedTensors& inputs) override {
    const FlowOutput output = flow_->forward(inputs.at("x"), inputs.at("t"));
    const ContinuityTerms terms = continuity_terms(flow_, inputs.at("x"), inputs.at("t"));
    return {{"log_density", output.log_density},
            {"density", output.log_density.exp()},
            {"velocity", flow_velocity(output.dz_dx, output.dz_dt, regularisation_).squeeze()},  // as the original
            {"velocity_eps1e-8", flow_velocity(output.dz_dx, output.dz_dt, 1e-8).squeeze()},
            {"velocity_exact", output.velocity},
            {"z", output.z},
            {"dz_dx", output.dz_dx},
            {"dz_dt", output.dz_dt},
            {"drho_dt", terms.density_rate},
            {"div_rho_v", terms.flux_divergence},
            {"continuity_residual", terms.residual()}};
  }
  torch::Tensor loss(const NamedTensors& outputs, const NamedTensors&) const override {
    return (torch::softplus(outputs.at("log_density")) - 1).square().mean() + outputs.at("velocity").square().mean();
  }
  std::string scale_of(const std::string& output) const override {
    return output == "continuity_residual" ? "drho_dt" : output;
  }

 private:
  LagrangianFlow flow_;
  double regularisation_;
  bool flexible_mass_;
};

/// The number in "Inverse(Affine 4)".
double box_half_width(const std::string& transforms) {
  const std::string before = "Inverse(Affine ";
  const auto start = transforms.find(before);
  if (start == std::string::npos)
    throw ConfigError("config attribute 'transforms' = '" + printable(transforms) + "': no '" + before +
                      "number)' in it");
  const auto end = transforms.find(')', start);
  const auto number = parse_number(transforms.substr(start + before.size(), end - start - before.size()));
  if (!number || !(*number > 0))
    throw ConfigError("config attribute 'transforms' = '" + printable(transforms) +
                      "': the domain has no positive size");
  return *number;
}

class FlowImporter final : public Importer {
 public:
  explicit FlowImporter(const EmptyConfig&) {}
  bool accepts(const ForeignConfig& config) const override {
    return foreign_text(config, "operator", "") == "lagrangian_flow";
  }
  std::unique_ptr<ForeignModel> build(const ForeignConfig& config, torch::Dtype dtype) const override {
    const std::string model = foreign_text(config, "model", "");
    FlowConfig ours;
    FlowDomain domain;
    domain.dimension = foreign_integer(config, "n_dim");
    ours.layers = foreign_integer(config, "num_layers");
    ours.context_features = foreign_integer(config, "context_features");
    ours.hidden_features = foreign_integer(config, "hidden_features");
    ours.flexible_mass = foreign_number(config, "flexible_norm", 0) != 0;
    ours.initial_log_mass = foreign_number(config, "init_log_scale_norm", 0);
    if (model == "conditional_moons") {
      ours.form = "sum_of_sigmoids";
      ours.embedding_features = foreign_integer(config, "hidden_features_shared", 32);
      ours.sigmoids = foreign_integer(config, "n_sigmoids");
    } else if (model.starts_with("gaussians_")) {
      const std::string transforms = foreign_text(config, "transforms", ""),
                        activation = foreign_text(config, "activation", "silu");
      ours.form = transforms.find("Permutation") != std::string::npos ? "permuted_residual" : "residual";
      ours.embedding_features = foreign_integer(config, "hidden_features_shared");
      ours.densenet_depth = foreign_integer(config, "densenet_depth", 3);
      ours.densenet_growth = foreign_integer(config, "densenet_growth", 16);
      ours.sine_frequency = foreign_number(config, "csin_w0", 15);
      ours.svd_activation = activation.find("relu") == std::string::npos ? "silu" : "relu";
      const bool last_silu = ours.svd_activation == "silu" || activation.find("last SVD") != std::string::npos;
      ours.last_svd_activation = last_silu ? "silu" : "relu";
      refuse_unless(config, "lip_coeff", "0.97");
      refuse_unless(config, "spectral_coeff", "0.97");
      domain.half_width = torch::tensor(static_cast<float>(box_half_width(transforms)));
      domain.centre = torch::tensor(0.0f);
    } else {
      throw ConfigError("config attribute 'model' = '" + printable(model) +
                        "' is not supported; gaussians_2d, gaussians_3d and conditional_moons are");
    }
    return std::make_unique<Model>(ours, domain, foreign_number(config, "velocity_eps", 1e-6), dtype);
  }
};

const ImporterRegistry::Registration<FlowImporter, EmptyConfig> registration{
    "lagrangian_flow", "Lagrangian flow networks (LFlows): Gaussians in 2D and 3D, moons"};

}  // namespace
}  // namespace eddyline::lagrangian_flow
