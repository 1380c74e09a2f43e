#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "channels/letter.h"
#include "channels/wording.h"

namespace chaser::channels {
namespace {

using nlohmann::json;

// Teams drops what is bigger than about 28 KB without a word, and older paths less. Source: research/delivery.md A6.
constexpr std::size_t body_bytes_max = 20'000;
constexpr std::size_t headline_characters_max = 200;
constexpr std::size_t line_characters_max = 1'000;

// Plain words: a TextRun knows no Markdown, so that a title cannot become a link or a mention.
json paragraph(std::string_view text, bool strong) {
  json run{{"type", "TextRun"}, {"text", text}};
  if (strong) {
    run["weight"] = "Bolder";
    run["size"] = "Medium";
  }
  return json{{"type", "RichTextBlock"}, {"inlines", json::array({run})}};
}

json paragraphs(std::string_view text) {
  json blocks = json::array();
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string line = shortened(one_line(text.substr(0, end)), line_characters_max);
    if (!line.empty()) blocks.push_back(paragraph(line, false));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return blocks;
}

std::string post_body(const Letter& letter, const Templates& templates, std::size_t items) {
  const auto filled = [&](Form form) { return fill(templates, letter.templates, form, letter.words, items); };
  const std::string headline = shortened(one_line(filled(Form::subject)), headline_characters_max);
  json body = json::array({json{{"type", "Container"},
                                {"style", letter.important ? "attention" : "emphasis"},
                                {"bleed", true},
                                {"items", json::array({paragraph(headline, true)})}}});
  for (json& block : paragraphs(filled(Form::card))) body.push_back(std::move(block));
  body.push_back(paragraph("Reference " + letter.words.texts.find("reference")->second, false));
  const json card{{"$schema", "http://adaptivecards.io/schemas/adaptive-card.json"},
                  {"type", "AdaptiveCard"},
                  {"version", "1.4"},
                  {"fallbackText", headline},
                  {"msteams", {{"width", "Full"}}},
                  {"body", std::move(body)}};
  const json envelope{{"type", "message"},
                      {"attachments", json::array({json{{"contentType", "application/vnd.microsoft.card.adaptive"},
                                                        {"contentUrl", nullptr},
                                                        {"content", card}}})}};
  return envelope.dump(-1, ' ', false, json::error_handler_t::replace);
}

// The most items whose card still fits: cards grow with their items, so halving finds it.
std::string largest_fitting(const Letter& letter, const Templates& templates) {
  const std::size_t all = letter.words.items.size();
  std::string best = post_body(letter, templates, all);
  if (best.size() <= body_bytes_max) return best;
  std::size_t fits = 0;
  std::size_t too_many = all;
  best = post_body(letter, templates, 0);
  while (too_many - fits > 1) {
    const std::size_t middle = fits + (too_many - fits) / 2;
    std::string body = post_body(letter, templates, middle);
    if (body.size() <= body_bytes_max) {
      fits = middle;
      best = std::move(body);
    } else {
      too_many = middle;
    }
  }
  return best;
}

}  // namespace

store::Rendered render_teams(const store::OutboxMessage& message, const RenderContext& context,
                             const Templates& templates, const std::map<std::int64_t, std::string>& next) {
  const Letter letter = letter_of(message, context, next);
  if (letter.teams.empty()) throw std::invalid_argument("\"" + message.recipient + "\" has no Teams channel");
  std::string body = largest_fitting(letter, templates);
  if (body.size() > body_bytes_max) throw std::invalid_argument("the card's template alone is too big for Teams");
  return {std::move(body), message.key.substr(0, 32), letter.teams};
}

}  // namespace chaser::channels
