#include "services/routing/store/scripts.h"

#include "haven_routing_store_embedded.h"

namespace haven::routing {
namespace {

struct File {
  std::string_view name;
  const std::string_view& text;
};

// Shared files in the order in which they build on each other; a step takes those up to the one it names.
const File kShared[] = {
    {"prelude", kPreludeLua}, {"agent_order", kAgentOrderLua}, {"agent", kAgentLua},           {"place", kPlaceLua},
    {"match", kMatchLua},     {"wrap_up", kWrapUpLua},         {"transition", kTransitionLua},
};
enum Upto { kAgent = 3, kMatch = 5, kWrapUp = 6, kTransition = 7 };

struct Body {
  File file;
  Upto shared;
  const std::string_view* also = nullptr;
};

// In the order of Step.
const Body kBodies[] = {
    {{"accept_begin", kAcceptBeginLua}, kAgent},
    {{"accept_undo", kAcceptUndoLua}, kMatch},
    {{"agent_remove", kAgentRemoveLua}, kMatch},
    {{"agent_upsert", kAgentUpsertLua}, kMatch},
    {{"end_offer", kEndOfferLua}, kMatch},
    {{"generation", kGenerationLua}, kAgent},
    {{"lane_remove", kLaneRemoveLua}, kAgent},
    {{"lane_upsert", kLaneUpsertLua}, kMatch},
    {{"list_contacts", kListContactsLua}, kAgent},
    {{"presence", kPresenceLua}, kMatch},
    {{"project", kProjectLua}, kTransition},
    {{"read_agent", kReadAgentLua}, kWrapUp},
    {{"reconcile_lease", kReconcileLeaseLua}, kAgent},
    {{"set_activity", kSetActivityLua}, kMatch},
    {{"set_wrap_up", kSetWrapUpLua}, kWrapUp},
    {{"sweep_agent", kSweepAgentLua}, kWrapUp},
    {{"tick", kTickLua}, kWrapUp, &kDueLua},
};
static_assert(std::size(kBodies) == kSteps);

}  // namespace

Scripts::Scripts(const Edit& edit) {
  const auto text = [&](std::string_view name, std::string_view original) {
    return edit ? edit(name, std::string(original)) : std::string(original);
  };
  for (const Body& body : kBodies) {
    std::string shared;
    for (int i = 0; i < body.shared; ++i) shared += text(kShared[i].name, kShared[i].text);
    if (body.also != nullptr) shared += text("due", *body.also);
    scripts_.emplace_back(body.file.name, text(body.file.name, body.file.text), shared);
  }
}

}  // namespace haven::routing
