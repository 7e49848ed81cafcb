#include "core/training/same_config.hpp"

#include <algorithm>
#include <map>

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "core/config/config_reader.hpp"

namespace eddyline {
namespace {

/// Leaves of a config as "training.epochs" -> "100".
void flatten(const YamlNode& node, const std::string& path, std::map<std::string, std::string>& leaves) {
  if (node.kind == YamlNode::Kind::map)
    for (const auto& [key, value] : node.entries) flatten(value, path.empty() ? key : path + "." + key, leaves);
  else if (node.kind == YamlNode::Kind::list)
    for (std::size_t n = 0; n < node.items.size(); ++n) flatten(node.items[n], path + "." + std::to_string(n), leaves);
  else
    leaves[path] = node.scalar;
}

}  // namespace

void check_same_config(const std::filesystem::path& stored, const Config& config,
                       const std::vector<std::string>& free) {
  std::map<std::string, std::string> before, now;
  flatten(read_yaml(stored), "", before);
  flatten(parse_yaml(resolved_yaml(config), "the config"), "", now);
  const auto value = [](const std::map<std::string, std::string>& leaves, const std::string& key) {
    const auto found = leaves.find(key);
    return found == leaves.end() ? std::string("nothing") : found->second;
  };
  std::map<std::string, std::string> all = before;
  all.insert(now.begin(), now.end());
  std::vector<std::string> changed;
  for (const auto& [key, ignored] : all)
    if (value(before, key) != value(now, key) && std::find(free.begin(), free.end(), key) == free.end())
      changed.push_back(key + ": " + value(before, key) + " -> " + value(now, key));
  if (!changed.empty())
    throw ConfigError("'" + stored.parent_path().string() + "' holds a training with another config (" +
                      printable(join(changed, "; ")) +
                      "); choose another run directory, or restore these values to continue");
  if (value(before, "training.epochs") != value(now, "training.epochs"))
    log_warning("training.epochs changed from " + value(before, "training.epochs") + " to " +
                value(now, "training.epochs") + ": the learning rate follows the new length from here on");
}

}  // namespace eddyline
