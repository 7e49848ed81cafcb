#include "core/training/field_source.hpp"

#include <ATen/ATen.h>

#include <algorithm>

#include "core/base/error.hpp"
#include "core/base/random.hpp"

namespace eddyline {

FieldSource::FieldSource(const FieldTable& table, const Regressor& regressor, FieldSourceOptions options)
    : options_(std::move(options)), samples_(table.size()) {
  if (options_.symmetries.empty()) options_.symmetries = {{}};
  const auto shape = table.targets.sizes();
  const bool moves = options_.symmetries.size() > 1;
  if (moves && (shape.size() != 4 || shape[2] != shape[3]))
    throw ConfigError(
        "task.symmetries: the symmetries of a square need a square grid in two dimensions, the data has " +
        shape_text(table.targets));
  std::vector<at::Tensor> targets, statics, parameters;
  for (const GridSymmetry& symmetry : options_.symmetries) {
    targets.push_back(moves ? transformed(table.targets, symmetry, WallPoints::kept) : table.targets);
    statics.push_back(moves ? transformed(table.statics, symmetry, WallPoints::nearest) : table.statics);
    parameters.push_back(table.parameters);
    all_.sample_ids.insert(all_.sample_ids.end(), table.ids.begin(), table.ids.end());
  }
  const Batch conditions = regressor.batch({at::cat(statics), at::cat(parameters)});
  all_.statics = conditions.statics;
  all_.parameters = conditions.parameters;
  all_.mask = conditions.mask;
  all_.inputs = conditions.inputs;
  at::Tensor physical = at::cat(targets).unsqueeze(1);
  if (all_.mask.defined()) physical = physical * all_.mask.unsqueeze(1).unsqueeze(1);
  all_.targets = regressor.base().normaliser().apply(physical);
  shuffle();
}

void FieldSource::shuffle() {
  const std::string epoch = std::to_string(epoch_);
  auto order = RandomStream(options_.seed, "training/shuffle/" + epoch).permutation(samples_);
  RandomStream form(options_.seed, "training/symmetry/" + epoch);
  for (auto& number : order) number += samples_ * static_cast<std::int64_t>(form.below(options_.symmetries.size()));
  order_ = at::tensor(order, at::kLong);
}

std::int64_t FieldSource::batches_per_epoch() const {
  return (samples_ + options_.batch_size - 1) / options_.batch_size;
}

std::optional<Batch> FieldSource::next() {
  if (batch_ == batches_per_epoch()) {
    batch_ = 0;
    ++epoch_;
    shuffle();
    return std::nullopt;
  }
  const std::int64_t begin = batch_ * options_.batch_size, count = std::min(options_.batch_size, samples_ - begin);
  ++batch_;
  const at::Tensor chosen = order_.narrow(0, begin, count);
  Batch batch;
  batch.inputs = all_.inputs.index_select(0, chosen);
  batch.targets = all_.targets.index_select(0, chosen);
  batch.statics = all_.statics.index_select(0, chosen);
  batch.parameters = all_.parameters.index_select(0, chosen);
  if (all_.mask.defined()) batch.mask = all_.mask.index_select(0, chosen);
  for (std::int64_t n = 0; n < count; ++n)
    batch.sample_ids.push_back(all_.sample_ids[static_cast<std::size_t>(chosen[n].item<std::int64_t>())]);
  return batch;
}

std::map<std::string, std::int64_t> FieldSource::cursor() const { return {{"epoch", epoch_}, {"batch", batch_}}; }

void FieldSource::restore(const std::map<std::string, std::int64_t>& cursor) {
  const auto epoch = cursor.find("epoch"), batch = cursor.find("batch");
  if (epoch == cursor.end() || batch == cursor.end() || epoch->second < 0 || batch->second < 0 ||
      batch->second > batches_per_epoch())
    throw DataError("the checkpoint's position in the data does not fit these samples (" +
                    std::to_string(batches_per_epoch()) + " batches an epoch): it belongs to other data");
  epoch_ = epoch->second;
  batch_ = batch->second;
  shuffle();
}

}  // namespace eddyline
