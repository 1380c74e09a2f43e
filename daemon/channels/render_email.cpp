#include <fmt/format.h>

#include <stdexcept>

#include "channels/letter.h"
#include "channels/mail.h"
#include "channels/wording.h"

namespace chaser::channels {
namespace {

// A digest longer than anyone reads would only make the mail too big for the server.
constexpr std::size_t email_items_max = 300;
constexpr std::size_t subject_characters_max = 200;

// One column that a phone of 320 px shows without scrolling sideways; colours leave light and dark to the reader's
// program.
constexpr const char* page = R"html(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ margin: 0; padding: 16px; font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif; color: #1a1a1a; background: #ffffff; }}
main {{ max-width: 600px; margin: 0 auto; overflow-wrap: anywhere; }}
h1 {{ font-size: 20px; line-height: 1.3; margin: 24px 0 8px; }}
h2 {{ font-size: 16px; margin: 24px 0 8px; }}
blockquote {{ margin: 16px 0; padding: 4px 12px; border-left: 4px solid #767676; }}
dt {{ font-weight: bold; margin-top: 8px; }}
dd {{ margin: 0; }}
ul {{ padding-left: 20px; }}
li {{ margin-bottom: 12px; }}
section + section {{ margin-top: 24px; border-top: 1px solid #767676; }}
a {{ color: #0b57d0; }}
.lead {{ font-size: 17px; }}
.button {{ display: inline-block; padding: 12px 20px; border-radius: 6px; background: #0b57d0; color: #ffffff; font-weight: bold; text-decoration: none; }}
.why, footer {{ color: #595959; font-size: 14px; }}
@media (prefers-color-scheme: dark) {{
  body {{ color: #e8e8e8; background: #121212; }}
  .why, footer {{ color: #b0b0b0; }}
  a {{ color: #a8c7fa; }}
  .button {{ background: #a8c7fa; color: #0b1f3a; }}
}}
</style>
</head>
<body>
<main>
{body}</main>
</body>
</html>
)html";

std::string escaped(std::string_view text) {
  std::string html;
  for (const char c : text) {
    if (c == '<')
      html += "&lt;";
    else if (c == '>')
      html += "&gt;";
    else if (c == '&')
      html += "&amp;";
    else
      html += c;
  }
  return html;
}

std::string domain_of(const MailIdentity& identity) {
  if (!identity.message_id_domain.empty()) return identity.message_id_domain;
  const std::size_t at = identity.from_address.rfind('@');
  if (at == std::string::npos)
    throw std::invalid_argument("\"" + identity.from_address + "\" is no address to send from");
  return identity.from_address.substr(at + 1);
}

}  // namespace

store::Rendered render_email(const store::OutboxMessage& message, const RenderContext& context,
                             const Templates& templates, const std::map<std::int64_t, std::string>& next) {
  const Letter letter = letter_of(message, context, next);
  if (letter.email.empty()) throw std::invalid_argument("\"" + message.recipient + "\" has no email address");
  const auto filled = [&](Form form) { return fill(templates, letter.templates, form, letter.words, email_items_max); };
  Mail mail;
  mail.from = {context.identity.from_name, context.identity.from_address};
  mail.to = {letter.recipient_name, letter.email};
  mail.reply_to = {letter.reply_to_name, letter.reply_to};
  mail.subject = shortened(one_line(filled(Form::subject)), subject_characters_max);
  mail.text = filled(Form::text);
  mail.html =
      fmt::format(fmt::runtime(page), fmt::arg("title", escaped(mail.subject)), fmt::arg("body", filled(Form::html)));
  mail.message_id = message_id_of(message.key, context.identity.message_id_key.value, domain_of(context.identity));
  mail.thread_root = letter.thread_root;
  mail.delivery = message.key.substr(0, 32);
  mail.date = context.now;
  mail.important = letter.important;
  mail.bulk = message.kind == chase::MessageKind::digest;
  if (letter.mute_url.starts_with("https://")) mail.unsubscribe_url = letter.mute_url;
  return {mime_of(mail), mail.message_id, ascii_address(letter.email)};
}

}  // namespace chaser::channels
