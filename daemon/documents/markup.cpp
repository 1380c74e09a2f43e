#include "documents/markup.h"

namespace chaser::documents {

std::string escaped_markup(std::string_view text) {
  std::string markup;
  markup.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        markup += "&amp;";
        break;
      case '<':
        markup += "&lt;";
        break;
      case '>':
        markup += "&gt;";
        break;
      case '"':
        markup += "&quot;";
        break;
      case '\'':
        markup += "&#39;";
        break;
      default: {
        const bool is_control = static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t';
        markup += is_control ? ' ' : c;
      }
    }
  }
  return markup;
}

}  // namespace chaser::documents
