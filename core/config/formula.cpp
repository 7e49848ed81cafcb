#include "core/config/formula.hpp"

#include <muParser.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/base/text.hpp"

namespace eddyline {

struct Formula::Compiled {
  std::string text, where;
  std::vector<std::string> names;
  std::vector<double> values;
  mu::Parser parser;

  Compiled(std::string formula, std::vector<std::string> variables, std::string path)
      : text(std::move(formula)), where(std::move(path)), names(std::move(variables)), values(names.size(), 0.0) {
    try {
      parser.DefineConst("pi", std::numbers::pi);
      for (std::size_t i = 0; i < names.size(); ++i) parser.DefineVar(names[i], &values[i]);
      parser.SetExpr(text);
      static_cast<void>(parser.Eval());
    } catch (const mu::ParserError& error) {
      throw ConfigError(start() + "formula '" + printable(text) + "': " + error.GetMsg() +
                        "; variables here: " + join(names, ", ") + ", constant: pi");
    }
  }
  [[nodiscard]] std::string start() const { return where.empty() ? "" : where + ": "; }
};

Formula::Formula(const std::string& text, std::vector<std::string> variables, std::string where)
    : compiled_(std::make_unique<Compiled>(text, std::move(variables), std::move(where))) {}
Formula::~Formula() = default;
Formula::Formula(const Formula& other)
    : Formula(other.compiled_->text, other.compiled_->names, other.compiled_->where) {}
Formula& Formula::operator=(const Formula& other) { return *this = Formula(other); }
Formula::Formula(Formula&&) noexcept = default;
Formula& Formula::operator=(Formula&&) noexcept = default;

const std::string& Formula::text() const { return compiled_->text; }

bool Formula::uses(const std::string& variable) const { return compiled_->parser.GetUsedVar().contains(variable); }

double Formula::operator()(std::span<const double> values) const {
  std::copy(values.begin(), values.end(), compiled_->values.begin());
  const double value = compiled_->parser.Eval();
  if (!std::isfinite(value)) {
    std::string at;
    for (std::size_t i = 0; i < values.size(); ++i)
      at += (at.empty() ? "" : ", ") + compiled_->names[i] + " = " + format_number(values[i], 6);
    throw ConfigError(compiled_->start() + "formula '" + printable(compiled_->text) + "' is not finite at " + at);
  }
  return value;
}

}  // namespace eddyline
