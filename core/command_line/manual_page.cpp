#include "core/command_line/manual_page.hpp"

#include <algorithm>

#include "core/base/text.hpp"

namespace eddyline {
namespace {

/// Text that roff shows as it is.
std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  if (out.starts_with('.') || out.starts_with('\'')) out.insert(0, "\\&");
  return out;
}

std::string bold(const std::string& text) { return "\\fB" + escaped(text) + "\\fR"; }
std::string italic(const std::string& text) { return "\\fI" + escaped(text) + "\\fR"; }

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) { return c >= 'a' && c <= 'z' ? c - 32 : c; });
  return text;
}

std::string usage(const CommandDescription& command) {
  std::string text = ".B eddyline " + escaped(command.name) + "\n";
  for (const auto& option : command.options) {
    if (!option.positional()) continue;
    const std::string name = italic(upper(option.name)) + (option.repeated ? " ..." : "");
    text += option.required ? name + "\n" : "[" + name + "]\n";
  }
  const bool options = std::any_of(command.options.begin(), command.options.end(),
                                   [](const auto& option) { return !option.positional(); });
  return options ? text + "[options]\n" : text;
}

std::string option_entry(const OptionDescription& option) {
  std::string name = bold(option.positional() ? upper(option.name) : option.name);
  for (int i = 0; !option.positional() && i < option.values; ++i) name += " " + italic("VALUE");
  std::string text = ".TP\n" + name + "\n" + escaped(option.help) + "\n";
  if (!option.words.empty()) text += "(" + escaped(join(option.words, ", ")) + ")\n";
  return text;
}

std::string settings_list(const std::vector<FieldRow>& rows) {
  std::string text;
  for (const FieldRow& row : rows) {
    std::string about = row.type;
    if (row.default_value == "required") {
      about += ", required";
    } else if (!row.default_value.empty()) {
      about += ", default " + row.default_value;
    }
    if (!row.rule.empty()) about += ", " + row.rule;
    if (!row.unit.empty()) about += " [" + row.unit + "]";
    text += ".TP\n" + bold(row.path) + "\n" + escaped(row.help) + ": " + escaped(about) + "\n";
  }
  return text;
}

}  // namespace

std::string manual_page(const ProgramDescription& program) {
  std::string text = ".TH EDDYLINE 1 \"\" \"eddyline " + escaped(program.version) + "\" \"User Commands\"\n";
  text +=
      ".SH NAME\neddyline \\- neural PDE solvers for fluid dynamics, and the classical solvers they have to beat\n"
      ".SH SYNOPSIS\n.B eddyline\n[\\fB\\-\\-quiet\\fR] \\fICOMMAND\\fR [\\fIARGUMENTS\\fR]\n"
      ".SH DESCRIPTION\n"
      "Eddyline generates flow data with its own reference solver, trains neural operators on it, rolls them out and\n"
      "compares both at equal error. Configs are YAML files; every key can be overridden by\n"
      ".B \\-\\-set\n.I key=value\nwhere a command has that option.\n"
      ".SH OPTIONS\n"
      ".TP\n.B \\-\\-help\nHelp of the program or, behind a command, of the command.\n"
      ".TP\n.B \\-\\-version\nThe version.\n"
      ".TP\n.B \\-\\-quiet\nPrint warnings and errors only.\n"
      ".SH COMMANDS\n";
  for (const auto& command : program.commands) {
    text += ".SS " + escaped(command.name) + "\n" + escaped(command.help) + ".\n.PP\n" + usage(command);
    for (const auto& option : command.options) text += option_entry(option);
    text += ".PP\nExample: " + italic(command.example) + "\n";
  }
  text += ".SH CONFIGS\nThe keys of the configs, with type, default, limits and unit.\n";
  for (const auto& command : program.commands)
    if (!command.settings.empty())
      text += ".SS The config of eddyline " + escaped(command.name) + "\n" + settings_list(command.settings);
  text += ".SH PLUG\\-INS\nWhat a config can name.\n";
  for (const auto& kind : program.plugins)
    for (const auto& plugin : kind.plugins)
      text += ".SS " + escaped(kind.kind + ": " + plugin.name) + "\n" + escaped(plugin.help) + ".\n" +
              settings_list(plugin.settings);
  text +=
      ".SH EXIT STATUS\n"
      ".TP\n.B 0\nSuccess.\n.TP\n.B 1\nThe check ran and its answer is no.\n.TP\n.B 2\nWrong command line or config.\n"
      ".TP\n.B 3\nUnreadable or inconsistent data.\n.TP\n.B 4\nNumerical failure.\n.TP\n.B 5\nThe file system "
      "refused.\n"
      ".TP\n.B 6\nMemory or a device is missing.\n.TP\n.B 130, 143\nStopped by a signal; what is written is whole.\n";
  return text;
}

}  // namespace eddyline
