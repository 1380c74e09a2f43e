#pragma once

#include <optional>
#include <string>

#include "channels/links.h"
#include "store/store.h"
#include "web/answers.h"

namespace chaser::web {

/// A link that holds, or the page that says why it does not.
struct OpenedLink {
  std::optional<channels::Link> link;
  std::optional<Response> refusal;
};
/// Verifies the token in the request's first place, its end and whether the recipient's links were withdrawn since.
OpenedLink open_link(const Answers& answers, const Request& request, channels::LinkPurpose purpose, store::Store& store,
                     const chase::World& world);

/// A form that came from another site's page: nothing of ours sends one there.
bool is_foreign(const Answers& answers, const Request& request);

/// "the plan's coordinator, Anna Lead (anna@kent.example)"; without a plan the first one's.
std::string whom_to_ask(const chase::World& world, std::string_view plan);

void add_answer_link(Answers& answers);
void add_my_actions(Answers& answers);
void add_mute(Answers& answers);

}  // namespace chaser::web
