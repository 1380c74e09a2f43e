#include "channels/returned_mail.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

#include "channels/gmime.h"
#include "channels/reply_words.h"
#include "channels/wording.h"
#include "rulebook/rulebook.h"

namespace chaser::channels {
namespace {

constexpr std::size_t subject_characters = 200;
constexpr std::size_t diagnostic_characters = 300;

std::string lower(std::string_view text) {
  std::string low(text);
  for (char& c : low) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
  return low;
}

std::string trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

/// The parts of a mail that matter, found in one walk.
struct Parts {
  std::string plain;        // the first text/plain that is no attachment
  std::string html;         // likewise
  std::string status;       // message/delivery-status
  bool has_status = false;  // even if it is empty
  bool is_receipt = false;  // message/disposition-notification
  bool is_calendar = false;
  std::string loose;                  // all other text: returned heads, copies below the words
  std::vector<std::string> embedded;  // Message-IDs of the mails inside
  std::size_t seen = 0;
};

std::string bytes_of(GMimePart* part) {
  GMimeDataWrapper* const content = g_mime_part_get_content(part);
  if (content == nullptr) return "";
  const Owned<GMimeStream> stream(g_mime_stream_mem_new());
  g_mime_data_wrapper_write_to_stream(content, stream.get());
  const GByteArray* const array = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream.get()));
  if (array == nullptr || array->data == nullptr) return "";
  return {reinterpret_cast<const char*>(array->data), std::min<std::size_t>(array->len, returned_bytes_max)};
}

std::string text_of(GMimePart* part) {
  if (!GMIME_IS_TEXT_PART(part)) return bytes_of(part);
  char* const text = g_mime_text_part_get_text(GMIME_TEXT_PART(part));
  std::string found = text == nullptr ? bytes_of(part) : text;
  g_free(text);
  return found;
}

bool is_type(GMimeObject* object, const char* type, const char* subtype) {
  GMimeContentType* const found = g_mime_object_get_content_type(object);
  return found != nullptr && g_mime_content_type_is_type(found, type, subtype) != 0;
}

void take_part(GMimePart* part, Parts& parts) {
  GMimeObject* const object = GMIME_OBJECT(part);
  if (is_type(object, "message", "delivery-status") || is_type(object, "message", "global-delivery-status")) {
    parts.has_status = true;
    parts.status += bytes_of(part) + "\n";
  } else if (is_type(object, "message", "disposition-notification")) {
    parts.is_receipt = true;
  } else if (is_type(object, "text", "calendar")) {
    parts.is_calendar = true;
  } else if (g_mime_part_is_attachment(part) != 0 && !is_type(object, "text", "rfc822-headers")) {
    return;
  } else if (is_type(object, "text", "plain") && parts.plain.empty()) {
    parts.plain = text_of(part);
  } else if (is_type(object, "text", "html") && parts.html.empty()) {
    parts.html = text_of(part);
  } else if (is_type(object, "text", "*") || is_type(object, "message", "*")) {
    parts.loose += bytes_of(part) + "\n";
  }
}

void walk(GMimeObject* object, int depth, Parts& parts) {
  if (object == nullptr || depth > returned_depth_max || ++parts.seen > returned_parts_max) return;
  if (GMIME_IS_MULTIPART(object)) {
    GMimeMultipart* const multipart = GMIME_MULTIPART(object);
    const int count = g_mime_multipart_get_count(multipart);
    for (int i = 0; i < count && parts.seen <= returned_parts_max; ++i) {
      walk(g_mime_multipart_get_part(multipart, i), depth + 1, parts);
    }
  } else if (GMIME_IS_MESSAGE_PART(object)) {
    // A mail within the mail: of what it says nothing counts but which one it is.
    GMimeMessage* const inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
    const char* const id = inner == nullptr ? nullptr : g_mime_message_get_message_id(inner);
    if (id != nullptr) parts.embedded.emplace_back(id);
  } else if (GMIME_IS_PART(object)) {
    take_part(GMIME_PART(object), parts);
  }
}

std::string header(GMimeMessage* message, const char* name) {
  const char* const value = g_mime_object_get_header(GMIME_OBJECT(message), name);
  return value == nullptr ? "" : value;
}

