#pragma once
// Parity with the authors' implementations: weights and inputs from a file, our outputs and gradients against the
// file's. The engine behind `eddyline verify`.

#include <filesystem>
#include <string>
#include <vector>

namespace eddyline {

/// Largest relative errors of one run. Outputs and input gradients: max|a-b| / max|b|; a parameter's gradient:
/// max|a-b| / max(max|b|, 1e-3 G) with G the largest gradient entry of the file.
struct ParityErrors {
  double output = 0, gradient = 0, input_gradient = 0;
};

struct ParityRun {
  std::string precision;  // "float32" or "float64"
  ParityErrors errors, tolerance;
  [[nodiscard]] bool passes() const;
};

struct ParityReport {
  std::string file, importer;
  std::vector<ParityRun> runs;
  [[nodiscard]] bool passes() const;
};

/// A float64 file runs in float64 at 1e-9. A float32 file runs in float32, where the tolerance is five times the
/// original's own difference between the precisions, raised to the next of 1e-5, 3e-5, 1e-4, 3e-4, ..., and in float64,
/// where it is twice that difference (a correct run shows just the original's rounding).
/// @throws IoError, DataError (no parity file; weights missing, extra or of another shape), ConfigError (an option that
/// is not supported).
[[nodiscard]] ParityReport verify_file(const std::filesystem::path& path);

/// "fno_1d_default.h5  float32 output 1.2e-07 (1e-05) gradients ... ok".
[[nodiscard]] std::string to_line(const ParityReport& report);

}  // namespace eddyline
