#pragma once

#include <string>
#include <string_view>

#include "calendar/time.h"

namespace chaser::channels {

struct Mailbox {
  std::string name;     // UTF-8, may be empty
  std::string address;  // ASCII local part; the domain may be an IDN
};

/// An email before it is bytes.
struct Mail {
  Mailbox from;
  Mailbox to;
  Mailbox reply_to;  // address "" is none
  std::string subject;
  std::string text;  // UTF-8, LF
  std::string html;
  std::string message_id;   // without angle brackets
  std::string thread_root;  // a Message-ID with or without brackets; "" is none
  std::string delivery;     // of X-Chaser-Delivery
  calendar::Instant date;
  std::string calendar;  // an iCalendar object to go along as due.ics (METHOD:PUBLISH); "" is none
  bool important = false;
  bool bulk = false;  // a digest: many promises at once, nothing that waits for an answer
  /// Where one click without a page ends such mails (RFC 8058); https, "" is nowhere.
  std::string unsubscribe_url;
};

/// The message's bytes: multipart/alternative, quoted-printable, RFC 2047, CRLF, ASCII; the same Mail gives the same
/// bytes. Throws std::invalid_argument for CR, LF, NUL and other controls in anything that becomes a header, and for
/// what is no address. Source: research/delivery.md B1, B2.
std::string mime_of(const Mail& mail);

/// `d.<32 hex>.<16 hex>@domain`: unique to the delivery and the same on every attempt. `key` may be empty.
std::string message_id_of(std::string_view delivery_key, std::string_view hmac_key, std::string_view domain);

/// The address with its domain in ASCII (IDNA 2008). Throws std::invalid_argument for what is no address.
std::string ascii_address(std::string_view address);
/// A host's or domain's name in ASCII; throws std::invalid_argument.
std::string ascii_domain(std::string_view domain);

}  // namespace chaser::channels
