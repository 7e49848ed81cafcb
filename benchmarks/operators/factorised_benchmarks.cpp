// FactFormer and IFactFormer as their authors write them: every product over all points, einsum along each axis.

#include <cmath>
#include <numbers>

#include "benchmarks/operators/benchmark.hpp"
#include "core/config/config_reader.hpp"

namespace eddyline::benchmarks {
namespace {

/// What the two share, in two dimensions.
struct Widths {
  std::int64_t heads, head_width, kernel_multiplier;
};

class FactorisedTextbook : public TextbookOperator {
 public:
  FactorisedTextbook(const Operator& ours, const OperatorSpec& spec, const Widths& widths)
      : TextbookOperator(ours), spec_(spec), widths_(widths) {}

 protected:
  [[nodiscard]] torch::Tensor linear(const torch::Tensor& x, const std::string& name, bool has_bias = true) const {
    return torch::nn::functional::linear(x, parameter(name + ".weight"),
                                         has_bias ? parameter(name + ".bias") : torch::Tensor());
  }
  [[nodiscard]] torch::Tensor layer_norm(const torch::Tensor& x, const std::string& name) const {
    return torch::layer_norm(x, {x.size(-1)}, parameter(name + ".weight"), parameter(name + ".bias"));
  }
  [[nodiscard]] torch::Tensor conv1d(const torch::Tensor& x, const std::string& name, bool has_bias,
                                     std::int64_t groups = 1) const {
    return torch::conv1d(x, parameter(name + ".weight"), has_bias ? parameter(name + ".bias") : torch::Tensor(),
                         at::IntArrayRef{1}, at::IntArrayRef{0}, at::IntArrayRef{1}, groups);
  }

  /// Channels last, the frames merged.
  [[nodiscard]] torch::Tensor channels_last(const Batch& batch) const {
    return stacked_channels(batch, spec_).permute({0, 2, 3, 1});
  }
  [[nodiscard]] static std::vector<torch::Tensor> positions(const torch::Tensor& u) {
    const auto longest = static_cast<double>(std::max(u.size(1), u.size(2)) - 1);
    return {torch::arange(u.size(1), u.options()) / longest, torch::arange(u.size(2), u.options()) / longest};
  }

  /// The position term of a layer at every point.
  [[nodiscard]] torch::Tensor embedded_positions(const std::vector<torch::Tensor>& lines,
                                                 const std::string& name) const {
    const auto points = torch::stack(torch::meshgrid(lines, "ij"), -1);
    const auto phases = torch::matmul(points.flatten(0, 1), parameter(name + ".0._B")) * (2 * std::numbers::pi);
    const auto features = torch::cat({phases.sin(), phases.cos()}, -1).unflatten(0, {points.size(0), points.size(1)});
    return linear(features, name + ".1").unsqueeze(0);
  }

  /// The kernel [B, h, n, n] of the axis that stands first.
  [[nodiscard]] torch::Tensor kernel(const torch::Tensor& u, const torch::Tensor& line, const std::string& pooled,
                                     const std::string& name) const {
    auto x = linear(u, pooled + ".to_in", false).mean(2);
    x = linear(layer_norm(x, pooled + ".out_ffn.norm"), pooled + ".out_ffn.fn.net.0");
    const auto halves = x.chunk(2, -1);
    x = linear(torch::gelu(halves[0]) * halves[1], pooled + ".out_ffn.fn.net.3");
    const auto phases = torch::einsum("i,j->ij", {line * 64, parameter(name + ".pos_emb.inv_freq")});
    const auto frequencies = torch::cat({phases, phases}, -1);
    const auto rotated = [&](const std::string& projection) {
      const auto t = linear(x, name + projection, false).unflatten(-1, {widths_.heads, -1}).permute({0, 2, 1, 3});
      const auto parts = t.chunk(2, -1);
      return t * frequencies.cos() + torch::cat({-parts[1], parts[0]}, -1) * frequencies.sin();
    };
    return torch::einsum("bhid,bhjd->bhij", {rotated(".to_q"), rotated(".to_k")});
  }

