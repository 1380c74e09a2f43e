// The workflow's file: what it may say, what is wrong with one that cannot work, and its picture.
#include <fstream>
#include <sstream>

#include "documents/problems.h"
#include "plan/workflow.h"
#include "support/catch.h"

using namespace chaser;
using plan::Actor;
using plan::StatusKind;
using plan::Workflow;

namespace {

struct Read {
  std::optional<Workflow> workflow;
  std::string problems;
  bool says(const std::string& part) const { return problems.find(part) != std::string::npos; }
};

Read read(const std::string& text) {
  documents::Problems problems;
  Read result{plan::read_workflow(documents::Source("workflow.yaml", text), problems), {}};
  for (const auto& problem : problems.sorted()) result.problems += documents::describe(problem);
  return result;
}

const std::string head = R"(version: 1
statuses:
  - { status: open, kind: open }
  - { status: parked, kind: paused }
  - { status: done, kind: finished }
transitions:
  - { answer: update, from: [open, parked], to: [open, parked], by: [lead, coordinator] }
  - { answer: done, from: [open, parked], to: done, by: lead, asks: [note, evidence], approval: sponsor }
)";

}  // namespace

TEST_CASE("workflow: what the program has built in is the file that ships, byte for byte") {
  std::ifstream in(std::string(CHASER_SOURCE_DIR) + "/rules/workflow.yaml");
  REQUIRE(in);
  std::ostringstream text;
  text << in.rdbuf();
  CHECK(text.str() == Workflow::shipped_text());
}

TEST_CASE("workflow: without a file it is the shipped one, but what says it is done is done") {
  const Workflow none;
  CHECK(none.names() == Workflow::shipped().names());
  CHECK(none.names() ==
        std::vector<std::string>{"not_started", "in_progress", "blocked", "done", "cancelled", "superseded"});
  REQUIRE(none.transitions().size() == Workflow::shipped().transitions().size());
  for (std::size_t i = 0; i < none.transitions().size(); ++i) {
    const auto& mine = none.transitions()[i];
    const auto& shipped = Workflow::shipped().transitions()[i];
    CHECK(mine.approval == (shipped.to.empty() ? shipped.approval : std::nullopt));
  }
}

TEST_CASE("workflow: a transition says who may, what it asks for and whose approval it needs") {
  const Read known = read(head);
  INFO(known.problems);
  REQUIRE(known.workflow);
  CHECK(known.workflow->is_paused("parked"));
  CHECK(known.workflow->is_finished("done"));
  const plan::Transition& done = known.workflow->transitions()[1];
  CHECK(done.by == std::vector<Actor>{Actor::lead});
  CHECK(done.asks_note);
  CHECK(done.asks_evidence);
  CHECK(done.approval == Actor::sponsor);
  CHECK(known.workflow->mentions("done"));
  CHECK_FALSE(known.workflow->mentions("acknowledge"));
}

TEST_CASE("workflow: what is unknown is named with what was meant") {
  const Read wrong = read(R"(version: 1
statuses:
  - { status: open, kind: opne }
  - { status: done, kind: finished }
transitions:
  - { answer: doen, from: opn, to: done, by: leed, asks: proof, approval: board }
  - { answer: approve, from: open, by: coordinator }
)");
  CHECK_FALSE(wrong.workflow);
  CHECK(wrong.says("workflow.yaml:3:27: error: unknown kind of status \"opne\"; did you mean \"open\"?"));
  CHECK(wrong.says("unknown answer \"doen\"; did you mean \"done\"?"));
  CHECK(wrong.says("unknown status \"opn\"; did you mean \"open\"?"));
  CHECK(wrong.says("unknown actor \"leed\"; did you mean \"lead\"?"));
  CHECK(wrong.says("unknown thing to ask for \"proof\""));
  CHECK(wrong.says("unknown approver \"board\""));
  CHECK(wrong.says("\"approve\" is the word that a request waits for; it needs no transition"));
}

TEST_CASE("workflow: a status that nothing leads to is an error, the first one is not") {
  const std::string text =
      "version: 1\nstatuses: [{ status: a, kind: open }, { status: b, kind: open }, "
      "{ status: done, kind: finished }]\ntransitions: [{ answer: done, from: [a, b], to: done, by: lead }]\n";
  const Read lost = read(text);
  CHECK_FALSE(lost.workflow);
  CHECK(lost.says("nothing leads to the status \"b\""));
  std::string led = text;
  led.insert(led.rfind(']'), ", { answer: update, from: a, to: b, by: lead }");
  CHECK(read(led).workflow);
}

