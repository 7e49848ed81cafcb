#pragma once
// What a benchmark compares: one of our operators against a textbook LibTorch version of the same mathematics, in one
// process, with the same weights and inputs. A new comparison is one source file in this folder that registers itself.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/config/config.hpp"
#include "core/training/operator.hpp"
#include "operators/kernels/layers.hpp"

namespace eddyline::benchmarks {

/// An operator written with plain tensor functions on copies of another operator's parameters.
class TextbookOperator : public Operator {
 public:
  /// Takes over every parameter and buffer of `ours` under its name.
  explicit TextbookOperator(const Operator& ours);

 protected:
  /// @throws std::out_of_range when the operator has no such parameter or buffer.
  [[nodiscard]] const torch::Tensor& parameter(const std::string& name) const { return values_.at(name); }

 private:
  std::map<std::string, torch::Tensor> values_;
};

/// One work with everything it needs.
struct Comparison {
  std::shared_ptr<Operator> ours, textbook;  // parameters in the same order
  Batch batch;                               // of a training step and of the forward pass
  std::int64_t rollout_steps = 100;          // of a rollout from the first sample alone
};

/// Random inputs [batch, history, 1, cells] and targets [batch, frames, 1, cells] of one channel.
[[nodiscard]] Batch random_batch(std::int64_t batch, std::int64_t history, std::int64_t frames,
                                 const std::vector<std::int64_t>& cells);
/// Of an operator without parameters and lead time that such batches fit.
[[nodiscard]] OperatorSpec plain_spec(std::int64_t history, std::int64_t frames,
                                      const std::vector<std::int64_t>& cells);

class Benchmark {
 public:
  static constexpr const char* registry_kind = "benchmarks";
  virtual ~Benchmark() = default;
  [[nodiscard]] virtual Comparison make() const = 0;
};

using BenchmarkRegistry = Registry<Benchmark>;
template <class T>
using BenchmarkRegistration = BenchmarkRegistry::Registration<T, EmptyConfig>;

}  // namespace eddyline::benchmarks
