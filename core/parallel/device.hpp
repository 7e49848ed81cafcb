#pragma once
// Where tensors live.

#include <string>

namespace eddyline {

/// Checks a `device` of a config: "cpu", or "auto", which is the CPU here.
/// @throws ResourceError for "cuda" and "cuda:0": this version trains on the CPU; ConfigError for any other word.
void check_device(const std::string& asked);

}  // namespace eddyline
