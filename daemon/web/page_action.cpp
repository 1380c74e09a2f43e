#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "calendar/time.h"
#include "chase/explain.h"
#include "store/answering.h"
#include "web/answer_forms.h"
#include "web/requests_view.h"
#include "web/staff.h"
#include "web/standing.h"
#include "web/words.h"

namespace chaser::web {
namespace {

constexpr std::size_t explained_events = 8;
constexpr std::size_t history_max = 100;

/// An explanation's tag in words, and how it looks.
struct TagWords {
  std::string_view tag;
  std::string_view words;
  std::string_view tone;
};
constexpr TagWords tag_words[] = {
    {"sent", "Sent", "good"},      {"waits", "Waits", "warn"}, {"failed", "Failed", "bad"},
    {"passed", "Passed", "plain"}, {"held", "Held", "warn"},   {"ended", "Ended", "plain"},
    {"next", "Next", ""},          {"rule", "Rule", "plain"},  {"away", "Away", "warn"}};

View explained(const chase::ExplainLine& line, Instant now, const calendar::Zone& zone) {
  View view;
  const auto words = std::find_if(std::begin(tag_words), std::end(tag_words),
                                  [&](const TagWords& each) { return each.tag == line.tag; });
  view.text("tag", words == std::end(tag_words) ? line.tag : std::string(words->words));
  view.text("tone", words == std::end(tag_words) ? "" : std::string(words->tone));
  std::string when = line.at && *line.at < absl::InfiniteFuture() ? near_time_words(*line.at, now, zone) : "";
  if (line.tag == "held") {
    const std::string since = line.since ? "since " + near_time_words(*line.since, now, zone) : "";
    when = when.empty() ? since : since + (since.empty() ? "until " : ", until ") + when;
  }
  view.text("when", when).text("what", line.what).text("to", line.to).text("how", line.how).text("remark", line.remark);
  return view;
}

/// Who may be answered for: those who hold it, then the plan's own.
std::vector<View> parties(const chase::ActionState& state, const chase::World& world, const std::string& chosen) {
  std::vector<View> views;
  std::vector<chase::PartyIndex> known;
  const auto add = [&](chase::PartyIndex party, std::string_view as) {
    if (party == chase::no_party || std::find(known.begin(), known.end(), party) != known.end()) return;
    known.push_back(party);
    const chase::Person& person = world.person(party);
    views.push_back(View()
                        .text("value", person.id)
                        .text("label", person.name + (as.empty() ? "" : fmt::format(" ({})", as)))
                        .flag("chosen", person.id == chosen));
  };
  for (const auto& assignment : state.assignments)
    add(assignment.holder(), assignment.role == plan::Role::support ? "support" : "");
  add(state.plan->coordinator, "coordinator");
  add(state.plan->approver, "approver");
  return views;
}

std::vector<View> history(store::Store& store, const chase::ActionState& state, const chase::World& world,
                          Instant now) {
  std::vector<View> rows;
  for (const store::ResponseRecord& record : store.responses(state.plan->id, state.facts.id, history_max)) {
    const AnswerForm* const form = find_form(record.response.kind);
    View row;
    row.text("when", near_time_words(record.at, now, state.plan->zone))
        .text("who", party_name(record.response.party, world));
    row.text("kind", form == nullptr ? status_words(chase::name_of(record.response.kind)) : std::string(form->label));
    row.text("note", record.response.note).text("answer", record.answer).text("by", record.response.author);
    row.text("means", record.response.means).flag("refused", !record.accepted);
    rows.push_back(std::move(row));
  }
  return rows;
}

void tell_facts(View& view, const chase::ActionState& state, const chase::World& world, const calendar::Zone& zone) {
  const chase::ActionFacts& facts = state.facts;
  view.text("verbatim", facts.timescale.verbatim).text("convention", facts.timescale.convention);
  view.text("words", facts.text)
      .text("first_due", facts.first_due && facts.first_due != facts.timescale.due ? day_words(facts.first_due) : "");
  view.text("start", day_words(facts.timescale.start));
  view.text("updated", facts.updated ? time_words(facts.updated, zone) : "").text("note", facts.last_note);
  if (facts.percent) view.text("percent", fmt::format("{} %", *facts.percent));
  if (facts.timescale.ambiguous && facts.timescale.alternative && facts.timescale.alternative->due) {
    view.text("alternative",
              fmt::format("It can also be read as due {} ({}).", day_words(facts.timescale.alternative->due),
                          facts.timescale.alternative->convention));
  }
  std::vector<View> leads;
  for (const auto& assignment : state.assignments) {
    const bool known = assignment.party != chase::no_party;
    View lead;
    lead.text("name", known ? world.person(assignment.party).name : assignment.token).text("token", assignment.token);
    lead.text("path", known ? "/people/" + url_part(world.person(assignment.party).id) : "");
    lead.flag("support", assignment.role == plan::Role::support);
    if (assignment.delegate != chase::no_party) lead.text("delegate", world.person(assignment.delegate).name);
    leads.push_back(std::move(lead));
  }
  view.list("leads", std::move(leads));
  std::vector<View> milestones;
  for (const plan::Milestone& milestone : facts.milestones)
    milestones.push_back(
        View().text("name", milestone.name).text("due", day_words(milestone.due)).flag("done", milestone.done));
  view.flag("has_milestones", !milestones.empty()).list("milestones", std::move(milestones));
  std::vector<View> waits;
  for (const chase::Blocking& other : state.blocked_by)
    waits.push_back(View().text("id", other.action).text("path", action_path(state.plan->id, other.action)));
  view.flag("has_waits", !waits.empty()).list("waits", std::move(waits));
}

Response show(const Staff& staff, const Request& request, const Principal& who,
              const std::vector<std::string>& problems) {
  const auto world = staff.site().world();
  const Instant now = staff.site().now();
  const std::string& plan = request.places.at(0);
  const Site::Reader store = staff.site().reader();
  const auto action = store->load_action(plan, request.places.at(1), *world);
  if (!action) return staff.error(who, 404);
  const chase::ActionState& state = action->state;
  const calendar::Zone zone = state.plan->zone;
  const calendar::CivilDay today = calendar::day_of(now, zone);
  View view = action_view(state, *world, today);
  tell_facts(view, state, *world, zone);
  tell_colours(view, state, *world, today);
  view.text("plan", store->plan_title(plan).value_or(plan)).text("plan_path", "/plan/" + url_part(plan));
  const chase::Explanation explanation =
      chase::explain(state, *world, now, explained_events, staff.site().doors().brakes(*store, *world, now));
  std::vector<View> lines;
  std::vector<View> rules;
  for (const chase::ExplainLine& line : explanation.lines)
    (line.tag == "rule" ? rules : lines).push_back(explained(line, now, zone));
  view.text("headline", explanation.headline).flag("has_lines", !lines.empty()).list("lines", std::move(lines));
  view.flag("has_rules", !rules.empty()).list("rules", std::move(rules));
  auto answers = history(*store, state, *world, now);
  view.flag("has_history", !answers.empty()).list("history", std::move(answers));
  auto waiting = request_views(store->requests(plan, state.facts.id, true, 50), *world, now, who);
  view.flag("has_requests", !waiting.empty()).list("requests", std::move(waiting));
  std::vector<View> wrong;
  for (const std::string& problem : problems) wrong.push_back(View().text("words", problem));
  view.flag("has_problems", !wrong.empty()).list("problems", std::move(wrong));
  view.flag("saved", !request.query_field("saved").empty() && problems.empty());
  if (who.role >= Role::coordinator) {
    const bool is_finished = world->workflow().is_finished(state.facts.status);
    auto forms = form_views(staff_forms(is_finished), state, *world, today, &request);
    auto people = parties(state, *world, request.field("party"));
    for (View& form : forms) form.flag("has_parties").list("parties", people);
    view.flag("may_answer").list("forms", std::move(forms));
    view.text("form_action", action_path(plan, state.facts.id)).text("csrf", who.csrf);
    std::vector<View> names;
    for (const chase::Person& person : world->persons())
      if (!person.is_report && names.size() < 500)
        names.push_back(View().text("id", person.id).text("name", person.name));
    view.list("people", std::move(names));
  }
  Response response = staff.page(who, state.facts.id + " " + state.facts.title, "plan", render("action", view));
  if (!problems.empty()) response.status = 422;
  return response;
}

Response act(const Staff& staff, const Request& request, const Principal& who) {
  std::vector<std::string> problems;
  chase::Response response = read_answer(request, "", problems);
  response.party = request.field("party");
  response.author = who.actor();
  response.means = "page";
  if (response.party.empty()) problems.emplace_back("Say for whom it is.");
  if (problems.empty()) {
    std::optional<chase::ResponseEffect> effect;
    staff.change([&](store::Store& store, const chase::World& world, Instant now) {
      effect = store::answer(store, world, request.places.at(0), request.places.at(1), response, now);
    });
    if (!effect) return staff.error(who, 404);
    if (!effect->accepted && !effect->already) problems.push_back(effect->answer);
  }
  if (problems.empty()) return see_other(action_path(request.places.at(0), request.places.at(1)) + "?saved=1");
  return show(staff, request, who, problems);
}

}  // namespace

void add_action(Staff& staff) {
  constexpr const char* path = "/plan/{plan}/action/{action}";
  staff.router().add({"GET", path, Role::viewer, [&staff](const Request& request, const Principal& who) {
                        return show(staff, request, who, {});
                      }});
  staff.router().add({"POST", path, Role::coordinator,
                      [&staff](const Request& request, const Principal& who) { return act(staff, request, who); }});
}

}  // namespace chaser::web
