#include "core/io/content_hash.hpp"

#include <cstdint>
#include <cstring>

namespace eddyline {
namespace {

/// Reads eight bytes a round; a word's bits all reach the result through the two rotations and multiplications.
std::uint64_t mixed(std::string_view bytes, std::uint64_t seed) {
  constexpr std::uint64_t prime = 0x9E3779B185EBCA87, other = 0xC2B2AE3D27D4EB4F;
  std::uint64_t hash = seed ^ (bytes.size() * prime);
  while (!bytes.empty()) {
    std::uint64_t word = 0;
    const std::size_t count = bytes.size() < 8 ? bytes.size() : 8;
    std::memcpy(&word, bytes.data(), count);
    bytes.remove_prefix(count);
    word *= other;
    hash ^= ((word << 31) | (word >> 33)) * prime;
    hash = ((hash << 27) | (hash >> 37)) * prime + other;
  }
  hash = (hash ^ (hash >> 33)) * other;
  hash = (hash ^ (hash >> 29)) * prime;
  return hash ^ (hash >> 32);
}

}  // namespace

std::string content_hash(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const std::uint64_t seed : {std::uint64_t{1}, std::uint64_t{2}})
    for (std::uint64_t hash = mixed(bytes, seed), nibble = 0; nibble < 16; ++nibble, hash >>= 4)
      text += digits[hash & 15];
  return text;
}

}  // namespace eddyline
