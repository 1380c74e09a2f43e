#include "channels/card.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>

namespace chaser::channels {
namespace {

using nlohmann::json;

std::string dumped(const json& body) {
  return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// The blocks of the one card of an envelope, or nullptr.
json* blocks_of(json& body) {
  if (!body.is_object() || !body.contains("attachments") || !body["attachments"].is_array()) return nullptr;
  if (body["attachments"].size() != 1 || !body["attachments"][0].is_object()) return nullptr;
  json& attachment = body["attachments"][0];
  if (!attachment.contains("content") || !attachment["content"].is_object()) return nullptr;
  json& card = attachment["content"];
  return card.contains("body") && card["body"].is_array() ? &card["body"] : nullptr;
}

// What may be left out are the plain lines; the headline, the mention, the facts and how to answer stay.
bool is_line(const json& block) {
  if (!block.is_object() || block.value("type", "") != "RichTextBlock") return false;
  const std::string id = block.value("id", "");
  return id != "reference" && id != "answer";
}

bool begins_action(const json& block) {
  return block.is_object() && block.value("id", "").starts_with(action_block);
}

json line(const std::string& text) {
  return {{"type", "RichTextBlock"}, {"inlines", json::array({json{{"type", "TextRun"}, {"text", text}}})}};
}

std::string more_words(std::size_t actions) {
  return actions > 0 ? fmt::format("\xe2\x80\xa6 and {} more", actions) : "\xe2\x80\xa6 and more";
}

// Without the last `count` lines.
json cut_by(const json& blocks, std::size_t count) {
  json kept = json::array();
  std::size_t actions = 0;
  std::size_t left_out = 0;
  for (auto block = blocks.rbegin(); block != blocks.rend(); ++block) {
    if (left_out < count && is_line(*block)) {
      ++left_out;
      if (begins_action(*block)) ++actions;
      if (left_out == count) kept.insert(kept.begin(), line(more_words(actions)));
    } else {
      kept.insert(kept.begin(), *block);
    }
  }
  return kept;
}

}  // namespace

std::optional<std::string> cut_card(std::string_view body, std::size_t bytes_max) {
  json parsed = json::parse(body, nullptr, false);
  json* const blocks = blocks_of(parsed);
  if (blocks == nullptr) return std::nullopt;
  if (body.size() <= bytes_max) return std::string(body);
  const json all = *blocks;
  std::size_t lines = 0;
  for (const json& block : all) lines += is_line(block) ? 1 : 0;
  std::size_t fits = lines + 1;  // as many lines left out
  std::size_t too_few = 0;
  std::optional<std::string> best;
  while (fits - too_few > 1) {
    const std::size_t middle = too_few + (fits - too_few) / 2;
    *blocks = cut_by(all, middle);
    std::string smaller = dumped(parsed);
    if (smaller.size() <= bytes_max) {
      fits = middle;
      best = std::move(smaller);
    } else {
      too_few = middle;
    }
  }
  return best;
}

std::string as_repeat(std::string_view body, std::string_view reference) {
  json parsed = json::parse(body, nullptr, false);
  json* const blocks = blocks_of(parsed);
  if (blocks == nullptr) return std::string(body);
  const auto second = blocks->begin() + (blocks->empty() ? 0 : 1);
  blocks->insert(second, line(fmt::format("(may be a repeat) ref {}", reference)));
  return dumped(parsed);
}

std::string without_markdown(std::string_view text) {
  std::string literal;
  for (const char c : text) {
    if (std::string_view("\\*_[]()`<>#~|").find(c) != std::string_view::npos) literal += '\\';
    literal += c;
  }
  return literal;
}

}  // namespace chaser::channels
