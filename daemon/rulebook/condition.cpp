#include "rulebook/condition.h"

#include <fmt/format.h>

#include <utility>

#include "documents/characters.h"
#include "rulebook/cel_evaluation.h"
#include "rulebook/cel_program.h"
#include "rulebook/condition_place.h"

namespace chaser::rulebook {

struct Condition::Program {
  std::string text;
  std::shared_ptr<const cel::Program> code;  // none: always true
};

Condition::Condition() {
  static const std::shared_ptr<const Program> always = std::make_shared<const Program>();
  program_ = always;
}

Condition::Condition(std::shared_ptr<const Program> program) : program_(std::move(program)) {}

Truth Condition::evaluate(const Facts& facts) const {
  if (!program_->code) return {true, nullptr};
  cel::Evaluation evaluation{*program_->code, &facts, {}};
  return evaluation.truth(program_->code->root);
}

std::string Condition::false_part(const Facts& facts) const {
  if (!program_->code || evaluate(facts).value) return "";
  const cel::Expr& root = *program_->code->syntax.root;
  const auto part = [&](const cel::Expr& expr) {
    return program_->text.substr(expr.whole.begin, expr.whole.end - expr.whole.begin);
  };
  if (root.kind != cel::ExprKind::all_of) return part(root);
  std::string unclear;
  for (std::size_t i = 0; i < root.args.size(); ++i) {
    cel::Evaluation evaluation{*program_->code, &facts, {}};
    const Truth truth = evaluation.truth(program_->code->root.args[i]);
    if (truth.problem == nullptr && !truth.value) return part(*root.args[i]);
    if (truth.problem != nullptr && unclear.empty()) unclear = part(*root.args[i]);
  }
  return unclear;
}

const std::string& Condition::text() const {
  return program_->text;
}

bool Condition::depends_on_time() const {
  return mentions(Fact::now) || mentions(Fact::today) || mentions(Fact::action_next_milestone) ||
         mentions(Fact::action_rag_computed) || mentions(Fact::action_blocker_late);
}

bool Condition::mentions(Fact fact) const {
  return program_->code && program_->code->mentions.test(static_cast<std::size_t>(fact));
}

std::optional<Condition> compile_condition(std::string_view text, const ConditionPlace& place,
                                           const cel::Environment& environment, const documents::Source& source,
                                           documents::Problems& problems) {
  std::vector<cel::Complaint> complaints;
  cel::Type type;
  std::shared_ptr<const cel::Program> code = cel::build(text, environment, complaints, &type);
  if (code && !type.is(cel::Tag::boolean) && !type.is_open()) {
    complaints.push_back(
        {code->syntax.root->whole, fmt::format("a condition must be true or false; this is {}", cel::describe(type))});
  }
  for (cel::Complaint& each : complaints) {
    problems.error(source, place(each.at), std::move(each.message), std::move(each.notes));
  }
  if (!complaints.empty()) return std::nullopt;
  return Condition{std::make_shared<const Condition::Program>(Condition::Program{std::string(text), std::move(code)})};
}

std::optional<Condition> compile_condition(std::string_view text, const documents::Source& source,
                                           documents::Position at, std::span<const std::string> statuses,
                                           documents::Problems& problems) {
  cel::Environment environment;
  environment.statuses = statuses;
  const ConditionPlace place = [&](cel::Span span) {
    documents::Position position = at;
    for (std::size_t i = 0; i < span.begin && i < text.size();) {
      const documents::Character character = documents::character_at(text, i);
      i += character.bytes;
      ++position.column;
      if (character.code == U'\n') {
        ++position.line;
        position.column = 1;
      }
    }
    const std::string_view meant = text.substr(std::min(span.begin, text.size()), span.end - span.begin);
    position.length = std::max(1, static_cast<int>(documents::character_count(meant)));
    return position;
  };
  return compile_condition(text, place, environment, source, problems);
}

}  // namespace chaser::rulebook
