#include <array>

#include "web/access.h"
#include "web/api.h"
#include "web/idempotency.h"
#include "web/muting.h"

namespace chaser::web {
namespace {

constexpr std::size_t key_characters_max = 200;
constexpr std::size_t document_bytes_max = 8 * 1024 * 1024;

/// A field of a body and the option of the verb that it is.
struct OptionField {
  std::string_view field;
  std::string_view option;
};
constexpr std::array<OptionField, 14> answer_options{{{"party", "--party"},
                                                      {"note", "--note"},
                                                      {"status", "--status"},
                                                      {"until", "--until"},
                                                      {"percent", "--percent"},
                                                      {"due", "--due"},
                                                      {"to", "--to"},
                                                      {"others", "--by"},
                                                      {"evidence", "--evidence"},
                                                      {"request", "--request"},
                                                      {"value", "--value"},
                                                      {"on", "--on"},
                                                      {"rag", "--rag"},
                                                      {"milestone", "--milestone"}}};

/// A field's value as the command line has it: "50", "5.4,5.5".
std::string option_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number()) return std::to_string(value.get<std::int64_t>());
  std::string joined;
  for (const Json& each : value) joined += (joined.empty() ? "" : ",") + each.get<std::string>();
  return joined;
}

Done done_of(const CommandAnswer& answer) {
  switch (answer.end) {
    case CommandAnswer::End::done:
      return {200, answer.said};
    case CommandAnswer::End::refused:
      return {409, answer.said};
    case CommandAnswer::End::misused:
      return {422, answer.said};
    case CommandAnswer::End::failed:
      break;
  }
  return {503, answer.said};
}

Response said(const ApiRequest& request, const Done& done) {
  if (done.status >= 400) return api_problem(done.status, done.said);
  return api_answer(request, {{"said", done.said}});
}

/// On the loop, once for the client's key if it sent one.
Response write(const ApiRequest& request, const std::function<Done(store::Store& store, Instant now)>& work) {
  const std::string key = request.http.header("Idempotency-Key");
  if (key.size() > key_characters_max) throw ApiProblem(400, "An Idempotency-Key has at most 200 characters.");
  const std::string whose = key.empty() ? "" : request.who.actor() + "\n" + key;
  const std::string call = request.http.method + " " + request.http.path + "\n" + request.http.body;
  Done done;
  request.staff.change([&](store::Store& store, const chase::World&, Instant now) {
    done = once(store, whose, call, now, [&] { return work(store, now); });
  });
  return said(request, done);
}

Response carry(const ApiRequest& request, Command command) {
  command.actor = request.who.actor();
  return write(request, [&](store::Store&, Instant) { return done_of(request.site().doors().carry_out(command)); });
}

Response answer(const ApiRequest& request) {
  {
    const auto world = request.site().world();
    const Site::Reader store = request.site().reader();
    const bool is_there = world->find_plan(request.place(0)) != nullptr &&
                          store->load_action(request.place(0), request.place(1), *world).has_value();
    if (!is_there) throw ApiProblem(404, "There is no action " + request.place(0) + "/" + request.place(1) + ".");
  }
  Command command{"answer", {request.place(0) + "/" + request.place(1), request.text("response")}, {}, "", ""};
  for (const OptionField& each : answer_options) {
    const auto given = request.body.find(std::string(each.field));
    if (given != request.body.end()) command.options[std::string(each.option)] = option_text(*given);
  }
  return carry(request, std::move(command));
}

/// "plan:ID", "rule:NAME" or "party:ID" of the one field that is there; none: everything.
std::vector<std::string> what_is_stopped(const ApiRequest& request) {
  std::vector<std::string> words;
  for (const char* what : {"plan", "rule", "party"}) {
    if (const std::string name = request.text(what); !name.empty()) words.push_back(std::string(what) + ":" + name);
  }
  if (words.size() > 1) throw ApiProblem(422, "One of \"plan\", \"rule\" and \"party\", or none for everything.");
  return words;
}

Response stop(const ApiRequest& request) {
  return carry(request, {"stop", what_is_stopped(request), {}, "", ""});
}

Response release(const ApiRequest& request) {
  std::vector<std::string> words = what_is_stopped(request);
  const std::string what = request.text("what");
  if (what != "stop" && !words.empty()) throw ApiProblem(422, "\"plan\", \"rule\" and \"party\" go with a stop.");
  if (what != "stop" && !request.text("name").empty()) words.push_back(request.text("name"));
  words.insert(words.begin(), what);
  return carry(request, {"release", std::move(words), {}, "", ""});
}

Response retry(const ApiRequest& request) {
  return carry(request, {"outbox retry", {request.place(0)}, {}, "", ""});
}

Response drop(const ApiRequest& request) {
  return carry(request, {"outbox drop", {request.place(0)}, {}, "", ""});
}

Response import_document(const ApiRequest& request) {
  if (request.site().world()->find_plan(request.place(0)) == nullptr)
    throw ApiProblem(404, "There is no plan \"" + request.place(0) + "\".");
  const auto apply = request.body.find("apply");
  Command command{"plan import", {"-"}, {{"--plan", request.place(0)}}, request.text("document"), ""};
  if (apply != request.body.end() && apply->get<bool>()) command.options["--apply"] = "";
  return carry(request, std::move(command));
}

/// A leaver is no longer in the directory, so nobody asks whether the party is there.
Response erase(const ApiRequest& request) {
  Command command{"erase", {request.place(0)}, {}, "", ""};
  const auto names = request.body.find("names");
  if (names != request.body.end()) {
    for (const Json& name : *names) command.words.push_back(name.get<std::string>());
  }
  return carry(request, std::move(command));
}

