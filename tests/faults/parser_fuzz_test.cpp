// Every parser on a kept corpus of hostile files and on random mutations of them. What a parser may do: return, or
// throw one of our errors. What it may not: crash, throw anything else, take memory without bound.

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "core/config/config_reader.hpp"
#include "core/config/formula.hpp"
#include "core/field/case.hpp"
#include "core/io/atomic_file.hpp"
#include "core/io/csv.hpp"
#include "core/io/safetensors.hpp"
#include "core/training/dataset.hpp"
#include "tests/cli/program.hpp"

namespace eddyline::test {
namespace {

namespace fs = std::filesystem;

constexpr double memory_bound = 512.0 * 1024 * 1024;  // beyond what the process had

double peak_bytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return 1024.0 * static_cast<double>(usage.ru_maxrss);
}

/// No more memory than the bound while this lives: whoever asks for more is refused. HDF5 believes the length of a text
/// in an attribute of a foreign file, up to 4 GiB, before it looks whether the file is so long.
class MemoryLimit {
 public:
  MemoryLimit() {
    ::getrlimit(RLIMIT_AS, &before_);
    std::ifstream sizes("/proc/self/statm");
    double pages = 0;
    sizes >> pages;
    const rlimit limit{static_cast<rlim_t>(pages * static_cast<double>(::sysconf(_SC_PAGESIZE)) + memory_bound),
                       before_.rlim_max};
    ::setrlimit(RLIMIT_AS, &limit);
  }
  ~MemoryLimit() { ::setrlimit(RLIMIT_AS, &before_); }
  MemoryLimit(const MemoryLimit&) = delete;
  MemoryLimit& operator=(const MemoryLimit&) = delete;

 private:
  rlimit before_{};
};

struct Parser {
  std::string name;                                                       // folder of its corpus
  std::function<void(const TemporaryFolder&, const std::string&)> parse;  // of the bytes of a file
};

std::vector<Parser> parsers() {
  return {{"yaml", [](const TemporaryFolder&,
                      const std::string& bytes) { static_cast<void>(Case::from_yaml(bytes, "fuzz.yaml")); }},
          {"set",
           [](const TemporaryFolder&, const std::string& bytes) {
             YamlNode root = parse_yaml("grid: [{cells: 4}, {cells: 4}]\nparameters: {viscosity: 0.1}\n", "case.yaml");
             std::istringstream lines(bytes);
             for (std::string line; std::getline(lines, line);) apply_override(root, line);
             CaseConfig config;
             read_config(root, config);
           }},
          {"safetensors",
           [](const TemporaryFolder& folder, const std::string& bytes) {
             for (const auto& [name, tensor] : read_safetensors(folder.file("fuzz.safetensors", bytes)).tensors)
               if (tensor.numel() > 0) static_cast<void>(tensor.to(at::kFloat).sum().item<float>());
           }},
          {"hdf5",
           [](const TemporaryFolder& folder, const std::string& bytes) {
             const auto data = open_dataset(folder.file("fuzz.hdf5", bytes), "test");
             for (std::int64_t k = 0; k < std::min<std::int64_t>(data->size(), 3); ++k) {
               const auto trajectory = data->trajectory(k);
               static_cast<void>(data->frames(k, 0, trajectory.frames()));
               static_cast<void>(data->statics(k));
               static_cast<void>(data->problem(k));
             }
             static_cast<void>(data->fingerprint());
           }},
          {"csv", [](const TemporaryFolder& folder,
                     const std::string& bytes) { static_cast<void>(read_csv(folder.file("fuzz.csv", bytes))); }},
          {"formula", [](const TemporaryFolder&, const std::string& bytes) {
             static_cast<void>(Formula(bytes, {"x", "y"})(std::vector<double>{0.5, 2}));
           }}};
}

/// @param source  for the message when it fails.
bool survives(const Parser& parser, const TemporaryFolder& folder, const std::string& bytes,
              const std::string& source) {
  try {
    parser.parse(folder, bytes);
    return true;
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()), "") << source;
    return false;
  } catch (const std::exception& error) {
    ADD_FAILURE() << parser.name << ", " << source << ": not one of our errors: " << error.what();
    write_atomically(fs::temp_directory_path() / ("eddyline-fuzz-" + parser.name), bytes);
    return false;
  }
}

std::vector<fs::path> corpus_of(const Parser& parser) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(fs::path(EDDYLINE_TEST_DATA) / "fuzz" / parser.name))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

TEST(ParserFuzz, TheCorpusIsRefusedOrRead) {
  const TemporaryFolder folder;
  const double before = peak_bytes();
  for (const auto& parser : parsers())
    for (const auto& file : corpus_of(parser)) {
      const std::string name = file.filename().string();
      const bool accepted = survives(parser, folder, read_file(file), name);
      // The file's name says what is expected of it.
      EXPECT_EQ(accepted, name.starts_with("good")) << parser.name << "/" << name;
    }
  EXPECT_LT(peak_bytes() - before, memory_bound);
}

/// One to four of: a flipped bit, a byte set, bytes cut out, bytes doubled, a piece of another file, a number made
/// huge.
std::string mutated(std::string bytes, const std::vector<std::string>& others, RandomStream& random) {
  const std::vector<std::string> pieces = {
      "0",  "-1",  "99999999999999999999", "1e400",     "[[[[", "{{", "\xff\xfe", "~", "\n- ", ": ", "'", "\"", "&a",
      "*a", "nan", std::string(1, '\0'),   "2147483648"};
  const auto count = 1 + random.below(4);
  for (std::uint64_t n = 0; n < count; ++n) {
    const std::size_t place = bytes.empty() ? 0 : random.below(bytes.size());
    const std::size_t length = std::min<std::size_t>(bytes.size() - place, 1 + random.below(16));
    switch (random.below(6)) {
      case 0:
        if (!bytes.empty()) bytes[place] = static_cast<char>(bytes[place] ^ (1 << random.below(8)));
        break;
      case 1:
        if (!bytes.empty()) bytes[place] = static_cast<char>(random.below(256));
        break;
      case 2:
        bytes.erase(place, length);
        break;
      case 3:
        bytes.insert(place, bytes.substr(place, length));
        break;
      case 4: {
        const std::string& other = others[random.below(others.size())];
        if (!other.empty()) bytes.insert(place, other.substr(random.below(other.size()), 64));
        break;
      }
      default:
        bytes.insert(place, pieces[random.below(pieces.size())]);
    }
  }
  return bytes;
}

void mutate(int count) {
  const TemporaryFolder folder;
  const MemoryLimit limit;
  for (const auto& parser : parsers()) {
    std::vector<std::string> files;
    for (const auto& file : corpus_of(parser)) files.push_back(read_file(file));
    RandomStream random(41, "mutations/" + parser.name);
    for (int n = 0; n < count; ++n)
      static_cast<void>(survives(parser, folder, mutated(files[random.below(files.size())], files, random),
                                 "mutation " + std::to_string(n)));
  }
}
TEST(ParserFuzz, MutationsAreRefusedOrRead) { mutate(300); }
TEST(SlowParserFuzz, MutationsAreRefusedOrRead) { mutate(30'000); }

}  // namespace
}  // namespace eddyline::test
