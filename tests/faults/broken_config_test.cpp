// Configs with mistakes: every one is named with file, line, column, dotted path and remedy, all of a file in one go.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <regex>

#include "core/base/error.hpp"
#include "core/config/config_reader.hpp"
#include "core/io/atomic_file.hpp"
#include "core/rollout/simulation.hpp"
#include "core/training/compare.hpp"
#include "core/training/training_run.hpp"
#include "datasets/generation/generate.hpp"

namespace eddyline::test {
namespace {

namespace fs = std::filesystem;

/// What the program says to `eddyline COMMAND FILE --dry-run`.
std::string message_of(const std::string& command, const std::string& file) {
  try {
    if (command == "solve") {
      SimulationConfig config;
      const YamlNode root = read_command_config(file, command, {}, config);
      at_its_place(root, [&] { static_cast<void>(simulation_plan(config)); });
    } else if (command == "generate") {
      GenerateConfig config;
      const YamlNode root = read_command_config(file, command, {}, config);
      at_its_place(root, [&] { static_cast<void>(generation_plan(config)); });
    } else if (command == "train") {
      TrainConfig config;
      read_command_config(file, command, {}, config);
    } else {
      CompareConfig config;
      read_command_config(file, command, {}, config);
    }
  } catch (const ConfigError& error) {
    EXPECT_EQ(error.code(), ExitCode::usage);
    return error.what();
  }
  return "no error";
}

TEST(BrokenConfigs, AreNamedWordForWord) {
  const fs::path before = fs::current_path(), folder = fs::path(EDDYLINE_TEST_DATA) / "broken_configs";
  fs::current_path(folder);  // so that the messages hold bare file names
  int count = 0;
  for (const auto& entry : fs::directory_iterator(".")) {
    if (entry.path().extension() != ".yaml") continue;
    ++count;
    const std::string name = entry.path().stem().string();
    const std::string message = message_of(name.substr(0, name.find('_')), name + ".yaml");
    EXPECT_EQ(message + "\n", read_file(name + ".txt")) << name;
    // FILE:LINE:COLUMN: in front of every line of its own
    EXPECT_TRUE(std::regex_search(message, std::regex("^" + name + R"(\.yaml:\d+:\d+: )"))) << name << ": " << message;
  }
  fs::current_path(before);
  EXPECT_GE(count, 40);
}

}  // namespace
}  // namespace eddyline::test
