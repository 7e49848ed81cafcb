#pragma once
// HDF5 keeps texts of variable length in heaps without a checksum: a flipped bit there would go unnoticed. Files of
// this project therefore carry a sum over all their texts.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace eddyline::hdf5 {

/// Name of the root attribute that holds the sum.
constexpr const char* text_sum_name = "eddyline_text_sum";

/// Sum over all text attributes and text datasets of an open file, independent of their order; exact as a double.
/// @param file  an HDF5 identifier. Nothing is thrown: what cannot be read counts as another text.
[[nodiscard]] std::int64_t text_sum(std::int64_t file);

/// The texts of an attribute or dataset with texts of variable length. HDF5 follows the references to them unseen:
/// first each must lead to a text of the stored length in a heap of the file.
/// @param type  of the attribute or dataset. @param read  reads all elements in the memory type that it is given:
/// H5Aread or H5Dread. @return nothing when a reference is wrong or the read fails.
[[nodiscard]] std::optional<std::vector<std::string>> read_texts(
    std::int64_t file, std::int64_t type, std::size_t count,
    const std::function<int(std::int64_t type, void* values)>& read);

}  // namespace eddyline::hdf5
