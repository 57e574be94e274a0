#include "tests/bench/page.h"

#include <poll.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "libs/core/clock.h"
#include "libs/core/ids.h"
#include "tests/bench/bench.h"

namespace haven::bench {

namespace http = boost::beast::http;
namespace json = boost::json;
using boost::asio::ip::tcp;

namespace {
// Blocking calls need a context and never run it; one each would cost three files each.
boost::asio::io_context& Context() {
  static boost::asio::io_context context;
  return context;
}
}  // namespace

struct Page::Connection {
  tcp::socket socket{Context()};
  boost::beast::flat_buffer buffer;
};

Page::Page(int port) : connection_(std::make_unique<Connection>()), port_(port) {}
Page::~Page() = default;
Page::Page(Page&&) noexcept = default;

void Page::Connect() {
  boost::system::error_code error;
  connection_->socket = tcp::socket(Context());
  connection_->socket.connect({boost::asio::ip::address_v4::loopback(), static_cast<unsigned short>(port_)}, error);
  if (error) Fail("the edge: " + error.message());
  connection_->socket.set_option(tcp::no_delay(true));
}

void Page::Close() {
  connection_->socket = tcp::socket(Context());
}

json::object Page::Call(const std::string& method, const json::object& request) {
  http::request<http::string_body> message{http::verb::post, "/haven.channels.v1.WebchatService/" + method, 11};
  message.set(http::field::host, "127.0.0.1:" + std::to_string(port_));
  message.set(http::field::content_type, "application/json");
  if (!token_.empty()) message.set(http::field::authorization, "Bearer " + token_);
  message.body() = json::serialize(request);
  message.prepare_payload();
  if (!connection_->socket.is_open()) Connect();
  boost::system::error_code error;
  http::write(connection_->socket, message, error);
  http::response<http::string_body> response;
  if (!error) http::read(connection_->socket, connection_->buffer, response, error);
  if (error) Fail(method + ": " + error.message());
  if (response.result() != http::status::ok)
    Fail(method + ": " + std::to_string(response.result_int()) + " " + response.body());
  auto body = json::parse(response.body(), error);
  if (error || !body.is_object()) Fail(method + ": an answer that is no JSON");
  return body.as_object();
}

void Page::Watch() {
  Connect();
  const std::string body("\0\0\0\0\2{}", 7);
  const std::string request =
      "POST /haven.channels.v1.WebchatService/WatchChat HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port_) +
      "\r\nContent-Type: application/connect+json\r\nAuthorization: Bearer " + token_ +
      "\r\nContent-Length: 7\r\n\r\n" + body;
  boost::system::error_code error;
  boost::asio::write(connection_->socket, boost::asio::buffer(request), error);
  std::string head(12, '\0');
  if (!error) boost::asio::read(connection_->socket, boost::asio::buffer(head), error);
  if (error || head != "HTTP/1.1 200") Fail("WatchChat: " + head + " " + error.message());
}

void Page::Start() {
  json::object request{{"language", "en"},
                       {"languageChosen", true},
                       {"requestId", core::NewUuid(core::SystemClock(), core::SystemRandom())}};
  const json::object answer = Call("StartChat", request);
  token_ = std::string(answer.at("visitorToken").as_string());
  conversation_ = std::string(answer.at("conversationId").as_string());
}

void Page::ChooseSubject() {
  bool chosen = false;
  for (int i = 0; i < 3000; ++i) {
    const json::object page = Call("ListChatMessages", {{"pageSize", 200}});
    const auto* messages = page.if_contains("messages");
    if (messages != nullptr) {
      for (const auto& message : messages->as_array()) {
        const auto* event = message.as_object().if_contains("event");
        if (event != nullptr && event->as_string() == "CONVERSATION_EVENT_QUEUED") return;
      }
      const auto& last = messages->as_array().back().as_object();
      const auto* choices = last.if_contains("choices");
      if (!chosen && choices != nullptr && !choices->as_array().empty()) {
        const auto& choice = choices->as_array().front().as_object();
        Call("PostMessage", {{"text", choice.at("title")},
                             {"choiceId", choice.at("id")},
                             {"requestId", core::NewUuid(core::SystemClock(), core::SystemRandom())}});
        chosen = true;
      }
    }
    ::poll(nullptr, 0, 10);
  }
  Fail("a visitor never came in line");
}

}  // namespace haven::bench
