#pragma once
// Is an operator alive? Run before every training: published benchmarks have trained networks whose blocks were
// computed and thrown away.

#include <string>
#include <vector>

#include "core/training/operator.hpp"
#include "core/training/trained_model.hpp"

namespace eddyline {

struct LivenessReport {
  std::vector<std::string> checked;   // "gradients of 24 parameters", "5 input channels", ...
  std::vector<std::string> findings;  // each names a parameter, channel or promise
  double seconds = 0;
  [[nodiscard]] bool passes() const { return findings.empty(); }
  /// A line a finding, or one line that says what was checked.
  [[nodiscard]] std::string text() const;
};

/// Checks on at most two samples, cropped to 32 points an axis where the operator takes that, in evaluation mode:
///   - fresh parameters have the moments that the operator declares (only when `is_fresh`);
/// and with weights moved a little from where they are, so that what starts at zero does not hide what lies behind it:
///   - the output is finite; the gradient of a random projection of it reaches every parameter, finite and not all
///   zero;
///   - the output depends on every frame, channel, static channel, parameter and on the lead time of its spec;
///   - a sample alone gives what it gives in a batch, to 1e-4 of the largest output;
///   - declared symmetries hold, to the same.
/// Weights, gradients, buffers, mode and random state are as before, to the bit. An operator without parameters passes.
[[nodiscard]] LivenessReport check_liveness(Operator& model, const ModelDescription& description, const Batch& batch,
                                            bool is_fresh);

}  // namespace eddyline