Response migrate(const ApiRequest& request) {
  return carry(request, {"rules migrate", {}, {{"--apply", ""}}, "", ""});
}

void check_party(const ApiRequest& request) {
  if (request.site().world()->find_party(request.place(0)) == chase::no_party)
    throw ApiProblem(404, "There is no party \"" + request.place(0) + "\".");
}

Response digests(const ApiRequest& request) {
  check_party(request);
  const std::string& party = request.place(0);
  const bool wanted = request.body.at("digests").get<bool>();
  return write(request, [&](store::Store& store, Instant now) {
    set_muted(store, party, !wanted, request.who.actor(), now);
    return Done{200, party + (wanted ? " gets digests" : " gets no digests any more")};
  });
}

Response revoke(const ApiRequest& request) {
  check_party(request);
  const std::string& party = request.place(0);
  return write(request, [&](store::Store& store, Instant now) {
    revoke_links(store, party, request.who.actor(), now);
    return Done{200, "every link and calendar address of " + party + " has ended"};
  });
}

std::vector<ApiField> stop_fields() {
  return {{"plan", ApiType::text, "A plan's id."},
          {"rule", ApiType::text, "A rule's name."},
          {"party", ApiType::text, "A party's id."}};
}

void add_plan_writing(std::vector<ApiCall>& calls) {
  calls.push_back(
      {"POST",
       "/plans/{plan}/actions/{action}/responses",
       Role::coordinator,
       "answerAction",
       "Records a response for an owner, as chaser answer does.",
       "Said",
       answer,
       {},
       {{"response", ApiType::text, "Such as acknowledge, update, blocked, extension, done: see docs/RULES.md.", true},
        {"party", ApiType::text, "Who answers; needed if the action has several owners."},
        {"until", ApiType::day, "Of acknowledge, snooze and blocked: the last day."},
        {"status", ApiType::text, "Of update: the new status."},
        {"percent", ApiType::number, "Of update: how much is done, 0 to 100."},
        {"due", ApiType::day, "Of extension: the date asked for; of approve: the one granted."},
        {"to", ApiType::text, "Of delegate: to whom; of approve and refuse: whose request."},
        {"others", ApiType::texts, "Of blocked, superseded, merged, split: which actions."},
        {"evidence", ApiType::text, "A link to what proves it."},
        {"request", ApiType::text, "Of approve and refuse: which kind, if several wait."},
        {"value", ApiType::text, "Of update: what the action's measure reads, such as 410000 or 1.5 million."},
        {"on", ApiType::day, "Of update with a value: on which day it was read; today if not said."},
        {"rag", ApiType::text, "Of update: how they say it stands: red, amber or green."},
        {"milestone", ApiType::text, "Of update: the id of a milestone that is met."},
        {"note", ApiType::text, "In their words."}}});
  ApiCall importing{
      "POST",
      "/plans/{plan}/import",
      Role::coordinator,
      "importPlan",
      "The change set of a document against the stored plan; taken with apply.",
      "Said",
      import_document,
      {},
      {{"document", ApiType::text, "The document's text.", true}, {"apply", ApiType::truth, "true: it is taken."}}};
  importing.body_max = document_bytes_max;
  calls.push_back(std::move(importing));
  calls.push_back({"POST", "/rule-migration", Role::coordinator, "migrateCases",
                   "Open cases that keep an older version of their rule go on under the loaded one.", "Said", migrate});
}

void add_people_writing(std::vector<ApiCall>& calls) {
  calls.push_back({"POST", "/people/{party}/links/revocation", Role::admin, "revokeLinks",
                   "Ends every link and calendar address of a party.", "Said", revoke});
  calls.push_back({"POST",
                   "/people/{party}/digests",
                   Role::coordinator,
                   "setDigests",
                   "Whether a party gets digests.",
                   "Said",
                   digests,
                   {},
                   {{"digests", ApiType::truth, "false: none any more.", true}}});
  calls.push_back({"POST",
                   "/people/{party}/erasure",
                   Role::admin,
                   "erasePerson",
                   "Forgets a leaver who is no longer in the directory; the log stays whole.",
                   "Said",
                   erase,
                   {},
                   {{"names", ApiType::texts, "Names by which texts may speak of them."}}});
}

void add_sending_writing(std::vector<ApiCall>& calls) {
  calls.push_back({"POST", "/deliveries/{message}/retry", Role::coordinator, "retryDelivery",
                   "Tries a message again that waits for a person's word.", "Said", retry});
  calls.push_back(
      {"POST", "/deliveries/{message}/drop", Role::coordinator, "dropDelivery", "Gives a message up.", "Said", drop});
  calls.push_back({"POST",
                   "/stops",
                   Role::coordinator,
                   "stop",
                   "Holds sending; deciding goes on.",
                   "Said",
                   stop,
                   {},
                   stop_fields()});
  std::vector<ApiField> fields = stop_fields();
  fields.insert(fields.begin(), {"what", ApiType::text, "stop, limit, freeze, clock or address.", true});
  fields.push_back(
      {"name", ApiType::text, "Of limit, the rule; of freeze, its name; of address, the party; none for every one."});
  calls.push_back({"POST",
                   "/releases",
                   Role::coordinator,
                   "release",
                   "Lets go what is held.",
                   "Said",
                   release,
                   {},
                   std::move(fields)});
}

}  // namespace

void add_writing_calls(std::vector<ApiCall>& calls) {
  add_plan_writing(calls);
  add_people_writing(calls);
  add_sending_writing(calls);
}

}  // namespace chaser::web
