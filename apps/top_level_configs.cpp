#include "apps/top_level_configs.hpp"

#include "core/rollout/simulation.hpp"
#include "core/training/compare.hpp"
#include "core/training/field_fitting.hpp"
#include "core/training/observation_sampling.hpp"
#include "core/training/sweep.hpp"
#include "core/training/training_run.hpp"
#include "datasets/generation/generate.hpp"

namespace eddyline::apps {

std::map<std::string, std::function<std::unique_ptr<Config>()>> top_level_configs() {
  return {{"solve", [] { return std::make_unique<SimulationConfig>(); }},
          {"generate", [] { return std::make_unique<GenerateConfig>(); }},
          {"observe", [] { return std::make_unique<ObserveConfig>(); }},
          {"train_field", [] { return std::make_unique<FieldFittingConfig>(); }},
          {"train", [] { return std::make_unique<TrainConfig>(); }},
          {"sweep", [] { return std::make_unique<SweepConfig>(); }},
          {"compare", [] { return std::make_unique<CompareConfig>(); }}};
}

}  // namespace eddyline::apps
