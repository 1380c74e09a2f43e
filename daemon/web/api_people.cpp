#include "web/access.h"
#include "web/api.h"
#include "web/feeds.h"
#include "web/muting.h"

namespace chaser::web {
namespace {

const chase::Person& person_of(const ApiRequest& request, const chase::World& world) {
  const chase::PartyIndex party = world.find_party(request.place(0));
  if (party == chase::no_party || world.person(party).is_report)
    throw ApiProblem(404, "There is no party \"" + request.place(0) + "\".");
  return world.person(party);
}

Json person_shape(const chase::Person& person, const chase::World& world, const Muted& muted) {
  Json shape = shape_of(person, world);
  shape["digests"] = !muted.contains(person.id);
  return shape;
}

Response people(const ApiRequest& request) {
  const auto world = request.site().world();
  ApiList list(request);
  const Muted muted = read_muted(*request.site().reader());
  for (const chase::Person& person : world->persons()) {
    if (!person.is_report) list.add([&] { return person_shape(person, *world, muted); });
  }
  return list.answer();
}

Response one(const ApiRequest& request) {
  const auto world = request.site().world();
  const Muted muted = read_muted(*request.site().reader());
  return api_answer(request, person_shape(person_of(request, *world), *world, muted));
}

Response calendar_address(const ApiRequest& request) {
  const auto world = request.site().world();
  const chase::Person& person = person_of(request, *world);
  const SiteSettings& settings = request.site().settings();
  if (settings.link_keys.empty() || settings.public_url.empty())
    throw ApiProblem(409, "The settings have no \"links\" or no \"public_url\": there are no feeds.");
  const Site::Reader store = request.site().reader();
  try {
    const std::string path = feed_path(settings.link_keys, person.id, read_access(*store).token_epoch(person.id));
    return api_answer(request, {{"party", person.id}, {"url", settings.public_url + path}});
  } catch (const std::invalid_argument& reason) {
    throw ApiProblem(409, reason.what());
  }
}

}  // namespace

void add_people_calls(std::vector<ApiCall>& calls) {
  calls.push_back(
      {"GET", "/people", Role::viewer, "listPeople", "All parties of the directory.", "People", people, page_fields()});
  calls.push_back({"GET", "/people/{party}", Role::viewer, "getPerson", "A party.", "Person", one});
  calls.push_back({"GET", "/people/{party}/calendar", Role::coordinator, "getCalendarAddress",
                   "The address of a party's calendar feed. Whoever has it can read the feed.", "CalendarAddress",
                   calendar_address});
}

}  // namespace chaser::web
