#pragma once

#include <string>
#include <string_view>

namespace haven::channels {

// A visitor's capability token: "hvv_" and 43 characters of base64url (256 bits). It is derived, not drawn:
//   token = HMAC-SHA256(server key, "haven visitor 1" | nonce | request id)
// so that a repeated StartChat can be answered with the same token although only the token's hash is stored. The nonce
// (32 random bytes) lies beside the hash until the token is first used: neither the database without the key, nor the
// key without the database, nor a request id overheard later yields a token.
std::string DeriveVisitorToken(std::string_view server_key, std::string_view nonce, std::string_view request_id);

// True for the form of a token; says nothing of whether it is known.
bool LooksLikeVisitorToken(std::string_view text);

// What is stored and looked up: SHA-256, 32 raw bytes. 256 bits of entropy need neither salt nor a slow hash.
std::string HashVisitorToken(std::string_view token);

}  // namespace haven::channels
