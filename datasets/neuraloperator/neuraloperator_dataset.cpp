// Reads the operator-learning sets that come with neuraloperator: a folder of files NAME_SPLIT_RESOLUTION.pt, each a
// dictionary with inputs x and outputs y, [N, points] or [N, points, points]. A sample becomes a trajectory of one
// frame: y is its channel, x a channel constant in time.

#include <ATen/ATen.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <regex>

#include "core/base/error.hpp"
#include "core/io/atomic_file.hpp"
#include "core/io/content_hash.hpp"
#include "core/io/torch_archive.hpp"
#include "core/training/dataset.hpp"

namespace eddyline::neuraloperator {
namespace {

namespace fs = std::filesystem;

/// One file of the folder by its name: "darcy_test_32.pt".
struct SplitFile {
  fs::path path;
  std::string name, split;
  std::int64_t resolution = 0;
  [[nodiscard]] std::string key() const { return split + "_" + std::to_string(resolution); }
};

std::vector<SplitFile> split_files(const fs::path& folder) {
  static const std::regex pattern("([A-Za-z0-9]+)_(train|test)_([0-9]{1,6})\\.pt");
  std::vector<SplitFile> files;
  if (!fs::is_directory(folder)) return files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    std::smatch match;
    if (entry.is_regular_file() && std::regex_match(name, match, pattern) && is_torch_archive(entry.path()))
      files.push_back({entry.path(), match[1], match[2], std::stoll(match[3])});
  }
  std::sort(files.begin(), files.end(), [](const SplitFile& a, const SplitFile& b) {
    return a.key() < b.key() || (a.key() == b.key() && a.name < b.name);
  });
  return files;
}

/// The file of split "test_32", or of "test" at the resolution of the one training file.
const SplitFile& chosen(const std::vector<SplitFile>& files, const std::string& folder, const std::string& split) {
  std::vector<std::string> known, training;
  for (const SplitFile& file : files) {
    if (file.name != files.front().name)
      throw DataError("'" + folder + "' holds several sets, '" + files.front().name + "' and '" + file.name +
                      "'; put each into a folder of its own");
    known.push_back(file.key());
    if (file.split == "train") training.push_back(std::to_string(file.resolution));
  }
  std::string key = split;
  if (split == "train" || split == "test") {
    if (training.size() != 1)
      throw DataError("'" + folder + "' has training files of " + std::to_string(training.size()) +
                      " resolutions, so that split '" + split + "' is not clear; name one of " + join(known, ", "));
    key += "_" + training.front();
  }
  for (const SplitFile& file : files)
    if (file.key() == key) return file;
  throw IoError("'" + folder + "' has no split '" + printable(split) + "'; there are " + join(known, ", "));
}

/// What the numbers of a set mean; sets that are not known here keep the names of the file.
struct Meaning {
  std::string input, output;
};
Meaning meaning_of(const std::string& name) {
  if (name == "darcy") return {"coefficient", "u"};
  return {"x", "y"};
}

at::Tensor values_of(const std::map<std::string, at::Tensor>& tensors, const std::string& name, const SplitFile& file) {
  const std::string where = "'" + file.path.string() + "': ";
  const auto found = tensors.find(name);
  if (found == tensors.end()) throw DataError(where + "the tensor '" + name + "' is missing");
  const at::Tensor& tensor = found->second;
  if (tensor.is_complex()) throw DataError(where + "'" + name + "' is complex");
  if (tensor.dim() < 2 || tensor.dim() > 3 || tensor.size(0) < 1)
    throw DataError(where + "'" + name + "' has " + std::to_string(tensor.dim()) +
                    " axes; samples and one or two axes of space are read");
  for (std::int64_t axis = 1; axis < tensor.dim(); ++axis)
    if (tensor.size(axis) != file.resolution)
      throw DataError(where + "'" + name + "' has " + std::to_string(tensor.size(axis)) + " points along axis " +
                      std::to_string(axis) + ", the file's name says " + std::to_string(file.resolution));
  const at::Tensor values = tensor.to(at::kFloat).contiguous();
  const at::Tensor finite = at::isfinite(values);
  if (!finite.all().item<bool>()) {
    const at::Tensor first = at::nonzero(~finite)[0];
    std::string cell;
    for (std::int64_t axis = first.numel() - 1; axis >= 1; --axis)
      cell += (cell.empty() ? "" : ", ") + std::to_string(first[axis].item<std::int64_t>());
    throw DataError(where + "'" + name + "' of sample " + std::to_string(first[0].item<std::int64_t>()) + ", cell (" +
                    cell + ") is not finite");
  }
  return values;
}

class NeuraloperatorDataset final : public Dataset {
 public:
  NeuraloperatorDataset(const SplitFile& file, std::string split) : split_(std::move(split)) {
    const auto tensors = read_torch_archive(file.path).tensors;
    inputs_ = values_of(tensors, "x", file);
    outputs_ = values_of(tensors, "y", file);
    if (inputs_.sizes() != outputs_.sizes())
      throw DataError("'" + file.path.string() + "': inputs and outputs have different shapes");
    const Meaning meaning = meaning_of(file.name);
    info_.name = file.name;
    info_.channels = {{meaning.output, "1", ChannelKind::scalar}};
    info_.static_channels = {{meaning.input, "1", ChannelKind::scalar}};
    info_.length_unit = info_.time_unit = "1";
    // Point k of an axis lies at k / N of the unit box: cells of width 1 / N about the points.
    const double half = 0.5 / static_cast<double>(file.resolution);
    const auto axes = static_cast<std::size_t>(inputs_.dim() - 1);
    info_.grid =
        std::make_shared<Grid>(Grid::uniform(std::vector<double>(axes, -half), std::vector<double>(axes, 1 - half),
                                             std::vector<std::int64_t>(axes, file.resolution)));
    fingerprint_ = content_hash(file.path.filename().string() + ":" + content_hash(read_file(file.path)));
  }

