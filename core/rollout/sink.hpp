#pragma once
// Where frames go: HDF5, VTK, pictures, metrics, later a training reservoir. Several at once.

#include <memory>
#include <string>
#include <vector>

#include "core/field/state.hpp"

namespace eddyline {

/// One instant of one ensemble member.
struct Frame {
  const State* state = nullptr;
  std::int64_t index = 0;
  int member = 0, rank = 0;
};

enum class RunStatus { complete, interrupted, failed };

class Sink {
 public:
  virtual ~Sink() = default;
  /// @throws IoError before anything is computed when the target cannot be written.
  virtual void open(const std::shared_ptr<const Case>& problem, const std::vector<Channel>& channels) = 0;
  virtual void write(const Frame& frame) = 0;
  /// Leaves whole files, whatever the status.
  virtual void close(RunStatus status) = 0;
};

}  // namespace eddyline
