#include "tests/cli/small_training.hpp"

#include <gtest/gtest.h>

namespace eddyline::test {

std::string small_training(const TemporaryFolder& folder, int dimension, const std::string& more) {
  const std::string problem =
      dimension == 1
          ? "name: waves\n    equation: forced_burgers\n"
            "    parameters: {alpha: 1, beta: 0, gamma: 0, waves: 5, amplitude: 0.5, frequency: 0.4, "
            "largest_wavenumber: "
            "3}\n    grid: [{to: 16, cells: 32}]\n    boundaries: {x_low: {type: periodic}, x_high: {type: periodic}}\n"
            "    initial: {type: waves}\n"
          : "name: basin\n    equation: shallow_water\n    parameters: {gravity: 1}\n"
            "    grid: [{cells: 16}, {to: 0.75, cells: 12}]\n"
            "    boundaries: {x_low: {type: free_slip}, x_high: {type: free_slip}, y_low: {type: free_slip}, y_high: "
            "{type: free_slip}}\n"
            "    initial: {type: formula, values: {depth: \"1+0.3*exp(-((x-0.4)^2+(y-0.3)^2)/0.02)\", velocity_x: 0}}\n"
            "  draw: {drift: {from: -0.3, to: 0.3}}\n  derive: {initial.values.velocity_x: drift}\n";
  return folder.file(
      "small.yaml",
      "generate:\n  name: small\n  folder: '" + folder.path("data") +
          "'\n  splits: {train: 3, valid: 1, test: 1}\n  solver: {name: finite_volume}\n  frame_interval: 0.05\n"
          "  frames: 9\n  average: " +
          (dimension == 1 ? "[1]" : "[1, 1]") + "\n  threads: 1\n  problem:\n    " + problem + "train:\n  run: '" +
          folder.path("run") + "'\n  data: {path: '" + folder.path("data") +
          "'}\n  operator: {name: fno, n_modes: " + (dimension == 1 ? "[6]" : "[4, 4]") +
          ", hidden_channels: 6, n_layers: 1}\n  task: {name: next_step, bundle: 2}\n"
          "  training: {epochs: 4, batch_size: 4, warmup_epochs: 0.5, validate_every: 2, threads: 1}\n" +
          more);
}

std::string generated_training(const TemporaryFolder& folder, int dimension, const std::string& more) {
  const std::string config = small_training(folder, dimension, more);
  const auto generated = run_program({"generate", config});
  EXPECT_EQ(generated.exit_code, 0) << generated.output;
  return config;
}

}  // namespace eddyline::test
