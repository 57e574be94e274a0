#include <catch2/catch.hpp>
#include <stdexcept>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "libs/testing/redis_fixture.h"
#include "services/routing/testing/compare.h"

// The property test must be able to fail: each of these mistakes in a script is found by it.
namespace haven::routing::testing {
namespace {

struct Mutation {
  const char* what;
  const char* file;
  const char* from;
  const char* to;
};

const Mutation kMutations[] = {
    {"capacity is not checked", "agent", "(per[cap[1]] or 0) < cap[2]", "true"},
    {"exclusion is not checked", "agent", "ok = ok and not per[cap[j]]", "ok = ok"},
    {"agents are asked in another order", "agent_order", "held * 1e13 + idle_since", "held * 1e13 - idle_since"},
    {"an older row is applied", "project", "old and c.n < old.n", "false"},
    {"a row of the same sequence is applied again", "project", "old and c.n == old.n", "false"},
    {"another agent may accept", "accept_begin", " or c.ag ~= agent", ""},
    {"an old reservation may be accepted", "accept_begin", "c.rn ~= tonumber(ARGV[4]) or ", ""},
    {"an accept is undone by its deadline", "due", "if c and c.s == 'a' then", "if false then"},
    {"an agent who misses an offer stays available", "due", "'missed_offer', false", "'missed_offer', true"},
    {"the end of a hold matches nothing", "due",
     "if c.h then write('ZADD', DL, next_hold(c), item) end\n  match_contact(c)",
     "if c.h then write('ZADD', DL, next_hold(c), item) end"},
    {"relaxing keeps the lane", "due", "then c.l = c.st[1] end", "then end"},
    {"holds are ignored", "place", "h[i] == agent and h[i + 1] > NOW", "false"},
    {"contacts wait in the order of arrival alone", "place", "write('ZADD', P .. 'w:' .. c.l, c.sc, c.id)",
     "write('ZADD', P .. 'w:' .. c.l, c.at, c.id)"},
    {"an earlier head stays unknown", "place", "'LT', score", "'NX', score"},
    {"a returned offer keeps its slot", "place", "a.s[c.id] = nil\n    touch(a)", "touch(a)"},
    {"preferences wait for anybody", "place", "(c.pa or (a.on and a.rt))", "true"},
    {"the first head is taken for the best", "match", "bound > best.sc", "true"},
    {"nothing is offered behind a barred head", "match", "0, LOOK)", "0, 0)"},
    {"contacts for this very agent are forgotten", "match", "a.w[channel] = nil", "a.w = {}"},
    {"a wrap-up frees nothing", "wrap_up", "a.s[slot] = nil\n  a.idle = NOW", "a.idle = NOW"},
    {"an old lease is taken", "presence", "known and lease < known[1]", "false"},
    {"lanes of an older configuration are used", "transition", "not lane or lane.rv < revision", "not lane"},
    {"a new configuration moves nobody", "transition", "local moved = row.s", "local moved = false and row.s"},
    {"time goes back", "prelude", "raw < last or ", ""},
    {"time jumps", "prelude", " or raw - last > (tonumber(HUB[4]) or 10000)", ""},
    {"an agent on a break keeps its offers", "set_activity", "match_contacts(withdraw(a))", "match_agent(a)"},
    {"a lane's new profiles do not see it", "lane_upsert", "if head[1] then announce(lane, tonumber(head[2])) end", ""},
};

TEST_CASE("each seeded mistake is found") {
  haven::testing::RedisFixture server;
  Connection redis(server.target());
  for (const Mutation& mutation : kMutations) {
    bool changed = false;
    const Scripts mutated([&](std::string_view file, std::string text) {
      if (file != mutation.file) return text;
      if (text.find(mutation.from) == std::string::npos)
        throw std::logic_error(absl::StrCat("not there: ", mutation.from));
      changed = true;
      return absl::StrReplaceAll(text, {{mutation.from, mutation.to}});
    });
    REQUIRE(changed);
    RedisHub hub(redis, mutated, "m");
    bool found = false;
    for (std::uint32_t seed = 1; !found && seed <= 20; ++seed) {
      found = Compare(RandomHistory(seed, 1'000), hub, {.batch = 10}).has_value();
    }
    INFO(mutation.what);
    CHECK(found);
  }
}

}  // namespace
}  // namespace haven::routing::testing
