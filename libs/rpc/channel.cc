#include "libs/rpc/channel.h"

#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "haven/errors/v1/errors.pb.h"
#include "libs/async/completion.h"
#include "libs/async/wait.h"
#include "libs/core/error.h"
#include "libs/rpc/channel_internal.h"
#include "libs/rpc/grpc_util.h"
#include "libs/rpc/status.h"

namespace haven::rpc {
namespace {

constexpr std::chrono::milliseconds kFirstBackoff{50};
constexpr std::chrono::milliseconds kLongestBackoff{2000};

// What gRPC works on; it may be in its hands longer than the caller waits.
struct UnaryCall {
  grpc::ClientContext context;
  grpc::ByteBuffer request;
  grpc::ByteBuffer response;
  grpc::Status status;
};

// Half of the span for certain, half at random: callers that failed together do not come back together.
std::chrono::nanoseconds Jittered(std::chrono::nanoseconds span) {
  thread_local std::minstd_rand engine{std::random_device{}()};
  return span / 2 + std::chrono::nanoseconds(std::uniform_int_distribution<std::int64_t>(0, span.count() / 2)(engine));
}

class GrpcChannel final : public Channel, public std::enable_shared_from_this<GrpcChannel> {
 public:
  GrpcChannel(async::Loop& loop, std::shared_ptr<grpc::Channel> channel, ChannelOptions options)
      : loop_(loop), channel_(std::move(channel)), stub_(channel_), options_(std::move(options)) {}

  std::shared_ptr<Channel> As(std::shared_ptr<TokenSource> identity) override {
    ChannelOptions options = options_;
    options.identity = std::move(identity);
    return std::make_shared<GrpcChannel>(loop_, channel_, std::move(options));
  }

  async::Task<absl::Status> CallMessage(std::string method, const Message& request, Message* response,
                                        CallOptions options) override {
    grpc::ByteBuffer answer;
    const grpc::ByteBuffer bytes = Serialize(request);
    const absl::Status status = co_await CallBytes(std::move(method), bytes, &answer, std::move(options));
    if (!status.ok()) co_return status;
    if (!Parse(&answer, response)) {
      co_return core::MakeError(absl::StatusCode::kInternal, errors::v1::REASON_BUG,
                                "the answer is not the method's message");
    }
    co_return absl::OkStatus();
  }

  async::Task<absl::StatusOr<std::string>> RawCall(std::string method, std::string request,
                                                   CallOptions options) override {
    grpc::ByteBuffer answer;
    const grpc::ByteBuffer bytes = FromText(request);
    const absl::Status status = co_await CallBytes(std::move(method), bytes, &answer, std::move(options));
    if (!status.ok()) co_return status;
    co_return ToText(answer);
  }

  std::unique_ptr<RawStream> StreamRaw(std::string method, std::string request, CallOptions options) override {
    return OpenStream(loop_, channel_, method, std::move(request), options, options_.identity.get());
  }

 private:
  async::Task<absl::Status> CallBytes(std::string method, grpc::ByteBuffer request, grpc::ByteBuffer* response,
                                      CallOptions options) {
    const auto self = shared_from_this();
    const std::string path = absl::StrCat("/", method);
    std::chrono::nanoseconds backoff = kFirstBackoff;
    for (int attempt = 1;; ++attempt) {
      const absl::Status status = co_await Once(path, request, response, options);
      if (!absl::IsUnavailable(status) || attempt >= options.attempts) co_return status;
      const auto pause = Jittered(backoff);
      if (pause >= options.deadline.Remaining()) co_return status;
      const bool slept = co_await async::Sleep(pause);
      if (!slept) co_return status;
      backoff = std::min<std::chrono::nanoseconds>(backoff * 2, kLongestBackoff);
    }
  }

  async::Task<absl::Status> Once(const std::string& path, const grpc::ByteBuffer& request, grpc::ByteBuffer* response,
                                 const CallOptions& options) {
    auto call = std::make_shared<UnaryCall>();
    const absl::Status prepared = PrepareContext(call->context, options, options_.identity.get());
    if (!prepared.ok()) co_return prepared;
    call->request = request;
    auto ended = async::Completion::Create(loop_);
    // The loop lets go of the call, never gRPC's thread: the last of a channel must not end on a thread that it joins.
    stub_.UnaryCall(&call->context, path, {}, &call->request, &call->response,
                    [held = call, ended](grpc::Status status) mutable {
                      held->status = std::move(status);
                      ended->Complete(std::move(held));
                    });
    const std::function<void()> give_up = [call] { call->context.TryCancel(); };
    co_await ended->Wait(give_up);
    response->Swap(&call->response);
    co_return WithDefaultReason(FromGrpc(call->status));
  }

  async::Loop& loop_;
  const std::shared_ptr<grpc::Channel> channel_;
  grpc::GenericStub stub_;
  const ChannelOptions options_;
};

}  // namespace

absl::Status PrepareContext(grpc::ClientContext& context, const CallOptions& options, TokenSource* identity) {
  std::string token = options.token;
  if (token.empty() && identity != nullptr) {
    auto own = identity->Token();
    if (!own.ok()) return own.status();
    token = *std::move(own);
  }
  if (!token.empty()) context.AddMetadata("authorization", absl::StrCat("Bearer ", token));
  const auto trace = options.trace ? options.trace->Child() : telemetry::TraceContext::New();
  context.AddMetadata("traceparent", trace.ToTraceparent());
  for (const auto& [key, value] : options.metadata) context.AddMetadata(key, value);
  context.set_deadline(std::chrono::system_clock::now() +
                       std::chrono::duration_cast<std::chrono::system_clock::duration>(options.deadline.Remaining()));
  return absl::OkStatus();
}

std::shared_ptr<Channel> WrapChannel(async::Loop& loop, std::shared_ptr<grpc::Channel> channel,
                                     ChannelOptions options) {
  return std::make_shared<GrpcChannel>(loop, std::move(channel), std::move(options));
}

std::shared_ptr<Channel> Channel::Connect(async::Loop& loop, const std::string& address, ChannelOptions options) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(static_cast<int>(options.max_message_bytes));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  // A server that starts again is found within a second.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  // Retries are ours, and explicit.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  std::shared_ptr<grpc::ChannelCredentials> credentials = grpc::InsecureChannelCredentials();
  if (!options.tls_authority.empty()) {
    std::ifstream file(options.tls_authority, std::ios::binary);
    grpc::SslCredentialsOptions tls;
    tls.pem_root_certs.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    credentials = grpc::SslCredentials(tls);
  }
  return WrapChannel(loop, grpc::CreateCustomChannel(address, credentials, arguments), std::move(options));
}

}  // namespace haven::rpc
