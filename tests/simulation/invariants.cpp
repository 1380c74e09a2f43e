#include "simulation/invariants.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "chase/explain.h"
#include "store/encoding.h"
#include "store/evidence.h"

namespace chaser::simulation {

namespace {

constexpr std::size_t named_most = 12;  // of one kind, so that a report stays readable

/// Questions to the tables, one for each invariant. Each row of an answer is a violation.
class Inspection {
 public:
  Inspection(Life& life, const County& county, const PostOffice& office, Instant now, bool was_clock_right,
             const std::string& state)
      : life_(life),
        county_(county),
        office_(office),
        now_(now),
        a_week_ago_(now - absl::Hours(24 * 7)),
        was_clock_right_(was_clock_right),
        database_(state + "/chaser.db", store::Database::Mode::read_only),
        calendar_(life.engine().world().calendar("county")) {}

  Findings run() {
    no_attempt_without_a_notification();
    every_notification_is_settled_or_on_its_way();
    what_was_told_arrived();
    nobody_is_told_twice();
    one_digest_a_day();
    a_lower_step_came_first();
    floors_are_kept();
    steps_up_to_the_anchor_move_back();
    pauses_move_later_steps();
    repeats_are_bounded();
    every_open_action_goes_on();
    a_pass_says_until_when_it_decided();
    the_log_tells_the_same();
    return std::move(findings_);
  }

 private:
  template <typename... Values>
  std::size_t complain_of_rows(const std::string& what, std::string_view sql, const Values&... values) {
    store::Transaction reading(database_, store::Transaction::Kind::read);
    store::Query query = reading.query(sql, values...);
    std::size_t rows = 0;
    while (query.next()) {
      if (++rows <= named_most) complain(what + ": " + query.text(0));
    }
    return rows;
  }
  void complain(std::string what) { findings_.violations.push_back(std::move(what)); }

  void no_attempt_without_a_notification() {
    complain_of_rows(
        "an attempt without a notification",
        "SELECT 'message ' || t.message FROM attempt t WHERE NOT EXISTS (SELECT 1 FROM message_item i WHERE"
        " i.message = t.message)");
    complain_of_rows("a message without a notification",
                     "SELECT 'message ' || m.id FROM message m WHERE NOT EXISTS (SELECT 1 FROM message_item i WHERE"
                     " i.message = m.id)");
  }

  /// The name of notification n of case c of action a.
  static std::string named(const char* where) {
    return std::string(
               "SELECT n.rule || '/' || n.step || ' ' || n.ordinal || ' to ' || n.recipient || ' of ' || a.name || ', "
               "' ||"
               " n.state || ' ' || n.reason || ', opening ' || datetime(n.opening / 1000000, 'unixepoch') FROM"
               " notification n JOIN action a ON a.id = n.action JOIN chase_case c ON c.id = n.chase_case ") +
           where;
  }

  void every_notification_is_settled_or_on_its_way() {
    {
      store::Transaction reading(database_, store::Transaction::Kind::read);
      store::Query query = reading.query("SELECT count(*) FROM notification");
      query.next();
      findings_.notifications = static_cast<std::size_t>(query.integer(0));
    }
    findings_.lost += complain_of_rows(
        "composed, and no message carries it",
        named(
            "WHERE n.state = 'composed' AND NOT EXISTS (SELECT 1 FROM message_item i JOIN message m ON m.id = i.message"
            " WHERE i.notification = n.id AND i.withdrawn = 0 AND m.state IN ('queued', 'claimed', 'body_started',"
            " 'unknown', 'needs_attention'))"));
    findings_.lost += complain_of_rows(
        "pending, and nobody will compose it",
        named("LEFT JOIN recipient r ON r.party = n.recipient WHERE n.state = 'pending' AND r.next_compose IS NULL"));
    findings_.lost += complain_of_rows(
        "pending for a week, and no hold says why",
        named("WHERE n.state = 'pending' AND n.opening < ? AND NOT EXISTS"
              " (SELECT 1 FROM hold h WHERE h.action = n.action AND h.step = n.step AND h.recipient = n.recipient)"),
        a_week_ago_);
    findings_.lost += complain_of_rows(
        "a message that waits for a week although everything works",
        "SELECT id || ' to ' || recipient || ' ' || state FROM message WHERE state IN ('queued', 'claimed',"
        " 'body_started', 'unknown') AND created < ?",
        a_week_ago_);
    complain_of_rows("without its reason", named("WHERE n.state IN ('superseded', 'lapsed', 'withdrawn', 'unreachable')"
                                                 " AND n.reason IN ('none', '')"));
  }

