#pragma once
// Lagrangian flow networks: density and velocity of a transported quantity that obey the continuity equation for any
// weights. Arend Torres, Negri, Inversi, Aellen & Roth, Lagrangian flow networks for conservation laws (ICLR 2024),
// arXiv:2305.16846, eqs. 9-15.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/config/config.hpp"
#include "operators/kernels/layers.hpp"
#include "operators/lagrangian_flow/flow_layer.hpp"
#include "operators/lagrangian_flow/residual_net.hpp"

namespace eddyline::lagrangian_flow {

struct FlowConfig : Config {
  std::string form = "residual";
  std::int64_t layers = 6;
  std::int64_t context_features = 5, hidden_features = 64, embedding_features = 128;
  std::int64_t densenet_depth = 3, densenet_growth = 16;
  double sine_frequency = 15;
  std::int64_t sigmoids = 5;
  std::string svd_activation = "silu", last_svd_activation = "silu";
  bool flexible_mass = true;
  double initial_log_mass = 0;
  void fields(FieldVisitor& visit) override;
  void check(ConfigProblems& problems) const override;
};

/// Where the flow lives. Without a box, space is unbounded.
struct FlowDomain {
  std::int64_t dimension = 2;
  torch::Tensor centre, half_width;       // of the open box: one number or one an axis; undefined: unbounded
  double time_centre = 0, time_half = 1;  // the network sees (t - centre) / half
};

struct FlowOutput {
  torch::Tensor log_density;  // [N]
  torch::Tensor velocity;     // [N, D], -(dz/dx)^-1 dz/dt (eq. 12)
  torch::Tensor z;            // [N, D], label of the parcel in the base density
  torch::Tensor dz_dx;        // [N, D, D]
  torch::Tensor dz_dt;        // [N, D]
};

/// z = Phi_t(x), a diffeomorphism that a network of time drives, carries each parcel's label:
///   rho(x, t) = exp(s) p(Phi_t(x)) |det dPhi_t/dx|   (eq. 9),
/// of total mass exp(s), and d rho/dt + div(rho v) = 0 identically.
class LagrangianFlowImpl final : public torch::nn::Module {
 public:
  LagrangianFlowImpl(const FlowConfig& config, const FlowDomain& domain);

  /// @param x  [N, D]. @param t  [N, 1], same dtype as the weights. Keeps the graph, so that a loss of the velocity can
  /// be differentiated. @throws ShapeError, DataError when a point lies outside the box or is not finite.
  [[nodiscard]] FlowOutput forward(const torch::Tensor& x, const torch::Tensor& t);
  /// Where the parcel of label z is at time t, without gradient. @throws NumericalError when an iteration stalls.
  [[nodiscard]] torch::Tensor inverse(const torch::Tensor& z, const torch::Tensor& t);
  /// s, log of the total mass: a scalar.
  [[nodiscard]] torch::Tensor log_mass();
  [[nodiscard]] const std::vector<std::shared_ptr<FlowLayer>>& layers() const { return layers_; }
  /// The context c(t) and its rate, as the layers see it.
  [[nodiscard]] Dual context(const torch::Tensor& t);

 private:
  [[nodiscard]] torch::Tensor base_log_density(const torch::Tensor& z) const;
  FlowConfig config_;
  FlowDomain domain_;
  ResidualNet embedding_{nullptr}, mass_net_{nullptr};
  torch::Tensor mass_input_, log_mass_, base_mean_, base_log_deviation_;
  std::vector<std::shared_ptr<FlowLayer>> layers_;
};
TORCH_MODULE(LagrangianFlow);

/// -(dz_dx + regularisation I)^-1 dz_dt; the authors' code adds 1e-6 or 1e-8, which leaves a residual.
[[nodiscard]] torch::Tensor flow_velocity(const torch::Tensor& dz_dx, const torch::Tensor& dz_dt,
                                          double regularisation);

/// The three terms of the continuity equation by automatic differentiation: [N] each.
struct ContinuityTerms {
  torch::Tensor density_rate, flux_divergence;  // d rho/dt, div(rho v)
  [[nodiscard]] torch::Tensor residual() const { return density_rate + flux_divergence; }
};
[[nodiscard]] ContinuityTerms continuity_terms(LagrangianFlow& flow, const torch::Tensor& x, const torch::Tensor& t);

}  // namespace eddyline::lagrangian_flow
