#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/error.hpp"
#include "core/config/config_reader.hpp"
#include "core/field/case.hpp"

namespace eddyline {
namespace {

using testing::HasSubstr;

struct Inner final : Config {
  double rate = 0.5;
  std::vector<std::int64_t> modes = {4, 4};
  void fields(FieldVisitor& visit) override {
    visit("rate", rate, rule::positive().unit("1/s"), "decay rate");
    visit("modes", modes, rule::at_least(1), "kept modes");
  }
};
struct Outer final : Config {
  std::int64_t width = 8;
  bool enabled = true;
  std::string kind = "slow";
  std::optional<double> limit;
  std::map<std::string, double> numbers;
  Inner inner;
  std::vector<Inner> items;
  std::map<std::string, Inner> named;
  void fields(FieldVisitor& visit) override {
    visit("width", width, rule::between(1, 64), "hidden channels");
    visit("enabled", enabled, rule::any(), "on or off");
    visit("kind", kind, rule::one_of({"slow", "fast"}), "speed");
    visit("limit", limit, rule::non_negative(), "upper limit");
    visit("numbers", numbers, rule::any(), "free numbers");
    visit("inner", inner, "nested");
    visit("items", items, "a list");
    visit("named", named, "a map");
  }
};

Outer read(const std::string& text, const std::vector<std::string>& overrides = {}) {
  YamlNode root = parse_yaml(text, "test.yaml");
  for (const auto& assignment : overrides) apply_override(root, assignment);
  Outer config;
  read_config(root, config);
  return config;
}

std::string message_of(const std::string& text, const std::vector<std::string>& overrides = {}) {
  try {
    static_cast<void>(read(text, overrides));
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no error";
}

TEST(ConfigReader, ReadsEveryKindOfField) {
  const Outer config = read(
      "width: 16\nenabled: false\nkind: fast\nlimit: 2\nnumbers: {a: 1.5}\n"
      "inner: {rate: 3, modes: [2, 1]}\nitems: [{rate: 1}, {rate: 2}]\nnamed: {x: {rate: 7}}\n");
  EXPECT_EQ(config.width, 16);
  EXPECT_FALSE(config.enabled);
  EXPECT_EQ(config.kind, "fast");
  EXPECT_EQ(config.limit, 2.0);
  EXPECT_EQ(config.numbers.at("a"), 1.5);
  EXPECT_EQ(config.inner.modes, (std::vector<std::int64_t>{2, 1}));
  ASSERT_EQ(config.items.size(), 2u);
  EXPECT_EQ(config.items[1].rate, 2);
  EXPECT_EQ(config.named.at("x").rate, 7);
}

TEST(ConfigReader, ReportsEveryProblemAtOnceWithPlaceAndRemedy) {
  const std::string message = message_of("widht: 3\nkind: fsat\ninner:\n  rate: -1\n  modes: [2, 0]\nenabled: 3.5\n");
  EXPECT_THAT(message, HasSubstr("test.yaml:1:1: widht: unknown key; did you mean 'width'?"));
  EXPECT_THAT(message, HasSubstr("test.yaml:2:1: kind: expected one of slow, fast, got 'fsat'; did you mean 'fast'?"));
  EXPECT_THAT(message, HasSubstr("test.yaml:4:3: inner.rate: expected a number > 0 (unit 1/s), got '-1'"));
  EXPECT_THAT(message, HasSubstr("inner.modes.1: expected an integer >= 1, got '0'"));
  EXPECT_THAT(message, HasSubstr("test.yaml:6:1: enabled: expected true or false, got '3.5'"));
}

TEST(ConfigReader, RefusesDuplicateKeysOverflowAndFractions) {
  EXPECT_THAT(message_of("width: 1\nwidth: 2\n"), HasSubstr("test.yaml:2:1: key 'width' is given twice"));
  EXPECT_THAT(message_of("inner: {rate: 1e400}\n"), HasSubstr("inner.rate: expected a number"));
  EXPECT_THAT(message_of("width: 3.5\n"), HasSubstr("width: expected an integer between 1 and 64, got '3.5'"));
  EXPECT_THAT(message_of("inner: {rate: .nan}\n"), HasSubstr("inner.rate"));
}

TEST(ConfigReader, AppliesOverrides) {
  EXPECT_EQ(read("width: 2\n", {"width=4", "inner.rate=9"}).inner.rate, 9);
  EXPECT_EQ(read("items: [{rate: 1}, {rate: 2}]\n", {"items.1.rate=5"}).items[1].rate, 5);
  EXPECT_THAT(message_of("width: 2\n", {"width"}), HasSubstr("expected key=value"));
  EXPECT_THAT(message_of("items: [{rate: 1}]\n", {"items.3.rate=5"}), HasSubstr("not an index of a list of 1"));
  EXPECT_THAT(message_of("width: 2\n", {"width=-4"}), HasSubstr("--set width=-4: width: expected an integer"));
}

TEST(ConfigReader, SurvivesHostileYaml) {
  std::string bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n";
  for (char c = 'b'; c < 'j'; ++c) {
    const std::string before(1, static_cast<char>(c - 1));
    bomb += std::string(1, c) + ": &" + c + " [";
    for (int i = 0; i < 10; ++i) bomb += (i > 0 ? ", *" : "*") + before;
    bomb += "]\n";
  }
  EXPECT_THAT(message_of(bomb), HasSubstr("too large"));
  EXPECT_THAT(message_of("width: [" + std::string(100, '[')), HasSubstr("not valid YAML"));
  EXPECT_THAT(message_of(std::string("wid\0th: 1", 9)), HasSubstr("NUL byte"));
  EXPECT_THAT(message_of("- 1\n- 2\n"), HasSubstr("expected a map of settings"));
}

TEST(ConfigWriter, ResolvedConfigReadsBackToItself) {
  const Outer config =
      read("width: 16\nkind: fast\nlimit: 1e-5\nnumbers: {a b: 0.1}\nitems: [{rate: 1}, {rate: 2}]\nnamed: {x: {}}\n");
  const std::string text = resolved_yaml(config);
  EXPECT_EQ(resolved_yaml(read(text)), text) << text;
  EXPECT_THAT(text, HasSubstr("limit: 1e-05"));
}

TEST(ConfigSchema, HoldsTypesLimitsAndDefaults) {
  Outer config;
  const std::string schema = json_schema(config, "test");
  EXPECT_THAT(schema, HasSubstr("\"exclusiveMinimum\": 0.0"));
  EXPECT_THAT(schema, HasSubstr("\"additionalProperties\": false"));
  EXPECT_THAT(schema, HasSubstr("decay rate [1/s]"));
}

TEST(CaseConfig, NamesContradictionsAndMissingParts) {
  const std::string head = "grid: [{cells: 4}, {cells: 4}]\nparameters: {viscosity: 0.1}\n";
  const auto error_of = [&](const std::string& text) -> std::string {
    try {
      static_cast<void>(Case::from_yaml(text, "case.yaml"));
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "no error";
  };
  const std::string walls = "boundaries: {x_low: {}, x_high: {}, y_low: {}, y_high: {}}\n";
  EXPECT_EQ(error_of(head + walls), "no error");
  EXPECT_THAT(error_of(head + "boundaries: {x_lwo: {}, x_high: {}, y_low: {}, y_high: {}}\n"),
              HasSubstr("no side is called 'x_lwo'; did you mean 'x_low'?"));
  EXPECT_THAT(error_of(head + "boundaries: {x_low: {type: periodic}, x_high: {}, y_low: {}, y_high: {}}\n"),
              HasSubstr("periodic needs both"));
  EXPECT_THAT(error_of("grid: [{cells: 4}]\nparameters: {viscosity: -1}\nboundaries: {x_low: {}, x_high: {}}\n"),
              HasSubstr("'viscosity' must be > 0"));
  EXPECT_THAT(error_of("grid: [{cells: 4}]\nboundaries: {x_low: {}, x_high: {}}\n"),
              HasSubstr("'viscosity' is missing"));
}

TEST(CaseConfig, YamlRoundTrip) {
  const auto problem = Case::from_yaml(
      "name: a\ngrid: [{to: 2, cells: 4, stretching: 0.5}]\nparameters: {viscosity: 0.1}\n"
      "boundaries: {x_low: {type: inflow, velocity: [1]}, x_high: {type: outflow}}\n",
      "case.yaml");
  const auto again = Case::from_yaml(problem->to_yaml(), "again");
  EXPECT_EQ(again->to_yaml(), problem->to_yaml());
  EXPECT_TRUE(again->grid() == problem->grid());
}

}  // namespace
}  // namespace eddyline
