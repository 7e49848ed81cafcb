#pragma once
// An operator and the heads behind it are an operator: nothing else of the framework knows of heads.

#include <memory>
#include <vector>

#include "core/training/head.hpp"
#include "core/training/normaliser.hpp"

namespace eddyline {

/// The network sees what it would see without heads and computes in the dtype of its weights; the heads compute in the
/// dtype of the inputs, so that a state in double keeps its integrals to the round-off of double.
class OperatorWithHeads final : public Operator {
 public:
  /// @param network  made for `network_spec(...)`. @param heads  applied in this order.
  OperatorWithHeads(std::shared_ptr<Operator> network, std::vector<std::unique_ptr<Head>> heads,
                    const OperatorSpec& spec, std::shared_ptr<const Normaliser> normaliser);
  torch::Tensor forward(const Batch& batch) override;
  [[nodiscard]] Output output() const override { return spec_.forecasts() ? Output::increments : Output::frames; }
  [[nodiscard]] std::map<std::string, InitialMoments> initialisation() const override;

 private:
  [[nodiscard]] at::ScalarType weight_type() const;
  std::shared_ptr<Operator> network_;
  std::vector<std::unique_ptr<Head>> heads_;
  OperatorSpec spec_;
  std::shared_ptr<const Normaliser> normaliser_;
};

/// The operator that a config names, with its heads when there are any.
/// @throws ConfigError ("heads.1: ...") when a head does not fit the data or its place in the list.
[[nodiscard]] std::shared_ptr<Operator> make_operator(const PluginChoice& choice, const std::vector<HeadConfig>& heads,
                                                      const HeadContext& context,
                                                      const std::shared_ptr<const Normaliser>& normaliser);

/// Of the states that a rollout carries: double when heads keep integrals of them, else float.
[[nodiscard]] at::ScalarType state_type(const Operator& model);

}  // namespace eddyline
