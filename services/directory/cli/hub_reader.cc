#include "services/directory/cli/hub_reader.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "services/directory/domain/human.h"
#include "services/directory/domain/strings.h"
#include "services/directory/domain/suggest.h"

namespace haven::directory {
namespace {

using Kind = YamlNode::Kind;

std::string_view KindName(Kind kind) {
  switch (kind) {
    case Kind::kNull:
      return "nothing";
    case Kind::kText:
      return "a single value";
    case Kind::kList:
      return "a list";
    case Kind::kMap:
      return "a map";
  }
  return "";
}

std::string Child(std::string_view path, std::string_view name) {
  return Cat(path, path.empty() ? "" : ".", name);
}
std::string Index(std::string_view path, std::size_t index) {
  return Cat(path, "[", index, "]");
}

}  // namespace

void HubReader::Complain(Place place, const Where& where, std::string text) {
  file_.problems_.push_back({place, where.path, std::move(text), false, true});
}

void HubReader::Note(const std::string& spec_path, Place place, const std::string& path) {
  file_.spots_.try_emplace(spec_path, HubFile::Spot{place, path});
}

bool HubReader::Expect(const YamlNode& node, const Where& where, YamlNode::Kind kind, std::string_view example) {
  if (node.kind == kind) return true;
  const bool container = kind == Kind::kList || kind == Kind::kMap;
  if (node.kind == Kind::kNull && container) return false;
  Complain(node.place, where, Cat("is ", KindName(node.kind), ", not ", KindName(kind), "; write ", example));
  return false;
}

void HubReader::Map(const YamlNode& node, const Where& where, const std::vector<Field>& fields) {
  if (!Expect(node, where, Kind::kMap, Cat(fields.front().name, ": ... and the like below it"))) return;
  const auto present = [&](std::string_view name) {
    return std::any_of(node.entries.begin(), node.entries.end(),
                       [&](const YamlEntry& entry) { return entry.key == name; });
  };
  const auto named = [&](std::string_view name) {
    return std::find_if(fields.begin(), fields.end(), [&](const Field& field) { return field.name == name; });
  };
  for (const YamlEntry& entry : node.entries) {
    auto field = named(entry.key);
    if (field == fields.end()) {
      std::vector<std::string_view> names;
      for (const Field& known : fields) names.push_back(known.name);
      Complain(entry.key_place, {Child(where.path, entry.key), ""}, Unknown("key", entry.key, names));
      field = named(Nearest(entry.key, names));
      if (field == fields.end() || present(field->name)) continue;
    }
    const Where child{Child(where.path, field->name), Child(where.spec, field->spec)};
    Note(child.spec, entry.value.kind == Kind::kText ? entry.value.place : entry.key_place, child.path);
    field->read(entry.value, child);
  }
}

void HubReader::Keyed(const YamlNode& node, const Where& where,
                      const std::function<void(const std::string&, const YamlNode&, const Where&)>& read) {
  if (!Expect(node, where, Kind::kMap, "a key of your choice and below it what belongs to it")) return;
  std::size_t index = 0;
  for (const YamlEntry& entry : node.entries) {
    const Where child{Child(where.path, entry.key), Index(where.spec, index++)};
    Note(child.spec, entry.key_place, child.path);
    Note(Cat(child.spec, ".key"), entry.key_place, child.path);
    Note(Cat(child.spec, ".username"), entry.key_place, child.path);
    read(entry.key, entry.value, child);
  }
}

void HubReader::List(const YamlNode& node, const Where& where, std::string_view example,
                     const std::function<void(const std::string&, Place, const Where&)>& read) {
  if (!Expect(node, where, Kind::kList, example)) return;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const YamlNode& item = node.items[i];
    const Where child{Index(where.path, i), Index(where.spec, i)};
    if (!Expect(item, child, Kind::kText, example)) continue;
    read(item.text, item.place, child);
  }
}

void HubReader::Text(const YamlNode& node, const Where& where, std::string* out) {
  if (Expect(node, where, Kind::kText, "a text, or leave the line out")) *out = node.text;
}

void HubReader::Texts(const YamlNode& node, const Where& where, google::protobuf::Map<std::string, std::string>* out) {
  if (!Expect(node, where, Kind::kMap, "one text for each language: {en: ..., ar: ...}")) return;
  for (const YamlEntry& entry : node.entries) {
    const Where child{Child(where.path, entry.key), Child(where.spec, entry.key)};
    Note(child.spec, entry.value.kind == Kind::kText ? entry.value.place : entry.key_place, child.path);
    Text(entry.value, child, &(*out)[entry.key]);
  }
}

void HubReader::Words(const YamlNode& node, const Where& where, google::protobuf::RepeatedPtrField<std::string>* out) {
  List(node, where, "[one, two]", [&](const std::string& text, Place place, const Where& at) {
    Note(Index(where.spec, static_cast<std::size_t>(out->size())), place, at.path);
    *out->Add() = text;
  });
}

void HubReader::Flag(const YamlNode& node, const Where& where, bool* out) {
  if (!Expect(node, where, Kind::kText, "true or false")) return;
  if (node.text == "true" || node.text == "false") {
    *out = node.text == "true";
  } else {
    Complain(node.place, where, Cat(Quoted(node.text), " is neither true nor false"));
  }
}

bool HubReader::Number(const YamlNode& node, const Where& where, std::string_view example, int* out) {
  if (!Expect(node, where, Kind::kText, example)) return false;
  const char* end = node.text.data() + node.text.size();
  const auto [stop, error] = std::from_chars(node.text.data(), end, *out);
  if (error == std::errc() && stop == end) return true;
  Complain(node.place, where, Cat(Quoted(node.text), " is no whole number; write ", example));
  return false;
}

void HubReader::Duration(const YamlNode& node, const Where& where, google::protobuf::Duration* out) {
  constexpr std::string_view kExample = "30s, 2m or 1h30m";
  if (!Expect(node, where, Kind::kText, kExample)) return;
  if (const auto duration = ParseDuration(node.text)) {
    out->set_seconds(absl::ToInt64Seconds(*duration));
  } else {
    Complain(node.place, where, Cat(Quoted(node.text), " is no duration; write ", kExample));
  }
}

void HubReader::SkillLevels(const YamlNode& node, const Where& where,
                            google::protobuf::RepeatedPtrField<v1::SkillLevel>* out) {
  constexpr std::string_view kExample = "{legal: 3, ar: 5}, each with a level of 1 to 5";
  if (!Expect(node, where, Kind::kMap, kExample)) return;
  for (const YamlEntry& entry : node.entries) {
    const Where child{Child(where.path, entry.key), Index(where.spec, static_cast<std::size_t>(out->size()))};
    int level = 0;
    Note(Cat(child.spec, ".skill"), entry.key_place, child.path);
    Note(Cat(child.spec, ".level"), entry.value.place, child.path);
    // Kept also when the level is not: the skill is then still known to be meant.
    auto& added = *out->Add();
    added.set_skill(entry.key);
    if (Number(entry.value, child, "a level of 1 to 5", &level)) added.set_level(level);
  }
}

}  // namespace haven::directory
