#pragma once
// Colours of fields and curves.

#include <cstddef>
#include <cstdint>

namespace eddyline {

struct Colour {
  std::uint8_t red = 0, green = 0, blue = 0;
  [[nodiscard]] bool operator==(const Colour&) const = default;
};

constexpr Colour body_colour = {120, 120, 120};  // solid cells of a picture

enum class ColourMap {
  sequential,  // viridis (S. van der Walt and N. Smith, 2015): lightness rises evenly, safe for colour-blind readers
  diverging,   // blue - white - red, for signed fields around zero (C. Brewer, colorbrewer2.org, RdBu)
};

/// @param fraction  0 is the low end of the scale, 1 the high end; what lies outside takes the end's colour.
[[nodiscard]] Colour colour_at(ColourMap map, double fraction);

/// Distinct colours for curves, told apart with any colour vision (M. Okabe and K. Ito, Color Universal Design, 2008);
/// they repeat after seven.
[[nodiscard]] Colour curve_colour(std::size_t index);

}  // namespace eddyline
