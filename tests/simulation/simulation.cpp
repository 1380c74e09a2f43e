#include "simulation/simulation.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <stdexcept>

#include "simulation/arrivals.h"
#include "simulation/invariants.h"
#include "simulation/life.h"
#include "simulation/lines.h"
#include "simulation/people.h"
#include "store/store.h"

namespace chaser::simulation {

namespace {

constexpr int turns_most = 20'000;  // at one instant: more is a service that never rests

class Folder {
 public:
  explicit Folder(const std::string& keep) : keeps_(!keep.empty()) {
    std::error_code ignored;
    const std::filesystem::path memory = "/dev/shm";
    const auto base = std::filesystem::is_directory(memory, ignored) ? memory : std::filesystem::temp_directory_path();
    path_ = keeps_ ? keep : (base / "chaser-sim-XXXXXX").string();
    if (keeps_) {
      std::filesystem::create_directories(path_);
    } else if (mkdtemp(path_.data()) == nullptr) {
      throw std::runtime_error("no temporary folder");
    }
  }
  ~Folder() {
    std::error_code ignored;
    if (!keeps_) std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }

 private:
  bool keeps_;
  std::string path_;
};

/// The service's own log has nothing to say to a test: it speaks of every refusal and every failed commit.
class Quiet {
 public:
  Quiet() : kept_(::dup(STDERR_FILENO)) {
    const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    ::dup2(nowhere, STDERR_FILENO);
    ::close(nowhere);
  }
  ~Quiet() {
    ::dup2(kept_, STDERR_FILENO);
    ::close(kept_);
  }
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;

