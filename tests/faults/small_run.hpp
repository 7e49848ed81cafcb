#pragma once
// A dataset of five little wakes and a model of one layer trained on it: what the commands are maltreated with.

#include <string>
#include <vector>

#include "tests/cli/program.hpp"

namespace eddyline::test {

/// Config with the sections generate, train and compare; everything is written below `folder`.
std::string small_config(const std::string& folder);
/// Config of a little simulation that writes into `output`.
std::string small_simulation(const std::string& output);

/// FOLDER/small.yaml, FOLDER/data, and FOLDER/run when asked for; removed with the object.
class SmallRun {
 public:
  explicit SmallRun(bool trained = true);
  [[nodiscard]] std::string path(const std::string& name = "") const { return folder_.path(name); }
  [[nodiscard]] std::string file(const std::string& name, const std::string& content) const {
    return folder_.file(name, content);
  }
  [[nodiscard]] std::string config() const { return path("small.yaml"); }

 private:
  TemporaryFolder folder_;
};

/// True when the process may ignore permissions.
[[nodiscard]] bool is_root();
/// Every .vti below the folder is whole and every .pvd lists whole files only; returns how many files are listed.
int check_vtk_files(const std::string& folder);

/// One paragraph in the program's own words: no trace, no crash.
void expect_refusal(const ProgramResult& result, int exit_code, const std::string& part);
std::vector<std::string> with(std::vector<std::string> command, const std::vector<std::string>& more);

}  // namespace eddyline::test
