#include "services/ivr/domain/texts.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/text/language.h"

namespace haven::ivr {
namespace {

// One row is one text; columns in the order of kColumns. Written to be read by somebody frightened: short, warm,
// without gender where the language allows it, promising only what the hub does.
enum Column { kEnglish, kArabic, kFrench, kSpanish, kColumnCount };
constexpr std::array<std::string_view, kColumnCount> kColumns = {"en", "ar", "fr", "es"};

struct Row {
  std::string_view key;
  std::array<std::string_view, kColumnCount> texts;
};

constexpr Row kTexts[] = {
    {"welcome",
     {"Hello, and welcome to {hub}. We are here to help you.", "أهلًا بك في {hub}. نحن هنا لمساعدتك.",
      "Bonjour et bienvenue chez {hub}. Nous sommes là pour vous aider.",
      "Hola, le damos la bienvenida a {hub}. Estamos aquí para ayudarle."}},
    {"welcome_back",
     {"Welcome back. It is good to hear from you again.", "أهلًا بعودتك. يسعدنا تواصلك معنا من جديد.",
      "Bienvenue à nouveau. Merci de nous écrire encore une fois.", "Nos alegra saber de usted de nuevo."}},
    {"ask_language",
     {"Which language would you like to use?", "ما اللغة المفضّلة لديك؟",
      "Dans quelle langue souhaitez-vous continuer\u00a0?", "¿En qué idioma prefiere continuar?"}},
    {"ask_subject",
     {"What can we help you with?", "بماذا يمكننا مساعدتك؟", "Comment pouvons-nous vous aider\u00a0?",
      "¿En qué podemos ayudarle?"}},
    {"tell_us",
     {"Please tell us what happened, in your own words. Take the time you need.",
      "يمكنك إخبارنا بما حدث بكلماتك الخاصة، ولا داعي للعجلة.",
      "Racontez-nous ce qui s’est passé, avec vos propres mots. Prenez le temps qu’il vous faut.",
      "Cuéntenos qué ha pasado, con sus propias palabras. Tómese el tiempo que necesite."}},
    {"queued_tell",
     {"One of our team will answer you here. While you wait, please tell us what happened, in your own words.",
      "سيجيبك أحد أفراد فريقنا هنا. يمكنك أثناء الانتظار إخبارنا بما حدث بكلماتك الخاصة.",
      "Une personne de notre équipe vous répondra ici. En attendant, racontez-nous ce qui s’est passé, avec vos "
      "propres "
      "mots.",
      "Una persona de nuestro equipo le responderá aquí. Mientras espera, cuéntenos qué ha pasado, con sus propias "
      "palabras."}},
    {"closed_now",
     {"Our team is not here right now and will be back {opens}. You can write now: we keep your message and will "
      "answer "
      "it here.",
      "فريقنا غير متاح الآن، وسيعود {opens}. يمكنك الكتابة الآن: سنحتفظ برسالتك ونجيب عنها هنا.",
      "Notre équipe n’est pas disponible en ce moment et sera de retour {opens}. Vous pouvez écrire dès "
      "maintenant\u00a0: nous gardons votre message et y répondrons ici.",
      "Nuestro equipo no está disponible en este momento y volverá {opens}. Puede escribir ahora: guardamos su mensaje "
      "y le responderemos aquí."}},
    {"closed",
     {"Our team is not here right now. You can write now: we keep your message and will answer it here as soon as we "
      "can.",
      "فريقنا غير متاح الآن. يمكنك الكتابة الآن: سنحتفظ برسالتك ونجيب عنها هنا في أقرب وقت ممكن.",
      "Notre équipe n’est pas disponible en ce moment. Vous pouvez écrire dès maintenant\u00a0: nous gardons votre "
      "message et y répondrons ici dès que possible.",
      "Nuestro equipo no está disponible en este momento. Puede escribir ahora: guardamos su mensaje y le "
      "responderemos "
      "aquí lo antes posible."}},
    {"queued",
     {"Thank you. We have your message, and one of our team will answer you here. You can keep writing while you wait.",
      "شكرًا لك. وصلتنا رسالتك، وسيجيبك أحد أفراد فريقنا هنا. يمكنك متابعة الكتابة أثناء الانتظار.",
      "Merci. Nous avons bien reçu votre message, et une personne de notre équipe vous répondra ici. Vous pouvez "
      "continuer à écrire en attendant.",
      "Gracias. Hemos recibido su mensaje y una persona de nuestro equipo le responderá aquí. Puede seguir escribiendo "
      "mientras espera."}},
    {"queued_closed_now",
     {"Thank you. We keep your message and will answer it here when we are back {opens}. You can leave this page and "
      "come back to it later on the same device.",
      "شكرًا لك. رسالتك محفوظة، وسنجيب عنها هنا عند عودتنا {opens}. يمكنك مغادرة هذه الصفحة والعودة إليها لاحقًا من "
      "الجهاز "
      "نفسه.",
      "Merci. Nous gardons votre message et y répondrons ici à notre retour, {opens}. Vous pouvez quitter cette page "
      "et "
      "y revenir plus tard sur le même appareil.",
      "Gracias. Guardamos su mensaje y le responderemos aquí cuando volvamos, {opens}. Puede salir de esta página y "
      "volver a ella más tarde en el mismo dispositivo."}},
    {"queued_closed",
     {"Thank you. We keep your message and will answer it here as soon as we can. You can leave this page and come "
      "back "
      "to it later on the same device.",
      "شكرًا لك. رسالتك محفوظة، وسنجيب عنها هنا في أقرب وقت ممكن. يمكنك مغادرة هذه الصفحة والعودة إليها لاحقًا من الجهاز "
      "نفسه.",
      "Merci. Nous gardons votre message et y répondrons ici dès que possible. Vous pouvez quitter cette page et y "
      "revenir plus tard sur le même appareil.",
      "Gracias. Guardamos su mensaje y le responderemos aquí lo antes posible. Puede salir de esta página y volver a "
      "ella más tarde en el mismo dispositivo."}},
    {"human",
     {"Of course. One of our team will join you here. You can keep writing while you wait.",
      "بالتأكيد. سينضم إليك أحد أفراد فريقنا هنا. يمكنك متابعة الكتابة أثناء الانتظار.",
      "Bien sûr. Une personne de notre équipe va vous rejoindre ici. Vous pouvez continuer à écrire en attendant.",
      "Por supuesto. Una persona de nuestro equipo le atenderá aquí. Puede seguir escribiendo mientras espera."}},
    {"not_understood",
     {"Sorry, I did not understand that. Please choose one of the answers, or write “help” to reach a person.",
      "عذرًا، لم أفهم ذلك. يرجى اختيار إحدى الإجابات، أو كتابة «مساعدة» للتحدث مع شخص من فريقنا.",
      "Désolé, je n’ai pas compris. Veuillez choisir une des réponses, ou écrivez «\u00a0aide\u00a0» pour joindre une "
      "personne.",
      "Perdón, no he entendido eso. Elija una de las respuestas o escriba «ayuda» para hablar con una persona."}},
    {"more_choices", {"More answers:", "إجابات أخرى:", "Autres réponses\u00a0:", "Más respuestas:"}},
    {"failed",
     {"Sorry, something went wrong on our side. One of our team will answer you here.",
      "عذرًا، حدث خلل من جهتنا. سيجيبك أحد أفراد فريقنا هنا.",
      "Désolé, un problème est survenu de notre côté. Une personne de notre équipe vous répondra ici.",
      "Lo sentimos, ha ocurrido un problema de nuestra parte. Una persona de nuestro equipo le responderá aquí."}},
    {"opens_today", {"today at {time}", "اليوم الساعة {time}", "aujourd’hui à {time}", "hoy a las {time}"}},
    {"opens_tomorrow", {"tomorrow at {time}", "غدًا الساعة {time}", "demain à {time}", "mañana a las {time}"}},
    {"opens_weekday", {"on {day} at {time}", "يوم {day} الساعة {time}", "{day} à {time}", "el {day} a las {time}"}},
    {"opens_date", {"on {day} at {time}", "بتاريخ {day} الساعة {time}", "le {day} à {time}", "el {day} a las {time}"}},
    {"weekday_1", {"Monday", "الاثنين", "lundi", "lunes"}},
    {"weekday_2", {"Tuesday", "الثلاثاء", "mardi", "martes"}},
    {"weekday_3", {"Wednesday", "الأربعاء", "mercredi", "miércoles"}},
    {"weekday_4", {"Thursday", "الخميس", "jeudi", "jueves"}},
    {"weekday_5", {"Friday", "الجمعة", "vendredi", "viernes"}},
    {"weekday_6", {"Saturday", "السبت", "samedi", "sábado"}},
    {"weekday_7", {"Sunday", "الأحد", "dimanche", "domingo"}},
};

constexpr char kFirstStrongIsolate[] = "\u2068";
constexpr char kPopIsolate[] = "\u2069";

const Row* FindRow(std::string_view key) {
  const auto* it = std::find_if(std::begin(kTexts), std::end(kTexts), [&](const Row& row) { return row.key == key; });
  return it == std::end(kTexts) ? nullptr : it;
}

int ColumnOf(std::string_view tag) {
  const std::string primary = text::PrimarySubtag(tag);
  const auto it = std::find(kColumns.begin(), kColumns.end(), primary);
  return it == kColumns.end() ? -1 : static_cast<int>(it - kColumns.begin());
}

int FirstColumn(const std::vector<std::string>& languages) {
  for (const std::string& tag : languages) {
    const int column = ColumnOf(tag);
    if (column >= 0) return column;
  }
  return kEnglish;
}

std::string Fill(std::string_view pattern, const TextValues& values, bool isolate) {
  std::string out;
  while (!pattern.empty()) {
    const auto open = pattern.find('{');
    const auto close = open == std::string_view::npos ? open : pattern.find('}', open);
    if (close == std::string_view::npos) break;
    out += pattern.substr(0, open);
    const auto it = values.find(std::string(pattern.substr(open + 1, close - open - 1)));
    if (it != values.end()) {
      absl::StrAppend(&out, isolate ? kFirstStrongIsolate : "", it->second, isolate ? kPopIsolate : "");
    }
    pattern.remove_prefix(close + 1);
  }
  out += pattern;
  return out;
}

}  // namespace

bool HasText(std::string_view key) {
  return FindRow(key) != nullptr;
}
bool HasLanguage(std::string_view tag) {
  return ColumnOf(tag) >= 0;
}

std::string Text(std::string_view key, const std::vector<std::string>& languages, const TextValues& values) {
  const Row* row = FindRow(key);
  if (row == nullptr) return {};
  const int column = FirstColumn(languages);
  return Fill(row->texts[static_cast<std::size_t>(column)], values, column == kArabic);
}

std::string OpeningPhrase(absl::CivilMinute now, absl::CivilMinute opens, const std::vector<std::string>& languages) {
  TextValues values{{"time", absl::StrFormat("%02d:%02d", opens.hour(), opens.minute())}};
  const absl::CivilDay day(opens);
  const auto ahead = day - absl::CivilDay(now);
  if (ahead <= 0) return Text("opens_today", languages, values);
  if (ahead == 1) return Text("opens_tomorrow", languages, values);
  if (ahead < 7) {
    const int weekday = static_cast<int>(absl::GetWeekday(day)) + 1;
    values["day"] = Text(absl::StrCat("weekday_", weekday), languages);
    return Text("opens_weekday", languages, values);
  }
  values["day"] = absl::StrFormat("%02d/%02d/%d", day.day(), day.month(), day.year());
  return Text("opens_date", languages, values);
}

std::vector<std::string_view> TextKeys() {
  std::vector<std::string_view> keys;
  for (const Row& row : kTexts) keys.push_back(row.key);
  return keys;
}

std::vector<std::string_view> TextLanguages() {
  return {kColumns.begin(), kColumns.end()};
}

std::string_view RawText(std::string_view key, std::string_view language) {
  const Row* row = FindRow(key);
  const int column = ColumnOf(language);
  return row == nullptr || column < 0 ? std::string_view{} : row->texts[static_cast<std::size_t>(column)];
}

}  // namespace haven::ivr
