#include "libs/crypto/paseto.h"

#include <cstdint>

#include "absl/strings/escaping.h"
#include "haven/errors/v1/errors.pb.h"
#include "libs/core/error.h"

namespace haven::crypto {
namespace {

constexpr std::string_view kHeader = "v4.public.";
constexpr std::size_t kSignature = 64;

// Unpadded, as the specification asks.
std::string Encode(const std::string& raw) {
  std::string out = absl::WebSafeBase64Escape(raw);
  while (!out.empty() && out.back() == '=') out.pop_back();
  return out;
}

// Refuses padding and every other spelling of the same bytes, so that a token has one form only.
bool Decode(std::string_view text, std::string* out) {
  return absl::WebSafeBase64Unescape(std::string(text), out) && Encode(*out) == text;
}

void AppendLength(std::string& out, std::uint64_t n) {
  n &= 0x7fffffffffffffffULL;
  for (int i = 0; i < 8; ++i) out.push_back(static_cast<char>(n >> (8 * i)));
}

absl::Status Refused() {
  return core::MakeError(absl::StatusCode::kUnauthenticated, errors::v1::REASON_UNAUTHENTICATED, "token not valid");
}

}  // namespace

std::string PreAuthEncode(std::initializer_list<std::string_view> pieces) {
  std::string out;
  AppendLength(out, pieces.size());
  for (const auto piece : pieces) {
    AppendLength(out, piece.size());
    out.append(piece);
  }
  return out;
}

std::string SignV4Public(const SigningKey& key, std::string_view message, std::string_view footer,
                         std::string_view implicit_assertion) {
  const std::string signature = key.Sign(PreAuthEncode({kHeader, message, footer, implicit_assertion}));
  std::string token(kHeader);
  token += Encode(std::string(message) + signature);
  if (!footer.empty()) token += "." + Encode(std::string(footer));
  return token;
}

absl::StatusOr<VerifiedToken> VerifyV4Public(std::string_view token, const KeyByFooter& key,
                                             std::string_view implicit_assertion) {
  if (token.substr(0, kHeader.size()) != kHeader) return Refused();
  const std::string_view rest = token.substr(kHeader.size());
  const auto dot = rest.find('.');
  std::string body;
  VerifiedToken out;
  if (!Decode(rest.substr(0, dot), &body) || body.size() < kSignature) return Refused();
  if (dot != std::string_view::npos && (!Decode(rest.substr(dot + 1), &out.footer) || out.footer.empty())) {
    return Refused();
  }
  const PublicKey* public_key = key(out.footer);
  if (public_key == nullptr) return Refused();
  const std::string_view message = std::string_view(body).substr(0, body.size() - kSignature);
  const std::string_view signature = std::string_view(body).substr(message.size());
  if (!public_key->Verify(PreAuthEncode({kHeader, message, out.footer, implicit_assertion}), signature)) {
    return Refused();
  }
  out.message = std::string(message);
  return out;
}

}  // namespace haven::crypto
