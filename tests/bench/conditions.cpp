// The conditions of the four shipped rules over ten thousand actions, evaluated by Chaser, by Lua 5.4 (a function a
// rule, an action a table) and by SQLite (four expressions over a table in memory), on one core, in turns in one run.
// Each has the facts at hand in its own form and counts the actions to which a rule applies; all three must count the
// same.

#include <fmt/format.h>
#include <sqlite3.h>

#include <array>
#include <memory>

#include <lua.hpp>

#include "bench/bench.h"
#include "bench/shipped.h"
#include "rulebook/condition.h"

namespace {

using namespace chaser;

constexpr std::size_t actions = 10'000;
constexpr std::size_t rules = 4;
constexpr int rounds = 20;  // over all actions, in one timing
constexpr int timings = 9;
using Counts = std::array<std::int64_t, rules>;

/// What the four conditions speak of.
struct Action {
  std::string kind;
  std::string status;
  bool unowned = false;
};

/// Seven in ten dated, two ongoing; a fifth done or cancelled; one in twenty without an owner.
std::vector<Action> plan() {
  constexpr std::array kinds{"dated", "dated", "dated", "dated",   "ongoing",
                             "dated", "dated", "dated", "ongoing", "unscheduled"};
  constexpr std::array statuses{"not_started", "in_progress", "done",        "in_progress", "blocked",    "not_started",
                                "in_progress", "not_started", "in_progress", "cancelled",   "in_progress"};
  std::vector<Action> plan;
  for (std::size_t i = 0; i < actions; ++i)
    plan.push_back({kinds[i % kinds.size()], statuses[i % statuses.size()], i % 20 == 7});
  return plan;
}

class Chaser {
 public:
  explicit Chaser(const std::vector<Action>& plan) : rulebook_(bench::shipped_rules()), facts_(plan.size()) {
    for (const char* name : {"deadline", "stalled", "reviews", "unowned"}) {
      const rulebook::Rule* const rule = rulebook_.find(name);
      if (rule == nullptr) bench::give_up(std::string("no shipped rule has the name ") + name);
      rules_.push_back(rule);
    }
    for (std::size_t i = 0; i < plan.size(); ++i) {
      using Kind = rulebook::FactValue::Kind;
      facts_[i][rulebook::Fact::action_kind] = {Kind::text, 0, plan[i].kind, {}};
      facts_[i][rulebook::Fact::action_status] = {Kind::text, 0, plan[i].status, {}};
      // Nothing was reviewed yet: the part of "reviews" that asks for it is Chaser's work alone here.
      facts_[i][rulebook::Fact::action_reviews] = {Kind::integer, 0, {}, {}};
      facts_[i][rulebook::Fact::action_unowned] = {Kind::boolean, plan[i].unowned ? 1 : 0, {}, {}};
    }
  }
  void count(Counts& counts) const {
    counts.fill(0);
    for (int round = 0; round < rounds; ++round) {
      for (const rulebook::Facts& facts : facts_) {
        for (std::size_t rule = 0; rule < rules; ++rule) {
          counts[rule] += rules_[rule]->when.evaluate(facts).value ? 1 : 0;
        }
      }
    }
  }

 private:
  rulebook::Rulebook rulebook_;
  std::vector<const rulebook::Rule*> rules_;  // of rulebook_
  std::vector<rulebook::Facts> facts_;
};

class Lua {
 public:
  explicit Lua(const std::vector<Action>& plan) : state_(luaL_newstate(), lua_close) {
    luaL_openlibs(state_.get());
    std::string script = "plan = {\n";
    for (const Action& action : plan) {
      script += fmt::format("{{kind='{}', status='{}', unowned={}}},\n", action.kind, action.status, action.unowned);
    }
    script += R"lua(}
      local open = {not_started = true, in_progress = true, blocked = true}
      local rules = {
        function(action) return action.kind == "dated" and open[action.status] end,
        function(action) return action.kind == "dated" and open[action.status] end,
        function(action) return action.kind == "ongoing" and open[action.status] end,
        function(action) return action.unowned and open[action.status] end,
      }
      function count(rounds)
        local deadline, stalled, reviews, unowned = table.unpack(rules)
        local a, b, c, d = 0, 0, 0, 0
        for _ = 1, rounds do
          for i = 1, #plan do
            local action = plan[i]
            if deadline(action) then a = a + 1 end
            if stalled(action) then b = b + 1 end
            if reviews(action) then c = c + 1 end
            if unowned(action) then d = d + 1 end
          end
        end
        return a, b, c, d
      end)lua";
    if (luaL_dostring(state_.get(), script.c_str()) != LUA_OK) bench::give_up(lua_tostring(state_.get(), -1));
  }
  void count(Counts& counts) const {
    lua_getglobal(state_.get(), "count");
    lua_pushinteger(state_.get(), rounds);
    constexpr int results = rules;
    if (lua_pcall(state_.get(), 1, results, 0) != LUA_OK) bench::give_up(lua_tostring(state_.get(), -1));
    for (int rule = 0; rule < results; ++rule) {
      counts[static_cast<std::size_t>(rule)] = lua_tointeger(state_.get(), rule - results);
    }
    lua_pop(state_.get(), results);
  }

