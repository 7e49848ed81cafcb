#pragma once
// Which part of a discretisation this process owns. Serial today: one rank owns everything; the signature is what
// meshes on many ranks need.

#include <cstdint>

namespace eddyline {

struct Partition {
  int rank = 0, ranks = 1;
  std::int64_t owned_begin = 0, owned_end = 0;  // cells
  [[nodiscard]] std::int64_t owned() const { return owned_end - owned_begin; }
};

}  // namespace eddyline
