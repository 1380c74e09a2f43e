#include "plan/owners.h"

#include <algorithm>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "plan/owners_roster.h"
#include "support/catch.h"

using namespace chaser::plan;

namespace {

using Names = std::vector<std::string>;

Names split(std::string_view cell, const Names& known = {}) {
  Names names;
  for (const OwnerToken& owner : split_owners(cell, known)) names.push_back(owner.name);
  return names;
}

Names cut(const std::string& text, const std::string& at) {
  Names parts;
  std::size_t from = 0;
  for (std::size_t end = text.find(at); end != text.npos; end = text.find(at, from)) {
    parts.push_back(text.substr(from, end - from));
    from = end + at.size();
  }
  parts.push_back(text.substr(from));
  return parts;
}

/// Names compare by their words: "John Doe - Example" is "John Doe (Example)".
Names folded(Names names) {
  for (std::string& name : names) name = folded_name(name);
  return names;
}

}  // namespace

TEST_CASE("owners: the first customer's cells split into their owners") {
  CHECK(split("KCC & CCN") == Names{"KCC", "CCN"});
  CHECK(split("CCN, HR Teams") == Names{"CCN", "HR Teams"});
  CHECK(split("KCC & Local Authority Planning Teams") == Names{"KCC", "Local Authority Planning Teams"});
  CHECK(split("CCN") == Names{"CCN"});
}

TEST_CASE("owners: every joiner parts two names that stand for themselves") {
  for (const char* cell : {"KCC & CCN",          "KCC, CCN",
                           "KCC / CCN",          "KCC/CCN",
                           "KCC; CCN",           "KCC and CCN",
                           "KCC with CCN",       "KCC, and CCN",
                           "KCC and/or CCN",     "KCC<br>CCN",
                           "KCC\nCCN",           "• KCC\n• CCN",
                           "1. KCC 2. CCN",      "KCC together with the CCN",
                           "KCC (with CCN)",     "KCC | CCN",
                           "KCC*, CCN†",         "KCC & CCN.",
                           "KCC as well as CCN", "KCC + CCN",
                           "KCC, CCN,",          "; KCC ;; CCN ;"}) {
    INFO(cell);
    CHECK(split(cell) == Names{"KCC", "CCN"});
  }
}

TEST_CASE("owners: a known name is never cut, whatever stands in it") {
  const Names known{"Transport & Highways", "Parks and Recreation", "Sports, Exercise and Young People", "KCC"};
  CHECK(split("Transport & Highways", known) == Names{"Transport & Highways"});
  CHECK(split("KCC & transport & highways", known) == Names{"KCC", "transport & highways"});
  CHECK(split("Parks and Recreation and KCC", known) == Names{"Parks and Recreation", "KCC"});
  CHECK(split("Sports, Exercise and Young People, KCC", known) == Names{"Sports, Exercise and Young People", "KCC"});
}

TEST_CASE("owners: known names lost in one word or with a slip in them are found") {
  const Names known{"Defra", "ADEPT", "Water UK", "Business Development Manager", "Environment Agency"};
  CHECK(split("DefraADEPTWater UK", known) == Names{"Defra", "ADEPT", "Water UK"});
  CHECK(split("Environment Agency ADEPT", known) == Names{"Environment Agency", "ADEPT"});
  CHECK(split("Defra and Business Developement Manager", known) == Names{"Defra", "Business Development Manager"});
  CHECK(split("Defr, Defra", known) == Names{"Defr", "Defra"});
}

TEST_CASE("owners: what may be one name stays whole when no directory knows better") {
  for (const char* cell : {"Parks and Recreation Department", "Transport & Highways", "Green Belts and Drainage Water",
                           "Department of Fisheries and Marine Research", "Tonbridge and Malling Borough Council",
                           "Business & Technology Development Office", "Sustainability Office, City of Kent"}) {
    INFO(cell);
    CHECK(split(cell) == Names{cell});
  }
  CHECK(split("KCC, Department of Housing, Local Government and Heritage") ==
        Names{"KCC", "Department of Housing, Local Government and Heritage"});
}

