#include "core/command_line/completion.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"

namespace eddyline {
namespace {

/// For single quotes of bash and zsh.
std::string shell_quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? "'\\''" : std::string(1, c);
  return out + "'";
}

/// For single quotes of fish.
std::string fish_quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

/// "time.end=" completes without a space behind it; what ends with a dot goes on with a name.
std::vector<std::string> assignments(const CommandDescription& command) {
  std::vector<std::string> words;
  for (const std::string& key : command.keys) words.push_back(key.ends_with(".") ? key : key + "=");
  return words;
}

std::vector<std::string> option_names(const CommandDescription& command) {
  std::vector<std::string> names = {"--help"};
  for (const auto& option : command.options)
    if (!option.positional()) names.push_back(option.name);
  return names;
}

std::vector<std::string> command_names(const ProgramDescription& program) {
  std::vector<std::string> names;
  for (const auto& command : program.commands) names.push_back(command.name);
  return names;
}

std::vector<std::string> plugin_names(const PluginKind& kind) {
  std::vector<std::string> names;
  for (const auto& plugin : kind.plugins) names.push_back(plugin.name);
  return names;
}

std::string head(const ProgramDescription& program, const std::string& shell) {
  return "# Completion of eddyline " + program.version + " for " + shell + ", made by `eddyline completion " + shell +
         "`.\n";
}

std::string bash_script(const ProgramDescription& program) {
  const auto reply = [](const std::vector<std::string>& words) {
    return "COMPREPLY=($(compgen -W " + shell_quoted(join(words, " ")) + " -- \"$current\"))";
  };
  std::string text = head(program, "bash") +
                     "_eddyline() {\n"
                     "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command= kind= i\n"
                     "  COMPREPLY=()\n"
                     "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
                     "    [[ ${COMP_WORDS[i]} == -* ]] && continue\n"
                     "    if [[ -z $command ]]; then command=${COMP_WORDS[i]}; else kind=${COMP_WORDS[i]}; break; fi\n"
                     "  done\n"
                     "  if [[ -z $command ]]; then\n";
  auto first = command_names(program);
  first.insert(first.end(), {"--help", "--version", "--quiet"});
  text += "    " + reply(first) + "\n    return\n  fi\n  case $command:$previous in\n";
  for (const auto& command : program.commands)
    for (const auto& option : command.options) {
      if (option.positional() || option.values == 0) continue;
      const std::string pattern = "    " + command.name + ":" + option.name + ") ";
      if (option.name == "--set" && !command.keys.empty())
        text += pattern + reply(assignments(command)) + "; compopt -o nospace 2>/dev/null; return ;;\n";
      else if (!option.words.empty())
        text += pattern + reply(option.words) + "; return ;;\n";
    }
  text += "  esac\n  if [[ $current == -* ]]; then\n    case $command in\n";
  for (const auto& command : program.commands)
    text += "      " + command.name + ") " + reply(option_names(command)) + " ;;\n";
  text += "    esac\n    return\n  fi\n  case $command in\n";
  for (const auto& command : program.commands) {
    if (command.name == "list") {
      std::vector<std::string> kinds;
      std::string by_kind;
      for (const auto& kind : program.plugins) {
        kinds.push_back(kind.kind);
        by_kind += "        " + kind.kind + ") " + reply(plugin_names(kind)) + " ;;\n";
      }
      text +=
          "    list)\n      case $kind in\n        '') " + reply(kinds) + " ;;\n" + by_kind + "      esac\n      ;;\n";
      continue;
    }
    for (const auto& option : command.options)
      if (option.positional() && !option.words.empty())
        text += "    " + command.name + ") " + reply(option.words) + " ;;\n";
  }
  return text + "  esac\n}\ncomplete -o bashdefault -o default -F _eddyline eddyline\n";
}

/// The text in brackets of a specification for zsh's _arguments.
std::string zsh_text(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_action(const OptionDescription& option, const CommandDescription& command) {
  if (option.name == "--set" && !command.keys.empty())
    return "{compadd -S \"\" -- " + join(assignments(command), " ") + "}";
  return option.words.empty() ? "_files" : "(" + join(option.words, " ") + ")";
}

std::string zsh_script(const ProgramDescription& program) {
  std::string text =
      "#compdef eddyline\n" + head(program, "zsh") + "_eddyline() {\n  local -a commands\n  commands=(\n";
  for (const auto& command : program.commands)
    text += "    " + shell_quoted(command.name + ":" + zsh_text(command.help)) + "\n";
  text +=
      "  )\n  if (( CURRENT == 2 )); then\n    _describe command commands\n    return\n  fi\n"
      "  local command=$words[2]\n  shift words\n  (( CURRENT-- ))\n  case $command in\n";
  for (const auto& command : program.commands) {
    text += "    " + command.name + ")\n      _arguments";
    if (command.name == "list") {
      std::vector<std::string> kinds;
      std::string by_kind;
      for (const auto& kind : program.plugins) {
        kinds.push_back(kind.kind);
        by_kind += " " + kind.kind + ") compadd -- " + join(plugin_names(kind), " ") + " ;;";
      }
      text += " \\\n        " + shell_quoted("1::kind:(" + join(kinds, " ") + ")") + " \\\n        " +
              shell_quoted("2::plug-in:{case $words[2] in" + by_kind + " esac}");
    } else {
      int place = 0;
      for (const auto& option : command.options) {
        if (option.positional()) {
          ++place;
          const std::string where = option.repeated ? "*" : std::to_string(place);
          text += " \\\n        " + shell_quoted(where + (option.required || option.repeated ? ":" : "::") +
                                                 zsh_text(option.name) + ":" + zsh_action(option, command));
          continue;
        }
        std::string entry = (option.repeated ? "*" : "") + option.name + "[" + zsh_text(option.help) + "]";
        for (int i = 0; i < option.values; ++i) entry += ":value:" + zsh_action(option, command);
        text += " \\\n        " + shell_quoted(entry);
      }
    }
    text += " \\\n        '--help[help of this command]'\n      ;;\n";
  }
  return text + "  esac\n}\n_eddyline \"$@\"\n";
}

std::string fish_script(const ProgramDescription& program) {
  std::string text = head(program, "fish") +
                     "complete -c eddyline -n __fish_use_subcommand -f -l help -d 'help'\n"
                     "complete -c eddyline -n __fish_use_subcommand -f -l version -d 'version'\n"
                     "complete -c eddyline -n __fish_use_subcommand -f -l quiet -d 'print warnings and errors only'\n";
  for (const auto& command : program.commands)
    text += "complete -c eddyline -n __fish_use_subcommand -f -a " + command.name + " -d " + fish_quoted(command.help) +
            "\n";
  for (const auto& command : program.commands) {
    const std::string start =
        "complete -c eddyline -n " + fish_quoted("__fish_seen_subcommand_from " + command.name) + " ";
    if (command.name == "list")
      for (const auto& kind : program.plugins)
        text += start + "-f -a " + fish_quoted(kind.kind + " " + join(plugin_names(kind), " ")) + "\n";
    for (const auto& option : command.options) {
      std::vector<std::string> words = option.words;
      if (option.name == "--set" && !command.keys.empty()) words = assignments(command);
      const std::string choices = words.empty() ? "" : " -a " + fish_quoted(join(words, " "));
      if (option.positional()) {
        if (!words.empty() && command.name != "list") text += start + "-f" + choices + "\n";
        continue;
      }
      const std::string value = option.values == 0 ? "-f " : words.empty() ? "-r " : "-x ";
      text += start + value + "-l " + option.name.substr(2) + choices + " -d " + fish_quoted(option.help) + "\n";
    }
  }
  return text;
}

}  // namespace

const std::vector<std::string>& completed_shells() {
  static const std::vector<std::string> shells = {"bash", "zsh", "fish"};
  return shells;
}

std::string completion_script(const ProgramDescription& program, const std::string& shell) {
  if (shell == "bash") return bash_script(program);
  if (shell == "zsh") return zsh_script(program);
  if (shell == "fish") return fish_script(program);
  throw ConfigError("there is no completion for '" + printable(shell) + "'" + suggestion(shell, completed_shells()));
}

}  // namespace eddyline
