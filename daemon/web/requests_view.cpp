#include "web/requests_view.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "chase/respond.h"
#include "web/exchange.h"
#include "web/words.h"

namespace chaser::web {

std::vector<View> request_views(const std::vector<store::RequestRecord>& requests, const chase::World& world,
                                calendar::Instant now, const Principal& who) {
  std::vector<View> views;
  for (const store::RequestRecord& request : requests) {
    View view;
    const calendar::Zone zone = zone_of(request.plan, world);
    view.text("id", request.action)
        .text("title", request.title)
        .text("path", action_path(request.plan, request.action));
    view.text("asker", party_name(request.asker, world)).text("asks", std::string(chase::words_of(request.kind)));
    view.text("due", day_words(request.due)).text("due_iso", request.due ? calendar::iso_day(*request.due) : "");
    view.text("note", request.note).text("evidence", request.evidence.starts_with("https://") ? request.evidence : "");
    view.text("others", fmt::format("{}", fmt::join(request.others, ", ")));
    view.text("decider", party_name(request.decider, world)).text("asked", near_time_words(request.asked, now, zone));
    view.text("decide_path",
              fmt::format("/decisions/{}/{}/{}", url_part(request.plan), url_part(request.action), request.number));
    view.text("key", fmt::format("{}-{}-{}", request.plan, request.action, request.number));
    view.text("csrf", who.csrf).flag("may_decide", who.role >= Role::coordinator);
    const bool handed_over = request.kind == chase::ResponseKind::delegate;
    // There is nothing to approve: it ends when somebody else has it.
    const bool is_given_back = request.kind == chase::ResponseKind::not_mine;
    view.flag("can_say_yes", !is_given_back).flag("is_given_back", is_given_back);
    view.text("yes", handed_over ? "Accept for them" : "Approve")
        .text("no", handed_over     ? "Decline for them"
                    : is_given_back ? "It stays with them"
                                    : "Refuse");
    views.push_back(std::move(view));
  }
  return views;
}

}  // namespace chaser::web
