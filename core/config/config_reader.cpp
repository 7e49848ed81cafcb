#include "core/config/config_reader.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <sstream>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/base/text.hpp"

namespace eddyline {
namespace {

std::string kind_of(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::null:
      return "nothing";
    case YamlNode::Kind::scalar:
      return "'" + printable(node.scalar) + "'";
    case YamlNode::Kind::list:
      return "a list of " + std::to_string(node.items.size());
    case YamlNode::Kind::map:
      return "a map";
  }
  return "";
}

std::string below(const std::string& path, const std::string& key) { return path.empty() ? key : path + "." + key; }

class Reader final : public FieldVisitor, private ConfigProblems {
 public:
  Reader(const YamlNode& map, std::string path, std::vector<std::string>& problems)
      : map_(map), path_(std::move(path)), problems_(problems) {}

  /// Reads all fields of `config` from the map, then refuses the keys that nobody asked for.
  void read(Config& config, const std::vector<std::string>& also_known = {}) {
    known_.insert(also_known.begin(), also_known.end());
    const std::size_t before = problems_.size();
    if (map_.kind != YamlNode::Kind::map && map_.kind != YamlNode::Kind::null) {
      problem(map_, path_, "expected a map of settings, got " + kind_of(map_));
      return;
    }
    config.fields(*this);
    for (const auto& [key, value] : map_.entries)
      if (!known_.contains(key))
        problem(value, below(path_, printable(key)), "unknown key" + suggestion(key, {known_.begin(), known_.end()}));
    if (problems_.size() == before) config.check(*this);
  }

  void field(const FieldInfo& info, bool& value) override {
    with(
        info,
        [&](const YamlNode& node) {
          if (node.scalar == "true" || node.scalar == "false") {
            value = node.scalar == "true";
          } else {
            expected(node, info, "true or false");
          }
        },
        false);
  }
  void field(const FieldInfo& info, std::int64_t& value) override {
    with(
        info, [&](const YamlNode& node) { scalar(node, info, value); }, false);
  }
  void field(const FieldInfo& info, double& value) override {
    with(
        info, [&](const YamlNode& node) { scalar(node, info, value); }, false);
  }
  void field(const FieldInfo& info, std::string& value) override {
    with(
        info, [&](const YamlNode& node) { scalar(node, info, value); }, false);
  }
  void field(const FieldInfo& info, std::optional<std::int64_t>& value) override { optional(info, value); }
  void field(const FieldInfo& info, std::optional<double>& value) override { optional(info, value); }
  void field(const FieldInfo& info, std::vector<std::int64_t>& value) override { list(info, value); }
  void field(const FieldInfo& info, std::vector<double>& value) override { list(info, value); }
  void field(const FieldInfo& info, std::vector<std::string>& value) override { list(info, value); }
  void field(const FieldInfo& info, std::map<std::string, double>& value) override { map(info, value); }
  void field(const FieldInfo& info, std::map<std::string, std::string>& value) override { map(info, value); }

