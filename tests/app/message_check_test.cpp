// What `chaser check` finds by writing the messages of every action: faults that no sample shows.
#include <fmt/format.h>

#include <filesystem>

#include "app/program.h"
#include "support/catch.h"

using namespace chaser;
using namespace chaser::test;

namespace {

/// A plan of a lead with both channels and one with mail alone, a chief above them, a rule with a direct step, one to
/// the chief and a digest.
class Site {
 public:
  Site() {
    std::filesystem::create_directory(folder_.file("templates"));
    folder_.write("chaser.yaml",
                  "state_directory: state\nplans: [{ id: county, file: plan.txt, supplement: more.yaml }]\n"
                  "directory: directory.yaml\nrules: [rules.yaml]\ntemplates: templates\n"
                  "channels: { email: { type: maildir, folder: mail }, teams: { type: folder, folder: cards } }\n"
                  "mail: { from_address: chaser@kent.example }\n");
    folder_.write("directory.yaml",
                  "coordinator: office\nparties:\n  office: { name: Office, email: office@kent.example }\n"
                  "  chief: { name: Chief, email: chief@kent.example }\n"
                  "  ann: { name: Ann, email: ann@kent.example, teams: team, superior: chief }\n"
                  "  ben: { name: Ben, email: ben@kent.example, superior: chief }\n");
    folder_.write("plan.txt",
                  "ID\tAction\tLead\tTimescale\n1\tPlant trees\tann\t31 December 2026\n"
                  "2\tMend roads\tben\tQ3 2027\n3\tCount bats\tben\tOngoing\n");
    folder_.write("more.yaml", "actions:\n  \"2\": { status: in_progress }\n");
    folder_.write("rules.yaml",
                  "version: 1\nrules:\n  - rule: due\n    when: action.kind == \"dated\"\n    anchor: due\n    steps:\n"
                  "      - { step: soon, at: -14d, to: leads, deliver: digest }\n"
                  "      - { step: due, at: 0d, to: leads, via: [email, teams] }\n"
                  "      - { step: up, at: 14d, to: leads.superior }\n");
  }
  void write(const std::string& name, const std::string& text) const { folder_.write("templates/" + name, text); }
  Ran check() const { return run({"check", "--config", folder_.file("chaser.yaml"), "--now", "2026-10-01T09:00:00Z"}); }

 private:
  Folder folder_;
};

std::string lines_of(const std::string& text, const std::string& word) {
  std::string found;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    if (line.find(word) != std::string::npos) found += line + "\n";
    at = end + 1;
  }
  return found;
}

}  // namespace

TEST_CASE("check: templates that every action can be written with are no problem") {
  const Site site;
  CHECK(site.check().exit == app::Exit::fine);
  site.write("direct.txt.mustache", "{{#items}}{{title}}: {{sentence}} {{link}}{{/items}}\n{{how_to_answer}}\n");
  site.write("due.due.card.mustache", "{{#items}}{{name}}\n{{sentence}}{{/items}}\n");
  const Ran ran = site.check();
  INFO(ran.out);
  CHECK(ran.exit == app::Exit::fine);
}

TEST_CASE("check: a name that there is not, in a section that only some actions show, is told with file and action") {
  const Site site;
  // Neither sample shows it: with everything set there is a note, with nothing set nobody is above the leads.
  site.write("direct.txt.mustache",
             "{{#items}}{{title}}{{#above_leads}}{{^has_note}}{{titel}}{{/has_note}}{{/above_leads}}{{/items}}\n");
  const Ran ran = site.check();
  INFO(ran.out);
  CHECK(ran.exit == app::Exit::problems);
  const std::string told = lines_of(ran.out, "direct.txt.mustache");
  CHECK(told.find("\"titel\" is no name that a template knows; did you mean \"title\"?") != std::string::npos);
  CHECK(told.find("met in a mail about county/1 to chief (rule \"due\", step \"up\"), and in one more") !=
        std::string::npos);
}

TEST_CASE("check: a template of one step or kind is tried with what is sent by it: mail, card, digest, late") {
  const Site site;
  const auto [file, where] = GENERATE(
      table<std::string, std::string>({{"due.due.txt.mustache", "met in a mail about county/1 to ann"},
                                       {"due.due.card.mustache", "met in a card about county/1 to ann"},
                                       {"due.up.html.mustache", "met in a mail about county/1 to chief"},
                                       {"direct.subject.mustache", "met in a mail about county/1 to ann"},
                                       {"digest.txt.mustache", "met in a digest mail about county/1 to ann"},
                                       {"catch_up.card.mustache", "met in a catch-up card about county/1 to ann"}}));
  site.write(file, "{{#one}}{{^has_more}}{{nope}}{{/has_more}}{{/one}}{{subject}}\n");
  const Ran ran = site.check();
  INFO(ran.out);
  CHECK(ran.exit == app::Exit::problems);
  CHECK(lines_of(ran.out, file).find(where) != std::string::npos);
}

TEST_CASE("check: a text without a word and a card too big for Teams are told") {
  const Site site;
  site.write("direct.subject.mustache", "{{#several}}{{subject}}{{/several}}\n");
  Ran ran = site.check();
  INFO(ran.out);
  CHECK(lines_of(ran.out, "direct.subject.mustache").find("says nothing: met in a mail about county/1 to ann") !=
        std::string::npos);
  site.write("direct.subject.mustache", "{{subject}}\n");
  site.write("direct.card.mustache",
             fmt::format("{}\n", fmt::join(std::vector<std::string>(40, std::string(700, 'x')), "\n")));
  ran = site.check();
  INFO(ran.out);
  CHECK(ran.out.find("direct.card.mustache alone is too big for Teams: met in a card about county/1 to ann") !=
        std::string::npos);
}
