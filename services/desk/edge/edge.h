#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/async/task.h"
#include "libs/core/clock.h"
#include "libs/rpc/channel.h"
#include "libs/telemetry/metrics.h"
#include "services/desk/edge/connect_codec.h"
#include "services/desk/edge/rate_limit.h"
#include "services/desk/edge/sessions.h"
#include "services/desk/edge/source.h"
#include "services/desk/edge/static_files.h"
#include "services/desk/http/http.h"

namespace haven::desk::edge {

// Which of the hub's two origins a listener is. Pages that strangers write into live apart from the desk.
enum class Site { kDesk, kWebchat };

struct EdgeOptions {
  // Key of the hash under which a client's address travels to services.
  std::string source_key;
  TrustedProxies proxies;
  // Calls of people who have not signed in, per source: those that start something are bounded further by their
  // services.
  double anonymous_per_second = 20;
  double anonymous_burst = 60;
  std::chrono::milliseconds default_timeout{15'000};
  std::chrono::milliseconds max_timeout{60'000};
};

struct EdgeMetrics {
  explicit EdgeMetrics(telemetry::Metrics& metrics);
  telemetry::CounterFamily requests;  // by kind and status class
  telemetry::HistogramFamily seconds;
  telemetry::Gauge streams;
};

// Answers HTTP: pages, and every public method by the Connect protocol. Holds no rule of the domain: it turns a cookie
// into a token, JSON into protobuf, and refuses what a browser should not have sent.
class Edge {
 public:
  // Channels by service ("routing").
  using ChannelTo = std::function<std::shared_ptr<rpc::Channel>(const std::string& service)>;
  // Origins that may embed the chat page now.
  using Embedders = std::function<std::vector<std::string>()>;

  // `own` carries the edge's identity, for its own questions; `bare` carries none: what a browser asks travels with the
  // browser's credential or without any.
  Edge(EdgeOptions options, ChannelTo own, ChannelTo bare, const core::Clock& clock, EdgeMetrics metrics);

  void SetPages(Site site, StaticFiles files);
  void SetEmbedders(Embedders embedders) { embedders_ = std::move(embedders); }

  async::Task<void> Handle(Site site, std::shared_ptr<http::Exchange> exchange);

 private:
  struct Credential {
    std::string token;    // bearer to call with; empty for anybody
    std::string session;  // secret of the cookie, if that was the credential
  };
  async::Task<void> Page(Site site, std::shared_ptr<http::Exchange> exchange);
  async::Task<void> Connect(Site site, std::shared_ptr<http::Exchange> exchange);
  async::Task<void> Unary(std::shared_ptr<http::Exchange> exchange, const google::protobuf::MethodDescriptor* method,
                          ContentType type, Credential credential);
  async::Task<void> Stream(std::shared_ptr<http::Exchange> exchange, const google::protobuf::MethodDescriptor* method,
                           ContentType type, Credential credential);
  async::Task<absl::StatusOr<Credential>> Authenticate(std::shared_ptr<http::Exchange> exchange,
                                                       core::Deadline deadline, bool anonymous_method);
  // After SignIn the secret leaves the body for a cookie; after SignOut the cookie goes.
  absl::Status MoveSecretToCookie(std::string* response_bytes, http::Headers* headers) const;
  absl::Status CheckOrigin(const http::Request& request) const;
  rpc::CallOptions OptionsFor(const http::Request& request, const Credential& credential) const;
  void AddSecurityHeaders(Site site, http::Headers* headers) const;
  async::Task<void> Refuse(std::shared_ptr<http::Exchange> exchange, absl::Status status,
                           std::optional<ContentType> type);

  EdgeOptions options_;
  ChannelTo channel_to_;
  Sessions sessions_;
  RateLimit anonymous_;
  EdgeMetrics metrics_;
  std::map<Site, StaticFiles> pages_;
  Embedders embedders_;
};

}  // namespace haven::desk::edge
