#pragma once
// Typed configs. A struct derives from Config and names each field once in `fields`; that one list parses the YAML,
// validates it, prints the resolved config, writes the JSON schema and the tables of `eddyline list`.
//
//   struct FnoConfig final : Config {
//     std::int64_t width = 32;
//     void fields(FieldVisitor& visit) override { visit("width", width, rule::positive(), "hidden channels"); }
//   };

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/registry.hpp"
#include "core/config/rule.hpp"

namespace eddyline {

class FieldVisitor;

/// Collects what is wrong with a config beyond single fields (two keys that contradict each other).
class ConfigProblems {
 public:
  virtual ~ConfigProblems() = default;
  /// @param key  the field that the message is about, by its name in `fields`.
  virtual void add(const std::string& key, const std::string& message) = 0;
};

class Config {
 public:
  virtual ~Config() = default;
  virtual void fields(FieldVisitor& visit) = 0;
  /// Relations between fields; called after every field was read without a problem.
  virtual void check(ConfigProblems&) const {}
};

struct FieldInfo {
  std::string name;
  Rule rule;
  std::string help;
};

/// A plug-in named in a config and its own settings: `operator: {name: fno, width: 32}`.
struct PluginChoice {
  std::string name;
  std::shared_ptr<Config> config;
};

/// A list of sub-configs, seen without their type.
struct ConfigList {
  std::function<std::size_t()> size;
  std::function<Config&(std::size_t)> at;
  std::function<Config&()> append;
  std::function<void()> clear;
  std::function<std::unique_ptr<Config>()> prototype;
};

/// Sub-configs under free names (`boundaries: {x_low: {...}}`), seen without their type.
struct ConfigMap {
  std::function<std::vector<std::string>()> names;
  std::function<Config&(const std::string&)> at;  // creates the entry when it is missing
  std::function<void()> clear;
  std::function<std::unique_ptr<Config>()> prototype;
};

/// What `Config::fields` talks to. One implementation parses, one prints, one writes the schema, one the tables.
class FieldVisitor {
 public:
  virtual ~FieldVisitor() = default;

  template <class T>
  void operator()(const std::string& name, T& value, const Rule& rule, const std::string& help) {
    field(FieldInfo{name, rule, help}, value);
  }
  void operator()(const std::string& name, Config& value, const std::string& help) {
    group(FieldInfo{name, {}, help}, value);
  }
  template <std::derived_from<Config> T>
  void operator()(const std::string& name, std::vector<T>& values, const std::string& help) {
    group_list(
        FieldInfo{name, {}, help},
        ConfigList{[&values] { return values.size(); }, [&values](std::size_t i) -> Config& { return values[i]; },
                   [&values]() -> Config& { return values.emplace_back(); }, [&values] { values.clear(); },
                   [] { return std::make_unique<T>(); }});
  }
  template <std::derived_from<Config> T>
  void operator()(const std::string& name, std::map<std::string, T>& values, const std::string& help) {
    group_map(FieldInfo{name, {}, help},
              ConfigMap{[&values] {
                          std::vector<std::string> names;
                          for (const auto& [key, value] : values) names.push_back(key);
                          return names;
                        },
                        [&values](const std::string& key) -> Config& { return values[key]; },
                        [&values] { values.clear(); }, [] { return std::make_unique<T>(); }});
  }
  /// `value.name` may hold a default before the call.
  void operator()(const std::string& name, PluginChoice& value, const RegistryBase& registry, const std::string& help) {
    plugin(FieldInfo{name, {}, help}, value, registry);
  }

  virtual void field(const FieldInfo& info, bool& value) = 0;
  virtual void field(const FieldInfo& info, std::int64_t& value) = 0;
  virtual void field(const FieldInfo& info, double& value) = 0;
  virtual void field(const FieldInfo& info, std::string& value) = 0;
  virtual void field(const FieldInfo& info, std::optional<std::int64_t>& value) = 0;
  virtual void field(const FieldInfo& info, std::optional<double>& value) = 0;
  virtual void field(const FieldInfo& info, std::vector<std::int64_t>& value) = 0;
  virtual void field(const FieldInfo& info, std::vector<double>& value) = 0;
  virtual void field(const FieldInfo& info, std::vector<std::string>& value) = 0;
  virtual void field(const FieldInfo& info, std::map<std::string, double>& value) = 0;
  virtual void field(const FieldInfo& info, std::map<std::string, std::string>& value) = 0;
  virtual void group(const FieldInfo& info, Config& value) = 0;
  virtual void group_list(const FieldInfo& info, const ConfigList& value) = 0;
  virtual void group_map(const FieldInfo& info, const ConfigMap& value) = 0;
  virtual void plugin(const FieldInfo& info, PluginChoice& value, const RegistryBase& registry) = 0;
};

/// No settings of its own.
struct EmptyConfig final : Config {
  void fields(FieldVisitor&) override {}
};

}  // namespace eddyline
