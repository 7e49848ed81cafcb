// What a training shows: event files that TensorBoard reads, a report that a browser draws, an honest plan.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <vtkImageData.h>
#include <vtkNew.h>
#include <vtkPNGReader.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>

#include "core/base/numbers.hpp"
#include "core/io/atomic_file.hpp"
#include "core/io/csv.hpp"
#include "tests/cli/program.hpp"
#include "tests/cli/small_training.hpp"

namespace eddyline::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const std::string source_folder = EDDYLINE_SOURCE_DIR;

std::string output_of(const std::string& command) {
  std::string output;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  char buffer[4096];
  while (fgets(buffer, sizeof buffer, pipe) != nullptr) output += buffer;
  EXPECT_EQ(pclose(pipe), 0) << command << output;
  return output;
}

TEST(EventFile, TensorBoardsOwnReaderFindsTheMetrics) {
  if (!has_test_packages()) GTEST_SKIP() << "tensorboard is not installed in .venv (scripts/setup_test_python.sh)";
  const TemporaryFolder folder;
  const auto trained = run_program({"train", generated_training(folder, 2)});
  ASSERT_EQ(trained.exit_code, 0) << trained.output;
  std::istringstream lines(output_of(source_folder + "/.venv/bin/python " + source_folder +
                                     "/tests/cli/read_events.py " + folder.path("run")));
  std::map<std::string, std::map<std::int64_t, double>> scalars;
  int pictures = 0;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string kind, tag, value;
    std::int64_t step = 0;
    words >> kind >> tag >> step >> value;
    if (kind == "scalar") scalars[tag][step] = parse_number(value).value_or(NAN);
    if (kind != "image") continue;
    ++pictures;
    EXPECT_THAT(line, HasSubstr("True"));
  }
  EXPECT_EQ(pictures, 3) << "the untrained model and two validations";
  const CsvTable table = read_csv(folder.path("run/metrics.csv"));
  for (const auto& [tag, column] : {std::pair{"training/loss", "loss"},
                                    {"training/learning_rate", "learning_rate"},
                                    {"validation/selection", "selection"}}) {
    const auto values = table.column(column), steps = table.column("step");
    std::size_t count = 0;
    for (std::size_t row = 0; row < values.size(); ++row) {
      if (std::isnan(values[row])) continue;
      ++count;
      EXPECT_FLOAT_EQ(static_cast<float>(scalars[tag][static_cast<std::int64_t>(steps[row])]),
                      static_cast<float>(values[row]))
          << tag << row;
    }
    EXPECT_EQ(scalars[tag].size(), count) << tag;
  }
}

/// The browser, empty when there is none.
std::string chromium() {
  for (const char* name : {"chromium", "chromium-browser", "google-chrome"}) {
    std::istringstream folders(std::getenv("PATH"));
    for (std::string path; std::getline(folders, path, ':');)
      if (fs::exists(path + "/" + name)) return path + "/" + name;
  }
  return "";
}

/// Checks that a browser draws the page, and that the picture of it shows frames and curves.
void look_at(const std::string& page, const TemporaryFolder& folder, std::size_t curves, std::size_t pictures) {
  const std::string browser = chromium();
  if (browser.empty()) GTEST_SKIP() << "no chromium: apt-get install chromium to draw the page";
  const std::string command = browser +
                              " --headless --no-sandbox --disable-gpu --user-data-dir=" + folder.path("browser") +
                              " --window-size=1280,1700 --virtual-time-budget=3000 ";
  const std::string document = output_of(command + "--dump-dom 'file://" + page + "' 2>/dev/null");
  const auto count = [&](const std::string& text) {
    std::size_t found = 0;
    for (auto at = document.find(text); at != std::string::npos; at = document.find(text, at + 1)) ++found;
    return found;
  };
  EXPECT_THAT(document, HasSubstr("data-ready=\"yes\""));  // the last line of the script ran
  EXPECT_EQ(count("<svg"), curves);
  EXPECT_EQ(count("src=\"data:image/png;base64,"), pictures);
  const std::string screenshot = folder.path("report.png");
  static_cast<void>(
      output_of(command + "--hide-scrollbars --screenshot=" + screenshot + " 'file://" + page + "' >/dev/null"));
  vtkNew<vtkPNGReader> reader;
  reader->SetFileName(screenshot.c_str());
  reader->Update();
  vtkImageData* image = reader->GetOutput();
  int size[3];
  image->GetDimensions(size);
  ASSERT_EQ(size[0], 1280);
  // Blue and orange of the curves, and of a two-dimensional run the many colours of its frames.
  std::set<std::tuple<int, int, int>> colours;
  std::size_t blue = 0;
  for (int y = 0; y < size[1]; ++y)
    for (int x = 0; x < size[0]; ++x) {
      const auto* pixel = static_cast<unsigned char*>(image->GetScalarPointer(x, y, 0));
      colours.emplace(pixel[0], pixel[1], pixel[2]);
      if (pixel[0] == 0 && pixel[1] == 114 && pixel[2] == 178) ++blue;
    }
  EXPECT_GT(blue, 300U);
  EXPECT_GT(colours.size(), pictures > 0 ? 1000U : 50U);
}

