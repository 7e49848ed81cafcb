#include "core/io/safe_name.hpp"

#include "core/base/text.hpp"

namespace eddyline {
namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

std::string replaced(std::string_view text, std::string_view forbidden) {
  std::string out(text);
  for (char& c : out)
    if (is_control(c) || forbidden.find(c) != std::string_view::npos) c = '_';
  return out;
}

}  // namespace

std::string safe_file_name(std::string_view name) {
  constexpr std::size_t longest = 120;  // leaves room for frame numbers and temporary suffixes in 255 bytes
  std::string out = replaced(name, "/\\:*?\"<>|");
  if (out.size() > longest) {
    std::size_t end = longest;
    while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xC0) == 0x80) --end;  // not inside a UTF-8 sequence
    out.resize(end);
  }
  if (out.empty()) return "_";
  if (out[0] == '.' || out[0] == '-') out[0] = '_';
  return out;
}

std::string safe_array_name(std::string_view name) {
  const std::string out = replaced(name, "<>&\"'");
  return out.empty() ? "_" : out;
}

std::string xml_escaped(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&apos;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string numbered(std::int64_t number, std::size_t digits) {
  const std::string text = std::to_string(number);
  return text.size() < digits ? std::string(digits - text.size(), '0') + text : text;
}

}  // namespace eddyline
