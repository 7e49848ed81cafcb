#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "core/base/error.hpp"
#include "core/config/config.hpp"
#include "core/domain/graph.hpp"
#include "core/io/hdf5.hpp"
#include "core/training/foreign_config.hpp"
#include "core/training/verify.hpp"
#include "operators/kernels/layers.hpp"
#include "operators/mp_pde/mp_pde_model.hpp"

namespace eddyline {
namespace {

std::string parity_file(const std::string& name) { return std::string(EDDYLINE_TEST_DATA) + "/parity/" + name + ".h5"; }

class MpPdeParity : public testing::TestWithParam<const char*> {};

TEST_P(MpPdeParity, OutputsHiddenStatesAndGradientsEqualTheAuthors) {
  const ParityReport report = verify_file(parity_file(GetParam()));
  EXPECT_TRUE(report.passes()) << to_line(report);
}
INSTANTIATE_TEST_SUITE_P(AllFiles, MpPdeParity, testing::Values("mp_pde_e3_f64", "mp_pde_we3_knn"));

/// Edges of a file as a set of (source, target).
std::set<std::pair<std::int64_t, std::int64_t>> edges_of(const hdf5::File& file) {
  const torch::Tensor index = file.read("inputs/edge_index");
  std::set<std::pair<std::int64_t, std::int64_t>> edges;
  for (std::int64_t e = 0; e < index.size(1); ++e)
    edges.emplace(index[0][e].item<std::int64_t>(), index[1][e].item<std::int64_t>());
  return edges;
}

/// The graph of every sample of a file by `build`, merged.
template <class Build>
std::set<std::pair<std::int64_t, std::int64_t>> rebuilt(const hdf5::File& file, const Build& build) {
  const torch::Tensor x = file.read("inputs/pos").select(1, 1).to(torch::kDouble), batch = file.read("inputs/batch");
  std::vector<Graph> graphs;
  for (std::int64_t sample = 0; sample <= batch.max().item<std::int64_t>(); ++sample) {
    const auto values = x.masked_select(batch == sample).contiguous();
    const auto* begin = values.const_data_ptr<double>();
    graphs.push_back(build(PointSet{1, {begin, begin + values.numel()}, {}}));
  }
  const Graph all = merged(graphs);
  std::set<std::pair<std::int64_t, std::int64_t>> edges;
  for (std::int64_t node = 0; node < all.nodes(); ++node)
    for (std::int64_t k = all.offsets[static_cast<std::size_t>(node)];
         k < all.offsets[static_cast<std::size_t>(node) + 1]; ++k)
      edges.emplace(all.sources[static_cast<std::size_t>(k)], node);
  return edges;
}

TEST(MpPdeGraphs, RadiusGraphEqualsTheAuthors) {
  const auto file = hdf5::File::open(parity_file("mp_pde_e3_f64"));
  const auto edges = rebuilt(file, [](const PointSet& points) {
    return radius_graph(points, 3 * (points.coordinates[1] - points.coordinates[0]) + 1e-4, 32);
  });
  EXPECT_EQ(edges, edges_of(file));
}

TEST(MpPdeGraphs, NearestGraphEqualsTheAuthors) {
  const auto file = hdf5::File::open(parity_file("mp_pde_we3_knn"));
  EXPECT_EQ(rebuilt(file, [](const PointSet& points) { return nearest_graph(points, 6); }), edges_of(file));
}

TEST(MpPdeImporter, UnknownVariablesAreNamed) {
  const auto importer = ImporterRegistry::instance().create("mp_pde", EmptyConfig{});
  const ForeignConfig config = {{"operator", "mp_pde"}, {"L", 16.0},
                                {"tmax", 4.0},          {"dt", 0.1},
                                {"time_window", 25.0},  {"eq_variables", "delta=2"}};
  try {
    static_cast<void>(importer->build(config, torch::kFloat));
    FAIL() << "an unknown variable was accepted";
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("delta"));
  }
}

TEST(MpPdeDecoder, HasTheAuthorsSizesAndFitsOthers) {
  for (const std::int64_t frames : {20, 25, 50}) {
    const auto [first, stride, second] = mp_pde::decoder_sizes(128, frames);
    EXPECT_EQ((128 - first) / stride + 1 - second + 1, frames);
  }
  EXPECT_EQ(mp_pde::decoder_sizes(128, 50).first_kernel, 12);
  for (const std::int64_t width : {16, 33, 128})
    for (std::int64_t frames = 1; frames < 10; ++frames) {
      const auto [first, stride, second] = mp_pde::decoder_sizes(width, frames);
      EXPECT_EQ((width - first) / stride + 1 - second + 1, frames) << width;
      EXPECT_EQ((width - first) % stride, 0) << "hidden channels left out";
      EXPECT_GE(first, stride);
    }
  EXPECT_THROW(static_cast<void>(mp_pde::decoder_sizes(16, 20)), ConfigError);
}

}  // namespace
}  // namespace eddyline
