// The reader of neuraloperator's sets: numbers, names of splits, and files that lie.

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "core/io/atomic_file.hpp"
#include "core/io/torch_archive.hpp"
#include "core/training/dataset.hpp"
#include "core/training/inspect.hpp"

namespace eddyline::test {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

const fs::path data = fs::path(EDDYLINE_TEST_DATA) / "neuraloperator";

/// A folder of its own, removed with the object.
class Folder {
 public:
  explicit Folder(const std::string& name) : path_(fs::temp_directory_path() / ("eddyline-neuraloperator-" + name)) {
    fs::remove_all(path_);
    fs::create_directories(path_);
  }
  ~Folder() {
    std::error_code ignored;  // a leftover in the temporary folder fails no test
    fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] fs::path file(const std::string& name) const { return path_ / name; }
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  fs::path path_;
};

template <class Thrown, class Body>
std::string message_of(const Body& body) {
  try {
    body();
  } catch (const Thrown& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(Neuraloperator, ValuesAreThoseOfTheFiles) {
  const auto train = open_dataset(data.string(), "train");
  EXPECT_EQ(train->size(), 12);
  EXPECT_EQ(train->info().name, "darcy");
  EXPECT_EQ(train->info().channels.front().name, "u");
  EXPECT_EQ(train->info().static_channels.front().name, "coefficient");
  EXPECT_THAT(train->info().grid->cell_shape(), ElementsAre(16, 16));
  EXPECT_DOUBLE_EQ(train->info().grid->centers(0)[3], 3.0 / 16);
  const at::Tensor first = train->frames(0, 0, 1);
  EXPECT_EQ(first.sizes().vec(), (std::vector<std::int64_t>{1, 1, 16, 16}));
  EXPECT_EQ(first.scalar_type(), at::kFloat);
  // First numbers of the whole set, read by Python.
  EXPECT_FLOAT_EQ(first[0][0][0][0].item<float>(), 1.16450137e-05F);
  EXPECT_EQ(train->statics(0)[0][0][0].item<float>(), 1);
  EXPECT_FLOAT_EQ(open_dataset(data.string(), "test")->frames(0, 0, 1)[0][0][0][0].item<float>(), 0.00017661466F);
  const auto fine = open_dataset(data.string(), "test_32");
  EXPECT_EQ(fine->trajectory(2).id, "test_32/2");
  EXPECT_EQ(fine->trajectory(2).frames(), 1);
  EXPECT_DOUBLE_EQ(fine->info().grid->centers(1)[3], 3.0 / 32);
  // The coarse samples are every other point of the fine ones.
  const at::Tensor coarse = open_dataset(data.string(), "test_16")->frames(1, 0, 1)[0][0];
  EXPECT_TRUE(at::equal(fine->frames(1, 0, 1)[0][0].slice(0, 0, 32, 2).slice(1, 0, 32, 2), coarse));
  EXPECT_NE(fine->fingerprint(), train->fingerprint());
  EXPECT_THROW(static_cast<void>(fine->frames(4, 0, 1)), DataError);
  EXPECT_THROW(static_cast<void>(fine->frames(0, 0, 2)), DataError);
}

TEST(Neuraloperator, SplitsAndPartsByName) {
  const auto part = open_dataset(data.string(), "train[3:8]");
  EXPECT_EQ(part->size(), 5);
  EXPECT_EQ(part->trajectory(0).id, "train/3");
  const auto whole = open_dataset(data.string(), "train");
  EXPECT_TRUE(at::equal(part->statics(4), whole->statics(7)));
  EXPECT_NE(part->fingerprint(), whole->fingerprint());
  EXPECT_EQ(open_dataset(data.string(), "train[:4]")->size() + open_dataset(data.string(), "train[4:]")->size(), 12);
  for (const char* wrong : {"train[4]", "train[8:3]", "train[:13]", "train[-1:]", "train[1:x]", "train[", "train[:"})
    EXPECT_THAT(message_of<ConfigError>([&] { static_cast<void>(open_dataset(data.string(), wrong)); }),
                HasSubstr("12 trajectories"))
        << wrong;
  EXPECT_THAT(message_of<IoError>([&] { static_cast<void>(open_dataset(data.string(), "test_64")); }),
              HasSubstr("test_16, test_32, train_16"));
  const Folder folder("splits");
  for (const char* name : {"darcy_train_16.pt", "darcy_train_32.pt"})
    fs::copy_file(data / "darcy_train_16.pt", folder.file(name));
  EXPECT_THAT(message_of<DataError>([&] { static_cast<void>(open_dataset(folder.path(), "train")); }),
              HasSubstr("2 resolutions"));
  EXPECT_THAT(message_of<DataError>([&] { static_cast<void>(open_dataset(folder.path(), "train_32")); }),
              HasSubstr("the file's name says 32"));
  const InspectReport report = inspect(data, true);
  EXPECT_TRUE(report.findings.empty()) << report.text();
  EXPECT_THAT(report.text(), HasSubstr("4 samples, grid [32, 32]"));
}

TEST(TorchArchive, AnythingButPlainTensorsIsRefused) {
  EXPECT_EQ(read_torch_archive(data / "hostile" / "good.pt").tensors.at("y").sizes().vec(),
            (std::vector<std::int64_t>{2, 16, 16}));
  const std::pair<const char*, const char*> cases[] = {
      {"command", "cannot be read"},  {"shape", "storage"},        {"stride", "storage"},
      {"negative", "cannot be read"}, {"storage", "beyond"},       {"missing", "'data/7' is missing"},
      {"list", "no dictionary"},      {"empty", "cannot be read"}, {"underflow", "cannot be read"},
      {"memo", "cannot be read"}};
  for (const auto& [name, words] : cases)
    EXPECT_THAT(message_of<DataError>(
                    [&] { static_cast<void>(read_torch_archive(data / "hostile" / (std::string(name) + ".pt"))); }),
                HasSubstr(words))
        << name;
  EXPECT_FALSE(fs::exists("eddyline-was-here"));
  EXPECT_THROW(static_cast<void>(read_torch_archive(data / "nowhere.pt")), IoError);
}

TEST(TorchArchive, TruncatedAndFlippedFilesNeverCrash) {
  const Folder folder("damage");
  const std::string bytes = read_file(data / "darcy_test_16.pt");
  const fs::path path = folder.file("darcy_test_16.pt");
  for (std::size_t length = 0; length < bytes.size(); length += 61) {
    write_atomically(path, bytes.substr(0, length));
    EXPECT_THROW(static_cast<void>(read_torch_archive(path)), DataError) << length;
  }
  RandomStream random(5, "flips");
  int read = 0;
  for (int n = 0; n < 400; ++n) {
    std::string damaged = bytes;
    // Half of them in the pickle, where structure is.
    const std::size_t place = n % 2 == 0 ? random.below(bytes.size()) : random.below(512);
    damaged[place] = static_cast<char>(damaged[place] ^ (1U << random.below(8)));
    write_atomically(path, damaged);
    try {
      for (const auto& [name, tensor] : read_torch_archive(path).tensors) static_cast<void>(tensor.sum());
      ++read;
    } catch (const DataError&) {  // refused: as good
    }
  }
  EXPECT_LT(read, 400);
}

TEST(Neuraloperator, WrongContentIsNamed) {
  EXPECT_THROW(static_cast<void>(open_dataset((data / "hostile").string(), "train")), DataError);
  const Folder folder("content");
  fs::copy_file(data / "hostile" / "list.pt", folder.file("darcy_train_16.pt"));
  EXPECT_THAT(message_of<DataError>([&] { static_cast<void>(open_dataset(folder.path(), "train")); }),
              HasSubstr("darcy_train_16.pt"));
  fs::copy_file(data / "darcy_test_16.pt", folder.file("burgers_test_16.pt"));
  EXPECT_THAT(message_of<DataError>([&] { static_cast<void>(open_dataset(folder.path(), "train")); }),
              HasSubstr("several sets"));
}

}  // namespace
}  // namespace eddyline::test
