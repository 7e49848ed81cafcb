#include "core/training/dataset.hpp"

#include <cmath>
#include <filesystem>

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

std::shared_ptr<const Dataset> open_dataset(const std::string& path, const std::string& split) {
  if (!std::filesystem::exists(path)) throw IoError("there is no dataset '" + path + "'");
  const auto& formats = DatasetRegistry::instance();
  for (const auto& name : formats.names()) {
    const auto format = formats.create(name, EmptyConfig{});
    if (format->recognises(path)) return format->open(path, split);
  }
  throw DataError("'" + path + "' is no dataset of a known format: " + join(formats.names(), ", "));
}

}  // namespace eddyline
