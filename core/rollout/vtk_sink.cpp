#include "core/rollout/vtk_sink.hpp"

#include <ATen/ATen.h>

#include "core/base/text.hpp"
#include "core/field/derived.hpp"
#include "core/io/atomic_file.hpp"
#include "core/io/safe_name.hpp"

namespace eddyline {
VtkSink::VtkSink(std::filesystem::path folder, const std::string& name, VtkOptions options)
    : folder_(std::move(folder)), name_(safe_file_name(name)), options_(options) {}

void VtkSink::open(const std::shared_ptr<const Case>& problem, const std::vector<Channel>& channels) {
  problem_ = problem;
  channels_ = channels;
  constant_.clear();
  collections_.clear();
  create_folder(folder_);
  if (!problem->config().obstacles.empty())
    constant_.push_back({"solid", "1", {fluid_mask(*problem).logical_not().to(at::kFloat)}});
  static_cast<void>(collection(0));
}

void VtkSink::write(const Frame& frame) { write_arrays(frame, vtk_arrays(*frame.state, channels_)); }

void VtkSink::write_arrays(const Frame& frame, std::vector<VtkArray> arrays) {
  const CaseConfig& config = problem_->config();
  arrays.insert(arrays.end(), constant_.begin(), constant_.end());
  PvdCollection& list = collection(frame.member);
  const std::string file = list.path().stem().string() + "_" + numbered(frame.index) + vtk_extension(problem_->grid());
  write_vtk(folder_ / file,
            {&problem_->grid(), frame.state->time, config.length_unit, config.time_unit, std::move(arrays)}, options_);
  list.add(frame.state->time, file);
}

// Every file is whole already.
void VtkSink::close(RunStatus) {}

PvdCollection& VtkSink::collection(int member) {
  const auto found = collections_.find(member);
  if (found != collections_.end()) return found->second;
  const std::string suffix = member == 0 ? "" : "_member" + numbered(member, 3);
  return collections_.try_emplace(member, folder_ / (name_ + suffix + ".pvd"), keep_until_).first->second;
}

}  // namespace eddyline
