#include <nlohmann/json.hpp>
#include <set>

#include "support/catch.h"
#include "web/access.h"
#include "web/api.h"
#include "web/idempotency.h"
#include "web/serving.h"

using namespace chaser;
using namespace chaser::test;
using Json = nlohmann::json;

namespace {

plan::Party party(const std::string& id, const std::string& name) {
  plan::Party made;
  made.id = id;
  made.contact.name = name;
  made.contact.email = id + "@chaser.example";
  return made;
}

/// Three actions of Ann's and one of Ben's; commands are noted and answered with `answer`.
class ApiServing : public Serving {
 public:
  explicit ApiServing(bool guests = true) : Serving(given(*this, guests)) {
    plan::Plan plan;
    plan.id = "plan";
    plan.title = "Plan";
    const std::vector<std::pair<std::string, std::string>> rows{
        {"1", "Ann"}, {"2", "Ann"}, {"3", "Ben"}, {"4.1", "Ann"}};
    for (const auto& [id, owner] : rows) {
      plan::Action action;
      action.id = id;
      action.section = id == "4.1" ? "Later" : "First";
      action.text = action.title = "Plant trees";
      action.owners.push_back({owner, plan::Role::lead});
      action.timescale = plan::read_timescale(id == "4.1" ? "2030" : "2026");
      plan.actions.push_back(std::move(action));
    }
    store().import(plan, world(), morning, "test");
    coordinator = web::add_token(store(), "robot", web::Role::coordinator, "test", morning);
    viewer = web::add_token(store(), "screen", web::Role::viewer, "test", morning);
    admin = web::add_token(store(), "root", web::Role::admin, "test", morning);
  }
  static Given given(ApiServing& self, bool guests) {
    Given made;
    made.guests_may_look = guests;
    made.link_keys = {{std::string(32, 'k')}};
    made.world.directory.add(party("ann", "Ann"));
    made.world.directory.add(party("ben", "Ben"));
    made.carry_out = [&self](const web::Command& command) {
      self.commands.push_back(command);
      return self.answer_of_commands;
    };
    made.look_up = [&self](const web::Command& command) { return self.look_up(command); };
    return made;
  }

  std::string get_json(const std::string& path, const std::string& headers = "") const {
    return get("/api/v1" + path, headers);
  }
  std::string post_json(const std::string& path, const std::string& text, const std::string& headers) const {
    return answer("POST /api/v1" + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers +
                  "Content-Type: application/json\r\nContent-Length: " + std::to_string(text.size()) + "\r\n\r\n" +
                  text);
  }
  std::string as(const std::string& token) const { return "Authorization: Bearer " + token + "\r\n"; }

  std::string coordinator;
  std::string viewer;
  std::string admin;
  std::function<web::CommandAnswer(const web::Command& command)> look_up;
  std::vector<web::Command> commands;
  web::CommandAnswer answer_of_commands{web::CommandAnswer::End::done, "noted"};
};

Json json_of(const std::string& answer) {
  INFO(answer);
  const Json value = Json::parse(body(answer), nullptr, false);
  REQUIRE(!value.is_discarded());
  return value;
}

std::vector<std::string> ids(const Json& page) {
  std::vector<std::string> found;
  for (const Json& item : page.at("items")) found.push_back(item.at("id"));
  return found;
}

/// What a refusal says, having the form of RFC 9457.
std::string refusal(const std::string& answer, int wanted) {
  INFO(answer);
  REQUIRE(status(answer) == wanted);
  CHECK(header(answer, "Content-Type") == "application/problem+json");
  const Json problem = json_of(answer);
  CHECK(problem.at("status") == wanted);
  CHECK(problem.at("type") == "about:blank");
  CHECK(!problem.at("title").get<std::string>().empty());
  return problem.value("detail", "");
}

}  // namespace

