#include "plan/workflow.h"

namespace chaser::plan {

/// rules/workflow.yaml, byte for byte (a test holds it so): what a program without that file goes by.
std::string_view Workflow::shipped_text() {
  return R"yaml(# What an action can be, what people may do about it, and whose word that needs. How it reads: docs/RULES.md, "The workflow".
version: 1
statuses:
  - status: not_started
    kind: open
    words: [not begun, to do, todo, planned, pending, open, new, upcoming]
  - status: in_progress
    kind: open
    words: [started, underway, under way, ongoing, wip, work in progress, active, on track, at risk, off track, delayed,
            behind schedule, partially complete, partly complete]
  - status: blocked
    kind: open
    words: [on hold, paused, stalled, waiting]
  - status: done
    kind: finished
    words: [complete, completed, delivered, finished, achieved, closed]
  - status: cancelled
    kind: finished
    words: [canceled, withdrawn, abandoned, dropped, removed]
  - status: superseded
    kind: finished
    words: [replaced, merged, superceded]
transitions:
  - answer: update
    from: [not_started, in_progress, blocked]
    to: [not_started, in_progress, blocked]
    by: [lead, support, coordinator, sponsor]
  - answer: extension
    from: [not_started, in_progress, blocked]
    by: [lead, support, coordinator, sponsor]
    approval: approver
  - answer: done
    from: [not_started, in_progress, blocked]
    to: done
    by: [lead, coordinator, sponsor]
    approval: coordinator
  - answer: cancelled
    from: [not_started, in_progress, blocked]
    to: cancelled
    by: [lead, coordinator, sponsor]
    asks: note
    approval: coordinator
  - answer: superseded
    from: [not_started, in_progress, blocked]
    to: superseded
    by: [lead, coordinator, sponsor]
    approval: coordinator
  - answer: merged
    from: [not_started, in_progress, blocked]
    to: superseded
    by: [lead, coordinator, sponsor]
    approval: coordinator
  - answer: split
    from: [not_started, in_progress, blocked]
    to: superseded
    by: [lead, coordinator, sponsor]
    approval: coordinator
  - answer: reopen
    from: [done, cancelled, superseded]
    to: in_progress
    by: [lead, coordinator, sponsor]
    asks: note
)yaml";
}

}  // namespace chaser::plan
