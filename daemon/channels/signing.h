#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace chaser::channels {

/// HMAC-SHA256: 32 bytes.
std::string hmac_sha256(std::string_view key, std::string_view text);
/// Lower-case hex.
std::string hex(std::string_view bytes);
/// Base64 for URLs, without padding (RFC 4648 §5).
std::string base64url(std::string_view bytes);
/// Its bytes, or false for a character, a length or trailing bits that base64url() does not write.
bool from_base64url(std::string_view text, std::string& bytes);
/// Equal, in a time that does not tell where they differ. Of different lengths: no.
bool are_equal_secretly(std::string_view a, std::string_view b);

}  // namespace chaser::channels
