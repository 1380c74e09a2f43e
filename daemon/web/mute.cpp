#include "web/links_open.h"
#include "web/muting.h"
#include "web/view.h"
#include "web/words.h"

namespace chaser::web {
namespace {

constexpr const char* plain = "text/plain; charset=utf-8";

Response show(const Answers& answers, const Request& request, const channels::Link& link, store::Store& store,
              const chase::World& world) {
  View view;
  view.text("me", party_name(link.recipient, world)).text("form_action", "/u/" + url_part(request.places.at(0)));
  view.text("ask", whom_to_ask(world, ""));
  view.flag("muted", read_muted(store).contains(link.recipient));
  return answers.page("Digests", render("mute", view));
}

/// RFC 8058: the mail program posts by itself, without a page, a cookie or a redirect. The same address with our own
/// button ends and begins them.
Response act(const Answers& answers, const Request& request) {
  const auto world = answers.site().world();
  channels::Link link;
  {
    const Site::Reader store = answers.site().reader();
    OpenedLink opened = open_link(answers, request, channels::LinkPurpose::mute, *store, *world);
    if (opened.refusal) return *std::move(opened.refusal);
    link = *std::move(opened.link);
  }
  const bool one_click = request.field("List-Unsubscribe") == "One-Click";
  if (!one_click && is_foreign(answers, request))
    return answers.error(403, "The form came from another site. Nothing was changed.");
  const bool wanted = request.field("digests") != "on";
  if (!one_click && request.field("digests").empty()) return answers.error(400);
  answers.site().on_loop([&](store::Store& store, const chase::World&, Instant now) {
    set_muted(store, link.recipient, wanted, "link:" + link.recipient, now);
  });
  if (one_click) return {200, plain, "No more digests.\n"};
  return see_other("/u/" + url_part(request.places.at(0)));
}

}  // namespace

void add_mute(Answers& answers) {
  answers.router().add(
      {"GET", "/u/{token}", Role::anybody, [&answers](const Request& request, const Principal&) {
         const auto world = answers.site().world();
         const Site::Reader store = answers.site().reader();
         const OpenedLink opened = open_link(answers, request, channels::LinkPurpose::mute, *store, *world);
         return opened.refusal ? *opened.refusal : show(answers, request, *opened.link, *store, *world);
       }});
  answers.router().add({"POST", "/u/{token}", Role::anybody,
                        [&answers](const Request& request, const Principal&) { return act(answers, request); }});
}

}  // namespace chaser::web
