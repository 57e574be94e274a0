#include "libs/text/language.h"
#include "services/channels/api/arrival.h"
#include "services/channels/api/contact_api.h"

namespace haven::channels {

async::Task<absl::StatusOr<wire::ApplyFlowStepResponse>> ContactApi::ApplyFlowStep(rpc::CallPtr call,
                                                                                   wire::ApplyFlowStepRequest request) {
  Input input;
  FlowStep step;
  step.arrival = ArrivalOf(request.handoff(), &input);
  step.contact = ContactId(input.Uuid("contactId", request.contact_id()));
  step.epoch = request.epoch();
  for (const auto& said : request.says()) {
    FlowSay say;
    say.text = input.Text("says.text", said.text(), 1, kMostAgentCharacters);
    for (const auto& choice : said.choices()) say.choices.push_back({choice.id(), choice.title()});
    step.says.push_back(std::move(say));
  }
  input.Require(request.language().empty() || text::IsLanguageTag(request.language()), "language",
                "must be a BCP 47 tag");
  step.language = request.language();
  step.subject = request.subject();
  step.end = request.end();
  step.handled_through = request.handled_through();
  if (auto status = input.status(); !status.ok()) co_return status;
  const auto said = static_cast<double>(step.says.size());
  auto status = co_await channels::ApplyFlowStep(service_.context, call->deadline(), std::move(step));
  if (!status.ok()) co_return status;
  service_.metrics->messages.With({"flow"}).Add(said);
  co_return wire::ApplyFlowStepResponse();
}

}  // namespace haven::channels
