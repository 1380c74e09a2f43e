#pragma once

#include <span>
#include <string>
#include <vector>

#include "chase/rehearsal.h"
#include "store/store.h"

namespace chaser::web {

/// What the page shows; a value, so that the page is a pure function of it.
struct Overview {
  calendar::Instant now;
  store::StoreStatus status;
  std::vector<store::NotificationRecord> sent;  // newest first
  std::vector<store::OutboxMessage> waiting;    // not settled
  std::vector<store::HoldRecord> held;
  std::vector<chase::Telling> next;
};

/// The coordinator's three questions on one page: what went out, what waits and why, what comes next. Everything
/// escaped; no script; readable at 320 px.
std::string page(const Overview& overview, const chase::World& world);

/// `text` for HTML, quotes included.
std::string escape(std::string_view text);

}  // namespace chaser::web