bool has_header(GMimeMessage* message, const char* name) {
  return g_mime_object_get_header(GMIME_OBJECT(message), name) != nullptr;
}

std::string sender_of(GMimeMessage* message) {
  InternetAddressList* const from = g_mime_message_get_from(message);
  if (from == nullptr || internet_address_list_length(from) == 0) return "";
  InternetAddress* const first = internet_address_list_get_address(from, 0);
  if (!INTERNET_ADDRESS_IS_MAILBOX(first)) return "";
  const char* const address = internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(first));
  return address == nullptr ? "" : lower(one_line(address));
}

/// Collects Message-IDs of Chaser's form, each once.
class Ids {
 public:
  void add_all(std::string_view text) {
    static const RE2 id("(?:^|[^A-Za-z0-9.])(d\\.[0-9a-f]{32}\\.[0-9a-f]{16}@[A-Za-z0-9.-]{1,253})");
    re2::StringPiece rest(text.data(), text.size());
    std::string found;
    while (ids_.size() < returned_ids_max && RE2::FindAndConsume(&rest, id, &found)) add(found);
  }
  /// Those at the end of a list name the mail that is answered.
  void add_backwards(std::string_view text) {
    Ids listed;
    listed.add_all(text);
    for (auto each = listed.ids_.rbegin(); each != listed.ids_.rend(); ++each) add(*each);
  }
  void add_tokens(std::string_view text) {
    static const RE2 token("(?i)\\+(d\\.[0-9a-f]{32}\\.[0-9a-f]{16})@");
    re2::StringPiece rest(text.data(), text.size());
    std::string found;
    while (ids_.size() < returned_ids_max && RE2::FindAndConsume(&rest, token, &found)) add(lower(found));
  }
  std::vector<std::string> take() { return std::move(ids_); }

 private:
  void add(const std::string& id) {
    if (ids_.size() < returned_ids_max && std::find(ids_.begin(), ids_.end(), id) == ids_.end()) ids_.push_back(id);
  }
  std::vector<std::string> ids_;
};

/// One recipient's fields of a delivery report.
struct Report {
  ReturnedKind kind = ReturnedKind::delivered;
  std::string status;
  std::string diagnostic;
};

std::optional<ReturnedKind> kind_of_action(const std::string& action) {
  if (action == "failed") return ReturnedKind::failed;
  if (action == "delayed") return ReturnedKind::delayed;
  if (action == "delivered" || action == "relayed" || action == "expanded") return ReturnedKind::delivered;
  return std::nullopt;
}

std::string status_in(std::string_view text) {
  static const RE2 status("\\b([245]\\.\\d{1,3}\\.\\d{1,3})\\b");
  std::string found;
  return RE2::PartialMatch(text, status, &found) ? found : "";
}

int reply_in(std::string_view text) {
  static const RE2 reply("(?:^|[^0-9.])([45]\\d\\d)[ -]");
  int found = 0;
  return RE2::PartialMatch(text, reply, &found) ? found : 0;
}

using Fields = std::map<std::string, std::string>;

/// Blocks of `Name: value` with folded lines, parted by empty lines. Names in lower case; of one name the first counts.
std::vector<Fields> blocks_of(std::string_view text) {
  std::vector<Fields> blocks(1);
  std::string* value = nullptr;
  while (!text.empty() && blocks.size() <= returned_parts_max) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const std::string content = trimmed(line);
    const std::size_t colon = line.find(':');
    if (content.empty()) {
      if (!blocks.back().empty()) blocks.emplace_back();
      value = nullptr;
    } else if (line[0] == ' ' || line[0] == '\t') {
      if (value != nullptr && value->size() < 4'000) *value += " " + content;
    } else if (colon != std::string_view::npos) {
      const auto [field, is_new] = blocks.back().try_emplace(lower(trimmed(line.substr(0, colon))));
      value = is_new ? &field->second : nullptr;
      if (is_new) *value = trimmed(line.substr(colon + 1));
    }
  }
  return blocks;
}

