#pragma once

#include <string>

namespace eddyline {

/// "0.1.0".
[[nodiscard]] const char* version();
/// Commit the library was configured from, "unknown" outside a checkout.
[[nodiscard]] const char* source_revision();
/// "Linux 6.1 x86_64, AMD EPYC, 2 threads": for provenance and `doctor`.
[[nodiscard]] std::string machine_description();

}  // namespace eddyline