  void what_was_told_arrived() {
    std::set<std::string> arrived;
    for (const Arrival& arrival : office_.arrivals()) {
      if (!arrived.insert(arrival.key).second) ++findings_.duplicates;
    }
    store::Transaction reading(database_, store::Transaction::Kind::read);
    std::map<std::string, std::string> states;
    {
      store::Query query = reading.query("SELECT key, state FROM message");
      while (query.next()) states[store::hex_of_bytes(query.blob(0))] = query.text(1);
    }
    for (const auto& [key, state] : states) {
      if (state != "accepted" || arrived.contains(key)) continue;
      ++findings_.phantom;
      complain("said to be accepted, and it never arrived: message " + key.substr(0, 12));
    }
    for (const std::string& key : arrived) {
      const auto found = states.find(key);
      if (found == states.end()) {
        ++findings_.phantom;
        complain("it arrived, and nothing is known of it: " + key.substr(0, 12));
      } else if (found->second == "queued" || found->second == "claimed" || found->second == "body_started") {
        complain("it arrived, and it is still " + found->second + ": message " + key.substr(0, 12));
      }
    }
  }

  void nobody_is_told_twice() {
    complain_of_rows("the same is told twice",
                     "SELECT a.name || ' ' || n.rule || '/' || n.step || ' ' || n.ordinal || ' to ' || n.recipient "
                     "FROM notification n"
                     " JOIN chase_case c ON c.id = n.chase_case JOIN action a ON a.id = n.action GROUP BY n.action, "
                     "n.rule, c.anchor,"
                     " c.epoch, n.step, n.ordinal, n.refired, n.recipient, n.about HAVING count(*) > 1");
    complain_of_rows(
        "one notification in two messages of a channel",
        "SELECT i.notification || ' ' || m.channel FROM message_item i JOIN message m ON m.id = i.message WHERE"
        " i.withdrawn = 0 GROUP BY i.notification, m.channel HAVING count(*) > 1");
  }

  void one_digest_a_day() {
    store::Transaction reading(database_, store::Transaction::Kind::read);
    std::set<std::string> fallbacks;
    {
      store::Query query = reading.query("SELECT json_extract(json, '$.message') FROM event WHERE kind = 'fallback'");
      while (query.next()) fallbacks.insert(query.text(0));
    }
    std::map<std::string, int> digests;
    store::Query query = reading.query("SELECT key, recipient, channel, created FROM message WHERE kind = 'digest'");
    while (query.next()) {
      if (fallbacks.contains(store::hex_of_bytes(query.blob(0)))) continue;
      const std::string party = query.text(1);
      const std::string day = calendar::iso_day(calendar::day_of(query.instant(3), county_.zone_of(party)));
      const std::string who = party + " by " + query.text(2) + " on " + day;
      if (++digests[who] == 2) complain("two digests a day: " + who);
    }
  }

  const rulebook::Rule* rule_of(const std::string& name, const std::string& version) const {
    const chase::CompiledRule* const rule = life_.engine().world().find_rule(name, version);
    return rule != nullptr ? rule->rule : nullptr;
  }
  static bool is_own(const rulebook::Step& step) {
    return std::all_of(step.to.begin(), step.to.end(), [](const rulebook::Audience& audience) {
      return (audience.who == rulebook::Audience::Who::leads || audience.who == rulebook::Audience::Who::supports) &&
             audience.relation == rulebook::Audience::Relation::self;
    });
  }

