#include <charconv>
#include <utility>

#include "services/directory/cli/hub_reader.h"
#include "services/directory/domain/human.h"
#include "services/directory/domain/secret_reference.h"
#include "services/directory/domain/strings.h"
#include "services/directory/domain/suggest.h"

// One function for each kind of thing that hub.yaml may hold; docs/hub-yaml.md shows them all.
namespace haven::directory {

using Type = YamlNode::Kind;

void HubReader::Read(const YamlNode& root) {
  file_.spots_.try_emplace("", HubFile::Spot{root.place, ""});
  const auto keyed = [this](void (HubReader::*read)(const std::string&, const YamlNode&, const Where&)) {
    return [this, read](const YamlNode& node, const Where& where) {
      Keyed(node, where,
            [&](const std::string& key, const YamlNode& value, const Where& at) { (this->*read)(key, value, at); });
    };
  };
  const auto text = [this](std::string* out) {
    return [this, out](const YamlNode& node, const Where& where) { Text(node, where, out); };
  };
  Map(root, {"", ""},
      {{"hub", "key", text(spec_.mutable_key())},
       {"name", "display_name", text(spec_.mutable_display_name())},
       {"time_zone", "time_zone", text(spec_.mutable_time_zone())},
       {"languages", "languages", [this](const auto& n, const auto& w) { Words(n, w, spec_.mutable_languages()); }},
       {"quick_exit_url", "quick_exit_url", text(spec_.mutable_quick_exit_url())},
       {"privacy", "privacy", [this](const auto& n, const auto& w) { Texts(n, w, spec_.mutable_privacy()); }},
       {"default_queue", "default_queue", text(spec_.mutable_default_queue())},
       {"hours", "hours", keyed(&HubReader::ReadHours)},
       {"skills", "skills", keyed(&HubReader::ReadSkill)},
       {"queues", "queues", keyed(&HubReader::ReadQueue)},
       {"subjects", "subjects", keyed(&HubReader::ReadSubject)},
       {"teams", "teams", keyed(&HubReader::ReadTeam)},
       {"users", "users", keyed(&HubReader::ReadUser)},
       {"channels", "channels", keyed(&HubReader::ReadChannel)},
       {"dispositions", "dispositions", keyed(&HubReader::ReadDisposition)}});
}

void HubReader::ReadHours(const std::string& key, const YamlNode& node, const Where& where) {
  v1::HoursSpec& hours = *spec_.add_hours();
  hours.set_key(key);
  Map(node, where,
      {{"open", "spans", [&](const auto& n, const auto& w) { Open(n, w, &hours); }},
       {"holidays", "holidays", [&](const auto& n, const auto& w) { Words(n, w, hours.mutable_holidays()); }}});
}

void HubReader::Open(const YamlNode& node, const Where& where, v1::HoursSpec* out) {
  constexpr std::string_view kExample = "[\"mon-fri 08:00-17:00\", \"sat 09:00-13:00\"]";
  const auto read = [&](const std::string& text, Place place, const Where& at) {
    const auto spans = ParseSpans(text);
    if (!spans.ok()) {
      Complain(place, at, std::string(spans.status().message()));
      return;
    }
    for (const schedule::Span& span : *spans) {
      Note(Cat(where.spec, "[", out->spans_size(), "]"), place, at.path);
      auto& added = *out->add_spans();
      added.set_weekday(span.weekday);
      added.set_start_minute(span.start_minute);
      added.set_end_minute(span.end_minute);
    }
  };
  if (node.kind == Type::kText) {
    read(node.text, node.place, where);
  } else {
    List(node, where, kExample, read);
  }
}

void HubReader::ReadSkill(const std::string& key, const YamlNode& node, const Where& where) {
  v1::SkillSpec& skill = *spec_.add_skills();
  skill.set_key(key);
  if (node.kind != Type::kMap) return Text(node, where, skill.mutable_display_name());
  Map(node, where,
      {{"name", "display_name", [&](const auto& n, const auto& w) { Text(n, w, skill.mutable_display_name()); }}});
}

void HubReader::ReadQueue(const std::string& key, const YamlNode& node, const Where& where) {
  v1::QueueSpec& queue = *spec_.add_queues();
  queue.set_key(key);
  const auto duration = [this](google::protobuf::Duration* (v1::QueueSpec::*field)(), v1::QueueSpec* of) {
    return [this, field, of](const YamlNode& n, const Where& w) { Duration(n, w, (of->*field)()); };
  };
  bool match = false;
  Map(node, where,
      {{"name", "display_name", [&](const auto& n, const auto& w) { Text(n, w, queue.mutable_display_name()); }},
       {"hours", "hours", [&](const auto& n, const auto& w) { Text(n, w, queue.mutable_hours()); }},
       {"target", "target_share", [&](const auto& n, const auto& w) { Target(n, w, &queue); }},
       {"offer_time", "offer_time", duration(&v1::QueueSpec::mutable_offer_time, &queue)},
       {"wrap_up_time", "wrap_up_time", duration(&v1::QueueSpec::mutable_wrap_up_time, &queue)},
       {"priority", "priority_seconds", [&](const auto& n, const auto& w) { Priority(n, w, &queue); }},
       {"requires", "required_skills",
        [&](const auto& n, const auto& w) { SkillLevels(n, w, queue.mutable_required_skills()); }},
       {"match_language", "match_language", [&](const auto& n, const auto& w) { Flag(n, w, &match); }},
       {"relax_language_after", "relax_language_after", duration(&v1::QueueSpec::mutable_relax_language_after, &queue)},
       {"prefer_last_agent", "prefer_last_agent", duration(&v1::QueueSpec::mutable_prefer_last_agent, &queue)}});
  queue.set_match_language(match);
}

// "80% in 60s".
void HubReader::Target(const YamlNode& node, const Where& where, v1::QueueSpec* out) {
  constexpr std::string_view kExample = "80% in 60s";
  if (!Expect(node, where, Type::kText, kExample)) return;
  const auto words = directory::Words(node.text);
  double percent = -1;
  if (words.size() == 3 && words[1] == "in" && words[0].ends_with('%')) {
    const char* end = words[0].data() + words[0].size() - 1;
    if (const auto [stop, error] = std::from_chars(words[0].data(), end, percent); error != std::errc() || stop != end)
      percent = -1;
  }
  const auto time = words.size() == 3 ? ParseDuration(words[2]) : std::nullopt;
  if (!(percent > 0 && percent <= 100) || !time) {
    return Complain(node.place, where, Cat(Quoted(node.text), " is no target; write ", kExample));
  }
  Note(Cat(where.spec.substr(0, where.spec.rfind('.')), ".target_time"), node.place, where.path);
  out->set_target_share(percent / 100);
  out->mutable_target_time()->set_seconds(absl::ToInt64Seconds(*time));
}

// A head start, which may be negative: "2m", "-30s".
void HubReader::Priority(const YamlNode& node, const Where& where, v1::QueueSpec* out) {
  constexpr std::string_view kExample = "a head start such as 2m or -30s, at most a day";
  if (!Expect(node, where, Type::kText, kExample)) return;
  std::string_view text = node.text;
  const bool behind = Consume(&text, "-");
  const auto duration = ParseDuration(text);
  if (!duration || *duration > absl::Hours(24)) {
    return Complain(node.place, where, Cat(Quoted(node.text), " is no priority; write ", kExample));
  }
  const auto seconds = static_cast<int>(absl::ToInt64Seconds(*duration));
  out->set_priority_seconds(behind ? -seconds : seconds);
}

void HubReader::ReadSubject(const std::string& key, const YamlNode& node, const Where& where) {
  v1::SubjectSpec& subject = *spec_.add_subjects();
  subject.set_key(key);
  Map(node, where,
      {{"titles", "titles", [&](const auto& n, const auto& w) { Texts(n, w, subject.mutable_titles()); }},
       {"queue", "queue", [&](const auto& n, const auto& w) { Text(n, w, subject.mutable_queue()); }}});
}

void HubReader::ReadTeam(const std::string& key, const YamlNode& node, const Where& where) {
  v1::TeamSpec& team = *spec_.add_teams();
  team.set_key(key);
  Map(node, where,
      {{"name", "display_name", [&](const auto& n, const auto& w) { Text(n, w, team.mutable_display_name()); }},
       {"queues", "queues", [&](const auto& n, const auto& w) { Words(n, w, team.mutable_queues()); }}});
}

void HubReader::ReadUser(const std::string& key, const YamlNode& node, const Where& where) {
  v1::UserSpec& user = *spec_.add_users();
  user.set_username(key);
  bool disabled = false;
  Map(node, where,
      {{"name", "display_name", [&](const auto& n, const auto& w) { Text(n, w, user.mutable_display_name()); }},
       {"public_name", "public_name", [&](const auto& n, const auto& w) { Text(n, w, user.mutable_public_name()); }},
       {"roles", "roles", [&](const auto& n, const auto& w) { Roles(n, w, &user); }},
       {"teams", "teams", [&](const auto& n, const auto& w) { Words(n, w, user.mutable_teams()); }},
       {"skills", "skills", [&](const auto& n, const auto& w) { SkillLevels(n, w, user.mutable_skills()); }},
       {"capacity", "capacity", [&](const auto& n, const auto& w) { Capacity(n, w, &user); }},
       {"password", "password_ref", [&](const auto& n, const auto& w) { Password(n, w, &user); }},
       {"interface_language", "interface_language",
        [&](const auto& n, const auto& w) { Text(n, w, user.mutable_interface_language()); }},
       {"disabled", "disabled", [&](const auto& n, const auto& w) { Flag(n, w, &disabled); }}});
  user.set_disabled(disabled);
}

void HubReader::Roles(const YamlNode& node, const Where& where, v1::UserSpec* out) {
  List(node, where, "[agent] or [agent, supervisor]", [&](const std::string& text, Place place, const Where& at) {
    const auto role = ParseRole(text);
    if (!role) return Complain(place, at, Unknown("role", text, RoleNames()));
    Note(Cat(where.spec, "[", out->roles_size(), "]"), place, at.path);
    out->add_roles(*role);
  });
}

// {webchat: 3, voice: 1 exclusive}
void HubReader::Capacity(const YamlNode& node, const Where& where, v1::UserSpec* out) {
  constexpr std::string_view kExample = "{webchat: 3, voice: 1 exclusive}";
  if (!Expect(node, where, Type::kMap, kExample)) return;
  for (const YamlEntry& entry : node.entries) {
    const Where at{Cat(where.path, ".", entry.key), Cat(where.spec, "[", out->capacity_size(), "]")};
    const auto channel = ParseChannel(entry.key);
    if (!channel) {
      Complain(entry.key_place, at, Unknown("channel", entry.key, ChannelNames()));
      continue;
    }
    YamlNode limit = entry.value;
    const auto words = directory::Words(entry.value.text);
    const bool exclusive = words.size() == 2 && words[1] == "exclusive";
    if (exclusive) limit.text = std::string(words[0]);
    for (const char* field : {".channel", ".limit", ".exclusive"})
      Note(Cat(at.spec, field), entry.value.place, at.path);
    auto& capacity = *out->add_capacity();
    capacity.set_channel(*channel);
    capacity.set_exclusive(exclusive);
    int most = 0;
    if (Number(limit, at, "3 or \"1 exclusive\"", &most)) capacity.set_limit(most);
  }
}

void HubReader::Password(const YamlNode& node, const Where& where, v1::UserSpec* out) {
  // What is written is not repeated: it may be a password.
  if (node.kind != Type::kText || !ParseSecretReference(node.text)) {
    return Complain(node.place, where, std::string(kSecretReferenceHelp));
  }
  out->set_password_ref(node.text);
}

void HubReader::ReadChannel(const std::string& key, const YamlNode& node, const Where& where) {
  v1::ChannelSpec& channel = *spec_.add_channels();
  channel.set_key(key);
  Map(node, where,
      {{"kind", "kind", [&](const auto& n, const auto& w) { Kind(n, w, &channel); }},
       {"name", "display_name", [&](const auto& n, const auto& w) { Text(n, w, channel.mutable_display_name()); }},
       {"hours", "hours", [&](const auto& n, const auto& w) { Text(n, w, channel.mutable_hours()); }},
       {"flow", "flow", [&](const auto& n, const auto& w) { Text(n, w, channel.mutable_flow()); }},
       {"allowed_origins", "allowed_origins",
        [&](const auto& n, const auto& w) { Words(n, w, channel.mutable_allowed_origins()); }}});
}

void HubReader::Kind(const YamlNode& node, const Where& where, v1::ChannelSpec* out) {
  if (!Expect(node, where, Type::kText, "webchat")) return;
  const auto kind = ParseChannel(node.text);
  if (!kind) return Complain(node.place, where, Unknown("kind of channel", node.text, ChannelNames()));
  out->set_kind(*kind);
}

void HubReader::ReadDisposition(const std::string& key, const YamlNode& node, const Where& where) {
  v1::DispositionSpec& disposition = *spec_.add_dispositions();
  disposition.set_key(key);
  Map(node, where,
      {{"titles", "titles", [&](const auto& n, const auto& w) { Texts(n, w, disposition.mutable_titles()); }}});
}

}  // namespace haven::directory
