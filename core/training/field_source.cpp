#include "core/training/field_source.hpp"

#include <ATen/ATen.h>

#include "core/base/error.hpp"
#include "core/base/random.hpp"

namespace eddyline {

FieldSource::FieldSource(const FieldTable& table, const Regressor& regressor, FieldSourceOptions options)
    : options_(std::move(options)), order_(table.size(), options_.epochs) {
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
  choose_forms();
}

void FieldSource::choose_forms() {
  RandomStream random(options_.epochs.seed, "training/symmetry/" + std::to_string(order_.epoch()));
  forms_.resize(static_cast<std::size_t>(order_.samples()));
  for (auto& form : forms_) form = static_cast<std::int64_t>(random.below(options_.symmetries.size()));
}

std::int64_t FieldSource::batches_per_epoch() const { return order_.batches_per_epoch(); }

std::optional<Batch> FieldSource::next() {
  const auto numbers = order_.next();
  if (numbers.empty()) {
    choose_forms();
    return std::nullopt;
  }
  Batch batch;
  std::vector<std::int64_t> entries;
  for (const std::int64_t number : numbers) {
    entries.push_back(number + order_.samples() * forms_[static_cast<std::size_t>(number)]);
    batch.sample_ids.push_back(all_.sample_ids[static_cast<std::size_t>(entries.back())]);
  }
  const at::Tensor chosen = at::tensor(entries, at::kLong);
  batch.inputs = all_.inputs.index_select(0, chosen);
  batch.targets = all_.targets.index_select(0, chosen);
  batch.statics = all_.statics.index_select(0, chosen);
  batch.parameters = all_.parameters.index_select(0, chosen);
  if (all_.mask.defined()) batch.mask = all_.mask.index_select(0, chosen);
  return batch;
}

std::map<std::string, std::int64_t> FieldSource::cursor() const { return order_.cursor(); }

void FieldSource::restore(const std::map<std::string, std::int64_t>& cursor) {
  order_.restore(cursor, "these samples");
  choose_forms();
}

}  // namespace eddyline
