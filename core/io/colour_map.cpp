#include "core/io/colour_map.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

namespace eddyline {
namespace {

// Eleven equidistant samples each; between them colours are linear in sRGB.
constexpr std::array<Colour, 11> viridis = {{{68, 1, 84},
                                             {72, 36, 117},
                                             {65, 68, 135},
                                             {53, 95, 141},
                                             {42, 120, 142},
                                             {33, 145, 140},
                                             {34, 168, 132},
                                             {68, 191, 112},
                                             {122, 209, 81},
                                             {189, 223, 38},
                                             {253, 231, 37}}};
constexpr std::array<Colour, 11> blue_white_red = {{{5, 48, 97},
                                                    {33, 102, 172},
                                                    {67, 147, 195},
                                                    {146, 197, 222},
                                                    {209, 229, 240},
                                                    {247, 247, 247},
                                                    {253, 219, 199},
                                                    {244, 165, 130},
                                                    {214, 96, 77},
                                                    {178, 24, 43},
                                                    {103, 0, 31}}};
constexpr std::array<Colour, 7> curves = {
    {{0, 114, 178}, {213, 94, 0}, {0, 158, 115}, {204, 121, 167}, {230, 159, 0}, {86, 180, 233}, {40, 40, 40}}};

std::uint8_t between(std::uint8_t low, std::uint8_t high, double weight) {
  return static_cast<std::uint8_t>(std::lround((1 - weight) * low + weight * high));
}

}  // namespace

Colour colour_at(ColourMap map, double fraction) {
  const std::span<const Colour> samples = map == ColourMap::sequential ? viridis : blue_white_red;
  const double place = std::clamp(fraction, 0.0, 1.0) * static_cast<double>(samples.size() - 1);
  const auto index = std::min(static_cast<std::size_t>(place), samples.size() - 2);
  const double weight = place - static_cast<double>(index);
  const Colour low = samples[index], high = samples[index + 1];
  return {between(low.red, high.red, weight), between(low.green, high.green, weight),
          between(low.blue, high.blue, weight)};
}

Colour curve_colour(std::size_t index) { return curves[index % curves.size()]; }

}  // namespace eddyline
