#pragma once
// Frames as VTK files for ParaView.

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/io/vtk_writer.hpp"
#include "core/rollout/sink.hpp"

namespace eddyline {

/// Writes FOLDER/NAME_000012.vti (or .vtr) a frame and FOLDER/NAME.pvd, which at any moment lists whole files only.
/// Further ensemble members go to NAME_member001_000012.vti and NAME_member001.pvd. Solid cells are marked in `solid`
/// when the case has bodies.
class VtkSink final : public Sink {
 public:
  /// @param name  of the files; made safe for a file name.
  VtkSink(std::filesystem::path folder, const std::string& name, VtkOptions options = {});

  /// A continued run: the collection keeps its frames up to this time. To be called before `open`.
  void keep_until(double time) { keep_until_ = time; }
  void open(const std::shared_ptr<const Case>& problem, const std::vector<Channel>& channels) override;
  /// @throws ShapeError when the state does not fit the case's grid; IoError.
  void write(const Frame& frame) override;
  void close(RunStatus status) override;

  /// A state with further arrays beside it; what `write` and the comparison sink share.
  void write_arrays(const Frame& frame, std::vector<VtkArray> arrays);

 private:
  PvdCollection& collection(int member);
  std::filesystem::path folder_;
  std::string name_;
  VtkOptions options_;
  std::optional<double> keep_until_;
  std::shared_ptr<const Case> problem_;
  std::vector<Channel> channels_;
  std::vector<VtkArray> constant_;
  std::map<int, PvdCollection> collections_;
};

}  // namespace eddyline
