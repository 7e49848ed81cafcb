// Event files: framing, sums, and what a resume keeps. TensorBoard's own reader opens them in
// tests/cli/monitor_test.cpp.

#include "core/io/tensorboard_writer.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>

#include "core/base/log.hpp"
#include "core/io/atomic_file.hpp"

namespace eddyline::test {
namespace {

namespace fs = std::filesystem;

TEST(Crc32c, EqualsThePublishedExamples) {
  EXPECT_EQ(crc32c("123456789"), 0xE3069283U);            // the check value of CRC-32C
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAU);  // RFC 3720, B.4
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62A8AB43U);
  std::string rising;
  for (char c = 0; c < 32; ++c) rising += c;
  EXPECT_EQ(crc32c(rising), 0x46DD794EU);
}

/// A fresh event file with steps 0, 10, 300 and a picture.
std::string written(const fs::path& path) {
  fs::remove(path);
  TensorboardWriter writer(path);
  for (const std::int64_t step : {0, 10, 300}) {
    writer.add_scalars(step,
                       {{"loss", 0.5 / (1.0 + static_cast<double>(step))}, {"validation/selection", std::nan("")}});
    writer.add_picture(step, "frames", Canvas(4, 3));
  }
  return read_file(path);
}

TEST(TensorboardWriter, ATornTailAndNewerRecordsAreCut) {
  set_log_level(LogLevel::quiet);
  const fs::path path = fs::temp_directory_path() / ("eddyline-events-" + std::to_string(::getpid()));
  const std::string whole = written(path);
  { TensorboardWriter same(path); }
  EXPECT_EQ(read_file(path), whole);
  // Any cut within the last records, or a flipped bit in them, followed by the same calls, gives the same file.
  std::string before;
  {
    TensorboardWriter cut(path, 300);
    before = read_file(path);
    EXPECT_LT(before.size(), whole.size());
  }
  for (std::size_t length = before.size(); length < whole.size(); length += 3) {
    write_atomically(path, whole.substr(0, length));
    TensorboardWriter writer(path, 300);
    EXPECT_EQ(read_file(path), before) << length;
    writer.add_scalars(300, {{"loss", 0.5 / 301}});
    writer.add_picture(300, "frames", Canvas(4, 3));
    EXPECT_EQ(read_file(path), whole);
  }
  for (std::size_t place = before.size(); place < whole.size(); place += 5) {
    std::string flipped = whole;
    flipped[place] = static_cast<char>(flipped[place] ^ 4);
    write_atomically(path, flipped);
    TensorboardWriter writer(path);
    EXPECT_LT(read_file(path).size(), whole.size()) << place;
    EXPECT_TRUE(whole.starts_with(read_file(path)));
  }
  write_atomically(path, "not an event file");
  TensorboardWriter anew(path);
  EXPECT_TRUE(whole.starts_with(read_file(path)));
  fs::remove(path);
}

TEST(TensorboardWriter, AFullDiskLeavesWholeRecords) {
  const fs::path path = fs::temp_directory_path() / ("eddyline-events-full-" + std::to_string(::getpid()));
  const std::string whole = written(path);
  TensorboardWriter writer(path);
  const FailureInjection full(1);
  EXPECT_ANY_THROW(writer.add_scalars(400, {{"loss", 1}}));
  EXPECT_EQ(read_file(path), whole);
  fs::remove(path);
}

}  // namespace
}  // namespace eddyline::test
