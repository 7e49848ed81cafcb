#include <filesystem>
#include <iostream>

#include "apps/command.hpp"
#include "core/io/atomic_file.hpp"
#include "core/io/disk_space.hpp"
#include "core/parallel/threads.hpp"
#include "core/training/evaluation.hpp"

namespace eddyline::apps {
namespace {

class Evaluate final : public Command {
 public:
  explicit Evaluate(const EmptyConfig&) {}
  std::string example() const override { return "eddyline evaluate runs/cylinder_quick --frames 100"; }
  void arguments(Arguments& arguments) override {
    arguments.positional("run", run_, "run directory or checkpoint");
    arguments.positional("dataset", dataset_, "dataset; the one that the run was trained on when left out", false);
    arguments.option("--split", options_.split, "train, valid or test (default test)");
    arguments.option("--checkpoint", options_.checkpoint, "best or last (default best)");
    arguments.option("--frames", options_.frames, "frames of the rollouts; 0 is the whole trajectory");
    arguments.option("--cases", options_.cases, "trajectories used; 0 is all");
    arguments.option("--threads", threads_, "threads; 0 is all cores");
    arguments.option("--output", output_, "folder of evaluation.csv and .json (default RUN/evaluation)");
  }
  ExitCode run() override {
    use_threads(threads_);
    const std::filesystem::path folder =
        output_.empty() ? std::filesystem::path(run_) / "evaluation" : std::filesystem::path(output_);
    check_can_write(folder);
    const Evaluation evaluation = evaluate(run_, dataset_, options_);
    create_folder(folder);
    write_atomically(folder / "evaluation.csv", evaluation.csv());
    write_atomically(folder / "evaluation.json", evaluation.json());
    std::cout << evaluation.text() << "written to " << folder.string() << "\n";
    return ExitCode::ok;
  }

 private:
  std::string run_, dataset_, output_;
  EvaluationOptions options_;
  std::int64_t threads_ = 0;
};

const CommandRegistration<Evaluate> registration{"evaluate", "all metrics on a split, beside persistence and mean"};

}  // namespace
}  // namespace eddyline::apps