 private:
  int kept_;
};

class Run {
 public:
  Run(std::uint64_t seed, const Options& options)
      : options_(options),
        mood_(mood_of(seed)),
        dice_(seed),
        first_day_(CivilDay(2026, 1, 1) + dice_.below(1200)),
        days_(mood_ == Mood::wild ? dice_.between(400, 900) : dice_.between(300, 700)),
        county_(mood_, dice_, first_day_),
        london_(zone("Europe/London")),
        folder_(options.keep),
        office_(time_, crashes_, dice_),
        watch_(county_, time_, folder_.path()) {
    report_.seed = seed;
    report_.mood = mood_;
    start_ = absl::FromCivil(absl::CivilHour(first_day_) + 5, london_);
    time_.wall = start_;
    office_.on_arrival([this](const Arrival& arrival) { watch_.arrived(arrival, *life_); });
    sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, static_cast<int>(seed % 2'000'000'000 + 1), nullptr);
  }

  Report live() {
    plan_events();
    files_ = county_.files();
    begin_life();
    live_until(absl::Hours(24) * days_);
    if (mood_ == Mood::wild) heal();
    finish();
    return std::move(report_);
  }

 private:
  static calendar::Zone zone(const char* name) {
    calendar::Zone found;
    if (!absl::LoadTimeZone(name, &found)) throw std::runtime_error("no time zones here");
    return found;
  }
  void say(const std::string& line) const {
    if (options_.verbose) fmt::print("{}  {}\n", absl::FormatTime("%Y-%m-%d %H:%M", time_.wall, london_), line);
  }

  // --- inputs
  // ---------------------------------------------------------------------------------------------------------

  std::expected<std::string, std::string> read(const std::string& path) const {
    const auto found = files_.find(path);
    if (found == files_.end()) return std::unexpected("no such file");
    return found->second;
  }
  app::Inputs fresh_inputs() {
    documents::Problems problems;
    app::LoadOptions options;
    options.config = "/county/chaser.yaml";
    options.state_directory = folder_.path();
    auto inputs = app::load_inputs(options, [this](const std::string& path) { return read(path); }, problems);
    if (!inputs || problems.has_errors()) {
      std::string all;
      for (const auto& problem : problems.sorted()) all += documents::describe(problem) + "\n";
      throw std::logic_error("the county's files do not load:\n" + all);
    }
    return *std::move(inputs);
  }

  // --- lives
  // ----------------------------------------------------------------------------------------------------------

  void arm_crash() {
    crashes_.disarm();
    const int per_mille = crash_share_;
    if (per_mille == 0) return;
    const int commits = dice_.between(1, 2 * 1000 / per_mille);
    crashes_.arm(commits, dice_.chance(500) ? Crashes::Where::before : Crashes::Where::after);
  }

  void begin_life() {
    for (int tries = 0; tries < 50; ++tries) {
      life_.reset();
      crashes_.revive();
      arm_crash();
      try {
        life_ = std::make_unique<Life>(
            fresh_inputs(), [this](const std::string& path) { return read(path); }, folder_.path(), time_, office_);
        if (!crashes_.is_dead()) return;
      } catch (const store::StoreError&) {
        if (!crashes_.is_dead()) throw;
      }
      say("died while starting");
    }
    throw std::logic_error("it does not start");
  }

  /// Does something on the service's behalf as often as it takes to survive it.
  template <typename Do>
  void survive(Do act) {
    if (mood_ == Mood::calm) crashes_.disarm();
    for (int tries = 0; tries < 50; ++tries) {
      if (crashes_.is_dead() || !life_) begin_life();
      if (mood_ == Mood::calm) crashes_.disarm();
      try {
        act(*life_);
        if (!crashes_.is_dead()) {
          if (mood_ == Mood::calm) arm_crash();
          return;
        }
      } catch (const store::StoreError& error) {
        if (!crashes_.is_dead() && error.fault() != store::StoreFault::bug) throw;
      }
    }
    throw std::logic_error("it does not survive an answer");
  }

  void settle() {
    if (!life_) return;
    for (int turns = 0;; ++turns) {
      if (turns > turns_most) throw std::logic_error("the service never rests");
      if (fail_share_ > 0 && dice_.chance(fail_share_)) crashes_.fail_once();
      bool more = false;
      try {
        watch_.turns(time_.wall);
        more = life_->turn();
      } catch (const store::StoreError& error) {
        if (!crashes_.is_dead()) {
          if (error.fault() != store::StoreFault::bug) throw;
          time_.pass(absl::Seconds(30));  // what the service waits after a failure of the environment
          more = true;
        }
      }
      crashes_.fail_never();
      if (crashes_.is_dead()) {
        say("died");
        begin_life();
        more = true;
      }
      if (!more) return;
    }
  }

  void live_until(absl::Duration end) {
    settle();
    while (true) {
      absl::Duration step = end - time_.since_boot;
      if (!events_.empty()) step = std::min(step, events_.begin()->first.first - time_.since_boot);
      if (life_) {
        const auto next = life_->next_event();
        const absl::Duration rest = life_->is_clock_held() ? absl::Hours(1) : absl::ZeroDuration();
        if (next) step = std::min(step, std::max(*next - time_.wall, rest));
      }
      time_.pass(std::max(step, absl::ZeroDuration()));
      if (time_.since_boot >= end) return;
      while (!events_.empty() && events_.begin()->first.first <= time_.since_boot) {
        const auto happens = std::move(events_.begin()->second);
        events_.erase(events_.begin());
        happens();
      }
      settle();
    }
  }

  // --- what happens
  // ---------------------------------------------------------------------------------------------------

  void at(absl::Duration when, std::function<void()> happens) {
    events_.emplace(std::pair(when, event_count_++), std::move(happens));
  }
  /// Some minute of some working hour of some day of the run.
  absl::Duration some_time() {
    const CivilDay day = first_day_ + dice_.between(1, days_ - 2);
    const absl::CivilMinute minute(day.year(), day.month(), day.day(), dice_.between(8, 17), dice_.between(1, 58));
    return absl::FromCivil(minute, london_) - start_;
  }

  void plan_events() {
    const bool is_wild = mood_ == Mood::wild;
    crash_share_ = dice_.chance(500) ? 0 : is_wild ? dice_.between(1, 12) : dice_.between(5, 80);
    for (std::size_t p = 0; p < county_.plans.size(); ++p) {
      for (std::size_t i = 0; i < county_.plans[p].promises.size(); ++i) {
        const int count = dice_.below(is_wild ? 7 : 4);
        for (int n = 0; n < count; ++n) at(some_time(), [this, p, i] { somebody_answers(p, i); });
        if (dice_.chance(is_wild ? 500 : 250)) at(some_time(), [this, p, i] { a_date_moves(p, i); });
        if (dice_.chance(is_wild ? 400 : 150)) at(some_time(), [this, p, i] { a_status_changes(p, i); });
        if (is_wild && dice_.chance(250)) at(some_time(), [this, p, i] { an_owner_changes(p, i); });
        if (is_wild && dice_.chance(120)) at(some_time(), [this, p, i] { a_promise_goes_or_comes(p, i); });
      }
    }
    for (int n = dice_.below(3); n > 0; --n) at(some_time(), [this] { it_is_down(); });
    if (is_wild) plan_mischief();
  }

  void plan_mischief() {
    fail_share_ = dice_.chance(500) ? 0 : dice_.between(1, 4);
    for (int n = dice_.between(1, 6); n > 0; --n) at(some_time(), [this] { the_weather_changes(); });
    for (int n = dice_.below(4); n > 0; --n) at(some_time(), [this] { somebody_stops_it(); });
    for (int n = dice_.below(3); n > 0; --n) at(some_time(), [this] { the_rules_are_edited(); });
    for (int n = dice_.below(3); n > 0; --n) at(some_time(), [this] { a_holiday_is_given(); });
    for (int n = dice_.below(3); n > 0; --n) at(some_time(), [this] { somebody_is_away(); });
    if (dice_.chance(400)) at(some_time(), [this] { somebody_leaves(); });
    for (int n = dice_.below(4); n > 0; --n) at(some_time(), [this] { the_clock_jumps(); });
    for (int n = dice_.below(3); n > 0; --n) at(some_time(), [this] { the_machine_sleeps(); });
    for (int n = dice_.between(1, 3); n > 0; --n) at(some_time(), [this] { it_is_reconciled(); });
    for (int n = dice_.between(1, 4); n > 0; --n) at(some_time(), [this] { a_person_looks_at_the_outbox(); });
  }

  Promise& promise(std::size_t p, std::size_t i) { return county_.plans[p].promises[i]; }

  void record(const Promise& of, json event) {
    event["at"] = absl::FormatTime("%Y-%m-%dT%H:%M", time_.wall, london_);
    event["action"] = of.id;
    scenario_events_.push_back(std::move(event));
  }

  void somebody_answers(std::size_t p, std::size_t i) {
    const Promise& of = promise(p, i);
    const std::vector<std::string> leads = county_.leads_of(of);
    if (of.dropped || leads.empty()) return;
    const std::string lead = dice_.pick(leads);
    const CivilDay today = calendar::day_of(time_.wall, london_);
    const Said said = something_said(county_, county_.plans[p], of, lead, mood_, dice_, today);
    tell(of, said);
    if (said.asks_for_a_word() && !dice_.chance(150)) a_word_is_given(of, said);
  }

  void tell(const Promise& of, const Said& said) {
    if (!life_) return;  // nobody listens
    ++report_.answers;
    survive([&](Life& life) {
      say(fmt::format("{} {} {}: {}", said.event.at("party").get<std::string>(), said.request.words[1], of.id,
                      one_line(life.ask(said.request))));
    });
    record(of, said.event);
  }

  /// Within hours, days, or weeks: by who was asked.
  void a_word_is_given(const Promise& of, const Said& asked) {
    const bool is_kept = asked.event.at("response") == "delegate" && mood_ == Mood::calm;
    const Said word = word_about(asked, dice_.chance(is_kept ? 150 : 550));
    const absl::Duration wait = absl::Hours(24 * dice_.between(0, 14)) + absl::Minutes(dice_.between(30, 200));
    at(time_.since_boot + wait, [this, &of, word] {
      if (!of.dropped) tell(of, word);
    });
  }
  static std::string one_line(const app::WriteAnswer& answer) {
    std::string text = answer.out + answer.err;
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
  }

  void import(std::size_t p) {
    app::WriteRequest request;
    request.verb = "plan import";
    request.options = {{"--plan", county_.plans[p].id}, {"--apply", ""}};
    request.text = county_.document(county_.plans[p]);
    files_["/county/" + county_.plans[p].id + ".txt"] = request.text;
    ++report_.changes;
    survive([&](Life& life) {
      const app::WriteAnswer answer = life.ask(request);
      if (answer.exit == app::Exit::environment) return;
      if (answer.exit != app::Exit::fine) throw std::logic_error("the plan is not taken: " + answer.err);
    });
  }

  void a_date_moves(std::size_t p, std::size_t i) {
    Promise& of = promise(p, i);
    if (of.dropped || of.kind != "dated" || of.precision != "day" || !life_) return;
    const CivilDay today = calendar::day_of(time_.wall, london_);
    const int least = mood_ == Mood::wild ? -40 : 15;
    const CivilDay due = std::max(*of.due + dice_.between(-60, 200), today + least);
    if (due == *of.due) return;
    date_promise(of, "day", due);
    say(of.id + " is due " + calendar::iso_day(due));
    import(p);
    record(of, {{"response", "redate"}, {"due", calendar::iso_day(due)}, {"start", calendar::iso_day(due)}});
  }

  void a_status_changes(std::size_t p, std::size_t i) {
    static const std::vector<std::string> statuses{"in_progress", "blocked", "not_started", "cancelled", "done"};
    Promise& of = promise(p, i);
    const std::string status = dice_.pick(statuses);
    if (of.dropped || of.status == status || !life_) return;
    of.status = status;
    say(of.id + " is " + status);
    import(p);
    record(of, {{"response", "status"}, {"value", status}});
  }

  void it_is_down() {
    if (!life_) return;
    const absl::Duration length = absl::Hours(dice_.between(2, 24 * 18));
    if (time_.since_boot + length > absl::Hours(24) * (days_ - 2)) return;
    say("down");
    life_.reset();
    const Instant from = time_.wall;
    at(time_.since_boot + length, [this, from] {
      say("up");
      begin_life();
      downs_.push_back({local_minute(from), local_minute(time_.wall)});
    });
  }
  std::string local_minute(Instant when) const { return absl::FormatTime("%Y-%m-%dT%H:%M", when, london_); }

  // --- wild things
  // ----------------------------------------------------------------------------------------------------

  void the_weather_changes() {
    Weather weather;
    if (dice_.chance(700)) {
      const int bad = dice_.chance(200) ? 200 : 25;
      weather = {dice_.below(bad),     dice_.below(bad), dice_.below(bad / 2), dice_.below(bad / 2),
                 dice_.below(bad / 2), dice_.below(bad), dice_.below(bad / 2), dice_.below(bad / 2)};
    }
    // Nothing gets through, for hours or days: each letter is refused, or nobody is there to take the first.
    if (dice_.chance(250)) (dice_.chance(500) ? weather.refused_now : weather.broken) = 1000;
    if (weather.refused_now == 1000 || weather.broken == 1000) {
      at(time_.since_boot + absl::Hours(dice_.between(2, 24 * 6)), [this] { office_.set_weather({}); });
    }
    say("another weather");
    office_.set_weather(weather);
  }

  void take_edits() {
    files_ = county_.files();
    ++report_.changes;
    if (life_) survive([&](Life& life) { life.reload(fresh_inputs()); });
  }

  void somebody_stops_it() {
    if (!life_) return;
    static const std::vector<std::string> what{"", "plan:plan-1", "rule:deadline", "party:head-1"};
    const std::string word = dice_.pick(what);
    app::WriteRequest request;
    request.verb = "stop";
    if (!word.empty()) request.words = {word};
    survive([&](Life& life) { life.ask(request); });
    say("stop " + word);
    watch_.stopped(word, true);
    ++report_.changes;
    at(time_.since_boot + absl::Hours(dice_.between(1, 24 * 25)), [this, word] { it_is_released(word); });
  }
  void it_is_released(const std::string& word) {
    if (!life_) {
      at(time_.since_boot + absl::Hours(24), [this, word] { it_is_released(word); });
      return;
    }
    app::WriteRequest request;
    request.verb = "release";
    request.words = {"stop"};
    if (!word.empty()) request.words.push_back(word);
    watch_.stopped(word, false);
    say("released " + word);
    survive([&](Life& life) { life.ask(request); });
  }

  void the_rules_are_edited() {
    ++county_.edition;
    json& last = county_.rules["rules"][0]["steps"].back();
    last["at"] = fmt::format("+{}wd", std::stoi(last["at"].get<std::string>()) + dice_.below(6));
    say("the rules are edited");
    take_edits();
    if (!life_ || !dice_.chance(600)) return;
    app::WriteRequest request;
    request.verb = "rules migrate";
    request.options["--apply"] = "";
    survive([&](Life& life) { life.ask(request); });
  }

  void a_holiday_is_given() {
    CivilDay day = calendar::day_of(time_.wall, london_) + dice_.between(3, 60);
    if (std::find(county_.added_holidays.begin(), county_.added_holidays.end(), day) != county_.added_holidays.end())
      return;
    say("a holiday on " + calendar::iso_day(day));
    county_.added_holidays.push_back(day);
    take_edits();
  }

  void somebody_is_away() {
    Person& person = county_.people[static_cast<std::size_t>(dice_.below(static_cast<int>(county_.people.size())))];
    if (!person.members.empty()) return;
    const CivilDay from = calendar::day_of(time_.wall, london_) + dice_.between(0, 20);
    say(person.id + " is away");
    if (!person.absences.empty() && person.absences.back().second >= from) return;
    person.absences.emplace_back(from, from + dice_.between(3, 25));
    take_edits();
  }

  void somebody_leaves() {
    Person& person = county_.person("lead-2");
    if (person.has_left || !life_) return;
    person.has_left = true;
    say("lead-2 leaves");
    take_edits();
    at(time_.since_boot + absl::Hours(24 * dice_.between(1, 30)), [this] {
      if (!life_) return;
      app::WriteRequest request;
      request.verb = "erase";
      request.words = {"lead-2", "Office lead-2"};
      survive([&](Life& life) { say(one_line(life.ask(request))); });
    });
  }

  void an_owner_changes(std::size_t p, std::size_t i) {
    Promise& of = promise(p, i);
    if (of.dropped || !life_) return;
    of.owners = {fmt::format("lead-{}", dice_.between(1, 3))};
    say(of.id + " goes to " + of.owners[0]);
    import(p);
  }

  void a_promise_goes_or_comes(std::size_t p, std::size_t i) {
    if (!life_) return;
    Promise& of = promise(p, i);
    const auto kept = std::count_if(county_.plans[p].promises.begin(), county_.plans[p].promises.end(),
                                    [](const Promise& one) { return !one.dropped; });
    if (!of.dropped && kept < 2) return;
    of.dropped = !of.dropped;
    say(of.id + (of.dropped ? " is dropped" : " comes back"));
    import(p);
    if (of.dropped) at(time_.since_boot + absl::Hours(24 * dice_.between(5, 200)), [this, p, i] { comes_back(p, i); });
  }
  void comes_back(std::size_t p, std::size_t i) {
    if (promise(p, i).dropped) a_promise_goes_or_comes(p, i);
  }

  /// The wall clock alone: an hour or days, on or back; who looks after it puts it right or says that it is.
  void the_clock_jumps() {
    const absl::Duration by =
        dice_.chance(500) ? absl::Minutes(dice_.between(-300, 300)) : absl::Hours(dice_.between(-60, 24 * 60));
    time_.wall += by;
    say("the clock jumped by " + absl::FormatDuration(by));
    // Put right within hours; else the operator says, sooner or later, that it is right as it is.
    at(time_.since_boot + absl::Hours(dice_.between(1, 30)), [this, by] {
      time_.wall -= by;
      say("the clock is put right");
      at(time_.since_boot + absl::Hours(dice_.between(1, 30)), [this] { the_clock_is_let_go(); });
    });
  }

  void the_clock_is_let_go() {
    if (!life_ || !life_->is_clock_held()) return;
    app::WriteRequest request;
    request.verb = "release";
    request.words = {"clock"};
    survive([&](Life& life) { life.ask(request); });
  }

  void the_machine_sleeps() { time_.pass(absl::Hours(dice_.between(1, 24 * 6))); }

  void it_is_reconciled() {
    if (!life_) return;
    settle();
    survive([&](Life& life) {
      const std::size_t missing = life.store().reconcile(life.engine().world(), time_.wall);
      if (missing > 0) report_.violations.push_back(fmt::format("reconciling found {} missing", missing));
    });
  }

  void a_person_looks_at_the_outbox() {
    if (!life_) return;
    survive([&](Life& life) {
      for (const store::OutboxMessage& message : life.store().outbox(100, true)) {
        if (message.state != store::MessageState::needs_attention) continue;
        app::WriteRequest request;
        const bool again = dice_.chance(500);
        request.verb = again ? "outbox retry" : "outbox drop";
        request.words = {std::to_string(message.row)};
        if (again) watch_.tried_by_hand();
        life.ask(request);
      }
    });
  }

  // --- the end
  // --------------------------------------------------------------------------------------------------------

  /// Everything works again: what is still to be told must get through.
  void heal() {
    events_.clear();
    crash_share_ = fail_share_ = 0;
    crashes_.disarm();
    office_.set_weather({});
    time_.wall = std::max(time_.wall, start_ + time_.since_boot);
    if (!life_) begin_life();
    survive([&](Life& life) {
      for (const char* what : {"stop", "freeze", "clock"}) {
        app::WriteRequest request;
        request.verb = "release";
        request.words = {what};
        life.ask(request);
      }
    });
    watch_.release_all();
    live_until(time_.since_boot + absl::Hours(24 * 12));
  }

  void finish() {
    if (!life_) begin_life();
    crashes_.disarm();
    settle();
    const Findings findings =
        check_everything(*life_, county_, office_, time_.wall, mood_ == Mood::calm, folder_.path());
    report_.head = life_->store().log_head().hash;
    waits_for_a_person_ = does_any_message_wait(*life_);
    life_.reset();
    for (const auto& list : {watch_.violations(), findings.violations}) {
      report_.violations.insert(report_.violations.end(), list.begin(), list.end());
    }
    report_.notifications = findings.notifications;
    report_.lost = findings.lost;
    report_.phantom = findings.phantom;
    report_.duplicates = findings.duplicates;
    report_.arrivals = office_.arrivals().size();
    report_.crashes = crashes_.deaths();
    report_.failed_commits = crashes_.failures();
    report_.commits = crashes_.commits();
    report_.duplicates_bound = office_.doubtful() + static_cast<std::size_t>(crashes_.deaths()) + watch_.by_hand();
    if (report_.duplicates > report_.duplicates_bound) {
      report_.violations.push_back(
          fmt::format("{} messages came twice, {} could", report_.duplicates, report_.duplicates_bound));
    }
    report_.plan_years =
        absl::ToDoubleHours(time_.since_boot) / (24 * 365.25) * static_cast<double>(county_.plans.size());
    if (mood_ == Mood::calm) write_scenario();
  }

  /// For somebody who looks whether it came: it died, or lost the connection, with the body on its way.
  static bool does_any_message_wait(Life& life) {
    const auto messages = life.store().outbox(100, true);
    return std::any_of(messages.begin(), messages.end(), [](const store::OutboxMessage& message) {
      return message.state == store::MessageState::needs_attention;
    });
  }

  void write_scenario() {
    const County& fresh = initial_;
    const Instant last = calendar::first_instant(first_day_ + days_, london_) - absl::Seconds(1);
    report_.scenario = {{"about", fmt::format("seed {}", report_.seed)},
                        {"from", absl::FormatTime("%Y-%m-%dT%H:%M", start_, london_)},
                        {"to", calendar::iso_day(first_day_ + days_ - 1)},
                        {"plan", fresh.scenario_plan(fresh.plans[0])},
                        {"directory", fresh.scenario_directory()},
                        {"rules", fresh.rules},
                        {"workflow", fresh.ends_are_approved ? "shipped" : ""},
                        {"events", scenario_events_},
                        {"down", downs_},
                        {"to_the_day", crashes_.deaths() > 0},
                        {"waits_for_a_person", waits_for_a_person_},
                        {"closing_notes", true},
                        {"expected", lines_of(folder_.path(), county_, office_, last)}};
  }

  const Options options_;
  const Mood mood_;
  Dice dice_;
  const CivilDay first_day_;
  const int days_;
  County county_;
  const County initial_ = county_;
  const calendar::Zone london_;
  Instant start_;
  Time time_;
  Crashes crashes_;
  Folder folder_;
  PostOffice office_;
  Watch watch_;
  std::map<std::string, std::string> files_;
  std::unique_ptr<Life> life_;
  std::map<std::pair<absl::Duration, int>, std::function<void()>> events_;
  int event_count_ = 0;
  int crash_share_ = 0;  // of a thousand commits
  int fail_share_ = 0;   // of a thousand turns
  json scenario_events_ = json::array();
  json downs_ = json::array();
  bool waits_for_a_person_ = false;  // at the end
  Report report_;
};

}  // namespace

Mood mood_of(std::uint64_t seed) {
  return seed % 2 == 0 ? Mood::calm : Mood::wild;
}

Report simulate(std::uint64_t seed, const Options& options) {
  Report failed;
  failed.seed = seed;
  failed.mood = mood_of(seed);
  const Quiet quiet;
  try {
    return Run(seed, options).live();
  } catch (const std::exception& error) {
    failed.violations.push_back(error.what());
  }
  return failed;
}

}  // namespace chaser::simulation