TEST_CASE("api: every route is in the document with its role, and the document has no other") {
  const ApiServing serving;
  const Json document = json_of(serving.get_json("/openapi.json"));
  CHECK(document.at("openapi") == "3.1.0");
  std::set<std::string> documented;
  std::set<std::string> ids_seen;
  for (const auto& [path, operations] : document.at("paths").items()) {
    for (const auto& [method, operation] : operations.items()) {
      documented.insert(method + " " + path);
      CHECK(ids_seen.insert(operation.at("operationId")).second);
    }
  }
  std::set<std::string> routed;
  for (const web::ApiCall& call : web::api_calls()) {
    std::string method = call.method;
    for (char& c : method) c = static_cast<char>(c - 'A' + 'a');
    routed.insert(method + " " + call.path);
    const Json& operation = document.at("paths").at(call.path).at(method);
    CHECK(operation.at("x-role") == web::name_of(call.role));
    if (!call.gives.empty()) CHECK(document.at("components").at("schemas").contains(call.gives));
  }
  CHECK(documented == routed);
}

TEST_CASE("api: actions come in the plan's order, narrowed and a page at a time") {
  const ApiServing serving;
  const Json all = json_of(serving.get_json("/plans/plan/actions"));
  CHECK(ids(all) == std::vector<std::string>{"1", "2", "3", "4.1"});
  CHECK(all.at("next") == nullptr);
  const auto narrowed = [&](const std::string& query) {
    return ids(json_of(serving.get_json("/plans/plan/actions?" + query)));
  };
  CHECK(narrowed("party=ann") == std::vector<std::string>{"1", "2", "4.1"});
  CHECK(narrowed("section=Later") == std::vector<std::string>{"4.1"});
  CHECK(narrowed("due_before=2027-01-01&party=ben") == std::vector<std::string>{"3"});
  CHECK(narrowed("status=done").empty());
  CHECK(narrowed("words=TREES&finished=true") == std::vector<std::string>{"1", "2", "3", "4.1"});
  CHECK(narrowed("words=4.1") == std::vector<std::string>{"4.1"});
  CHECK(narrowed("unclear=true").empty());
  const std::string first = serving.get_json("/plans/plan/actions?limit=3&party=ann&offset=0");
  const Json page = json_of(serving.get_json("/plans/plan/actions?limit=2&party=ann"));
  CHECK(ids(json_of(first)) == std::vector<std::string>{"1", "2", "4.1"});
  CHECK(page.at("next") == "/api/v1/plans/plan/actions?limit=2&party=ann&offset=2");
  CHECK(ids(json_of(serving.get(page.at("next").get<std::string>()))) == std::vector<std::string>{"4.1"});
}

TEST_CASE("api: an action has its words, cases, what was told, what is held and why") {
  const ApiServing serving;
  const Json action = json_of(serving.get_json("/plans/plan/actions/4.1"));
  CHECK(action.at("text") == "Plant trees");
  CHECK(action.at("timescale").at("due") == "2030-12-31");
  CHECK(action.at("assignments").at(0).at("party") == "ann");
  for (const char* list : {"cases", "notifications", "holds"}) CHECK(action.at(list).is_array());
  const Json history = json_of(serving.get_json("/plans/plan/actions/4.1/history"));
  CHECK(history.at("items").is_array());
  CHECK(status(serving.get_json("/plans/plan/actions/4.1/explanation")) == 200);
  refusal(serving.get_json("/plans/plan/actions/9"), 404);
  refusal(serving.get_json("/plans/none/actions"), 404);
}

TEST_CASE("api: what has not changed is not sent again") {
  const ApiServing serving;
  for (const char* path : {"/plans", "/plans/plan/actions", "/people", "/rules", "/openapi.json"}) {
    INFO(path);
    const std::string tag = header(serving.get_json(path), "ETag");
    REQUIRE(!tag.empty());
    const std::string again = serving.get_json(path, "If-None-Match: " + tag + "\r\n");
    CHECK(status(again) == 304);
    CHECK(body(again).empty());
  }
}

TEST_CASE("api: a query or a body that is not understood is refused, with every error at once") {
  const ApiServing serving;
  const Json query = json_of(serving.get_json("/plans/plan/actions?limt=3&offset=x&due_before=soon"));
  CHECK(query.at("status") == 400);
  CHECK(query.at("errors").size() == 3);
  CHECK(query.at("errors").at(0).get<std::string>().find("limit") != std::string::npos);
  const auto post = [&](const std::string& text) {
    return json_of(serving.post_json("/plans/plan/actions/1/responses", text, serving.as(serving.coordinator)));
  };
  const Json body = post(R"({"respons": "done", "until": "soon", "note": 3})");
  CHECK(body.at("status") == 422);
  CHECK(body.at("errors").size() == 4);  // the missing response too
  CHECK(post("[]").at("status") == 400);
  CHECK(post("{").at("status") == 400);
  CHECK(serving.commands.empty());
  refusal(serving.answer(form_request("/api/v1/stops", "plan=plan", serving.as(serving.coordinator))), 415);
}

