#pragma once
// HDF5 keeps texts of variable length in heaps without a checksum: a flipped bit there would go unnoticed. Files of
// this project therefore carry a sum over all their texts.

#include <cstdint>
#include <functional>

namespace eddyline::hdf5 {

/// Name of the root attribute that holds the sum.
constexpr const char* text_sum_name = "eddyline_text_sum";

/// Sum over all text attributes and text datasets of an open file, independent of their order; exact as a double.
/// @param file  an HDF5 identifier. Nothing is thrown: what cannot be read counts as another text.
[[nodiscard]] std::int64_t text_sum(std::int64_t file);

/// Whether every reference of an attribute or dataset with texts of variable length leads to a text of the stored
/// length in a heap of the file. HDF5 follows them unseen: ask before it reads.
/// @param read  reads all elements in the memory type that it is given: H5Aread or H5Dread.
[[nodiscard]] bool texts_are_sound(std::int64_t file, std::size_t count,
                                   const std::function<int(std::int64_t type, void* values)>& read);

}  // namespace eddyline::hdf5
