#pragma once

#include <string>
#include <string_view>

namespace chaser::channels {

/// What a person wrote in an answer: the mail's text without what it quotes, the line that announces it and the
/// signature. Lines without controls, ended by LF, at most `characters_max` characters. Pure.
std::string reply_words(std::string_view text, std::size_t characters_max);

/// The text of an HTML mail: tags gone, quotations too, paragraphs as lines. For people to read, not for browsers: it
/// is never shown as HTML. Pure; takes any bytes.
std::string text_of_html(std::string_view html);

}  // namespace chaser::channels
