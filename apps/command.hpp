#pragma once
// What every command of the program is: a few typed options and a run. main.cpp hands them to the command line parser.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/registry.hpp"
#include "core/config/config.hpp"

namespace eddyline::apps {

/// Collects the options of one command.
class Arguments {
 public:
  virtual ~Arguments() = default;
  virtual void positional(const std::string& name, std::string& value, const std::string& help,
                          bool required = true) = 0;
  virtual void positionals(const std::string& name, std::vector<std::string>& values, const std::string& help) = 0;
  virtual void option(const std::string& name, std::string& value, const std::string& help) = 0;
  virtual void option(const std::string& name, std::int64_t& value, const std::string& help) = 0;
  /// One of a few words; the engine checks it, the help and the completion of shells name them.
  virtual void choice(const std::string& name, std::string& value, const std::vector<std::string>& words,
                      const std::string& help) = 0;
  /// `count` numbers behind one another: --range LOW HIGH.
  virtual void numbers(const std::string& name, std::vector<double>& values, int count, const std::string& help) = 0;
  virtual void flag(const std::string& name, bool& value, const std::string& help) = 0;
  /// May be given several times.
  virtual void repeated(const std::string& name, std::vector<std::string>& values, const std::string& help) = 0;

  /// `--set a.b=c`, as every command that reads a config has it.
  void overrides(std::vector<std::string>& values) {
    repeated("--set", values, "override a config value: --set training.epochs=5 (repeatable)");
  }
};

class Command {
 public:
  static constexpr const char* registry_kind = "commands";
  virtual ~Command() = default;
  /// A command line that works, shown by --help.
  [[nodiscard]] virtual std::string example() const = 0;
  virtual void arguments(Arguments& arguments) = 0;
  /// @throws whatever the engine throws; main maps it to an exit code.
  virtual ExitCode run() = 0;
};

using CommandRegistry = Registry<Command>;
template <class T>
using CommandRegistration = CommandRegistry::Registration<T, EmptyConfig>;

}  // namespace eddyline::apps
