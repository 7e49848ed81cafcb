// Damaged and hostile HDF5: cut anywhere, flipped anywhere, lying about its size. The reader gives the right numbers or
// a clean error, never wrong numbers, never a crash.

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hdf5.h>

#include <filesystem>

#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "core/io/atomic_file.hpp"
#include "core/io/hdf5.hpp"
#include "tests/cli/program.hpp"

namespace eddyline::test {
namespace {

using testing::HasSubstr;

/// Everything that a file holds.
struct Content {
  at::Tensor fields, scalars, flags;
  std::vector<std::string> texts, units;
  bool operator==(const Content& other) const {
    return at::equal(fields, other.fields) && at::equal(scalars, other.scalars) && at::equal(flags, other.flags) &&
           texts == other.texts && units == other.units;
  }
};

void write_example(const std::string& path) {
  at::manual_seed(4);
  auto file = hdf5::File::create(path);
  file.set_attribute("/", "dataset_name", std::string("example"));
  file.make_dataset("fields/a", {3, 4, 20, 10}, hdf5::Type::float32, {1, 1, 20, 10});
  for (std::int64_t t = 0; t < 3; ++t)
    for (std::int64_t k = 0; k < 4; ++k) file.write_block("fields/a", {t, k, 0, 0}, at::rand({1, 1, 20, 10}));
  file.set_attribute("fields/a", "unit", std::string("m/s"));
  file.write("scalars/b", at::rand({7}, at::kDouble));
  file.write("flags", at::rand({50}) > 0.5);
  file.write_strings("cases", {"a case of many words, to be read back as it was", "another one"});
  file.commit();
}

Content read_all(const std::string& path) {
  const auto file = hdf5::File::open(path);
  Content content{file.read("fields/a"), file.read("scalars/b"), file.read("flags"), file.read_strings("cases"), {}};
  for (const char* object : {"/", "fields/a"})
    for (const auto& name : file.attributes(object))
      if (const auto texts = file.string_attribute(object, name))
        content.units.insert(content.units.end(), texts->begin(), texts->end());
  return content;
}

void cut(int places) {
  const TemporaryFolder folder;
  write_example(folder.path("whole.h5"));
  const std::string bytes = read_file(folder.path("whole.h5"));
  RandomStream random(17, "cuts");
  for (int n = 0; n < places; ++n) {
    const std::size_t size = random.below(bytes.size());
    const std::string path = folder.file("cut.h5", bytes.substr(0, size));
    try {
      static_cast<void>(read_all(path));
      FAIL() << "read a file of " << size << " of " << bytes.size() << " bytes";
    } catch (const DataError& error) {
      EXPECT_THAT(error.what(), HasSubstr("cut.h5' (" + std::to_string(size) + " bytes)")) << size;
    }
  }
}
TEST(ParserHdf5, CutAnywhereNamesFileAndSize) { cut(30); }
TEST(SlowParserHdf5, CutAnywhereNamesFileAndSize) { cut(200); }

TEST(ParserHdf5, ACutTailTellsTheSizeThatItShouldHave) {
  const TemporaryFolder folder;
  write_example(folder.path("whole.h5"));
  const std::string bytes = read_file(folder.path("whole.h5"));
  try {
    static_cast<void>(read_all(folder.file("cut.h5", bytes.substr(0, bytes.size() - 100))));
    FAIL();
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), HasSubstr(std::to_string(bytes.size())));
  }
}

void flip(int places) {
  const TemporaryFolder folder;
  write_example(folder.path("whole.h5"));
  const std::string bytes = read_file(folder.path("whole.h5"));
  const Content whole = read_all(folder.path("whole.h5"));
  RandomStream random(23, "flips");
  int refused = 0;
  for (int n = 0; n < places; ++n) {
    std::string flipped = bytes;
    const std::size_t place = random.below(bytes.size());
    flipped[place] = static_cast<char>(flipped[place] ^ (1 << random.below(8)));
    try {
      EXPECT_TRUE(read_all(folder.file("flipped.h5", flipped)) == whole) << "wrong data, byte " << place;
    } catch (const DataError& error) {
      ++refused;
      EXPECT_THAT(error.what(), HasSubstr("flipped.h5"));
    }
  }
  EXPECT_GT(refused, places / 2);
}
TEST(ParserHdf5, AFlippedBitIsNeverReadAsData) { flip(500); }
TEST(SlowParserHdf5, AFlippedBitIsNeverReadAsData) { flip(20'000); }

/// Makes a file through the C library and gives the error of reading dataset "a".
std::string error_of(const std::string& path, const std::function<void(hid_t)>& make) {
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  make(file);
  H5Fclose(file);
  try {
    static_cast<void>(hdf5::File::open(path).read("a"));
  } catch (const DataError& error) {
    return error.what();
  }
  return "no error";
}

TEST(ParserHdf5, RefusesWhatLiesAboutItsSizeOrLeavesTheFile) {
  const TemporaryFolder folder;
  const std::string path = folder.path("a.h5");
  const auto chunked = [](hid_t file, std::vector<hsize_t> shape, std::vector<hsize_t> chunk) {
    const hid_t space = H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr);
    const hid_t plan = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(plan, static_cast<int>(chunk.size()), chunk.data());
    H5Dclose(H5Dcreate2(file, "a", H5T_NATIVE_FLOAT, space, H5P_DEFAULT, plan, H5P_DEFAULT));
    H5Pclose(plan);
    H5Sclose(space);
  };
  EXPECT_THAT(error_of(path,
                       [&](hid_t file) {
                         chunked(file, {hsize_t{1} << 32, hsize_t{1} << 20}, {64, 64});
                       }),
              HasSubstr("over 1 TiB"));
  EXPECT_THAT(error_of(path,
                       [&](hid_t file) {
                         chunked(file, {100'000, 1000}, {10, 10});
                       }),
              HasSubstr("claims 400000000 bytes in a file of"));
  EXPECT_THAT(error_of(path, [&](hid_t file) { H5Lcreate_soft("/b", file, "a", H5P_DEFAULT, H5P_DEFAULT); }),
              HasSubstr("soft or external link"));
  EXPECT_THAT(error_of(path, [&](hid_t file) { H5Lcreate_soft("/a", file, "a", H5P_DEFAULT, H5P_DEFAULT); }),
              HasSubstr("soft or external link"));
  EXPECT_THAT(
      error_of(path,
               [&](hid_t file) { H5Lcreate_external("/etc/hostname", "/a", file, "a", H5P_DEFAULT, H5P_DEFAULT); }),
      HasSubstr("soft or external link"));
  EXPECT_THAT(error_of(path,
                       [&](hid_t file) {
                         const hsize_t size = 10;
                         const hid_t space = H5Screate_simple(1, &size, nullptr), plan = H5Pcreate(H5P_DATASET_CREATE);
                         H5Pset_external(plan, "/etc/hostname", 0, 40);
                         H5Dclose(H5Dcreate2(file, "a", H5T_NATIVE_FLOAT, space, H5P_DEFAULT, plan, H5P_DEFAULT));
                         H5Pclose(plan);
                         H5Sclose(space);
                       }),
              HasSubstr("outside the file"));
}

}  // namespace
}  // namespace eddyline::test
