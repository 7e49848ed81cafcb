// Reads datasets in The Well's schema: one file or a folder of files a split.

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <mutex>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/io/content_hash.hpp"
#include "datasets/the_well/well_file.hpp"

namespace eddyline::well {
namespace {

namespace fs = std::filesystem;

bool is_hdf5(const fs::path& path) { return path.extension() == ".hdf5" || path.extension() == ".h5"; }

/// The files of a split: PATH/data/SPLIT, PATH/SPLIT, PATH itself, or one file.
std::vector<fs::path> split_files(const fs::path& path, const std::string& split) {
  if (fs::is_regular_file(path)) return {path};
  for (const fs::path& folder : {path / "data" / split, path / split, path}) {
    std::vector<fs::path> files;
    if (!fs::is_directory(folder)) continue;
    for (const auto& entry : fs::directory_iterator(folder))
      if (entry.is_regular_file() && is_hdf5(entry.path())) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    if (!files.empty()) return files;
  }
  return {};
}

/// Trajectories are read whole the first time they are asked for and kept while they fit into this much memory.
constexpr std::int64_t cache_bytes = std::int64_t{2} << 30;

class WellDataset final : public Dataset {
 public:
  WellDataset(const std::vector<fs::path>& paths, std::string split) : split_(std::move(split)) {
    for (const auto& path : paths) {
      files_.push_back(hdf5::File::open(path));
      headers_.push_back(read_header(files_.back()));
      const DatasetInfo &first = headers_.front().info, &info = headers_.back().info;
      if (info.channels != first.channels || !(*info.grid == *first.grid) || info.parameters != first.parameters)
        throw DataError("'" + path.string() + "' has other fields, parameters or another grid than '" +
                        paths.front().string() + "'");
      for (std::int64_t t = 0; t < headers_.back().trajectories; ++t) index_.emplace_back(files_.size() - 1, t);
    }
    cache_.resize(index_.size());
  }

  const DatasetInfo& info() const override { return headers_.front().info; }
  std::int64_t size() const override { return static_cast<std::int64_t>(index_.size()); }

  TrajectoryInfo trajectory(std::int64_t index) const override {
    const auto [file, t] = place(index);
    TrajectoryInfo out;
    out.id = split_ + "/" + std::to_string(index);
    at::Tensor times = files_[file].read("dimensions/time").to(at::kDouble);
    if (times.dim() == 2) times = times[t].contiguous();
    // A trajectory's own time unit is stored beside the common time axis (see well_writer.hpp).
    if (files_[file].exists("eddyline/time_scale")) times = times * scalar(file, "eddyline/time_scale", t);
    if (!at::isfinite(times).all().item<bool>())
      throw DataError("'" + files_[file].path().string() + "': trajectory " + std::to_string(t) +
                      " has times that are not finite");
    out.times.assign(times.data_ptr<double>(), times.data_ptr<double>() + times.numel());
    for (const auto& source : headers_[file].parameter_sources) out.parameters.push_back(scalar(file, source, t));
    return out;
  }

  at::Tensor frames(std::int64_t index, std::int64_t first, std::int64_t count) const override {
    const auto [file, t] = place(index);
    if (first < 0 || count < 1 || first + count > headers_[file].frames)
      throw DataError("trajectory " + std::to_string(index) + " has " + std::to_string(headers_[file].frames) +
                      " frames, " + std::to_string(first) + ".." + std::to_string(first + count - 1) +
                      " are asked for");
    const bool keeps = whole_bytes() <= cache_bytes;
    if (!keeps)
      return checked(read_channels(file, t, headers_[file].channels, first, count), index, first, info().channels);
    const std::scoped_lock lock(mutex_);
    at::Tensor& whole = cache_[static_cast<std::size_t>(index)];
    if (!whole.defined())
      whole =
          checked(read_channels(file, t, headers_[file].channels, 0, headers_[file].frames), index, 0, info().channels);
    return whole.slice(0, first, first + count);
  }

