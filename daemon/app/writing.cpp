#include "app/writing.h"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "app/access_verbs.h"
#include "app/answering.h"
#include "app/reporting.h"
#include "channels/signing.h"

namespace chaser::app {

namespace {

using nlohmann::json;

WriteAnswer refused(std::string why) {
  return {Exit::problems, "", "chaser: " + std::move(why) + "\n"};
}
WriteAnswer misused(std::string why) {
  return {Exit::usage, "", "chaser: " + std::move(why) + "\n"};
}

std::string option(const WriteRequest& request, std::string_view name) {
  const auto found = request.options.find(name);
  return found == request.options.end() ? "" : found->second;
}

WriteAnswer import_plan(Engine& engine, const WriteRequest& request, Instant now) {
  const PlanSettings* settings = engine.find_plan(option(request, "--plan"));
  if (settings == nullptr) return misused("the settings have no plan \"" + option(request, "--plan") + "\"");
  documents::Problems problems;
  const auto plan = load_plan(*settings, engine.inputs(), engine.reader(), problems, request.text);
  if (plan) {
    plan::check_dependencies(*plan, engine.store().dependencies_beside(plan->id), settings->supplement, problems);
  }
  const std::string described = describe_all(problems);
  if (!plan || problems.has_errors())
    return {Exit::problems, "", described + count_words(problems) + ". Nothing was changed.\n"};
  const bool as_json = option(request, "--format") == "json";
  if (!request.options.contains("--apply")) {
    const plan::ChangeSet changes = engine.store().preview(*plan);
    if (as_json) return {Exit::fine, plan::to_json(changes) + "\n", described};
    const std::string words = changes.empty()
                                  ? "Nothing would change.\n"
                                  : plan::to_table(changes) + "\nNothing was changed; --apply takes these changes.\n";
    return {Exit::fine, words, described};
  }
  const store::ImportResult result = engine.store().import(*plan, engine.world(), now, request.actor);
  engine.note_imported(*settings, request.text);
  if (as_json) return {Exit::fine, plan::to_json(result.changes) + "\n", described};
  return {Exit::fine, result.changes.empty() ? "Nothing changed.\n" : plan::to_table(result.changes) + "\nTaken.\n",
          described};
}

/// "plan:ID", "rule:NAME", "party:ID"; nothing: everything.
std::optional<store::Stop> stop_of(const std::string& word) {
  store::Stop stop;
  if (word.empty()) return stop;
  const std::size_t colon = word.find(':');
  if (colon == std::string::npos || colon + 1 == word.size()) return std::nullopt;
  const std::string what = word.substr(0, colon);
  const std::string name = word.substr(colon + 1);
  if (what == "plan")
    stop.plan = name;
  else if (what == "rule")
    stop.rule = name;
  else if (what == "party")
    stop.party = name;
  else
    return std::nullopt;
  return stop;
}

std::optional<std::string> unknown_name(const Engine& engine, const store::Stop& stop) {
  if (!stop.plan.empty() && engine.world().find_plan(stop.plan) == nullptr)
    return "there is no plan \"" + stop.plan + "\"";
  if (!stop.rule.empty() && engine.world().find_rule(stop.rule) == nullptr)
    return "there is no rule \"" + stop.rule + "\"";
  if (!stop.party.empty() && engine.world().find_party(stop.party) == chase::no_party) {
    return "there is no party \"" + stop.party + "\"";
  }
  return std::nullopt;
}

WriteAnswer stop(Engine& engine, const WriteRequest& request, Instant now) {
  const std::string word = request.words.empty() ? "" : request.words[0];
  const auto what = stop_of(word);
  if (!what) return misused("\"" + word + "\" is none of plan:ID, rule:NAME, party:ID");
  if (const auto unknown = unknown_name(engine, *what)) return refused(*unknown);
  engine.store().stop(*what, request.actor, now);
  return {Exit::fine,
          fmt::format("stopped: {}; nothing is sent until \"chaser release stop {}\"\n",
                      word.empty() ? "everything" : word, word),
          ""};
}

WriteAnswer release(Engine& engine, const WriteRequest& request, Instant now) {
  const std::string& what = request.words[0];
  const std::string word = request.words.size() > 1 ? request.words[1] : "";
  if (what != "stop" && what != "limit" && what != "freeze" && what != "clock" && what != "address") {
    return misused("\"" + what + "\" is none of limit, stop, freeze, clock, address");
  }
  store::Stop stop;
  if (what == "stop") {
    const auto named = stop_of(word);
    if (!named) return misused("\"" + word + "\" is none of plan:ID, rule:NAME, party:ID");
    stop = *named;
  } else if (what == "address") {
    stop.party = word;
  } else {
    stop.rule = word;
  }
  if (!engine.store().release(what, stop, request.actor, now))
    return refused("nothing was held by " + what + (word.empty() ? "" : " " + word));
  return {Exit::fine, "released: " + what + (word.empty() ? "" : " " + word) + "\n", ""};
}

WriteAnswer change_message(Engine& engine, const WriteRequest& request, Instant now) {
  store::MessageRow row = 0;
  const std::string& word = request.words[0];
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), row);
  if (error != std::errc() || end != word.data() + word.size()) return misused("\"" + word + "\" is no message number");
  const bool retry = request.verb == "outbox retry";
  const bool done = retry ? engine.store().retry(row, now) : engine.store().drop(row, request.actor, now);
  if (!done) return refused("message " + word + " does not wait for that");
  return {Exit::fine, "message " + word + (retry ? " is tried again\n" : " is given up\n"), ""};
}

