#pragma once
// How HDF5 reaches the disk when we write. HDF5 1.10 does not survive a failed write: it keeps half-made objects and
// crashes when the file or the process ends. This driver never tells it. The first failure is remembered for us, and
// what HDF5 writes from then on stays in memory, so that it can close in peace a file that is thrown away.

#include <hdf5.h>

namespace eddyline::hdf5 {

/// Lets files opened with the access list `access` be written by this driver.
/// @param first_error  set to `errno` of the first operation that fails; must outlive the file.
/// @returns negative when HDF5 refuses.
[[nodiscard]] herr_t set_writing_driver(hid_t access, int& first_error);

}  // namespace eddyline::hdf5
