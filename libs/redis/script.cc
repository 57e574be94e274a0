#include "libs/redis/script.h"

#include <openssl/sha.h>

#include <algorithm>

namespace haven::redis {
namespace {

std::string Sha1Hex(std::string_view text) {
  unsigned char digest[SHA_DIGEST_LENGTH];
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  out.reserve(2 * sizeof digest);
  for (const unsigned char byte : digest) {
    out.push_back(kHex[byte >> 4]);
    out.push_back(kHex[byte & 15]);
  }
  return out;
}

}  // namespace

Script::Script(std::string_view name, std::string_view body, std::string_view prelude) {
  auto data = std::make_shared<Data>();
  data->name = name;
  data->text = prelude;
  if (!prelude.empty() && prelude.back() != '\n') data->text.push_back('\n');
  data->prelude_lines = static_cast<int>(std::count(data->text.begin(), data->text.end(), '\n'));
  data->text += body;
  data->sha1 = Sha1Hex(data->text);
  data_ = std::move(data);
}

}  // namespace haven::redis
