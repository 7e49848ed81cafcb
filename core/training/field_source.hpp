#pragma once
// Batches of samples without time.

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "core/training/field_table.hpp"
#include "core/training/grid_symmetry.hpp"
#include "core/training/sample_source.hpp"

namespace eddyline {

struct FieldSourceOptions {
  std::int64_t batch_size = 8;  // the last batch of an epoch may be smaller
  std::uint64_t seed = 0;
  /// Each sample is shown in one of these, drawn anew every epoch; empty: as it is.
  std::vector<GridSymmetry> symmetries;
};

/// Every sample once an epoch, in an order (and forms) that is a pure function of (seed, epoch): the cursor is two
/// integers. The whole split is kept in memory, normalised, in every form.
class FieldSource final : public SampleSource {
 public:
  /// @throws ConfigError when the grid is not square but symmetries are asked for.
  FieldSource(const FieldTable& table, const Regressor& regressor, FieldSourceOptions options);

  [[nodiscard]] std::optional<Batch> next() override;
  [[nodiscard]] std::int64_t batches_per_epoch() const override;
  [[nodiscard]] std::map<std::string, std::int64_t> cursor() const override;
  /// @throws DataError when the cursor does not fit this source.
  void restore(const std::map<std::string, std::int64_t>& cursor) override;

 private:
  void shuffle();

  FieldSourceOptions options_;
  std::int64_t samples_;
  Batch all_;         // every sample in every form: number form * samples + sample
  at::Tensor order_;  // [samples] numbers into `all_` of this epoch
  std::int64_t epoch_ = 0, batch_ = 0;
};

}  // namespace eddyline
