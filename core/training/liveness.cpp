#include "core/training/liveness.hpp"

#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <sstream>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/base/text.hpp"
#include "core/training/optimiser.hpp"

namespace eddyline {
namespace {

constexpr std::int64_t crop = 32;     // points an axis
constexpr double tolerance = 1e-4;    // of the largest output, float32
constexpr double deviations = 6;      // by which a measured moment may miss
constexpr std::uint64_t seed = 2024;  // of the projection and the moved weights

/// Puts weights, gradients, mode and random state back.
class Untouched {
 public:
  explicit Untouched(Operator& model)
      : model_(model),
        weights_(copied(weights_of(model))),
        was_training_(model.is_training()),
        random_state_(at::detail::getDefaultCPUGenerator().get_state()) {
    for (const auto& parameter : model.parameters()) gradients_.push_back(parameter.grad());
    model_.zero_grad();
    model_.eval();
  }
  ~Untouched() {
    load_weights(model_, weights_, "the weights before the check");
    const auto parameters = model_.parameters();
    for (std::size_t n = 0; n < parameters.size(); ++n) parameters[n].mutable_grad() = gradients_[n];
    model_.train(was_training_);
    auto generator = at::detail::getDefaultCPUGenerator();
    generator.set_state(random_state_);
  }
  Untouched(const Untouched&) = delete;
  Untouched& operator=(const Untouched&) = delete;

 private:
  Operator& model_;
  NamedState weights_;
  bool was_training_;
  at::Tensor random_state_;
  std::vector<at::Tensor> gradients_;
};

/// The first two samples, leaves that ask for gradients; a lone one gets a companion.
Batch two_samples(const Batch& batch) {
  const auto pair = [](const at::Tensor& values, bool wants_gradient) -> at::Tensor {
    if (!values.defined()) return values;
    at::Tensor two = values.size(0) > 1 ? values.narrow(0, 0, 2)
                     : wants_gradient   ? at::cat({values, values * 0.5 + 0.25})
                                        : at::cat({values, values});
    two = two.detach().clone();
    if (wants_gradient && two.is_floating_point()) two.requires_grad_(true);
    return two;
  };
  Batch result = batch;
  result.inputs = pair(batch.inputs, true);
  result.targets = at::Tensor();
  result.statics = pair(batch.statics, true);
  result.parameters = pair(batch.parameters, true);
  result.time = pair(batch.time, false);
  result.lead_time = pair(batch.lead_time, true);
  result.mask = pair(batch.mask, false);
  return result;
}

/// At most `crop` points an axis of space.
Batch cropped(const Batch& batch, int dimension) {
  const auto cut = [dimension](at::Tensor values) {
    if (!values.defined() || values.dim() <= dimension) return values;
    const bool wants_gradient = values.requires_grad();
    values = values.detach();
    for (std::int64_t axis = values.dim() - dimension; axis < values.dim(); ++axis)
      values = values.narrow(axis, 0, std::min(values.size(axis), crop));
    values = values.clone();
    values.requires_grad_(wants_gradient);
    return values;
  };
  Batch result = batch;
  result.inputs = cut(batch.inputs);
  result.statics = cut(batch.statics);
  result.mask = cut(batch.mask);
  return result;
}

double largest(const at::Tensor& values) { return values.numel() == 0 ? 0 : values.abs().max().item<double>(); }

class Check {
 public:
  Check(Operator& model, const ModelDescription& description, LivenessReport& report)
      : model_(model), description_(description), report_(report), generator_(at::detail::createCPUGenerator(seed)) {}

  void initial_moments() {
    const auto declared = model_.initialisation();
    const NamedState weights = weights_of(model_);
    for (const auto& [name, expected] : declared) {
      const auto found = weights.find(name);
      if (found == weights.end()) {
        find("the operator declares how '" + name + "' starts, but has no such parameter");
        continue;
      }
      const at::Tensor values = found->second.to(at::kDouble);
      const double count = static_cast<double>(values.numel());
      const double mean = values.mean().item<double>();
      const double deviation = (values - expected.mean).square().mean().sqrt().item<double>();
      const double slack = deviations * expected.deviation / std::sqrt(count);
      if (std::abs(mean - expected.mean) > slack || std::abs(deviation - expected.deviation) > slack)
        find("parameter '" + name + "' starts with mean " + format_number(mean, 3) + " and deviation " +
             format_number(deviation, 3) + "; its specification says " + format_number(expected.mean, 3) + " and " +
             format_number(expected.deviation, 3));
    }
    if (!declared.empty())
      report_.checked.push_back("initial moments of " + std::to_string(declared.size()) + " parameters");
  }

