#include "services/channels/domain/token.h"

#include <algorithm>
#include <cctype>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "libs/crypto/hash.h"

namespace haven::channels {
namespace {

constexpr char kPrefix[] = "hvv_";
constexpr std::size_t kPrefixSize = 4;
constexpr std::size_t kSize = kPrefixSize + 43;

}  // namespace

std::string DeriveVisitorToken(std::string_view server_key, std::string_view nonce, std::string_view request_id) {
  std::string message = "haven visitor 1";
  message += '\0';
  message += nonce;
  message += '\0';
  message += request_id;
  const std::string raw = crypto::HmacSha256(server_key, message);
  std::string encoded;
  absl::WebSafeBase64Escape(raw, &encoded);
  return absl::StrCat(kPrefix, encoded);
}

bool LooksLikeVisitorToken(std::string_view text) {
  return text.size() == kSize && text.substr(0, kPrefixSize) == kPrefix &&
         std::all_of(text.begin() + kPrefixSize, text.end(),
                     [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_'; });
}

std::string HashVisitorToken(std::string_view token) {
  return crypto::Sha256(token);
}

}  // namespace haven::channels
