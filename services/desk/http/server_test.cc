#include <boost/asio.hpp>
#include <catch2/catch.hpp>
#include <future>
#include <string>

#include "libs/async/block_on.h"
#include "libs/async/loop.h"
#include "services/desk/http/http.h"

namespace haven::desk::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

async::Task<void> Echo(std::shared_ptr<Exchange> exchange) {
  if (exchange->request().path == "/stream") {
    co_await exchange->BeginStream(200, {});
    for (int i = 0; i < 3; ++i) co_await exchange->WriteChunk("piece" + std::to_string(i));
    co_await exchange->EndStream();
    co_return;
  }
  if (exchange->request().path == "/throw") throw std::runtime_error("x");
  Response response;
  response.headers = {{"X-Bad", "a\r\nInjected: 1"}};
  response.body = exchange->request().path == "/big" ? std::string(300'000, 'b')
                                                     : exchange->request().body + exchange->request().query;
  co_await exchange->Respond(std::move(response));
}

// A hub's front door on a free port and a raw client.
struct Door {
  explicit Door(ServerOptions options = {}) : server(loop, options, Echo) {
    loop.Start();
    REQUIRE(server.Listen("127.0.0.1:0").ok());
  }
  ~Door() {
    // Coroutines end on the loop before it stops.
    std::promise<void> done;
    loop.Post([&] { done.set_value(); });
    done.get_future().wait();
    loop.Stop();
  }

  // Sends `bytes`, reads until the server closes.
  std::string Say(const std::string& bytes) {
    asio::io_context io;
    tcp::socket socket(io);
    socket.connect({asio::ip::make_address("127.0.0.1"), static_cast<unsigned short>(server.port())});
    boost::system::error_code error;
    asio::write(socket, asio::buffer(bytes), error);
    std::string out;
    asio::read(socket, asio::dynamic_buffer(out), error);
    return out;
  }

  async::Loop loop;
  Server server;
};

TEST_CASE("Http_KeepAlive_AnswersInOrder") {
  Door door;
  const auto out = door.Say(
      "POST /a?q HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\none"
      "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nConnection: close\r\n\r\ntwo");
  CHECK(out.find("oneq") < out.find("two"));
  CHECK(out.find("Injected") == std::string::npos);
}

TEST_CASE("Http_Chunked_StreamsAndEnds") {
  Door door;
  const auto out = door.Say("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(out.find("6\r\npiece0\r\n6\r\npiece1\r\n6\r\npiece2\r\n0\r\n\r\n") != std::string::npos);
}

TEST_CASE("Http_TooLarge_413_BeforeItIsSent") {
  Door door(ServerOptions{.max_body_bytes = 1000});
  CHECK(door.Say("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n").find(" 413 ") != std::string::npos);
  CHECK(door.Say("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n" + std::string(0xfff, 'x'))
            .find(" 413 ") != std::string::npos);
  CHECK(door.Say("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5000\r\n\r\n").find(" 413 ") !=
        std::string::npos);
}

TEST_CASE("Http_HeaderFlood_431") {
  Door door;
  std::string flood = "GET / HTTP/1.1\r\nHost: x\r\n";
  for (int i = 0; i < 2000; ++i) flood += "X-Filler-" + std::to_string(i) + ": abcdefghij\r\n";
  CHECK(door.Say(flood + "\r\n").find(" 431 ") != std::string::npos);
}

TEST_CASE("Http_Malformed_400_AndCloses") {
  Door door;
  for (const auto* bad :
       {"nonsense\r\n\r\n", "GET noslash HTTP/1.1\r\nHost: x\r\n\r\n", "GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"}) {
    INFO(bad);
    CHECK(door.Say(bad).find(" 400 ") != std::string::npos);
  }
}

TEST_CASE("Http_HandlerThatThrows_ClosesOnlyItsConnection") {
  Door door;
  CHECK(door.Say("GET /throw HTTP/1.1\r\nHost: x\r\n\r\n").empty());
  CHECK(door.Say("GET /big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").size() > 300'000);
}

TEST_CASE("Http_TooManyFromOneAddress_503") {
  Door door(ServerOptions{.max_connections_per_address = 2});
  asio::io_context io;
  std::vector<tcp::socket> held;
  for (int i = 0; i < 2; ++i) {
    held.emplace_back(io);
    held.back().connect({asio::ip::make_address("127.0.0.1"), static_cast<unsigned short>(door.server.port())});
    // The answer proves that the connection was taken in.
    asio::write(held.back(), asio::buffer(std::string("GET /x HTTP/1.1\r\nHost: x\r\n\r\n")));
    char first;
    asio::read(held.back(), asio::buffer(&first, 1));
  }
  CHECK(door.Say("GET / HTTP/1.1\r\nHost: x\r\n\r\n").find(" 503 ") != std::string::npos);
}

}  // namespace
}  // namespace haven::desk::http
