#include "core/training/dataset.hpp"

#include <cmath>
#include <filesystem>
#include <optional>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/config/config.hpp"

namespace eddyline {

double TrajectoryInfo::dt() const {
  if (times.size() < 2)
    throw DataError("trajectory " + id + " has " + std::to_string(times.size()) + " frames; at least two are needed");
  const double mean = (times.back() - times.front()) / static_cast<double>(times.size() - 1);
  for (std::size_t k = 1; k < times.size(); ++k)
    if (std::abs(times[k] - times[k - 1] - mean) > 1e-3 * std::abs(mean))
      throw DataError("trajectory " + id + ": the time between frames varies (" +
                      format_number(times[k] - times[k - 1], 6) + " at frame " + std::to_string(k) + ", mean " +
                      format_number(mean, 6) + ")");
  return mean;
}

namespace {

std::unique_ptr<DatasetFormat> format_of(const std::string& path) {
  if (!std::filesystem::exists(path)) throw IoError("there is no dataset '" + path + "'");
  const auto& formats = DatasetRegistry::instance();
  for (const auto& name : formats.names()) {
    auto format = formats.create(name, EmptyConfig{});
    if (format->recognises(path)) return format;
  }
  throw DataError("'" + path + "' is no dataset of a known format: " + join(formats.names(), ", "));
}

/// Trajectories first..first+count-1 of another dataset, under their own ids.
class DatasetPart final : public Dataset {
 public:
  DatasetPart(std::shared_ptr<const Dataset> whole, std::int64_t first, std::int64_t count)
      : whole_(std::move(whole)), first_(first), count_(count) {}
  const DatasetInfo& info() const override { return whole_->info(); }
  std::int64_t size() const override { return count_; }
  TrajectoryInfo trajectory(std::int64_t index) const override { return whole_->trajectory(place(index)); }
  at::Tensor frames(std::int64_t index, std::int64_t first, std::int64_t count) const override {
    return whole_->frames(place(index), first, count);
  }
  at::Tensor statics(std::int64_t index) const override { return whole_->statics(place(index)); }
  std::shared_ptr<const Case> problem(std::int64_t index) const override { return whole_->problem(place(index)); }
  std::string fingerprint() const override {
    return whole_->fingerprint() + "[" + std::to_string(first_) + ":" + std::to_string(first_ + count_) + "]";
  }

 private:
  std::int64_t place(std::int64_t index) const {
    if (index < 0 || index >= count_)
      throw DataError("the split has " + std::to_string(count_) + " trajectories, number " + std::to_string(index) +
                      " is asked for (from 0)");
    return first_ + index;
  }
  std::shared_ptr<const Dataset> whole_;
  std::int64_t first_, count_;
};

/// The part of `whole` that "[first:last]" names.
std::shared_ptr<const Dataset> part_of(std::shared_ptr<const Dataset> whole, const std::string& split,
                                       const std::string& brackets) {
  const auto colon = brackets.find(':');
  std::optional<std::int64_t> first, last;
  if (brackets.ends_with(']') && colon != std::string::npos) {
    const std::string low = brackets.substr(1, colon - 1),
                      high = brackets.substr(colon + 1, brackets.size() - colon - 2);
    first = low.empty() ? std::optional<std::int64_t>(0) : parse_integer(low);
    last = high.empty() ? std::optional<std::int64_t>(whole->size()) : parse_integer(high);
  }
  if (!first || !last || *first < 0 || *last > whole->size() || *first >= *last)
    throw ConfigError("split '" + printable(split) + "': expected a part like [:850] or [850:] of its " +
                      std::to_string(whole->size()) + " trajectories");
  return std::make_shared<DatasetPart>(std::move(whole), *first, *last - *first);
}

}  // namespace

std::vector<std::string> DatasetFormat::splits(const std::string&) const { return {"train", "valid", "test"}; }

std::shared_ptr<const Dataset> open_dataset(const std::string& path, const std::string& split) {
  const auto bracket = split.find('[');
  auto whole = format_of(path)->open(path, split.substr(0, bracket));
  return bracket == std::string::npos ? whole : part_of(std::move(whole), split, split.substr(bracket));
}

std::vector<std::string> splits_of_dataset(const std::string& path) { return format_of(path)->splits(path); }

}  // namespace eddyline
