// A disk that is full, and one that will be: every writer says so with path, needed and free bytes, leaves no temporary
// and keeps what was there before.

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <functional>

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "core/io/atomic_file.hpp"
#include "core/io/csv.hpp"
#include "core/io/disk_space.hpp"
#include "core/io/hdf5.hpp"
#include "core/io/picture.hpp"
#include "core/io/safetensors.hpp"
#include "core/io/vtk_writer.hpp"
#include "core/training/checkpoint.hpp"
#include "tests/faults/small_run.hpp"

namespace eddyline::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

/// A folder on a file system of its own of 1800 KiB. Needs root; the mount is private to this process and ends with it.
class SmallDisk {
 public:
  SmallDisk() {
    static const bool is_private =
        ::unshare(CLONE_NEWNS) == 0 && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
    is_mounted_ = is_private && ::mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, "size=1800k") == 0;
  }
  ~SmallDisk() {
    if (is_mounted_) ::umount2(folder_.path().c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  [[nodiscard]] bool is_mounted() const { return is_mounted_; }
  [[nodiscard]] std::string path(const std::string& name = "") const { return folder_.path(name); }
  /// Leaves so many bytes free, in whole pages.
  void fill(double free_bytes) const {
    const auto space = fs::space(folder_.path());
    const double taken = static_cast<double>(space.available) - free_bytes;
    if (taken > 0) write_atomically(path("filler"), std::string(static_cast<std::size_t>(taken), 'x'));
  }

 private:
  TemporaryFolder folder_;
  bool is_mounted_ = false;
};

/// No file of this process grows beyond a length while this lives: the full disk of an ordinary user.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
};

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

struct Writer {
  const char* name;
  std::function<void(const fs::path&)> write;  // about 2 MB
};

VtkGridFrame vtk_frame(const Grid& grid) {
  at::manual_seed(1);
  return {&grid, 0, "m", "s", {{"a", "1", {at::rand(grid.cell_shape(), at::kDouble)}}}};
}

