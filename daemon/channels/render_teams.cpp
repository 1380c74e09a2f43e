#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "channels/card.h"
#include "channels/letter.h"
#include "channels/wording.h"

namespace chaser::channels {
namespace {

using nlohmann::json;

constexpr std::size_t headline_characters_max = 200;
constexpr std::size_t line_characters_max = 1'000;
constexpr std::size_t buttons_max = 3;  // more are not read. Source: research/delivery.md A4

// Plain words: a TextRun knows no Markdown, so that a title cannot become a link or a mention.
json paragraph(std::string_view text, bool strong) {
  json run{{"type", "TextRun"}, {"text", text}};
  if (strong) {
    run["weight"] = "Bolder";
    run["size"] = "Medium";
  }
  return json{{"type", "RichTextBlock"}, {"inlines", json::array({run})}};
}

/// The lines of a filled card as blocks; the one that begins an action and the one that tells how to answer are named,
/// so that a card that must be cut counts the first and keeps the second.
json paragraphs(const Letter& letter, std::string_view text) {
  json blocks = json::array();
  std::size_t action = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string line = shortened(one_line(text.substr(0, end)), line_characters_max);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) continue;
    json block = paragraph(line, false);
    const auto& items = letter.words.items;
    if (action < items.size() && items.size() > 1 && line.starts_with(items[action].texts.find("name")->second)) {
      block["id"] = fmt::format("{}{}", action_block, ++action);
    } else if (!letter.reply_to.empty() && line.find(letter.reply_to) != std::string::npos) {
      block["id"] = "answer";
    }
    blocks.push_back(std::move(block));
  }
  return blocks;
}

std::string_view style_of(const Letter& letter) {
  if (letter.important) return "attention";
  return letter.urgent ? "warning" : "emphasis";
}

// The dates and the standing of the one action that a card is about. A fact's text is read as Markdown.
json facts_of(const ItemWords& item) {
  json facts = json::array();
  const auto add = [&](const char* title, std::string_view name) {
    const std::string& text = item.texts.find(name)->second;
    if (!text.empty()) facts.push_back({{"title", title}, {"value", without_markdown(shortened(text, 200))}});
  };
  add("Plan", "plan");
  add("Timescale", "timescale");
  add("Lead", "owners");
  add("Status", "status");
  return {{"type", "FactSet"}, {"facts", facts}};
}

// Who is meant to read it, by the name that Teams knows. The text and its entity must be the same to the byte, and what
// Markdown would change in it cannot be.
struct Mention {
  std::string text;
  json entity;
};

std::optional<Mention> mention_of(const Letter& letter) {
  if (letter.teams_upn.empty()) return std::nullopt;
  std::string name = shortened(letter.recipient_name, 100);
  std::erase_if(name, [](char c) { return std::string_view("\\*_[]()`<>#~|&").find(c) != std::string_view::npos; });
  if (one_line(name).empty()) return std::nullopt;
  const std::string text = "<at>" + name + "</at>";
  return Mention{text,
                 {{"type", "mention"}, {"text", text}, {"mentioned", {{"id", letter.teams_upn}, {"name", name}}}}};
}

json buttons_of(const Letter& letter) {
  json buttons = json::array();
  for (const Letter::Button& button : letter.buttons) {
    if (buttons.size() == buttons_max) break;
    buttons.push_back({{"type", "Action.OpenUrl"}, {"title", button.title}, {"url", button.url}});
  }
  return buttons;
}

std::string enveloped(const std::string& headline, json teams, json body, json buttons) {
  json card{{"$schema", "http://adaptivecards.io/schemas/adaptive-card.json"},
            {"type", "AdaptiveCard"},
            {"version", "1.4"},
            {"fallbackText", headline},
            {"msteams", std::move(teams)},
            {"body", std::move(body)}};
  if (!buttons.empty()) card["actions"] = std::move(buttons);
  const json envelope{{"type", "message"},
                      {"attachments", json::array({json{{"contentType", "application/vnd.microsoft.card.adaptive"},
                                                        {"contentUrl", nullptr},
                                                        {"content", card}}})}};
  return envelope.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string post_body(const Letter& letter, const Templates& templates, std::size_t items) {
  const auto filled = [&](Form form) { return fill(templates, letter.templates, form, letter.words, items); };
  const std::string headline = shortened(one_line(filled(Form::subject)), headline_characters_max);
  json body = json::array({json{{"type", "Container"},
                                {"style", style_of(letter)},
                                {"bleed", true},
                                {"items", json::array({paragraph(headline, true)})}}});
  json teams{{"width", "Full"}};
  if (const std::optional<Mention> mention = mention_of(letter)) {
    body.push_back({{"type", "TextBlock"}, {"text", mention->text}, {"wrap", true}});
    teams["entities"] = json::array({mention->entity});
  }
  for (json& block : paragraphs(letter, filled(Form::card))) body.push_back(std::move(block));
  if (letter.words.items.size() == 1) body.push_back(facts_of(letter.words.items.front()));
  json reference = paragraph("Reference " + letter.words.texts.find("reference")->second, false);
  reference["id"] = "reference";
  body.push_back(std::move(reference));
  return enveloped(headline, std::move(teams), std::move(body), buttons_of(letter));
}

// The most items whose card still fits: cards grow with their items, so halving finds it.
std::string largest_fitting(const Letter& letter, const Templates& templates) {
  const std::size_t all = letter.words.items.size();
  std::string best = post_body(letter, templates, all);
  if (best.size() <= card_bytes_max) return best;
  std::size_t fits = 0;
  std::size_t too_many = all;
  best = post_body(letter, templates, 0);
  while (too_many - fits > 1) {
    const std::size_t middle = fits + (too_many - fits) / 2;
    std::string body = post_body(letter, templates, middle);
    if (body.size() <= card_bytes_max) {
      fits = middle;
      best = std::move(body);
    } else {
      too_many = middle;
    }
  }
  return best;
}

}  // namespace

std::string heartbeat_card() {
  const std::string headline = "Chaser is here";
  json body =
      json::array({paragraph(headline, true),
                   paragraph("Nothing had to be said in this channel for a month. This card keeps its flow from "
                             "being switched off; there is nothing to do.",
                             false)});
  return enveloped(headline, json{{"width", "Full"}}, std::move(body), json::array());
}

store::Rendered render_teams(const store::OutboxMessage& message, const RenderContext& context,
                             const Templates& templates, const std::map<std::int64_t, std::string>& next) {
  const Letter letter = letter_of(message, context, next);
  if (letter.teams.empty()) throw std::invalid_argument("\"" + message.recipient + "\" has no Teams channel");
  std::string body = largest_fitting(letter, templates);
  if (body.size() > card_bytes_max) {
    throw std::invalid_argument(file_for(templates, letter.templates, Form::card) + " alone is too big for Teams");
  }
  return {std::move(body), message.key.substr(0, 32), letter.teams};
}

}  // namespace chaser::channels
