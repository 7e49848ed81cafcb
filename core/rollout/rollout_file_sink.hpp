#pragma once
// A rollout as one HDF5 file.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/io/hdf5.hpp"
#include "core/rollout/sink.hpp"

namespace eddyline {

/// One trajectory in The Well's schema (the_well 1.2.0), float32, so that datasets can be made of rollouts and Python
/// reads them with h5py: t0_fields/pressure [1, T, W, H], t1_fields/velocity [1, T, W, H, 2] (The Well has x first),
/// dimensions/time [T], units as attribute `unit`, the case as YAML in eddyline/cases, frame indices in
/// eddyline/frames [T]. The file appears when the sink is closed, with the frames that came until then, also after an
/// interruption; after a crash there is no file. Only ensemble member 0 is written.
class RolloutFileSink final : public Sink {
 public:
  /// @param frames  how many will come at most.
  RolloutFileSink(std::filesystem::path path, std::int64_t frames);
  /// @throws IoError when the file cannot be made.
  void open(const std::shared_ptr<const Case>& problem, const std::vector<Channel>& channels) override;
  /// @throws DataError when more frames come than were announced; ShapeError.
  void write(const Frame& frame) override;
  /// Without any frame no file is left.
  void close(RunStatus status) override;

 private:
  struct Part {
    std::string dataset;
    std::vector<std::int64_t> channels;  // one of a scalar, `dimension` of a vector
  };
  [[nodiscard]] hdf5::File begin(const std::filesystem::path& path, std::int64_t frames) const;
  void finish(hdf5::File& file) const;

  std::filesystem::path path_;
  std::int64_t frames_;
  std::shared_ptr<const Case> problem_;
  std::vector<Channel> channels_;
  std::vector<Part> parts_;
  std::optional<hdf5::File> file_;
  std::vector<double> times_;
  std::vector<std::int64_t> indices_;
};

}  // namespace eddyline
