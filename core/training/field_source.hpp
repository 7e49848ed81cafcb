#pragma once
// Batches of samples without time.

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "core/training/epoch_order.hpp"
#include "core/training/field_table.hpp"
#include "core/training/grid_symmetry.hpp"
#include "core/training/sample_source.hpp"

namespace eddyline {

struct FieldSourceOptions {
  EpochOptions epochs;
  /// Each sample is shown in one of these, drawn anew every epoch; empty: as it is.
  std::vector<GridSymmetry> symmetries;
};

/// Every sample once an epoch, in forms that are a pure function of (seed, epoch). The whole split is kept in memory,
/// normalised, in every form.
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
  void choose_forms();

  FieldSourceOptions options_;
  EpochOrder order_;
  std::vector<std::int64_t> forms_;  // of the samples in this epoch
  Batch all_;                        // every sample in every form: number form * samples + sample
};

}  // namespace eddyline
