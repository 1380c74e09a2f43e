#include "channels/mail.h"

#include <fmt/format.h>
#include <idn2.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "channels/gmime.h"
#include "channels/signing.h"
#include "plan/directory.h"

namespace chaser::channels {
namespace {

struct FreeOptions {
  void operator()(GMimeFormatOptions* options) const { g_mime_format_options_free(options); }
};
struct FreeDate {
  void operator()(GDateTime* date) const { g_date_time_unref(date); }
};
struct FreeIdn {
  void operator()(char* text) const { idn2_free(text); }
};

std::string hmac_hex(std::string_view key, std::string_view text, std::size_t bytes) {
  return hex(hmac_sha256(key, text).substr(0, bytes));
}

void refuse_controls(std::string_view what, std::string_view value) {
  const bool bad = std::any_of(value.begin(), value.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
  if (bad) throw std::invalid_argument(fmt::format("{} has a line end or another control character in it", what));
}

void check(const Mail& mail) {
  refuse_controls("the sender's name", mail.from.name);
  refuse_controls("the recipient's name", mail.to.name);
  refuse_controls("the Reply-To name", mail.reply_to.name);
  refuse_controls("the subject", mail.subject);
  refuse_controls("the Message-ID", mail.message_id);
  refuse_controls("the thread's Message-ID", mail.thread_root);
  refuse_controls("the delivery's id", mail.delivery);
  refuse_controls("the unsubscribing URL", mail.unsubscribe_url);
}

/// What looks like an encoded word (RFC 2047) must be one, or every reader shows what somebody hid in it. GMime leaves
/// ASCII as it is, these words too.
std::string guarded(const std::string& text) {
  if (text.find("=?") == std::string::npos) return text;
  constexpr std::size_t bytes_max = 42;  // 75 characters with what stands around them
  std::string words;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = std::min(at + bytes_max, text.size());
    while (end > at + 1 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
    char* const encoded = g_base64_encode(reinterpret_cast<const guchar*>(text.data()) + at, end - at);
    words += fmt::format("{}=?utf-8?B?{}?=", words.empty() ? "" : " ", encoded);
    g_free(encoded);
    at = end;
  }
  return words;
}

Owned<InternetAddressList> list_of(const Mailbox& mailbox) {
  const std::string address = ascii_address(mailbox.address);
  const std::string name = guarded(mailbox.name);
  Owned<InternetAddress> one(internet_address_mailbox_new(name.empty() ? nullptr : name.c_str(), address.c_str()));
  Owned<InternetAddressList> list(internet_address_list_new());
  internet_address_list_add(list.get(), one.get());
  return list;
}

void set_mailbox(GMimeMessage* message, GMimeAddressType type, const Mailbox& mailbox) {
  const Owned<InternetAddressList> list = list_of(mailbox);
  internet_address_list_append(g_mime_message_get_addresses(message, type), list.get());
}

void set_header(GMimeMessage* message, const char* name, const std::string& value) {
  g_mime_object_set_header(GMIME_OBJECT(message), name, value.c_str(), "utf-8");
}

// As it is, in one line: GMime breaks a long word, and half a URL is none.
void set_unfolded(GMimeMessage* message, const char* name, const std::string& value) {
  set_header(message, name, "x");
  GMimeHeaderList* const headers = g_mime_object_get_header_list(GMIME_OBJECT(message));
  g_mime_header_set_raw_value(g_mime_header_list_get_header(headers, name), (" " + value + "\n").c_str());
}

void set_date(GMimeMessage* message, calendar::Instant at) {
  const std::unique_ptr<GDateTime, FreeDate> date(g_date_time_new_from_unix_utc(absl::ToUnixSeconds(at)));
  if (!date) throw std::invalid_argument("the message's date is outside the calendar");
  g_mime_message_set_date(message, date.get());
}

void set_thread(GMimeMessage* message, std::string_view root) {
  if (root.empty()) return;
  const std::string id = root.front() == '<' ? std::string(root) : fmt::format("<{}>", root);
  set_header(message, "In-Reply-To", id);
  set_header(message, "References", id);
}

Owned<GMimeMessage> headed(const Mail& mail) {
  Owned<GMimeMessage> message(g_mime_message_new(FALSE));
  set_mailbox(message.get(), GMIME_ADDRESS_TYPE_FROM, mail.from);
  set_mailbox(message.get(), GMIME_ADDRESS_TYPE_TO, mail.to);
  if (!mail.reply_to.address.empty()) set_mailbox(message.get(), GMIME_ADDRESS_TYPE_REPLY_TO, mail.reply_to);
  g_mime_message_set_subject(message.get(), guarded(mail.subject).c_str(), "utf-8");
  set_date(message.get(), mail.date);
  g_mime_message_set_message_id(message.get(), mail.message_id.c_str());
  set_thread(message.get(), mail.thread_root);
  set_header(message.get(), "Auto-Submitted", "auto-generated");
  set_header(message.get(), "X-Auto-Response-Suppress", "DR, OOF, AutoReply");
  if (mail.bulk) set_header(message.get(), "Precedence", "bulk");
  if (!mail.unsubscribe_url.empty()) {
    set_unfolded(message.get(), "List-Unsubscribe", "<" + mail.unsubscribe_url + ">");
    set_header(message.get(), "List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
  }
  if (mail.important) set_header(message.get(), "Importance", "high");
  set_header(message.get(), "X-Chaser-Delivery", mail.delivery);
  return message;
}

Owned<GMimeTextPart> part_of(const char* subtype, const std::string& text) {
  Owned<GMimeTextPart> part(g_mime_text_part_new_with_subtype(subtype));
  // By its bytes and not by set_text, which picks a charset that the text fits: ISO 8859-1 where the HTML says UTF-8.
  const Owned<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(text.data(), text.size()));
  const Owned<GMimeDataWrapper> content(
      g_mime_data_wrapper_new_with_stream(stream.get(), GMIME_CONTENT_ENCODING_DEFAULT));
  g_mime_part_set_content(GMIME_PART(part.get()), content.get());
  g_mime_text_part_set_charset(part.get(), "utf-8");
  g_mime_part_set_content_encoding(GMIME_PART(part.get()), GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
  return part;
}

Owned<GMimeMultipart> multipart(const char* subtype, const Mail& mail) {
  Owned<GMimeMultipart> body(g_mime_multipart_new_with_subtype(subtype));
  // "=_" can occur neither in quoted-printable nor in base64.
  const std::string boundary = "=_ch_" + hmac_hex(subtype[0] == 'm' ? "mixed" : "", "boundary " + mail.message_id, 12);
  g_mime_multipart_set_boundary(body.get(), boundary.c_str());
  return body;
}

// Some programs refuse one whose "method" is not the object's own.
Owned<GMimePart> calendar_part(const std::string& calendar) {
  Owned<GMimePart> part(g_mime_part_new_with_type("text", "calendar"));
  const Owned<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(calendar.data(), calendar.size()));
  const Owned<GMimeDataWrapper> content(
      g_mime_data_wrapper_new_with_stream(stream.get(), GMIME_CONTENT_ENCODING_DEFAULT));
  g_mime_part_set_content(part.get(), content.get());
  GMimeObject* const object = GMIME_OBJECT(part.get());
  g_mime_object_set_content_type_parameter(object, "charset", "utf-8");
  g_mime_object_set_content_type_parameter(object, "method", "PUBLISH");
  g_mime_object_set_content_type_parameter(object, "name", "due.ics");
  g_mime_part_set_filename(part.get(), "due.ics");
  g_mime_part_set_content_encoding(part.get(), GMIME_CONTENT_ENCODING_BASE64);
  return part;
}

Owned<GMimeMultipart> words_of(const Mail& mail) {
  Owned<GMimeMultipart> body = multipart("alternative", mail);
  g_mime_multipart_add(body.get(), GMIME_OBJECT(part_of("plain", mail.text).get()));
  g_mime_multipart_add(body.get(), GMIME_OBJECT(part_of("html", mail.html).get()));
  return body;
}

Owned<GMimeMultipart> body_of(const Mail& mail) {
  Owned<GMimeMultipart> words = words_of(mail);
  if (mail.calendar.empty()) return words;
  Owned<GMimeMultipart> body = multipart("mixed", mail);
  g_mime_multipart_add(body.get(), GMIME_OBJECT(words.get()));
  g_mime_multipart_add(body.get(), GMIME_OBJECT(calendar_part(mail.calendar).get()));
  return body;
}

std::string bytes_of(GMimeMessage* message) {
  const std::unique_ptr<GMimeFormatOptions, FreeOptions> options(g_mime_format_options_new());
  g_mime_format_options_set_newline_format(options.get(), GMIME_NEWLINE_FORMAT_DOS);
  const Owned<GMimeStream> stream(g_mime_stream_mem_new());
  g_mime_object_write_to_stream(GMIME_OBJECT(message), options.get(), stream.get());
  const GByteArray* array = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream.get()));
  return {reinterpret_cast<const char*>(array->data), array->len};
}

}  // namespace

