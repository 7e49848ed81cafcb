#include "operators/factformer/foreign_attention.hpp"

#include "core/training/foreign_config.hpp"

namespace eddyline::factformer {

AttentionOptions foreign_attention(const ForeignConfig& config, int dimension) {
  AttentionOptions options;
  options.dimension = dimension;
  options.width = foreign_integer(config, "dim");
  options.out_width = foreign_integer(config, "dim_out", options.width);
  options.latent_width = foreign_integer(config, "latent_dim", options.width);
  options.heads = foreign_integer(config, "heads");
  options.head_width = foreign_integer(config, "dim_head");
  options.kernel_multiplier = foreign_integer(config, "kernel_multiplier", 3);
  options.scaling = foreign_number(config, "scaling_factor", 1);
  options.rotary = foreign_number(config, "use_rope", 1) != 0;
  const std::string norm = foreign_choice(config, "norm", "head_group",
                                          {"head_group", "channel_instance", "instance_rowwise",
                                           "rowwise_instance (axis x taken as channels)", "rowwise_instance"});
  options.norm = norm.starts_with("rowwise_instance") ? "instance_rowwise" : norm;
  return options;
}

AxisPositions foreign_positions(const NamedTensors& inputs) {
  AxisPositions positions;
  for (const char* name : {"pos_x", "pos_y", "pos_z"})
    if (inputs.contains(name)) positions.push_back(inputs.at(name).flatten());
  return positions;
}

}  // namespace eddyline::factformer
