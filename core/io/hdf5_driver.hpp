#pragma once
// How HDF5 reaches the disk. HDF5 1.10 does not survive a failed write: it keeps half-made objects and crashes when the
// file or the process ends. This driver never tells it. The first failure is remembered for us, and what HDF5 writes
// from then on stays in memory, so that it can close in peace a file that is thrown away. Nor does it survive a damaged
// heap of texts: it is checked before HDF5 sees it.

#include <hdf5.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace eddyline::hdf5 {

/// Lets files opened with the access list `access` go through this driver: made anew, or opened to be read.
/// @param first_error  set to `errno` of the first operation that fails; must outlive the file.
/// @returns negative when HDF5 refuses.
[[nodiscard]] herr_t set_driver(hid_t access, int& first_error);

/// A number of `count` bytes as HDF5 stores it, the lowest byte first.
[[nodiscard]] std::uint64_t stored_number(const char* bytes, std::size_t count);
/// The sizes of the texts in a heap (format specification III.E) by their numbers.
/// @return nothing when the bytes are no whole heap or its sizes contradict each other.
[[nodiscard]] std::optional<std::map<std::uint32_t, std::uint64_t>> heap_sizes(std::string_view bytes);
/// The heap at an address of an open file of this driver, whole; empty when there is none.
[[nodiscard]] std::string heap_at(hid_t file, std::uint64_t address);

}  // namespace eddyline::hdf5
