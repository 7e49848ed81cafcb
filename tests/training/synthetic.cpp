#include "tests/training/synthetic.hpp"

#include <unistd.h>

#include <cmath>
#include <numbers>

#include "core/io/atomic_file.hpp"
#include "core/training/training_run.hpp"

namespace eddyline::test {

SineDataset::SineDataset(const SineOptions& options, const std::string& split) : options_(options), split_(split) {
  const auto axes = static_cast<std::size_t>(options.dimension);
  info_.name = "sine";
  info_.grid = std::make_shared<Grid>(Grid::uniform(std::vector<double>(axes, 0), std::vector<double>(axes, 1),
                                                    std::vector<std::int64_t>(axes, options.cells)));
  info_.channels = {{"u", "m/s", ChannelKind::scalar}, {"w", "K", ChannelKind::scalar}};
  info_.parameters = {{"speed", "m/s"}};
  if (options.mask) info_.static_channels = {{"mask", "1", ChannelKind::scalar}};
}

TrajectoryInfo SineDataset::trajectory(std::int64_t index) const {
  TrajectoryInfo result;
  result.id = split_ + "/" + std::to_string(index);
  for (std::int64_t k = 0; k < options_.frames; ++k) result.times.push_back(options_.dt * static_cast<double>(k));
  const double offset = split_ == "train" ? 0 : 0.05;
  result.parameters = {1.0 + 0.1 * static_cast<double>(index) + offset};
  return result;
}

at::Tensor SineDataset::frames(std::int64_t index, std::int64_t first, std::int64_t count) const {
  const TrajectoryInfo info = trajectory(index);
  const at::Tensor x = (at::arange(options_.cells, at::kDouble) + 0.5) / static_cast<double>(options_.cells);
  const double phase = 0.7 * static_cast<double>(index) + (split_ == "train" ? 0 : 0.3);
  std::vector<at::Tensor> frames;
  for (std::int64_t k = first; k < first + count; ++k) {
    const double shift = info.parameters[0] * info.times.at(static_cast<std::size_t>(k));
    at::Tensor u = at::sin(2 * std::numbers::pi * (x - shift) + phase);
    if (options_.dimension == 2) u = u.unsqueeze(0).expand({options_.cells, options_.cells});
    frames.push_back(at::stack({u, 3 + 10 * u}));
  }
  return at::stack(frames).to(at::kFloat);
}

at::Tensor SineDataset::statics(std::int64_t) const {
  auto shape = info_.grid->cell_shape();
  if (!options_.mask) {
    shape.insert(shape.begin(), 0);
    return at::empty(shape, at::kFloat);
  }
  at::Tensor mask = at::ones(shape, at::kFloat);
  mask.narrow(-1, 4, 3).zero_();
  return mask.unsqueeze(0);
}

std::shared_ptr<const Case> SineDataset::problem(std::int64_t index) const {
  if (!options_.has_case) return nullptr;
  CaseConfig config;
  config.name = "sine " + std::to_string(index);
  config.length_unit = config.time_unit = "1";
  config.parameters = {{"viscosity", 0.1}};
  config.grid.resize(2);
  for (auto& axis : config.grid) axis.cells = 2 * options_.cells;  // as of a solver whose results were averaged
  for (const char* side : {"x_low", "x_high", "y_low", "y_high"}) config.boundaries[side].type = "periodic";
  return std::make_shared<Case>(config);
}

void TinyConfig::fields(FieldVisitor& visit) { visit("width", width, rule::positive(), "hidden channels"); }

namespace {

class TinyConvolution final : public Operator {
 public:
  TinyConvolution(const TinyConfig& config, const OperatorSpec& spec) : spec_(spec) {
    const std::int64_t in = stacked_channel_count(spec), out = spec.bundle * spec.channels;
    if (spec.dimension == 1) {
      first_ = register_module(
          "first", std::make_shared<torch::nn::Conv1dImpl>(
                       torch::nn::Conv1dOptions(in, config.width, 5).padding(2).padding_mode(torch::kCircular)));
      last_ = register_module("last",
                              std::make_shared<torch::nn::Conv1dImpl>(torch::nn::Conv1dOptions(config.width, out, 1)));
    } else {
      first2_ = register_module(
          "first", std::make_shared<torch::nn::Conv2dImpl>(
                       torch::nn::Conv2dOptions(in, config.width, 5).padding(2).padding_mode(torch::kCircular)));
      last2_ = register_module("last",
                               std::make_shared<torch::nn::Conv2dImpl>(torch::nn::Conv2dOptions(config.width, out, 1)));
    }
    spectral_ = register_parameter("spectral", torch::full({1}, c10::complex<float>(1, 0.1F), torch::kComplexFloat));
  }
  torch::Tensor forward(const Batch& batch) override {
    const torch::Tensor x = stacked_channels(batch, spec_);
    torch::Tensor y = spec_.dimension == 1 ? last_->forward(torch::gelu(first_->forward(x)))
                                           : last2_->forward(torch::gelu(first2_->forward(x)));
    y = torch::real(spectral_ * y);
    auto shape = batch.inputs.sizes().vec();
    shape[1] = spec_.bundle;
    return y.reshape(shape);
  }

 private:
  OperatorSpec spec_;
  std::shared_ptr<torch::nn::Conv1dImpl> first_, last_;
  std::shared_ptr<torch::nn::Conv2dImpl> first2_, last2_;
  torch::Tensor spectral_;
};

class SineFormat final : public DatasetFormat {
 public:
  explicit SineFormat(const EmptyConfig&) {}
  [[nodiscard]] bool recognises(const std::string& path) const override { return path.ends_with(".sine"); }
  [[nodiscard]] std::shared_ptr<const Dataset> open(const std::string& path, const std::string& split) const override {
    SineOptions options;
    if (read_file(path) == "2")
      options = {.trajectories = 2, .frames = 8, .cells = 16, .dimension = 2, .has_case = true};
    return std::make_shared<SineDataset>(options, split);
  }
};

const DatasetRegistry::Registration<SineFormat, EmptyConfig> sine_format{"sine", "for tests"};
const OperatorRegistry::Registration<TinyConvolution, TinyConfig> tiny{"tiny_convolution", "for tests"};

}  // namespace

std::filesystem::path sine_file(const std::filesystem::path& folder, int dimension) {
  const auto path = folder / "data.sine";
  write_atomically(path, std::to_string(dimension));
  return path;
}

std::filesystem::path fresh_folder(const std::string& name) {
  struct Root {
    std::filesystem::path path = std::filesystem::temp_directory_path() / ("eddyline-" + std::to_string(::getpid()));
    ~Root() {
      std::error_code ignored;  // a leftover in the temporary folder fails no test
      std::filesystem::remove_all(path, ignored);
    }
  };
  static const Root root;
  const auto folder = root.path / name;
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder;
}

TaskContext context_of(const std::shared_ptr<const Dataset>& train, const std::shared_ptr<const Dataset>& valid,
                       const TaskConfig& task, std::uint64_t seed, std::int64_t batch_size) {
  torch::manual_seed(seed);
  const OperatorSpec spec = operator_spec(train->info(), task);
  const auto normaliser = std::make_shared<Normaliser>(fit_normaliser(*train, spec.forecasts() ? spec.bundle : 0));
  const NormalisedOperator trained(OperatorRegistry::instance().create("tiny_convolution", TinyConfig{}, spec), spec,
                                   normaliser, mask_channel(train->info()));
  return {train, valid, trained, {.batch_size = batch_size, .seed = seed}};
}

}  // namespace eddyline::test