/// The worst that any recipient met: a message of ours has one, but a list or a forwarding may have made more of it.
std::optional<Report> read_report(const std::string& text) {
  std::optional<Report> worst;
  for (Fields& fields : blocks_of(text)) {
    const auto kind = kind_of_action(lower(fields["action"]));
    if (!kind || (worst && worst->kind <= *kind)) continue;
    const std::string& said = fields["diagnostic-code"];
    const std::size_t type = said.find(';');
    worst = Report{*kind, status_in(fields["status"]), trimmed(said.substr(type == std::string::npos ? 0 : type + 1))};
  }
  return worst;
}

bool is_programs_address(std::string_view address) {
  static const RE2 program("^(mailer-daemon|postmaster|mail-daemon|no-?reply|donotreply|do-not-reply|bounces?)[@+]");
  return RE2::PartialMatch(address, program);
}

bool is_postmaster(std::string_view address) {
  return address.starts_with("mailer-daemon@") || address.starts_with("postmaster@") ||
         address.starts_with("mail-daemon@");
}

bool says_undelivered(const std::string& subject) {
  static const RE2 words(
      "(?i)(undeliver|delivery (status|failure|has failed|incomplete)|mail delivery|failure notice|returned mail|"
      "could not be delivered|unzustellbar|nicht zugestellt|non (remis|distribu)|rejected|warning: (could "
      "not|message)|delayed)");
  return RE2::PartialMatch(subject, words);
}

bool says_absent(const std::string& subject) {
  static const RE2 words(
      "(?i)^(auto(matic)?[ -]?(reply|response|antwort)|automatische antwort|out of (the )?office|ooo\\b|"
      "r\xc3\xa9ponse automatique|ateb awtomatig|allan o'r swyddfa|abwesenheit|absence)");
  return RE2::PartialMatch(subject, words);
}

/// A bounce that is no RFC 3464 report: qmail's, Exim's, an old Exchange's.
bool is_old_bounce(GMimeMessage* message, const ReturnedMail& mail, const Parts& parts) {
  if (has_header(message, "X-Failed-Recipients")) return true;
  if (parts.plain.find("This is the qmail-send program") != std::string::npos) return true;
  return (is_postmaster(mail.from) || trimmed(header(message, "Return-Path")) == "<>") &&
         says_undelivered(mail.subject);
}

void read_old_bounce(const Parts& parts, ReturnedMail& mail) {
  // What a copy of the message itself says is not the postmaster's.
  static const RE2 copy(
      "(?m)^(--- ?Below this "
      "line|-{3,}.*(copy|original|returned|forwarded).*-{3,}|Return-Path:|Received:|Message-ID:)");
  std::string_view words = parts.plain.empty() ? parts.loose : parts.plain;
  re2::StringPiece found;
  if (RE2::PartialMatch(words, copy, &found)) {
    words = words.substr(0, static_cast<std::size_t>(found.data() - words.data()));
  }
  static const RE2 delayed("(?i)\\b(delayed|warning)\\b");
  mail.kind = RE2::PartialMatch(mail.subject, delayed) ? ReturnedKind::delayed : ReturnedKind::failed;
  mail.status = status_in(words);
  mail.reply = reply_in(words);
  mail.diagnostic = shortened(one_line(words), diagnostic_characters);
}

bool is_automatic(GMimeMessage* message, const ReturnedMail& mail) {
  const std::string submitted = lower(trimmed(header(message, "Auto-Submitted")));
  if (!submitted.empty() && !submitted.starts_with("no")) return true;
  for (const char* name : {"X-Auto-Response-Suppress", "X-Autoreply", "X-Autorespond", "List-Id", "X-Chaser-Delivery",
                           "X-Failed-Recipients"}) {
    if (has_header(message, name)) return true;
  }
  const std::string precedence = lower(trimmed(header(message, "Precedence")));
  for (const char* word : {"bulk", "junk", "list", "auto_reply"}) {
    if (precedence == word) return true;
  }
  return trimmed(header(message, "Return-Path")) == "<>" || is_programs_address(mail.from) || says_absent(mail.subject);
}

