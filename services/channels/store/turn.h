#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/async/task.h"
#include "libs/core/deadline.h"
#include "libs/store/inbox.h"
#include "services/channels/domain/rules.h"
#include "services/channels/domain/types.h"
#include "services/channels/domain/visibility.h"
#include "services/channels/store/context.h"

namespace haven::channels {

// One transaction on one conversation, in two round trips: what is asked for before Read travels with the lock, what is
// written after it travels with the commit.
//   auto turn = co_await Turn::Begin(context, deadline);
//   turn->LockConversation(id);
//   if (auto status = co_await turn->Read(); !status.ok()) ...
//   turn->AddMessage(...);  co_await turn->Commit();
// Destroyed without Commit it leaves no trace.
class Turn {
 public:
  static async::Task<absl::StatusOr<Turn>> Begin(Context context, core::Deadline deadline);

  // One of these first. The conversation with its person and its open message contact, if any, ...
  void LockConversation(const ConversationId& id);
  // ... or a contact, open or ended, with its conversation and person.
  void LockContact(const ContactId& id);
  // A conversation that does not exist yet; needs no Read.
  void Create(Conversation conversation, Person person);

  // Also read: who has to do with the conversation; a message of an earlier call with this request id; whether the
  // visitor's token still stands; the title under which a choice was last offered; whether a hand-off's turn has come.
  void WithParticipations();
  void WithRequest(const std::string& request_id);
  void WithVisitor(const std::string& token_hash);
  void WithChoice(const std::string& choice_id);
  void WithInbox(const std::string& caller, const std::string& aggregate, std::int64_t sequence, std::int64_t previous);

  // NOT_FOUND if there is no such conversation or contact; UNAUTHENTICATED if the visitor's token has ended.
  async::Task<absl::Status> Read();

  const Conversation& conversation() const { return conversation_; }
  const Person& person() const { return person_; }
  const std::optional<Contact>& contact() const { return contact_; }
  const std::vector<Participation>& participations() const { return participations_; }
  const std::optional<Message>& earlier() const { return earlier_; }
  // The title of WithChoice; nullopt if it was never offered here.
  const std::optional<std::string>& choice_title() const { return choice_title_; }
  const store::InboxTurn& inbox() const { return *inbox_; }
  absl::Time now() const { return now_; }

  // Gives the message id, sequence, contact and time, and queues it. Returns it as stored.
  const Message& AddMessage(Message message);
  // A new message contact with the flow, epoch 1.
  void OpenContact(std::string language);
  // Changes what is stored of the contact at the commit.
  Contact& EditContact();
  void EndContact(EndReason reason, const UserId& by, std::int64_t handled_through);
  void SetPersonLanguage(const std::string& language);
  // True if it is news.
  bool MarkSeen(std::int64_t received, std::int64_t seen);
  void AddParticipation(const Participation& participation);
  void HandOff(std::string callee, std::string kind, std::string payload);  // for the contact
  // Applies an owner of the ledger to the contact, with the message that shows it. `name` is the agent's, for
  // colleagues and for the person. False if it is older than what is known.
  bool ApplyOwner(const Owner& owner, const std::string& agent_name, const std::string& public_name);
  void RecordInbox(std::string_view result) { inbox_->Record(tx_, result); }
  store::Transaction& tx() { return tx_; }

  // Writes everything. OK: durable; the watchers have been woken.
  async::Task<absl::Status> Commit();

 private:
  Turn(Context context, store::Transaction tx);
  void QueueWrites();
  void QueueEvents();

  Context context_;
  store::Transaction tx_;
  absl::Time now_;
  Conversation conversation_;
  Person person_;
  std::optional<Contact> contact_;
  std::vector<Participation> participations_;
  std::optional<Message> earlier_;
  std::optional<std::string> choice_title_;
  std::optional<store::InboxTurn> inbox_;

  store::Pending locked_, rest_;
  std::optional<store::Pending> ties_, request_, visitor_, choice_;
  std::vector<Message> added_;
  bool created_ = false, contact_opened_ = false, contact_changed_ = false;
  bool person_changed_ = false, seen_changed_ = false;
  std::int64_t handled_through_ = 0;
};

}  // namespace haven::channels
