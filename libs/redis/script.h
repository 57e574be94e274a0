#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace haven::redis {

// A Lua script: name (for metrics and errors), text, SHA1 computed once. Immutable and cheap to copy; make each one
// once, at start. Errors name the line of `body`, not of the text sent.
class Script {
 public:
  // `prelude` is shared text put before `body` on lines of its own: functions that several scripts call.
  Script(std::string_view name, std::string_view body, std::string_view prelude = {});

  const std::string& name() const { return data_->name; }
  // What Redis is given: prelude and body.
  const std::string& text() const { return data_->text; }
  // Lower-case hexadecimal, 40 characters.
  const std::string& sha1() const { return data_->sha1; }
  int prelude_lines() const { return data_->prelude_lines; }

 private:
  struct Data {
    std::string name;
    std::string text;
    std::string sha1;
    int prelude_lines = 0;
  };
  std::shared_ptr<const Data> data_;
};

}  // namespace haven::redis
