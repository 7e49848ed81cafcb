#pragma once
// The order in which an epoch shows its samples, and the place in it.

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace eddyline {

struct EpochOptions {
  std::int64_t batch_size = 8;  // the last batch of an epoch may be smaller
  std::uint64_t seed = 0;
  bool shuffles = true;  // anew every epoch; false: always from the first sample to the last
};

/// Every sample once an epoch, in an order that is a pure function of (seed, epoch): the cursor is two integers.
class EpochOrder {
 public:
  EpochOrder(std::int64_t samples, EpochOptions options);

  /// Numbers of the samples of the next batch; empty at the end of an epoch (the next call starts the following one).
  /// Valid until the next call.
  [[nodiscard]] std::span<const std::int64_t> next();
  [[nodiscard]] std::int64_t samples() const { return samples_; }
  [[nodiscard]] std::int64_t batches_per_epoch() const;
  [[nodiscard]] std::int64_t epoch() const { return epoch_; }
  [[nodiscard]] std::map<std::string, std::int64_t> cursor() const;
  /// @param data  its name, for the message. @throws DataError when the cursor does not fit.
  void restore(const std::map<std::string, std::int64_t>& cursor, const std::string& data);

 private:
  void order();

  std::int64_t samples_;
  EpochOptions options_;
  std::vector<std::int64_t> order_;
  std::int64_t epoch_ = 0, batch_ = 0;
};

}  // namespace eddyline
