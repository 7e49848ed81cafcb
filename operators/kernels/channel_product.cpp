#include "operators/kernels/channel_product.hpp"

#include <ATen/Parallel.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "operators/kernels/small_product.hpp"

namespace eddyline {
namespace {

/// Points of one tile: with 64 channels it just fills the first-level cache.
constexpr std::int64_t tile_points = 128;

/// The tiles of all samples: `count` pieces of at most `points` points.
struct Tiles {
  std::int64_t points, per_sample, count, whole;
  Tiles(std::int64_t batch, std::int64_t size)
      : points(size <= 2 * tile_points ? size : tile_points),
        per_sample((size + points - 1) / points),
        count(batch * per_sample),
        whole(size) {}
  [[nodiscard]] std::int64_t sample(std::int64_t tile) const { return tile / per_sample; }
  [[nodiscard]] std::int64_t start(std::int64_t tile) const { return tile % per_sample * points; }
  [[nodiscard]] std::int64_t length(std::int64_t tile) const { return std::min(points, whole - start(tile)); }
};

/// A product for whole tiles and one for the last, shorter tile of a sample.
template <class Real>
class TileProducts {
 public:
  template <class MakeShape>
  TileProducts(const Tiles& tiles, const MakeShape& shape)
      : whole_length_(tiles.points), whole_(shape(tiles.points)), rest_(shape(tiles.length(tiles.per_sample - 1))) {}
  [[nodiscard]] explicit operator bool() const { return whole_ && rest_; }
  [[nodiscard]] const SmallProduct<Real>& of(std::int64_t length) const {
    return length == whole_length_ ? whole_ : rest_;
  }

