#include "core/training/field_regression_task.hpp"

#include <algorithm>

#include "core/base/error.hpp"
#include "core/training/field_error.hpp"
#include "core/training/field_source.hpp"
#include "core/training/neural_stepper.hpp"
#include "core/training/relative_norm.hpp"

namespace eddyline {
namespace {

/// All combinations of the named symmetries, the identity first.
std::vector<GridSymmetry> combinations(const std::vector<std::string>& names) {
  std::vector<GridSymmetry> result = {{}};
  const auto doubled = [&](bool GridSymmetry::*member) {
    const std::size_t count = result.size();
    for (std::size_t n = 0; n < count; ++n) {
      result.push_back(result[n]);
      result.back().*member = true;
    }
  };
  const auto named = [&](const char* name) { return std::find(names.begin(), names.end(), name) != names.end(); };
  if (named("reflect")) {
    doubled(&GridSymmetry::reflect_x);
    doubled(&GridSymmetry::reflect_y);
  }
  if (named("transpose")) doubled(&GridSymmetry::transpose);
  return result;
}

}  // namespace

void FieldRegressionConfig::fields(FieldVisitor& visit) {
  visit(
      "loss", loss, rule::one_of({"relative_l2", "h1", "mse"}),
      "relative_l2: ||error|| / ||target|| of a sample; h1: the same with first derivatives; mse: mean square; all on "
      "normalised fields");
  visit("wall_exponent", wall_exponent, rule::between(0, 4),
        "above 0: the field is multiplied by (4 s (1 - s))^exponent along each axis, s = k / N, so that it vanishes on "
        "the walls of the unit box; 0: free");
  visit("symmetries", symmetries, rule::one_of({"transpose", "reflect"}),
        "forms in which a sample is shown, on a square whose points lie at k / N and whose walls are at 0 and 1: "
        "transpose, reflect (both axes)");
}

FieldRegressionTask::FieldRegressionTask(const FieldRegressionConfig& config, const TaskContext& context)
    : config_(config),
      context_(context),
      regressor_(context.trained),
      train_(field_table(*context.train)),
      valid_(field_table(*context.valid)) {
  const DatasetInfo& info = context.train->info();
  const bool solids = mask_channel(info) >= 0;
  if (config.loss == "h1" && solids)
    throw ConfigError("task.loss: h1 takes differences across all cells, '" + info.name +
                      "' has solids; use relative_l2");
  if (config.loss == "h1" || (!solids && info.grid->is_uniform())) spacing_ = uniform_spacing(*info.grid);
  for (const Channel& channel : info.channels)
    if (!config.symmetries.empty() && channel.kind != ChannelKind::scalar && channel.kind != ChannelKind::density)
      throw ConfigError("task.symmetries: '" + channel.name + "' is a vector component; only scalars can be turned");
}

std::unique_ptr<SampleSource> FieldRegressionTask::source() const {
  return std::make_unique<FieldSource>(train_, regressor_,
                                       FieldSourceOptions{context_.epochs, combinations(config_.symmetries)});
}

torch::Tensor FieldRegressionTask::loss(const Batch& batch, std::int64_t) {
  torch::Tensor predicted = regressor_.fields(batch).select(1, 0), target = batch.targets.select(1, 0);
  if (config_.loss == "h1") return relative_h1(predicted, target, *spacing_).mean();
  torch::Tensor counted = torch::ones({}, target.options());
  if (batch.mask.defined()) {
    const torch::Tensor mask = batch.mask.unsqueeze(1);
    predicted = predicted * mask;
    target = target * mask;
    counted = mask.mean();
  }
  if (config_.loss == "mse") return (predicted - target).square().mean() / counted;
  return relative_l2(predicted, target).mean();
}

std::map<std::string, double> FieldRegressionTask::validate() {
  const at::Tensor predicted = predictions(regressor_, valid_, context_.epochs.batch_size);
  const at::Tensor mean = context_.trained.normaliser().mean_field.to(at::kFloat).expand_as(valid_.targets);
  std::map<std::string, double> metrics = {{"selection", mean_or_infinity(relative_l2(predicted, valid_.targets))},
                                           {"mean_field", mean_or_infinity(relative_l2(mean, valid_.targets))}};
  if (spacing_) metrics["h1"] = mean_or_infinity(relative_h1(predicted, valid_.targets, *spacing_));
  return metrics;
}

void FieldRegressionTask::predict(std::span<const State> past, std::int64_t steps,
                                  const std::vector<std::shared_ptr<Sink>>& sinks) {
  if (past.empty() || steps != 1)
    throw ConfigError("a field is predicted from one state that carries its conditioning, in one step");
  const State& given = past.back();
  const Conditioning conditioning = conditioning_of(given);
  if (!conditioning.statics.defined()) throw ConfigError("the state carries no static channels to predict from");
  const at::Tensor parameters = at::tensor(conditioning.parameters, at::kDouble).unsqueeze(0);
  const at::Tensor field = regressor_.predict({conditioning.statics.unsqueeze(0), parameters})[0];
  const State state = cell_state(given.problem, given.time, channel_names(context_.train->info().channels), field);
  for (const auto& sink : sinks) sink->write({&state, 0});
}

const TaskRegistry::Registration<FieldRegressionTask, FieldRegressionConfig> field_regression{
    "field_regression", "the field that belongs to static channels and parameters"};

}  // namespace eddyline
