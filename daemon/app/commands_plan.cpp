#include "app/commands.h"
#include "app/files.h"
#include "app/reporting.h"
#include "documents/table.h"
#include "plan/plan.h"

namespace chaser::app {

namespace {

std::optional<plan::Directory> directory_of(const Invocation& invocation, documents::Problems& problems) {
  const auto file = invocation.value("--directory");
  if (!file) return std::nullopt;
  auto bytes = read_file(*file);
  if (!bytes) {
    problems.error(*file, bytes.error());
    return std::nullopt;
  }
  return plan::read_directory(documents::Source(*file, std::move(*bytes)), problems);
}

/// The conventions and the rest of --supplement; nothing without one.
struct Supplement {
  documents::Source source;
  std::optional<documents::YamlNode> node;
};
std::optional<Supplement> supplement_of(const Invocation& invocation, documents::Problems& problems) {
  const auto file = invocation.value("--supplement");
  if (!file) return std::nullopt;
  auto bytes = read_file(*file);
  if (!bytes) {
    problems.error(*file, bytes.error());
    return std::nullopt;
  }
  Supplement supplement{documents::Source(*file, std::move(*bytes)), std::nullopt};
  supplement.node = documents::parse_yaml(supplement.source, problems);
  return supplement;
}

}  // namespace

Exit plan_read_command(const Invocation& invocation, Terminal& terminal) {
  const std::string& file = invocation.words[0];
  auto bytes = read_document(file);
  if (!bytes) {
    terminal.err << "chaser: " << file << ": " << bytes.error() << "\n";
    return Exit::environment;
  }
  documents::Problems problems;
  const auto directory = directory_of(invocation, problems);
  const auto supplement = supplement_of(invocation, problems);
  plan::Conventions conventions;
  if (supplement && supplement->node) {
    conventions = plan::read_conventions(*supplement->node, supplement->source, problems).value_or(conventions);
  }
  const plan::Workflow workflow;
  const documents::Source source(file, std::move(*bytes));
  const documents::Table table = documents::read_table(source, problems);
  const std::string id = invocation.value("--plan").value_or("plan");
  auto plan = plan::read_plan(table, source, id, conventions, directory ? &*directory : nullptr, workflow, problems);
  if (!plan) {
    terminal.err << describe_all(problems);
    return Exit::problems;
  }
  if (supplement && supplement->node) {
    plan::apply_supplement(*supplement->node, supplement->source, workflow, conventions, *plan, problems,
                           directory ? &*directory : nullptr);
  }
  if (invocation.wants_json()) {
    terminal.out << plan::to_json(*plan, problems) << "\n";
  } else {
    terminal.out << plan::to_table(*plan, problems);
  }
  return problems.has_errors() ? Exit::problems : Exit::fine;
}

}  // namespace chaser::app
