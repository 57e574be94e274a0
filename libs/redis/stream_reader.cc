#include "libs/redis/stream_reader.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/redis/channel.h"
#include "libs/redis/dial.h"
#include "libs/redis/errors.h"
#include "libs/redis/resp.h"

namespace haven::redis {
namespace {

// A blocking read ends this long before the caller's deadline, so that its empty reply arrives in time.
constexpr auto kMargin = std::chrono::milliseconds(5);

bool ParseNumber(std::string_view text, std::uint64_t& out) {
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), out);
  return !text.empty() && parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
}

// The value after `key` in a flat array of names and values; null if there is none.
const Value* Field(const Value& map, std::string_view key) {
  for (std::size_t i = 0; i + 1 < map.items.size(); i += 2) {
    if (map.items[i].text == key) return &map.items[i + 1];
  }
  return nullptr;
}

absl::Status Odd() {
  return absl::InternalError("Redis: a stream's reply of unknown shape");
}

absl::StatusOr<StreamEntry> ToEntry(Value& value) {
  if (value.items.size() != 2) return Odd();
  const auto id = StreamId::Parse(value.items[0].text);
  auto& fields = value.items[1].items;
  if (!id || fields.size() % 2 != 0) return Odd();
  StreamEntry entry;
  entry.id = *id;
  entry.fields.reserve(fields.size() / 2);
  for (std::size_t i = 0; i < fields.size(); i += 2) {
    entry.fields.emplace_back(std::move(fields[i].text), std::move(fields[i + 1].text));
  }
  return entry;
}

// The reply of XREAD for one stream: [[name, [entry...]]], or nil.
absl::StatusOr<std::vector<StreamEntry>> ToEntries(Value& value) {
  std::vector<StreamEntry> out;
  if (value.IsNil()) return out;
  if (value.items.size() != 1 || value.items[0].items.size() != 2) return Odd();
  auto& entries = value.items[0].items[1].items;
  out.reserve(entries.size());
  for (auto& item : entries) {
    auto entry = ToEntry(item);
    if (!entry.ok()) return entry.status();
    out.push_back(*std::move(entry));
  }
  return out;
}

// What XINFO STREAM says, as far as gaps are concerned.
struct Extent {
  bool exists = false;
  StreamId last;                  // newest id ever given
  std::optional<StreamId> first;  // oldest entry still there
  bool never_trimmed = false;
};

absl::StatusOr<Extent> ToExtent(const Value& info) {
  Extent extent;
  if (info.IsError()) {
    if (info.text.find("no such key") != std::string::npos) return extent;
    return FromErrorReply(info.text);
  }
  const auto* length = Field(info, "length");
  const auto* last = Field(info, "last-generated-id");
  const auto* first = Field(info, "first-entry");
  const auto* added = Field(info, "entries-added");
  const auto last_id = last != nullptr ? StreamId::Parse(last->text) : std::nullopt;
  if (length == nullptr || first == nullptr || !last_id) return Odd();
  extent.exists = true;
  extent.last = *last_id;
  if (!first->items.empty()) extent.first = StreamId::Parse(first->items[0].text);
  extent.never_trimmed = added != nullptr && added->integer == length->integer;
  return extent;
}

// True if entries after `id` may once have been there and are no more, or if `id` is of another life of the stream.
bool Gap(const Extent& extent, const StreamId& id) {
  const bool from_start = id == StreamId();
  if (!extent.exists) return !from_start;
  if (id > extent.last) return true;
  if (!extent.first) return id < extent.last;
  return id < *extent.first && !(from_start && extent.never_trimmed);
}

}  // namespace

std::string StreamId::ToString() const {
  return absl::StrCat(ms, "-", seq);
}

std::optional<StreamId> StreamId::Parse(std::string_view text) {
  const auto dash = text.find('-');
  StreamId id;
  if (dash == std::string_view::npos || !ParseNumber(text.substr(0, dash), id.ms) ||
      !ParseNumber(text.substr(dash + 1), id.seq)) {
    return std::nullopt;
  }
  return id;
}

std::string StreamCursor::ToString() const {
  return absl::StrCat(generation, "@", id.ToString());
}

std::optional<StreamCursor> StreamCursor::Parse(std::string_view text) {
  const auto at = text.rfind('@');
  if (at == std::string_view::npos) return std::nullopt;
  const auto id = StreamId::Parse(text.substr(at + 1));
  if (!id) return std::nullopt;
  return StreamCursor{std::string(text.substr(0, at)), *id};
}

class StreamReader::Impl {
 public:
  Impl(boost::asio::any_io_executor executor, StreamReaderOptions options, Target target)
      : options_(std::move(options)),
        dialer_(std::make_shared<Dialer>(std::move(executor), options_.redis, std::move(target))) {}

  static async::Task<absl::StatusOr<StreamCursor>> Tail(std::shared_ptr<Impl> self, core::Deadline deadline) {
    auto look = co_await self->Look(deadline, StreamId(), 0);
    if (!look.ok()) co_return look.status();
    StreamCursor cursor;
    cursor.generation = std::move(look->generation);
    cursor.id = look->extent.last;
    co_return cursor;
  }

  static async::Task<absl::StatusOr<std::vector<StreamEntry>>> Read(std::shared_ptr<Impl> self, core::Deadline deadline,
                                                                    StreamCursor cursor, std::size_t count) {
    do {
      auto look = co_await self->Look(deadline, cursor.id, count);
      if (!look.ok()) co_return look.status();
      if (look->generation != cursor.generation)
        co_return absl::OutOfRangeError("the stream was flushed or its server replaced");
      if (Gap(look->extent, cursor.id)) co_return absl::OutOfRangeError("entries after the cursor are gone");
      if (!look->entries.empty()) co_return std::move(look->entries);
      const auto blocked = co_await self->Block(deadline, cursor.id);
      if (!blocked.ok()) co_return blocked;
    } while (deadline.Remaining() > kMargin);
    co_return std::vector<StreamEntry>();
  }

