// The works of the FNO family.

#include "benchmarks/operators/fno_textbook.hpp"
#include "operators/fno/fno_classic.hpp"
#include "operators/fno/fno_model.hpp"

namespace eddyline::benchmarks {
namespace {

struct Size {
  std::int64_t batch, history;
  std::vector<std::int64_t> cells, modes;
  std::int64_t width;
};

/// The registry's operator, as a user gets it.
Comparison library_form(const Size& size, bool is_tucker = false) {
  constexpr std::int64_t layers = 4;
  fno::FnoConfig config;
  config.n_modes = size.modes;
  config.hidden_channels = size.width;
  config.n_layers = layers;
  if (is_tucker) {
    config.factorization = "tucker";
    config.rank = 0.1;
  }
  const OperatorSpec spec = plain_spec(size.history, 1, size.cells);
  Comparison comparison;
  comparison.ours = OperatorRegistry::instance().create("fno", config, spec);
  comparison.textbook = std::make_shared<FnoTextbook>(*comparison.ours, spec, size.modes, layers, is_tucker);
  comparison.batch = random_batch(size.batch, size.history, 1, size.cells);
  return comparison;
}

Comparison classic_form(const Size& size) {
  fno::ClassicFnoConfig config;
  config.modes = size.modes;
  config.width = size.width;
  const OperatorSpec spec = plain_spec(size.history, 1, size.cells);
  Comparison comparison;
  comparison.ours = OperatorRegistry::instance().create("fno_classic", config, spec);
  comparison.textbook = std::make_shared<ClassicFnoTextbook>(*comparison.ours, spec, size.modes);
  comparison.batch = random_batch(size.batch, size.history, 1, size.cells);
  return comparison;
}

struct Fno1d final : Benchmark {
  explicit Fno1d(const EmptyConfig&) {}
  Comparison make() const override { return library_form({50, 10, {1024}, {32}, 32}); }
};
struct Fno2d final : Benchmark {
  explicit Fno2d(const EmptyConfig&) {}
  Comparison make() const override { return library_form({20, 10, {64, 64}, {24, 24}, 32}); }
};
struct Tfno2d final : Benchmark {
  explicit Tfno2d(const EmptyConfig&) {}
  Comparison make() const override { return library_form({20, 10, {64, 64}, {24, 24}, 32}, true); }
};
struct Fno2dLarge final : Benchmark {
  explicit Fno2dLarge(const EmptyConfig&) {}
  Comparison make() const override { return library_form({8, 10, {128, 128}, {32, 32}, 64}); }
};
struct Fno3d final : Benchmark {
  explicit Fno3d(const EmptyConfig&) {}
  Comparison make() const override { return library_form({2, 4, {32, 32, 32}, {12, 12, 12}, 24}); }
};
struct ClassicFno2d final : Benchmark {
  explicit ClassicFno2d(const EmptyConfig&) {}
  Comparison make() const override { return classic_form({20, 10, {64, 64}, {12, 12}, 32}); }
};

const BenchmarkRegistration<Fno1d> fno_1d{"fno_1d", "neuraloperator form, batch 50, 1024 points, width 32, 32 modes"};
const BenchmarkRegistration<Fno2d> fno_2d{"fno_2d", "neuraloperator form, batch 20, 64 x 64, width 32, 24 x 24 modes"};
const BenchmarkRegistration<Tfno2d> tfno_2d{"tfno_2d", "the same with Tucker weights of rank 0.1"};
const BenchmarkRegistration<Fno2dLarge> fno_2d_large{
    "fno_2d_large", "neuraloperator form, batch 8, 128 x 128, width 64, 32 x 32 modes"};
const BenchmarkRegistration<Fno3d> fno_3d{"fno_3d", "neuraloperator form, batch 2, 32^3, width 24, 12^3 modes"};
const BenchmarkRegistration<ClassicFno2d> classic_2d{
    "fno_classic_2d", "PDEBench form, batch 20, 64 x 64 padded to 66 x 66, width 32, 12 modes"};

}  // namespace
}  // namespace eddyline::benchmarks