  /// The values [B, h, x, y, c] and the kernels of a block.
  [[nodiscard]] std::vector<torch::Tensor> values_and_kernels(const torch::Tensor& u,
                                                              const std::vector<torch::Tensor>& lines,
                                                              const std::string& name) const {
    const auto normed = layer_norm(u, name + ".in_norm");
    const auto v = linear(normed, name + ".to_v", false).unflatten(-1, {widths_.heads, -1}).permute({0, 3, 1, 2, 4});
    const auto inner = linear(normed, name + ".to_in", false);
    return {v, kernel(inner, lines[0], name + ".to_x.0", name + ".low_rank_kernel_x"),
            kernel(inner.transpose(1, 2), lines[1], name + ".to_y.1", name + ".low_rank_kernel_y")};
  }

  OperatorSpec spec_;
  Widths widths_;
};

constexpr Widths factformer_widths{4, 32, 2}, ifactformer_widths{4, 32, 3};
constexpr std::int64_t depth = 2, repeats = 5, latent_multiplier = 2;

class FactFormerTextbook final : public FactorisedTextbook {
 public:
  using FactorisedTextbook::FactorisedTextbook;
  torch::Tensor forward(const Batch& batch) override {
    auto u = linear(channels_last(batch), "model.to_in");
    const auto rows = u.size(1), columns = u.size(2);
    const auto lines = positions(u);
    for (std::int64_t layer = 0; layer < depth; ++layer) {
      const std::string name = "model.encoder.layers." + std::to_string(layer);
      u = u + embedded_positions(lines, name + ".0");
      u = block(u, lines, name + ".1") + u;
    }
    u = linear(u, "model.expand_latent", false);
    std::vector<torch::Tensor> frames;
    for (std::int64_t step = 0; step < spec_.bundle; ++step) {
      u = u + parameter("model.latent_time_emb").select(1, step);
      const auto hidden = linear(layer_norm(u, "model.propagator.norm"), "model.propagator.fn.net.0");
      u = linear(torch::gelu(hidden), "model.propagator.fn.net.3") + u;
      frames.push_back(u);
    }
    auto y = torch::cat(frames, 0).flatten(1, 2).transpose(1, 2);
    y = torch::group_norm(y, 8 * latent_multiplier, parameter("model.simple_to_out.1.weight"),
                          parameter("model.simple_to_out.1.bias"));
    y = torch::gelu(conv1d(y, "model.simple_to_out.2", false, 8));
    y = conv1d(torch::gelu(conv1d(y, "model.simple_to_out.4", false)), "model.simple_to_out.6", true);
    return y.view({spec_.bundle, -1, spec_.channels, rows, columns}).transpose(0, 1);
  }

 private:
  [[nodiscard]] torch::Tensor block(const torch::Tensor& u, const std::vector<torch::Tensor>& lines,
                                    const std::string& name) const {
    const auto parts = values_and_kernels(u, lines, name);
    auto v = torch::einsum("bhij,bhjmc->bhimc", {parts[1], parts[0]});
    v = torch::einsum("bhlm,bhimc->bhilc", {parts[2], v});
    const auto flat = v.flatten(2);
    v = ((flat - flat.mean(-1, true)) / (flat.var(-1, true, true) + 1e-8).sqrt()).view(v.sizes());
    v = v.permute({0, 2, 3, 1, 4}).flatten(3);
    return linear(torch::gelu(linear(v, name + ".to_out.1", false)), name + ".to_out.3", false);
  }
};

class IFactFormerTextbook final : public FactorisedTextbook {
 public:
  using FactorisedTextbook::FactorisedTextbook;
  torch::Tensor forward(const Batch& batch) override {
    auto u = linear(channels_last(batch), "model.to_in");
    const auto rows = u.size(1), columns = u.size(2);
    const auto lines = positions(u);
    const std::string name = "model.encoder.layers.0";
    u = u + embedded_positions(lines, name + ".0");
    for (std::int64_t k = 0; k < repeats; ++k) u = u + block(u, lines, name + ".1") / static_cast<double>(repeats);
    auto y = conv1d(u.flatten(1, 2).transpose(1, 2), "model.simple_to_out.1", false);
    y = conv1d(torch::gelu(y), "model.simple_to_out.3", true);
    return y.unflatten(2, {rows, columns}).unflatten(1, {spec_.bundle, spec_.channels});
  }

