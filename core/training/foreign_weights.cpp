#include "core/training/foreign_weights.hpp"

#include <algorithm>
#include <sstream>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/io/atomic_file.hpp"
#include "core/io/safetensors.hpp"
#include "core/io/torch_archive.hpp"

namespace eddyline {
namespace {

constexpr std::size_t shown = 12;  // differences in a message

const std::string& conversion_advice() {
  static const std::string advice =
      "; convert it where the model was trained: safetensors.torch.save_file({k: v for k, v in "
      "model.state_dict().items() if hasattr(v, 'shape')}, 'weights.safetensors')";
  return advice;
}

std::string shape_text(const at::Tensor& tensor) {
  std::ostringstream text;
  text << tensor.sizes() << (tensor.is_complex() ? " complex" : "");
  return text.str();
}

std::vector<std::string> names_of(const NamedTensors& tensors) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : tensors) names.push_back(name);
  return names;
}

std::string near(const std::string& name, const std::vector<std::string>& candidates) {
  const auto found = nearest_name(name, candidates);
  return found ? "; did you mean '" + printable(*found) + "'?" : "";
}

NamedTensors from_archive(const std::filesystem::path& path) {
  TorchArchive archive;
  try {
    archive = read_torch_archive(path, {"state_dict", "model_state_dict", "model"});
  } catch (const DataError& error) {
    throw DataError(error.what() + ("; nothing in it was executed" + conversion_advice()));
  }
  std::erase(archive.others, "_metadata");  // neuraloperator's note of how the model was made
  if (!archive.others.empty())
    throw DataError("'" + path.string() + "' is no state dict: '" + printable(archive.others.front()) +
                    "' is no tensor (" + std::to_string(archive.others.size()) + " such entries)" +
                    conversion_advice());
  return std::move(archive.tensors);
}

/// The same numbers in the form of `like`: complex as pairs, pairs as complex.
at::Tensor in_form_of(const at::Tensor& like, const at::Tensor& values) {
  if (values.is_complex() && !like.is_complex()) return at::view_as_real(values.resolve_conj());
  if (!values.is_complex() && like.is_complex() && values.is_floating_point() && values.dim() > 0 &&
      values.size(-1) == 2)
    return at::view_as_complex(values.contiguous());
  return values;
}

}  // namespace

NamedTensors read_state_dict(const std::filesystem::path& path) {
  const std::string extension = path.extension().string();
  if (extension == ".safetensors") return read_safetensors(path).tensors;
  const std::string bytes = read_file(path);
  if (bytes.starts_with("PK")) return from_archive(path);
  if (bytes.starts_with("\x80"))
    throw DataError("'" + path.string() + "' is a bare Python pickle, which could run code; it was not opened" +
                    conversion_advice());
  throw DataError("'" + path.string() + "' is neither a .safetensors file nor an archive of torch.save" +
                  conversion_advice());
}

void copy_weights(const NamedTensors& ours, const NamedTensors& weights,
                  const std::function<bool(const std::string&)>& ignores, const std::string& source) {
  std::vector<std::string> problems;
  std::map<std::string, at::Tensor> fitting;
  for (const auto& [name, values] : weights) {
    if (ignores(name)) continue;
    const auto found = ours.find(name);
    if (found == ours.end()) {
      problems.push_back("the model has no '" + printable(name) + "'" + near(name, names_of(ours)));
      continue;
    }
    const at::Tensor fitted = in_form_of(found->second, values);
    if (fitted.sizes() != found->second.sizes())
      problems.push_back(std::string("'") + printable(name) + "' has shape " + shape_text(values) + " in the file, " +
                         shape_text(found->second) + " in the model");
    fitting[name] = fitted;
  }
  for (const auto& [name, tensor] : ours)
    if (!weights.contains(name))
      problems.push_back("the file has no '" + name + "' " + shape_text(tensor) + near(name, names_of(weights)));
  if (!problems.empty()) {
    const std::size_t count = problems.size();
    if (count > shown) problems.resize(shown);
    throw DataError("'" + source + "': the weights do not fit the model (" + std::to_string(count) +
                    " differences):\n  " + join(problems, "\n  ") + (count > shown ? "\n  ..." : ""));
  }
  const torch::NoGradGuard no_gradient;
  for (const auto& [name, tensor] : ours) {
    at::Tensor target = tensor;
    target.copy_(fitting.at(name));
  }
}

}  // namespace eddyline
