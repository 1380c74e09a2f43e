#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <mutex>

#include "calendar/time.h"
#include "channels/wording.h"
#include "web/staff.h"
#include "web/words.h"

namespace chaser::web {
namespace {

constexpr std::size_t rules_bytes_max = 256 * 1024;
constexpr int tried_days = 365;

std::string short_name(const std::string& file) {
  return file.substr(file.rfind('/') + 1);
}

std::vector<View> step_views(const rulebook::Rule& rule) {
  std::vector<View> views;
  for (const rulebook::Step& step : rule.steps) {
    std::string to;
    for (const rulebook::Audience& audience : step.to) to += (to.empty() ? "" : ", ") + rulebook::to_string(audience);
    std::string when = channels::place_of_step(step.at, rule.anchor);
    if (step.repeat) {
      when += fmt::format(", then every {}{}", channels::length_of(step.repeat->every),
                          step.repeat->times > 0 ? fmt::format(", {} in all", step.repeat->times) : "");
    }
    const bool digest = step.deliver == rulebook::Deliver::digest;
    views.push_back(View()
                        .text("name", step.name)
                        .text("when", when)
                        .text("to", to)
                        .text("via", fmt::format("{}{}", fmt::join(step.via, ", "), digest ? ", in the digest" : "")));
  }
  return views;
}

/// The first telling of each rule.
std::map<std::string, const chase::Telling*> next_of(const Ahead& ahead) {
  std::map<std::string, const chase::Telling*> next;
  for (const chase::Telling& told : ahead.tellings) next.try_emplace(told.rule, &told);
  return next;
}

Response list(const Staff& staff, const Principal& who) {
  const auto world = staff.site().world();
  const Instant now = staff.site().now();
  const auto ahead = staff.outlook().latest();
  const auto next = ahead ? next_of(*ahead) : std::map<std::string, const chase::Telling*>();
  View view;
  std::map<std::string, std::size_t> open;
  {
    const Site::Reader store = staff.site().reader();
    for (const auto& [rule, cases] : store->count_cases()) open[rule] = cases;
    view.text("alarm", store->kept("alarm").value_or(""));
  }
  std::vector<View> rules;
  for (const auto& rule : world->rulebook().rules()) {
    View row;
    row.text("name", rule->name)
        .text("about", rule->about)
        .text("when", rule->when.text())
        .text("file", short_name(rule->file));
    row.text("open", counted(open[rule->name], "open case")).flag("idle", open[rule->name] == 0);
    row.list("steps", step_views(*rule)).text("try", "/rules/try?file=" + url_part(rule->file));
    const auto told = next.find(rule->name);
    if (told != next.end()) {
      row.text("next", near_time_words(told->second->at, now, zone_of(told->second->plan, *world)) + ", " +
                           told->second->step + " of " + told->second->action);
    } else {
      row.text("next", ahead ? "nothing in the next 90 days" : "being looked ahead");
    }
    rules.push_back(std::move(row));
  }
  view.flag("has_rules", !rules.empty()).list("rules", std::move(rules));
  std::vector<View> freezes;
  for (const rulebook::Freeze& freeze : world->rulebook().freezes())
    freezes.push_back(
        View().text("name", freeze.name).text("from", day_words(freeze.from)).text("to", day_words(freeze.to)));
  view.flag("has_freezes", !freezes.empty()).list("freezes", std::move(freezes));
  view.flag("may", who.role >= Role::coordinator).flag("has_tests", static_cast<bool>(staff.site().doors().rule_tests));
  return staff.page(who, "Rules", "rules", render("rules", view));
}

const rulebook::RuleText* find_text(const chase::World& world, const std::string& file) {
  for (const rulebook::RuleText& text : world.rulebook().texts()) {
    if (text.file == file) return &text;
  }
  return nullptr;
}

Response try_page(const Staff& staff, const Principal& who, const std::string& file, const std::string& text,
                  const RuleTrial* trial) {
  const auto world = staff.site().world();
  const rulebook::RuleText* const loaded = find_text(*world, file);
  if (loaded == nullptr) return staff.error(who, 404, "There is no rule file of that name.");
  View view;
  view.text("file", file)
      .text("name", short_name(file))
      .text("text", trial == nullptr ? loaded->text : text)
      .text("csrf", who.csrf);
  view.flag("may", who.role >= Role::coordinator);
  if (trial != nullptr) {
    std::vector<View> problems;
    for (const std::string& problem : trial->problems) problems.push_back(View().text("words", problem));
    view.flag("tried").flag("has_problems", !problems.empty()).list("problems", std::move(problems));
    view.flag("has_errors", trial->has_errors).text("difference", trial->difference).flag("same", text == loaded->text);
  }
  return staff.page(who, "Try a change: " + short_name(file), "rules", render("rules_try", view));
}

Response try_change(Staff& staff, const Request& request, const Principal& who) {
  const std::string file = request.field("file");
  std::string text;
  for (const char c : request.field("text")) {
    if (c != '\r') text += c;  // forms send CR LF
  }
  if (find_text(*staff.site().world(), file) == nullptr) return staff.error(who, 404);
  const std::unique_lock lock(staff.long_work(), std::try_to_lock);
  if (!lock.owns_lock())
    return staff.error(
        who, 503,
        "Somebody else tries a change just now. Wait a moment; what you wrote is still in your browser: go back.");
  const calendar::CivilDay today = calendar::day_of(staff.site().now(), home_zone(*staff.site().world()));
  const RuleTrial trial = staff.site().doors().try_rules(file, text, staff.site().now(), today + tried_days);
  return try_page(staff, who, file, text, &trial);
}

}  // namespace

void add_rules(Staff& staff) {
  staff.router().add(
      {"GET", "/rules", Role::viewer, [&staff](const Request&, const Principal& who) { return list(staff, who); }});
  staff.router().add({"GET", "/rules/try", Role::viewer, [&staff](const Request& request, const Principal& who) {
                        return try_page(staff, who, request.query_field("file"), "", nullptr);
                      }});
  staff.router().add(
      {"POST", "/rules/try", Role::coordinator,
       [&staff](const Request& request, const Principal& who) { return try_change(staff, request, who); },
       3 * rules_bytes_max});
  staff.router().add({"GET", "/rules/tests", Role::viewer, [&staff](const Request&, const Principal& who) {
                        const std::unique_lock lock(staff.long_work(), std::try_to_lock);
                        if (!lock.owns_lock())
                          return staff.error(who, 503, "The tests run already. Load the page again in a moment.");
                        const RuleTests tests = staff.site().doors().rule_tests();
                        View view;
                        view.text("said", tests.said).flag("passed", tests.passed);
                        return staff.page(who, "Rule tests", "rules", render("rules_tests", view));
                      }});
}

}  // namespace chaser::web
