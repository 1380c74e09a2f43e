#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "channels/links.h"
#include "web/access.h"
#include "web/answers.h"
#include "web/caching.h"
#include "web/feeds.h"
#include "web/words.h"

namespace chaser::web {
namespace {

constexpr std::string_view ending = ".ics";
/// A link needs an end; a feed has none that anybody would live to see.
const Instant never = absl::FromUnixSeconds(4'102'444'800);  // 2100

bool is_of(const chase::AssignmentState& assignment, const chase::World& world, chase::PartyIndex party) {
  const chase::PartyIndex holder = assignment.holder();
  if (holder == chase::no_party) return false;
  if (holder == party) return true;
  const auto& recipients = world.person(holder).recipients;
  return std::find(recipients.begin(), recipients.end(), party) != recipients.end();
}

/// By when something ongoing is looked at again, if any rule asks for it.
std::optional<CivilDay> review_day(const chase::ActionState& state, const chase::World& world) {
  if (state.facts.timescale.kind != plan::TimescaleKind::ongoing) return std::nullopt;
  for (const chase::CompiledRule* const rule : world.rules()) {
    if (rule->rule->anchor == rulebook::Anchor::next_review)
      return chase::next_review_day(state, rule->rule->cadence_months);
  }
  return std::nullopt;
}

/// The days of one action, in the words of the plan.
class ActionDays {
 public:
  ActionDays(const chase::ActionState& state, std::string_view host, std::vector<channels::FeedEvent>& events)
      : facts_(state.facts), place_(state.plan->id + "." + state.facts.id), host_(host), events_(events) {
    changed_ = facts_.imported;
    if (facts_.updated) changed_ = std::max(changed_, *facts_.updated);
    if (facts_.reviewed) changed_ = std::max(changed_, *facts_.reviewed);
    description_ = fmt::format("{}, action {}\n{}\nTimescale: {}\nStatus: {}", state.plan->title, facts_.id,
                               facts_.text, facts_.timescale.verbatim, status_words(facts_.status));
  }

  void add(const std::string& kind, std::string_view word, const std::string& what, CivilDay day) {
    channels::FeedEvent event;
    event.uid = fmt::format("{}.{}@{}", kind, place_, host_);
    event.summary = fmt::format("{}: {}", word, what);
    event.description = description_;
    event.day = day;
    event.changed = changed_;
    // Seconds since the import grow with every change, and need nothing stored.
    event.sequence = static_cast<std::int32_t>(absl::ToInt64Seconds(changed_ - facts_.imported));
    events_.push_back(std::move(event));
  }

 private:
  const chase::ActionFacts& facts_;
  const std::string place_;
  const std::string host_;
  std::vector<channels::FeedEvent>& events_;
  Instant changed_;
  std::string description_;
};

void add_days(const chase::ActionState& state, const chase::World& world, std::string_view host,
              std::vector<channels::FeedEvent>& events) {
  const chase::ActionFacts& facts = state.facts;
  ActionDays days(state, host, events);
  const std::string what = facts.id + " " + facts.title;
  if (facts.timescale.due) days.add("due", "Due", what, *facts.timescale.due);
  for (const plan::Milestone& milestone : facts.milestones) {
    if (!milestone.done)
      days.add("milestone." + milestone.id, "Milestone", facts.id + " " + milestone.name, milestone.due);
  }
  if (const auto review = review_day(state, world)) days.add("review", "Review", what, *review);
}

std::string host_of(std::string_view url) {
  url.remove_prefix(std::min(url.find("//") + 2, url.size()));
  return std::string(url.substr(0, url.find_first_of("/:")));
}

Response feed(const Answers& answers, const Request& request) {
  Site& site = answers.site();
  std::string_view token = request.places.at(0);
  const channels::LinkKeys& keys = site.settings().link_keys;
  if (!token.ends_with(ending) || keys.empty()) return answers.error(404);
  token.remove_suffix(ending.size());
  const channels::VerifiedLink verified = channels::verify(token, channels::LinkPurpose::feed, keys, site.now());
  if (verified.fault) return answers.error(verified.fault == channels::LinkFault::expired ? 410 : 404);
  const auto world = site.world();
  const chase::PartyIndex party = world->find_party(verified.link->recipient);
  const Site::Reader store = site.reader();
  const bool is_revoked = read_access(*store).token_epoch(verified.link->recipient) != verified.link->token_epoch;
  if (is_revoked || party == chase::no_party)
    return answers.error(410, "This calendar has ended. Ask your coordinator for a new address.");
  Response response{200, "text/calendar; charset=utf-8",
                    channels::to_icalendar(feed_of(*store, *world, party, host_of(site.settings().public_url)))};
  response.header("Cache-Control", "private, max-age=900");
  response.header("Content-Disposition", "inline; filename=\"deadlines.ics\"");
  return tagged(request, std::move(response));
}

}  // namespace

std::string feed_path(const channels::LinkKeys& keys, std::string_view party, std::uint32_t token_epoch) {
  assert(!keys.empty());
  channels::Link link;
  link.delivery = std::string(32, '0');  // it came in no message
  link.recipient = party;
  link.token_epoch = token_epoch;
  link.expires = never;
  return "/calendar/" + channels::mint(link, channels::LinkPurpose::feed, keys) + std::string(ending);
}

channels::CalendarFeed feed_of(store::Store& store, const chase::World& world, chase::PartyIndex party,
                               std::string_view host) {
  channels::CalendarFeed feed;
  feed.name = "Deadlines of " + party_name(world.person(party).id, world);
  store.each_action(world, [&](store::LoadedAction&& action) {
    const auto& owners = action.state.assignments;
    if (std::any_of(owners.begin(), owners.end(), [&](const auto& each) { return is_of(each, world, party); }))
      add_days(action.state, world, host, feed.events);
  });
  std::stable_sort(feed.events.begin(), feed.events.end(), [](const auto& a, const auto& b) { return a.day < b.day; });
  return feed;
}

void add_feeds(Answers& answers) {
  answers.router().add({"GET", "/calendar/{token}", Role::anybody,
                        [&answers](const Request& request, const Principal&) { return feed(answers, request); }});
}

}  // namespace chaser::web
