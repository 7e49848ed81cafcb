#pragma once
// A training of seconds that the tests of monitoring and sweeps start: Burgers waves on a line or a basin of water.

#include <string>

#include "tests/cli/program.hpp"

namespace eddyline::test {

/// A file with sections generate and train (run FOLDER/run, data FOLDER/data), made below `folder`. `more` is added.
[[nodiscard]] std::string small_training(const TemporaryFolder& folder, int dimension, const std::string& more = "");

/// The same with its data generated.
[[nodiscard]] std::string generated_training(const TemporaryFolder& folder, int dimension,
                                             const std::string& more = "");

}  // namespace eddyline::test
