#include "libs/core/error.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "haven/errors/v1/errors.pb.h"

namespace haven::core {
namespace {

constexpr std::string_view kPrefix = "type.googleapis.com/";
constexpr std::string_view kDomain = "haven";

template <class Detail>
void Attach(absl::Status& status, const Detail& detail) {
  status.SetPayload(absl::StrCat(std::string(kPrefix), Detail::descriptor()->full_name()),
                    absl::Cord(detail.SerializeAsString()));
}

template <class Detail>
std::optional<Detail> Detach(const absl::Status& status) {
  const auto payload = status.GetPayload(absl::StrCat(std::string(kPrefix), Detail::descriptor()->full_name()));
  Detail detail;
  if (!payload || !detail.ParseFromString(std::string(*payload))) return std::nullopt;
  return detail;
}

}  // namespace

absl::Status MakeError(absl::StatusCode code, Reason reason, std::string_view message, ErrorMetadata metadata) {
  absl::Status status(code, absl::string_view(message.data(), message.size()));
  google::rpc::ErrorInfo info;
  info.set_reason(errors::v1::Reason_Name(reason));
  info.set_domain(std::string(kDomain));
  for (auto& [key, value] : metadata) (*info.mutable_metadata())[key] = std::move(value);
  Attach(status, info);
  return status;
}

absl::Status InvalidFields(std::vector<FieldViolation> violations) {
  std::string message = "invalid request";
  google::rpc::BadRequest bad;
  for (auto& v : violations) {
    absl::StrAppend(&message, bad.field_violations_size() == 0 ? ": " : "; ", v.field, ": ", v.description);
    auto* out = bad.add_field_violations();
    out->set_field(std::move(v.field));
    out->set_description(std::move(v.description));
  }
  auto status = MakeError(absl::StatusCode::kInvalidArgument, errors::v1::REASON_INVALID_FIELD, message);
  Attach(status, bad);
  return status;
}

absl::Status InvalidField(std::string field, std::string description) {
  std::vector<FieldViolation> violations;
  violations.push_back({std::move(field), std::move(description)});
  return InvalidFields(std::move(violations));
}

absl::Status LimitError(Reason reason, std::string_view message, std::chrono::milliseconds retry_after) {
  auto status = MakeError(absl::StatusCode::kResourceExhausted, reason, message);
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(retry_after.count() / 1000);
  retry.mutable_retry_delay()->set_nanos(static_cast<int>(retry_after.count() % 1000) * 1'000'000);
  Attach(status, retry);
  return status;
}

std::optional<Reason> ReasonOf(const absl::Status& status) {
  const auto info = Detach<google::rpc::ErrorInfo>(status);
  Reason reason;
  if (!info || info->domain() != kDomain || !errors::v1::Reason_Parse(info->reason(), &reason)) return std::nullopt;
  return reason;
}

std::optional<std::chrono::milliseconds> RetryAfterOf(const absl::Status& status) {
  const auto retry = Detach<google::rpc::RetryInfo>(status);
  if (!retry) return std::nullopt;
  return std::chrono::milliseconds(retry->retry_delay().seconds() * 1000 + retry->retry_delay().nanos() / 1'000'000);
}

std::vector<FieldViolation> ViolationsOf(const absl::Status& status) {
  std::vector<FieldViolation> out;
  const auto bad = Detach<google::rpc::BadRequest>(status);
  if (!bad) return out;
  for (const auto& v : bad->field_violations()) out.push_back({v.field(), v.description()});
  return out;
}

std::string MetadataOf(const absl::Status& status, std::string_view key) {
  const auto info = Detach<google::rpc::ErrorInfo>(status);
  if (!info) return {};
  const auto found = info->metadata().find(std::string(key));
  return found == info->metadata().end() ? std::string() : found->second;
}

std::string SerializeDetails(const absl::Status& status) {
  google::rpc::Status wire;
  status.ForEachPayload([&](absl::string_view type_url, const absl::Cord& payload) {
    auto* any = wire.add_details();
    any->set_type_url(std::string(type_url));
    any->set_value(std::string(payload));
  });
  if (wire.details_size() == 0) return {};
  wire.set_code(static_cast<int>(status.code()));
  wire.set_message(std::string(status.message()));
  return wire.SerializeAsString();
}

absl::Status FromWire(absl::StatusCode code, std::string_view message, std::string_view details) {
  absl::Status status(code, absl::string_view(message.data(), message.size()));
  google::rpc::Status wire;
  if (details.empty() || !wire.ParseFromArray(details.data(), static_cast<int>(details.size()))) return status;
  for (const auto& any : wire.details()) status.SetPayload(any.type_url(), absl::Cord(any.value()));
  return status;
}

}  // namespace haven::core
