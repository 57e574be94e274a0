#include "services/desk/edge/edge.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "haven/directory/v1/identity_service.pb.h"
#include "haven/errors/v1/errors.pb.h"
#include "haven/internal/directory/v1/directory_internal_service.pb.h"
#include "haven/options/v1/access.pb.h"
#include "libs/core/error.h"
#include "libs/crypto/hash.h"

namespace haven::desk::edge {
namespace {

namespace pb = google::protobuf;
constexpr std::string_view kCookie = "__Host-haven";
constexpr std::string_view kSignIn = "haven.directory.v1.IdentityService.SignIn";
constexpr std::string_view kSignOut = "haven.directory.v1.IdentityService.SignOut";
constexpr std::string_view kWebchatPackageService = "haven.channels.v1.WebchatService";

bool ForAnybody(const pb::MethodDescriptor& method) {
  const auto& access = method.options().GetExtension(options::v1::access);
  return std::find(access.audiences().begin(), access.audiences().end(), options::v1::AUDIENCE_ANYBODY) !=
         access.audiences().end();
}

// "haven.routing.v1.RoutingService" is served by "routing".
std::string ServiceOf(const pb::MethodDescriptor& method) {
  const std::string& package = method.file()->package();
  const auto begin = package.find('.') + 1;
  return package.substr(begin, package.find('.', begin) - begin);
}

std::string RpcName(const pb::MethodDescriptor& method) {
  return absl::StrCat(method.service()->full_name(), "/", method.name());
}

Sessions::Issue IssueThrough(const Edge::ChannelTo& channel_to) {
  struct Call {
    static async::Task<absl::StatusOr<IssuedToken>> Run(Edge::ChannelTo to, core::Deadline deadline,
                                                        std::string secret) {
      internal::directory::v1::IssueTokenRequest request;
      request.set_credential(std::move(secret));
      rpc::CallOptions options(deadline);
      auto response =
          co_await to("directory")
              ->Call<internal::directory::v1::IssueTokenRequest, internal::directory::v1::IssueTokenResponse>(
                  "haven.internal.directory.v1.DirectoryInternalService/IssueToken", std::move(request),
                  std::move(options));
      if (!response.ok()) co_return response.status();
      IssuedToken issued;
      issued.token = response->token();
      issued.expires = absl::FromUnixSeconds(response->expire_time().seconds());
      co_return issued;
    }
  };
  return [channel_to](core::Deadline deadline, std::string secret) {
    return Call::Run(channel_to, deadline, std::move(secret));
  };
}

}  // namespace

EdgeMetrics::EdgeMetrics(telemetry::Metrics& metrics)
    : requests(metrics.AddCounter("haven_desk_requests_total", "HTTP requests by kind and status class.",
                                  {"kind", "status"})),
      seconds(metrics.AddHistogram("haven_desk_request_seconds", "Time to answer a page or a unary call.",
                                   telemetry::LatencyBuckets(), {"kind"})),
      streams(metrics.AddGauge("haven_desk_streams_count", "Server streams open over HTTP.")) {}

Edge::Edge(EdgeOptions options, ChannelTo own_channel_to, ChannelTo bare_channel_to, const core::Clock& clock,
           EdgeMetrics metrics)
    : options_(std::move(options)),
      channel_to_(std::move(bare_channel_to)),
      sessions_(clock, IssueThrough(own_channel_to)),
      anonymous_(options_.anonymous_per_second, options_.anonymous_burst, 50'000),
      metrics_(metrics) {}

void Edge::SetPages(Site site, StaticFiles files) {
  pages_.insert_or_assign(site, std::move(files));
}

async::Task<void> Edge::Handle(Site site, std::shared_ptr<http::Exchange> exchange) {
  const auto began = std::chrono::steady_clock::now();
  const bool call = exchange->request().method == http::Method::kPost;
  if (call) {
    co_await Connect(site, exchange);
  } else {
    co_await Page(site, exchange);
  }
  metrics_.seconds.With({call ? "call" : "page"})
      .Observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
}

async::Task<void> Edge::Page(Site site, std::shared_ptr<http::Exchange> exchange) {
  const auto& request = exchange->request();
  http::Response response;
  const auto pages = pages_.find(site);
  if (request.method == http::Method::kOther || request.method == http::Method::kOptions) {
    response.status = 405;
    response.headers = {{"Allow", "GET, HEAD, POST"}};
  } else if (FindPublicMethod(request.path) != nullptr) {
    response.status = 405;
    response.headers = {{"Allow", "POST"}, {"Content-Type", "text/plain"}};
    response.body = "call this with POST and a JSON body\n";
  } else if (pages == pages_.end()) {
    response.status = 404;
    response.headers = {{"Content-Type", "text/plain"}};
    response.body = "this hub runs without pages\n";
  } else {
    // The desk is one page: its own addresses all lead to it. A missing asset stays missing.
    const bool page = site == Site::kDesk ? !absl::StrContains(request.path, ".") : request.path == "/chat";
    response = pages->second.Serve(request, page ? "/" : request.path);
  }
  AddSecurityHeaders(site, &response.headers);
  metrics_.requests.With({"page", absl::StrCat(response.status / 100, "xx")}).Add();
  co_await exchange->Respond(std::move(response));
}

void Edge::AddSecurityHeaders(Site site, http::Headers* headers) const {
  std::vector<std::string> embedders;
  if (site == Site::kWebchat && embedders_) embedders = embedders_();
  const std::string ancestors = site == Site::kDesk ? "'none'" : absl::StrCat("'self' ", absl::StrJoin(embedders, " "));
  headers->emplace_back(
      "Content-Security-Policy",
      absl::StrCat("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
                   "worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
                   "require-trusted-types-for 'script'; frame-ancestors ",
                   ancestors));
  headers->emplace_back("X-Content-Type-Options", "nosniff");
  headers->emplace_back("Referrer-Policy", "no-referrer");
  headers->emplace_back("Cross-Origin-Opener-Policy", "same-origin");
  headers->emplace_back("Permissions-Policy", "camera=(), geolocation=(), payment=(), usb=()");
  if (site == Site::kDesk) headers->emplace_back("Cross-Origin-Resource-Policy", "same-origin");
}

absl::Status Edge::CheckOrigin(const http::Request& request) const {
  const auto site = request.Header("sec-fetch-site");
  const auto origin = request.Header("origin");
  // Programs send neither. A browser cannot lie about them, and a page cannot choose the Host it reaches.
  const bool same =
      origin.empty() ||
      origin.substr(origin.find("//") == std::string_view::npos ? 0 : origin.find("//") + 2) == request.Header("host");
  if (same && (site.empty() || site == "same-origin" || site == "none")) return absl::OkStatus();
  return core::MakeError(absl::StatusCode::kPermissionDenied, errors::v1::REASON_FORBIDDEN,
                         "calls from pages of another origin are refused");
}

async::Task<absl::StatusOr<Edge::Credential>> Edge::Authenticate(std::shared_ptr<http::Exchange> exchange,
                                                                 core::Deadline deadline, bool anonymous_method) {
  const auto& request = exchange->request();
  Credential credential;
  const auto authorization = request.Header("authorization");
  if (!authorization.empty()) {
    if (authorization.substr(0, 7) != "Bearer " && authorization.substr(0, 7) != "bearer ") {
      co_return core::MakeError(absl::StatusCode::kUnauthenticated, errors::v1::REASON_UNAUTHENTICATED,
                                "authorization must be \"Bearer\" and a credential");
    }
    credential.token = std::string(authorization.substr(7));
    co_return credential;
  }
  if (auto status = CheckOrigin(request); !status.ok()) co_return status;
  const std::string secret(CookieValue(request.Header("cookie"), kCookie));
  if (anonymous_method || secret.empty()) {
    const auto wait =
        anonymous_.Take(SourceKey(options_.proxies.SourceOf(request.remote_address, request.Header("x-forwarded-for"))),
                        std::chrono::steady_clock::now());
    if (wait) co_return core::LimitError(errors::v1::REASON_RATE_LIMITED, "too many calls from this address", *wait);
    co_return credential;
  }
  if (!request.HasHeader("x-haven-csrf")) {
    co_return core::MakeError(absl::StatusCode::kPermissionDenied, errors::v1::REASON_FORBIDDEN,
                              "calls with a session cookie need the header X-Haven-CSRF");
  }
  auto token = co_await sessions_.TokenOf(deadline, secret);
  if (!token.ok()) co_return token.status();
  credential.token = *std::move(token);
  credential.session = secret;
  co_return credential;
}

async::Task<void> Edge::Connect(Site site, std::shared_ptr<http::Exchange> exchange) {
  const auto& request = exchange->request();
  const auto* method = FindPublicMethod(request.path);
  const bool elsewhere =
      method != nullptr && site == Site::kWebchat && method->service()->full_name() != kWebchatPackageService;
  if (method == nullptr || elsewhere) {
    // 404 is what Connect says for an unknown path.
    auto status = core::MakeError(absl::StatusCode::kUnimplemented, errors::v1::REASON_UNKNOWN_METHOD,
                                  "no such method in this hub");
    http::Response response;
    response.status = 404;
    response.headers = {{"Content-Type", "application/json"}};
    response.body = ErrorJson(status);
    metrics_.requests.With({"call", "4xx"}).Add();
    co_await exchange->Respond(std::move(response));
    co_return;
  }
  const auto type = ParseContentType(request.Header("content-type"));
  if (!type || type->streaming != method->server_streaming()) {
    http::Response response;
    response.status = 415;
    response.headers = {{"Accept-Post", method->server_streaming()
                                            ? "application/connect+json, application/connect+proto"
                                            : "application/json, application/proto"}};
    metrics_.requests.With({"call", "4xx"}).Add();
    co_await exchange->Respond(std::move(response));
    co_return;
  }
  const auto encoding = request.Header(type->streaming ? "connect-content-encoding" : "content-encoding");
  if (!encoding.empty() && encoding != "identity") {
    co_await Refuse(exchange,
                    core::MakeError(absl::StatusCode::kUnimplemented, errors::v1::REASON_MALFORMED_BODY,
                                    "compressed bodies are not accepted"),
                    type);
    co_return;
  }
  auto credential =
      co_await Authenticate(exchange, core::Deadline::After(options_.default_timeout), ForAnybody(*method));
  if (!credential.ok()) {
    co_await Refuse(exchange, credential.status(), type);
    co_return;
  }
  if (type->streaming) {
    co_await Stream(exchange, method, *type, *std::move(credential));
  } else {
    co_await Unary(exchange, method, *type, *std::move(credential));
  }
}

rpc::CallOptions Edge::OptionsFor(const http::Request& request, const Credential& credential) const {
  auto timeout = options_.default_timeout;
  if (const auto asked = ParseTimeoutMs(request.Header("connect-timeout-ms")))
    timeout = std::min(options_.max_timeout, std::chrono::milliseconds(*asked));
  rpc::CallOptions call(core::Deadline::After(timeout));
  call.token = credential.token;
  call.trace = telemetry::TraceContext::Parse(request.Header("traceparent"));
  const auto source = SourceKey(options_.proxies.SourceOf(request.remote_address, request.Header("x-forwarded-for")));
  call.metadata.emplace_back("haven-source",
                             crypto::ToHex(crypto::KeyedHash(options_.source_key, source)).substr(0, 32));
  return call;
}

absl::Status Edge::MoveSecretToCookie(std::string* response_bytes, http::Headers* headers) const {
  directory::v1::SignInResponse response;
  if (!response.ParseFromString(*response_bytes)) return absl::InternalError("sign-in answered with something else");
  headers->emplace_back("Set-Cookie", absl::StrCat(std::string(kCookie), "=", response.session_secret(),
                                                   "; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=43200"));
  response.clear_session_secret();
  *response_bytes = response.SerializeAsString();
  return absl::OkStatus();
}

async::Task<void> Edge::Unary(std::shared_ptr<http::Exchange> exchange, const pb::MethodDescriptor* method,
                              ContentType type, Credential credential) {
  const auto& request = exchange->request();
  auto body = DecodeBody(type.codec, *method->input_type(), request.body);
  if (!body.ok()) {
    co_await Refuse(exchange, body.status(), type);
    co_return;
  }
  auto options = OptionsFor(request, credential);
  auto answer =
      co_await channel_to_(ServiceOf(*method))->RawCall(RpcName(*method), *std::move(body), std::move(options));
  http::Response response;
  if (answer.ok() && method->full_name() == kSignIn) {
    if (auto status = MoveSecretToCookie(&*answer, &response.headers); !status.ok()) answer = status;
  }
  if (method->full_name() == kSignOut && !credential.session.empty()) {
    sessions_.Forget(credential.session);
    response.headers.emplace_back(
        "Set-Cookie", absl::StrCat(std::string(kCookie), "=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"));
  }
  auto encoded = answer.ok() ? EncodeBody(type.codec, *method->output_type(), *std::move(answer)) : std::move(answer);
  if (!encoded.ok()) {
    co_await Refuse(exchange, encoded.status(), type);
    co_return;
  }
  response.headers.emplace_back("Content-Type", std::string(ContentTypeName(type)));
  response.headers.emplace_back("Cache-Control", "no-store");
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  response.body = *std::move(encoded);
  metrics_.requests.With({"call", "2xx"}).Add();
  co_await exchange->Respond(std::move(response));
}

async::Task<void> Edge::Stream(std::shared_ptr<http::Exchange> exchange, const pb::MethodDescriptor* method,
                               ContentType type, Credential credential) {
  const auto& request = exchange->request();
  auto message = OpenEnvelope(request.body);
  auto body = message.ok() ? DecodeBody(type.codec, *method->input_type(), *message) : message.status();
  if (!body.ok()) {
    co_await Refuse(exchange, body.status(), type);
    co_return;
  }
  auto options = OptionsFor(request, credential);
  const auto asked = ParseTimeoutMs(request.Header("connect-timeout-ms"));
  options.deadline = core::Deadline::After(asked ? std::chrono::milliseconds(*asked) : std::chrono::hours(1));
  auto stream = channel_to_(ServiceOf(*method))->StreamRaw(RpcName(*method), *std::move(body), std::move(options));
  // Whatever comes, Connect streams begin with 200; the end says how it went.
  http::Headers headers;
  headers.emplace_back("Content-Type", std::string(ContentTypeName(type)));
  headers.emplace_back("X-Content-Type-Options", "nosniff");
  metrics_.requests.With({"stream", "2xx"}).Add();
  metrics_.streams.Add(1);
  bool alive = co_await exchange->BeginStream(200, std::move(headers));
  rpc::RawStream* raw = stream.get();
  exchange->OnGone([raw] { raw->Cancel(); });
  absl::Status end;
  while (alive) {
    auto bytes = co_await stream->Next();
    if (!bytes) {
      end = stream->status();
      break;
    }
    auto encoded = EncodeBody(type.codec, *method->output_type(), *std::move(bytes));
    if (!encoded.ok()) {
      end = encoded.status();
      break;
    }
    std::string chunk = Envelope(0, *encoded);
    alive = co_await exchange->WriteChunk(std::move(chunk));
  }
  if (alive) {
    std::string last = Envelope(kEndStream, EndStreamJson(end));
    co_await exchange->WriteChunk(std::move(last));
    co_await exchange->EndStream();
  }
  metrics_.streams.Add(-1);
}

async::Task<void> Edge::Refuse(std::shared_ptr<http::Exchange> exchange, absl::Status status,
                               std::optional<ContentType> type) {
  http::Response response;
  response.headers.emplace_back("Cache-Control", "no-store");
  if (type && type->streaming) {
    response.headers.emplace_back("Content-Type", std::string(ContentTypeName(*type)));
    response.body = Envelope(kEndStream, EndStreamJson(status));
  } else {
    response.status = HttpStatusOf(status.code());
    response.headers.emplace_back("Content-Type", "application/json");
    response.body = ErrorJson(status);
    if (const auto wait = core::RetryAfterOf(status)) {
      response.headers.emplace_back("Retry-After", absl::StrCat((wait->count() + 999) / 1000));
    }
  }
  metrics_.requests.With({"call", absl::StrCat(HttpStatusOf(status.code()) / 100, "xx")}).Add();
  co_await exchange->Respond(std::move(response));
}

}  // namespace haven::desk::edge
