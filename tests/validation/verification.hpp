#pragma once
// Results of solvers against references: a test that also leaves a row for docs/verification.md.

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "core/base/numbers.hpp"

namespace eddyline::test {

/// One comparison: what was computed, on what, against whom.
struct Verification {
  std::string physics;     // group of rows: "incompressible flow"
  std::string problem;     // "lid-driven cavity, Re 1000"
  std::string resolution;  // "128^2"
  std::string quantity;    // "v minimum"
  std::string source;      // "Botella & Peyret 1998", "exact", "order"
};

inline void record(const Verification& row, double ours, double reference, const std::string& tolerance) {
  static int count = 0;
  testing::Test::RecordProperty("verification_" + std::to_string(count++),
                                row.physics + "|" + row.problem + "|" + row.resolution + "|" + row.quantity + "|" +
                                    format_number(ours, 5) + "|" + format_number(reference, 6) + "|" + tolerance + "|" +
                                    row.source);
}

/// @param tolerance  largest |ours - reference|.
inline void expect_near_reference(const Verification& row, double ours, double reference, double tolerance) {
  record(row, ours, reference, format_number(tolerance, 3));
  EXPECT_NEAR(ours, reference, tolerance) << row.problem << ", " << row.resolution << ", " << row.quantity;
}

/// @param tolerance  largest |ours / reference - 1|.
inline void expect_within_part(const Verification& row, double ours, double reference, double tolerance) {
  record(row, ours, reference, format_number(100 * tolerance, 3) + " %");
  EXPECT_NEAR(ours, reference, tolerance * std::abs(reference))
      << row.problem << ", " << row.resolution << ", " << row.quantity;
}

/// An error norm below its level; the reference is zero.
inline void expect_error_below(const Verification& row, double error, double level) {
  record(row, error, 0, format_number(level, 3));
  EXPECT_LT(error, level) << row.problem << ", " << row.resolution << ", " << row.quantity;
}

/// A measured order of convergence of at least `least`.
inline void expect_order(const Verification& row, double measured, double least) {
  record(row, measured, least, "at least");
  EXPECT_GE(measured, least) << row.problem << ", " << row.resolution << ", " << row.quantity;
}

}  // namespace eddyline::test
