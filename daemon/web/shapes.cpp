#include "web/shapes.h"

#include "calendar/time.h"
#include "chase/reason.h"

namespace chaser::web {
namespace {

Json party_id(chase::PartyIndex party, const chase::World& world) {
  return party == chase::no_party ? Json(nullptr) : Json(world.person(party).id);
}

Json or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

Json milestones_of(const chase::ActionFacts& facts) {
  Json list = Json::array();
  for (const plan::Milestone& each : facts.milestones)
    list.push_back({{"id", each.id}, {"name", each.name}, {"due", day_shape(each.due)}, {"done", each.done}});
  return list;
}

Json shape_of(const store::DeadAddress& dead) {
  return {{"party", dead.recipient}, {"since", time_shape(dead.since)}, {"said", dead.said}};
}

}  // namespace

Json time_shape(const std::optional<calendar::Instant>& at) {
  if (!at || *at >= absl::InfiniteFuture()) return nullptr;
  return calendar::rfc3339(*at, absl::UTCTimeZone());
}

Json day_shape(const std::optional<calendar::CivilDay>& day) {
  return day ? Json(calendar::iso_day(*day)) : Json(nullptr);
}

Json status_shape(store::Store& store, absl::Duration dead_address_for, calendar::Instant now) {
  const store::StoreStatus status = store.status();
  Json dead = Json::array();
  for (const store::DeadAddress& each : store.dead_addresses(now - dead_address_for)) dead.push_back(shape_of(each));
  return {{"plans", status.plans},
          {"actions", status.actions},
          {"ongoing", status.ongoing},
          {"open_cases", status.open_cases},
          {"pending", status.pending},
          {"queued", status.queued},
          {"needs_attention", status.needs_attention},
          {"oldest_unsent", time_shape(status.oldest_unsent)},
          {"last_pass", time_shape(status.last_pass)},
          {"next_look", time_shape(status.next_look)},
          {"next_compose", time_shape(status.next_compose)},
          {"next_retry", time_shape(status.next_retry)},
          {"alarm", store.kept("alarm").value_or("")},
          {"log", {{"events", status.log.events}, {"head", status.log.hash}}},
          {"inbox_trouble", store.kept("inbox_trouble").value_or("")},
          {"scripted", status.scripted},
          {"schema_version", status.schema_version},
          {"dead_addresses", std::move(dead)}};
}

Json shape_of(const store::Event& event) {
  return {{"sequence", event.sequence},
          {"at", time_shape(event.at)},
          {"kind", event.kind},
          {"plan", event.plan},
          {"action", event.action},
          {"actor", event.actor},
          {"details", Json::parse(event.json, nullptr, false)},
          {"words", event.words},
          {"seal", event.seal},
          {"hash", event.hash}};
}

Json shape_of(const store::OutboxMessage& message) {
  Json items = Json::array();
  for (const store::TellingItem& item : message.items) {
    items.push_back({{"plan", item.plan},
                     {"action", item.action},
                     {"rule", item.rule},
                     {"step", item.step},
                     {"occurrence", to_string(item.occurrence)}});
  }
  return {{"message", message.row},
          {"state", store::name_of(message.state)},
          {"to", message.recipient},
          {"channel", message.channel},
          {"kind", chase::name_of(message.kind)},
          {"attempts", message.attempts},
          {"created", time_shape(message.created)},
          {"not_before", time_shape(message.not_before)},
          {"message_id", message.message_id},
          {"last_outcome", message.last_outcome},
          {"items", std::move(items)}};
}

Json shape_of(const store::Attempt& attempt) {
  return {{"number", attempt.number},
          {"started", time_shape(attempt.started)},
          {"ended", time_shape(attempt.ended)},
          {"outcome", attempt.ended ? Json(store::name_of(attempt.outcome.kind)) : Json(nullptr)},
          {"code", attempt.outcome.code},
          {"enhanced", attempt.outcome.enhanced},
          {"text", attempt.outcome.text}};
}

Json shape_of(const store::NotificationRecord& record) {
  return {{"key", record.key},
          {"rule", record.rule},
          {"step", record.step},
          {"occurrence", record.occurrence},
          {"to", record.recipient},
          {"about", record.about},
          {"state", record.state},
          {"reason", or_null(record.reason)},
          {"deliver", record.deliver},
          {"via", record.via},
          {"nominal", day_shape(record.nominal)},
          {"opening", time_shape(record.opening)},
          {"decided", time_shape(record.decided)},
          {"sent", time_shape(record.sent)}};
}

Json shape_of(const store::HoldRecord& hold) {
  return {{"rule", hold.rule},
          {"step", hold.step},
          {"to", or_null(hold.recipient)},
          {"reason", chase::name_of(hold.reason.code)},
          {"words", chase::describe(hold.reason)},
          {"since", time_shape(hold.since)},
          {"until", time_shape(hold.until)}};
}

Json shape_of(const store::Stop& stop) {
  return {{"plan", or_null(stop.plan)}, {"rule", or_null(stop.rule)}, {"party", or_null(stop.party)}};
}

Json shape_of(const store::RequestRecord& request) {
  return {{"plan", request.plan},
          {"action", request.action},
          {"title", request.title},
          {"number", request.number},
          {"request", chase::name_of(request.kind)},
          {"for", request.parties},
          {"asker", request.asker},
          {"decider", request.decider},
          {"asked", time_shape(request.asked)},
          {"due", day_shape(request.due)},
          {"others", request.others},
          {"note", request.note},
          {"evidence", or_null(request.evidence)},
          {"state", request.state},
          {"decided", time_shape(request.decided)},
          {"decided_by", or_null(request.decided_by)}};
}

Json shape_of(const store::ResponseRecord& record) {
  const chase::Response& said = record.response;
  return {{"at", time_shape(record.at)},
          {"response", chase::name_of(said.kind)},
          {"party", said.party},
          {"author", said.author},
          {"means", said.means},
          {"until", day_shape(said.until)},
          {"due", day_shape(said.due)},
          {"note", said.note},
          {"evidence", or_null(said.evidence)},
          {"accepted", record.accepted},
          {"answer", record.answer}};
}

Json shape_of(const plan::Timescale& timescale) {
  Json alternative = nullptr;
  if (timescale.alternative) {
    alternative = {{"start", day_shape(timescale.alternative->start)},
                   {"due", day_shape(timescale.alternative->due)},
                   {"convention", timescale.alternative->convention}};
  }
  return {{"verbatim", timescale.verbatim},
          {"kind", plan::name_of(timescale.kind)},
          {"start", day_shape(timescale.start)},
          {"due", day_shape(timescale.due)},
          {"precision", plan::name_of(timescale.precision)},
          {"convention", timescale.convention},
          {"ambiguous", timescale.ambiguous},
          {"alternative", std::move(alternative)}};
}

Json action_shape(const chase::ActionState& state, const chase::World& world) {
  const chase::ActionFacts& facts = state.facts;
  Json assignments = Json::array();
  for (const chase::AssignmentState& each : state.assignments) {
    assignments.push_back({{"party", party_id(each.party, world)},
                           {"delegate", party_id(each.delegate, world)},
                           {"role", plan::name_of(each.role)},
                           {"token", each.token},
                           {"since", time_shape(each.since)}});
  }
  return {{"plan", state.plan->id},
          {"id", facts.id},
          {"section", facts.section},
          {"title", facts.title},
          {"text", facts.text},
          {"owners", facts.owners},
          {"assignments", std::move(assignments)},
          {"timescale", shape_of(facts.timescale)},
          {"status", facts.status},
          {"first_due", day_shape(facts.first_due)},
          {"slips", facts.slips},
          {"updated", time_shape(facts.updated)},
          {"reviewed", time_shape(facts.reviewed)},
          {"last_note", facts.last_note},
          {"tags", facts.tags},
          {"milestones", milestones_of(facts)}};
}

Json case_shape(const chase::CaseState& chase_case, const chase::ActionState& state, const chase::World& world) {
  Json pauses = Json::array();
  for (const chase::Pause& pause : chase_case.pauses) {
    const bool is_known = pause.assignment < state.assignments.size();
    pauses.push_back({{"party", is_known ? party_id(state.assignments[pause.assignment].party, world) : Json(nullptr)},
                      {"response", chase::name_of(pause.kind)},
                      {"from", time_shape(pause.from)},
                      {"last", day_shape(pause.last)}});
  }
  return {
      {"rule", chase_case.rule == nullptr ? "" : chase_case.rule->rule->name},
      {"anchor", chase_case.anchor},
      {"epoch", chase_case.epoch},
      {"anchor_day", day_shape(chase_case.anchor_day)},
      {"began", time_shape(chase_case.began)},
      {"status", chase::name_of(chase_case.status)},
      {"closed", time_shape(chase_case.closed_at)},
      {"closed_by", or_null(chase_case.status == chase::CaseStatus::open ? "" : chase::describe(chase_case.closed_by))},
      {"pauses", std::move(pauses)}};
}

Json shape_of(const chase::Person& person, const chase::World& world) {
  const plan::Party* const party = world.directory().find(person.id);
  Json absences = Json::array();
  if (party != nullptr) {
    for (const plan::Absence& each : party->absences)
      absences.push_back({{"from", day_shape(each.from)}, {"to", day_shape(each.to)}});
  }
  return {{"id", person.id},
          {"kind", party == nullptr ? Json(nullptr) : Json(plan::name_of(party->kind))},
          {"name", person.name},
          {"email", or_null(person.contact.email)},
          {"teams", or_null(person.contact.teams)},
          {"members", party == nullptr ? std::vector<std::string>() : party->members},
          {"superior", party_id(person.superior, world)},
          {"deputy", party_id(person.deputy, world)},
          {"vacant", person.vacant},
          {"reachable", !person.recipients.empty()},
          {"absences", std::move(absences)}};
}

Json shape_of(const chase::Telling& told) {
  return {{"at", time_shape(told.at)},
          {"plan", told.plan},
          {"action", told.action},
          {"rule", told.rule},
          {"step", told.step},
          {"occurrence", to_string(told.occurrence)},
          {"to", told.to},
          {"via", told.channel},
          {"deliver", rulebook::name_of(told.deliver)},
          {"reason", told.reason}};
}

Json shape_of(const plan::ChangeSet& changes) {
  Json list = Json::array();
  for (const plan::Change& change : changes.changes) {
    list.push_back({{"kind", plan::name_of(change.kind)},
                    {"action", change.action},
                    {"before", or_null(change.before)},
                    {"after", or_null(change.after)}});
  }
  return list;
}

Json shape_of(const chase::CompiledRule& compiled) {
  const rulebook::Rule& rule = *compiled.rule;
  Json steps = Json::array();
  for (const rulebook::Step& step : rule.steps) {
    std::vector<std::string> audience;
    for (const rulebook::Audience& each : step.to) audience.push_back(to_string(each));
    steps.push_back({{"step", step.name},
                     {"at", to_string(step.at)},
                     {"to", std::move(audience)},
                     {"deliver", rulebook::name_of(step.deliver)},
                     {"via", step.via}});
  }
  return {{"rule", rule.name},         {"about", rule.about},   {"anchor", rulebook::name_of(rule.anchor)},
          {"calendar", rule.calendar}, {"window", rule.window}, {"version", rule.version},
          {"steps", std::move(steps)}};
}

std::string text_of(const Json& value, int indent) {
  return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace chaser::web
