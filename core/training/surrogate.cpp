#include "core/training/surrogate.hpp"

#include "core/training/neural_stepper.hpp"
#include "core/training/trained_model.hpp"

namespace eddyline {

Surrogate Surrogate::load(const std::filesystem::path& path, const std::string& which) {
  return Surrogate(std::make_shared<const TrainedModel>(load_model(path, which)));
}

const DatasetInfo& Surrogate::data() const { return model_->description.data; }

std::pair<double, double> Surrogate::dt_range() const {
  return {model_->normaliser->dt_low, model_->normaliser->dt_high};
}

std::unique_ptr<const Stepper> Surrogate::stepper(const std::vector<double>& parameters,
                                                  const at::Tensor& statics) const {
  return std::make_unique<NeuralStepper>(model_->forecaster, model_->channels(), Conditioning{statics, parameters});
}

}  // namespace eddyline
