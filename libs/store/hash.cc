#include "libs/store/hash.h"

#include <sodium.h>

namespace haven::store {

std::string Sha256(std::string_view text) {
  std::string out(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(text.data()),
                     text.size());
  return out;
}

}  // namespace haven::store
