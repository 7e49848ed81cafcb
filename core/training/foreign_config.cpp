#include "core/training/foreign_config.hpp"

#include <algorithm>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/base/text.hpp"

namespace eddyline {
namespace {

const ForeignValue& required(const ForeignConfig& config, const std::string& name) {
  const auto found = config.find(name);
  if (found == config.end()) throw ConfigError("the file's config has no attribute '" + name + "'");
  return found->second;
}

}  // namespace

std::string foreign_text(const ForeignConfig& config, const std::string& name, const std::string& fallback) {
  if (!config.contains(name)) return fallback;
  const ForeignValue& value = config.at(name);
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* number = std::get_if<double>(&value)) return format_number(*number);
  std::vector<std::string> parts;
  for (const double number : std::get<std::vector<double>>(value)) parts.push_back(format_number(number));
  return join(parts, ", ");
}

double foreign_number(const ForeignConfig& config, const std::string& name, double fallback) {
  if (!config.contains(name)) return fallback;
  if (const auto* number = std::get_if<double>(&config.at(name))) return *number;
  throw ConfigError("config attribute '" + name + "' = " + foreign_text(config, name, "") + " is no number");
}

std::int64_t foreign_integer(const ForeignConfig& config, const std::string& name) {
  static_cast<void>(required(config, name));
  return static_cast<std::int64_t>(foreign_number(config, name, 0));
}

std::int64_t foreign_integer(const ForeignConfig& config, const std::string& name, std::int64_t fallback) {
  return config.contains(name) ? foreign_integer(config, name) : fallback;
}

std::vector<double> foreign_numbers(const ForeignConfig& config, const std::string& name) {
  const ForeignValue& value = required(config, name);
  if (const auto* list = std::get_if<std::vector<double>>(&value)) return *list;
  if (const auto* number = std::get_if<double>(&value)) return {*number};
  throw ConfigError("config attribute '" + name + "' = " + std::get<std::string>(value) + " is no list of numbers");
}

std::string foreign_choice(const ForeignConfig& config, const std::string& name, const std::string& fallback,
                           const std::vector<std::string>& choices) {
  const std::string value = foreign_text(config, name, fallback);
  if (std::find(choices.begin(), choices.end(), value) == choices.end())
    throw ConfigError("config attribute '" + name + "' = " + printable(value) +
                      " is not supported; supported: " + join(choices, ", "));
  return value;
}

void refuse_unless(const ForeignConfig& config, const std::string& name, const std::string& value) {
  const std::string given = foreign_text(config, name, value);
  if (given != value)
    throw ConfigError("config attribute '" + name + "' = " + printable(given) + " is not supported; only " + value +
                      " is");
}

}  // namespace eddyline
