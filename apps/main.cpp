// The program: finds the command, parses its options, maps errors to exit codes.

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <new>

#include "apps/command.hpp"
#include "core/base/log.hpp"
#include "core/base/memory.hpp"
#include "core/base/signals.hpp"
#include "core/base/version.hpp"

namespace eddyline::apps {
namespace {

class ParserArguments final : public Arguments {
 public:
  explicit ParserArguments(CLI::App& parser) : parser_(parser) {}
  void positional(const std::string& name, std::string& value, const std::string& help, bool required) override {
    parser_.add_option(name, value, help)->required(required);
  }
  void positionals(const std::string& name, std::vector<std::string>& values, const std::string& help) override {
    parser_.add_option(name, values, help)->required();
  }
  void option(const std::string& name, std::string& value, const std::string& help) override {
    parser_.add_option(name, value, help);
  }
  void option(const std::string& name, std::int64_t& value, const std::string& help) override {
    parser_.add_option(name, value, help)->capture_default_str();
  }
  void choice(const std::string& name, std::string& value, const std::vector<std::string>& words,
              const std::string& help) override {
    parser_.add_option(name, value, help + ": " + join(words, ", "));
  }
  void numbers(const std::string& name, std::vector<double>& values, int count, const std::string& help) override {
    parser_.add_option(name, values, help)->type_size(count)->expected(1);
  }
  void flag(const std::string& name, bool& value, const std::string& help) override {
    parser_.add_flag(name, value, help);
  }
  void repeated(const std::string& name, std::vector<std::string>& values, const std::string& help) override {
    parser_.add_option(name, values, help)->allow_extra_args(false);
  }

 private:
  CLI::App& parser_;
};

ExitCode report(ExitCode code, const std::string& message) {
  std::cerr << "eddyline: " << message << "\n";
  return code;
}

constexpr const char* memory_advice =
    "out of memory: use a smaller training.batch_size, grid or operator; --dry-run tells what a run needs";

/// LibTorch's own errors carry a stack trace behind the first line.
std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

ExitCode run_program(int argc, char** argv) {
  const auto& commands = CommandRegistry::instance();
  CLI::App parser{
      "Eddyline: neural PDE solvers trained against, and measured by, classical reference solvers.\n"
      "Exit codes: 0 ok, 1 a check's answer is no, 2 usage or config, 3 data, 4 numerical failure,\n"
      "5 input/output, 6 resources, 130/143 signals."};
  parser.name("eddyline");
  parser.set_version_flag("--version", std::string("eddyline ") + version());
  parser.require_subcommand(1);
  parser.footer("Example: eddyline solve configs/cylinder/solve.yaml\nHelp of one command: eddyline solve --help");
  bool quiet = false;
  parser.add_flag("--quiet", quiet, "print warnings and errors only");

  if (argc > 1 && argv[1][0] != '-' && !commands.contains(argv[1]))
    return report(ExitCode::usage, std::string("there is no command '") + printable(argv[1]) + "'" +
                                       suggestion(argv[1], commands.names()));
  std::map<std::string, std::unique_ptr<Command>> made;
  for (const auto& name : commands.names()) {
    auto command = commands.create(name, EmptyConfig{});
    CLI::App* sub = parser.add_subcommand(name, commands.help(name));
    sub->footer("Example: " + command->example());
    ParserArguments arguments(*sub);
    command->arguments(arguments);
    made[name] = std::move(command);
  }
  try {
    parser.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const bool is_help = error.get_exit_code() == 0;
    parser.exit(error);
    return is_help ? ExitCode::ok : ExitCode::usage;
  }
  if (quiet) set_log_level(LogLevel::warning);
  return made.at(parser.get_subcommands().front()->get_name())->run();
}

}  // namespace
}  // namespace eddyline::apps

int main(int argc, char** argv) {
  using eddyline::ExitCode;
  eddyline::keep_freed_memory();
  eddyline::open_standard_streams();
  eddyline::install_signal_handlers();
  ExitCode code = ExitCode::ok;
  try {
    code = eddyline::apps::run_program(argc, argv);
    std::cout.flush();
  } catch (const eddyline::Error& error) {
    code = eddyline::apps::report(error.code(), error.what());
  } catch (const std::filesystem::filesystem_error& error) {
    code = eddyline::apps::report(ExitCode::io, "cannot reach '" + error.path1().string() +
                                                    "': " + error.code().message() + "; choose another path");
  } catch (const std::bad_alloc&) {
    code = eddyline::apps::report(ExitCode::resources, eddyline::apps::memory_advice);
  } catch (const std::exception& error) {
    const std::string text = eddyline::apps::first_line(error.what());
    const bool memory = text.find("allocate memory") != std::string::npos;
    code = memory ? eddyline::apps::report(ExitCode::resources, eddyline::apps::memory_advice + (" (" + text + ")"))
                  : eddyline::apps::report(ExitCode::numerical, "unexpected: " + text);
  }
  return static_cast<int>(code);
}
