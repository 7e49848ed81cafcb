#pragma once
// What the trainer draws from: a sampled dataset now, a reservoir fed by live solvers later.

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "core/training/batch.hpp"

namespace eddyline {

class SampleSource {
 public:
  virtual ~SampleSource() = default;
  /// The next batch, nothing at the end of an epoch (the next call starts the following one).
  [[nodiscard]] virtual std::optional<Batch> next() = 0;
  /// Batches of one epoch.
  [[nodiscard]] virtual std::int64_t batches_per_epoch() const = 0;
  /// Position as named integers; `restore` continues with the very same batches.
  [[nodiscard]] virtual std::map<std::string, std::int64_t> cursor() const = 0;
  virtual void restore(const std::map<std::string, std::int64_t>& cursor) = 0;
};

}  // namespace eddyline
