// PDEArena's modern U-Net as it is written with a framework's layers: group norm, GELU, convolution, concatenation.

#include "benchmarks/operators/benchmark.hpp"
#include "operators/unet/unet_modern.hpp"

namespace eddyline::benchmarks {
namespace {

unet::UnetConfig size_of_the_work() {
  unet::UnetConfig config;
  config.hidden_channels = 32;
  config.ch_mults = {1, 2, 2};
  config.n_blocks = 2;
  return config;
}

class UnetTextbook final : public TextbookOperator {
 public:
  UnetTextbook(const Operator& ours, const OperatorSpec& spec, const unet::UnetConfig& config)
      : TextbookOperator(ours), spec_(spec), config_(config) {}

  torch::Tensor forward(const Batch& batch) override {
    const auto levels = config_.ch_mults.size();
    auto x = convolved(stacked_channels(batch, spec_), "model.image_proj", 1);
    std::vector<torch::Tensor> skips = {x};
    int place = 0;
    const auto down = [&] { return "model.down." + std::to_string(place++); };
    for (std::size_t level = 0; level < levels; ++level) {
      for (std::int64_t k = 0; k < config_.n_blocks; ++k) skips.push_back(x = block(x, down() + ".res"));
      if (level + 1 < levels) skips.push_back(x = convolved(x, down() + ".conv", 2));
    }
    x = block(block(x, "model.middle.res1"), "model.middle.res2");
    place = 0;
    const auto up = [&] { return "model.up." + std::to_string(place++); };
    for (std::size_t level = levels; level-- > 0;) {
      for (std::int64_t k = 0; k <= config_.n_blocks; ++k) {
        x = block(torch::cat({x, skips.back()}, 1), up() + ".res");
        skips.pop_back();
      }
      if (level == 0) break;
      const std::string name = up() + ".conv";
      x = torch::conv_transpose2d(x, parameter(name + ".weight"), parameter(name + ".bias"), 2, 1);
    }
    x = torch::group_norm(x, 8, parameter("model.norm.weight"), parameter("model.norm.bias"));
    return convolved(torch::gelu(x), "model.final", 1).unflatten(1, {spec_.bundle, spec_.channels});
  }

 private:
  [[nodiscard]] torch::Tensor convolved(const torch::Tensor& x, const std::string& name, std::int64_t stride) const {
    const auto& weight = parameter(name + ".weight");
    return torch::conv2d(x, weight, parameter(name + ".bias"), stride, weight.size(-1) / 2);
  }
  [[nodiscard]] torch::Tensor half(const torch::Tensor& x, const std::string& name, const std::string& number) const {
    const std::string norm = name + ".norm" + number;
    const auto normed = torch::group_norm(x, 1, parameter(norm + ".weight"), parameter(norm + ".bias"));
    return convolved(torch::gelu(normed), name + ".conv" + number, 1);
  }
  [[nodiscard]] torch::Tensor block(const torch::Tensor& x, const std::string& name) const {
    const auto y = half(half(x, name, "1"), name, "2");
    return y + (x.size(1) == y.size(1) ? x : convolved(x, name + ".shortcut", 1));
  }

  OperatorSpec spec_;
  unet::UnetConfig config_;
};

struct Unet2d final : Benchmark {
  explicit Unet2d(const EmptyConfig&) {}
  Comparison make() const override {
    const std::vector<std::int64_t> cells = {64, 64};
    const OperatorSpec spec = plain_spec(4, 1, cells);
    const auto config = size_of_the_work();
    Comparison comparison;
    comparison.ours = OperatorRegistry::instance().create("unet", config, spec);
    comparison.textbook = std::make_shared<UnetTextbook>(*comparison.ours, spec, config);
    comparison.batch = random_batch(8, 4, 1, cells);
    return comparison;
  }
};

const BenchmarkRegistration<Unet2d> unet_2d{"unet_2d",
                                            "modern form, batch 8, 64 x 64, widths 32, 64, 128, two blocks a level"};

}  // namespace
}  // namespace eddyline::benchmarks
