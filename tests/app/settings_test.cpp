// The settings' reader, docs/schema/settings.schema.json and config/chaser.yaml say the same: each key of the one is a
// key of the others, what is documented as default is what the reader takes, and whatever is wrong with a key is told
// at its place.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "app/program.h"
#include "app/settings.h"
#include "documents/yaml.h"
#include "support/catch.h"

using namespace chaser;
using namespace chaser::test;
using Json = nlohmann::ordered_json;

namespace {

const std::string here = "@here@";  // where a broken value goes

struct Read {
  documents::Source source;
  std::optional<app::Settings> settings;
  documents::Problems problems;

  std::string told() const {
    std::string text;
    for (const auto& problem : problems.sorted()) text += documents::describe(problem);
    return text;
  }
  bool has_error_at(std::size_t offset) const {
    const documents::Position place = source.position(offset);
    for (const auto& problem : problems.in_order()) {
      const bool is_there = problem.at.line == place.line && problem.at.column == place.column;
      if (is_there && problem.severity == documents::Severity::error) return true;
    }
    return false;
  }
};

/// Secrets that fit wherever one is asked for.
std::expected<std::string, std::string> any_secret(const app::SecretSource& secret) {
  const bool is_address =
      secret.name.find("teams") != std::string::npos || secret.name.find("url") != std::string::npos;
  return is_address ? "https://prod-1.uksouth.logic.azure.com/workflows/1?sig=a" : std::string(40, 'k');
}

Read read(const std::string& text) {
  Read result{documents::Source("c.yaml", text), std::nullopt, {}};
  const app::SettingsContext context{"c.yaml", std::nullopt, any_secret, true};
  result.settings = app::read_settings(result.source, context, result.problems);
  return result;
}

Read read(const Json& settings) {
  return read(settings.dump(1));
}

/// The settings with `raw` where `here` stands, and the place of it.
std::pair<Read, std::size_t> read_with(const Json& settings, const std::string& raw) {
  std::string text = settings.dump(1);
  const std::size_t at = text.find("\"" + here + "\"");
  REQUIRE(at != std::string::npos);
  text.replace(at, here.size() + 2, raw);
  return {read(text), at};
}

const std::string& shipped() {
  static const std::string text = text_of(std::string(CHASER_SOURCE_DIR) + "/config/chaser.yaml");
  return text;
}

/// The shipped settings with every key that is behind a # brought before it.
std::string with_all_keys() {
  static const std::regex key("^( *)# ( *[a-z_-]+:( .*)?)$");
  std::string all;
  std::istringstream lines(shipped());
  for (std::string line; std::getline(lines, line);) all += std::regex_replace(line, key, "$1$2") + "\n";
  return all;
}

Json json_of(const documents::YamlNode& node) {
  if (node.is_null()) return nullptr;
  if (node.is_scalar()) {
    const bool is_number = !node.quoted && node.scalar.find_first_not_of("0123456789") == std::string::npos;
    if (is_number) return std::stoll(node.scalar);
    if (!node.quoted && (node.scalar == "true" || node.scalar == "false")) return node.scalar == "true";
    return node.scalar;
  }
  Json made = node.is_sequence() ? Json::array() : Json::object();
  for (const auto& item : node.items) made.push_back(json_of(item));
  for (const auto& [key, value] : node.entries) made[key.scalar] = json_of(value);
  return made;
}

Json parsed(const std::string& yaml) {
  documents::Problems problems;
  const auto node = documents::parse_yaml(documents::Source("chaser.yaml", yaml), problems);
  for (const auto& problem : problems.sorted()) FAIL(documents::describe(problem));
  return json_of(*node);
}

/// Settings without anything wrong that have every key of chaser.yaml: by SMTP and webhooks.
Json all_keys() {
  Json settings = parsed(with_all_keys());
  settings["plans"][0]["title"] = "Kent and Medway";
  settings["rules"] = "rules.yaml";
  settings["calendars"] = "calendars.yaml";
  settings["channels"]["email"]["auth"] = "xoauth2";
  settings["channels"]["email"]["tls"] = "implicit";
  settings["channels"]["email"]["envelope_from"] = "bounces@kent.example";
  settings["inbox"]["auth"] = "xoauth2";
  return settings;
}

/// The same with the channels for trying out.
Json trying_out() {
  Json settings = all_keys();
  settings["channels"]["email"] = {{"type", "maildir"}, {"folder", "mail"}};
  settings["channels"]["teams"] = {{"type", "folder"}, {"folder", "cards"}};
  settings["inbox"] = {{"type", "maildir"}, {"folder", "in"}};
  return settings;
}

const Json& schema() {
  static const Json read = Json::parse(text_of(std::string(CHASER_SOURCE_DIR) + "/docs/schema/settings.schema.json"));
  return read;
}

const Json& resolved(const Json& node) {
  if (!node.contains("$ref")) return node;
  return schema().at("$defs").at(node["$ref"].get<std::string>().substr(8));
}

/// The schema of a value: of several, the one whose `type` the value has.
const Json& schema_of(const Json& node, const Json& value) {
  const Json& whole = resolved(node);
  if (!whole.contains("oneOf") || !whole["oneOf"][0].contains("$ref")) return whole;
  for (const Json& one : whole["oneOf"]) {
    if (resolved(one)["properties"]["type"]["const"] == value["type"]) return resolved(one);
  }
  throw std::runtime_error("no such kind: " + value.dump());
}

struct Place {
  nlohmann::ordered_json::json_pointer path;
  const Json* schema;
};

/// Every mapping of the settings that the schema describes, and its schema.
void find_mappings(const Json& settings, const Place& at, std::vector<Place>& found) {
  const Json& value = settings.at(at.path);
  if (value.is_array()) {
    if (at.schema->contains("items"))
      find_mappings(settings, {at.path / 0, &schema_of((*at.schema)["items"], value[0])}, found);
    return;
  }
  if (!value.is_object()) return;
  if (at.schema->contains("properties")) found.push_back(at);
  for (const auto& [key, each] : value.items()) {
    const bool is_known = at.schema->contains("properties") && (*at.schema)["properties"].contains(key);
    INFO((at.path / key).to_string() << " is no key of the schema");
    REQUIRE((is_known || (*at.schema)["additionalProperties"].is_object()));
    const Json& of = is_known ? (*at.schema)["properties"][key] : (*at.schema)["additionalProperties"];
    find_mappings(settings, {at.path / key, &schema_of(of, each)}, found);
  }
}

std::vector<Place> mappings_of(const Json& settings) {
  std::vector<Place> found;
  find_mappings(settings, {nlohmann::ordered_json::json_pointer(), &schema()}, found);
  return found;
}

/// Every key that the schema has at a mapping of the settings, whether these have it or not.
std::vector<Place> keys_of(const Json& settings) {
  std::vector<Place> keys;
  for (const Place& mapping : mappings_of(settings)) {
    for (const auto& [key, each] : (*mapping.schema)["properties"].items()) {
      const Json& value = settings.at(mapping.path);
      keys.push_back({mapping.path / key, &schema_of(each, value.contains(key) ? value[key] : Json())});
    }
  }
  return keys;
}

/// Values of a type that the key does not have.
std::vector<std::string> wrong_for(const Json& schema) {
  std::vector<std::string> wrong;
  const std::string type = schema.value("type", "");
  if (schema.contains("enum") || schema.contains("const")) wrong = {"\"zzz\"", "{ \"zz\": 1 }", "[[]]"};
  if (type == "string") wrong = {"{ \"zz\": 1 }"};
  if (type == "integer") wrong = {"\"1\"", "many", "1.5", "[1]", "{ \"zz\": 1 }", "99999999999999999999"};
  if (type == "boolean") wrong = {"\"true\"", "yes", "1", "[true]", "{ \"zz\": 1 }"};
  if (type == "array") wrong = {"word", "{ \"zz\": 1 }", "[]"};
  if (type == "object") wrong = {"[1]", "zzz"};
  if (schema.contains("oneOf")) wrong = {"{ \"zz\": 1 }"};
  if (schema.contains("pattern")) wrong.push_back("\"No Such Word!\"");
  if (schema.contains("minimum")) wrong.push_back(std::to_string(schema["minimum"].get<long long>() - 1));
  if (schema.contains("maximum")) wrong.push_back(std::to_string(schema["maximum"].get<long long>() + 1));
  return wrong;
}

std::string longer(const std::string& duration, int by) {
  const int count = std::stoi(duration) + by;
  if (count > 0) return std::to_string(count) + duration.back();
  return duration.back() == 'h' ? "59m" : "0s";
}

/// Words of the comments that offer a key instead of the one on their line.
bool is_offered(const std::string& key) {
  static const std::regex offer("[^a-z](?:or|with) ([a-z_]+): ");
  for (std::sregex_iterator at(shipped().begin(), shipped().end(), offer), end; at != end; ++at) {
    if ((*at)[1] == key) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("settings: with every documented key before its # the shipped file has nothing wrong") {
  const Read result = read(all_keys());
  INFO(result.told());
  CHECK_FALSE(result.problems.has_errors());
  CHECK(result.problems.warnings() == 0);
  CHECK(read(trying_out()).told() == result.told());
}

TEST_CASE("settings: every key of the schema is in config/chaser.yaml, and the other way round") {
  // The other way round is asked where the mappings are found.
  std::map<std::string, bool> documented;
  for (const Json& settings : {all_keys(), trying_out()}) {
    for (const Place& mapping : mappings_of(settings)) {
      for (const auto& [key, each] : (*mapping.schema)["properties"].items()) {
        bool& is_known = documented[mapping.schema->value("title", "") + ": " + key];
        is_known = is_known || settings.contains(mapping.path / key) || is_offered(key);
      }
    }
  }
  for (const auto& [key, is_known] : documented) {
    INFO(key);
    CHECK(is_known);
  }
}

TEST_CASE("settings: what is documented behind a # as the default is what the reader takes without the key") {
  Json few = parsed(shipped());
  few["channels"]["teams"] = {{"type", "workflows"}, {"channels", {{"ccn", {{"url_file", "teams"}}}}}};
  few["channels"]["email"]["tls"] = "starttls";
  few["http"] = {{"answers", Json::object()}};
  Json all = parsed(with_all_keys());
  all["channels"]["email"]["auth"] = "xoauth2";
  all["inbox"]["auth"] = "xoauth2";
  few["mail"]["message_id_key_file"] = "key";
  few["inbox"] = {{"type", "imap"}, {"host", "imap.kent.example"}, {"user", "chaser"}, {"password_file", "p"}};
  const auto least = read(few).settings;
  const auto full = read(all).settings;
  REQUIRE((least && full && least->email && full->email && least->teams && full->teams));
  const auto same = [&](auto member) { return member(*least) == member(*full); };
  const auto both = [&](const std::string& what, auto member) {
    INFO(what);
    CHECK(same(member));
  };
  both("zone", [](const app::Settings& s) { return s.plans.at(0).zone; });
  both("port", [](const app::Settings& s) { return s.email->smtp.port; });
  both("scope", [](const app::Settings& s) { return s.email->smtp.oauth.scope; });
  both("allow_http_loopback", [](const app::Settings& s) { return s.email->smtp.oauth.allow_http_loopback; });
  both("sessions", [](const app::Settings& s) { return s.email->smtp.sessions; });
  both("per_minute", [](const app::Settings& s) { return s.email->smtp.per_minute.burst; });
  both("per_day", [](const app::Settings& s) { return s.email->smtp.per_day.burst; });
  both("connect_timeout", [](const app::Settings& s) { return s.email->smtp.connect_timeout; });
  both("reply_timeout", [](const app::Settings& s) { return s.email->smtp.reply_timeout; });
  both("allowed_hosts", [](const app::Settings& s) { return s.teams->workflows.allowed_hosts; });
  both("rate.burst", [](const app::Settings& s) { return s.teams->workflows.rate.burst; });
  both("rate.every", [](const app::Settings& s) { return s.teams->workflows.rate.every; });
  both("connect_timeout", [](const app::Settings& s) { return s.teams->workflows.connect_timeout; });
  both("answer_timeout", [](const app::Settings& s) { return s.teams->workflows.answer_timeout; });
  both("teams allow_http_loopback", [](const app::Settings& s) { return s.teams->workflows.allow_http_loopback; });
  both("teams sessions", [](const app::Settings& s) { return s.teams->workflows.sessions; });
  both("heartbeat", [](const app::Settings& s) { return s.teams->workflows.heartbeat; });
  both("verp", [](const app::Settings& s) { return s.email->smtp.verp; });
  both("calendar", [](const app::Settings& s) { return s.mail.calendar; });
  both("inbox port", [](const app::Settings& s) { return s.inbox->port; });
  both("inbox tls", [](const app::Settings& s) { return s.inbox->tls; });
  both("inbox folder", [](const app::Settings& s) { return s.inbox->folder; });
  both("inbox every", [](const app::Settings& s) { return s.inbox->every; });
  both("inbox answer_timeout", [](const app::Settings& s) { return s.inbox->answer_timeout; });
  both("per_person.burst", [](const app::Settings& s) { return s.per_person.burst; });
  both("per_person.every", [](const app::Settings& s) { return s.per_person.every; });
  both("http.address", [](const app::Settings& s) { return s.http->staff.address; });
  both("http.port", [](const app::Settings& s) { return s.http->staff.port; });
  both("http.answers", [](const app::Settings& s) { return s.http->answers; });
  both("http.guests", [](const app::Settings& s) { return s.http->access.guests_may_look; });
  both("http.threads", [](const app::Settings& s) { return s.http->threads; });
  both("use_by", [](const app::Settings& s) { return s.use_by; });
  both("dead_address_for", [](const app::Settings& s) { return s.dead_address_for; });
  both("log", [](const app::Settings& s) { return s.log_level; });
  few["channels"]["email"].erase("auth");
  CHECK(read(few).settings->email->smtp.auth == channels::Auth::none);
  CHECK(parsed(shipped()).contains("http") == false);
  CHECK_FALSE(read(parsed(shipped())).settings->http.has_value());
}

TEST_CASE("settings: the port follows from tls, the limits from the provider") {
  Json settings = all_keys();
  Json& email = settings["channels"]["email"];
  for (const char* key : {"port", "auth", "token_url", "sessions", "per_minute", "per_day"}) email.erase(key);
  email["host"] = "127.0.0.1";
  for (const auto& [tls, port] : {std::pair{"starttls", 587}, {"implicit", 465}, {"none", 25}}) {
    email["tls"] = tls;
    CHECK(read(settings).settings->email->smtp.port == port);
  }
  email["provider"] = "exchange_online";
  const auto smtp = read(settings).settings->email->smtp;
  CHECK(smtp.sessions == 2);
  CHECK(smtp.per_minute.burst > 0);
}

TEST_CASE("settings: a wrong type, word, number or length of time is an error at its place, whatever the key") {
  for (const Json& settings : {all_keys(), trying_out()}) {
    for (const Place& key : keys_of(settings)) {
      Json broken = settings;
      broken[key.path] = here;
      for (const std::string& wrong : wrong_for(*key.schema)) {
        const auto [result, at] = read_with(broken, wrong);
        INFO(key.path.to_string() << ": " << wrong << "\n" << result.told());
        CHECK(result.has_error_at(at));
      }
    }
  }
}

TEST_CASE("settings: both ends of every range are allowed") {
  int ranges = 0;
  for (const Place& key : keys_of(all_keys())) {
    const std::string about = key.schema->value("description", "");
    std::vector<std::string> right;
    std::vector<std::string> wrong;
    if (key.schema->contains("minimum")) right = {(*key.schema)["minimum"].dump(), (*key.schema)["maximum"].dump()};
    std::smatch range;
    if (std::regex_search(about, range, std::regex("^([0-9]+[smhd]) to ([0-9]+[smhd])"))) {
      right = {range[1], range[2]};
      wrong = {longer(range[1], -1), longer(range[2], 1)};
    }
    ranges += right.empty() ? 0 : 1;
    Json settings = all_keys();
    settings[key.path] = here;
    for (const std::string& value : right) {
      const auto [result, at] = read_with(settings, value);
      INFO(key.path.to_string() << ": " << value << "\n" << result.told());
      CHECK_FALSE(result.has_error_at(at));
    }
    for (const std::string& value : wrong) {
      const auto [result, at] = read_with(settings, value);
      INFO(key.path.to_string() << ": " << value << "\n" << result.told());
      CHECK(result.has_error_at(at));
    }
  }
  CHECK(ranges == 22);  // every whole number and length of time that the schema knows
}

TEST_CASE("settings: an unknown key, and one given twice, is an error at its place in every mapping") {
  for (const Json& settings : {all_keys(), trying_out()}) {
    for (const Place& mapping : mappings_of(settings)) {
      Json broken = settings;
      broken[mapping.path][here] = 1;
      const auto [unknown, at] = read_with(broken, "\"zzzz\"");
      INFO(mapping.path.to_string() << "\n" << unknown.told());
      CHECK(unknown.has_error_at(at));
      CHECK(unknown.told().find("unknown key \"zzzz\"") != std::string::npos);
      const std::string first = settings.at(mapping.path).begin().key();
      const auto [twice, second] = read_with(broken, "\"" + first + "\"");
      INFO(first << "\n" << twice.told());
      CHECK(twice.has_error_at(second));
    }
  }
}

TEST_CASE("settings: a needed key that is missing is named, and one that is empty too") {
  for (const Json& settings : {all_keys(), trying_out()}) {
    for (const Place& mapping : mappings_of(settings)) {
      for (const Json& key : mapping.schema->value("required", Json::array())) {
        Json broken = settings;
        broken[mapping.path].erase(key.get<std::string>());
        const Read missing = read(broken);
        INFO(mapping.path.to_string() << "/" << key << "\n" << missing.told());
        CHECK(missing.problems.has_errors());
        CHECK(missing.told().find(key.dump()) != std::string::npos);
        broken[mapping.path][key.get<std::string>()] = here;
        const auto [empty, at] = read_with(broken, "");
        INFO(empty.told());
        CHECK(empty.problems.has_errors());
      }
    }
  }
}

TEST_CASE("settings: a text that is no mapping, or no YAML, gives no settings and one error") {
  for (const char* text : {"", "[]", "word", "a: [", "a: 1\n--- {}\n"}) {
    const Read result = read(std::string(text));
    INFO(text << "\n" << result.told());
    CHECK_FALSE(result.settings.has_value());
    CHECK(result.problems.errors() == 1);
  }
}

TEST_CASE("settings: a secret in the text is refused and never repeated") {
  Json settings = all_keys();
  settings["channels"]["email"]["password"] = "hunter2";
  settings["channels"]["email"]["client_secret"] = "hunter3";
  settings["channels"]["teams"]["channels"]["ccn"]["url"] = "https://x.logic.azure.com/hunter4";
  settings["mail"]["message_id_key"] = "hunter5";
  settings["links"]["key"] = "hunter6";
  const Read result = read(settings);
  CHECK(result.problems.errors() == 5);
  CHECK(result.told().find("hunter") == std::string::npos);
}

TEST_CASE(
    "settings: an inbox needs a key for Message-IDs, TLS over the network, and a folder that no command can be made "
    "of") {
  Json settings = all_keys();
  settings["mail"].erase("message_id_key_file");
  CHECK(read(settings).told().find("\"inbox\" needs \"message_id_key_file\"") != std::string::npos);
  settings = all_keys();
  settings["inbox"]["tls"] = "none";
  CHECK(read(settings).told().find("without TLS on this machine alone") != std::string::npos);
  settings = all_keys();
  settings["inbox"]["folder"] = "INBOX\" x";
  CHECK(read(settings).problems.has_errors());
  settings = all_keys();
  settings["inbox"]["every"] = "9s";
  CHECK(read(settings).told().find("\"every\" must be from 10s to 1h") != std::string::npos);
  settings["inbox"]["every"] = "10s";
  CHECK_FALSE(read(settings).problems.has_errors());
}

TEST_CASE("settings: a bounce address for each message needs room for it") {
  Json settings = all_keys();
  settings["channels"]["email"]["verp"] = true;
  settings["channels"]["email"]["envelope_from"] = "twelve_chars@kent.example";
  CHECK_FALSE(read(settings).problems.has_errors());
  settings["channels"]["email"]["envelope_from"] = "thirteen_char@kent.example";
  CHECK(read(settings).told().find("at most 12 characters") != std::string::npos);
  settings["channels"]["email"].erase("envelope_from");
  CHECK(read(settings).told().find("\"verp\" needs \"envelope_from\"") != std::string::npos);
}
