#include "services/directory/domain/password_policy.h"

#include <algorithm>
#include <array>
#include <set>

#include "services/directory/domain/strings.h"

namespace haven::directory {
namespace {

// Cores of the passwords that head every list of leaked ones; whatever is added to them at the ends is tried as well.
constexpr std::array<std::string_view, 40> kCommon = {
    "password", "passwort", "motdepasse",    "contrasena", "qwerty",   "qwertz",   "azerty",       "letmein",
    "welcome",  "admin",    "administrator", "login",      "iloveyou", "monkey",   "dragon",       "football",
    "baseball", "sunshine", "princess",      "superman",   "batman",   "trustno1", "master",       "shadow",
    "michael",  "jennifer", "computer",      "internet",   "starwars", "whatever", "freedom",      "charlie",
    "changeme", "secret",   "default",       "guest",      "haven",    "helpline", "humanitarian", "bismillah"};

// "P@ssw0rd" is "password" to whoever guesses.
char Plain(char c) {
  switch (c) {
    case '0':
      return 'o';
    case '1':
    case '!':
      return 'i';
    case '3':
      return 'e';
    case '4':
    case '@':
      return 'a';
    case '5':
    case '$':
      return 's';
    case '7':
      return 't';
    default:
      return c;
  }
}

// What is left when `word` is taken out everywhere.
std::size_t LeftWithout(std::string_view text, std::string_view word) {
  std::size_t left = text.size();
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + word.size()))
    left -= word.size();
  return left;
}

// Shares of neighbouring characters that go on as before: "aaaa", "abcd", "9876", "qwer".
bool MostlyRuns(std::string_view text) {
  constexpr std::array<std::string_view, 6> kRows = {"qwertyuiop", "asdfghjkl",  "zxcvbnm",
                                                     "azertyuiop", "qsdfghjklm", "qwertzuiop"};
  std::size_t steps = 0;
  for (std::size_t i = 1; i < text.size(); ++i) {
    const int step = text[i] - text[i - 1];
    const std::string_view pair = text.substr(i - 1, 2);
    const bool row =
        std::any_of(kRows.begin(), kRows.end(), [&](auto r) { return r.find(pair) != std::string_view::npos; });
    if ((step >= -1 && step <= 1) || row) ++steps;
  }
  return steps * 3 >= (text.size() - 1) * 2;
}

}  // namespace

std::optional<std::string> ProblemWithPassword(std::string_view password, std::string_view username,
                                               std::string_view hub) {
  if (password.size() < kShortestPassword) return Cat("is too short; at least ", kShortestPassword, " characters");
  if (password.size() > kLongestPassword) return Cat("is too long; at most ", kLongestPassword, " bytes");
  if (password.find('\0') != std::string_view::npos) return "holds a character that cannot be typed";
  const std::string lower = Lower(password);
  if (std::set<char>(lower.begin(), lower.end()).size() < 5) return "repeats a few characters; mix more";
  if (MostlyRuns(lower)) return "is a run of neighbouring characters or keys, which is guessed early";
  std::string plain = lower;
  std::transform(plain.begin(), plain.end(), plain.begin(), Plain);
  // A core and less than a core of something else: "Password2026!", "amal-amal-amal".
  constexpr std::size_t kEnoughElse = 8;
  for (const std::string_view core : kCommon) {
    if (LeftWithout(plain, core) < kEnoughElse && plain.find(core) != std::string::npos) {
      return "is a well-known password with little added; take several words of your own";
    }
  }
  for (const std::string_view own : {username, hub}) {
    if (own.size() >= 3 && lower.find(own) != std::string::npos && LeftWithout(lower, own) < kEnoughElse) {
      return "is mostly a name that everybody knows; take several words of your own";
    }
  }
  return std::nullopt;
}

}  // namespace haven::directory
