#include "core/training/field_table.hpp"

#include <ATen/ATen.h>

#include <algorithm>

#include "core/base/error.hpp"
#include "core/base/signals.hpp"

namespace eddyline {

RegressionInputs FieldTable::inputs(std::int64_t first, std::int64_t count) const {
  return {statics.narrow(0, first, count), parameters.narrow(0, first, count)};
}

FieldTable field_table(const Dataset& dataset, std::int64_t count) {
  const DatasetInfo& info = dataset.info();
  if (count == 0 || count > dataset.size()) count = dataset.size();
  if (count == 0) throw DataError("the split of '" + info.name + "' is empty");
  FieldTable table;
  std::vector<at::Tensor> targets, statics;
  std::vector<double> parameters;
  for (std::int64_t index = 0; index < count; ++index) {
    const TrajectoryInfo trajectory = dataset.trajectory(index);
    if (trajectory.frames() != 1)
      throw DataError("trajectory " + trajectory.id + " of '" + info.name + "' has " +
                      std::to_string(trajectory.frames()) +
                      " frames; the task field_regression learns one field a sample: use next_step");
    targets.push_back(dataset.frames(index, 0, 1)[0]);
    statics.push_back(dataset.statics(index));
    parameters.insert(parameters.end(), trajectory.parameters.begin(), trajectory.parameters.end());
    table.ids.push_back(trajectory.id);
  }
  table.targets = at::stack(targets);
  table.statics = at::stack(statics);
  table.parameters =
      at::tensor(parameters, at::kDouble).reshape({count, static_cast<std::int64_t>(info.parameters.size())});
  return table;
}

at::Tensor predictions(const Regressor& regressor, const FieldTable& table, std::int64_t batch_size) {
  std::vector<at::Tensor> parts;
  for (std::int64_t first = 0; first < table.size(); first += batch_size) {
    stop_if_interrupted();
    parts.push_back(regressor.predict(table.inputs(first, std::min(batch_size, table.size() - first))));
  }
  return at::cat(parts);
}

}  // namespace eddyline
