#include "core/io/csv.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <locale>

#include "core/base/error.hpp"
#include "core/io/atomic_file.hpp"
#include "tests/output/output_fixture.hpp"

namespace eddyline {
namespace {

using output_test::ScratchFolder;

TEST(Csv, KeepsEveryBitUnderACommaLocale) {
  struct CommaNumbers : std::numpunct<char> {
    [[nodiscard]] char do_decimal_point() const override { return ','; }
    [[nodiscard]] char do_thousands_sep() const override { return '.'; }
    [[nodiscard]] std::string do_grouping() const override { return "\3"; }
  };
  const ScratchFolder folder;
  const std::locale before = std::locale::global(std::locale(std::locale(), new CommaNumbers));
  const std::vector<double> row = {12345, 0.1, 1.0 / 3, -std::numeric_limits<double>::denorm_min(), 1e300};
  CsvWriter writer(folder / "zahlen \u00fc.csv", {"step", "a", "b", "c", "d"});
  writer.add(row);
  const CsvTable table = read_csv(folder / "zahlen \u00fc.csv");
  std::locale::global(before);
  ASSERT_EQ(table.rows.size(), 1U);
  EXPECT_EQ(table.rows[0], row);
  EXPECT_EQ(read_file(folder / "zahlen \u00fc.csv"), "step,a,b,c,d\n12345,0.1,0.3333333333333333,-5e-324,1e+300\n");
}

TEST(Csv, ContinuesBehindTheCheckpointWithOneHeader) {
  const ScratchFolder folder;
  {
    CsvWriter writer(folder / "a.csv", {"step", "loss"});
    for (int step = 0; step < 5; ++step) writer.add({static_cast<double>(step), 0.5 * step});
  }
  std::ofstream(folder / "a.csv", std::ios::app) << "5,0.";  // torn by a crash
  CsvWriter writer(folder / "a.csv", {"step", "loss"}, [](const std::vector<double>& row) { return row[0] < 3; });
  writer.add({3, 7});
  EXPECT_EQ(read_file(folder / "a.csv"), "step,loss\n0,0\n1,0.5\n2,1\n3,7\n");
  EXPECT_THROW(writer.add({1}), DataError);
}

TEST(Csv, NamesWhatIsWrong) {
  const ScratchFolder folder;
  write_atomically(folder / "a.csv", "step,loss\n0,1\n1,x\x1b\n");
  try {
    static_cast<void>(read_csv(folder / "a.csv"));
    FAIL();
  } catch (const DataError& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find(":3:"), std::string::npos) << message;
    EXPECT_EQ(message.find('\x1b'), std::string::npos) << message;
  }
  EXPECT_THROW(CsvWriter("/proc/nowhere/a.csv", {"a"}), IoError);
}

}  // namespace
}  // namespace eddyline
