#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "channels/render.h"
#include "channels/template_data.h"

namespace chaser::channels {

/// A message resolved for its reader, before it takes the form of a channel.
struct Letter {
  std::string recipient_name;
  std::string email;          // the recipient's; "" if they have none
  std::string teams;          // the name of the recipient's Teams channel; "" if none
  std::string teams_upn;      // who is mentioned there; "" if unknown
  std::string reply_to_name;  // the plan's coordinator; "" if unknown or the reader themselves
  std::string reply_to;
  std::string answer_to_name;  // who wrote the answer that this passes on; "" if it does not
  std::string answer_to;
  std::string thread_root;  // "" for digests
  bool important = false;   // the last step of a rule, above the leads
  bool urgent = false;      // overdue, or above the leads
  /// Links that the reader may follow, the most wanted first; {} where nothing takes them.
  struct Button {
    std::string title;
    std::string url;
  };
  std::vector<Button> buttons;
  std::string mine_url;                // all of the reader's actions; "" where nothing shows them
  std::string mute_url;                // of digests: one click ends them; "" where nothing takes it
  std::vector<std::string> templates;  // names to try, the most special first
  MessageWords words;
};

/// Who reads it, what it says in words, and why: pure in its arguments. Throws std::invalid_argument for a recipient
/// that the directory does not know.
Letter letter_of(const store::OutboxMessage& message, const RenderContext& context,
                 const std::map<std::int64_t, std::string>& next);

}  // namespace chaser::channels
