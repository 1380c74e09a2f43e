#include <fmt/format.h>

#include <set>
#include <stdexcept>

#include "channels/appointment.h"
#include "channels/letter.h"
#include "channels/mail.h"
#include "channels/wording.h"

namespace chaser::channels {
namespace {

// A digest longer than anyone reads would only make the mail too big for the server.
constexpr std::size_t email_items_max = 300;
constexpr std::size_t subject_characters_max = 200;

std::string domain_of(const MailIdentity& identity) {
  if (!identity.message_id_domain.empty()) return identity.message_id_domain;
  const std::size_t at = identity.from_address.rfind('@');
  if (at == std::string::npos)
    throw std::invalid_argument("\"" + identity.from_address + "\" is no address to send from");
  return identity.from_address.substr(at + 1);
}

/// The days to come that a direct message is about; a digest would only repeat them every day.
std::string calendar_for(const store::OutboxMessage& message, const Letter& letter, const RenderContext& context) {
  if (!context.identity.calendar || message.kind != chase::MessageKind::direct) return "";
  std::vector<Appointment> appointments;
  std::set<std::string> seen;
  for (const store::TellingItem& item : message.items) {
    const bool is_deadline = item.anchor == "due" || item.anchor.starts_with("milestone:");
    if (!is_deadline || item.anchor_day < absl::ToCivilDay(context.now, absl::UTCTimeZone())) continue;
    Appointment appointment;
    appointment.uid = fmt::format("{}/{}/{}@{}", item.plan, item.action, item.anchor, domain_of(context.identity));
    if (!seen.insert(appointment.uid).second) continue;
    appointment.change = item.epoch - 1;
    appointment.day = item.anchor_day;
    appointment.title = fmt::format("Due: {} {}", one_line(item.action),
                                    shortened(one_line(item.title.empty() ? item.text : item.title), 90));
    appointment.text = shortened(one_line(item.text), 1'000);
    if (!letter.buttons.empty()) appointment.url = letter.buttons.front().url;
    appointments.push_back(std::move(appointment));
  }
  if (appointments.empty()) return "";
  return calendar_of(appointments, ascii_address(context.identity.from_address), context.identity.from_name,
                     context.now);
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
  // A mailbox that Chaser reads: the answer is recorded, and passed on to the coordinator.
  if (!context.identity.reply_address.empty())
    mail.reply_to = {context.identity.from_name, context.identity.reply_address};
  if (!letter.answer_to.empty()) mail.reply_to = {letter.answer_to_name, letter.answer_to};
  mail.subject = shortened(one_line(filled(Form::subject)), subject_characters_max);
  mail.text = filled(Form::text);
  mail.html = filled(Form::html);
  mail.message_id = message_id_of(message.key, context.identity.message_id_key.value, domain_of(context.identity));
  mail.thread_root = letter.thread_root;
  mail.delivery = message.key.substr(0, 32);
  mail.date = context.now;
  mail.important = letter.important;
  mail.bulk = message.kind == chase::MessageKind::digest;
  mail.calendar = calendar_for(message, letter, context);
  if (letter.mute_url.starts_with("https://")) mail.unsubscribe_url = letter.mute_url;
  return {mime_of(mail), mail.message_id, ascii_address(letter.email)};
}

}  // namespace chaser::channels