  const DatasetInfo& info() const override { return info_; }
  std::int64_t size() const override { return inputs_.size(0); }
  TrajectoryInfo trajectory(std::int64_t index) const override {
    return {split_ + "/" + std::to_string(checked(index)), {0}, {}};
  }
  at::Tensor frames(std::int64_t index, std::int64_t first, std::int64_t count) const override {
    if (first != 0 || count != 1)
      throw DataError("a sample of '" + info_.name + "' has one frame, " + std::to_string(first) + ".." +
                      std::to_string(first + count - 1) + " are asked for");
    return outputs_[checked(index)].unsqueeze(0).unsqueeze(0);
  }
  at::Tensor statics(std::int64_t index) const override { return inputs_[checked(index)].unsqueeze(0); }
  std::shared_ptr<const Case> problem(std::int64_t) const override { return nullptr; }
  std::string fingerprint() const override { return fingerprint_; }

 private:
  std::int64_t checked(std::int64_t index) const {
    if (index < 0 || index >= size())
      throw DataError("the split has " + std::to_string(size()) + " samples, number " + std::to_string(index) +
                      " is asked for (from 0)");
    return index;
  }

  std::string split_, fingerprint_;
  at::Tensor inputs_, outputs_;  // [N, ...] float
  DatasetInfo info_;
};

class NeuraloperatorFormat final : public DatasetFormat {
 public:
  explicit NeuraloperatorFormat(const EmptyConfig&) {}
  bool recognises(const std::string& path) const override { return !split_files(path).empty(); }
  std::vector<std::string> splits(const std::string& path) const override {
    std::vector<std::string> names;
    for (const SplitFile& file : split_files(path)) names.push_back(file.key());
    return names;
  }
  std::shared_ptr<const Dataset> open(const std::string& path, const std::string& split) const override {
    return std::make_shared<NeuraloperatorDataset>(chosen(split_files(path), path, split), split);
  }
};

const DatasetRegistry::Registration<NeuraloperatorFormat, EmptyConfig> registration{
    "neuraloperator", "folders of NAME_SPLIT_RESOLUTION.pt with inputs x and outputs y (darcy)"};

}  // namespace
}  // namespace eddyline::neuraloperator