TEST_CASE("owners: a semicolon list beats the commas and ands inside its names") {
  CHECK(split("Harbour Board; Ministry of Energy, Commerce and Industry; Transport Operators;") ==
        Names{"Harbour Board", "Ministry of Energy, Commerce and Industry", "Transport Operators"});
}

TEST_CASE("owners: marks of role say who leads and who supports") {
  const std::vector<OwnerToken> expected{{"KCC", Role::lead}, {"CCN", Role::support}};
  for (const char* cell :
       {"KCC (lead), CCN (support)", "KCC, CCN (supporting)", "Lead: KCC; Support: CCN", "Lead: KCC Support: CCN",
        "KCC - lead, CCN - support", "KCC, supported by CCN", "KCC; partners: CCN", "KCC with support from CCN"}) {
    INFO(cell);
    CHECK(split_owners(cell) == expected);
  }
  CHECK(split_owners("Lead: KCC; Support: CCN, HR Teams").back() == OwnerToken{"HR Teams", Role::support});
  CHECK(split_owners("KCC with CCN").back().role == Role::lead);
  CHECK(name_of(Role::lead) == "lead");
  CHECK(name_of(Role::support) == "support");
}

TEST_CASE("owners: a cell that says there is no owner gives none") {
  for (const char* cell : {"", " ", "-", "–", "?", "TBC", "tbd", "To be agreed", "N/A", "None", "to be confirmed",
                           "The responsible body will be identified as this work progresses"}) {
    INFO(cell);
    CHECK(split(cell).empty());
  }
  CHECK(split("KCC & TBC") == Names{"KCC"});
}

TEST_CASE("owners: an owner named twice counts once; struck-out ones and remarks do not count") {
  CHECK(split("KCC, CCN and kcc") == Names{"KCC", "CCN"});
  CHECK(split("~~KCC~~ CCN") == Names{"CCN"});
  CHECK(split("<s>KCC</s> CCN") == Names{"CCN"});
  CHECK(split("Medway Council (possibly), KCC)") == Names{"Medway Council", "KCC"});
  CHECK(split("KDSG (Klagenfurt Dachstrom Gesellschaft)") == Names{"KDSG (Klagenfurt Dachstrom Gesellschaft)"});
}

TEST_CASE("owners: the outside cases agree, where they are at hand") {
  std::ifstream file(CHASER_SOURCE_DIR "/../shared/conformance/owners.tsv");
  if (!file) return;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    const Names fields = cut(line, "\t");
    REQUIRE(fields.size() >= 3);
    INFO(line);
    const Names expected = fields[1].empty() ? Names{} : cut(fields[1], " | ");
    // A slip of the pen can only be told by the directory that has the right name.
    const bool needs_roster = fields[2] == "yes" || fields.back().find("typing slip") != std::string::npos;
    CHECK(folded(split(fields[0], needs_roster ? expected : Names{})) == folded(expected));
  }
}

TEST_CASE("owners: any bytes are split without harm") {
  const Names parts{
      "KCC",  " & ", ", ", "(",     ")", "Support:", "lead", " - ", "and ",  ";", "\xff",           "\xe2",
      "<br>", "1. ", "\n", "with ", "•", "the ",     "/",    "TBC", "will ", ".", "in particular ", "Council "};
  const Names known{"KCC", "Medway Council", "&", "", "a"};
  std::mt19937 random(20260101);
  for (int round = 0; round < 20000; ++round) {
    std::string cell;
    const auto length = random() % 14;
    for (unsigned i = 0; i < length; ++i)
      cell += random() % 8 == 0 ? std::string(1, static_cast<char>(random() % 256)) : parts[random() % parts.size()];
    INFO(cell);
    for (const OwnerToken& owner : split_owners(cell, random() % 2 == 0 ? known : Names{}))
      REQUIRE_FALSE(owner.name.empty());
  }
}

TEST_CASE("owners: a cell of 4,000 bytes is split, a longer one stays whole") {
  std::string cell = "KCC; CCN";
  cell.append(4000 - cell.size(), ' ');
  CHECK(split(cell).size() == 2);
  CHECK(split(cell + " ").size() == 1);
}