  struct Told {
    std::int64_t id = 0;
    std::int64_t action = 0;
    std::string name;  // of the action
    std::string rule;
    std::string version;
    std::string anchor;
    CivilDay anchor_day;
    std::string step;
    int ordinal = 0;
    bool refired = false;
    std::string recipient;
    std::string state;
    std::string deliver;
    bool first_meeting = false;
    CivilDay nominal;
    std::int64_t chase_case = 0;
    Instant decided;
    std::optional<Instant> sent;
    std::string leads;
    std::string beginning;
  };
  const std::vector<Told>& told() {
    if (!told_.empty()) return told_;
    store::Transaction reading(database_, store::Transaction::Kind::read);
    store::Query query = reading.query(
        "SELECT n.id, n.action, a.name, n.rule, v.hash, c.anchor, c.anchor_day, n.step, n.ordinal, n.refired, "
        "n.recipient,"
        " n.state, n.deliver, n.first_meeting, n.nominal, n.chase_case, n.decided, n.sent, n.leads, c.beginning FROM"
        " notification n JOIN action a ON a.id = n.action JOIN chase_case c ON c.id = n.chase_case JOIN rule_version v "
        "ON"
        " v.id = c.rule_version ORDER BY n.id");
    while (query.next()) {
      told_.push_back({query.integer(0),  query.integer(1),  query.text(2),           query.text(3),   query.text(4),
                       query.text(5),     query.day(6),      query.text(7),           query.small(8),  query.truth(9),
                       query.text(10),    query.text(11),    query.text(12),          query.truth(13), query.day(14),
                       query.integer(15), query.instant(16), query.maybe_instant(17), query.text(18),  query.text(19)});
    }
    return told_;
  }
  static std::string describe(const Told& told) {
    return fmt::format("{} {}/{} {}{} to {}, nominal {}, decided {}", told.name, told.rule, told.step,
                       told.refired ? "r" : "", told.ordinal, told.recipient, calendar::iso_day(told.nominal),
                       calendar::rfc3339(told.decided, absl::UTCTimeZone()));
  }

  /// A step above the leads never fires before a lower one was delivered, or found unreachable.
  void a_lower_step_came_first() {
    for (const Told& above : told()) {
      if (above.rule == "exhausted" || above.state == "lapsed" || above.state == "superseded") continue;
      const rulebook::Rule* const rule = rule_of(above.rule, above.version);
      const rulebook::Step* const step = rule != nullptr ? rule->find(above.step) : nullptr;
      if (step == nullptr || is_own(*step) || above.leads.empty()) continue;
      const bool has_lower =
          std::any_of(rule->steps.data(), step, [](const rulebook::Step& lower) { return is_own(lower); });
      if (!has_lower) continue;
      const bool reached = std::any_of(told().begin(), told().end(), [&](const Told& lower) {
        if (lower.action != above.action || lower.rule != above.rule || lower.anchor != above.anchor) return false;
        const rulebook::Step* const its = rule->find(lower.step);
        if (its == nullptr || its >= step) return false;
        return lower.state == "unreachable" || (lower.sent && *lower.sent <= above.decided);
      });
      if (!reached) complain("above the leads, and no lower step had reached them: " + describe(above));
    }
  }

  /// Five working days between direct messages of a rule about an action to one person, by what actually went.
  void floors_are_kept() {
    std::map<std::string, std::vector<const Told*>> sent;
    std::set<std::int64_t> in_digests;
    {
      store::Transaction reading(database_, store::Transaction::Kind::read);
      store::Query query = reading.query(
          "SELECT i.notification FROM message_item i JOIN message m ON m.id = i.message WHERE m.kind = 'digest'");
      while (query.next()) in_digests.insert(query.integer(0));
    }
    for (const Told& one : told()) {
      if (!one.sent || one.deliver != "direct" || one.first_meeting || in_digests.contains(one.id)) continue;
      sent[fmt::format("{} {} {}", one.action, one.rule, one.recipient)].push_back(&one);
    }
    for (auto& [who, list] : sent) {
      std::sort(list.begin(), list.end(), [](const Told* a, const Told* b) { return *a->sent < *b->sent; });
      for (std::size_t i = 1; i < list.size(); ++i) check_floor(*list[i - 1], *list[i]);
    }
  }
  void check_floor(const Told& before, const Told& after) {
    const rulebook::Rule* const rule = rule_of(after.rule, after.version);
    const rulebook::Step* const step = rule != nullptr ? rule->find(after.step) : nullptr;
    if (step == nullptr || *before.sent == *after.sent) return;
    if (step->at.count <= 0 && (after.ordinal == 0 || after.refired)) return;  // at or before the anchor nothing waits
    const calendar::Zone zone = county_.zone_of(after.recipient);
    const CivilDay first = calendar::day_of(*before.sent, zone);
    // Decided when it was decided: what went late between is for the next.
    if (after.decided < *before.sent) return;
    const CivilDay day = calendar::day_of(*after.sent, zone);
    if (calendar_.working_days_after(first, day) >= 5) return;
    complain("sooner than five working days after " + calendar::iso_day(first) + ": " + describe(after));
  }

