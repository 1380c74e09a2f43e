#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace chaser::channels {

/// What a mail in the mailbox of bounces and answers turns out to be.
enum class ReturnedKind : unsigned char {
  failed,     // a bounce for good
  delayed,    // not delivered yet; whoever sent this goes on trying
  delivered,  // a report that it arrived, or was passed on
  absent,     // an automatic answer, such as "out of office"
  notice,     // any other mail of a program: receipts, lists, Chaser's own
  human,      // a person wrote it
};
std::string_view name_of(ReturnedKind kind);

/// Bytes of a mail that are read; what is beyond is cut off.
inline constexpr std::size_t returned_bytes_max = 1'048'576;
/// Message-IDs looked up for one mail, parts looked at, and how deep one may lie in another.
inline constexpr std::size_t returned_ids_max = 50;
inline constexpr std::size_t returned_parts_max = 100;
inline constexpr int returned_depth_max = 8;
/// Characters of an answer that are kept.
inline constexpr std::size_t returned_words_max = 2'000;

/// A mail as far as it matters. Nothing in it is proof: anybody can send one. What it speaks of must be looked up among
/// the signed Message-IDs that have really been sent.
struct ReturnedMail {
  ReturnedKind kind = ReturnedKind::notice;
  std::string identity;                // 64 hex: the same mail again has the same
  std::vector<std::string> speaks_of;  // Message-IDs of Chaser's form, or the part before the "@" from a bounce
                                       // address, the most telling first
  std::string from;                    // address in lower case, "" if there is none
  std::string subject;                 // one line
  int reply = 0;                       // of failed: the SMTP reply code, 0 if unknown
  std::string status;                  // of failed and delayed: RFC 3463, "5.1.1", "" if unknown
  std::string diagnostic;              // one line; may name an address
  std::string words;                   // of human: their own, without what they quote; lines ended by LF
};

/// Pure; takes any bytes. Source: research/delivery.md B6; RFC 3464, RFC 3834.
ReturnedMail read_returned(std::string_view bytes);

/// `d.<32 hex>.<16 hex>`, which message_id_of() writes before the "@".
bool is_message_token(std::string_view text);

}  // namespace chaser::channels
