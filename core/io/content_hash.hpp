#pragma once

#include <string>
#include <string_view>

namespace eddyline {

/// 128 bits of a multiply-rotate hash as 32 hexadecimal digits: detects damage and change; not cryptographic.
[[nodiscard]] std::string content_hash(std::string_view bytes);

}  // namespace eddyline