  /// What is due at the date or before it, on a day that is no working day, comes on the working day before.
  void steps_up_to_the_anchor_move_back() {
    for (const Told& one : told()) {
      const rulebook::Rule* const rule = rule_of(one.rule, one.version);
      const rulebook::Step* const step = rule != nullptr ? rule->find(one.step) : nullptr;
      if (step == nullptr || step->at.count > 0 || one.ordinal != 0 || one.refired || one.first_meeting) continue;
      if (one.nominal > one.anchor_day) complain("its day should not be after the date: " + describe(one));
    }
  }

  struct Pause {
    CivilDay from;
    CivilDay last;
  };
  /// What moves the days of steps: the pauses of each case and assignment, whose they keep, and first meetings.
  struct Ages {
    std::map<std::pair<std::int64_t, std::int64_t>, std::vector<Pause>> pauses;
    std::map<std::int64_t, std::int64_t> before;  // an assignment -> the one in whose place it came
    std::set<std::int64_t> entered;               // cases whose age counts from elsewhere
  };
  static constexpr CivilDay for_ever{2200, 1, 1};

  Ages ages() {
    Ages ages;
    const calendar::Zone london = county_.zone_of("");
    store::Transaction reading(database_, store::Transaction::Kind::read);
    store::Query pauses = reading.query("SELECT chase_case, coalesce(assignment, 0), from_at, last_day FROM pause");
    while (pauses.next()) {
      ages.pauses[{pauses.integer(0), pauses.integer(1)}].push_back(
          {calendar::day_of(pauses.instant(2), london), pauses.maybe_day(3).value_or(for_ever)});
    }
    store::Query heirs = reading.query("SELECT id, heir_of FROM assignment WHERE heir_of IS NOT NULL");
    while (heirs.next()) ages.before[heirs.integer(0)] = heirs.integer(1);
    store::Query entries = reading.query("SELECT DISTINCT chase_case FROM entry");
    while (entries.next()) ages.entered.insert(entries.integer(0));
    return ages;
  }

  /// The pauses of a lead and of those in whose place it came; nothing if a word was awaited at a handover: that pause
  /// ended with it, and no word says how much of it counts for the heir.
  static std::optional<std::vector<Pause>> pauses_of(const Told& told, Ages& ages) {
    std::vector<Pause> own;
    std::set<std::int64_t> asked;  // who leads again closes a circle of heirs
    for (std::int64_t lead = std::stoll(told.leads); lead != 0 && asked.insert(lead).second; lead = ages.before[lead]) {
      for (const Pause& kept : ages.pauses[{told.chase_case, lead}]) {
        if (asked.size() > 1 && kept.last == for_ever) return std::nullopt;
        own.push_back(kept);
      }
    }
    return own;
  }

  /// Pausing for k working days after the anchor moves later steps by k working days.
  void pauses_move_later_steps() {
    if (!county_.added_holidays.empty()) return;  // steps are projected anew then, back in time too
    Ages known = ages();
    const calendar::Zone london = county_.zone_of("");
    for (const Told& one : told()) {
      const rulebook::Rule* const rule = rule_of(one.rule, one.version);
      const rulebook::Step* const step = rule != nullptr ? rule->find(one.step) : nullptr;
      const bool counts = step != nullptr && step->at.count > 0 && step->at.unit == rulebook::OffsetUnit::working_days;
      if (!counts || one.ordinal != 0 || one.refired || known.entered.contains(one.chase_case) || !one.sent) continue;
      if (one.beginning != "first_meeting" || one.leads.empty() || one.leads.find(',') != std::string::npos) continue;
      const auto own = pauses_of(one, known);
      if (!own) continue;
      CivilDay day = one.anchor_day;
      for (int left = step->at.count; left > 0;) {
        ++day;
        if (!calendar_.is_working_day(day)) continue;
        const bool is_paused = std::any_of(own->begin(), own->end(), [&](const Pause& p) {
          return p.from < day && day <= p.last && calendar::day_of(one.decided, london) >= p.from;
        });
        if (!is_paused) --left;
      }
      if (day != one.nominal) complain("its day should be " + calendar::iso_day(day) + ": " + describe(one));
    }
  }

