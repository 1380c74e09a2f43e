#include "app/answering.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <vector>

#include "documents/problems.h"
#include "store/answering.h"

namespace chaser::app {

namespace {

using calendar::CivilDay;

/// Reads the words and options of one answer; what is wrong with any of them is collected.
class AnswerReader {
 public:
  explicit AnswerReader(const WriteRequest& request) : request_(request) {}

  chase::Response read() {
    chase::Response response;
    if (const auto kind = kind_of(request_.words[1], "response")) response.kind = *kind;
    response.party = option("--party");
    response.note = option("--note");
    response.author = request_.actor;
    response.means = request_.actor.starts_with("token:") ? "api" : "cli";
    if (std::string status = option("--status"); !status.empty()) response.status = std::move(status);
    response.until = day("--until");
    response.due = day("--due");
    response.to = option("--to");
    response.evidence = option("--evidence");
    response.percent = percent();
    response.others = others();
    read_reported(response);
    if (const std::string asked = option("--request"); !asked.empty()) response.request = kind_of(asked, "request");
    return response;
  }

  const std::vector<std::string>& problems() const { return problems_; }

 private:
  /// What an update reports beside its words.
  void read_reported(chase::Response& response) {
    if (const std::string value = option("--value"); !value.empty()) {
      response.value = plan::read_quantity(value);
      if (!response.value) {
        problems_.push_back(fmt::format("--value needs a number such as 410000 or 1.5 million; got \"{}\"", value));
      }
    }
    response.read_on = day("--on");
    if (const std::string claimed = option("--rag"); !claimed.empty()) {
      response.claimed = chase::rag(claimed);
      if (!response.claimed) problems_.push_back(fmt::format("--rag is red, amber or green; got \"{}\"", claimed));
    }
    response.milestone = option("--milestone");
    const bool reports = response.value || response.read_on || response.claimed || !response.milestone.empty();
    if (reports && response.kind != chase::ResponseKind::update) {
      problems_.emplace_back("--value, --on, --rag and --milestone are what an update says");
    }
  }

  std::string option(std::string_view name) const {
    const auto found = request_.options.find(name);
    return found == request_.options.end() ? "" : found->second;
  }

  /// "not-mine" is "not_mine" too.
  std::optional<chase::ResponseKind> kind_of(std::string word, std::string_view what) {
    for (char& c : word) c = c == '-' ? '_' : c;
    const auto kind = chase::response_kind(word);
    if (kind) return kind;
    std::vector<std::string> names;
    for (const std::string_view name : plan::answer_names()) names.emplace_back(name);
    problems_.push_back(fmt::format("there is no {} \"{}\"{}; there are {}", what, word,
                                    documents::did_you_mean(word, names), fmt::join(names, ", ")));
    return std::nullopt;
  }

  std::optional<CivilDay> day(std::string_view name) {
    const std::string text = option(name);
    if (text.empty()) return std::nullopt;
    const auto day = calendar::parse_iso_day(text);
    if (!day) problems_.push_back(fmt::format("{} needs a day such as 2027-01-31; got \"{}\"", name, text));
    return day;
  }

  std::optional<int> percent() {
    std::string text = option("--percent");
    if (text.empty()) return std::nullopt;
    if (text.ends_with('%')) text.pop_back();
    int percent = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), percent);
    const bool is_fine = error == std::errc() && end == text.data() + text.size() && percent >= 0 && percent <= 100;
    if (is_fine) return percent;
    problems_.push_back(fmt::format("--percent is a whole number from 0 to 100; got \"{}\"", option("--percent")));
    return std::nullopt;
  }

  /// `--by 5.4,5.5`.
  std::vector<std::string> others() const {
    std::vector<std::string> found;
    std::string rest = option("--by");
    while (!rest.empty()) {
      const std::size_t comma = rest.find(',');
      std::string each = rest.substr(0, comma);
      each.erase(0, each.find_first_not_of(' '));
      each.erase(each.find_last_not_of(' ') + 1);
      if (!each.empty()) found.push_back(std::move(each));
      if (comma == std::string::npos) break;
      rest.erase(0, comma + 1);
    }
    return found;
  }

  const WriteRequest& request_;
  std::vector<std::string> problems_;
};

WriteAnswer misused(const std::vector<std::string>& problems) {
  std::string text;
  for (const std::string& problem : problems) text += "chaser: " + problem + "\n";
  return {Exit::usage, "", std::move(text)};
}

/// Whose answer it is where nobody is named: the only owner's.
std::optional<std::string> only_owner(const chase::ActionState& state, const chase::World& world, std::string& owners) {
  std::string only;
  for (const auto& assignment : state.assignments) {
    if (assignment.holder() == chase::no_party) continue;
    only = world.person(assignment.holder()).id;
    owners += (owners.empty() ? "" : ", ") + only;
  }
  if (state.assignments.size() != 1 || only.empty()) return std::nullopt;
  return only;
}

}  // namespace

WriteAnswer answer_action(Engine& engine, const WriteRequest& request, Instant now) {
  const std::string& place = request.words[0];
  const std::size_t slash = place.find('/');
  if (slash == std::string::npos || slash == 0 || slash + 1 == place.size()) {
    return misused({"\"" + place + "\" is no PLAN/ACTION, such as kent-medway/2.1"});
  }
  const std::string plan = place.substr(0, slash);
  const std::string action = place.substr(slash + 1);
  AnswerReader reader(request);
  chase::Response response = reader.read();
  if (!reader.problems().empty()) return misused(reader.problems());
  if (response.party.empty()) {
    const auto loaded = engine.store().load_action(plan, action, engine.world());
    if (!loaded) return {Exit::problems, "", "chaser: there is no action " + place + "\n"};
    std::string owners;
    const auto only = only_owner(loaded->state, engine.world(), owners);
    if (!only) {
      return misused({fmt::format("--party is needed: who answers for {}? {}", place,
                                  owners.empty() ? "it has no owner" : owners)});
    }
    response.party = *only;
  }
  const auto effect = store::answer(engine.store(), engine.world(), plan, action, response, now);
  if (!effect) return {Exit::problems, "", "chaser: there is no action " + place + "\n"};
  if (!effect->accepted && !effect->already) return {Exit::problems, "", "chaser: " + effect->answer + "\n"};
  return {Exit::fine, effect->answer + "\n", ""};
}

}  // namespace chaser::app
