#include "libs/text/language.h"

#include <algorithm>
#include <cctype>

namespace haven::text {
namespace {

// Sorted by tag. Names are CLDR's own-language names.
constexpr Language kLanguages[] = {
    {"af", "Afrikaans", "Afrikaans", false},
    {"am", "አማርኛ", "Amharic", false},
    {"ar", "العربية", "Arabic", true},
    {"az", "Azərbaycanca", "Azerbaijani", false},
    {"bg", "Български", "Bulgarian", false},
    {"bm", "Bamanakan", "Bambara", false},
    {"bn", "বাংলা", "Bangla", false},
    {"bs", "Bosanski", "Bosnian", false},
    {"ckb", "کوردیی ناوەندی", "Central Kurdish", true},
    {"cs", "Čeština", "Czech", false},
    {"da", "Dansk", "Danish", false},
    {"de", "Deutsch", "German", false},
    {"el", "Ελληνικά", "Greek", false},
    {"en", "English", "English", false},
    {"es", "Español", "Spanish", false},
    {"et", "Eesti", "Estonian", false},
    {"fa", "فارسی", "Persian", true},
    {"ff", "Pulaar", "Fula", false},
    {"fi", "Suomi", "Finnish", false},
    {"fil", "Filipino", "Filipino", false},
    {"fr", "Français", "French", false},
    {"gu", "ગુજરાતી", "Gujarati", false},
    {"ha", "Hausa", "Hausa", false},
    {"he", "עברית", "Hebrew", true},
    {"hi", "हिन्दी", "Hindi", false},
    {"hr", "Hrvatski", "Croatian", false},
    {"ht", "Kreyòl ayisyen", "Haitian Creole", false},
    {"hu", "Magyar", "Hungarian", false},
    {"hy", "Հայերեն", "Armenian", false},
    {"id", "Bahasa Indonesia", "Indonesian", false},
    {"ig", "Igbo", "Igbo", false},
    {"it", "Italiano", "Italian", false},
    {"ja", "日本語", "Japanese", false},
    {"ka", "ქართული", "Georgian", false},
    {"kk", "Қазақ тілі", "Kazakh", false},
    {"km", "ខ្មែរ", "Khmer", false},
    {"ko", "한국어", "Korean", false},
    {"ku", "Kurdî", "Kurdish", false},
    {"ky", "Кыргызча", "Kyrgyz", false},
    {"ln", "Lingála", "Lingala", false},
    {"lo", "ລາວ", "Lao", false},
    {"lt", "Lietuvių", "Lithuanian", false},
    {"lv", "Latviešu", "Latvian", false},
    {"mg", "Malagasy", "Malagasy", false},
    {"mk", "Македонски", "Macedonian", false},
    {"ml", "മലയാളം", "Malayalam", false},
    {"mr", "मराठी", "Marathi", false},
    {"ms", "Bahasa Melayu", "Malay", false},
    {"my", "မြန်မာ", "Burmese", false},
    {"nb", "Norsk bokmål", "Norwegian Bokmål", false},
    {"ne", "नेपाली", "Nepali", false},
    {"nl", "Nederlands", "Dutch", false},
    {"nn", "Norsk nynorsk", "Norwegian Nynorsk", false},
    {"no", "Norsk", "Norwegian", false},
    {"om", "Oromoo", "Oromo", false},
    {"pa", "ਪੰਜਾਬੀ", "Punjabi", false},
    {"pl", "Polski", "Polish", false},
    {"ps", "پښتو", "Pashto", true},
    {"pt", "Português", "Portuguese", false},
    {"qu", "Runasimi", "Quechua", false},
    {"ro", "Română", "Romanian", false},
    {"ru", "Русский", "Russian", false},
    {"rw", "Ikinyarwanda", "Kinyarwanda", false},
    {"rn", "Ikirundi", "Rundi", false},
    {"si", "සිංහල", "Sinhala", false},
    {"sk", "Slovenčina", "Slovak", false},
    {"sl", "Slovenščina", "Slovenian", false},
    {"sn", "chiShona", "Shona", false},
    {"so", "Soomaali", "Somali", false},
    {"sq", "Shqip", "Albanian", false},
    {"sr", "Српски", "Serbian", false},
    {"sv", "Svenska", "Swedish", false},
    {"sw", "Kiswahili", "Swahili", false},
    {"ta", "தமிழ்", "Tamil", false},
    {"te", "తెలుగు", "Telugu", false},
    {"tg", "Тоҷикӣ", "Tajik", false},
    {"th", "ไทย", "Thai", false},
    {"ti", "ትግርኛ", "Tigrinya", false},
    {"tk", "Türkmen dili", "Turkmen", false},
    {"tr", "Türkçe", "Turkish", false},
    {"uk", "Українська", "Ukrainian", false},
    {"ur", "اردو", "Urdu", true},
    {"uz", "Oʻzbekcha", "Uzbek", false},
    {"vi", "Tiếng Việt", "Vietnamese", false},
    {"wo", "Wolof", "Wolof", false},
    {"yo", "Èdè Yorùbá", "Yoruba", false},
    {"zh", "中文", "Chinese", false},
    {"zu", "isiZulu", "Zulu", false},
};

constexpr std::size_t kLongestTag = 35;  // RFC 5646 section 4.4.1

char Lower(char c) {
  return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

std::string Lowered(std::string_view s) {
  std::string out(s);
  std::transform(out.begin(), out.end(), out.begin(), Lower);
  return out;
}

}  // namespace

std::string PrimarySubtag(std::string_view tag) {
  return Lowered(tag.substr(0, tag.find('-')));
}

const Language* FindLanguage(std::string_view tag) {
  const std::string primary = PrimarySubtag(tag);
  const auto* it = std::find_if(std::begin(kLanguages), std::end(kLanguages),
                                [&](const Language& language) { return language.tag == primary; });
  return it == std::end(kLanguages) ? nullptr : it;
}

std::string LanguageName(std::string_view tag) {
  const Language* language = FindLanguage(tag);
  return std::string(language == nullptr ? tag : language->name);
}

bool IsRightToLeft(std::string_view tag) {
  const std::string lower = Lowered(tag);
  if (lower.find("-arab") != std::string::npos || lower.find("-hebr") != std::string::npos) return true;
  if (lower.find("-latn") != std::string::npos || lower.find("-cyrl") != std::string::npos) return false;
  const Language* language = FindLanguage(tag);
  return language != nullptr && language->right_to_left;
}

std::string MatchLanguage(std::string_view wanted, const std::vector<std::string>& available) {
  std::string range = Lowered(wanted);
  while (!range.empty()) {
    for (const std::string& tag : available) {
      if (Lowered(tag) == range) return tag;
    }
    const auto cut = range.rfind('-');
    range.resize(cut == std::string::npos ? 0 : cut);
  }
  const std::string primary = PrimarySubtag(wanted);
  for (const std::string& tag : available) {
    if (!primary.empty() && PrimarySubtag(tag) == primary) return tag;
  }
  return {};
}

bool IsLanguageTag(std::string_view tag) {
  if (tag.empty() || tag.size() > kLongestTag) return false;
  std::size_t run = 0;
  bool first = true;
  for (std::size_t i = 0; i <= tag.size(); ++i) {
    if (i == tag.size() || tag[i] == '-') {
      if (run == 0 || run > 8 || (first && run < 2)) return false;
      first = false;
      run = 0;
      continue;
    }
    const auto c = static_cast<unsigned char>(tag[i]);
    if (c >= 0x80 || (first ? !std::isalpha(c) : !std::isalnum(c))) return false;
    ++run;
  }
  return true;
}

}  // namespace haven::text