  void repeats_are_bounded() {
    for (const Told& one : told()) {
      const rulebook::Rule* const rule = rule_of(one.rule, one.version);
      const rulebook::Step* const step = rule != nullptr ? rule->find(one.step) : nullptr;
      if (step == nullptr || one.refired) continue;
      const int times = step->repeat ? step->repeat->times : 1;
      if (times > 0 && one.ordinal >= times) complain("one repetition too many: " + describe(one));
    }
  }

  void every_open_action_goes_on() {
    complain_of_rows(
        "an open case without a next look, a notification on its way or a hold",
        "SELECT a.name || ' ' || c.rule FROM chase_case c JOIN action a ON a.id = c.action JOIN look l ON"
        " l.action = a.id WHERE c.status = 'open' AND a.dropped = 0 AND l.next_look IS NULL AND NOT EXISTS"
        " (SELECT 1 FROM notification n WHERE n.action = a.id AND n.state IN ('pending', 'composed')) AND NOT"
        " EXISTS (SELECT 1 FROM hold h WHERE h.action = a.id)");
    complain_of_rows(
        "a pause that ends, and nobody looks then",
        "SELECT a.name || ' ' || c.rule || ' ' || h.recipient FROM hold h JOIN chase_case c ON c.id = h.chase_case"
        " JOIN action a ON a.id = h.action JOIN look l ON l.action = a.id WHERE c.status = 'open' AND a.dropped = 0"
        " AND h.reason = 'waits_for_pause' AND h.until > ? AND (l.next_look IS NULL OR l.next_look > h.until)"
        " AND EXISTS (SELECT 1 FROM pause p WHERE p.chase_case = h.chase_case AND p.assignment = h.assignment AND"
        " p.cut IS NULL AND p.settled = 0)",
        now_);
    life_.store().each_action(life_.engine().world(), [&](store::LoadedAction&& action) {
      const chase::Explanation said =
          chase::explain(action.state, life_.engine().world(), life_.store().clock_high_water().value());
      if (said.lines.empty()) complain("nothing is said of action " + action.state.facts.id);
    });
  }

  /// Decisions and the watermark of their action are one commit. Where the clock went back, it may be the earlier.
  void a_pass_says_until_when_it_decided() {
    complain_of_rows("decided, and its action was never looked at",
                     named("JOIN look l ON l.action = a.id WHERE n.rule = c.rule AND l.watermark IS NULL"));
    if (!was_clock_right_) return;
    complain_of_rows("decided after its action was last looked at",
                     named("JOIN look l ON l.action = a.id WHERE n.rule = c.rule AND l.watermark < n.decided"));
  }

  void the_log_tells_the_same() {
    const store::ChainCheck check = store::check_chain(life_.store());
    if (check.broken) complain("the log is broken: " + *check.broken);
    const auto found = store::differences(store::replay(life_.store()), life_.store().recorded());
    for (std::size_t i = 0; i < found.size() && i < named_most; ++i) complain("replayed: " + found[i]);
  }

  Life& life_;
  const County& county_;
  const PostOffice& office_;
  const Instant now_;
  const Instant a_week_ago_;
  const bool was_clock_right_;
  store::Database database_;
  const calendar::WorkingCalendar& calendar_;
  std::vector<Told> told_;
  Findings findings_;
};

}  // namespace

Findings check_everything(Life& life, const County& county, const PostOffice& office, Instant now, bool was_clock_right,
                          const std::string& state) {
  return Inspection(life, county, office, now, was_clock_right, state).run();
}

}  // namespace chaser::simulation