TEST(Report, OneFileThatABrowserDraws) {
  const TemporaryFolder folder;
  const std::string config = generated_training(folder, 2);
  ASSERT_EQ(run_program({"train", config}).exit_code, 0);
  const std::string page = folder.path("run/report.html"), text = read_file(page);
  for (const char* part : {"http://", "https://", "<link", "src=\"/"})
    EXPECT_THAT(text, Not(HasSubstr(part == std::string("http://") ? "src=\"http://" : part)));
  EXPECT_THAT(text, AllOf(HasSubstr("epoch 4 of 4"), HasSubstr("hidden_channels: 6"), HasSubstr("\\\"revision\\\"")));
  EXPECT_FALSE(fs::exists(page + ".tmp"));
  // The same page from the run directory alone, for a run whose last validation was its best one or not.
  const auto drawn = run_program({"plot", folder.path("run"), "--report", "--output", folder.path("again.html")});
  EXPECT_EQ(drawn.exit_code, 0) << drawn.output;
  EXPECT_THAT(read_file(folder.path("again.html")), HasSubstr("epoch 4 of 4"));
  look_at(page, folder, 5, 3);
}

TEST(Report, ProfilesOfOneDimensionAndWhatIsNoRun) {
  const TemporaryFolder folder;
  const std::string config = generated_training(folder, 1);
  ASSERT_EQ(run_program({"train", config, "--set", "monitor.events=false"}).exit_code, 0);
  EXPECT_FALSE(fs::exists(folder.path("run/events.out.tfevents.eddyline")));
  const auto refused = run_program({"plot", folder.path("data"), "--report"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.output, HasSubstr("is no run"));
  look_at(folder.path("run/report.html"), folder, 6, 0);
}

/// Bytes of the line `memory` of a plan: "memory       1.5 GiB, ...".
double planned_bytes(const std::string& plan) {
  std::istringstream words(plan.substr(plan.find("memory ")));
  std::string name, number, unit;
  words >> name >> number >> unit;
  const std::map<std::string, double> units = {{"KiB,", 1024.0}, {"MiB,", 1048576.0}, {"GiB,", 1073741824.0}};
  return parse_number(number).value_or(NAN) * units.at(unit);
}

class Plan : public testing::TestWithParam<const char*> {};

/// The estimate of --dry-run against the peak of the training itself, each in a process of its own.
TEST_P(Plan, MemoryIsWithinAQuarterOfTheMeasuredPeak) {
  const TemporaryFolder folder;
  const std::string config = generated_training(folder, 2);
  const std::vector<std::string> settings = {"--set", std::string("operator=") + GetParam(), "--set",
                                             "training.epochs=1"};
  std::vector<std::string> train = {"train", config}, plan = {"train", config, "--dry-run"};
  train.insert(train.end(), settings.begin(), settings.end());
  plan.insert(plan.end(), settings.begin(), settings.end());
  const auto planned = run_program(plan);
  ASSERT_EQ(planned.exit_code, 0) << planned.output;
  EXPECT_THAT(planned.output, AllOf(HasSubstr("parameters"), HasSubstr(" an epoch")));
  EXPECT_FALSE(fs::exists(folder.path("run")));
  const auto trained = run_program(train);
  ASSERT_EQ(trained.exit_code, 0) << trained.output;
  EXPECT_NEAR(planned_bytes(planned.output) / trained.peak_bytes, 1, 0.25) << planned.output;
}

INSTANTIATE_TEST_SUITE_P(Operators, Plan,
                         testing::Values("{name: fno, n_modes: [6, 6], hidden_channels: 96, n_layers: 4}",
                                         "{name: unet_2015, features: 24, size_padding: zero}",
                                         "{name: factformer, width: 48}",
                                         "{name: mp_pde, width: 64, layers: 4, graph: {kind: radius, radius: 2}}"));

}  // namespace
}  // namespace eddyline::test
