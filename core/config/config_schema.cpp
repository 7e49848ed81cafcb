#include <cmath>
#include <nlohmann/json.hpp>

#include "core/base/numbers.hpp"
#include "core/config/config_reader.hpp"

namespace eddyline {
namespace {

using Json = nlohmann::ordered_json;

Json object_schema(Config& config);

class SchemaWriter final : public FieldVisitor {
 public:
  Json properties = Json::object();
  std::vector<std::string> required;

  void field(const FieldInfo& info, bool& value) override { add(info, "boolean", value); }
  void field(const FieldInfo& info, std::int64_t& value) override { add(info, "integer", value); }
  void field(const FieldInfo& info, double& value) override { add(info, "number", value); }
  void field(const FieldInfo& info, std::string& value) override { add(info, "string", value); }
  void field(const FieldInfo& info, std::optional<std::int64_t>& value) override {
    add_optional(info, "integer", value);
  }
  void field(const FieldInfo& info, std::optional<double>& value) override { add_optional(info, "number", value); }
  void field(const FieldInfo& info, std::vector<std::int64_t>& value) override { add_list(info, "integer", value); }
  void field(const FieldInfo& info, std::vector<double>& value) override { add_list(info, "number", value); }
  void field(const FieldInfo& info, std::vector<std::string>& value) override { add_list(info, "string", value); }
  void field(const FieldInfo& info, std::map<std::string, double>& value) override { add_map(info, "number", value); }
  void field(const FieldInfo& info, std::map<std::string, std::string>& value) override {
    add_map(info, "string", value);
  }
  void group(const FieldInfo& info, Config& value) override { put(info, object_schema(value)); }
  void group_list(const FieldInfo& info, const ConfigList& value) override {
    put(info, {{"type", "array"}, {"items", object_schema(*value.prototype())}});
  }
  void group_map(const FieldInfo& info, const ConfigMap& value) override {
    put(info, {{"type", "object"}, {"additionalProperties", object_schema(*value.prototype())}});
  }
  void plugin(const FieldInfo& info, PluginChoice& value, const RegistryBase& registry) override {
    Json choices = Json::array({Json{{"type", "string"}, {"enum", registry.names()}}});
    for (const auto& name : registry.names()) {
      const auto config = registry.make_config(name);
      Json choice = object_schema(*config);
      choice["properties"]["name"] = {{"const", name}};
      if (name != value.name) choice["required"].push_back("name");
      choices.push_back(std::move(choice));
    }
    put(info, {{"anyOf", std::move(choices)}});
  }

 private:
  void put(const FieldInfo& info, Json schema) {
    schema["description"] = info.help + (info.rule.unit_text.empty() ? "" : " [" + info.rule.unit_text + "]");
    properties[info.name] = std::move(schema);
    if (info.rule.is_required) required.push_back(info.name);
  }
  static Json limited(const FieldInfo& info, const char* type) {
    Json schema = {{"type", type}};
    if (!info.rule.choices.empty()) schema["enum"] = info.rule.choices;
    if (std::isfinite(info.rule.low)) schema[info.rule.low_open ? "exclusiveMinimum" : "minimum"] = info.rule.low;
    if (std::isfinite(info.rule.high)) schema[info.rule.high_open ? "exclusiveMaximum" : "maximum"] = info.rule.high;
    return schema;
  }
  template <class T>
  void add(const FieldInfo& info, const char* type, const T& value) {
    Json schema = limited(info, type);
    if (!info.rule.is_required) schema["default"] = value;
    put(info, std::move(schema));
  }
  template <class T>
  void add_optional(const FieldInfo& info, const char* type, const std::optional<T>& value) {
    Json schema = limited(info, type);
    schema["type"] = {type, "null"};
    if (value) schema["default"] = *value;
    put(info, std::move(schema));
  }
  template <class T>
  void add_list(const FieldInfo& info, const char* type, const T& value) {
    put(info, {{"type", "array"}, {"items", limited(info, type)}, {"default", value}});
  }
  template <class T>
  void add_map(const FieldInfo& info, const char* type, const T& value) {
    put(info, {{"type", "object"}, {"additionalProperties", limited(info, type)}, {"default", value}});
  }
};

Json object_schema(Config& config) {
  SchemaWriter writer;
  config.fields(writer);
  Json schema = {{"type", "object"}, {"properties", std::move(writer.properties)}, {"additionalProperties", false}};
  if (!writer.required.empty()) schema["required"] = writer.required;
  return schema;
}

class RowWriter final : public FieldVisitor {
 public:
  RowWriter(std::string path, std::vector<FieldRow>& rows) : path_(std::move(path)), rows_(rows) {}

  void field(const FieldInfo& info, bool& value) override { add(info, "bool", value ? "true" : "false"); }
  void field(const FieldInfo& info, std::int64_t& value) override { add(info, "int", std::to_string(value)); }
  void field(const FieldInfo& info, double& value) override { add(info, "float", format_number(value)); }
  void field(const FieldInfo& info, std::string& value) override { add(info, "text", value); }
  void field(const FieldInfo& info, std::optional<std::int64_t>& value) override {
    add(info, "int", value ? std::to_string(*value) : "none");
  }
  void field(const FieldInfo& info, std::optional<double>& value) override {
    add(info, "float", value ? format_number(*value) : "none");
  }
  void field(const FieldInfo& info, std::vector<std::int64_t>& value) override {
    add(info, "ints", Json(value).dump());
  }
  void field(const FieldInfo& info, std::vector<double>& value) override { add(info, "floats", Json(value).dump()); }
  void field(const FieldInfo& info, std::vector<std::string>& value) override {
    add(info, "texts", Json(value).dump());
  }
  void field(const FieldInfo& info, std::map<std::string, double>& value) override {
    add(info, "map", Json(value).dump());
  }
  void field(const FieldInfo& info, std::map<std::string, std::string>& value) override {
    add(info, "map", Json(value).dump());
  }
  void group(const FieldInfo& info, Config& value) override { inner(info.name, value); }
  void group_list(const FieldInfo& info, const ConfigList& value) override {
    inner(info.name + "[]", *value.prototype());
  }
  void group_map(const FieldInfo& info, const ConfigMap& value) override {
    inner(info.name + ".<name>", *value.prototype());
  }
  void plugin(const FieldInfo& info, PluginChoice& value, const RegistryBase& registry) override {
    rows_.push_back({path_ + info.name + ".name", "plug-in", value.name.empty() ? "none" : value.name,
                     "eddyline list " + registry.kind(), "", info.help});
  }

 private:
  void inner(const std::string& name, Config& value) {
    RowWriter writer(path_ + name + ".", rows_);
    value.fields(writer);
  }
  void add(const FieldInfo& info, const std::string& type, const std::string& value) {
    rows_.push_back({path_ + info.name, type, info.rule.is_required ? "required" : value, info.rule.text(),
                     info.rule.unit_text, info.help});
  }
  std::string path_;
  std::vector<FieldRow>& rows_;
};

}  // namespace

std::string json_schema(Config& config, const std::string& title) {
  Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", title}};
  schema.update(object_schema(config));
  return schema.dump(2);
}

std::vector<FieldRow> field_rows(Config& config) {
  std::vector<FieldRow> rows;
  RowWriter writer("", rows);
  config.fields(writer);
  return rows;
}

}  // namespace eddyline
