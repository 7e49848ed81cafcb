#include "core/plot/plot.hpp"

#include <iostream>

#include "apps/command.hpp"
#include "core/base/split_list.hpp"
#include "core/io/atomic_file.hpp"
#include "core/training/run_report.hpp"

namespace eddyline::apps {
namespace {

class Plot final : public Command {
 public:
  explicit Plot(const EmptyConfig&) {}
  std::string example() const override {
    return "eddyline plot runs/prediction --field speed --output runs/prediction/speed.gif";
  }
  void arguments(Arguments& arguments) override {
    arguments.positional("path", options_.path,
                         "run, output folder of solve or predict, dataset (DATASET#SPLIT/NUMBER[@FRAME]), .pvd, .vti, "
                         ".vtr, .h5 or .csv file");
    arguments.option("--output", output_,
                     "file (.png, .svg for curves, .gif, .ogv) or folder (default PATH/plots, else this folder)");
    arguments.option("--field", options_.field.quantity, "a channel, vorticity, speed or divergence");
    arguments.choice("--show", options_.field.show, field_view_choices(),
                     "what of a prediction (default comparison where there is a reference)");
    arguments.option("--frame", options_.frames, "frames, for instance 0,10,-1; negative ones count from the end");
    arguments.option("--reference", options_.reference, "frames to compare with, named like path");
    arguments.flag("--spectrum", options_.spectrum, "kinetic energy over wave number instead of the field");
    arguments.numbers("--range", range_, 2, "LOW HIGH: ends of the colour scale or of the y axis");
    arguments.choice("--colours", options_.field.colours, {"sequential", "diverging"},
                     "colour map (default: diverging for fields signed about zero)");
    arguments.option("--x", options_.table.x, "column along x (default: the first)");
    arguments.option("--y", columns_, "columns to draw, for instance drag_coefficient,lift_coefficient");
    arguments.flag("--log-x", options_.table.log_x, "logarithmic x axis of columns");
    arguments.flag("--log-y", options_.table.log_y, "logarithmic y axis of columns");
    arguments.option("--every", options_.every, "animations: frames from one picture to the next");
    arguments.option("--fps", options_.frames_per_second, "animations: pictures a second");
    arguments.flag("--report", report_,
                   "of a run: one HTML page with curves, frames, config (default RUN/report.html)");
    arguments.option("--width", options_.field.width, "width in pixels; 0 chooses");
  }
  ExitCode run() override {
    if (report_) {
      const std::filesystem::path file =
          output_.empty() ? std::filesystem::path(options_.path) / "report.html" : std::filesystem::path(output_);
      write_atomically(file, run_report(options_.path));
      std::cout << file.string() << "\n";
      return ExitCode::ok;
    }
    options_.output = output_;
    options_.table.y = split_list(columns_);
    if (range_.size() == 2) options_.field.range = options_.table.range = std::pair(range_[0], range_[1]);
    for (const auto& file : plot(options_)) std::cout << file.string() << "\n";
    return ExitCode::ok;
  }

 private:
  PlotOptions options_;
  std::string output_, columns_;
  std::vector<double> range_;
  bool report_ = false;
};

const CommandRegistration<Plot> registration{
    "plot", "pictures, animations and curves as PNG, SVG, GIF and OGV; reports of runs as HTML"};

}  // namespace
}  // namespace eddyline::apps
