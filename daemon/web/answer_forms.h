#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "chase/respond.h"
#include "web/exchange.h"
#include "web/view.h"

namespace chaser::web {

/// What one response asks of whoever gives it, and in which words: one list for links, staff and all of a person's
/// actions.
struct AnswerForm {
  chase::ResponseKind kind;
  std::string_view label;
  std::string_view hint;
  std::string_view button;
  std::string_view note;  // the label of the words; "" asks for none
  bool note_required = false;
  std::string_view until = "";   // the label of a day until which
  std::string_view due = "";     // of another due date
  std::string_view others = "";  // of other actions, or who
  std::string_view to = "";      // of another party
  bool status = false;           // and a percentage
  bool evidence = false;
};
/// What a lead is offered, the most wanted first.
std::span<const AnswerForm> lead_forms();
/// What staff may record: what leads are offered and more; of what is finished, that it is open again.
std::span<const AnswerForm> staff_forms(bool is_finished);
const AnswerForm* find_form(chase::ResponseKind kind);

/// The forms as the template part_answers shows them. `given` is the request that was refused, if one was: its form
/// stands open with what was written in it.
std::vector<View> form_views(std::span<const AnswerForm> forms, const chase::ActionState& state,
                             const chase::World& world, calendar::CivilDay today, const Request* given);

/// The response that a form's fields make; what is wrong with them is added to `problems`, all of it. `prefix` stands
/// before each field's name where one page has several forms.
chase::Response read_answer(const Request& request, const std::string& prefix, std::vector<std::string>& problems);

}  // namespace chaser::web
