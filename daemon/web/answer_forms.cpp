#include "web/answer_forms.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "calendar/time.h"
#include "plan/measure.h"
#include "web/words.h"

namespace chaser::web {
namespace {

using chase::ResponseKind;

constexpr std::size_t others_bytes_max = 2'000;

constexpr std::array<AnswerForm, 14> forms{{
    {.kind = ResponseKind::acknowledge,
     .label = "I have it",
     .hint = "You are on it, and will say more by a day.",
     .button = "I have it",
     .note = "A word about it, if you like",
     .until = "Back by"},
    {.kind = ResponseKind::update,
     .label = "Update",
     .hint = "Say how it stands.",
     .button = "Send the update",
     .note = "How it stands",
     .note_required = true,
     .status = true},
    {.kind = ResponseKind::done,
     .label = "Done",
     .hint = "It is finished as the plan says.",
     .button = "It is done",
     .note = "What was achieved, if you like",
     .evidence = true},
    {.kind = ResponseKind::extension,
     .label = "Need more time",
     .hint = "Ask for another date; it is decided by the plan's approver.",
     .button = "Ask for this date",
     .note = "Why",
     .note_required = true,
     .due = "New date"},
    {.kind = ResponseKind::not_mine,
     .label = "Not mine",
     .hint = "The coordinator finds out whose it is.",
     .button = "It is not mine",
     .note = "Whose it is, if you know"},
    {.kind = ResponseKind::blocked,
     .label = "Blocked",
     .hint = "It waits for another action or for somebody.",
     .button = "It is blocked",
     .note = "What would help",
     .until = "Ask again on",
     .others = "Blocked by (an action such as 5.4, or in words)"},
    {.kind = ResponseKind::snooze,
     .label = "Not now",
     .hint = "No reminders until a day, with a reason.",
     .button = "Remind later",
     .note = "Why",
     .note_required = true,
     .until = "Until"},
    {.kind = ResponseKind::delegate,
     .label = "Hand it over",
     .hint = "Somebody else takes it, once they accept.",
     .button = "Hand it over",
     .note = "A word to them",
     .to = "To whom"},
    {.kind = ResponseKind::cancelled,
     .label = "Cancel it",
     .hint = "It will not be done.",
     .button = "Cancel the action",
     .note = "Why",
     .note_required = true},
    {.kind = ResponseKind::superseded,
     .label = "Superseded",
     .hint = "Another action stands in its place.",
     .button = "It is superseded",
     .note = "Why",
     .others = "By which action"},
    {.kind = ResponseKind::merged,
     .label = "Merged",
     .hint = "It goes on within another action.",
     .button = "It is merged",
     .note = "Why",
     .others = "Into which action"},
    {.kind = ResponseKind::split,
     .label = "Split",
     .hint = "It goes on as several actions.",
     .button = "It is split",
     .note = "Why",
     .others = "Into which actions, with commas"},
    {.kind = ResponseKind::reopen,
     .label = "Open it again",
     .hint = "It was finished and is not.",
     .button = "Open it again",
     .note = "Why",
     .note_required = true},
    {.kind = ResponseKind::decline,
     .label = "Give it back",
     .hint = "What was handed over goes back.",
     .button = "Give it back",
     .note = "Why",
     .note_required = true},
}};
constexpr std::size_t lead_count = 6;
constexpr std::size_t staff_count = 13;

std::vector<View> status_options(const plan::Workflow& workflow, const std::string& chosen) {
  std::vector<View> options;
  for (const plan::Status& status : workflow.statuses()) {
    if (status.kind == plan::StatusKind::finished) continue;
    options.push_back(View()
                          .text("value", status.name)
                          .text("label", status_words(status.name))
                          .flag("chosen", status.name == chosen));
  }
  return options;
}

std::vector<View> colour_options(const std::string& chosen) {
  std::vector<View> options;
  for (const chase::Rag rag : {chase::Rag::green, chase::Rag::amber, chase::Rag::red}) {
    const std::string name(chase::name_of(rag));
    options.push_back(View().text("value", name).text("label", status_words(name)).flag("chosen", name == chosen));
  }
  return options;
}

std::vector<View> milestone_options(const chase::ActionFacts& facts, const std::string& chosen) {
  std::vector<View> options;
  for (const plan::Milestone& each : facts.milestones) {
    if (each.done) continue;
    const std::string label = fmt::format("{}, due {}", each.name, calendar::short_day(each.due));
    options.push_back(View().text("value", each.id).text("label", label).flag("chosen", each.id == chosen));
  }
  return options;
}

/// What an update may say beside words, where the action has it.
void ask_for_report(View& view, const chase::ActionFacts& facts, const Request* given) {
  const auto said = [&](const char* name) { return given == nullptr ? std::string() : given->field(name); };
  view.list("colours", colour_options(said("rag")));
  auto milestones = milestone_options(facts, said("milestone"));
  view.flag("has_milestones", !milestones.empty()).list("milestones", std::move(milestones));
  if (!facts.measure) return;
  view.text("measure", facts.measure->name).text("unit", facts.measure->unit).text("value", said("value"));
}

View view_of(const AnswerForm& form, const chase::ActionState& state, const chase::World& world,
             calendar::CivilDay today, const Request* given) {
  View view;
  const std::string kind(chase::name_of(form.kind));
  const auto said = [&](const char* name) { return given == nullptr ? std::string() : given->field(name); };
  view.text("kind", kind).text("label", std::string(form.label)).text("hint", std::string(form.hint));
  view.text("button", std::string(form.button)).text("tomorrow", calendar::iso_day(today + 1));
  view.text("note_label", std::string(form.note)).flag("note_required", form.note_required).text("note", said("note"));
  view.text("until_label", std::string(form.until)).text("until", said("until"));
  view.text("due_label", std::string(form.due)).text("due", said("due"));
  view.text("others_label", std::string(form.others)).text("others", said("others"));
  view.text("to_label", std::string(form.to)).text("to", said("to"));
  view.flag("asks_status", form.status).flag("asks_evidence", form.evidence).text("evidence", said("evidence"));
  if (form.status) {
    view.list("statuses", status_options(world.workflow(), given == nullptr ? state.facts.status : said("status")));
    ask_for_report(view, state.facts, given);
  }
  view.text("percent", said("percent"));
  view.flag("open", given != nullptr && (given->field("response") == kind || given->query_field("r") == kind));
  return view;
}

std::string trimmed(std::string text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && is_blank(text.back())) text.pop_back();
  text.erase(text.begin(), std::find_if_not(text.begin(), text.end(), is_blank));
  return text;
}

/// Reads fields by name and collects what is wrong.
class AnswerFields {
 public:
  AnswerFields(const Request& request, const std::string& prefix, std::vector<std::string>& problems)
      : request_(request), prefix_(prefix), problems_(problems) {}