  at::Tensor statics(std::int64_t index) const override {
    const auto [file, t] = place(index);
    auto shape = info().grid->cell_shape();
    shape.insert(shape.begin(), 0);
    if (headers_[file].static_channels.empty()) return at::empty(shape, at::kFloat);
    return checked(read_channels(file, t, headers_[file].static_channels, 0, 1), index, 0, info().static_channels)[0];
  }

  std::shared_ptr<const Case> problem(std::int64_t index) const override {
    const auto [file, t] = place(index);
    if (!files_[file].exists("eddyline/cases")) return nullptr;
    const auto cases = files_[file].read_strings("eddyline/cases");
    if (static_cast<std::int64_t>(cases.size()) <= t)
      throw DataError("'" + files_[file].path().string() + "': a case is missing");
    return Case::from_yaml(cases[static_cast<std::size_t>(t)],
                           files_[file].path().string() + ", case " + std::to_string(t));
  }

  std::string fingerprint() const override {
    std::string text;
    for (std::size_t f = 0; f < files_.size(); ++f)
      text += files_[f].path().filename().string() + ":" + std::to_string(fs::file_size(files_[f].path())) + ":" +
              std::to_string(headers_[f].trajectories) + "x" + std::to_string(headers_[f].frames) + ";";
    for (std::int64_t i = 0; i < size(); ++i)
      for (const double value : trajectory(i).parameters) text += format_number(value) + ",";
    return content_hash(text);
  }

 private:
  std::pair<std::size_t, std::int64_t> place(std::int64_t index) const {
    if (index < 0 || index >= size())
      throw DataError("the split has " + std::to_string(size()) + " trajectories, number " + std::to_string(index) +
                      " is asked for (from 0)");
    return index_[static_cast<std::size_t>(index)];
  }
  /// A number common to all trajectories, or the trajectory's own.
  double scalar(std::size_t file, const std::string& dataset, std::int64_t trajectory) const {
    const at::Tensor values = files_[file].read(dataset).to(at::kDouble);
    if (values.dim() > 1 || (values.dim() == 1 && values.size(0) <= trajectory))
      throw DataError("'" + files_[file].path().string() + "', " + dataset + ": holds no number of trajectory " +
                      std::to_string(trajectory));
    const double value = (values.dim() == 0 ? values : values[trajectory]).item<double>();
    if (!std::isfinite(value))
      throw DataError("'" + files_[file].path().string() + "', " + dataset + ": the number of trajectory " +
                      std::to_string(trajectory) + " is not finite; repair or leave out this trajectory");
    return value;
  }
  std::int64_t whole_bytes() const {
    std::int64_t cells = 1;
    for (const auto length : info().grid->cell_shape()) cells *= length;
    return cells * 4 * static_cast<std::int64_t>(info().channels.size()) * headers_.front().frames * size();
  }

