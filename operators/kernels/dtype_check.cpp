#include "operators/kernels/dtype_check.hpp"

#include <sstream>

#include "core/base/error.hpp"

namespace eddyline {

DtypeCheck::DtypeCheck(const torch::nn::Module& model) : weight_(model.parameters().front()) {}

void DtypeCheck::operator()(const torch::Tensor& inputs) const {
  if (inputs.scalar_type() == weight_.scalar_type()) return;
  std::ostringstream text;
  text << "the operator's weights are " << c10::toString(weight_.scalar_type()) << ", its inputs "
       << c10::toString(inputs.scalar_type()) << " " << inputs.sizes() << "; bring one to the type of the other";
  throw ShapeError(text.str());
}

}  // namespace eddyline
