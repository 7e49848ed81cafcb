// Weights to and from Python through the program.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/io/atomic_file.hpp"
#include "core/io/safetensors.hpp"
#include "core/training/foreign_weights.hpp"
#include "core/training/trained_model.hpp"
#include "core/training/weight_exchange.hpp"
#include "operators/kernels/layers.hpp"
#include "tests/cli/program.hpp"

namespace eddyline::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

const std::string source_folder = EDDYLINE_SOURCE_DIR;

/// Output of a Python script beside this test; the exit code is 0 or the test fails.
std::string python(const std::string& script, const std::vector<std::string>& arguments) {
  std::string command = source_folder + "/.venv/bin/python " + source_folder + "/tests/cli/" + script;
  for (const auto& argument : arguments) command += " '" + argument + "'";
  command += " 2>&1";
  std::string output;
  FILE* pipe = popen(command.c_str(), "r");
  char buffer[4096];
  while (fgets(buffer, sizeof buffer, pipe) != nullptr) output += buffer;
  EXPECT_EQ(pclose(pipe), 0) << output;
  return output;
}

std::vector<std::string> import_command(const std::string& weights, const std::string& output,
                                        const std::vector<std::string>& more = {}) {
  std::vector<std::string> command = {"import",     weights,
                                      "--operator", "fno",
                                      "--set",      "operator.n_modes=[6,8]",
                                      "--set",      "operator.hidden_channels=8",
                                      "--set",      "operator.n_layers=2",
                                      "--set",      "channels=[{name: u}, {name: v}]",
                                      "--set",      "grid=[{cells: 12}, {cells: 12}]",
                                      "--output",   output};
  command.insert(command.end(), more.begin(), more.end());
  return command;
}

/// The library's options for the same model: two channels of one frame.
std::string options_file(const TemporaryFolder& folder, const std::string& more = "") {
  return folder.file("options.json", R"({"n_modes": [6, 8], "hidden_channels": 8, "n_layers": 2, "in_channels": 2,
    "out_channels": 2, "lifting_channel_ratio": 2, "projection_channel_ratio": 2)" +
                                         more + "}");
}

at::Tensor run_operator(const TrainedModel& trained, const at::Tensor& x) {
  const torch::NoGradGuard no_gradient;
  Batch batch;
  batch.inputs = x.unsqueeze(1);
  return trained.forecaster->frames(batch).squeeze(1);
}

TEST(Exchange, PythonWeightsGivePythonsOutput) {
  if (!has_test_packages()) GTEST_SKIP() << "neuraloperator is not installed in .venv (scripts/setup_test_python.sh)";
  for (const std::string factorization : {"", "Tucker", "CP", "TT"}) {
    const TemporaryFolder folder;
    const std::string library =
        factorization.empty() ? "" : ", \"factorization\": \"" + factorization + "\", \"rank\": 0.4";
    python("save_from_neuraloperator.py",
           {options_file(folder, library), folder.path("state.pt"), folder.path("arrays.safetensors"), "2", "12"});
    std::vector<std::string> ours;
    if (!factorization.empty()) {
      std::string lower = factorization;
      for (char& c : lower) c = static_cast<char>(std::tolower(c));
      ours = {"--set", "operator.factorization=" + lower, "--set", "operator.rank=0.4"};
    }
    const auto imported = run_program(import_command(folder.path("state.pt"), folder.path("run"), ours));
    ASSERT_EQ(imported.exit_code, 0) << imported.output;
    const TrainedModel trained = load_model(folder.path("run"));
    const auto arrays = read_safetensors(folder.path("arrays.safetensors")).tensors;
    const at::Tensor y = run_operator(trained, arrays.at("x")), expected = arrays.at("y");
    EXPECT_LT(((y - expected).abs().max() / expected.abs().max()).item<double>(), 2e-6) << factorization;
    // And back: the library loads what we write, strictly, and gives the same again.
    const auto exported = run_program({"export", folder.path("run"), "--output", folder.path("back.safetensors")});
    ASSERT_EQ(exported.exit_code, 0) << exported.output;
    const std::string difference =
        python("load_into_neuraloperator.py",
               {folder.path("back.safetensors"), folder.path("options.json"), folder.path("arrays.safetensors")});
    EXPECT_LT(parse_number(difference.substr(0, difference.find('\n'))).value_or(1), 1e-6) << difference;
  }
}

