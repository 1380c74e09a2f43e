#include "app/scenario_file.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace chaser::app {
namespace {

using calendar::CivilDay;
using calendar::Instant;
using nlohmann::json;

class Reader {
 public:
  Reader(std::string file, const ReadFile& read, const calendar::Zone& zone)
      : file_(std::move(file)), read_(read), zone_(zone) {}

  Scenario scenario() {
    const json root = parse(file_);
    Scenario result;
    result.about = root.value("about", "");
    result.shipped_workflow = root.value("workflow", "") == "shipped";
    result.from = instant(root.at("from"));
    result.to = calendar::local_instant(day(root.at("to").get<std::string>().substr(0, 10)) + 1,
                                        std::chrono::minutes{0}, zone_) -
                absl::Microseconds(1);
    read_directory(beside(root.at("directory")), result);
    read_plan(beside(root.at("plan")), result);
    result.rules = rule_file(beside(root.at("rules")), root.value("use", json()));
    for (const json& event : root.value("events", json::array())) result.events.push_back(read_event(event));
    std::stable_sort(result.events.begin(), result.events.end(),
                     [](const auto& a, const auto& b) { return a.at < b.at; });
    for (const json& span : root.value("down", json::array())) {
      result.down.emplace_back(instant(span.at(0)), instant(span.at(1)));
    }
    for (const json& line : root.at("expected")) result.expected.push_back(line);
    for (const json& line : root.value("expected_holds", json::array())) result.expected_holds.push_back(line);
    return result;
  }

 private:
  json parse(const std::string& path) const {
    const auto text = read_(path);
    if (!text) throw std::runtime_error(path + ": cannot be read");
    return json::parse(*text);
  }

  /// The value itself, or the file beside this one that it names.
  json beside(const json& value) const {
    if (!value.is_string()) return value;
    const std::size_t slash = file_.rfind('/');
    return parse((slash == std::string::npos ? "" : file_.substr(0, slash + 1)) + value.get<std::string>());
  }

  static CivilDay day(const std::string& text) {
    const auto found = calendar::parse_iso_day(text);
    if (!found) throw std::runtime_error("\"" + text + "\" is no day");
    return *found;
  }

  static std::optional<CivilDay> optional_day(const json& object, const char* key) {
    if (!object.contains(key) || object.at(key).is_null()) return std::nullopt;
    return day(object.at(key));
  }

  /// A day (its first instant) or a local time of the scenario's zone.
  Instant instant(const std::string& text) const {
    const CivilDay on = day(text.substr(0, 10));
    int minutes = 0;
    if (text.size() >= 16) minutes = std::stoi(text.substr(11, 2)) * 60 + std::stoi(text.substr(14, 2));
    return calendar::local_instant(on, std::chrono::minutes{minutes}, zone_);
  }

  static std::chrono::minutes time_of_day(const std::string& text) {
    return std::chrono::minutes{std::stoi(text.substr(0, 2)) * 60 + std::stoi(text.substr(3, 2))};
  }

  static void read_directory(const json& root, Scenario& result) {
    for (const auto& [id, entry] : root.at("parties").items()) {
      plan::Party party;
      party.id = id;
      party.contact.name = entry.value("name", id);
      party.contact.email = entry.value("email", "");
      party.contact.teams = entry.value("teams", "");
      party.contact.zone = entry.value("zone", "Europe/London");
      if (entry.value("kind", "") == "class") party.kind = plan::PartyKind::party_class;
      party.vacant = entry.value("vacant", false);
      if (entry.contains("superior")) party.superior = entry.at("superior").get<std::string>();
      if (entry.contains("deputy")) party.deputy = entry.at("deputy").get<std::string>();
      for (const json& member : entry.value("members", json::array())) party.members.push_back(member);
      for (const json& absence : entry.value("absences", json::array())) {
        party.absences.push_back({day(absence.at("from")), day(absence.at("to"))});
      }
      if (entry.contains("window")) party.contact.window = window(entry.at("window"));
      result.directory.add(std::move(party));
    }
    plan::PlanRoles roles;
    if (root.contains("coordinator")) roles.coordinator = root.at("coordinator").get<std::string>();
    if (root.contains("sponsor")) roles.sponsor = root.at("sponsor").get<std::string>();
    if (root.contains("approver")) roles.approver = root.at("approver").get<std::string>();
    result.directory.set_roles("", std::move(roles));
  }

