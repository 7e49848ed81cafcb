#include "operators/fno/fno_classic.hpp"

#include <cmath>

#include "core/base/error.hpp"
#include "operators/fno/fno_layers.hpp"

namespace eddyline::fno {
namespace {
constexpr std::int64_t layers = 4, head_width = 128;
}

void ClassicFnoConfig::fields(FieldVisitor& visit) {
  visit("modes", modes, rule::at_least(1), "kept modes along each axis (y, x)");
  visit("width", width, rule::at_least(1), "hidden channels");
  visit("form", form, rule::one_of({"pdebench", "2020", "2023"}),
        "PDEBench's, or the authors' script of 2020 (batch norm, ReLU) or 2023 (instance norm, an MLP a layer)");
}

ClassicFnoImpl::ClassicFnoImpl(const ClassicFnoConfig& config, std::int64_t in, std::int64_t out, int dimension)
    : dimension_(dimension) {
  if (config.modes.size() != static_cast<std::size_t>(dimension))
    throw ConfigError("operator.modes: " + std::to_string(config.modes.size()) + " numbers for " +
                      std::to_string(dimension) + " axes of space");
  fc0_ = register_module("fc0", torch::nn::Linear(in + dimension, config.width));
  const double bound = 1 / std::sqrt(static_cast<double>(config.width));
  std::vector<std::int64_t> shape(static_cast<std::size_t>(dimension) + 2, 1);
  shape[0] = shape[1] = config.width;
  for (std::int64_t k = 0; k < layers; ++k) {
    const std::string number = std::to_string(k);
    convolutions_.push_back(
        register_module("conv" + number, ClassicSpectralConvolution(config.width, config.width, config.modes)));
    auto pointwise = register_module("w" + number, std::make_shared<torch::nn::Module>());
    weights_.push_back(pointwise->register_parameter("weight", torch::empty(shape).uniform_(-bound, bound)));
    biases_.push_back(pointwise->register_parameter("bias", torch::empty({config.width}).uniform_(-bound, bound)));
  }
  fc1_ = register_module("fc1", torch::nn::Linear(config.width, head_width));
  fc2_ = register_module("fc2", torch::nn::Linear(head_width, out));
}

torch::Tensor ClassicFnoImpl::forward(const torch::Tensor& x, const torch::Tensor& grid) {
  auto y = fc0_(torch::cat({x, grid}, -1)).movedim(-1, 1);
  std::vector<std::int64_t> sides;  // last axis first, low and high side
  for (int axis = 0; axis < dimension_; ++axis)
    sides.insert(sides.end(), {0, dimension_ == 3 ? (axis == 0 ? 6 : 0) : 2});
  y = torch::constant_pad_nd(y, sides);
  for (std::size_t k = 0; k < convolutions_.size(); ++k) {
    y = convolutions_[k](y) + pointwise_product(weights_[k], biases_[k], y);
    if (k + 1 < convolutions_.size()) y = torch::gelu(y);
  }
  for (int axis = 0; axis < dimension_; ++axis) y = y.narrow(axis + 2, 0, x.size(axis + 1));
  return fc2_(torch::gelu(fc1_(y.movedim(1, -1))));
}

}  // namespace eddyline::fno