 private:
  std::unique_ptr<lua_State, void (*)(lua_State*)> state_;
};

class Sqlite {
 public:
  explicit Sqlite(const std::vector<Action>& plan) {
    if (sqlite3_open(":memory:", &database_) != SQLITE_OK) bench::give_up("no database in memory");
    run("CREATE TABLE action (kind TEXT NOT NULL, status TEXT NOT NULL, unowned INTEGER NOT NULL); BEGIN");
    for (const Action& action : plan) {
      run(fmt::format("INSERT INTO action VALUES ('{}', '{}', {})", action.kind, action.status,
                      action.unowned ? 1 : 0));
    }
    run("COMMIT");
    constexpr const char* sql =
        "SELECT sum(kind = 'dated' AND status IN ('not_started', 'in_progress', 'blocked')),"
        " sum(kind = 'dated' AND status IN ('not_started', 'in_progress', 'blocked')),"
        " sum(kind = 'ongoing' AND status IN ('not_started', 'in_progress', 'blocked')),"
        " sum(unowned AND status IN ('not_started', 'in_progress', 'blocked')) FROM action";
    if (sqlite3_prepare_v2(database_, sql, -1, &counting_, nullptr) != SQLITE_OK)
      bench::give_up(sqlite3_errmsg(database_));
  }
  Sqlite(const Sqlite&) = delete;
  Sqlite& operator=(const Sqlite&) = delete;
  ~Sqlite() {
    sqlite3_finalize(counting_);
    sqlite3_close(database_);
  }
  void count(Counts& counts) const {
    counts.fill(0);
    for (int round = 0; round < rounds; ++round) {
      if (sqlite3_step(counting_) != SQLITE_ROW) bench::give_up(sqlite3_errmsg(database_));
      for (std::size_t rule = 0; rule < rules; ++rule)
        counts[rule] += sqlite3_column_int64(counting_, static_cast<int>(rule));
      sqlite3_reset(counting_);
    }
  }

 private:
  void run(const std::string& sql) {
    if (sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
      bench::give_up(sqlite3_errmsg(database_));
  }
  sqlite3* database_ = nullptr;
  sqlite3_stmt* counting_ = nullptr;
};

}  // namespace

int main() {
  const std::vector<Action> plan = ::plan();
  const Chaser chaser(plan);
  const Lua lua(plan);
  const Sqlite sqlite(plan);
  Counts by_chaser{};
  Counts by_lua{};
  Counts by_sqlite{};
  std::vector<double> chasers, luas, sqlites;
  for (int timing = 0; timing < timings; ++timing) {
    chasers.push_back(bench::cpu_seconds([&] { chaser.count(by_chaser); }));
    luas.push_back(bench::cpu_seconds([&] { lua.count(by_lua); }));
    sqlites.push_back(bench::cpu_seconds([&] { sqlite.count(by_sqlite); }));
    if (by_chaser != by_lua || by_chaser != by_sqlite) bench::give_up("the three do not find the same actions");
  }
  const auto rate = [](std::vector<double> took) {
    return actions * rules * rounds / bench::median(std::move(took)) / 1e6;
  };
  bench::print("conditions of the four shipped rules, one core: Chaser", rate(chasers), "M action-rules/s");
  bench::print("conditions of the four shipped rules, one core: Lua 5.4", rate(luas), "M action-rules/s");
  bench::print("conditions of the four shipped rules, one core: SQLite", rate(sqlites), "M action-rules/s");
  bench::print("conditions: Chaser / Lua 5.4", rate(chasers) / rate(luas), "x");
  bench::print("conditions: Chaser / SQLite", rate(chasers) / rate(sqlites), "x");
  return 0;
}