TEST_CASE("api: a response is what chaser answer records, with its words, and names who asked") {
  ApiServing serving;
  const std::string answer =
      serving.post_json("/plans/plan/actions/4.1/responses",
                        R"({"response":"acknowledge","party":"ann","until":"2027-01-31","note":"on it"})",
                        serving.as(serving.coordinator));
  CHECK(status(answer) == 200);
  CHECK(json_of(answer).at("said") == "noted");
  REQUIRE(serving.commands.size() == 1);
  const web::Command& command = serving.commands[0];
  CHECK(command.verb == "answer");
  CHECK(command.words == std::vector<std::string>{"plan/4.1", "acknowledge"});
  CHECK(command.options.at("--party") == "ann");
  CHECK(command.options.at("--until") == "2027-01-31");
  CHECK(command.actor == "token:robot");
  serving.post_json("/plans/plan/actions/4.1/responses",
                    R"({"response":"blocked","party":"ann","others":["2","3"],"percent":40,"due":"2027-06-30"})",
                    serving.as(serving.coordinator));
  REQUIRE(serving.commands.size() == 2);
  CHECK(serving.commands[1].options.at("--by") == "2,3");
  CHECK(serving.commands[1].options.at("--percent") == "40");
  CHECK(serving.commands[1].options.at("--due") == "2027-06-30");
  serving.post_json("/plans/plan/actions/4.1/responses",
                    R"({"response":"update","party":"ann","value":"1.5 million","on":"2026-12-01","rag":"amber",)"
                    R"("milestone":"draft"})",
                    serving.as(serving.coordinator));
  REQUIRE(serving.commands.size() == 3);
  for (const auto& [name, value] :
       {std::pair{"--value", "1.5 million"}, {"--on", "2026-12-01"}, {"--rag", "amber"}, {"--milestone", "draft"}})
    CHECK(serving.commands[2].options.at(name) == value);
  serving.answer_of_commands = {web::CommandAnswer::End::refused, "snooze is refused: superior has been told"};
  CHECK(refusal(serving.post_json("/plans/plan/actions/1/responses", R"({"response":"snooze"})",
                                  serving.as(serving.coordinator)),
                409) == "snooze is refused: superior has been told");
  refusal(
      serving.post_json("/plans/plan/actions/9/responses", R"({"response":"done"})", serving.as(serving.coordinator)),
      404);
  CHECK(serving.commands.size() == 4);
}

TEST_CASE("api: what is stopped, let go, retried, dropped and imported is what the command line does") {
  ApiServing serving;
  const auto done = [&](const std::string& path, const std::string& text) {
    const std::string answer = serving.post_json(path, text, serving.as(serving.coordinator));
    INFO(answer);
    CHECK(status(answer) == 200);
    return serving.commands.back();
  };
  CHECK(done("/stops", R"({"rule":"deadline"})").words == std::vector<std::string>{"rule:deadline"});
  CHECK(done("/stops", "{}").words.empty());
  CHECK(done("/releases", R"({"what":"stop","plan":"plan"})").words == std::vector<std::string>{"stop", "plan:plan"});
  CHECK(done("/releases", R"({"what":"freeze","name":"Election"})").words ==
        std::vector<std::string>{"freeze", "Election"});
  CHECK(done("/deliveries/7/retry", "{}").verb == "outbox retry");
  CHECK(done("/deliveries/7/drop", "{}").verb == "outbox drop");
  const web::Command seen = done("/plans/plan/import", R"({"document":"ID,Action"})");
  CHECK(seen.text == "ID,Action");
  CHECK_FALSE(seen.options.contains("--apply"));
  CHECK(done("/plans/plan/import", R"({"document":"ID,Action","apply":true})").options.contains("--apply"));
  CHECK(done("/rule-migration", "{}").options.contains("--apply"));
  const web::Command erased = [&] {
    serving.post_json("/people/gone/erasure", R"({"names":["G. One"]})", serving.as(serving.admin));
    return serving.commands.back();
  }();
  CHECK(erased.verb == "erase");
  CHECK(erased.words == std::vector<std::string>{"gone", "G. One"});
  refusal(serving.post_json("/people/gone/erasure", "{}", serving.as(serving.coordinator)), 403);
  refusal(serving.post_json("/stops", R"({"rule":"a","plan":"b"})", serving.as(serving.coordinator)), 422);
}

