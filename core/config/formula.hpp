#pragma once
// A formula of named variables written in a config: "sin(2*pi*x)*exp(-t)".

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace eddyline {

/// Compiled once, evaluated often. The functions and operators are muParser's; `pi` is known. Not thread-safe: copy it.
class Formula {
 public:
  /// @param where  dotted path in the config that errors start with.
  /// @throws ConfigError with the position and the unknown name.
  Formula(const std::string& text, std::vector<std::string> variables, std::string where = {});
  ~Formula();
  Formula(const Formula& other);
  Formula& operator=(const Formula& other);
  Formula(Formula&&) noexcept;
  Formula& operator=(Formula&&) noexcept;

  /// @param values  one for each variable, in the constructor's order. @throws ConfigError when the value is not
  /// finite.
  [[nodiscard]] double operator()(std::span<const double> values) const;
  [[nodiscard]] const std::string& text() const;
  /// Whether the formula names this variable.
  [[nodiscard]] bool uses(const std::string& variable) const;

 private:
  struct Compiled;
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace eddyline
