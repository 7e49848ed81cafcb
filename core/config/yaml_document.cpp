#include "core/config/yaml_document.hpp"

#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <set>
#include <sstream>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/base/text.hpp"

namespace eddyline {
namespace {

constexpr std::size_t max_bytes = 4'000'000, max_nodes = 100'000;
constexpr int max_depth = 64;

class TreeBuilder {
 public:
  explicit TreeBuilder(std::string source) : source_(std::move(source)) {}

  YamlNode build(const YAML::Node& node, int depth = 0) {
    YamlNode out;
    out.place = place(node.Mark());
    if (++count_ > max_nodes || depth > max_depth)
      throw ConfigError(out.place + ": too large: at most " + std::to_string(max_nodes) + " values and " +
                        std::to_string(max_depth) + " levels, aliases expanded");
    if (node.IsScalar()) {
      out.kind = YamlNode::Kind::scalar;
      out.scalar = node.Scalar();
      out.quoted = node.Tag() == "!";
    } else if (node.IsSequence()) {
      out.kind = YamlNode::Kind::list;
      for (const auto& item : node) out.items.push_back(build(item, depth + 1));
    } else if (node.IsMap()) {
      out.kind = YamlNode::Kind::map;
      std::set<std::string> seen;
      for (const auto& entry : node) {
        if (!entry.first.IsScalar()) throw ConfigError(place(entry.first.Mark()) + ": a key must be a plain word");
        const std::string key = entry.first.Scalar();
        if (!seen.insert(key).second)
          throw ConfigError(place(entry.first.Mark()) + ": key '" + printable(key) + "' is given twice; keep one");
        out.entries.emplace_back(key, build(entry.second, depth + 1));
        out.entries.back().second.place = place(entry.first.Mark());
      }
    }
    return out;
  }

 private:
  [[nodiscard]] std::string place(const YAML::Mark& mark) const {
    if (mark.is_null()) return source_;
    return source_ + ":" + std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1);
  }
  std::string source_;
  std::size_t count_ = 0;
};

/// Sees where documents begin and nothing else.
class DocumentStarts final : public YAML::EventHandler {
 public:
  std::vector<YAML::Mark> marks;
  void OnDocumentStart(const YAML::Mark& mark) override { marks.push_back(mark); }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
};

/// Where the second document begins. (YAML::LoadAll would tell, but on a stray bracket it makes documents without end.)
std::optional<YAML::Mark> second_document(const std::string& text) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  DocumentStarts starts;
  for (int n = 0; n < 2; ++n)
    if (!parser.HandleNextDocument(starts)) return std::nullopt;
  return starts.marks.at(1);
}

void set_place(YamlNode& node, const std::string& place) {
  node.place = place;
  for (auto& item : node.items) set_place(item, place);
  for (auto& [key, value] : node.entries) set_place(value, place);
}

}  // namespace

const YamlNode* YamlNode::find(const std::string& key) const {
  for (const auto& [name, value] : entries)
    if (name == key) return &value;
  return nullptr;
}

YamlNode parse_yaml(const std::string& text, const std::string& source_name) {
  if (text.size() > max_bytes) throw ConfigError(source_name + ": too large for a config (limit 4 MB)");
  if (text.find('\0') != std::string::npos) throw ConfigError(source_name + ": holds a NUL byte; not a YAML file");
  try {
    if (const auto mark = second_document(text))
      throw ConfigError(source_name + ":" + std::to_string(mark->line + 1) + ":" + std::to_string(mark->column + 1) +
                        (text.find("---") != std::string::npos
                             ? ": a second document begins here (---); keep one"
                             : ": this belongs to nothing before it; look for a stray bracket, comma or quote"));
    YamlNode root = TreeBuilder(source_name).build(YAML::Load(text));
    if (root.kind == YamlNode::Kind::null) root.place = source_name + ":1:1";
    return root;
  } catch (const YAML::DeepRecursion& error) {
    throw ConfigError(source_name + ":" + std::to_string(error.mark.line + 1) + ":" +
                      std::to_string(error.mark.column + 1) + ": nested too deeply; at most " +
                      std::to_string(max_depth) + " levels");
  } catch (const YAML::Exception& error) {
    throw ConfigError(source_name + ":" + std::to_string(error.mark.line + 1) + ":" +
                      std::to_string(error.mark.column + 1) + ": not valid YAML: " + error.msg);
  }
}

YamlNode read_yaml(const std::filesystem::path& path) {
  std::error_code code;
  if (std::filesystem::is_directory(path, code)) throw IoError(path.string() + " is a folder; give a YAML file");
  std::ifstream file(path, std::ios::binary);
  if (!file) throw IoError("cannot read config '" + path.string() + "': no such file or no permission");
  // No more than the limit is read: the path may name a device without an end.
  std::string text(max_bytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) throw IoError("cannot read config '" + path.string() + "': the read failed");
  text.resize(static_cast<std::size_t>(file.gcount()));
  return parse_yaml(text, path.string());
}

void apply_override(YamlNode& root, const std::string& assignment) {
  const std::string place = "--set " + printable(assignment);
  const auto equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0)
    throw ConfigError(place + ": expected key=value, for instance --set training.epochs=5");
  YamlNode value = parse_yaml(assignment.substr(equals + 1), place);
  set_place(value, place);

  YamlNode* node = &root;
  const std::string keys = assignment.substr(0, equals);
  if (keys.front() == '.' || keys.back() == '.' || keys.find("..") != std::string::npos)
    throw ConfigError(place + ": an empty name in '" + printable(keys) + "'; write names joined by single dots");
  if (std::count(keys.begin(), keys.end(), '.') >= max_depth)
    throw ConfigError("--set " + printable(keys.substr(0, 40)) + "...: more than " + std::to_string(max_depth) +
                      " names; no config is so deep");
  std::istringstream path(keys);
  for (std::string key; std::getline(path, key, '.');) {
    if (node->kind == YamlNode::Kind::null) node->kind = YamlNode::Kind::map;
    if (node->kind == YamlNode::Kind::list) {
      const auto index = parse_integer(key);
      if (!index || *index < 0 || *index >= static_cast<std::int64_t>(node->items.size()))
        throw ConfigError(place + ": '" + key + "' is not an index of a list of " + std::to_string(node->items.size()) +
                          " (counted from 0)");
      node = &node->items[static_cast<std::size_t>(*index)];
      continue;
    }
    if (node->kind != YamlNode::Kind::map)
      throw ConfigError(place + ": nothing can stand under '" + key + "', its parent is a single value");
    YamlNode* next = nullptr;
    for (auto& [name, entry] : node->entries)
      if (name == key) next = &entry;
    if (next == nullptr) {
      node->entries.emplace_back(key, YamlNode{});
      next = &node->entries.back().second;
      next->place = place;
    }
    node = next;
  }
  *node = std::move(value);
}

}  // namespace eddyline
