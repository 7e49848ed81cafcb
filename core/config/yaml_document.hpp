#pragma once
// A YAML text read into a tree of our own, with the place of every node. Limits keep a hostile file harmless; a key
// given twice is an error (yaml-cpp keeps both and looks up the first).

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace eddyline {

/// One node: a scalar, a list or a map, and where it stands.
struct YamlNode {
  enum class Kind { null, scalar, list, map };
  Kind kind = Kind::null;
  std::string scalar;
  bool quoted = false;  // written in quotes: a text, whatever it looks like
  std::vector<YamlNode> items;
  std::vector<std::pair<std::string, YamlNode>> entries;  // in file order
  std::string place;                                      // "file.yaml:12:3", or "--set a.b=1"

  [[nodiscard]] const YamlNode* find(const std::string& key) const;
};

/// @throws ConfigError on syntax errors, duplicate keys, a second document, over 4 MB, depth over 64, over 100,000
/// nodes after aliases.
[[nodiscard]] YamlNode parse_yaml(const std::string& text, const std::string& source_name);
/// @throws IoError when the file cannot be read, else as parse_yaml.
[[nodiscard]] YamlNode read_yaml(const std::filesystem::path& path);
/// Applies `a.b.0.c=value`: the value is YAML, missing maps on the way are made. @throws ConfigError on a bad override.
void apply_override(YamlNode& root, const std::string& assignment);

}  // namespace eddyline
