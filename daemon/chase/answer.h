#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chase/respond.h"

namespace chaser::chase {

/// What one response does, worked out case by case. Private to respond(). Its parts, a file each: who may say so and
/// what was said before (answer), answers that pause (answer_pausing), what is asked of somebody (answer_asking), and
/// their word (answer_deciding).
class Answer {
 public:
  Answer(const ActionState& state, const World& world, const Response& response, Instant now,
         const Surroundings* around);
  ResponseEffect effect();

 private:
  // who (answer.cpp)
  bool is_answerable();
  bool are_fields_fine();
  void find_assignments();
  void find_roles();
  bool speaks_for(PartyIndex party, PartyIndex speaker) const;
  bool has_role(plan::Actor actor) const;
  bool is_asked() const;
  bool find_transition();
  bool refuse(std::string why);
  bool repeat(const Answered& before, std::string_view what = {});
  bool repeat_of(ResponseKind kind, PartyIndex party, std::string_view what = {});
  const Answered* last_answer(std::optional<ResponseKind> kind, PartyIndex party) const;
  std::string name_of_party(PartyIndex party) const;
  PartyIndex decider() const;
  bool names_other_actions();

  // pauses (answer_pausing.cpp)
  bool is_counted(const CaseState& open) const;
  std::vector<AssignmentIndex> counted_for(const rulebook::Rule& rule) const;
  CivilDay last_day(const CaseState& open, AssignmentIndex lead, bool in_total) const;
  void pause_case(CaseIndex index);
  void pause_all(bool only_dated);
  void pause_without_limit();
  void cut_pauses(const Request& request);
  bool may_pause_at_length();
  void acknowledge();
  void update();
  void blocked();
  bool closes_a_circle(const std::string& other);
  std::string until_words() const;

  // asking (answer_asking.cpp)
  void ask(PartyIndex decider, std::string status = {});
  const Request* open_request(ResponseKind kind) const;
  void done();
  void settle(const std::vector<AssignmentIndex>& assignments);
  bool is_done(const CaseState& open, AssignmentIndex lead) const;
  bool are_all_done(const CaseState& open) const;
  bool are_all_done_known() const;
  std::string finished_status() const;
  bool waits_for_approval(AssignmentIndex lead) const;
  bool is_whole_action_done() const;
  void extend();
  void delegate();
  void not_mine();
  void end();
  void end_with(const std::string& status, ResponseKind how, const std::vector<std::string>& others);
  void reopen();

  // deciding (answer_deciding.cpp)
  std::vector<const Request*> waiting_requests() const;
  void decide();
  void approve(const std::vector<const Request*>& waiting);
  void grant(CivilDay due);
  void refuse_request(const Request& request);
  void accept(bool accepted);

  const ActionState& state_;
  const World& world_;
  const Response& response_;
  const Surroundings* around_;
  Instant now_;
  CivilDay day_;
  PartyIndex party_ = no_party;
  bool owns_ = false;  // it is, or speaks for, one of the owners
  std::vector<plan::Actor> roles_;
  const plan::Transition* transition_ = nullptr;
  std::optional<CivilDay> paused_until_;
  bool pauses_anew_ = false;  // at least one pause that was not in force as long already
  bool pauses_known_ = false;
  ResponseEffect effect_;
};

}  // namespace chaser::chase