  std::string text(std::string_view name, std::size_t bytes_max, std::string_view what) const {
    std::string value = trimmed(request_.field(prefix_ + std::string(name)));
    if (value.size() > bytes_max) {
      problems_.push_back(fmt::format("{} may have {} characters.", what, bytes_max));
      value.clear();
    }
    return value;
  }
  std::optional<calendar::CivilDay> day(std::string_view name) const {
    const std::string value = text(name, 40, "A day");
    if (value.empty()) return std::nullopt;
    const auto day = calendar::parse_iso_day(value);
    if (!day) problems_.push_back("A day is written like 2027-01-31; got “" + value + "”.");
    return day;
  }
  std::optional<int> percent() const {
    const std::string value = text("percent", 10, "The percentage");
    if (value.empty()) return std::nullopt;
    int percent = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), percent);
    if (error == std::errc() && end == value.data() + value.size() && percent >= 0 && percent <= 100) return percent;
    problems_.push_back("The percentage is a whole number from 0 to 100; got “" + value + "”.");
    return std::nullopt;
  }
  std::optional<double> value() const {
    const std::string written = text("value", 40, "The number");
    if (written.empty()) return std::nullopt;
    const auto value = plan::read_quantity(written);
    if (!value) problems_.push_back("The number is written like 410000 or 1.5 million; got “" + written + "”.");
    return value;
  }
  std::optional<chase::Rag> colour() const {
    const std::string written = text("rag", 20, "The colour");
    if (written.empty()) return std::nullopt;
    const auto colour = chase::rag(written);
    if (!colour) problems_.push_back("The colour is red, amber or green; got “" + written + "”.");
    return colour;
  }
  std::vector<std::string> others() const {
    std::vector<std::string> found;
    std::string rest = text("others", others_bytes_max, "What blocks it");
    while (!rest.empty()) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      std::string each = trimmed(rest.substr(0, comma));
      if (!each.empty()) found.push_back(std::move(each));
      rest.erase(0, std::min(comma + 1, rest.size()));
    }
    return found;
  }

 private:
  const Request& request_;
  const std::string& prefix_;
  std::vector<std::string>& problems_;
};

}  // namespace

std::span<const AnswerForm> lead_forms() {
  return std::span(forms).first(lead_count);
}

std::span<const AnswerForm> staff_forms(bool is_finished) {
  static_assert(forms[staff_count - 1].kind == ResponseKind::reopen);
  const auto all = std::span(forms).first(staff_count);
  return is_finished ? all.last(1) : all.first(staff_count - 1);
}

const AnswerForm* find_form(chase::ResponseKind kind) {
  const auto found =
      std::find_if(forms.begin(), forms.end(), [&](const AnswerForm& form) { return form.kind == kind; });
  return found == forms.end() ? nullptr : &*found;
}

std::vector<View> form_views(std::span<const AnswerForm> wanted, const chase::ActionState& state,
                             const chase::World& world, calendar::CivilDay today, const Request* given) {
  std::vector<View> views;
  for (const AnswerForm& form : wanted) views.push_back(view_of(form, state, world, today, given));
  return views;
}

chase::Response read_answer(const Request& request, const std::string& prefix, std::vector<std::string>& problems) {
  chase::Response response;
  const AnswerFields fields(request, prefix, problems);
  const std::string kind_name = fields.text("response", 40, "The answer");
  const auto kind = chase::response_kind(kind_name);
  if (!kind) {
    problems.push_back(kind_name.empty() ? "Choose an answer." : "There is no answer “" + kind_name + "”.");
    return response;
  }
  response.kind = *kind;
  response.note = fields.text("note", chase::note_characters_max, "The words");
  response.until = fields.day("until");
  response.due = fields.day("due");
  response.others = fields.others();
  response.to = fields.text("to", 100, "The name");
  response.evidence = fields.text("evidence", chase::evidence_characters_max, "The link");
  response.percent = fields.percent();
  if (*kind == ResponseKind::update) {
    if (std::string status = fields.text("status", 100, "The status"); !status.empty()) response.status = status;
    response.value = fields.value();
    response.claimed = fields.colour();
    response.milestone = fields.text("milestone", 100, "The milestone");
  }
  const AnswerForm* const form = find_form(*kind);
  if (form == nullptr) return response;
  if (form->note_required && response.note.empty()) problems.push_back(fmt::format("“{}” is needed.", form->note));
  if (!form->due.empty() && !response.due) problems.push_back("A new date is needed.");
  if (*kind == ResponseKind::snooze && !response.until) problems.push_back("A day until which is needed.");
  return response;
}

}  // namespace chaser::web