  void Close() {
    closed_ = true;
    dialer_->Close();
    if (channel_) channel_->Close();
  }

 private:
  // One consistent view of generation, extent and entries.
  struct View {
    std::string generation;
    Extent extent;
    std::vector<StreamEntry> entries;
  };

  async::Task<absl::Status> Ensure(core::Deadline deadline) {
    if (closed_) co_return Unavailable("closed", Outcome::kNone);
    if (channel_ && channel_->IsOpen()) co_return absl::OkStatus();
    channel_ = nullptr;
    auto dialed = co_await dialer_->Dial(deadline.AtMost(options_.redis.connect_timeout));
    if (!dialed.ok()) co_return dialed.status();
    channel_ = std::move(dialed->channel);
    run_id_ = std::move(dialed->run_id);
    co_return absl::OkStatus();
  }

  // Commands between MULTI and EXEC: what they tell belongs together, or a trim between two of them would be a silent
  // gap.
  async::Task<absl::StatusOr<View>> Look(core::Deadline deadline, StreamId after, std::size_t count) {
    const auto ready = co_await Ensure(deadline);
    if (!ready.ok()) co_return ready;
    std::vector<std::vector<std::string>> commands{{"MULTI"}, {"XINFO", "STREAM", options_.stream}};
    if (!options_.generation_key.empty()) commands.push_back({"GET", options_.generation_key});
    if (count > 0)
      commands.push_back({"XREAD", "COUNT", absl::StrCat(count), "STREAMS", options_.stream, after.ToString()});
    commands.push_back({"EXEC"});
    std::string request;
    for (const auto& command : commands) AppendCommand(request, command);
    auto replies =
        co_await channel_->Exchange(deadline.AtMost(options_.redis.stall_timeout), std::move(request), commands.size());
    if (!replies.ok()) co_return replies.status();
    auto view = ToView(replies->back(), count > 0);
    if (!view.ok()) channel_->Close();
    co_return view;
  }

  absl::StatusOr<View> ToView(Value& exec, bool with_entries) {
    if (exec.IsError()) return FromErrorReply(exec.text);
    const bool keyed = !options_.generation_key.empty();
    const std::size_t expected = 1 + (keyed ? 1 : 0) + (with_entries ? 1 : 0);
    if (exec.items.size() != expected) return Odd();
    View view;
    view.generation = run_id_;
    auto extent = ToExtent(exec.items[0]);
    if (!extent.ok()) return extent.status();
    view.extent = *extent;
    if (keyed) {
      if (exec.items[1].IsError()) return FromErrorReply(exec.items[1].text);
      absl::StrAppend(&view.generation, "/", exec.items[1].text);
    }
    if (with_entries) {
      auto& read = exec.items.back();
      if (read.IsError()) return FromErrorReply(read.text);
      auto entries = ToEntries(read);
      if (!entries.ok()) return entries.status();
      view.entries = *std::move(entries);
    }
    return view;
  }

  // Waits for an entry, a slice of time, or nearly the deadline. What is read is read again by Look.
  async::Task<absl::Status> Block(core::Deadline deadline, StreamId after) {
    const auto room = std::chrono::duration_cast<std::chrono::milliseconds>(deadline.Remaining() - kMargin);
    const auto block = std::min(room, options_.block_slice);
    if (block.count() < 1) co_return absl::OkStatus();  // BLOCK 0 would be for ever
    std::vector<std::string> command{"XREAD",   "COUNT",        "1", "BLOCK", absl::StrCat(block.count()),
                                     "STREAMS", options_.stream};
    command.push_back(after.ToString());
    std::string request;
    AppendCommand(request, command);
    const auto limit = core::Deadline::After(block + options_.redis.stall_timeout);
    auto replies = co_await channel_->Exchange(limit, std::move(request), 1);
    if (!replies.ok()) co_return replies.status();
    if (!replies->front().IsError()) co_return absl::OkStatus();
    channel_->Close();
    co_return FromErrorReply(replies->front().text);
  }

  const StreamReaderOptions options_;
  std::shared_ptr<Dialer> dialer_;
  std::shared_ptr<Channel> channel_;
  std::string run_id_;
  bool closed_ = false;
};

std::unique_ptr<StreamReader> StreamReader::Create(boost::asio::any_io_executor executor, StreamReaderOptions options) {
  auto target = ParseTarget(options.redis.target);
  if (!target.ok()) return nullptr;
  auto impl = std::make_shared<Impl>(std::move(executor), std::move(options), *std::move(target));
  return std::unique_ptr<StreamReader>(new StreamReader(std::move(impl)));
}

StreamReader::StreamReader(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
StreamReader::~StreamReader() {
  Close();
}

async::Task<absl::StatusOr<StreamCursor>> StreamReader::Tail(core::Deadline deadline) {
  return Impl::Tail(impl_, deadline);
}

async::Task<absl::StatusOr<std::vector<StreamEntry>>> StreamReader::Read(core::Deadline deadline, StreamCursor cursor,
                                                                         std::size_t count) {
  return Impl::Read(impl_, deadline, std::move(cursor), std::max<std::size_t>(count, 1));
}

void StreamReader::Close() {
  impl_->Close();
}

}  // namespace haven::redis