  void group(const FieldInfo& info, Config& value) override {
    known_.insert(info.name);
    const YamlNode* node = map_.find(info.name);
    const YamlNode absent = nothing_here();
    Reader(node != nullptr ? *node : absent, below(path_, info.name), problems_).read(value);
  }
  void group_list(const FieldInfo& info, const ConfigList& value) override {
    with(info, [&](const YamlNode& node) {
      if (node.kind != YamlNode::Kind::list) return expected(node, info, "a list of maps");
      value.clear();
      for (std::size_t i = 0; i < node.items.size(); ++i)
        Reader(node.items[i], below(below(path_, info.name), std::to_string(i)), problems_).read(value.append());
    });
  }
  void group_map(const FieldInfo& info, const ConfigMap& value) override {
    with(info, [&](const YamlNode& node) {
      if (node.kind != YamlNode::Kind::map) return expected(node, info, "a map of maps");
      for (const auto& [key, entry] : node.entries)
        Reader(entry, below(below(path_, info.name), key), problems_).read(value.at(key));
    });
  }
  void plugin(const FieldInfo& info, PluginChoice& value, const RegistryBase& registry) override {
    known_.insert(info.name);
    const YamlNode* node = map_.find(info.name);
    if (node != nullptr && node->kind == YamlNode::Kind::list) return expected(*node, info, "a name or a map with one");
    const YamlNode absent = nothing_here();
    const YamlNode& settings = node != nullptr && node->kind == YamlNode::Kind::map ? *node : absent;
    const YamlNode* name = settings.find("name");
    if (node != nullptr && node->kind == YamlNode::Kind::scalar) name = node;  // `operator: fno`
    if (name != nullptr) value.name = name->scalar;
    const std::string path = below(path_, info.name);
    if (value.name.empty()) {
      problems_.push_back(map_.place + ": " + path + ".name: missing; choose one of the " + registry.kind() + ": " +
                          join(registry.names(), ", "));
    } else if (!registry.contains(value.name)) {
      problem(name != nullptr ? *name : map_, path + ".name",
              "'" + printable(value.name) + "' is not among the " + registry.kind() +
                  suggestion(value.name, registry.names()));
    } else {
      value.config = registry.make_config(value.name);
      Reader(settings, path, problems_).read(*value.config, {"name"});
    }
  }

 private:
  /// Stands for a missing map, at the place of the map that it is missing from.
  [[nodiscard]] YamlNode nothing_here() const {
    YamlNode node;
    node.place = map_.place;
    return node;
  }
  void problem(const YamlNode& node, const std::string& path, const std::string& message) {
    problems_.push_back(node.place + ": " + (path.empty() ? "" : path + ": ") + message);
  }
  void add(const std::string& key, const std::string& message) override {
    const YamlNode* node = map_.find(key);
    problem(node != nullptr ? *node : map_, below(path_, key), message);
  }
  void expected(const YamlNode& node, const FieldInfo& info, const std::string& what) {
    problem(node, below(path_, info.name), "expected " + what + ", got " + kind_of(node));
  }
  /// @param may_be_null  `key:` with nothing behind it stands for the default.
  template <class Read>
  void with(const FieldInfo& info, Read read, bool may_be_null = true) {
    known_.insert(info.name);
    const YamlNode* node = map_.find(info.name);
    if (node != nullptr && (node->kind != YamlNode::Kind::null || !may_be_null)) {
      read(*node);
    } else if (info.rule.is_required) {
      problem(map_, below(path_, info.name), "missing; it is required (" + info.help + ")");
    }
  }
  static std::string limited(const std::string& type, const FieldInfo& info) {
    const std::string limits = info.rule.text();
    if (type == "a text" && !info.rule.choices.empty()) return limits;
    return type + (limits.empty() ? "" : " " + limits) +
           (info.rule.unit_text.empty() ? "" : " (unit " + info.rule.unit_text + ")");
  }
  void scalar(const YamlNode& node, const FieldInfo& info, std::int64_t& value) {
    const auto number = node.kind == YamlNode::Kind::scalar ? parse_integer(node.scalar) : std::nullopt;
    if (!number || !info.rule.allows(static_cast<double>(*number)))
      return expected(node, info, limited("an integer", info));
    value = *number;
  }
  void scalar(const YamlNode& node, const FieldInfo& info, double& value) {
    const auto number = node.kind == YamlNode::Kind::scalar ? parse_number(node.scalar) : std::nullopt;
    if (!number || !info.rule.allows(*number)) return expected(node, info, limited("a number", info));
    value = *number;
  }
  void scalar(const YamlNode& node, const FieldInfo& info, std::string& value) {
    if (node.kind != YamlNode::Kind::scalar) return expected(node, info, limited("a text", info));
    if (!info.rule.allows(node.scalar))
      return problem(
          node, below(path_, info.name),
          "expected " + limited("a text", info) + ", got " + kind_of(node) +
              (nearest_name(node.scalar, info.rule.choices) ? suggestion(node.scalar, info.rule.choices) : ""));
    value = node.scalar;
  }
  template <class T>
  void optional(const FieldInfo& info, std::optional<T>& value) {
    with(info, [&](const YamlNode& node) {
      T read = value.value_or(T{});
      const std::size_t before = problems_.size();
      scalar(node, info, read);
      if (problems_.size() == before) value = read;
    });
  }
  template <class T>
  void list(const FieldInfo& info, std::vector<T>& value) {
    with(info, [&](const YamlNode& node) {
      if (node.kind != YamlNode::Kind::list) return expected(node, info, "a list");
      value.assign(node.items.size(), T{});
      for (std::size_t i = 0; i < node.items.size(); ++i) {
        FieldInfo item = info;
        item.name += "." + std::to_string(i);
        scalar(node.items[i], item, value[i]);
      }
    });
  }
  template <class T>
  void map(const FieldInfo& info, std::map<std::string, T>& value) {
    with(info, [&](const YamlNode& node) {
      if (node.kind != YamlNode::Kind::map) return expected(node, info, "a map of names to values");
      for (const auto& [key, entry] : node.entries) {
        FieldInfo item = info;
        item.name += "." + key;
        scalar(entry, item, value[key]);
      }
    });
  }

