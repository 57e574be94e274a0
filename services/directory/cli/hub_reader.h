#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "services/directory/cli/hub_file.h"

namespace haven::directory {

// Inside of HubFile::Parse: turns the tree into the spec and notes where everything stands.
class HubReader {
 public:
  explicit HubReader(HubFile* file) : file_(*file), spec_(file->spec_) {}

  void Read(const YamlNode& root);

 private:
  // A place in the tree by both its names.
  struct Where {
    std::string path;  // in the file
    std::string spec;  // in HubSpec
  };
  struct Field {
    std::string_view name;  // in the file
    std::string_view spec;  // in HubSpec
    std::function<void(const YamlNode&, const Where&)> read;
  };

  void Complain(Place place, const Where& where, std::string text);
  void Note(const std::string& spec_path, Place place, const std::string& path);
  // False, and a problem, if it is something else. Nothing at all counts as empty.
  bool Expect(const YamlNode& node, const Where& where, YamlNode::Kind kind, std::string_view example);

  // A map with these fields. A key that is none of them is a problem; if it is nearly one that is absent, its value is
  // read as that one's, so that one slip makes one problem.
  void Map(const YamlNode& node, const Where& where, const std::vector<Field>& fields);
  // A map from keys to things, kept as a list of the spec.
  void Keyed(const YamlNode& node, const Where& where,
             const std::function<void(const std::string& key, const YamlNode&, const Where&)>& read);
  void List(const YamlNode& node, const Where& where, std::string_view example,
            const std::function<void(const std::string& text, Place, const Where&)>& read);

  void Text(const YamlNode& node, const Where& where, std::string* out);
  void Texts(const YamlNode& node, const Where& where, google::protobuf::Map<std::string, std::string>* out);
  void Words(const YamlNode& node, const Where& where, google::protobuf::RepeatedPtrField<std::string>* out);
  void Flag(const YamlNode& node, const Where& where, bool* out);
  bool Number(const YamlNode& node, const Where& where, std::string_view example, int* out);
  void Duration(const YamlNode& node, const Where& where, google::protobuf::Duration* out);
  void SkillLevels(const YamlNode& node, const Where& where, google::protobuf::RepeatedPtrField<v1::SkillLevel>* out);

  void ReadHours(const std::string& key, const YamlNode& node, const Where& where);
  void ReadSkill(const std::string& key, const YamlNode& node, const Where& where);
  void ReadQueue(const std::string& key, const YamlNode& node, const Where& where);
  void ReadSubject(const std::string& key, const YamlNode& node, const Where& where);
  void ReadTeam(const std::string& key, const YamlNode& node, const Where& where);
  void ReadUser(const std::string& key, const YamlNode& node, const Where& where);
  void ReadChannel(const std::string& key, const YamlNode& node, const Where& where);
  void ReadDisposition(const std::string& key, const YamlNode& node, const Where& where);

  void Open(const YamlNode& node, const Where& where, v1::HoursSpec* out);
  void Target(const YamlNode& node, const Where& where, v1::QueueSpec* out);
  void Priority(const YamlNode& node, const Where& where, v1::QueueSpec* out);
  void Roles(const YamlNode& node, const Where& where, v1::UserSpec* out);
  void Capacity(const YamlNode& node, const Where& where, v1::UserSpec* out);
  void Password(const YamlNode& node, const Where& where, v1::UserSpec* out);
  void Kind(const YamlNode& node, const Where& where, v1::ChannelSpec* out);

  HubFile& file_;
  v1::HubSpec& spec_;
};

}  // namespace haven::directory
