#pragma once
// A trained operator for programs that embed the library: a checkpoint in, a Stepper out. No header of LibTorch but the
// tensor's is needed.

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/rollout/stepper.hpp"
#include "core/training/dataset.hpp"

namespace eddyline {

struct TrainedModel;

class Surrogate {
 public:
  /// @param path  a run directory or a checkpoint. @param which  "best" or "last".
  /// @throws IoError when there is no checkpoint; DataError when it is damaged; ConfigError when this program has no
  /// such operator.
  [[nodiscard]] static Surrogate load(const std::filesystem::path& path, const std::string& which = "best");

  /// What it was trained on: grid, channels, static channels, parameters, units.
  [[nodiscard]] const DatasetInfo& data() const;
  /// The trained range of the time between frames; `advance` refuses any other.
  [[nodiscard]] std::pair<double, double> dt_range() const;

  /// Carries states forward; shares the weights with the surrogate.
  /// @param parameters  physical, in the order of `data().parameters`.
  /// @param statics  [S, ...] in the order of `data().static_channels`; undefined when there are none.
  /// @throws ShapeError when they do not fit.
  [[nodiscard]] std::unique_ptr<const Stepper> stepper(const std::vector<double>& parameters,
                                                       const at::Tensor& statics = {}) const;

 private:
  explicit Surrogate(std::shared_ptr<const TrainedModel> model) : model_(std::move(model)) {}
  std::shared_ptr<const TrainedModel> model_;
};

}  // namespace eddyline
