#pragma once

#include "app/writing.h"

namespace chaser::app {

/// Whether it is one of the verbs about who may use the pages.
bool is_access_verb(std::string_view verb);
/// `account set|remove|list`, `token add|revoke|list`, `links revoke`. A password comes as the request's text; a token
/// is told once, in the answer.
WriteAnswer change_access(Engine& engine, const WriteRequest& request, Instant now);

}  // namespace chaser::app
