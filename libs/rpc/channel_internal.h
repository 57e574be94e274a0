#pragma once

#include <grpcpp/channel.h>

#include <memory>

#include "libs/async/loop.h"
#include "libs/rpc/channel.h"

namespace haven::rpc {

std::shared_ptr<Channel> WrapChannel(async::Loop& loop, std::shared_ptr<grpc::Channel> channel, ChannelOptions options);

// Metadata and deadline of an outgoing call.
absl::Status PrepareContext(grpc::ClientContext& context, const CallOptions& options, TokenSource* identity);

std::unique_ptr<RawStream> OpenStream(async::Loop& loop, const std::shared_ptr<grpc::Channel>& channel,
                                      const std::string& method, std::string request, const CallOptions& options,
                                      TokenSource* identity);

}  // namespace haven::rpc
