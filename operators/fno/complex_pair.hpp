#pragma once
// Real layers on complex numbers, as neuraloperator wraps them for `complex_data`.

#include <memory>
#include <string>
#include <vector>

#include "operators/kernels/layers.hpp"

namespace eddyline::fno {

/// One real layer, or two of them (fr, fi) that act on complex numbers as
/// fr(Re) - fi(Im) + i (fr(Im) + fi(Re)), each with its own biases.
template <class Layer>
class PossiblyComplex {
 public:
  /// @param make  gives a fresh layer.
  template <class Make>
  PossiblyComplex(bool is_complex, const Make& make) {
    layers_.push_back(make());
    if (!is_complex) {
      module_ = layers_.front().ptr();
      return;
    }
    layers_.push_back(make());
    module_ = std::make_shared<torch::nn::Module>();
    module_->register_module("fr", layers_[0]);
    module_->register_module("fi", layers_[1]);
  }
  /// What to register under the layer's name.
  [[nodiscard]] const std::shared_ptr<torch::nn::Module>& module() const { return module_; }
  torch::Tensor operator()(const torch::Tensor& x) {
    if (layers_.size() == 1) return layers_[0](x);
    const auto real = torch::real(x).contiguous(), imaginary = torch::imag(x).contiguous();
    return torch::complex(layers_[0](real) - layers_[1](imaginary), layers_[0](imaginary) + layers_[1](real));
  }

 private:
  std::vector<Layer> layers_;
  std::shared_ptr<torch::nn::Module> module_;
};

/// A real function of the real and the imaginary part apart.
template <class Function>
torch::Tensor on_parts(const torch::Tensor& x, const Function& function) {
  if (!x.is_complex()) return function(x);
  return torch::complex(function(torch::real(x).contiguous()), function(torch::imag(x).contiguous()));
}

}  // namespace eddyline::fno
