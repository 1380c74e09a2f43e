#include <nlohmann/json.hpp>
#include <stdexcept>

#include "channels/letter.h"
#include "channels/render.h"
#include "channels/wording.h"

namespace chaser::channels {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t webhook_bytes_max = 262'144;
constexpr std::size_t webhook_items_max = 500;

// What the reader is told of one action; the words are those of mails.
ordered_json item_json(const ItemWords& words, const store::OutboxMessage& message) {
  const auto text = [&](std::string_view name) { return words.texts.find(name)->second; };
  ordered_json item{{"action", text("id")}};
  for (const store::TellingItem& told : message.items) {
    if (one_line(told.action) != text("id")) continue;
    item["plan"] = told.plan;
    item["anchor"] = told.anchor;
    item["day"] = calendar::iso_day(told.anchor_day);
    break;
  }
  for (const char* name : {"title", "rule", "step", "status", "headline", "sentence", "asks", "why"}) {
    item[name] = text(name);
  }
  for (const char* name : {"next", "link"}) item[name] = text(name).empty() ? ordered_json() : ordered_json(text(name));
  return item;
}

ordered_json body_of(const store::OutboxMessage& message, const Letter& letter, std::size_t items) {
  ordered_json list = ordered_json::array();
  for (std::size_t i = 0; i < items; ++i) list.push_back(item_json(letter.words.items[i], message));
  return {{"version", 1},
          {"id", message.key.substr(0, 32)},
          {"kind", chase::name_of(message.kind)},
          {"to", message.recipient},
          {"name", letter.recipient_name},
          {"place", letter.teams},
          {"subject", letter.words.texts.find("subject")->second},
          {"important", letter.important},
          {"items", std::move(list)},
          {"more", letter.words.items.size() - items}};
}

}  // namespace

store::Rendered render_webhook(const store::OutboxMessage& message, const RenderContext& context,
                               const std::map<std::int64_t, std::string>& next) {
  const Letter letter = letter_of(message, context, next);
  if (letter.teams.empty()) throw std::invalid_argument("\"" + message.recipient + "\" has no Teams channel");
  std::size_t items = std::min(letter.words.items.size(), webhook_items_max);
  while (true) {
    std::string bytes = body_of(message, letter, items).dump(-1, ' ', false, ordered_json::error_handler_t::replace);
    if (bytes.size() <= webhook_bytes_max || items == 0) {
      return {std::move(bytes), message.key.substr(0, 32), letter.teams};
    }
    items /= 2;
  }
}

}  // namespace chaser::channels