  /// [count, channels, (z,) (y,) x] float32.
  at::Tensor read_channels(std::size_t file, std::int64_t trajectory, const std::vector<Source>& sources,
                           std::int64_t first, std::int64_t count) const {
    const auto cells = info().grid->cell_shape();  // z, y, x
    const auto dimension = cells.size();
    std::vector<at::Tensor> channels;
    std::string read_name;
    at::Tensor field;
    for (const Source& source : sources) {
      if (source.dataset != read_name) {  // the components of one vector come from one read
        read_name = source.dataset;
        const auto shape = files_[file].info(source.dataset).shape;
        std::vector<std::int64_t> start, length;
        if (source.sample_varying) start.push_back(trajectory), length.push_back(1);
        if (source.time_varying) start.push_back(first), length.push_back(count);
        const std::size_t leading = start.size();
        std::size_t position = leading;
        std::vector<std::int64_t> spatial;
        for (std::size_t axis = 0; axis < dimension; ++axis) {
          const bool dropped =
              !source.dim_varying[axis] && shape.size() < leading + dimension + (source.components > 1 ? 1 : 0);
          spatial.push_back(dropped ? 1 : position < shape.size() ? shape[position] : 1);
          if (dropped) continue;
          start.push_back(0);
          length.push_back(spatial.back());
          ++position;
        }
        for (; position < shape.size(); ++position) start.push_back(0), length.push_back(shape[position]);
        std::vector<std::int64_t> full = {source.time_varying ? count : 1};
        full.insert(full.end(), spatial.begin(), spatial.end());
        full.push_back(source.components);
        field = files_[file].read(source.dataset, start, length).to(at::kFloat);
        std::int64_t cells_in_full = 1;
        for (const auto size : full) cells_in_full *= size;
        if (field.numel() != cells_in_full) fail_shape(file, source.dataset, shape);
        field = field.reshape(full);
      }
      at::Tensor values = field.select(-1, std::max<std::int64_t>(source.component, 0));
      std::vector<std::int64_t> order = {0};  // time, then x, y, z reversed
      for (std::size_t axis = dimension; axis > 0; --axis) order.push_back(static_cast<std::int64_t>(axis));
      values = values.permute(order);
      std::vector<std::int64_t> target = {count};
      target.insert(target.end(), cells.begin(), cells.end());
      for (std::size_t axis = 0; axis < target.size(); ++axis) {
        const std::int64_t size = values.size(static_cast<std::int64_t>(axis));
        if (size != 1 && size != target[axis])
          fail_shape(file, source.dataset, files_[file].info(source.dataset).shape);
      }
      channels.push_back(values.expand(target));
    }
    return at::stack(channels, 1).contiguous();
  }

  [[noreturn]] void fail_shape(std::size_t file, const std::string& dataset,
                               const std::vector<std::int64_t>& shape) const {
    std::string text;
    for (const auto size : shape) text += (text.empty() ? "" : ", ") + std::to_string(size);
    throw DataError("'" + files_[file].path().string() + "', " + dataset + ": its shape [" + text +
                    "] does not fit the grid of dimensions/");
  }

  at::Tensor checked(at::Tensor values, std::int64_t index, std::int64_t first,
                     const std::vector<Channel>& channels) const {
    const at::Tensor finite = at::isfinite(values);
    if (finite.all().item<bool>()) return values;
    const at::Tensor where = at::nonzero(~finite)[0];
    const auto at_axis = [&](std::int64_t axis) { return where[axis].item<std::int64_t>(); };
    std::string cell;
    for (std::int64_t axis = where.numel() - 1; axis >= 2; --axis)
      cell += (cell.empty() ? "" : ", ") + std::to_string(at_axis(axis));
    const auto [file, t] = place(index);
    throw DataError("'" + files_[file].path().string() + "': trajectory " + std::to_string(t) + ", frame " +
                    std::to_string(first + at_axis(0)) + ", channel " +
                    channels[static_cast<std::size_t>(at_axis(1))].name + ", cell (" + cell +
                    "): the value is not finite (" + std::to_string((~finite).sum().item<std::int64_t>()) +
                    " such values); repair or leave out this trajectory");
  }

  std::string split_;
  std::vector<hdf5::File> files_;
  std::vector<Header> headers_;
  std::vector<std::pair<std::size_t, std::int64_t>> index_;
  mutable std::mutex mutex_;
  mutable std::vector<at::Tensor> cache_;
};

class WellFormat final : public DatasetFormat {
 public:
  explicit WellFormat(const EmptyConfig&) {}
  bool recognises(const std::string& path) const override {
    for (const char* split : {"train", "valid", "test"}) {
      const auto files = split_files(path, split);
      if (files.empty()) continue;
      const auto file = hdf5::File::open(files.front());
      return file.exists("dimensions") && file.exists("t0_fields");
    }
    return false;
  }
  std::shared_ptr<const Dataset> open(const std::string& path, const std::string& split) const override {
    const auto files = split_files(path, split);
    if (files.empty()) throw IoError("'" + path + "' has no HDF5 files of split '" + split + "'");
    return std::make_shared<WellDataset>(files, split);
  }
};

const DatasetRegistry::Registration<WellFormat, EmptyConfig> registration{
    "the_well", "HDF5 in The Well's schema, as `generate` writes it"};

}  // namespace
}  // namespace eddyline::well
