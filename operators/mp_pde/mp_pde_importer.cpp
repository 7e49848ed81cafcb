// Parity files and foreign weights of the MP-PDE solver.

#include <cmath>
#include <sstream>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/config/config.hpp"
#include "core/training/foreign_config.hpp"
#include "core/training/importer.hpp"
#include "operators/mp_pde/mp_pde_model.hpp"
#include "operators/mp_pde/node_graph.hpp"

namespace eddyline::mp_pde {
namespace {

/// Space, time and equation of a file.
struct ForeignEquation {
  double length, last_time, first_time, dt;
  std::int64_t window;                                    // frames in and out
  std::vector<std::pair<std::string, double>> variables;  // name, divisor, in the order of the network's inputs
};

ForeignEquation foreign_equation(const ForeignConfig& config) {
  ForeignEquation equation{foreign_number(config, "L", NAN),       foreign_number(config, "tmax", NAN),
                           foreign_number(config, "tmin", 0),      foreign_number(config, "dt", NAN),
                           foreign_integer(config, "time_window"), {}};
  if (std::isnan(equation.dt))
    equation.dt = (equation.last_time - equation.first_time) / static_cast<double>(foreign_integer(config, "nt") - 1);
  for (const double value : {equation.length, equation.last_time, equation.dt})
    if (!(value > 0)) throw ConfigError("config attributes 'L', 'tmax' and 'dt' (or 'nt') must be positive");
  const std::string text = foreign_text(config, "eq_variables", "none");
  std::map<std::string, double> divisors;
  std::istringstream list(text == "none" ? "" : text);
  for (std::string item; std::getline(list, item, ',');) {
    const auto sign = item.find('=');
    const auto divisor = sign == std::string::npos ? std::nullopt : parse_number(item.substr(sign + 1));
    if (!divisor) throw ConfigError("config attribute 'eq_variables' = " + printable(text) + ": expected name=divisor");
    divisors[item.substr(0, sign)] = *divisor;
  }
  for (const char* name : {"alpha", "beta", "gamma", "bc_left", "bc_right", "c"}) {
    const auto found = divisors.find(name);
    if (found == divisors.end()) continue;
    equation.variables.emplace_back(*found);
    divisors.erase(found);
  }
  if (!divisors.empty())
    throw ConfigError("config attribute 'eq_variables' names '" + printable(divisors.begin()->first) +
                      "', which is not supported");
  return equation;
}

class ForeignMpPde final : public ForeignModel {
 public:
  ForeignMpPde(const MpPdeOptions& options, ForeignEquation equation, torch::Dtype dtype)
      : model_(options), equation_(std::move(equation)) {
    model_->to(dtype);
  }
  torch::nn::Module& module() override { return *model_; }
  NamedTensors state() override { return named_state(*model_); }
  NamedTensors run(const NamedTensors& inputs) override {
    const NodeGraph graph = graph_of_edges(inputs.at("edge_index"), inputs.at("batch"));
    const auto &u = inputs.at("u"), &time = inputs.at("pos").narrow(1, 0, 1);
    HiddenStates hidden;
    const auto d = increments(u, time, inputs, graph, &hidden);
    const auto y = predicted(u, d);
    // The times of the data are a grid; the second window starts `window` of its steps later.
    const auto step = ((time - equation_.first_time) / equation_.dt).round() + static_cast<double>(equation_.window);
    const auto later = equation_.first_time + step * equation_.dt;
    NamedTensors outputs = {{"y", y},
                            {"diff", d},
                            {"h_embedding", hidden.embedding},
                            {"h_layer0", hidden.first_layer},
                            {"h_last", hidden.last_layer},
                            {"y_second_window", predicted(y, increments(y, later, inputs, graph, nullptr))}};
    if (inputs.contains("label")) outputs["train_loss"] = loss(outputs, inputs);
    return outputs;
  }
  torch::Tensor loss(const NamedTensors& outputs, const NamedTensors& inputs) const override {
    return (outputs.at("y") - inputs.at("label")).square().sum().sqrt();
  }

 private:
  torch::Tensor increments(const torch::Tensor& u, const torch::Tensor& time, const NamedTensors& inputs,
                           const NodeGraph& graph, HiddenStates* hidden) {
    std::vector<torch::Tensor> variables = {time / equation_.last_time};
    for (const auto& [name, divisor] : equation_.variables) variables.push_back(inputs.at(name) / divisor);
    const NodeInputs nodes{u, inputs.at("pos").slice(1, 1) / equation_.length, torch::cat(variables, 1)};
    return model_(nodes, graph, hidden).squeeze(2);
  }
  torch::Tensor predicted(const torch::Tensor& u, const torch::Tensor& d) const {
    const auto elapsed = torch::full({1, d.size(1)}, equation_.dt, d.options()).cumsum(1);
    return u.narrow(1, u.size(1) - 1, 1) + elapsed * d;
  }

  MpPdeModel model_;
  ForeignEquation equation_;
};

class MpPdeImporter final : public Importer {
 public:
  explicit MpPdeImporter(const EmptyConfig&) {}
  bool accepts(const ForeignConfig& config) const override { return foreign_text(config, "operator", "") == "mp_pde"; }
  std::unique_ptr<ForeignModel> build(const ForeignConfig& config, torch::Dtype dtype) const override {
    const ForeignEquation equation = foreign_equation(config);
    MpPdeOptions options;
    options.width = foreign_integer(config, "hidden_features", 128);
    options.layers = foreign_integer(config, "hidden_layer", 6);
    options.fields = options.frames = equation.window;
    options.variables = 1 + static_cast<std::int64_t>(equation.variables.size());
    return std::make_unique<ForeignMpPde>(options, equation, dtype);
  }
};

const ImporterRegistry::Registration<MpPdeImporter, EmptyConfig> registration{
    "mp_pde", "MP_PDE_Solver of brandstetter-johannes/MP-Neural-PDE-Solvers"};

}  // namespace
}  // namespace eddyline::mp_pde
