#include <algorithm>

#include "core/base/numbers.hpp"
#include "core/config/config_reader.hpp"

namespace eddyline {
namespace {

bool is_plain(const std::string& text) {
  if (text.empty() || parse_number(text) || text == "true" || text == "false" || text == "null" || text == "~")
    return false;
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) {
                       return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                              c == '-' || c == '.' || c == '/';
                     }) &&
         text.front() != '-';
}

std::string yaml_text(const std::string& text) {
  if (is_plain(text)) return text;
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c == '\n' ? std::string("\\n") : c == '\t' ? std::string("\\t") : std::string(1, c);
  }
  return out + "\"";
}

std::string value_text(bool value) { return value ? "true" : "false"; }
std::string value_text(std::int64_t value) { return std::to_string(value); }
std::string value_text(double value) { return format_number(value); }
std::string value_text(const std::string& value) { return yaml_text(value); }
template <class T>
std::string value_text(const std::vector<T>& values) {
  std::string out = "[";
  for (const auto& value : values) out += (out.size() > 1 ? ", " : "") + value_text(value);
  return out + "]";
}
template <class T>
std::string value_text(const std::map<std::string, T>& values) {
  std::string out = "{";
  for (const auto& [key, value] : values)
    out += (out.size() > 1 ? ", " : "") + yaml_text(key) + ": " + value_text(value);
  return out + "}";
}
template <class T>
std::string value_text(const std::optional<T>& value) {
  return value ? value_text(*value) : "~";
}

class Writer final : public FieldVisitor {
 public:
  explicit Writer(std::string indent) : indent_(std::move(indent)) {}
  std::string text;

  void field(const FieldInfo& info, bool& value) override { line(info, value_text(value)); }
  void field(const FieldInfo& info, std::int64_t& value) override { line(info, value_text(value)); }
  void field(const FieldInfo& info, double& value) override { line(info, value_text(value)); }
  void field(const FieldInfo& info, std::string& value) override { line(info, value_text(value)); }
  void field(const FieldInfo& info, std::optional<std::int64_t>& value) override { line(info, value_text(value)); }
  void field(const FieldInfo& info, std::optional<double>& value) override { line(info, value_text(value)); }
  void field(const FieldInfo& info, std::vector<std::int64_t>& value) override { line(info, value_text(value)); }
  void field(const FieldInfo& info, std::vector<double>& value) override { line(info, value_text(value)); }
  void field(const FieldInfo& info, std::vector<std::string>& value) override { line(info, value_text(value)); }
  void field(const FieldInfo& info, std::map<std::string, double>& value) override { line(info, value_text(value)); }
  void field(const FieldInfo& info, std::map<std::string, std::string>& value) override {
    line(info, value_text(value));
  }
  void group(const FieldInfo& info, Config& value) override { block(info.name, value, indent_ + "  ", ""); }
  void group_list(const FieldInfo& info, const ConfigList& value) override {
    if (value.size() == 0) return line(info, "[]");
    text += indent_ + info.name + ":\n";
    for (std::size_t i = 0; i < value.size(); ++i) {
      Writer item(indent_ + "    ");
      value.at(i).fields(item);
      if (item.text.empty()) item.text = indent_ + "    {}\n";
      text += indent_ + "  - " + item.text.substr(indent_.size() + 4);
    }
  }
  void group_map(const FieldInfo& info, const ConfigMap& value) override {
    const auto names = value.names();
    if (names.empty()) return line(info, "{}");
    text += indent_ + info.name + ":\n";
    for (const auto& name : names) {
      Writer item(indent_ + "    ");
      value.at(name).fields(item);
      text += indent_ + "  " + yaml_text(name) + ":" + (item.text.empty() ? " {}\n" : "\n" + item.text);
    }
  }
  void plugin(const FieldInfo& info, PluginChoice& value, const RegistryBase&) override {
    if (value.name.empty()) return;
    EmptyConfig none;
    block(info.name, value.config != nullptr ? *value.config : none, indent_ + "  ",
          indent_ + "  name: " + yaml_text(value.name) + "\n");
  }

 private:
  void line(const FieldInfo& info, const std::string& value) { text += indent_ + info.name + ": " + value + "\n"; }
  void block(const std::string& name, Config& value, const std::string& indent, const std::string& head) {
    Writer inner(indent);
    value.fields(inner);
    const std::string body = head + inner.text;
    text += indent_ + name + ":" + (body.empty() ? " {}\n" : "\n" + body);
  }
  std::string indent_;
};

}  // namespace

std::string resolved_yaml(const Config& config) {
  Writer writer("");
  const_cast<Config&>(config).fields(writer);  // the writer only reads; `fields` serves reading and writing
  return writer.text;
}

}  // namespace eddyline