TEST_CASE("api: a report is what the command prints, as at any day") {
  ApiServing serving;
  const Json report = json_of(serving.get_json("/plans/plan/reports/progress"));
  CHECK(report.at("report") == "progress");
  CHECK(report.at("on") == "2026-12-31");
  CHECK(report.at("actions").size() == 4);
  CHECK(json_of(serving.get_json("/plans/plan/reports/exceptions?on=2027-01-01")).at("figures").at("late") == 3);
  refusal(serving.get_json("/plans/plan/reports/rumours"), 404);
  refusal(serving.get_json("/plans/plan/reports/exceptions?on=soon"), 400);
}

TEST_CASE("api: what the command line looks up is asked with its own words, and its refusals are problems") {
  ApiServing serving;
  std::vector<web::Command> asked;
  web::CommandAnswer answer{web::CommandAnswer::End::done, "[]"};
  serving.look_up = [&](const web::Command& command) {
    asked.push_back(command);
    return answer;
  };
  CHECK(status(serving.get_json("/forecast?from=2027-01-01&to=2027-12-31&fresh=true&assume=prompt")) == 200);
  CHECK(asked.back().verb == "forecast");
  CHECK(asked.back().options.at("--from") == "2027-01-01");
  CHECK(asked.back().options.at("--fresh").empty());
  CHECK(asked.back().options.at("--assume") == "prompt");
  refusal(serving.get_json("/forecast?from=2027-01-01"), 400);
  answer.said = "{}";
  CHECK(status(serving.get_json("/rule-migration")) == 200);
  CHECK(asked.back().verb == "rules migrate");
  CHECK_FALSE(asked.back().options.contains("--apply"));
  CHECK(status(serving.get_json("/log/verification?replay=false")) == 200);
  CHECK_FALSE(asked.back().options.contains("--replay"));
  answer = {web::CommandAnswer::End::misused, "--to lies before --from"};
  CHECK(refusal(serving.get_json("/forecast?from=2027-01-01&to=2026-01-01"), 422) == "--to lies before --from");
  refusal(serving.get_json("/check"), 403);
}

TEST_CASE("api: what takes long is done for one at a time") {
  ApiServing serving;
  int inner = 0;
  serving.look_up = [&](const web::Command&) {
    inner = status(serving.get_json("/log/verification"));
    return web::CommandAnswer{web::CommandAnswer::End::done, "{}"};
  };
  CHECK(status(serving.get_json("/rule-migration")) == 200);
  CHECK(inner == 503);
}

TEST_CASE("api: no call makes accounts, tokens or files") {
  for (const web::ApiCall& call : web::api_calls()) {
    INFO(call.path);
    for (const char* word : {"account", "token", "backup"}) CHECK(call.path.find(word) == std::string::npos);
  }
}

TEST_CASE("api: whether somebody gets digests is told and changed") {
  ApiServing serving;
  CHECK(json_of(serving.get_json("/people/ann")).at("digests") == true);
  const auto set = [&](const char* party, const char* text) {
    return serving.post_json(std::string("/people/") + party + "/digests", text, serving.as(serving.coordinator));
  };
  CHECK(status(set("ann", R"({"digests":false})")) == 200);
  CHECK(json_of(serving.get_json("/people/ann")).at("digests") == false);
  CHECK(status(set("ann", R"({"digests":true})")) == 200);
  CHECK(json_of(serving.get_json("/people/ann")).at("digests") == true);
  refusal(set("nobody", R"({"digests":true})"), 404);
  refusal(set("ann", "{}"), 422);
}

