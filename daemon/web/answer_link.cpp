#include <fmt/format.h>

#include <algorithm>

#include "calendar/time.h"
#include "chase/respond.h"
#include "store/answering.h"
#include "web/answer_forms.h"
#include "web/links_open.h"
#include "web/standing.h"
#include "web/words.h"

namespace chaser::web {
namespace {

using channels::Link;
using channels::LinkResponse;
using chase::ResponseKind;

std::optional<LinkResponse> bit_of(ResponseKind kind) {
  switch (kind) {
    case ResponseKind::acknowledge:
      return LinkResponse::acknowledge;
    case ResponseKind::snooze:
      return LinkResponse::snooze;
    case ResponseKind::update:
      return LinkResponse::update;
    case ResponseKind::done:
      return LinkResponse::done;
    case ResponseKind::blocked:
      return LinkResponse::blocked;
    case ResponseKind::extension:
      return LinkResponse::extension;
    case ResponseKind::not_mine:
      return LinkResponse::not_mine;
    default:
      return std::nullopt;
  }
}

bool allows(const Link& link, ResponseKind kind) {
  const auto bit = bit_of(kind);
  return bit && link.allows(*bit);
}

std::vector<AnswerForm> allowed_forms(const Link& link, const chase::ActionFacts& facts) {
  std::vector<AnswerForm> forms;
  for (const AnswerForm& form : lead_forms()) {
    const bool has_no_date = form.kind == ResponseKind::extension && !facts.timescale.due;
    if (allows(link, form.kind) && !has_no_date) forms.push_back(form);
  }
  return forms;
}

/// The date that the message spoke of has been replaced since: then its answers would be about something else.
std::optional<calendar::CivilDay> replaced_date(const Link& link, const chase::ActionState& state,
                                                store::Store& store) {
  const auto message = store.message_of_key(link.delivery);
  if (!message) return std::nullopt;
  for (const store::TellingItem& item : message->items) {
    if (item.plan != link.plan || item.action != link.action) continue;
    if (item.anchor == "last_update" || item.anchor == "next_review" || item.anchor == "first_seen") continue;
    for (const chase::CaseState& each : state.cases) {
      if (each.rule->rule->name == item.rule && each.anchor == item.anchor && each.epoch > item.epoch &&
          each.anchor_day != item.anchor_day)
        return item.anchor_day;
    }
  }
  return std::nullopt;
}

/// Why nothing is asked of this recipient about it now, or nothing.
std::string closed_words(const Link& link, const chase::ActionState& state, const chase::World& world, Instant now) {
  if (state.facts.dropped) return "This action is no longer in the plan. Nothing is asked of you.";
  if (world.workflow().is_finished(state.facts.status))
    return fmt::format("This action is {} already. Nothing is asked of you any more.",
                       status_words(state.facts.status));
  chase::Response trial;
  trial.kind = ResponseKind::update;
  trial.party = link.recipient;
  trial.note = "?";
  const chase::ResponseEffect effect = chase::respond(state, world, trial, now);
  return effect.accepted || effect.already ? "" : effect.answer;
}

/// What this recipient said last, so that nobody says it twice unknowingly.
std::string said_before(const Link& link, const chase::World& world, store::Store& store, Instant now) {
  for (const store::ResponseRecord& record : store.responses(link.plan, link.action, 20)) {
    if (!record.accepted || record.response.party != link.recipient) continue;
    const AnswerForm* const form = find_form(record.response.kind);
    return fmt::format("{}, {}. {}", form == nullptr ? chase::name_of(record.response.kind) : form->label,
                       near_time_words(record.at, now, zone_of(link.plan, world)), record.answer);
  }
  return "";
}

Response show(const Answers& answers, const Request& request, const Link& link, store::Store& store,
              const chase::World& world, const std::vector<std::string>& problems) {
  const auto action = store.load_action(link.plan, link.action, world);
  if (!action) return answers.error(410, "This action is no longer in the plan. Nothing is asked of you.");
  const Instant now = answers.site().now();
  const chase::ActionFacts& facts = action->state.facts;
  const calendar::Zone zone = zone_of(link.plan, world);
  const calendar::CivilDay today = calendar::day_of(now, zone);
  View view = action_view(action->state, world, today);
  view.text("plan", store.plan_title(link.plan).value_or(link.plan))
      .text("text", facts.text == facts.title ? "" : facts.text);
  if (facts.timescale.due) view.text("due_long", calendar::long_day(*facts.timescale.due));
  view.text("me", party_name(link.recipient, world)).text("ask", whom_to_ask(world, link.plan));
  view.text("note", facts.last_note).text("said", said_before(link, world, store, now));
  view.flag("thanks", !request.query_field("said").empty() && problems.empty());
  std::vector<View> wrong;
  for (const std::string& problem : problems) wrong.push_back(View().text("words", problem));
  view.flag("has_problems", !wrong.empty()).list("problems", std::move(wrong));
  std::string closed = closed_words(link, action->state, world, now);
  if (const auto date = replaced_date(link, action->state, store); closed.empty() && date) {
    closed = fmt::format(
        "The message that this link is from spoke of {}. The date was changed since: it is {} now. Answer by the link "
        "of a newer message.",
        calendar::long_day(*date), due_words(facts.timescale));
  }
  view.text("closed", closed);
  if (closed.empty()) {
    view.text("form_action", "/a/" + url_part(request.places.at(0)));
    view.list("forms", form_views(allowed_forms(link, facts), action->state, world, today, &request));
  }
  view.flag("open", closed.empty());
  return answers.page(facts.id + " " + facts.title, render("answer", view), problems.empty() ? 200 : 422);
}

Response act(const Answers& answers, const Request& request) {
  const Site& site = answers.site();
  const auto world = site.world();
  std::vector<std::string> problems;
  Link link;
  {
    const Site::Reader store = answers.site().reader();
    OpenedLink opened = open_link(answers, request, channels::LinkPurpose::answer, *store, *world);
    if (opened.refusal) return *std::move(opened.refusal);
    link = *std::move(opened.link);
  }
  if (is_foreign(answers, request)) return answers.error(403, "The form came from another site. Nothing was changed.");
  chase::Response response = read_answer(request, "", problems);
  if (problems.empty() && !allows(link, response.kind)) problems.push_back("This link does not allow that answer.");
  response.party = link.recipient;
  response.author = "link:" + link.recipient;
  response.means = "link";
  std::optional<chase::ResponseEffect> effect;
  if (problems.empty()) {
    site.on_loop([&](store::Store& store, const chase::World& current, Instant now) {
      const auto action = store.load_action(link.plan, link.action, current);
      if (action && replaced_date(link, action->state, store)) return;  // the page says so
      effect = store::answer(store, current, link.plan, link.action, response, now);
    });
    if (effect && !effect->accepted && !effect->already) problems.push_back(effect->answer);
  }
  if (effect && problems.empty()) {
    return see_other("/a/" + url_part(request.places.at(0)) + "?said=" + std::string(chase::name_of(response.kind)));
  }
  const Site::Reader store = answers.site().reader();
  return show(answers, request, link, *store, *world, problems);
}

}  // namespace

void add_answer_link(Answers& answers) {
  answers.router().add(
      {"GET", "/a/{token}", Role::anybody, [&answers](const Request& request, const Principal&) {
         const auto world = answers.site().world();
         const Site::Reader store = answers.site().reader();
         const OpenedLink opened = open_link(answers, request, channels::LinkPurpose::answer, *store, *world);
         return opened.refusal ? *opened.refusal : show(answers, request, *opened.link, *store, *world, {});
       }});
  answers.router().add({"POST", "/a/{token}", Role::anybody,
                        [&answers](const Request& request, const Principal&) { return act(answers, request); }});
}

}  // namespace chaser::web
