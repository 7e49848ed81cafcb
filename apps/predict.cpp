#include <cmath>
#include <iostream>

#include "apps/command.hpp"
#include "core/base/log.hpp"
#include "core/base/numbers.hpp"
#include "core/parallel/threads.hpp"
#include "core/training/dataset_place.hpp"
#include "core/training/field_fitting.hpp"
#include "core/training/prediction.hpp"

namespace eddyline::apps {
namespace {

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
    arguments.choice("--checkpoint", options_.checkpoint, {"best", "last"}, "which one (default best)");
    arguments.option("--pictures-every", options_.pictures_every, "frames between pictures");
    arguments.option("--cells", cells_, "field models: cells along the longest axis");
    arguments.flag("--dry-run", dry_run_, "check and estimate, write nothing");
    arguments.option("--threads", threads_, "threads; 0 is all cores");
  }
  ExitCode run() override {
    use_threads(threads_);
    options_.run = run_;
    options_.output = output_.empty() ? options_.run / "prediction" : std::filesystem::path(output_);
    if (is_field_run(options_.run)) return sample_field();
    if (!input_.empty()) {
      const DatasetPlace place = parse_dataset_place(input_, "--input");
      options_.dataset = place.dataset;
      if (place.split) options_.split = *place.split;
      options_.trajectory = place.trajectory;
      options_.first_frame = place.frame.value_or(0);
    }
    if (dry_run_) {
      std::cout << prediction_plan(options_);
      return ExitCode::ok;
    }
    const PredictionResult result = predict(options_);
    std::cout << result.text() << "written to " << options_.output.string() << "\n";
    if (std::isfinite(result.blow_up_time))
      log_warning("from t = " + format_number(result.blow_up_time, 5) +
                  " on the prediction leaves the range of the training data");
    return ExitCode::ok;
  }

 private:
  ExitCode sample_field() const {
    if (!input_.empty()) throw ConfigError("a field model is sampled over its own box and time: --input has no use");
    FieldPredictionOptions options;
    options.run = options_.run;
    options.output = options_.output;
    options.checkpoint = options_.checkpoint;
    options.frames = options_.steps;
    options.cells = cells_;
    options.pictures_every = options_.pictures_every;
    if (dry_run_) {
      std::cout << field_prediction_plan(options);
      return ExitCode::ok;
    }
    const std::int64_t frames = predict_field(options);
    std::cout << "sampled " << frames << " frames into " << options.output.string() << "\n";
    return ExitCode::ok;
  }

  std::string run_, input_, output_;
  PredictionOptions options_;
  std::int64_t threads_ = 0, cells_ = 128;
  bool dry_run_ = false;
};

const CommandRegistration<Predict> registration{"predict",
                                                "roll a trained operator out: ParaView files, pictures, HDF5"};

}  // namespace
}  // namespace eddyline::apps