std::vector<Writer> writers() {
  static const Grid grid = Grid::uniform({0, 0}, {1, 1}, {800, 800});
  return {{"text", [](const fs::path& path) { write_atomically(path, std::string(2'000'000, 'a')); }},
          {"safetensors",
           [](const fs::path& path) {
             write_safetensors(path, {{{"a", at::ones({500'000})}}, {}});
           }},
          {"hdf5",
           [](const fs::path& path) {
             auto file = hdf5::File::create(path);
             file.make_dataset("a/b", {100, 5000}, hdf5::Type::float32, {1, 5000});
             for (std::int64_t row = 0; row < 100; ++row) file.write_block("a/b", {row, 0}, at::rand({1, 5000}));
             file.write_strings("texts", {"one", "two"});
             file.commit();
           }},
          {"vtk", [](const fs::path& path) { write_vtk(path, vtk_frame(grid)); }},
          {"picture", [](const fs::path& path) {
             Canvas canvas(1500, 1500);
             for (int y = 0; y < 1500; ++y)
               for (int x = 0; x < 1500; ++x) {
                 const auto noise = static_cast<std::uint8_t>((x * 7919 + y * 104729 + (x * y) % 251) % 256);
                 canvas.blend(x, y, {noise, static_cast<std::uint8_t>(noise * 31), static_cast<std::uint8_t>(x * y)});
               }
             write_png(path, canvas);
           }}};
}

/// Overwrites a small file where there is no room for a large one.
void expect_refusal(const Writer& writer, const std::string& folder, bool tells_free) {
  const fs::path target = fs::path(folder) / "target";
  const auto before = names_in(folder);
  const std::string old = read_file(target);
  try {
    writer.write(target);
    FAIL() << writer.name << " wrote two megabytes where there is no room";
  } catch (const IoError& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr(target.string()), HasSubstr("make room"))) << writer.name;
    EXPECT_THAT(error.what(), HasSubstr("B needed, ")) << writer.name;
    if (tells_free) {
      EXPECT_THAT(error.what(), HasSubstr("B free)")) << writer.name;
    }
  }
  EXPECT_EQ(read_file(target), old) << writer.name;
  EXPECT_EQ(names_in(folder), before) << writer.name << " leaves a temporary";
}

TEST(FullDisk, EveryWriterNamesItAndLeavesTheOldFile) {
  const SmallDisk disk;
  if (disk.is_mounted()) {
    write_atomically(disk.path("target"), "old");
    for (const auto& writer : writers()) expect_refusal(writer, disk.path(), true);
  }
  // As an ordinary user, and where the write fails at another place each time.
  const TemporaryFolder folder;
  static_cast<void>(folder.file("target", "old"));
  for (const rlim_t bytes : {rlim_t{0}, rlim_t{700}, rlim_t{100'000}, rlim_t{1'100'000}})
    for (const auto& writer : writers()) {
      const FileSizeLimit limit(bytes);
      expect_refusal(writer, folder.path(), true);
    }
}

/// HDF5 buffers and reports late: at whatever byte the disk ends, there is an error or a whole file.
void sweep_hdf5(int places) {
  const TemporaryFolder folder;
  at::manual_seed(3);
  const at::Tensor values = at::rand({40, 6, 50});
  const auto write = [&] {
    auto file = hdf5::File::create(folder.path("a.h5"));
    file.make_dataset("fields/a", {40, 6, 50}, hdf5::Type::float32, {1, 6, 50});
    for (std::int64_t row = 0; row < 40; ++row)
      file.write_block("fields/a", {row, 0, 0}, values.slice(0, row, row + 1));
    file.set_attribute("fields", "unit", std::string("m/s"));
    file.write_strings("cases", {"one", "two"});
    file.commit();
  };
  write();
  const auto size = static_cast<rlim_t>(fs::file_size(folder.path("a.h5")));
  int failed = 0;
  for (int n = 0; n <= places; ++n) {
    fs::remove(folder.path("a.h5"));
    try {
      const FileSizeLimit limit(size * static_cast<rlim_t>(n) / static_cast<rlim_t>(places));
      write();
    } catch (const IoError&) {
      ++failed;
      EXPECT_TRUE(fs::is_empty(folder.path())) << n;
      continue;
    }
    const auto file = hdf5::File::open(folder.path("a.h5"));
    EXPECT_TRUE(at::equal(file.read("fields/a"), values)) << n;
    EXPECT_EQ(file.read_strings("cases").size(), 2u) << n;
  }
  EXPECT_GE(failed, places - 2);
}
TEST(FullDisk, Hdf5FailsOrIsWholeAtEveryPlace) { sweep_hdf5(200); }
TEST(SlowFullDisk, Hdf5FailsOrIsWholeAtEveryPlace) { sweep_hdf5(1000); }

TEST(FullDisk, TablesKeepTheirWholeRows) {
  const TemporaryFolder folder;
  CsvWriter table(folder.path("a.csv"), {"x", "y"});
  table.add({1, 2});
  const std::string before = read_file(folder.path("a.csv"));
  {
    const FileSizeLimit limit(before.size() + 3);
    EXPECT_THROW(table.add({3.25, 4.125}), IoError);
  }
  EXPECT_EQ(read_file(folder.path("a.csv")), before);
  table.add({5, 6});
  EXPECT_EQ(read_csv(folder.path("a.csv")).rows.size(), 2u);
}

TEST(FailureAtEveryCall, LeavesTheOldFileOrTheNew) {
  const std::vector<Writer> small = {{"text", [](const fs::path& path) { write_atomically(path, "new"); }},
                                     {"safetensors",
                                      [](const fs::path& path) {
                                        write_safetensors(path, {{{"a", at::ones({5})}}, {}});
                                      }},
                                     {"hdf5",
                                      [](const fs::path& path) {
                                        auto file = hdf5::File::create(path);
                                        file.write("a", at::ones({5}));
                                        file.write("b", at::ones({5}));
                                        file.commit();
                                      }},
                                     {"vtk",
                                      [](const fs::path& path) {
                                        const Grid grid = Grid::uniform({0, 0}, {1, 1}, {4, 4});
                                        write_vtk(path, vtk_frame(grid));
                                      }},
                                     {"picture", [](const fs::path& path) { write_png(path, Canvas(8, 8)); }},
                                     {"table", [](const fs::path& path) { CsvWriter(path, {"x"}).add({1}); }}};
  for (const auto& writer : small) {
    const TemporaryFolder folder;
    const fs::path target = folder.path("target");
    writer.write(target);
    const std::string whole = read_file(target);
    int calls = 0;
    for (int n = 1; n < 100; ++n) {
      write_atomically(target, "old");
      bool failed = false;
      {
        const FailureInjection injection(n);
        try {
          writer.write(target);
        } catch (const IoError& error) {
          failed = true;
          EXPECT_THAT(error.what(), HasSubstr(folder.path())) << writer.name;
        }
      }
      const std::string left = read_file(target);
      const bool is_table_without_row = std::string(writer.name) == "table" && left == "x\n";
      EXPECT_TRUE(left == "old" || left == whole || is_table_without_row) << writer.name << " " << n;
      EXPECT_EQ(names_in(folder.path()), (std::vector<std::string>{"target"})) << writer.name << " " << n;
      if (!failed) break;
      ++calls;
    }
    EXPECT_GE(calls, 4) << writer.name;
  }
}

TEST(FullDisk, EndsCommandsWithExitCodeFiveAndKeepsWhatWasWhole) {
  const SmallDisk disk;
  if (!disk.is_mounted()) GTEST_SKIP() << "mounting a small file system needs root";
  const SmallRun small;
  const auto expect_full = [&](const ProgramResult& result, const std::string& path) {
    EXPECT_EQ(result.exit_code, 5) << result.output;
    EXPECT_THAT(result.output, AllOf(HasSubstr(path), HasSubstr("B needed, "), HasSubstr("B free); make room")));
  };
  // Training: the earlier checkpoint stays as it was.
  const std::string run = disk.path("run");
  ASSERT_EQ(run_program({"train", small.config(), "--set", "run=" + run}).exit_code, 0);
  const CheckpointStore store(fs::path(run) / "checkpoints");
  const fs::path newest = *store.newest();
  disk.fill(4096);
  const auto stopped = run_program({"train", small.config(), "--set", "run=" + run, "--set", "training.epochs=3"});
  expect_full(stopped, run);
  EXPECT_EQ(*store.newest(), newest);
  EXPECT_EQ(checkpoint_damage(newest), std::nullopt);
  for (const auto& name : names_in(fs::path(run) / "checkpoints"))
    EXPECT_EQ(name.find("partial"), std::string::npos) << name;
  fs::remove(disk.path("filler"));
  EXPECT_EQ(run_program({"train", small.config(), "--set", "run=" + run, "--set", "training.epochs=3"}).exit_code, 0);
  fs::remove_all(run);
  // A simulation: frames until then are whole, and it goes on when there is room.
  const std::string simulation = small.file("solve.yaml", small_simulation(disk.path("solved")));
  disk.fill(300'000);
  expect_full(run_program({"solve", simulation, "--set", "time.end=2"}), disk.path("solved"));
  EXPECT_GT(check_vtk_files(disk.path("solved")), 3);
  fs::remove(disk.path("filler"));
  EXPECT_EQ(run_program({"solve", simulation, "--set", "time.end=1", "--restart"}).exit_code, 0);
  EXPECT_EQ(check_vtk_files(disk.path("solved")), 21);
  fs::remove_all(disk.path("solved"));
  // Generation and prediction.
  disk.fill(60'000);
  expect_full(run_program({"generate", small.config(), "--set", "folder=" + disk.path("data")}), disk.path("data"));
  fs::remove_all(disk.path("data"));
  expect_full(run_program({"predict", small.path("run"), "--steps", "20", "--pictures-every", "1000", "--output",
                           disk.path("out")}),
              disk.path("out"));
  check_vtk_files(disk.path("out"));
}

TEST(FullDisk, APictureThatFailsStopsNoRun) {
  const TemporaryFolder folder;
  const std::string simulation = folder.file("solve.yaml", small_simulation(folder.path("out")));
  ProgramOptions limited;  // a picture has some hundred kilobytes, a frame six
  limited.in_child = [] {
    const rlimit limit{26'000, 26'000};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) _exit(99);
  };
  const auto result = run_program(
      {"solve", simulation, "--set", "output.pictures_every=5", "--set", "output.restart_every=0"}, limited);
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("warning: a picture is missing, the run goes on"));
  EXPECT_TRUE(fs::is_empty(folder.path("out/pictures")));
  EXPECT_EQ(check_vtk_files(folder.path("out")), 11);
}

double bytes_below(const fs::path& folder, const std::string& extension = "") {
  double bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && (extension.empty() || entry.path().extension() == extension))
      bytes += static_cast<double>(entry.file_size());
  return bytes;
}

/// The bytes behind "disk" in the text of a dry run.
double promised_bytes(const std::string& text) {
  const auto line = text.find("\ndisk");
  if (line == std::string::npos) return 0;
  const auto digit = text.find_first_of("0123456789", line);
  const double number = std::stod(text.substr(digit));
  const std::string unit = text.substr(text.find(' ', digit) + 1, 3);
  return number * (unit == "KiB" ? 1024 : unit == "MiB" ? 1024 * 1024 : 1);
}

TEST(DiskEstimate, LiesWithinTenPercent) {
  const SmallRun small(false);
  const std::vector<std::string> generate = {"generate", small.config(),  "--set", "folder=" + small.path("fine"),
                                             "--set",    "average=[1, 1]"};
  auto dry = generate;
  dry.push_back("--dry-run");
  const double dataset = promised_bytes(run_program(dry).output);
  ASSERT_EQ(run_program(generate).exit_code, 0);
  EXPECT_NEAR(bytes_below(small.path("fine"), ".hdf5") / dataset, 1, 0.1);

  const std::vector<std::string> train = {"train", small.config(),     "--set", "operator.hidden_channels=16",
                                          "--set", "training.epochs=3"};
  dry = train;
  dry.push_back("--dry-run");
  const double checkpoints = promised_bytes(run_program(dry).output);
  ASSERT_EQ(run_program(train).exit_code, 0);
  const CheckpointStore store(fs::path(small.path("run")) / "checkpoints");
  EXPECT_NEAR(3 * bytes_below(*store.newest()) / checkpoints, 1, 0.1);
  EXPECT_LE(store.steps().size(), 3u);

  const std::string simulation = small.file("solve.yaml", small_simulation(small.path("solved")));
  const double frames = promised_bytes(run_program({"solve", simulation, "--dry-run"}).output);
  ASSERT_EQ(run_program({"solve", simulation}).exit_code, 0);
  const double written = bytes_below(small.path("solved"), ".vti") + bytes_below(small.path("solved"), ".safetensors");
  EXPECT_LT(written, 1.05 * frames);  // VTK files are compressed, a little or much
  EXPECT_GT(written, 0.5 * frames);
}

TEST(DiskEstimate, WarnsBeforeTheStartWhenTheDiskIsTooSmall) {
  const SmallDisk disk;
  if (!disk.is_mounted()) GTEST_SKIP() << "mounting a small file system needs root";
  const SmallRun small(false);
  const auto plan = run_program({"train", small.config(), "--set", "run=" + disk.path("run"), "--set",
                                 "operator.hidden_channels=64", "--dry-run"});
  EXPECT_EQ(plan.exit_code, 0);
  EXPECT_THAT(plan.output,
              AllOf(HasSubstr("warning: '" + disk.path("run") + "' needs about "), HasSubstr(" are free")));
  const std::string simulation = small.file("solve.yaml", small_simulation(disk.path("solved")));
  EXPECT_THAT(run_program({"solve", simulation, "--set", "time.end=50", "--dry-run"}).output, HasSubstr("needs about"));
  EXPECT_THAT(run_program({"generate", small.config(), "--set", "folder=" + disk.path("data"), "--set",
                           "splits.train=1000", "--dry-run"})
                  .output,
              HasSubstr("needs about"));
}

}  // namespace
}  // namespace eddyline::test
