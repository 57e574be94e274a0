#include "services/directory/domain/url.h"

#include <algorithm>

#include "services/directory/domain/strings.h"
#include "services/directory/domain/validate.h"

namespace haven::directory {
namespace {

// Takes "host[:port]" off the front; false if there is none.
bool TakeAuthority(std::string_view* text, std::string_view* host) {
  const std::size_t end = std::min(text->find_first_of("/?#"), text->size());
  std::string_view authority = text->substr(0, end);
  text->remove_prefix(end);
  const std::size_t colon = authority.find(':');
  *host = authority.substr(0, colon);
  if (colon != std::string_view::npos) {
    const std::string_view port = authority.substr(colon + 1);
    if (port.empty() || port.size() > 5) return false;
    if (!std::all_of(port.begin(), port.end(), [](unsigned char c) { return IsDigit(c); })) return false;
  }
  if (host->empty() || host->size() > 253 || host->front() == '.' || host->front() == '-') return false;
  return std::all_of(host->begin(), host->end(), [](unsigned char c) { return IsAlnum(c) || c == '-' || c == '.'; });
}

}  // namespace

bool IsWebAddress(std::string_view text) {
  if (text.size() > static_cast<std::size_t>(limits::kUrlBytes) || !Consume(&text, "https://")) return false;
  std::string_view host;
  if (!TakeAuthority(&text, &host)) return false;
  constexpr std::string_view kAllowed = "-._~:/?#[]@!$&'()*+,;=%";
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return IsAlnum(c) || kAllowed.find(c) != std::string_view::npos; });
}

bool IsOrigin(std::string_view text) {
  if (text.size() > static_cast<std::size_t>(limits::kUrlBytes)) return false;
  const bool plain = Consume(&text, "http://");
  if (!plain && !Consume(&text, "https://")) return false;
  std::string_view host;
  if (!TakeAuthority(&text, &host) || !text.empty()) return false;
  if (std::any_of(host.begin(), host.end(), [](unsigned char c) { return IsUpper(c); })) return false;
  return !plain || host == "localhost" || host == "127.0.0.1";
}

}  // namespace haven::directory
