#include <filesystem>
#include <iostream>

#include "apps/command.hpp"
#include "core/io/atomic_file.hpp"
#include "core/io/disk_space.hpp"
#include "core/parallel/threads.hpp"
#include "core/training/evaluation_report.hpp"

namespace eddyline::apps {
namespace {

class Evaluate final : public Command {
 public:
  explicit Evaluate(const EmptyConfig&) {}
  std::string example() const override { return "eddyline evaluate runs/cylinder_quick --frames 100"; }
  void arguments(Arguments& arguments) override {
    arguments.positional("run", run_, "run directory or checkpoint");
    arguments.positional("dataset", dataset_, "dataset; the one that the run was trained on when left out", false);
    arguments.option("--split", options_.split,
                     "train, valid, test or what the dataset has, or a part of one like train[:100] (default test)");
    arguments.choice("--checkpoint", options_.checkpoint, {"best", "last"}, "which one (default best)");
    arguments.option("--frames", options_.frames, "frames of the rollouts; 0 is the whole trajectory");
    arguments.option("--cases", options_.cases, "trajectories used; 0 is all");
    arguments.option("--solver", options_.solver,
                     "whose wall integrals give forces on bodies (default incompressible)");
    arguments.flag("--dry-run", dry_run_, "check and estimate, write nothing");
    arguments.option("--threads", threads_, "threads; 0 is all cores");
    arguments.option("--output", output_, "folder of evaluation.csv, .json and wakes.csv (default RUN/evaluation)");
  }
  ExitCode run() override {
    use_threads(threads_);
    const std::filesystem::path folder =
        output_.empty() ? std::filesystem::path(run_) / "evaluation" : std::filesystem::path(output_);
    check_can_write(folder);
    if (dry_run_) {
      std::cout << evaluation_plan(run_, dataset_, options_);
      return ExitCode::ok;
    }
    const EvaluationReport report = evaluation_report(run_, dataset_, options_);
    create_folder(folder);
    for (const auto& [name, content] : report.files) write_atomically(folder / name, content);
    std::cout << report.text << "written to " << folder.string() << "\n";
    return ExitCode::ok;
  }

 private:
  std::string run_, dataset_, output_;
  EvaluationOptions options_;
  std::int64_t threads_ = 0;
  bool dry_run_ = false;
};

const CommandRegistration<Evaluate> registration{"evaluate", "all metrics on a split, beside trivial predictions"};

}  // namespace
}  // namespace eddyline::apps