TEST_CASE("workflow: an open status without a way to an end is an error") {
  const Read stuck = read(R"(version: 1
statuses: [{ status: a, kind: open }, { status: b, kind: paused }, { status: done, kind: finished }]
transitions:
  - { answer: update, from: a, to: b, by: lead }
  - { answer: done, from: a, to: done, by: lead }
)");
  CHECK_FALSE(stuck.workflow);
  CHECK(stuck.says("there is no way from \"b\" to a finished status"));
}

TEST_CASE("workflow: nothing finished, or finished at the beginning, is an error") {
  CHECK(read("version: 1\nstatuses: [{ status: a, kind: open }]\ntransitions: [{ answer: update, from: a, to: a, by: "
             "lead }]\n")
            .says("no status is finished, so nothing would ever end"));
  CHECK(read("version: 1\nstatuses: [{ status: done, kind: finished }, { status: a, kind: open }]\n"
             "transitions: [{ answer: reopen, from: done, to: a, by: lead }, { answer: done, from: a, to: done, by: "
             "lead }]\n")
            .says("the first status is where actions begin"));
}

TEST_CASE("workflow: each answer ends where it says") {
  const auto with = [](const std::string& transition) { return read(head + "  - " + transition + "\n").problems; };
  CHECK(with("{ answer: cancelled, from: open, to: parked, by: lead }")
            .find("\"cancelled\" finishes an action, but \"parked\" is paused") != std::string::npos);
  CHECK(with("{ answer: cancelled, from: open, by: lead }").find("\"cancelled\" leads to one status") !=
        std::string::npos);
  CHECK(with("{ answer: extension, from: open, to: done, by: lead }").find("does not change the status") !=
        std::string::npos);
  CHECK(with("{ answer: reopen, from: open, to: open, by: lead }").find("only what is finished can be reopened") !=
        std::string::npos);
  CHECK(with("{ answer: snooze, from: done, by: lead }").find("nothing but reopen is answered to what is finished") !=
        std::string::npos);
  CHECK(with("{ answer: done, from: open, to: done, by: [lead, sponsor] }").find("at line 8") != std::string::npos);
  CHECK(with("{ answer: done, from: open, to: done, by: sponsor }").empty());
}

TEST_CASE("workflow: one word stands for one status") {
  const Read twice = read(R"(version: 1
statuses:
  - { status: open, kind: open, words: [new] }
  - { status: done, kind: finished, words: [finished, New] }
transitions: [{ answer: done, from: open, to: done, by: lead }]
)");
  CHECK(twice.says("\"New\" already stands for a status of this workflow"));
}

TEST_CASE("workflow: thirty statuses are read, thirty-one are refused") {
  for (const int count : {30, 31}) {
    std::string text = "version: 1\nstatuses:\n  - { status: done, kind: finished }\n";
    std::string names;
    for (int i = 1; i < count; ++i) {
      const std::string name = "s" + std::to_string(i);
      text.insert(text.find("  - { status: done"), "  - { status: " + name + ", kind: open }\n");
      names += (names.empty() ? "" : ", ") + name;
    }
    text += "transitions:\n  - { answer: done, from: [" + names + "], to: done, by: lead }\n";
    text += "  - { answer: update, from: [" + names + "], to: [" + names + "], by: lead }\n";
    const Read known = read(text);
    INFO(known.problems);
    CHECK(known.workflow.has_value() == (count == 30));
  }
}

TEST_CASE("workflow: its picture has each status, each way and who goes it") {
  const std::string picture = plan::to_mermaid(*read(head).workflow);
  CHECK(picture == R"(stateDiagram-v2
  open : open
  parked : parked (paused)
  done : done
  [*] --> open
  open --> parked : update by lead, coordinator
  parked --> open : update by lead, coordinator
  open --> done : done by lead, with a note, with evidence, approved by the sponsor
  parked --> done : done by lead, with a note, with evidence, approved by the sponsor
  done --> [*]
)");
}

TEST_CASE("workflow: the example of docs/RULES.md is one") {
  std::ifstream in(std::string(CHASER_SOURCE_DIR) + "/docs/RULES.md");
  std::ostringstream page;
  page << in.rdbuf();
  const std::string text = page.str();
  const std::string fence = "```workflow\n";
  const std::size_t at = text.find(fence);
  REQUIRE(at != std::string::npos);
  const Read known = read(text.substr(at + fence.size(), text.find("```", at + fence.size()) - at - fence.size()));
  INFO(known.problems);
  CHECK(known.workflow);
  for (const char* word : {"`statuses`", "`transitions`", "`status`", "`kind`", "`words`", "`about`", "`answer`",
                           "`from`", "`to`", "`by`", "`asks`", "`approval`"}) {
    INFO(word);
    CHECK(text.find(word) != std::string::npos);
  }
  for (const std::string_view answer : plan::answer_names()) {
    INFO(answer);
    CHECK(text.find("`" + std::string(answer) + "`") != std::string::npos);
  }
}