TEST_CASE("api: a call with a key is done once; another call with that key is refused") {
  ApiServing serving;
  const auto send = [&](const std::string& key, const std::string& text, const std::string& token) {
    return serving.post_json("/stops", text, serving.as(token) + "Idempotency-Key: " + key + "\r\n");
  };
  CHECK(status(send("k1", R"({"plan":"plan"})", serving.coordinator)) == 200);
  CHECK(json_of(send("k1", R"({"plan":"plan"})", serving.coordinator)).at("said") == "noted");
  CHECK(serving.commands.size() == 1);
  refusal(send("k1", "{}", serving.coordinator), 422);
  CHECK(status(send("k2", R"({"plan":"plan"})", serving.coordinator)) == 200);
  CHECK(status(send("k1", R"({"plan":"plan"})", serving.admin)) == 200);  // another's key is another
  CHECK(serving.commands.size() == 3);
  serving.set_now(morning + web::idempotency_age_max);
  CHECK(status(send("k1", R"({"plan":"plan"})", serving.coordinator)) == 200);
  CHECK(serving.commands.size() == 4);
  refusal(send(std::string(201, 'k'), "{}", serving.coordinator), 400);
}

TEST_CASE("api: what failed of itself may be tried again with its key; what was begun and not ended says so") {
  ApiServing serving;
  int calls = 0;
  const auto failing = [&] { return web::Done{++calls == 1 ? 503 : 200, "said"}; };
  CHECK(web::once(serving.store(), "key", "call", morning, failing).status == 503);
  CHECK(web::once(serving.store(), "key", "call", morning, failing).status == 200);
  CHECK(web::once(serving.store(), "key", "call", morning, failing).status == 200);
  CHECK(calls == 2);
  const auto killed = [&]() -> web::Done { throw std::runtime_error("killed"); };
  CHECK_THROWS(web::once(serving.store(), "other", "call", morning, killed));
  CHECK(web::once(serving.store(), "other", "call", morning, failing).status == 409);
  CHECK(calls == 2);
}

