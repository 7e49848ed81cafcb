#include "core/field/random_field_config.hpp"

#include "core/base/numbers.hpp"

namespace eddyline {

void RandomFieldConfig::fields(FieldVisitor& visit) {
  visit("type", type, rule::one_of({"gaussian", "log_normal", "threshold", "shapes"}),
        "gaussian; log_normal: its exponential; threshold: `high` where it is >= 0, `low` elsewhere; shapes: discs or "
        "boxes at random places");
  visit("mean", mean, rule::any(), "mean of the Gaussian field; shapes: the value outside");
  visit("amplitude", amplitude, rule::non_negative(),
        "standard deviation of the Gaussian field; velocity: root mean square of |u|");
  visit("spectrum", spectrum, rule::one_of({"peak", "power_law", "squared_exponential"}),
        "peak: E(k) ~ k^slope exp(-slope/2 (k/peak_wavenumber)^2); power_law: power of a mode ~ (k^2 + "
        "1/correlation_length^2)^(-slope/2); squared_exponential: covariance exp(-r^2 / (2 correlation_length^2))");
  visit("peak_wavenumber", peak_wavenumber, rule::non_negative().unit("radians / length"),
        "peak: where the spectrum has its maximum");
  visit("correlation_length", correlation_length, rule::non_negative().unit("length"),
        "power_law, squared_exponential");
  visit("slope", slope, rule::between(0.1, 20), "exponent of peak and power_law");
  visit("modes", modes, rule::between(0, 2048),
        "largest number of waves along the longest side, on every grid; 0: all that matter (power_law: 32)");
  visit("normalised", normalised, rule::any(),
        "scale the draw so that its own standard deviation over the box is `amplitude`, not that of all draws");
  visit("shapes", shapes, rule::between(1, 10000), "shapes: how many");
  visit("shape", shape, rule::one_of({"disc", "box"}), "shapes: their form; a disc is a ball in 3D, an interval in 1D");
  visit("smallest", smallest, rule::between(0.0001, 1), "shapes: least radius or half width, over the shortest side");
  visit("largest", largest, rule::between(0.0001, 1), "shapes: largest radius or half width, over the shortest side");
  visit("low", low, rule::any(), "threshold: the lower value; shapes: least value inside");
  visit("high", high, rule::any(), "threshold: the upper value; shapes: largest value inside");
}

void RandomFieldConfig::check(ConfigProblems& problems) const {
  if (type == "shapes") {
    if (smallest > largest) problems.add("smallest", "is above largest = " + format_number(largest));
    if (low > high) problems.add("low", "is above high = " + format_number(high));
    return;
  }
  if (spectrum == "peak" && !(peak_wavenumber > 0))
    problems.add("peak_wavenumber", "spectrum peak needs one, > 0, in radians per length");
  if (spectrum != "peak" && !(correlation_length > 0))
    problems.add("correlation_length", "spectrum " + spectrum + " needs one, > 0");
}

}  // namespace eddyline
