#include <cmath>
#include <iostream>

#include "apps/command.hpp"
#include "core/base/log.hpp"
#include "core/base/numbers.hpp"
#include "core/parallel/threads.hpp"
#include "core/training/prediction.hpp"

namespace eddyline::apps {
namespace {

/// DATASET[#SPLIT/NUMBER[@FRAME]].
void read_input(const std::string& input, PredictionOptions& options) {
  const auto hash = input.find('#');
  options.dataset = input.substr(0, hash);
  if (hash == std::string::npos) return;
  const std::string place = input.substr(hash + 1);
  const auto slash = place.find('/'), at = place.find('@');
  const auto number = slash == std::string::npos
                          ? std::nullopt
                          : parse_integer(place.substr(slash + 1, at == std::string::npos ? at : at - slash - 1));
  const auto frame = at == std::string::npos ? std::optional<std::int64_t>(0) : parse_integer(place.substr(at + 1));
  if (!number || !frame)
    throw ConfigError("--input '" + printable(input) +
                      "': expected DATASET#SPLIT/NUMBER or DATASET#SPLIT/NUMBER@FRAME, for instance data/x#test/0");
  options.split = place.substr(0, slash);
  options.trajectory = *number;
  options.first_frame = *frame;
}

class Predict final : public Command {
 public:
  explicit Predict(const EmptyConfig&) {}
  std::string example() const override {
    return "eddyline predict runs/cylinder_quick --input data/cylinder_quick#test/0 --steps 100 --output "
           "runs/prediction";
  }
  void arguments(Arguments& arguments) override {
    arguments.positional("run", run_, "run directory or checkpoint");
    arguments.option(
        "--input", input_,
        "initial frames and parameters: DATASET#SPLIT/NUMBER[@FRAME] (default: the run's dataset, test/0)");
    arguments.option("--steps", options_.steps, "frames to predict; 0 is as many as the trajectory has");
    arguments.option("--output", output_, "folder (default RUN/prediction)");
    arguments.option("--checkpoint", options_.checkpoint, "best or last (default best)");
    arguments.option("--pictures-every", options_.pictures_every, "frames between pictures");
    arguments.option("--threads", threads_, "threads; 0 is all cores");
  }
  ExitCode run() override {
    use_threads(threads_);
    options_.run = run_;
    options_.output = output_.empty() ? options_.run / "prediction" : std::filesystem::path(output_);
    if (!input_.empty()) read_input(input_, options_);
    const PredictionResult result = predict(options_);
    std::cout << "predicted " << result.frames << " frames in " << format_duration(result.seconds) << " into "
              << options_.output.string() << "\n";
    if (!result.errors.rows.empty())
      std::cout << "velocity nRMSE: first frame " << format_number(result.errors.column("nrmse_velocity").front(), 3)
                << ", mean " << format_number(result.errors.mean("nrmse_velocity"), 3) << ", last frame "
                << format_number(result.errors.column("nrmse_velocity").back(), 3) << "\n";
    if (std::isfinite(result.blow_up_time))
      log_warning("from t = " + format_number(result.blow_up_time, 5) +
                  " on the prediction leaves the range of the training data");
    return ExitCode::ok;
  }

 private:
  std::string run_, input_, output_;
  PredictionOptions options_;
  std::int64_t threads_ = 0;
};

const CommandRegistration<Predict> registration{"predict",
                                                "roll a trained operator out: ParaView files, pictures, HDF5"};

}  // namespace
}  // namespace eddyline::apps