std::string ascii_domain(std::string_view domain) {
  const std::string name(domain);
  char* converted = nullptr;
  const int result = idn2_to_ascii_8z(name.c_str(), &converted, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);
  const std::unique_ptr<char, FreeIdn> ascii(converted);
  if (result != IDN2_OK || name.empty() || name.find('\0') != std::string::npos) {
    throw std::invalid_argument(fmt::format("\"{}\" is no domain name: {}", name, idn2_strerror(result)));
  }
  return ascii.get();
}

std::string ascii_address(std::string_view address) {
  refuse_controls("an address", address);
  if (!plan::is_address(address))
    throw std::invalid_argument(fmt::format("\"{}\" is no address of one mailbox", address));
  const std::size_t at = address.rfind('@');
  return fmt::format("{}@{}", address.substr(0, at), ascii_domain(address.substr(at + 1)));
}

std::string message_id_of(std::string_view delivery_key, std::string_view hmac_key, std::string_view domain) {
  return fmt::format("d.{}.{}@{}", delivery_key.substr(0, 32),
                     hmac_hex(hmac_key, fmt::format("chaser/message-id/v1 {}", delivery_key), 8), ascii_domain(domain));
}

std::string mime_of(const Mail& mail) {
  begin_gmime();
  check(mail);
  const Owned<GMimeMessage> message = headed(mail);
  g_mime_message_set_mime_part(message.get(), GMIME_OBJECT(body_of(mail).get()));
  return bytes_of(message.get());
}

}  // namespace chaser::channels