  void move_weights() {
    const torch::NoGradGuard no_gradient;
    for (auto& parameter : model_.parameters()) {
      at::Tensor values = parameter.is_complex() ? at::view_as_real(parameter.detach()) : parameter.detach();
      if (!values.is_floating_point() || values.numel() == 0) continue;
      const double size = values.square().mean().sqrt().item<double>();
      values.add_(at::randn(values.sizes(), generator_, values.options()) * (0.1 * size + 0.01));
    }
  }

  /// The cropped batch when the operator takes it.
  Batch usable(const Batch& batch) {
    if (batch.inputs.dim() != description_.spec.dimension + 3) return batch;  // a graph
    const torch::NoGradGuard no_gradient;
    const Batch small = cropped(batch, description_.spec.dimension);
    try {
      static_cast<void>(model_.forward(small));
      return small;
    } catch (const std::exception&) {  // an operator bound to its grid: errors of the full batch are the caller's
      return batch;
    }
  }

  void gradients_and_inputs(const Batch& batch) {
    const torch::Tensor y = model_.forward(batch);
    if (!y.isfinite().all().item<bool>()) {
      find("the output is not finite on finite inputs");
      return;
    }
    if (!y.requires_grad()) {
      find("the output has no gradient at all: it is detached from parameters and inputs");
      return;
    }
    (y * at::randn(y.sizes(), generator_, y.options().requires_grad(false))).sum().backward();
    std::int64_t count = 0;
    for (const auto& item : model_.named_parameters()) {
      if (!item.value().requires_grad()) continue;
      ++count;
      std::ostringstream shape;
      shape << item.value().sizes();
      const at::Tensor gradient = item.value().grad();
      if (!gradient.defined() || largest(gradient) == 0)
        find(std::string("no gradient reaches parameter '") + item.key() + "' " + shape.str());
      else if (!std::isfinite(largest(gradient)))
        find(std::string("the gradient of parameter '") + item.key() + "' " + shape.str() + " is not finite");
    }
    report_.checked.push_back("gradients of " + std::to_string(count) + " parameters");
    every_input(batch, y.detach());
  }

  void sample_alone(const Batch& batch) {
    const torch::NoGradGuard no_gradient;
    const auto first = [](const at::Tensor& values) { return values.defined() ? values.narrow(0, 0, 1) : values; };
    Batch alone = batch;
    for (at::Tensor* values :
         {&alone.inputs, &alone.statics, &alone.parameters, &alone.time, &alone.lead_time, &alone.mask})
      *values = first(*values);
    const at::Tensor together = model_.forward(batch), single = model_.forward(alone);
    compare(together.narrow(0, 0, 1), single, "a sample alone differs from the same sample in a batch");
    report_.checked.push_back("a sample alone");
  }

  void symmetries(const Batch& batch) {
    for (const Symmetry symmetry : model_.symmetries()) {
      if (symmetry != Symmetry::translation) continue;
      const torch::NoGradGuard no_gradient;
      const int dimension = description_.spec.dimension;
      const auto rolled = [dimension](const at::Tensor& values) {
        if (!values.defined() || values.dim() <= dimension) return values;
        std::vector<std::int64_t> shifts, axes;
        for (int k = 0; k < dimension; ++k) {
          shifts.push_back(3 + 2 * k);
          axes.push_back(values.dim() - dimension + k);
        }
        return at::roll(values, shifts, axes);
      };
      Batch moved = batch;
      moved.inputs = rolled(batch.inputs);
      moved.statics = rolled(batch.statics);
      moved.mask = rolled(batch.mask);
      compare(rolled(model_.forward(batch)), model_.forward(moved),
              "translated inputs do not give the translated output, as the operator declares");
      report_.checked.push_back("translation");
    }
  }

 private:
  void find(std::string what) { report_.findings.push_back(std::move(what)); }

