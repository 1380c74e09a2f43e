#include <fmt/format.h>

#include <algorithm>
#include <map>

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

constexpr std::size_t actions_max = 100;

/// The recipient, and every party that is reached through it.
std::vector<std::string> parties_of(const std::string& recipient, const chase::World& world) {
  std::vector<std::string> parties{recipient};
  const chase::PartyIndex me = world.find_party(recipient);
  for (const chase::Person& person : world.persons()) {
    const bool through_me =
        std::find(person.recipients.begin(), person.recipients.end(), me) != person.recipients.end();
    if (through_me && person.id != recipient) parties.push_back(person.id);
  }
  return parties;
}

store::ActionPage actions_of(const Link& link, store::Store& store, const chase::World& world) {
  store::ActionQuery wanted;
  wanted.parties = parties_of(link.recipient, world);
  wanted.open_only = true;
  wanted.limit = actions_max;
  return store.list_actions(wanted, world);
}

/// What was tried for one action, to be shown beside it.
struct Outcome {
  bool good = false;
  std::string words;
};
/// By "plan/action".
using Outcomes = std::map<std::string, Outcome>;

std::string place_of(const chase::ActionState& state) {
  return state.plan->id + "/" + state.facts.id;
}

View row_of(const store::LoadedAction& action, std::size_t number, const chase::World& world, calendar::CivilDay today,
            const Outcomes& outcomes, const Request& request) {
  View row = action_view(action.state, world, today);
  const std::string prefix = fmt::format("{}.", number);
  const std::string place = place_of(action.state);
  const auto tried = outcomes.find(place);
  // What was refused stays as it was written; what was taken is empty again.
  const bool keep = tried != outcomes.end() && !tried->second.good;
  const auto said = [&](const char* name) { return keep ? request.field(prefix + name) : std::string(); };
  row.text("n", std::to_string(number)).text("place", place).text("note_last", action.state.facts.last_note);
  row.text("note", said("note"))
      .text("until", said("until"))
      .text("due_asked", said("due"))
      .text("others", said("others"));
  row.text("tomorrow", calendar::iso_day(today + 1));
  if (tried != outcomes.end()) row.text("outcome", tried->second.words).flag("good", tried->second.good);
  std::vector<View> options;
  for (const AnswerForm& form : lead_forms()) {
    if (form.kind == chase::ResponseKind::extension && !action.state.facts.timescale.due) continue;
    const std::string value(chase::name_of(form.kind));
    options.push_back(
        View().text("value", value).text("label", std::string(form.label)).flag("chosen", said("response") == value));
  }
  return row.list("answers", std::move(options));
}

Response show(const Answers& answers, const Request& request, const Link& link, store::Store& store,
              const chase::World& world, const Outcomes& outcomes) {
  const Instant now = answers.site().now();
  const store::ActionPage page = actions_of(link, store, world);
  std::vector<View> rows;
  std::size_t number = 0;
  std::size_t late = 0;
  for (const store::LoadedAction& action : page.actions) {
    const calendar::CivilDay today = calendar::day_of(now, action.state.plan->zone);
    rows.push_back(row_of(action, ++number, world, today, outcomes, request));
    if (rows.back().texts["standing"] == "late") ++late;
  }
  std::size_t good = 0;
  std::size_t bad = 0;
  std::string elsewhere;  // of actions that are no longer on the page
  for (const auto& [place, outcome] : outcomes) {
    (outcome.good ? good : bad) += 1;
    const bool is_listed = std::any_of(rows.begin(), rows.end(), [&](const View& row) {
      const auto known = row.texts.find("place");
      return known != row.texts.end() && known->second == place;
    });
    if (!outcome.good && !is_listed)
      elsewhere += fmt::format(" {}: {}", place.substr(place.find('/') + 1), outcome.words);
  }
  View view;
  view.text("me", party_name(link.recipient, world)).text("ask", whom_to_ask(world, ""));
  view.text("summary", counted(page.count, "open action") + (late == 0 ? "" : fmt::format(", {} late", late)));
  view.text("form_action", "/m/" + url_part(request.places.at(0)));
  view.flag("cut", page.count > actions_max).flag("has_rows", !rows.empty()).list("rows", std::move(rows));
  if (good > 0) view.text("saved", counted(good, "answer") + " saved.");
  if (bad > 0)
    view.text("unsaved",
              bad == 1
                  ? "1 answer could not be saved; what is wrong stands beside it." + elsewhere
                  : fmt::format("{} answers could not be saved; what is wrong stands beside each.", bad) + elsewhere);
  if (request.method == "POST" && outcomes.empty()) view.text("unsaved", "Nothing was chosen, so nothing was saved.");
  return answers.page("Your actions", render("mine", view), bad == 0 ? 200 : 422);
}

/// The answers that were chosen, each on its own: one that is refused does not keep the others.
Outcomes save(const Answers& answers, const Request& request, const Link& link) {
  Outcomes outcomes;
  for (std::size_t number = 1; number <= actions_max; ++number) {
    const std::string prefix = fmt::format("{}.", number);
    const std::string place = request.field(prefix + "action");
    const std::size_t slash = place.find('/');
    if (request.field(prefix + "response").empty() || slash == std::string::npos) continue;
    std::vector<std::string> problems;
    chase::Response response = read_answer(request, prefix, problems);
    response.party = link.recipient;
    response.author = "link:" + link.recipient;
    response.means = "link";
    const bool is_offered = std::any_of(lead_forms().begin(), lead_forms().end(),
                                        [&](const AnswerForm& form) { return form.kind == response.kind; });
    if (!is_offered) problems.emplace_back("This link does not allow that answer.");
    Outcome& outcome = outcomes[place];
    if (!problems.empty()) {
      for (const std::string& problem : problems) outcome.words += (outcome.words.empty() ? "" : " ") + problem;
      continue;
    }
    answers.site().on_loop([&](store::Store& store, const chase::World& world, Instant now) {
      const auto effect = store::answer(store, world, place.substr(0, slash), place.substr(slash + 1), response, now);
      outcome = effect ? Outcome{effect->accepted || effect->already, effect->answer}
                       : Outcome{false, "It is no longer in the plan."};
    });
  }
  return outcomes;
}

Response handle(const Answers& answers, const Request& request) {
  const auto world = answers.site().world();
  Link link;
  {
    const Site::Reader store = answers.site().reader();
    OpenedLink opened = open_link(answers, request, channels::LinkPurpose::mine, *store, *world);
    if (opened.refusal) return *std::move(opened.refusal);
    link = *std::move(opened.link);
  }
  Outcomes outcomes;
  if (request.method == "POST") {
    if (is_foreign(answers, request))
      return answers.error(403, "The form came from another site. Nothing was changed.");
    outcomes = save(answers, request, link);
  }
  const Site::Reader store = answers.site().reader();
  return show(answers, request, link, *store, *world, outcomes);
}

}  // namespace

void add_my_actions(Answers& answers) {
  for (const char* method : {"GET", "POST"}) {
    answers.router().add({method, "/m/{token}", Role::anybody,
                          [&answers](const Request& request, const Principal&) { return handle(answers, request); },
                          512 * 1024});
  }
}

}  // namespace chaser::web
