#include "operators/factformer/factorised_config.hpp"

namespace eddyline::factformer {

void FactorisedConfig::fields(FieldVisitor& visit) {
  visit("width", width, rule::at_least(2), "channels");
  visit("heads", heads, rule::at_least(1), "attention heads");
  visit("head_width", head_width, rule::at_least(1), "channels of a head");
  visit("kernel_multiplier", kernel_multiplier, rule::at_least(1), "width of queries and keys over head_width");
  visit("mixing", mixing, rule::one_of({"chained", "parallel"}),
        "chained: one axis after the other; parallel: each axis on its own, then joined");
  visit("norm", norm, rule::one_of({"head_group", "channel_instance", "instance_rowwise"}),
        "normalisation of the attended values; instance_rowwise only for old weights of the authors");
  visit("fourier_scale", fourier_scale, rule::positive(), "standard deviation of the position features' frequencies");
  visit("position_extent", position_extent, rule::positive(), "position at the end of the longest axis");
}

void FactorisedConfig::check(ConfigProblems& problems) const {
  if (width % 2 != 0) problems.add("width", "expected an even number, got " + std::to_string(width));
  if (head_width * kernel_multiplier % 2 != 0)
    problems.add("head_width", "expected an even product with kernel_multiplier (the rotary embedding pairs channels)");
}

AttentionOptions FactorisedConfig::options(int dimension) const {
  AttentionOptions options;
  options.dimension = dimension;
  options.width = options.out_width = options.latent_width = width;
  options.heads = heads;
  options.head_width = head_width;
  options.kernel_multiplier = kernel_multiplier;
  options.mixing = mixing;
  options.norm = norm;
  return options;
}

}  // namespace eddyline::factformer