TEST_CASE("api: keys are kept up to a limit, the newest longest") {
  ApiServing serving;
  int calls = 0;
  const auto count = [&] { return web::Done{200, std::to_string(++calls)}; };
  for (int i = 0; i < 3'000; i += 37) web::once(serving.store(), "key" + std::to_string(i), "call", morning, count);
  const int before = calls;
  CHECK(web::once(serving.store(), "key2997", "call", morning, count).said == std::to_string(before));
  CHECK(web::idempotency_keys_max == 2'048);
}

TEST_CASE("api: roles decide who may what, and refusals are problem details") {
  ApiServing serving(false);
  refusal(serving.get_json("/plans"), 401);
  CHECK(header(serving.get_json("/plans"), "WWW-Authenticate") == "Bearer");
  refusal(serving.get_json("/plans", serving.as("chaser_wrong")), 401);
  CHECK(status(serving.get_json("/plans", serving.as(serving.viewer))) == 200);
  refusal(serving.post_json("/stops", "{}", serving.as(serving.viewer)), 403);
  refusal(serving.post_json("/stops", "{}", ""), 401);
  refusal(serving.get_json("/people/ann/calendar", serving.as(serving.viewer)), 403);
  refusal(serving.post_json("/people/ann/links/revocation", "{}", serving.as(serving.coordinator)), 403);
  CHECK(serving.commands.empty());
  refusal(serving.get_json("/nowhere", serving.as(serving.viewer)), 404);
  refusal(serving.post_json("/plans", "{}", serving.as(serving.admin)), 405);
  CHECK(status(serving.get_json("/openapi.json")) == 200);
}

TEST_CASE("api: a person's calendar address works until it is revoked") {
  ApiServing serving;
  const std::string url = json_of(serving.get_json("/people/ann/calendar", serving.as(serving.coordinator))).at("url");
  const std::string origin = "https://chaser.example";
  REQUIRE(url.starts_with(origin + "/calendar/"));
  const std::string ask = "GET " + url.substr(origin.size()) + " HTTP/1.1\r\nHost: x\r\n\r\n";
  CHECK(status(serving.ask_answers(ask)) == 200);
  CHECK(status(serving.post_json("/people/ann/links/revocation", "{}", serving.as(serving.admin))) == 200);
  CHECK(status(serving.ask_answers(ask)) == 410);
}

TEST_CASE("api: an address in an answer is nobody's but the directory's, and no token is ever told") {
  const ApiServing serving;
  for (const char* path : {"/status", "/plans", "/people", "/people/ann", "/log", "/deliveries", "/rules", "/stops"}) {
    const std::string answer = serving.get_json(path);
    INFO(answer);
    CHECK(status(answer) == 200);
    CHECK(answer.find(serving.coordinator) == std::string::npos);
    CHECK(answer.find("chaser_") == std::string::npos);
  }
}

TEST_CASE("api: a page lies no further on than is cheap to find") {
  const ApiServing serving;
  CHECK(status(serving.get_json("/plans/plan/actions?offset=100000")) == 200);
  refusal(serving.get_json("/plans/plan/actions?offset=100001"), 400);
  CHECK(status(serving.get_json("/deliveries?before=1000")) == 200);
  refusal(serving.get_json("/people?offset=99999999999999999999"), 400);
  CHECK(json_of(serving.get_json("/plans/plan/actions?limit=0")).at("items").size() == 1);
  CHECK(json_of(serving.get_json("/plans/plan/actions?limit=1000")).at("items").size() == 4);
}

TEST_CASE("api: what comes next is told once it has been played ahead") {
  const ApiServing serving;
  std::string answer;
  for (int i = 0; i < 100 && (answer.empty() || status(answer) == 503); ++i)
    answer = serving.get_json("/upcoming?party=ann");
  CHECK(json_of(answer).at("items").empty());  // there is no rule
  CHECK(status(answer) == 200);
}

TEST_CASE("api: events are told as they happen, each once, and from where a connection broke off") {
  ApiServing serving;
  const auto note = [&](const std::string& kind) {
    store::Event event;
    event.at = morning;
    event.kind = kind;
    event.plan = "plan";
    event.actor = "test";
    event.json = R"({"what":"x"})";
    serving.store().note_event(event);
    serving.server().note_change();
  };
  const std::int64_t before = serving.store().log_head().events;
  const std::string request = "GET /api/v1/events?after=" + std::to_string(before) + " HTTP/1.1\r\nHost: x\r\n\r\n";
  std::string first;
  {
    const Client client = serving.connect();
    REQUIRE(client.say(request));
    REQUIRE(client.hear_until("retry: 5000\n\n"));
    note("decided");
    const auto heard = client.hear_until("\n\n\r\n");
    REQUIRE(heard);
    first = *heard;
  }
  CHECK(first.find("id: " + std::to_string(before + 1) + "\n") != std::string::npos);
  CHECK(first.find("event: decided\n") != std::string::npos);
  note("sent");
  const Client again = serving.connect();
  REQUIRE(
      again.say("GET /api/v1/events HTTP/1.1\r\nHost: x\r\nLast-Event-ID: " + std::to_string(before + 1) + "\r\n\r\n"));
  const auto rest = again.hear_until("event: sent\n");
  REQUIRE(rest);
  CHECK(rest->find("event: decided") == std::string::npos);
  CHECK(rest->find("Content-Type: text/event-stream") != std::string::npos);
}

TEST_CASE("api: four listen to events and take no thread from the pages; a fifth is told to come back") {
  ApiServing serving;
  const std::string request = "GET /api/v1/events HTTP/1.1\r\nHost: x\r\n\r\n";
  std::vector<Client> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(serving.connect());
    REQUIRE(clients.back().say(request));
    REQUIRE(clients.back().hear_until("retry: 5000\n\n"));
  }
  CHECK(status(serving.get_json("/plans")) == 200);
  const std::string refused = serving.get_json("/events");
  CHECK(header(refused, "Retry-After") == "60");
  refusal(refused, 503);
  CHECK(status(serving.answer("HEAD /api/v1/events HTTP/1.1\r\n\r\n")) == 503);
  clients.pop_back();
  serving.server().note_change();  // it is found out when something is told
  const auto comes_in = [&] {
    const Client client = serving.connect();
    REQUIRE(client.say(request));
    return client.hear_until("\r\n")->find("200") != std::string::npos;
  };
  bool came = false;
  for (int i = 0; i < 200 && !came; ++i) {
    serving.server().note_change();
    came = comes_in();
  }
  CHECK(came);
}

TEST_CASE("api: asking for the head of the events takes no place") {
  ApiServing serving;
  for (int i = 0; i < 10; ++i) CHECK(status(serving.answer("HEAD /api/v1/events HTTP/1.1\r\n\r\n")) == 200);
}