  static calendar::SendingWindow window(const json& entry) {
    calendar::SendingWindow read = calendar::office_hours();
    if (entry.contains("days")) {
      read.weekdays = 0;
      for (const json& weekday : entry.at("days")) {
        read.weekdays = static_cast<std::uint8_t>(read.weekdays | 1U << weekday.get<unsigned>());
      }
    }
    if (entry.contains("open")) read.open = time_of_day(entry.at("open"));
    if (entry.contains("close")) read.close = time_of_day(entry.at("close"));
    return read;
  }

  void read_plan(const json& rows, Scenario& result) const {
    for (const json& row : rows) {
      Scenario::Action action;
      chase::ActionFacts& facts = action.facts;
      facts.id = row.at("id");
      facts.title = facts.text = facts.id;
      facts.position = static_cast<std::int32_t>(result.actions.size());
      const std::string kind = row.value("kind", "dated");
      facts.timescale.kind = plan::timescale_kind(kind).value_or(plan::TimescaleKind::dated);
      if (!plan::timescale_kind(kind)) facts.tags.push_back("kind:" + kind);
      facts.timescale.precision = plan::precision(row.value("precision", "day")).value_or(plan::Precision::day);
      facts.timescale.start = optional_day(row, "start");
      facts.timescale.due = optional_day(row, "due");
      facts.first_due = facts.timescale.due;
      facts.status = row.value("status", "not_started");
      if (row.contains("cadence")) facts.cadence_months = row.at("cadence").get<int>();
      if (row.contains("imported")) action.imported = instant(row.at("imported"));
      for (const json& milestone : row.value("milestones", json::array())) {
        facts.milestones.push_back({milestone.at("id"), milestone.value("name", ""), day(milestone.at("due")), false});
      }
      for (const json& owner : row.value("owners", json::array())) action.owners.push_back(owner);
      result.actions.push_back(std::move(action));
    }
  }

  ScenarioEvent read_event(const json& entry) const {
    ScenarioEvent event;
    event.at = instant(entry.at("at"));
    event.action = entry.value("action", "");
    event.party = entry.value("party", "");
    event.response = entry.at("response");
    event.value = entry.value("value", "");
    event.until = optional_day(entry, "until");
    event.due = optional_day(entry, "due");
    event.day = optional_day(entry, "day");
    event.to = entry.value("to", "");
    event.note = entry.value("note", "");
    const json others = entry.value("by", json::array());
    for (const json& other : others.is_array() ? others : json::array({others})) event.others.push_back(other);
    if (entry.contains("precision")) event.precision = plan::precision(entry.at("precision").get<std::string>());
    return event;
  }

  /// {field: value or list} as the condition it stands for. A kind that no timescale has is a tag of the action.
  static std::string condition(const json& when) {
    std::string text;
    for (const auto& [field, wanted] : when.items()) {
      const json list = wanted.is_array() ? wanted : json::array({wanted});
      std::string part;
      json known = json::array();
      for (const json& value : list) {
        if (field != "kind" || plan::timescale_kind(value.get<std::string>()))
          known.push_back(value);
        else
          part += " || " + json("kind:" + value.get<std::string>()).dump() + " in action.tags";
      }
      const std::string plain =
          "action." + field + " in " + known.dump() + (field == "kind" ? " && size(action.tags) == 0" : "");
      if (known.empty())
        part = part.substr(4);
      else
        part = "(" + plain + ")" + part;
      text += (text.empty() ? "(" : " && (") + part + ")";
    }
    return text.empty() ? "true" : text;
  }

  static std::string rule_file(const json& root, const json& use) {
    json file{{"version", 1}, {"rules", json::array()}};
    const auto is_used = [&](const std::string& name) {
      return !use.is_array() || std::find(use.begin(), use.end(), json(name)) != use.end();
    };
    for (json rule : root.at("rules")) {
      if (!is_used(rule.at("rule"))) continue;
      rule["when"] = condition(rule.value("when", json::object()));
      if (rule.contains("cadence")) rule["cadence"] = std::to_string(rule.at("cadence").get<int>()) + "mo";
      rule["may_match_nothing"] = true;
      file["rules"].push_back(std::move(rule));
    }
    for (const json& inhibit : root.value("inhibits", json::array())) {
      if (!is_used(inhibit.at("rule")) || !is_used(inhibit.at("silences"))) continue;
      file["inhibits"].push_back(inhibit);
    }
    for (const char* key : {"limit", "freezes", "defaults"}) {
      if (root.contains(key)) file[key] = root.at(key);
    }
    return file.dump(1);
  }

  std::string file_;
  const ReadFile& read_;
  const calendar::Zone& zone_;
};

}  // namespace

Scenario read_scenario(const std::string& file, const ReadFile& read, const calendar::Zone& zone) {
  return Reader(file, read, zone).scenario();
}

}  // namespace chaser::app