WriteAnswer erase(Engine& engine, const WriteRequest& request, Instant now) {
  const std::string& party = request.words[0];
  if (engine.world().find_party(party) != chase::no_party) {
    return refused("the directory still has \"" + party + "\": take it out of there first, and reload");
  }
  const store::Erased erased = engine.store().erase(party, std::span(request.words).subspan(1), request.actor, now);
  if (!erased.known) return refused("nothing is known of a party \"" + party + "\"");
  std::string out =
      fmt::format("erased: {}, {}, {} that named them{}\n", erased.contact ? "name and addresses" : "no contact",
                  counted(erased.letters, "letter"), counted(erased.texts + erased.words, "text"),
                  erased.withdrawn > 0 ? ", " + counted(erased.withdrawn, "message") + " withdrawn" : "");
  for (const std::string& action : erased.remaining) {
    out += "the plan still names them: " + action + "; change the document and import it\n";
  }
  return {Exit::fine, out + "Backups and the directory's old versions keep what they had.\n", ""};
}

/// How many words a verb cannot do without; the command line has counted them, the socket's other end may not.
std::size_t words_least(std::string_view verb) {
  if (verb == "answer") return 2;
  return verb == "release" || verb == "backup" || verb == "erase" || verb == "outbox retry" || verb == "outbox drop"
             ? 1
             : 0;
}

}  // namespace

WriteAnswer carry_out(Engine& engine, const WriteRequest& request, Instant now) {
  if (request.words.size() < words_least(request.verb)) return misused("\"" + request.verb + "\" needs more words");
  try {
    if (request.verb == "plan import") return import_plan(engine, request, now);
    if (request.verb == "answer") return answer_action(engine, request, now);
    if (request.verb == "stop") return stop(engine, request, now);
    if (request.verb == "release") return release(engine, request, now);
    if (request.verb == "outbox retry" || request.verb == "outbox drop") return change_message(engine, request, now);
    if (is_access_verb(request.verb)) return change_access(engine, request, now);
    if (request.verb == "rules migrate") {
      const store::MigratedCases moved = engine.store().migrate_cases(engine.world(), request.actor, now);
      return {Exit::fine,
              moved.cases == 0 ? "No open case keeps an older version.\n"
                               : fmt::format("{} of {} moved to the loaded rules.\n", counted(moved.cases, "case"),
                                             counted(moved.actions, "action")),
              ""};
    }
    if (request.verb == "erase") return erase(engine, request, now);
    if (request.verb == "backup") {
      engine.store().backup(request.words[0]);
      return {Exit::fine, "backed up to " + request.words[0] + "\n", ""};
    }
  } catch (const std::exception& failure) {  // whatever it is, the service goes on
    return {Exit::environment, "", std::string("chaser: ") + failure.what() + "\n"};
  }
  return misused("\"" + request.verb + "\" is no verb that writes");
}

std::string to_json(const WriteRequest& request) {
  return json{{"verb", request.verb},
              {"words", request.words},
              {"options", request.options},
              {"text", channels::base64url(request.text)},
              {"actor", request.actor}}
      .dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string answer_request(Engine& engine, const std::string& text, Instant now) {
  WriteAnswer answer;
  try {
    const json root = json::parse(text);
    WriteRequest request;
    request.verb = root.at("verb");
    request.words = root.at("words").get<std::vector<std::string>>();
    for (const auto& [name, value] : root.at("options").items()) request.options[name] = value;
    request.actor = root.value("actor", "");
    answer = channels::from_base64url(root.value("text", ""), request.text) ? carry_out(engine, request, now)
                                                                            : misused("the document came damaged");
  } catch (const json::exception&) {
    answer = {Exit::usage, "", "chaser: the request is not understood\n"};
  }
  return json{{"exit", static_cast<int>(answer.exit)}, {"out", answer.out}, {"err", answer.err}}.dump(
      -1, ' ', false, json::error_handler_t::replace);
}

WriteAnswer read_answer(const std::string& text) {
  const json root = json::parse(text);
  return {static_cast<Exit>(root.at("exit").get<int>()), root.at("out"), root.at("err")};
}

}  // namespace chaser::app
