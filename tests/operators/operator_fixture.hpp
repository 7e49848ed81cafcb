#pragma once
// What the tests of operators share.

#include <string>

#include "core/base/error.hpp"
#include "core/config/config_reader.hpp"
#include "core/training/operator.hpp"
#include "operators/kernels/layers.hpp"

namespace eddyline::test {

/// An operator from its settings as YAML.
inline std::shared_ptr<Operator> make_operator(const std::string& name, const std::string& settings,
                                               const OperatorSpec& spec) {
  const auto config = OperatorRegistry::instance().make_config(name);
  read_config_text(settings, "test", *config);
  return OperatorRegistry::instance().create(name, *config, spec);
}

/// Random inputs of a grid batch, double.
inline Batch random_batch(const OperatorSpec& spec, std::int64_t samples, const std::vector<std::int64_t>& space) {
  const auto shape = [&](std::vector<std::int64_t> first) {
    first.insert(first.end(), space.begin(), space.end());
    return first;
  };
  Batch batch;
  batch.inputs = torch::randn(shape({samples, spec.history, spec.channels}), torch::kDouble);
  batch.statics = torch::rand(shape({samples, spec.static_channels}), torch::kDouble);
  batch.parameters = torch::rand({samples, spec.parameters}, torch::kDouble);
  batch.lead_time = torch::rand({samples}, torch::kDouble);
  batch.time = torch::rand({samples}, torch::kDouble);
  return batch;
}

/// One sample of a grid batch as a batch.
inline Batch sample_of(const Batch& batch, std::int64_t index) {
  Batch one;
  one.inputs = batch.inputs.narrow(0, index, 1);
  one.statics = batch.statics.narrow(0, index, 1);
  one.parameters = batch.parameters.narrow(0, index, 1);
  one.lead_time = batch.lead_time.narrow(0, index, 1);
  one.time = batch.time.narrow(0, index, 1);
  return one;
}

inline double largest_difference(const torch::Tensor& a, const torch::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

/// The message of what `body` throws as `Thrown`.
template <class Thrown, class Body>
std::string message_of(const Body& body) {
  try {
    body();
  } catch (const Thrown& error) {
    return error.what();
  }
  return "nothing of the expected kind was thrown";
}

}  // namespace eddyline::test
