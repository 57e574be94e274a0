#pragma once

#include <boost/json/value.hpp>
#include <memory>
#include <string>

namespace haven::bench {

// A visitor's page: blocking calls to the edge over one kept connection (Connect protocol, JSON). One thread each.
class Page {
 public:
  explicit Page(int port);
  ~Page();
  Page(Page&&) noexcept;

  // The answer, or the end of the run: "PostMessage" and the like of WebchatService.
  boost::json::object Call(const std::string& method, const boost::json::object& request);
  // Opens WatchChat and leaves it open unread; nothing else can be called then.
  void Watch();

  // Ends the connection; the next call makes another.
  void Close();

  // Opens a chat in English, its language chosen.
  void Start();
  // Waits for the flow's question, answers with its first choice, waits until in line.
  void ChooseSubject();
  const std::string& conversation() const { return conversation_; }

 private:
  void Connect();
  struct Connection;
  std::unique_ptr<Connection> connection_;
  int port_;
  std::string token_, conversation_;
};

}  // namespace haven::bench
