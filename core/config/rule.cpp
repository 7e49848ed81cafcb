#include "core/config/rule.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/numbers.hpp"
#include "core/base/text.hpp"

namespace eddyline {

bool Rule::allows(double value) const {
  if (std::isnan(value)) return false;
  if (low_open ? value <= low : value < low) return false;
  return high_open ? value < high : value <= high;
}

bool Rule::allows(const std::string& value) const {
  return choices.empty() || std::find(choices.begin(), choices.end(), value) != choices.end();
}

std::string Rule::text() const {
  if (!choices.empty()) return "one of " + join(choices, ", ");
  const bool has_low = std::isfinite(low), has_high = std::isfinite(high);
  if (has_low && has_high && !low_open && !high_open)
    return "between " + format_number(low) + " and " + format_number(high);
  std::string text;
  if (has_low) text = (low_open ? "> " : ">= ") + format_number(low);
  if (has_high) text += (text.empty() ? "" : " and ") + std::string(high_open ? "< " : "<= ") + format_number(high);
  return text;
}

namespace rule {
Rule any() { return {}; }
Rule positive() {
  Rule rule;
  rule.low = 0;
  rule.low_open = true;
  return rule;
}
Rule non_negative() { return at_least(0); }
Rule at_least(double low) {
  Rule rule;
  rule.low = low;
  return rule;
}
Rule between(double low, double high) {
  Rule rule;
  rule.low = low;
  rule.high = high;
  return rule;
}
Rule one_of(std::vector<std::string> choices) {
  Rule rule;
  rule.choices = std::move(choices);
  return rule;
}
}  // namespace rule

}  // namespace eddyline
