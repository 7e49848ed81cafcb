#include "core/parallel/device.hpp"

#include <ATen/Context.h>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/base/text.hpp"

namespace eddyline {

void check_device(const std::string& asked) {
  if (asked == "cpu" || asked == "auto") return;
  const bool is_cuda =
      asked == "cuda" || (asked.starts_with("cuda:") && parse_integer(asked.substr(5)).value_or(-1) >= 0);
  if (!is_cuda)
    throw ConfigError("training.device: expected cpu, auto, cuda or cuda:0, got '" + printable(asked) + "'");
  throw ResourceError("asked " + asked + "; " +
                      (at::hasCUDA() ? "this version trains on the CPU only" : "this LibTorch has no CUDA") +
                      "; use device: cpu");
}

}  // namespace eddyline
