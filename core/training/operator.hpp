#pragma once
// A learned map: from past frames to future ones, or from static channels and parameters to a field.

#include <map>
#include <string>
#include <vector>

#include "core/base/registry.hpp"
#include "core/base/tensor.hpp"
#include "core/domain/grid.hpp"
#include "core/training/batch.hpp"

namespace eddyline {

/// What `Operator::forward` gives, in normalised numbers.
enum class Output {
  increments,  // from the last input frame, in units of the normaliser's increment deviation
  frames,      // the frames themselves
};

/// What an operator is built for; comes from the dataset and the task, is stored in the checkpoint.
struct OperatorSpec {
  int dimension = 2;                 // of space
  std::int64_t history = 1;          // K, input frames; 0 for a map from statics and parameters alone
  std::int64_t bundle = 1;           // F, output frames of one call
  std::int64_t channels = 1;         // C
  std::int64_t static_channels = 0;  // S
  std::int64_t parameters = 0;       // P
  bool lead_time = true;             // the lead time is an input
  /// Above 0: the field vanishes on the walls of the unit box, whose low ones hold the first points of the grid; what
  /// the operator gives is multiplied by a known function that does so, with this exponent (see Regressor::fields).
  double wall_exponent = 0;
  /// Frames behind the past ones; without a past the field that belongs to statics and parameters.
  [[nodiscard]] bool forecasts() const { return history > 0; }
  Output output = Output::increments;
  /// Cell centres along each axis of space in tensor order (y, x); empty: cells of width 1.
  std::vector<std::vector<double>> coordinates;
};

/// What an operator promises of its map; `check_liveness` holds it to that.
enum class Symmetry {
  translation,  // rolling the inputs along the axes of space rolls the output
};

/// Mean and standard deviation that the entries of a parameter start with (of real and imaginary parts apart).
struct InitialMoments {
  double mean = 0, deviation = 1;
};

class Operator : public torch::nn::Module {
 public:
  static constexpr const char* registry_kind = "operators";
  /// [B, F, C, ...], normalised, in the dtype of the inputs. @throws ShapeError with both shapes when the batch does
  /// not fit.
  virtual torch::Tensor forward(const Batch& batch) = 0;
  /// Whether the same weights work on grids of other resolution.
  [[nodiscard]] virtual bool resolution_free() const { return false; }
  /// What `forward` gives after a training; an imported model may have learned the other.
  [[nodiscard]] virtual Output output() const { return Output::increments; }
  /// What holds for any weights.
  [[nodiscard]] virtual std::vector<Symmetry> symmetries() const { return {}; }
  /// What the specification says of fresh parameters, by name; those that it does not name are not looked at.
  [[nodiscard]] virtual std::map<std::string, InitialMoments> initialisation() const { return {}; }
};

/// Factories take the spec: create(name, config, spec).
using OperatorRegistry = Registry<Operator, const OperatorSpec&>;

/// All inputs of a grid batch as channels: past frames (oldest first), statics, parameters and lead time broadcast over
/// space: [B, K*C + S + P + lead, ...]. The layout every grid operator shares.
[[nodiscard]] torch::Tensor stacked_channels(const Batch& batch, const OperatorSpec& spec);
[[nodiscard]] std::int64_t stacked_channel_count(const OperatorSpec& spec);

/// Cell centres along each axis of a grid with `cells` cells per axis (tensor order): those of the spec.
/// @throws ShapeError when the spec's grid has another size.
[[nodiscard]] std::vector<std::vector<double>> cell_coordinates(const OperatorSpec& spec, at::IntArrayRef cells);
/// Cell centres in tensor order, as `OperatorSpec::coordinates` wants them.
[[nodiscard]] std::vector<std::vector<double>> cell_coordinates(const Grid& grid);

/// How PyTorch starts the weight [out, in, ...] of a linear or convolutional layer: uniform within 1 / sqrt(fan in).
[[nodiscard]] InitialMoments pytorch_moments(const torch::Tensor& weight);

}  // namespace eddyline