 private:
  [[nodiscard]] torch::Tensor block(const torch::Tensor& u, const std::vector<torch::Tensor>& lines,
                                    const std::string& name) const {
    const auto parts = values_and_kernels(u, lines, name);
    auto v = torch::cat({torch::einsum("bhij,bhjmc->bhimc", {parts[1], parts[0]}),
                         torch::einsum("bhlm,bhimc->bhilc", {parts[2], parts[0]})},
                        4);
    v = v.permute({0, 1, 4, 2, 3}).flatten(1, 2);
    v = torch::instance_norm(v, {}, {}, {}, {}, true, 0.1, 1e-5, false).permute({0, 2, 3, 1});
    return linear(torch::gelu(linear(v, name + ".to_out.2", false)), name + ".to_out.4", false);
  }
};

template <class Textbook>
Comparison compared(const std::string& name, const std::string& settings, const Widths& widths) {
  const std::vector<std::int64_t> cells = {64, 64};
  const OperatorSpec spec = plain_spec(4, 2, cells);
  const auto config = OperatorRegistry::instance().make_config(name);
  const auto setting = [](const char* key, std::int64_t value) {
    return std::string(key) + ": " + std::to_string(value) + "\n";
  };
  read_config_text(settings + "width: 64\n" + setting("heads", widths.heads) +
                       setting("head_width", widths.head_width) +
                       setting("kernel_multiplier", widths.kernel_multiplier),
                   "benchmark", *config);
  Comparison comparison;
  comparison.ours = OperatorRegistry::instance().create(name, *config, spec);
  {
    // Queries and keys start so small that the epsilon of the norm would hide the attention.
    const torch::NoGradGuard no_gradient;
    for (const auto& entry : comparison.ours->named_parameters())
      if (entry.key().find("to_q") != std::string::npos || entry.key().find("to_k") != std::string::npos)
        entry.value().mul_(50);
  }
  comparison.textbook = std::make_shared<Textbook>(*comparison.ours, spec, widths);
  comparison.batch = random_batch(4, 4, 2, cells);
  return comparison;
}

struct FactFormer2d final : Benchmark {
  explicit FactFormer2d(const EmptyConfig&) {}
  Comparison make() const override {
    return compared<FactFormerTextbook>(
        "factformer",
        "depth: " + std::to_string(depth) + "\nlatent_multiplier: " + std::to_string(latent_multiplier) + "\n",
        factformer_widths);
  }
};
struct IFactFormer2d final : Benchmark {
  explicit IFactFormer2d(const EmptyConfig&) {}
  Comparison make() const override {
    return compared<IFactFormerTextbook>("ifactformer", "repeats: " + std::to_string(repeats) + "\n",
                                         ifactformer_widths);
  }
};

const BenchmarkRegistration<FactFormer2d> factformer_2d{
    "factformer_2d", "batch 4, 64 x 64, width 64, 4 heads of 32, 2 layers, 2 latent steps"};
const BenchmarkRegistration<IFactFormer2d> ifactformer_2d{
    "ifactformer_2d", "parallel form, batch 4, 64 x 64, width 64, 4 heads of 32, one block 5 times"};

}  // namespace
}  // namespace eddyline::benchmarks
