#pragma once
// Counter-based random numbers: the n-th number of a stream is a pure function of (seed, stream name, n), so a
// consumer added later never shifts another's numbers and a resumed run needs only its counter.

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace eddyline {

/// Philox4x32-10 (Salmon et al., Parallel random numbers: as easy as 1, 2, 3, SC 2011).
class RandomStream {
 public:
  /// One stream of the config's seed; `name` tells the consumer, e.g. "training/shuffle".
  RandomStream(std::uint64_t seed, std::string_view name, std::uint64_t counter = 0);

  [[nodiscard]] std::uint32_t next_uint32();
  /// Uniform in [0, 1) with 53 bits.
  [[nodiscard]] double uniform();
  [[nodiscard]] double uniform(double low, double high) { return low + (high - low) * uniform(); }
  /// Standard normal (Box-Muller; two draws each).
  [[nodiscard]] double normal();
  /// Uniform in 0..bound-1 without bias. @throws std::invalid_argument when bound is 0.
  [[nodiscard]] std::uint64_t below(std::uint64_t bound);
  /// A permutation of 0..count-1 (Fisher-Yates).
  [[nodiscard]] std::vector<std::int64_t> permutation(std::int64_t count);

  /// Position in the stream, in 32-bit draws; pass it to the constructor to continue.
  [[nodiscard]] std::uint64_t counter() const { return counter_; }

 private:
  std::uint64_t key_, counter_;
  std::uint64_t block_index_ = ~std::uint64_t{0};
  std::array<std::uint32_t, 4> block_{};
};

/// A 64-bit seed derived from (seed, name); for generators that are not ours, such as LibTorch's.
[[nodiscard]] std::uint64_t derived_seed(std::uint64_t seed, std::string_view name);

}  // namespace eddyline