 private:
  std::int64_t whole_length_;
  SmallProduct<Real> whole_, rest_;
};

/// Rows [channels, length] of a sample, side by side: rows at a distance of a power of two would fall into the same few
/// lines of the cache.
template <class Real>
const Real* packed(const Real* rows, std::int64_t stride, std::int64_t channels, std::int64_t length, Real* buffer) {
  if (stride == length) return rows;
  for (std::int64_t c = 0; c < channels; ++c) std::copy_n(rows + c * stride, length, buffer + c * length);
  return buffer;
}

/// out [B, rows, N] = matrix [rows, columns] x [B, columns, N] (+ bias [rows]); false when the kernel cannot be made.
template <class Real>
bool multiply(const Real* matrix, const Real* bias, const Real* x, Real* out, std::int64_t batch, std::int64_t rows,
              std::int64_t columns, std::int64_t size) {
  const Tiles tiles(batch, size);
  const TileProducts<Real> products(tiles, [&](std::int64_t length) {
    return typename SmallProduct<Real>::Shape{length, rows, columns, length, columns, size, bias != nullptr};
  });
  if (!products) return false;
  at::parallel_for(0, tiles.count, 1, [&](std::int64_t first, std::int64_t last) {
    std::vector<Real> buffer(static_cast<std::size_t>(columns * tiles.points));
    for (std::int64_t tile = first; tile < last; ++tile) {
      const auto length = tiles.length(tile);
      const Real* in = x + tiles.sample(tile) * columns * size + tiles.start(tile);
      Real* result = out + tiles.sample(tile) * rows * size + tiles.start(tile);
      if (bias != nullptr)
        for (std::int64_t r = 0; r < rows; ++r) std::fill_n(result + r * size, length, bias[r]);
      products.of(length)(packed(in, size, columns, length, buffer.data()), matrix, result);
    }
  });
  return true;
}

/// sum [rows, columns] = sum over samples and points of y [B, rows, N] x [B, columns, N]; false as above. Threads take
/// fixed ranges of tiles and are summed in order: the same bits for the same number of threads.
template <class Real>
bool accumulate(const Real* y, const Real* x, Real* sum, std::int64_t batch, std::int64_t rows, std::int64_t columns,
                std::int64_t size) {
  const Tiles tiles(batch, size);
  const TileProducts<Real> products(tiles, [&](std::int64_t length) {
    return typename SmallProduct<Real>::Shape{columns, rows, length, columns, length, columns, true};
  });
  if (!products) return false;
  const auto parts = std::min<std::int64_t>(at::get_num_threads(), tiles.count), entries = rows * columns;
  std::vector<Real> sums(static_cast<std::size_t>(parts * entries), Real(0));
  at::parallel_for(0, parts, 1, [&](std::int64_t first, std::int64_t last) {
    std::vector<Real> left(static_cast<std::size_t>(rows * tiles.points)),
        right(static_cast<std::size_t>(columns * tiles.points)), turned(right.size());
    for (std::int64_t part = first; part < last; ++part)
      for (std::int64_t tile = part * tiles.count / parts; tile < (part + 1) * tiles.count / parts; ++tile) {
        const auto length = tiles.length(tile), sample = tiles.sample(tile), start = tiles.start(tile);
        const Real* a = packed(x + sample * columns * size + start, size, columns, length, right.data());
        transpose(a, turned.data(), columns, length);
        products.of(length)(turned.data(), packed(y + sample * rows * size + start, size, rows, length, left.data()),
                            sums.data() + part * entries);
      }
  });
  std::fill_n(sum, entries, Real(0));
  for (std::int64_t part = 0; part < parts; ++part)
    for (std::int64_t k = 0; k < entries; ++k) sum[k] += sums[static_cast<std::size_t>(part * entries + k)];
  return true;
}

/// Calls `work` with a null pointer of the tensor's type; false for types that have no kernel.
template <class Work>
bool by_type(const torch::Tensor& x, const Work& work) {
  if (x.scalar_type() == torch::kFloat) return work(static_cast<float*>(nullptr));
  return x.scalar_type() == torch::kDouble && work(static_cast<double*>(nullptr));
}

torch::Tensor product(const torch::Tensor& matrix, const torch::Tensor& bias, const torch::Tensor& x) {
  auto out = torch::empty({x.size(0), matrix.size(0), x.size(2)}, x.options());
  const bool done = by_type(x, [&]<class Real>(Real*) {
    return multiply<Real>(matrix.const_data_ptr<Real>(), bias.defined() ? bias.const_data_ptr<Real>() : nullptr,
                          x.const_data_ptr<Real>(), out.template mutable_data_ptr<Real>(), x.size(0), matrix.size(0),
                          matrix.size(1), x.size(2));
  });
  return done ? out : plain_channel_product(matrix, bias, x);
}

/// Gradient of the weights; what is recorded (where the gradient itself is differentiated) goes the plain way.
torch::Tensor weight_gradient(const torch::Tensor& y, const torch::Tensor& x) {
  if (!torch::GradMode::is_enabled()) {
    auto sum = torch::empty({y.size(1), x.size(1)}, x.options());
    const bool done = by_type(x, [&]<class Real>(Real*) {
      return accumulate<Real>(y.const_data_ptr<Real>(), x.const_data_ptr<Real>(), sum.template mutable_data_ptr<Real>(),
                              x.size(0), y.size(1), x.size(1), x.size(2));
    });
    if (done) return sum;
  }
  return torch::bmm(y, x.transpose(1, 2)).sum(0);
}

class ChannelProduct final : public torch::autograd::Function<ChannelProduct> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& weight,
                               const std::optional<torch::Tensor>& bias, const torch::Tensor& x) {
    context->save_for_backward({weight, x});
    context->saved_data["has_bias"] = bias.has_value();
    return product(weight.contiguous(), bias ? bias->contiguous() : torch::Tensor(), x.contiguous());
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto &weight = saved[0], &x = saved[1];
    const auto y = gradients[0].contiguous();
    torch::autograd::variable_list result(3);
    if (context->needs_input_grad(0)) result[0] = weight_gradient(y, x.contiguous());
    const bool has_bias = context->saved_data["has_bias"].toBool();  // an absent input is not counted
    if (has_bias && context->needs_input_grad(1)) result[1] = y.sum({0, 2});
    if (context->needs_input_grad(has_bias ? 2 : 1)) result[2] = channel_product(weight.t(), {}, y);
    return result;
  }
};

}  // namespace

torch::Tensor plain_channel_product(const torch::Tensor& weight, const torch::Tensor& bias, const torch::Tensor& x) {
  const auto batch = x.size(0), out = weight.size(0), in = weight.size(1);
  const auto matrices = weight.unsqueeze(0).expand({batch, out, in});
  return bias.defined() ? torch::baddbmm(bias.view({1, out, 1}), matrices, x) : torch::bmm(matrices, x);
}

torch::Tensor channel_product(const torch::Tensor& weight, const torch::Tensor& bias, const torch::Tensor& x) {
  const bool has_kernel = x.device().is_cpu() && x.numel() > 0 && x.scalar_type() == weight.scalar_type() &&
                          (x.scalar_type() == torch::kFloat || x.scalar_type() == torch::kDouble);
  if (!has_kernel) return plain_channel_product(weight, bias, x);
  return ChannelProduct::apply(weight, bias.defined() ? std::optional(bias) : std::nullopt, x);
}

}  // namespace eddyline
