#include "core/training/verify.hpp"

#include <cmath>
#include <sstream>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/config/config.hpp"
#include "core/io/hdf5.hpp"
#include "core/training/foreign_config.hpp"
#include "core/training/foreign_weights.hpp"

namespace eddyline {
namespace {

ForeignConfig read_attributes(const hdf5::File& file) {
  if (!file.exists("config") || !file.exists("weights"))
    throw DataError("'" + file.path().string() + "' is no parity file: it has no /config or no /weights");
  ForeignConfig config;
  for (const auto& name : file.attributes("config")) {
    if (const auto text = file.string_attribute("config", name)) {
      config[name] = text->empty() ? std::string() : text->front();
    } else if (const auto numbers = file.number_attribute("config", name)) {
      if (numbers->size() == 1) {
        config[name] = numbers->front();
      } else {
        config[name] = *numbers;
      }
    }
  }
  return config;
}

NamedTensors read_group(const hdf5::File& file, const std::string& group, torch::Dtype dtype) {
  NamedTensors tensors;
  for (const auto& name : file.links(group)) {
    torch::Tensor values = file.read(group + "/" + name);
    tensors[name] = values.is_floating_point() ? values.to(dtype) : values;
  }
  return tensors;
}

std::string shape_text(const torch::Tensor& tensor) {
  std::ostringstream text;
  text << tensor.sizes();
  return text.str();
}

double largest(const torch::Tensor& values) { return values.numel() == 0 ? 0 : values.abs().max().item<double>(); }

/// max|a-b| / size; a difference that is not a number counts as infinite.
double relative(const torch::Tensor& ours, const torch::Tensor& theirs, double size) {
  if (ours.sizes() != theirs.sizes())
    throw DataError("our result has shape " + shape_text(ours) + ", the file's " + shape_text(theirs));
  const double difference = largest(ours - theirs) / std::max(size, 1e-300);
  return std::isnan(difference) ? INFINITY : difference;
}

ParityErrors run(ForeignModel& model, const hdf5::File& file, torch::Dtype dtype) {
  copy_weights(
      model.state(), read_group(file, "weights", dtype), [&](const std::string& name) { return model.ignores(name); },
      file.path().filename().string());
  model.module().eval();
  NamedTensors inputs = read_group(file, "inputs", dtype);
  const NamedTensors outputs = read_group(file, "outputs", dtype), gradients = read_group(file, "grads", dtype);
  const NamedTensors input_gradients = read_group(file, "grads_inputs", dtype);
  for (const auto& [name, gradient] : input_gradients) inputs.at(name).requires_grad_(true);
  const NamedTensors results = model.run(inputs);
  ParityErrors errors;
  for (const auto& [name, complex_result] : results) {
    if (!outputs.contains(name) && name != "y") continue;  // not every file keeps the intermediate results
    // Complex numbers are stored as pairs.
    const auto result = complex_result.is_complex() ? torch::view_as_real(complex_result) : complex_result;
    const std::string scale = model.scale_of(name);
    for (const auto& needed : {name, scale})
      if (!outputs.contains(needed)) throw DataError("'" + file.path().string() + "' has no output '" + needed + "'");
    errors.output = std::max(errors.output, relative(result.detach(), outputs.at(name), largest(outputs.at(scale))));
  }
  const torch::Tensor loss = model.loss(results, inputs);
  loss.backward();
  if (outputs.contains("loss"))
    errors.output = std::max(errors.output, std::abs((loss.item<double>() - outputs.at("loss").item<double>()) /
                                                     outputs.at("loss").item<double>()));
  double scale = 0;
  for (const auto& [name, gradient] : gradients) scale = std::max(scale, largest(gradient));
  const NamedTensors state = model.state();
  for (const auto& [name, gradient] : gradients) {
    if (!state.contains(name))
      throw DataError("the file has a gradient of '" + printable(name) + "', which the model does not have");
    const torch::Tensor ours = state.at(name).grad();
    errors.gradient =
        std::max(errors.gradient,
                 ours.defined() ? relative(ours, gradient, std::max(largest(gradient), 1e-3 * scale)) : INFINITY);
  }
  for (const auto& [name, gradient] : input_gradients)
    errors.input_gradient =
        std::max(errors.input_gradient, relative(inputs.at(name).grad(), gradient, largest(gradient)));
  return errors;
}

double own_precision_tolerance(double difference) {
  double tolerance = 1e-5;
  for (bool three = false; tolerance < 5 * difference; three = !three) tolerance *= three ? 10.0 / 3 : 3;
  return tolerance;
}

ParityErrors tolerances(const ForeignConfig& config, bool own_precision) {
  const auto of = [&](const std::string& name) {
    const double difference = foreign_number(config, "f32_vs_f64_rel_" + name, NAN);
    if (std::isnan(difference)) throw DataError("the file's config has no attribute 'f32_vs_f64_rel_" + name + "'");
    return own_precision ? own_precision_tolerance(difference) : 2 * difference;
  };
  return {of("output"), of("grads"), of("grads_inputs")};
}

}  // namespace

bool ParityRun::passes() const {
  return errors.output <= tolerance.output && errors.gradient <= tolerance.gradient &&
         errors.input_gradient <= tolerance.input_gradient;
}

bool ParityReport::passes() const {
  for (const ParityRun& run : runs)
    if (!run.passes()) return false;
  return !runs.empty();
}

ParityReport verify_file(const std::filesystem::path& path) {
  const auto file = hdf5::File::open(path);
  ForeignConfig config = read_attributes(file);
  ParityReport report{path.filename().string(), "", {}};
  std::unique_ptr<Importer> importer;
  const auto& registry = ImporterRegistry::instance();
  for (const auto& name : registry.names()) {
    auto candidate = registry.create(name, EmptyConfig{});
    if (!candidate->accepts(config)) continue;
    importer = std::move(candidate);
    report.importer = name;
  }
  if (importer == nullptr)
    throw ConfigError("'" + path.string() + "': no importer takes operator '" +
                      printable(foreign_text(config, "operator", "?")) + "', model '" +
                      printable(foreign_text(config, "model", "?")) + "'; importers: " + join(registry.names(), ", "));
  try {
    importer->complete(config, read_group(file, "weights", torch::kDouble));
    const bool is_double = foreign_text(config, "dtype", "float32") == "float64";
    if (is_double) {
      const auto model = importer->build(config, torch::kDouble);
      report.runs.push_back({"float64", run(*model, file, torch::kDouble), {1e-9, 1e-9, 1e-9}});
    } else {
      for (const auto dtype : {torch::kFloat, torch::kDouble}) {
        const auto model = importer->build(config, dtype);
        report.runs.push_back({dtype == torch::kFloat ? "float32" : "float64", run(*model, file, dtype),
                               tolerances(config, dtype == torch::kFloat)});
      }
    }
  } catch (const ConfigError& error) {
    throw ConfigError("'" + path.string() + "': " + error.what());
  }
  return report;
}

std::string to_line(const ParityReport& report) {
  std::string line = report.file;
  for (const ParityRun& run : report.runs) {
    const auto part = [](const char* name, double error, double tolerance) {
      return std::string("  ") + name + " " + format_number(error, 2) + " (" + format_number(tolerance, 2) + ")";
    };
    line += "  " + run.precision + part("outputs", run.errors.output, run.tolerance.output) +
            part("gradients", run.errors.gradient, run.tolerance.gradient) +
            part("input gradients", run.errors.input_gradient, run.tolerance.input_gradient);
  }
  return line + (report.passes() ? "  ok" : "  FAIL");
}

}  // namespace eddyline
