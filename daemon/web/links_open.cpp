#include "web/links_open.h"

#include <fmt/format.h>

#include "web/access.h"
#include "web/words.h"

namespace chaser::web {
namespace {

using channels::LinkFault;

/// Expired, it still says what it was about and whom to ask.
Response ended(const Answers& answers, const channels::Link& link, store::Store& store, const chase::World& world) {
  std::string about;
  if (!link.action.empty()) {
    const auto action = store.load_action(link.plan, link.action, world);
    about =
        fmt::format(" It was about action {}{}.", link.action, action ? " “" + action->state.facts.title + "”" : "");
  }
  return answers.error(410, fmt::format("This link ended on {}.{} A newer message has a newer link; else ask {}.",
                                        day_words(calendar::day_of(link.expires, zone_of(link.plan, world))), about,
                                        whom_to_ask(world, link.plan)));
}

}  // namespace

std::string whom_to_ask(const chase::World& world, std::string_view plan) {
  const chase::PlanContext* context = world.find_plan(plan);
  if (context == nullptr && !world.plans().empty()) context = &world.plans().front();
  if (context == nullptr || context->coordinator == chase::no_party) return "whoever sent it";
  const chase::Person& coordinator = world.person(context->coordinator);
  const std::string address = coordinator.contact.email.empty() ? "" : " (" + coordinator.contact.email + ")";
  return "the plan’s coordinator, " + coordinator.name + address;
}

OpenedLink open_link(const Answers& answers, const Request& request, channels::LinkPurpose purpose, store::Store& store,
                     const chase::World& world) {
  const auto& keys = answers.site().settings().link_keys;
  if (keys.empty()) return {std::nullopt, answers.error(404)};
  channels::VerifiedLink verified = channels::verify(request.places.at(0), purpose, keys, answers.site().now());
  if (verified.fault == LinkFault::expired) return {std::nullopt, ended(answers, *verified.link, store, world)};
  if (verified.fault == LinkFault::unknown_key) {
    return {std::nullopt,
            answers.error(
                410, "This link is signed with a key that is no longer in use. A newer message has a newer link.")};
  }
  if (verified.fault) {
    return {
        std::nullopt,
        answers.error(
            404,
            "This link is not whole. Open it from the message again; if it was cut by a line’s end, copy all of it.")};
  }
  if (verified.link->token_epoch != read_access(store).token_epoch(verified.link->recipient)) {
    return {std::nullopt,
            answers.error(410, "The links of this recipient were withdrawn. The next message has a new one; else ask " +
                                   whom_to_ask(world, verified.link->plan) + ".")};
  }
  if (world.find_party(verified.link->recipient) == chase::no_party) {
    return {std::nullopt, answers.error(410, "Whoever this was sent to is no longer in the directory. Ask " +
                                                 whom_to_ask(world, verified.link->plan) + ".")};
  }
  return {std::move(verified.link), std::nullopt};
}

bool is_foreign(const Answers& answers, const Request& request) {
  const std::string site = request.header("Sec-Fetch-Site");
  if (!site.empty() && site != "same-origin") return true;
  const std::string origin = request.header("Origin");
  if (origin.empty()) return false;
  const std::string& ours = answers.site().settings().public_url;
  const std::size_t path = ours.find('/', ours.find("//") + 2);
  return origin != ours.substr(0, path) && origin != "http://" + request.header("Host");
}

}  // namespace chaser::web