TEST(Exchange, EveryDifferenceIsNamedWithTheNearestName) {
  const TemporaryFolder folder;
  write_safetensors(folder.path("bad.safetensors"), {{{"lifting.fcs.0.weights", torch::zeros({16, 4, 1})},
                                                      {"lifting.fcs.0.bias", torch::zeros({15})},
                                                      {"projection.fcs.9.bias", torch::zeros({2})}},
                                                     {}});
  const auto result = run_program(import_command(folder.path("bad.safetensors"), folder.path("run")));
  EXPECT_EQ(result.exit_code, 3) << result.output;
  EXPECT_THAT(result.output, AllOf(HasSubstr("no 'lifting.fcs.0.weights'; did you mean 'lifting.fcs.0.weight'?"),
                                   HasSubstr("'lifting.fcs.0.bias' has shape [15] in the file, [16] in the model"),
                                   HasSubstr("differences"), HasSubstr("the file has no '")));
  EXPECT_FALSE(fs::exists(folder.path("run/checkpoints")));
}

TEST(Exchange, WhatIsMissingFromTheCommandLineIsSaid) {
  const TemporaryFolder folder;
  write_safetensors(folder.path("w.safetensors"), {{{"a", torch::zeros({1})}}, {}});
  auto result =
      run_program({"import", folder.path("w.safetensors"), "--operator", "fno", "--output", folder.path("run")});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.output, HasSubstr("--set 'channels="));
  result =
      run_program({"import", folder.path("w.safetensors"), "--operator", "persistence", "--set", "channels=[{name: u}]",
                   "--set", "grid=[{cells: 8}, {cells: 8}]", "--output", folder.path("run")});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.output, HasSubstr("no names of its authors"));
}

TEST(Exchange, PicklesThatAreNoPlainTensorsAreNotExecuted) {
  if (!fs::exists(source_folder + "/.venv/bin/python")) GTEST_SKIP() << "there is no .venv";
  const TemporaryFolder folder;
  // An archive as torch.save makes it whose pickle would run a command, and a bare pickle that would.
  static_cast<void>(folder.file("evil.py",
                                "import os, pickle, sys, zipfile\n"
                                "class Evil:\n"
                                "    def __reduce__(self): return (os.system, ('touch ' + sys.argv[1],))\n"
                                "text = pickle.dumps({'weight': Evil()}, protocol=2)\n"
                                "open(sys.argv[3], 'wb').write(text)\n"
                                "with zipfile.ZipFile(sys.argv[2], 'w') as archive:\n"
                                "    archive.writestr('archive/data.pkl', text)\n"
                                "    archive.writestr('archive/version', '3\\n')\n"));
  const std::string trace = folder.path("executed");
  ASSERT_EQ(std::system((source_folder + "/.venv/bin/python " + folder.path("evil.py") + " " + trace + " " +
                         folder.path("evil.pt") + " " + folder.path("bare.pt"))
                            .c_str()),
            0);
  for (const char* name : {"evil.pt", "bare.pt"}) {
    const auto result = run_program(import_command(folder.path(name), folder.path("run")));
    EXPECT_EQ(result.exit_code, 3) << result.output;
    EXPECT_THAT(result.output, HasSubstr("safetensors.torch.save_file")) << name;
    EXPECT_FALSE(fs::exists(trace)) << name << " was executed";
  }
  EXPECT_EQ(run_program(import_command(folder.file("text.pt", "weights"), folder.path("run"))).exit_code, 3);
  EXPECT_EQ(run_program(import_command(folder.path("missing.pt"), folder.path("run"))).exit_code, 5);
}

TEST(Exchange, ComplexTensorsSurviveTheFile) {
  const TemporaryFolder folder;
  const at::Tensor values = at::randn({3, 2}, at::kComplexFloat);
  write_safetensors(folder.path("c.safetensors"), {{{"c", values}}, {}});
  EXPECT_TRUE(at::equal(read_safetensors(folder.path("c.safetensors")).tensors.at("c"), values));
  // Pairs into complex and complex into pairs, name by name.
  const at::Tensor pairs = torch::zeros({3, 2, 2});
  copy_weights(
      {{"c", pairs}}, {{"c", values}}, [](const std::string&) { return false; }, "test");
  EXPECT_TRUE(at::equal(at::view_as_complex(pairs), values));
}

}  // namespace
}  // namespace eddyline::test
