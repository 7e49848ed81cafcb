// Commas in numbers, another capital I, another time zone, a clock that is set back: the bytes stay.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <clocale>
#include <cstdlib>
#include <filesystem>
#include <locale>
#include <nlohmann/json.hpp>

#include "core/base/numbers.hpp"
#include "core/config/config_reader.hpp"
#include "core/field/case.hpp"
#include "core/io/atomic_file.hpp"
#include "core/io/csv.hpp"
#include "core/io/picture_plot.hpp"
#include "core/io/vtk_writer.hpp"
#include "tests/faults/small_run.hpp"

namespace eddyline::test {
namespace {

namespace fs = std::filesystem;

/// de_DE (decimal comma) and tr_TR (dotted capital i), made by localedef into a folder of the test.
class Locales {
 public:
  Locales() {
    if (std::system("command -v localedef >/dev/null 2>&1") != 0) return;
    are_made_ = true;
    for (const std::string name : {"de_DE", "tr_TR"})
      are_made_ =
          are_made_ &&
          std::system(
              ("localedef -i " + name + " -f UTF-8 '" + folder_.path(name + ".UTF-8") + "' >/dev/null 2>&1").c_str()) ==
              0;
  }
  [[nodiscard]] bool are_made() const { return are_made_; }
  [[nodiscard]] std::string folder() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
  bool are_made_ = false;
};
constexpr const char* missing = "no locales could be made; install the package locales (scripts/setup.sh --tests does)";

std::vector<std::string> results(const fs::path& folder) {
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = fs::relative(entry.path(), folder).string();
    const bool tells_where_or_how_long = name.find("provenance") != std::string::npos || name.ends_with(".yaml") ||
                                         name.ends_with("evaluation.json") || name.starts_with("card/") ||
                                         name.ends_with(".lock");
    if (entry.is_regular_file() && !tells_where_or_how_long) files.push_back(name);
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// What the file holds; of a report without the config and the provenance that it quotes.
std::string own_content(const fs::path& file) {
  std::string text = read_file(file);
  if (file.filename() != "report.html") return text;
  for (const char* quoted : {"config.yaml", "provenance.json"}) {
    const std::string quotation = nlohmann::json(read_file(file.parent_path() / quoted)).dump();
    const auto at = text.find(quotation);
    EXPECT_NE(at, std::string::npos) << file << " does not quote " << quoted;
    if (at != std::string::npos) text.erase(at, quotation.size());
  }
  return text;
}

TEST(Locale, OutputsOfEveryCommandAreTheSameBytes) {
  const Locales locales;
  if (!locales.are_made()) GTEST_SKIP() << missing;
  const TemporaryFolder folder;
  const auto run = [&](const std::string& name, const std::string& locale, const std::string& zone) {
    const std::string config = folder.file(name + ".yaml", small_config(folder.path(name))),
                      simulation = folder.file(name + "_solve.yaml", small_simulation(folder.path(name + "/solved")));
    ProgramOptions options;
    options.in_child = [&] {
      ::setenv("LOCPATH", locales.folder().c_str(), 1);
      ::setenv("LC_ALL", locale.c_str(), 1);
      ::setenv("TZ", zone.c_str(), 1);
    };
    const std::string trained = folder.path(name + "/run");
    for (const auto& command : std::vector<std::vector<std::string>>{
             {"generate", config},
             {"train", config},
             {"evaluate", trained, folder.path(name + "/data")},
             {"predict", trained, "--pictures-every", "4", "--output", folder.path(name + "/out")},
             {"solve", simulation, "--set", "output.pictures_every=10"}}) {
      const auto result = run_program(command, options);
      EXPECT_EQ(result.exit_code, 0) << result.output;
    }
  };
  run("c", "C", "UTC");
  const auto files = results(folder.path("c"));
  EXPECT_GT(files.size(), 30u);
  for (const auto& [name, zone] :
       std::vector<std::pair<std::string, std::string>>{{"de_DE", "Asia/Kathmandu"}, {"tr_TR", "America/St_Johns"}}) {
    run(name, name + ".UTF-8", zone);
    EXPECT_EQ(results(folder.path(name)), files);
    for (const auto& file : files)
      EXPECT_TRUE(own_content(folder.path("c/") + file) == own_content(folder.path(name + "/") + file))
          << name << " " << file;
  }
}

/// What a host program does that sets its user's locale before it calls the library.
TEST(Locale, TheLibraryInAHostWithDecimalCommasReadsAndWritesPoints) {
  const Locales locales;
  if (!locales.are_made()) GTEST_SKIP() << missing;
  ::setenv("LOCPATH", locales.folder().c_str(), 1);
  const auto written = [] {
    const TemporaryFolder folder;
    const auto problem = Case::from_yaml(
        "grid: [{to: 1.5, cells: 4}, {to: 0.5, cells: 4}]\nparameters: {viscosity: 0.125}\n"
        "boundaries: {x_low: {type: inflow, velocity: [1.25, 0]}, x_high: {type: outflow}, y_low: {}, y_high: {}}\n",
        "case.yaml");
    CsvWriter(folder.path("a.csv"), {"x"}).add({0.25});
    const Grid grid = Grid::uniform({0.5, 0.25}, {1.5, 1.25}, {4, 4});
    PvdCollection(folder.path("a.pvd")).add(0.75, "a.vti");
    LinePlot plot;
    plot.curves = {{"a", {0.5, 1.5, 2.5}, {1.25, 0.5, 0.75}}};
    return problem->to_yaml() + read_file(folder.path("a.csv")) + read_file(folder.path("a.pvd")) +
           vtk_bytes({&grid, 0.5, "m", "s", {}}) + svg_plot(plot) +
           format_number(read_csv(folder.path("a.csv")).rows[0][0]) + format_duration(12.5) + format_bytes(1536);
  };
  const std::string plain = written();
  for (const char* name : {"de_DE.UTF-8", "tr_TR.UTF-8"}) {
    ASSERT_NE(std::setlocale(LC_ALL, name), nullptr);
    std::locale::global(std::locale(name));
    ASSERT_EQ(std::to_string(0.5).substr(0, 2), "0,");  // the locale is in force
    const std::string here = written();
    std::locale::global(std::locale::classic());
    std::setlocale(LC_ALL, "C");
    EXPECT_TRUE(here == plain) << name;
  }
}

}  // namespace
}  // namespace eddyline::test
