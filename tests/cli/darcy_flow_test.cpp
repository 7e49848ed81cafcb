// A data set of coefficients and solutions from the shipped config.

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/io/atomic_file.hpp"
#include "core/training/dataset.hpp"
#include "tests/cli/program.hpp"

namespace eddyline::test {
namespace {

std::vector<std::string> generate_into(const std::string& folder, const std::string& threads) {
  return {"generate", std::string(EDDYLINE_SOURCE_DIR) + "/configs/darcy_flow/generate.yaml",
          "--set",    "folder=" + folder,
          "--set",    "splits={train: 3, test: 1}",
          "--set",    "problem.grid=[{cells: 32}, {cells: 32}]",
          "--set",    "threads=" + threads};
}

TEST(DarcyFlow, GeneratesPairsOfACoefficientAndItsSolution) {
  const TemporaryFolder folder;
  const auto result = run_program(generate_into(folder.path("a"), "1"));
  ASSERT_EQ(result.exit_code, 0) << result.output;
  const auto train = open_dataset(folder.path("a"), "train");
  ASSERT_EQ(train->size(), 3);
  std::vector<at::Tensor> media;
  const auto names = channel_names(train->info().channels);
  for (std::int64_t n = 0; n < 3; ++n) {
    const at::Tensor frames = train->frames(n, 0, 2);
    EXPECT_EQ(frames.sizes().vec(), (std::vector<std::int64_t>{2, 2, 16, 16}));
    const auto channel = [&](const std::string& name) {
      return frames.select(1, std::find(names.begin(), names.end(), name) - names.begin());
    };
    const at::Tensor a = channel("permeability"), p = channel("pressure");
    EXPECT_TRUE(at::equal(a[0], a[1]));
    EXPECT_EQ(a.min().item<float>(), 3);
    EXPECT_EQ(a.max().item<float>(), 12);
    EXPECT_EQ(p[0].abs().max().item<float>(), 0);
    EXPECT_GT(p[1].min().item<float>(), 0);
    media.push_back(a[0]);
  }
  EXPECT_FALSE(at::equal(media[0], media[1]));
  EXPECT_FALSE(at::equal(media[1], media[2]));
  ASSERT_EQ(run_program(generate_into(folder.path("b"), "2")).exit_code, 0);
  EXPECT_EQ(read_file(folder.path("a/data/train/darcy_flow.hdf5")),
            read_file(folder.path("b/data/train/darcy_flow.hdf5")));
}

}  // namespace
}  // namespace eddyline::test