  void compare(const at::Tensor& expected, const at::Tensor& given, const std::string& what) {
    if (expected.sizes() != given.sizes()) {
      std::ostringstream shapes;
      shapes << expected.sizes() << " and " << given.sizes();
      find(what + ": shapes " + shapes.str());
      return;
    }
    const double difference = largest(expected - given), size = largest(expected);
    if (!(difference <= tolerance * size))
      find(what + ": by " + format_number(difference, 3) + " where the largest output is " + format_number(size, 3));
  }

  void every_input(const Batch& batch, const at::Tensor& output) {
    const OperatorSpec& spec = description_.spec;
    const DatasetInfo& data = description_.data;
    std::int64_t count = 0;
    // Along `axis` of one input tensor: entry k is dead when its gradient vanishes and changing it changes nothing.
    const auto along = [&](at::Tensor Batch::*member, std::int64_t axis, std::int64_t entries, const auto& name) {
      const at::Tensor& values = batch.*member;
      for (std::int64_t k = 0; k < entries; ++k) {
        ++count;
        const at::Tensor gradient = values.grad();
        if (gradient.defined() && largest(axis < 0 ? gradient : gradient.select(axis, k)) > 0) continue;
        if (!changes(batch, member, axis, k, output)) find(std::string("the output does not depend on ") + name(k));
      }
    };
    const auto named = [](const char* kind, const auto& list) {
      return [kind, &list](std::int64_t k) {
        const auto index = static_cast<std::size_t>(k);
        const std::string which =
            index < list.size() ? std::string("'") + printable(list[index].name) + "'" : std::to_string(k);
        return std::string(kind) + " " + which;
      };
    };
    if (batch.inputs.dim() == spec.dimension + 3 && spec.forecasts()) {
      along(&Batch::inputs, 2, spec.channels, named("input channel", data.channels));
      along(&Batch::inputs, 1, spec.history, [&](std::int64_t k) {
        return std::string("past frame ") + std::to_string(k + 1) + " of " + std::to_string(spec.history);
      });
    }
    if (spec.static_channels > 0 && batch.statics.defined())
      along(&Batch::statics, 1, spec.static_channels, named("static channel", data.static_channels));
    if (spec.parameters > 0 && batch.parameters.defined())
      along(&Batch::parameters, 1, spec.parameters, named("parameter", data.parameters));
    if (spec.lead_time && batch.lead_time.defined())
      along(&Batch::lead_time, -1, 1, [](std::int64_t) { return std::string("the lead time"); });
    report_.checked.push_back(std::to_string(count) + " inputs");
  }

  /// Whether another value of one entry gives another output: for what enters through comparisons.
  bool changes(const Batch& batch, at::Tensor Batch::*member, std::int64_t axis, std::int64_t entry,
               const at::Tensor& output) {
    const torch::NoGradGuard no_gradient;
    for (const double factor : {-1.0, 0.0}) {  // 1 - x flips a mask; 1 is a value like any other
      Batch changed = batch;
      at::Tensor values = (batch.*member).detach().clone();
      at::Tensor part = axis < 0 ? values : values.select(axis, entry);
      part.copy_(1 + factor * part);
      changed.*member = values;
      if (largest(model_.forward(changed) - output) > 0) return true;
    }
    return false;
  }

  Operator& model_;
  const ModelDescription& description_;
  LivenessReport& report_;
  at::Generator generator_;
};

}  // namespace

std::string LivenessReport::text() const {
  if (passes()) return "alive: " + join(checked, ", ") + " (" + format_number(seconds, 2) + " s)";
  return std::to_string(findings.size()) + " findings of the liveness check:\n  " + join(findings, "\n  ");
}

LivenessReport check_liveness(Operator& model, const ModelDescription& description, const Batch& batch, bool is_fresh) {
  const auto start = std::chrono::steady_clock::now();
  LivenessReport report;
  if (model.parameters().empty()) {
    report.checked.push_back("no parameters");
    return report;
  }
  const Untouched untouched(model);
  Check check(model, description, report);
  if (is_fresh) check.initial_moments();
  check.move_weights();
  const Batch used = check.usable(two_samples(batch));
  check.gradients_and_inputs(used);
  if (batch.inputs.dim() == description.spec.dimension + 3) {
    check.sample_alone(used);
    check.symmetries(used);
  }
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return report;
}

}  // namespace eddyline
