#include "core/training/epoch_order.hpp"

#include <algorithm>
#include <numeric>

#include "core/base/error.hpp"
#include "core/base/random.hpp"

namespace eddyline {

EpochOrder::EpochOrder(std::int64_t samples, EpochOptions options) : samples_(samples), options_(options) { order(); }

void EpochOrder::order() {
  if (options_.shuffles) {
    order_ = RandomStream(options_.seed, "training/shuffle/" + std::to_string(epoch_)).permutation(samples_);
  } else {
    order_.resize(static_cast<std::size_t>(samples_));
    std::iota(order_.begin(), order_.end(), 0);
  }
}

std::int64_t EpochOrder::batches_per_epoch() const {
  return (samples_ + options_.batch_size - 1) / options_.batch_size;
}

std::span<const std::int64_t> EpochOrder::next() {
  if (batch_ == batches_per_epoch()) {
    batch_ = 0;
    ++epoch_;
    order();
    return {};
  }
  const std::int64_t begin = batch_ * options_.batch_size, count = std::min(options_.batch_size, samples_ - begin);
  ++batch_;
  return std::span(order_).subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(count));
}

std::map<std::string, std::int64_t> EpochOrder::cursor() const { return {{"epoch", epoch_}, {"batch", batch_}}; }

void EpochOrder::restore(const std::map<std::string, std::int64_t>& cursor, const std::string& data) {
  const auto epoch = cursor.find("epoch"), batch = cursor.find("batch");
  if (epoch == cursor.end() || batch == cursor.end() || epoch->second < 0 || batch->second < 0 ||
      batch->second > batches_per_epoch())
    throw DataError("the checkpoint's position in the data does not fit " + data + " (" +
                    std::to_string(batches_per_epoch()) + " batches an epoch): it belongs to other data");
  epoch_ = epoch->second;
  batch_ = batch->second;
  order();
}

}  // namespace eddyline
