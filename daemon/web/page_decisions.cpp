#include "calendar/time.h"
#include "store/answering.h"
#include "web/requests_view.h"
#include "web/staff.h"
#include "web/standing.h"
#include "web/words.h"

namespace chaser::web {
namespace {

constexpr std::size_t requests_max = 200;
constexpr std::size_t unclear_max = 100;

Response show(const Staff& staff, const Request& request, const Principal& who, const std::string& problem) {
  const auto world = staff.site().world();
  const Instant now = staff.site().now();
  View view;
  const Site::Reader store = staff.site().reader();
  auto waiting = request_views(store->requests("", "", true, requests_max), *world, now, who);
  view.flag("has_requests", !waiting.empty()).list("requests", std::move(waiting));
  store::ActionQuery wanted;
  wanted.unclear = true;
  wanted.open_only = true;
  wanted.limit = unclear_max;
  std::vector<View> unclear;
  for (const store::LoadedAction& action : store->list_actions(wanted, *world).actions) {
    const auto& timescale = action.state.facts.timescale;
    View row = action_view(action.state, *world, calendar::day_of(now, action.state.plan->zone));
    row.text("verbatim", timescale.verbatim).flag("unreadable", timescale.kind == plan::TimescaleKind::unreadable);
    if (timescale.alternative)
      row.text("or", day_words(timescale.alternative->due)).text("or_convention", timescale.alternative->convention);
    row.text("taken", day_words(timescale.due))
        .text("convention", timescale.convention)
        .text("problem", timescale.problem);
    unclear.push_back(std::move(row));
  }
  view.flag("has_unclear", !unclear.empty()).list("unclear", std::move(unclear));
  view.text("problem", problem).flag("saved", !request.query_field("saved").empty() && problem.empty());
  Response response = staff.page(who, "Decisions waiting", "decisions", render("decisions", view));
  if (!problem.empty()) response.status = 422;
  return response;
}

/// The answer that a word on a request is: of a handing over, its new holder's; of all else, the decider's.
std::optional<chase::Response> answer_of(const store::RequestRecord& waiting, const Request& request) {
  const std::string word = request.field("word");
  if (word != "approve" && word != "refuse") return std::nullopt;
  const bool handed_over = waiting.kind == chase::ResponseKind::delegate;
  chase::Response response;
  response.kind = word == "approve" ? (handed_over ? chase::ResponseKind::accept : chase::ResponseKind::approve)
                                    : (handed_over ? chase::ResponseKind::decline : chase::ResponseKind::refuse);
  response.party = waiting.decider;
  if (!handed_over) response.to = waiting.asker;
  if (!handed_over) response.request = waiting.kind;
  response.note = request.field("note").substr(0, chase::note_characters_max);
  response.means = "page";
  const auto due = calendar::parse_iso_day(request.field("due"));
  if (word == "approve" && due && waiting.due && *due != *waiting.due) response.due = due;
  return response;
}

Response decide(const Staff& staff, const Request& request, const Principal& who) {
  const std::string& plan = request.places.at(0);
  const std::string& action = request.places.at(1);
  std::optional<chase::ResponseEffect> effect;
  bool found = false;
  staff.change([&](store::Store& store, const chase::World& world, Instant now) {
    for (const store::RequestRecord& waiting : store.requests(plan, action, true, requests_max)) {
      if (std::to_string(waiting.number) != request.places.at(2)) continue;
      auto response = answer_of(waiting, request);
      if (!response) return;
      found = true;
      response->author = who.actor();
      effect = store::answer(store, world, plan, action, *response, now);
    }
  });
  if (!found) return show(staff, request, who, "This does not wait for a decision any more.");
  if (effect && !effect->accepted && !effect->already) return show(staff, request, who, effect->answer);
  return see_other("/decisions?saved=1");
}

}  // namespace

void add_decisions(Staff& staff) {
  staff.router().add({"GET", "/decisions", Role::viewer, [&staff](const Request& request, const Principal& who) {
                        return show(staff, request, who, "");
                      }});
  staff.router().add({"POST", "/decisions/{plan}/{action}/{number}", Role::coordinator,
                      [&staff](const Request& request, const Principal& who) { return decide(staff, request, who); }});
}

}  // namespace chaser::web
