#include "services/directory/cli/yaml_tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <istream>
#include <streambuf>

#include "absl/container/flat_hash_map.h"
#include "services/directory/domain/strings.h"
#include "services/directory/domain/suggest.h"
#include "services/directory/domain/utf8.h"

namespace haven::directory {
namespace {

// Ends the parse from inside a handler; ours, so that it cannot be taken for the library's.
struct Refused {
  Problem problem;
};

// yaml-cpp counts columns in bytes; editors show characters.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text), starts_{0} {
    for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1))
      starts_.push_back(at + 1);
  }
  // The first that is longer than allowed; 0: none.
  int TooLong() const {
    for (std::size_t i = 0; i < starts_.size(); ++i) {
      const std::size_t end = i + 1 < starts_.size() ? starts_[i + 1] : text_.size();
      if (end - starts_[i] > yaml_limits::kLineBytes) return static_cast<int>(i) + 1;
    }
    return 0;
  }
  Place At(const YAML::Mark& mark) const {
    if (mark.line < 0 || static_cast<std::size_t>(mark.line) >= starts_.size()) return {};
    const std::string_view line = text_.substr(starts_[static_cast<std::size_t>(mark.line)]);
    // A hostile file may be one long line with a mistake in every column: what is counted is bounded.
    constexpr int kCounted = 2000;
    if (mark.column > kCounted) return {mark.line + 1, mark.column + 1};
    int column = 1;
    for (const char c : line.substr(0, static_cast<std::size_t>(mark.column))) column += (c & 0xC0) != 0x80;
    return {mark.line + 1, column};
  }

 private:
  std::string_view text_;
  std::vector<std::size_t> starts_;
};

class Builder final : public YAML::EventHandler {
 public:
  Builder(const Lines& lines, std::vector<Problem>* problems) : lines_(lines), problems_(problems) {}

  YamlNode Take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Check(mark, "", anchor);
    YamlNode node;
    node.place = lines_.At(mark);
    Put(std::move(node));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    Complain(lines_.At(mark), "aliases (*) are not read; write the value out");
    problems_->back().unread = true;
    YamlNode node;
    node.place = lines_.At(mark);
    Put(std::move(node));
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Check(mark, tag, anchor);
    YamlNode node;
    node.place = lines_.At(mark);
    const bool plain = tag == "?";
    const bool null = plain && (value == "~" || value == "null");
    node.kind = null ? YamlNode::Kind::kNull : YamlNode::Kind::kText;
    if (!null) node.text = value;
    Put(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Check(mark, tag, anchor);
    Open(mark, YamlNode::Kind::kList);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Check(mark, tag, anchor);
    Open(mark, YamlNode::Kind::kMap);
  }
  void OnMapEnd() override { Close(); }

 private:
  struct Frame {
    YamlNode node;
    // Of a map: the key that waits for its value.
    bool has_key = false;
    bool drop_value = false;
    std::string key;
    Place key_place;
    absl::flat_hash_map<std::string, int> keys;  // seen, with their lines
  };

  std::string Path() const {
    std::string path;
    for (const Frame& frame : stack_) {
      if (frame.node.kind == YamlNode::Kind::kList) {
        CatTo(&path, "[", frame.node.items.size(), "]");
      } else if (frame.has_key) {
        CatTo(&path, path.empty() ? "" : ".", frame.key);
      }
    }
    return path;
  }

  void Complain(Place place, std::string text) {
    constexpr std::size_t kMost = 1000;
    if (problems_->size() < kMost) problems_->push_back({place, Path(), std::move(text)});
  }

  void Check(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (++values_ > yaml_limits::kValues) throw Refused{{lines_.At(mark), "", "the file holds too many values"}};
    if (anchor != YAML::NullAnchor)
      Complain(lines_.At(mark), "anchors (&) are not read; write the value out where it is needed");
    if (!tag.empty() && tag != "?" && tag != "!")
      Complain(lines_.At(mark), "tags (!) are not read; write the plain value");
  }

  void Open(const YAML::Mark& mark, YamlNode::Kind kind) {
    if (stack_.size() >= static_cast<std::size_t>(yaml_limits::kDepth)) {
      throw Refused{{lines_.At(mark), "", "is nested too deeply"}};
    }
    Frame frame;
    frame.node.kind = kind;
    frame.node.place = lines_.At(mark);
    stack_.push_back(std::move(frame));
  }

  void Close() {
    YamlNode node = std::move(stack_.back().node);
    stack_.pop_back();
    Put(std::move(node));
  }

  void Put(YamlNode node) {
    if (stack_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& frame = stack_.back();
    if (frame.node.kind == YamlNode::Kind::kList) {
      frame.node.items.push_back(std::move(node));
    } else if (!frame.has_key) {
      PutKey(frame, std::move(node));
    } else {
      if (!frame.drop_value) frame.node.entries.push_back({std::move(frame.key), frame.key_place, std::move(node)});
      frame.has_key = false;
    }
  }

  void PutKey(Frame& frame, YamlNode node) {
    frame.drop_value = node.kind != YamlNode::Kind::kText;
    if (frame.drop_value) {
      Complain(node.place, "a key is a plain word");
    } else {
      const auto [first, added] = frame.keys.try_emplace(node.text, node.place.line);
      frame.drop_value = !added;
      if (!added) Complain(node.place, Cat(Quoted(node.text), " is there twice; first in line ", first->second));
    }
    frame.key = std::move(node.text);
    frame.key_place = node.place;
    frame.has_key = true;
  }

  const Lines& lines_;
  std::vector<Problem>* problems_;
  std::vector<Frame> stack_;
  YamlNode root_;
  int values_ = 0;
};

// Reads a view without copying it.
class ViewBuffer final : public std::streambuf {
 public:
  explicit ViewBuffer(std::string_view text) {
    char* begin = const_cast<char*>(text.data());  // only read
    setg(begin, begin, begin + text.size());
  }
};

}  // namespace

YamlNode ParseYaml(std::string_view text, std::vector<Problem>* problems) {
  if (text.size() > yaml_limits::kBytes) {
    problems->push_back({{}, "", "the file is larger than 2 MiB"});
    return {};
  }
  Consume(&text, "\xEF\xBB\xBF");
  if (!Inspect(text).valid || text.find('\0') != std::string_view::npos) {
    problems->push_back({{}, "", "the file is not UTF-8 text"});
    return {};
  }
  const Lines lines(text);
  if (const int line = lines.TooLong(); line > 0) {
    problems->push_back({{line, 1}, "", "the line is longer than 64 KiB"});
    return {};
  }
  Builder builder(lines, problems);
  try {
    ViewBuffer buffer(text);
    std::istream stream(&buffer);
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) return {};
    Builder second(lines, problems);
    if (parser.HandleNextDocument(second)) problems->push_back({{}, "", "the file holds more than one document (---)"});
    return builder.Take();
  } catch (const Refused& refused) {
    problems->push_back(refused.problem);
  } catch (const YAML::Exception& error) {
    problems->push_back({lines.At(error.mark), "", Cat("no valid YAML: ", error.msg)});
  }
  return {};
}

}  // namespace haven::directory
