#include "core/command_line/program_description.hpp"

#include <set>

namespace eddyline {
namespace {

/// Walks a config with all that its plug-ins could add.
class KeyCollector final : public FieldVisitor {
 public:
  KeyCollector(std::string path, std::set<std::string>& keys) : path_(std::move(path)), keys_(keys) {}
  void field(const FieldInfo& info, bool&) override { add(info.name); }
  void field(const FieldInfo& info, std::int64_t&) override { add(info.name); }
  void field(const FieldInfo& info, double&) override { add(info.name); }
  void field(const FieldInfo& info, std::string&) override { add(info.name); }
  void field(const FieldInfo& info, std::optional<std::int64_t>&) override { add(info.name); }
  void field(const FieldInfo& info, std::optional<double>&) override { add(info.name); }
  void field(const FieldInfo& info, std::vector<std::int64_t>&) override { add(info.name); }
  void field(const FieldInfo& info, std::vector<double>&) override { add(info.name); }
  void field(const FieldInfo& info, std::vector<std::string>&) override { add(info.name); }
  void field(const FieldInfo& info, std::map<std::string, double>&) override { add(info.name + "."); }
  void field(const FieldInfo& info, std::map<std::string, std::string>&) override { add(info.name + "."); }
  void group(const FieldInfo& info, Config& value) override { inside(info.name, value); }
  void group_list(const FieldInfo& info, const ConfigList& value) override {
    inside(info.name + ".0", *value.prototype());
  }
  void group_map(const FieldInfo& info, const ConfigMap&) override { add(info.name + "."); }
  void plugin(const FieldInfo& info, PluginChoice&, const RegistryBase& registry) override {
    add(info.name + ".name");
    for (const std::string& name : registry.names()) inside(info.name, *registry.make_config(name));
  }

 private:
  void add(const std::string& name) { keys_.insert(path_ + name); }
  void inside(const std::string& name, Config& value) {
    KeyCollector inner(path_ + name + ".", keys_);
    value.fields(inner);
  }
  std::string path_;
  std::set<std::string>& keys_;
};

}  // namespace

std::vector<std::string> setting_keys(Config& config) {
  std::set<std::string> keys;
  KeyCollector collector("", keys);
  config.fields(collector);
  return {keys.begin(), keys.end()};
}

std::vector<PluginKind> plugin_kinds() {
  std::vector<PluginKind> kinds;
  for (const RegistryBase* registry : RegistryBase::all()) {
    if (registry->kind() == "commands") continue;
    PluginKind kind{registry->kind(), {}};
    for (const std::string& name : registry->names())
      kind.plugins.push_back({name, registry->help(name), field_rows(*registry->make_config(name))});
    kinds.push_back(std::move(kind));
  }
  return kinds;
}

}  // namespace eddyline