/// An automatic answer to one mail, and not what a program writes of its own accord.
bool is_absence(GMimeMessage* message, const ReturnedMail& mail) {
  if (has_header(message, "X-Chaser-Delivery") || has_header(message, "List-Id")) return false;
  if (lower(trimmed(header(message, "Auto-Submitted"))).starts_with("auto-replied")) return true;
  if (lower(trimmed(header(message, "Precedence"))) == "auto_reply") return true;
  if (has_header(message, "X-Autoreply") || has_header(message, "X-Autorespond") || says_absent(mail.subject))
    return true;
  const bool answers = has_header(message, "In-Reply-To") || has_header(message, "References");
  return answers && !is_programs_address(mail.from);
}

ReturnedKind kind_of(GMimeMessage* message, const Parts& parts, ReturnedMail& mail) {
  if (parts.has_status) {
    const auto report = read_report(parts.status);
    if (!report) return ReturnedKind::notice;
    mail.status = report->status;
    mail.reply = reply_in(report->diagnostic + " ");
    mail.diagnostic = shortened(one_line(report->diagnostic), diagnostic_characters);
    return report->kind;
  }
  if (parts.is_receipt || parts.is_calendar) return ReturnedKind::notice;
  if (is_old_bounce(message, mail, parts)) {
    read_old_bounce(parts, mail);
    return mail.kind;
  }
  if (!is_automatic(message, mail)) return ReturnedKind::human;
  return is_absence(message, mail) ? ReturnedKind::absent : ReturnedKind::notice;
}

bool is_bounce(ReturnedKind kind) {
  return kind == ReturnedKind::failed || kind == ReturnedKind::delayed || kind == ReturnedKind::delivered;
}

std::vector<std::string> ids_of(GMimeMessage* message, const Parts& parts, ReturnedKind kind) {
  Ids ids;
  if (is_bounce(kind)) {
    for (const std::string& id : parts.embedded) ids.add_all(id);
  }
  for (const char* name : {"To", "Delivered-To", "X-Original-To", "Envelope-To"}) ids.add_tokens(header(message, name));
  ids.add_all(header(message, "In-Reply-To"));
  ids.add_backwards(header(message, "References"));
  if (is_bounce(kind)) {
    ids.add_all(parts.loose);
    ids.add_all(parts.plain);
  }
  return ids.take();
}

std::string identity_of(std::string_view bytes, GMimeMessage* message) {
  const char* const id = message == nullptr ? nullptr : g_mime_message_get_message_id(message);
  const std::string_view own = id == nullptr ? std::string_view() : std::string_view(id);
  if (own.empty() || own.size() > 998) return rulebook::sha256_hex("bytes\n" + std::string(bytes));
  return rulebook::sha256_hex("id\n" + std::string(own));
}

Owned<GMimeMessage> parsed(std::string_view bytes) {
  const Owned<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(bytes.data(), bytes.size()));
  const Owned<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
  return Owned<GMimeMessage>(g_mime_parser_construct_message(parser.get(), nullptr));
}

}  // namespace

std::string_view name_of(ReturnedKind kind) {
  constexpr std::array<std::string_view, 6> names{"failed", "delayed", "delivered", "absent", "notice", "human"};
  return names[static_cast<std::size_t>(kind)];
}

bool is_message_token(std::string_view text) {
  static const RE2 token("d\\.[0-9a-f]{32}\\.[0-9a-f]{16}");
  return RE2::FullMatch(text, token);
}

ReturnedMail read_returned(std::string_view bytes) {
  begin_gmime();
  bytes = bytes.substr(0, returned_bytes_max);
  ReturnedMail mail;
  if (bytes.empty()) {
    mail.identity = identity_of(bytes, nullptr);
    return mail;
  }
  const Owned<GMimeMessage> message = parsed(bytes);
  mail.identity = identity_of(bytes, message.get());
  if (!message) return mail;
  Parts parts;
  walk(g_mime_message_get_mime_part(message.get()), 0, parts);
  const char* const subject = g_mime_message_get_subject(message.get());
  mail.subject = subject == nullptr ? "" : shortened(one_line(subject), subject_characters);
  mail.from = sender_of(message.get());
  mail.kind = kind_of(message.get(), parts, mail);
  mail.speaks_of = ids_of(message.get(), parts, mail.kind);
  if (mail.kind == ReturnedKind::human) {
    mail.words = reply_words(parts.plain.empty() ? text_of_html(parts.html) : parts.plain, returned_words_max);
  }
  return mail;
}

}  // namespace chaser::channels
