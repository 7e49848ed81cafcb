#pragma once
// Heads: what makes the fields of any operator obey a law to round-off. They act on physical values and have no
// weights.
//
//   heads:
//     - {name: flux_form, channels: [depth]}
//     - {name: positivity}

#include <memory>
#include <string>

#include "core/config/config.hpp"
#include "core/training/dataset.hpp"
#include "core/training/operator.hpp"

namespace eddyline {

/// What a head is built for.
struct HeadContext {
  OperatorSpec spec;                    // of the fields
  DatasetInfo data;                     // grid and channels
  std::shared_ptr<const Case> problem;  // equation and boundaries; null when the dataset does not say
};

/// What a head sees besides the frames.
struct HeadInputs {
  torch::Tensor last;       // [B, 1, C, ...] physical: the last past frame; undefined for a model without a past
  torch::Tensor increment;  // [F, C, 1...] physical: root mean square of u(t + j dt) - u(t); undefined without a past
  torch::Tensor mask;       // [B, ...]: 1 in the fluid, 0 in solids; undefined when everything is fluid
};

class Head {
 public:
  static constexpr const char* registry_kind = "heads";
  virtual ~Head() = default;
  /// Numbers that the network gives for each value of a frame. A head that wants more than one comes first.
  [[nodiscard]] virtual std::int64_t outputs() const { return 1; }
  /// @param frames  [B, F, C, ...] physical. With several `outputs` instead [B, F, outputs, C, ...]: what the network
  /// gives in units of `HeadInputs::increment`.
  /// @return the frames that obey, [B, F, C, ...], in the dtype of the frames. Keeps the graph. @throws ShapeError when
  /// the grid is another one than that of the context.
  [[nodiscard]] virtual torch::Tensor apply(const torch::Tensor& frames, const HeadInputs& inputs) const = 0;
};

/// Factories take the context: create(name, config, context).
using HeadRegistry = Registry<Head, const HeadContext&>;

/// One entry of the list `heads`: the name of a head and its settings beside it.
struct HeadConfig final : Config {
  PluginChoice choice;
  void fields(FieldVisitor& visit) override;
  void check(ConfigProblems& problems) const override;
};

/// The list alone, as checkpoints keep it.
struct HeadListConfig final : Config {
  std::vector<HeadConfig> heads;
  void fields(FieldVisitor& visit) override;
};

}  // namespace eddyline
