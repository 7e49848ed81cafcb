#pragma once
// What a config value may be: the one description that validates it, documents it and goes into the JSON schema.

#include <limits>
#include <string>
#include <vector>

namespace eddyline {

/// Limits of a number, choices of a text, and the unit both are documented with.
struct Rule {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool low_open = false, high_open = false;
  std::vector<std::string> choices;
  std::string unit_text;
  bool is_required = false;

  [[nodiscard]] Rule unit(std::string text) const {
    Rule copy = *this;
    copy.unit_text = std::move(text);
    return copy;
  }
  [[nodiscard]] Rule required() const {
    Rule copy = *this;
    copy.is_required = true;
    return copy;
  }
  /// NaN is never allowed, infinity only where no limit is set on its side.
  [[nodiscard]] bool allows(double value) const;
  [[nodiscard]] bool allows(const std::string& value) const;
  /// "> 0", "between 0 and 1", "one of a, b"; empty when everything is allowed.
  [[nodiscard]] std::string text() const;
};

namespace rule {
[[nodiscard]] Rule any();
[[nodiscard]] Rule positive();
[[nodiscard]] Rule non_negative();
[[nodiscard]] Rule at_least(double low);
/// Both ends included.
[[nodiscard]] Rule between(double low, double high);
[[nodiscard]] Rule one_of(std::vector<std::string> choices);
}  // namespace rule

}  // namespace eddyline
