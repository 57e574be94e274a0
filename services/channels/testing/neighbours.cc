#include "haven/errors/v1/errors.pb.h"
#include "haven/options/v1/access.pb.h"
#include "services/channels/testing/test_hub.h"

namespace haven::channels::testing {
namespace {

namespace dir = ::haven::directory::v1;
using internal::directory::v1::GetConfigurationRequest;
using internal::directory::v1::GetConfigurationResponse;
namespace ivr = ::haven::internal::ivr::v1;
namespace routing = ::haven::internal::routing::v1;

template <class Req, class Resp>
void Serve(rpc::Registry& registry, const std::string& method, std::function<absl::StatusOr<Resp>(const Req&)> answer) {
  struct Handler {
    static async::Task<absl::StatusOr<Resp>> Answer(std::function<absl::StatusOr<Resp>(const Req&)> answer,
                                                    Req request) {
      co_return answer(request);
    }
  };
  registry.Unary<Req, Resp>(method, rpc::UnaryHandler<Req, Resp>([answer](rpc::CallPtr, Req request) {
                              return Handler::Answer(answer, std::move(request));
                            }));
}

void AddUser(GetConfigurationResponse* configuration, const char* id, const char* name, const char* public_name,
             const char* team) {
  auto* user = configuration->add_users();
  user->set_id(id);
  user->set_display_name(name);
  user->set_public_name(public_name);
  user->add_teams(team);
}

}  // namespace

GetConfigurationResponse Lebanon() {
  GetConfigurationResponse configuration;
  configuration.set_version(1);
  auto* spec = configuration.mutable_spec();
  spec->set_key("lb");
  spec->set_display_name("Haven Lebanon");
  spec->set_time_zone("Asia/Beirut");
  for (const auto* tag : {"ar", "en", "fr"}) spec->add_languages(tag);
  spec->set_quick_exit_url("https://www.example.org/weather");
  (*spec->mutable_privacy())["en"] = "Only our team reads this.";
  spec->set_default_queue("general");
  for (const auto* key : {"general", "legal"}) spec->add_queues()->set_key(key);
  auto* subject = spec->add_subjects();
  subject->set_key("legal");
  subject->set_queue("legal");
  (*subject->mutable_titles())["en"] = "Legal advice";
  (*subject->mutable_titles())["ar"] = "استشارة قانونية";
  auto* team = spec->add_teams();
  team->set_key("legal-team");
  team->add_queues("legal");
  spec->add_teams()->set_key("empty-team");
  auto* hours = spec->add_hours();
  hours->set_key("office");
  for (int day = 1; day <= 5; ++day) {
    auto* span = hours->add_spans();
    span->set_weekday(day);
    span->set_start_minute(8 * 60);
    span->set_end_minute(16 * 60);
  }
  auto* channel = spec->add_channels();
  channel->set_key("web");
  channel->set_kind(v1::CHANNEL_WEBCHAT);
  channel->set_hours("office");
  channel->set_flow("welcome");
  AddUser(&configuration, kAmal, "Amal Haddad", "Amal", "legal-team");
  AddUser(&configuration, kRami, "Rami Khoury", "Rami", "legal-team");
  AddUser(&configuration, kLead, "Lina Saab", "Lina", "legal-team");
  AddUser(&configuration, kOtherLead, "Omar Aziz", "Omar", "empty-team");
  return configuration;
}

void Neighbours::Register(rpc::Registry& registry, bool with_flow) {
  Serve<GetConfigurationRequest, GetConfigurationResponse>(
      registry, "haven.internal.directory.v1.DirectoryInternalService/GetConfiguration",
      [this](const GetConfigurationRequest& request) -> absl::StatusOr<GetConfigurationResponse> {
        if (request.known_version() != configuration.version()) return configuration;
        GetConfigurationResponse same;
        same.set_version(configuration.version());
        return same;
      });
  Serve<routing::EnqueueRequest, routing::EnqueueResponse>(
      registry, "haven.internal.routing.v1.QueueService/Enqueue",
      [this](const routing::EnqueueRequest& request) -> absl::StatusOr<routing::EnqueueResponse> {
        if (!enqueue_status.ok()) return enqueue_status;
        enqueued.push_back(request);
        routing::EnqueueResponse response;
        response.set_epoch(request.epoch() + 1);
        return response;
      });
  Serve<routing::MarkLeftRequest, routing::MarkLeftResponse>(
      registry, "haven.internal.routing.v1.QueueService/MarkLeft",
      [this](const routing::MarkLeftRequest& request) -> absl::StatusOr<routing::MarkLeftResponse> {
        left.push_back(request);
        return routing::MarkLeftResponse();
      });
  Serve<routing::GetOwnerRequest, routing::GetOwnerResponse>(
      registry, "haven.internal.routing.v1.QueueService/GetOwner",
      [this](const routing::GetOwnerRequest& request) -> absl::StatusOr<routing::GetOwnerResponse> {
        ++owner_questions;
        const auto it = owners.find(request.contact_id());
        if (it != owners.end()) return it->second;
        return core::MakeError(absl::StatusCode::kNotFound, errors::v1::REASON_NOT_FOUND, "no such contact");
      });
  if (!with_flow) return;
  Serve<ivr::StepRequest, ivr::StepResponse>(
      registry, "haven.internal.ivr.v1.FlowService/Step",
      [this](const ivr::StepRequest& request) -> absl::StatusOr<ivr::StepResponse> {
        if (!step_status.ok()) return step_status;
        steps.push_back(request);
        if (request.start()) newest_contact[request.conversation_id()] = request.contact_id();
        return ivr::StepResponse();
      });
}

}  // namespace haven::channels::testing