  const YamlNode& map_;
  std::string path_;
  std::vector<std::string>& problems_;
  std::set<std::string> known_;
};

/// Where the value of a dotted path stands, or the nearest map around it; nothing when not even its first name is
/// known.
std::optional<std::string> place_of(const YamlNode& root, const std::string& path) {
  const YamlNode* node = &root;
  std::istringstream names(path);
  for (std::string name; std::getline(names, name, '.');) {
    const YamlNode* next = node->find(name);
    if (node->kind == YamlNode::Kind::list)
      if (const auto index = parse_integer(name); index && *index >= 0)
        next = *index < static_cast<std::int64_t>(node->items.size()) ? &node->items[static_cast<std::size_t>(*index)]
                                                                      : nullptr;
    if (next == nullptr) break;
    node = next;
  }
  if (node == &root) return std::nullopt;
  return node->place;
}

}  // namespace

void read_config(const YamlNode& root, Config& config) {
  std::vector<std::string> problems;
  Reader(root, "", problems).read(config);
  if (!problems.empty()) throw ConfigError(join(problems, "\n"));
}

void read_config_file(const std::filesystem::path& path, const std::vector<std::string>& overrides, Config& config) {
  YamlNode root = read_yaml(path);
  for (const auto& assignment : overrides) apply_override(root, assignment);
  read_config(root, config);
}

YamlNode read_command_config(const std::filesystem::path& path, const std::string& command,
                             const std::vector<std::string>& overrides, Config& config) {
  YamlNode root = read_yaml(path);
  const std::vector<std::string> sections = {"solve", "generate", "observe", "train", "sweep", "compare"};
  const auto is_section = [&](const auto& entry) {
    return std::find(sections.begin(), sections.end(), entry.first) != sections.end();
  };
  if (std::any_of(root.entries.begin(), root.entries.end(), is_section)) {
    std::vector<std::string> problems;
    for (const auto& entry : root.entries)
      if (!is_section(entry))
        problems.push_back(entry.second.place + ": " + printable(entry.first) + ": not a section" +
                           suggestion(entry.first, sections));
    if (!problems.empty()) throw ConfigError(join(problems, "\n"));
    const YamlNode* section = root.find(command);
    if (section == nullptr) throw ConfigError(root.place + ": the file has no section '" + command + "'");
    root = YamlNode(*section);
  }
  for (const auto& assignment : overrides) apply_override(root, assignment);
  read_config(root, config);
  return root;
}

void at_its_place(const YamlNode& root, const std::function<void()>& run) {
  try {
    run();
  } catch (const ConfigError& error) {
    const std::string message = error.what();
    const std::string path = message.substr(0, message.find(": "));
    for (const std::string& start : {std::string(), std::string("problem.")})
      if (const auto place = place_of(root, start + path)) throw ConfigError(*place + ": " + start + message);
    throw;
  }
}

void read_config_text(const std::string& text, const std::string& source_name, Config& config) {
  read_config(parse_yaml(text, source_name), config);
}

}  // namespace eddyline
