#include <algorithm>

#include "store/encoding.h"
#include "store/sqlite_class.h"

namespace chaser::store {

// Everywhere that a person's name, address or words can lie, and how each is taken away. A column that holds text which
// people wrote or letters that name them belongs here. Source: docs/decisions/0009-evidence.md.

namespace {

constexpr std::string_view erased_mark = "[erased]";
/// Shorter texts would be found everywhere.
constexpr std::size_t searched_least = 4;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool matches_at(std::string_view text, std::size_t at, std::string_view part) {
  return text.size() - at >= part.size() &&
         std::equal(part.begin(), part.end(), text.begin() + static_cast<std::ptrdiff_t>(at),
                    [](char a, char b) { return lower(a) == lower(b); });
}

/// `text` with each of the names replaced, whatever their letters' case.
std::string without(std::string_view text, std::span<const std::string> names) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const auto found =
        std::find_if(names.begin(), names.end(), [&](const std::string& name) { return matches_at(text, at, name); });
    if (found == names.end()) {
      result += text[at++];
    } else {
      result += erased_mark;
      at += found->size();
    }
  }
  return result;
}

bool names_any(std::string_view text, std::span<const std::string> names) {
  return without(text, names) != text;
}

/// The longest first, so that a name within a name leaves nothing behind.
std::vector<std::string> searched(std::vector<std::string> names) {
  std::erase_if(names, [](const std::string& name) { return name.size() < searched_least; });
  std::sort(names.begin(), names.end(),
            [](const auto& a, const auto& b) { return a.size() != b.size() ? a.size() > b.size() : a < b; });
  return names;
}

/// Replaces the names in one text column; how many rows held one.
std::size_t clean(Transaction& change, const std::string& table, const std::string& column,
                  std::span<const std::string> names) {
  std::vector<std::pair<std::int64_t, std::string>> found;
  {
    Query query = change.query("SELECT rowid, " + column + " FROM " + table + " WHERE " + column + " <> ''");
    while (query.next()) {
      if (names_any(query.view(1), names)) found.emplace_back(query.integer(0), without(query.view(1), names));
    }
  }
  for (const auto& [row, text] : found) {
    change.run("UPDATE " + table + " SET " + column + " = ?2 WHERE rowid = ?1", row, text);
  }
  return found.size();
}

/// What servers said while letters to others went, where it names them.
void clean_attempts(Transaction& change, std::span<const std::string> names) {
  std::vector<std::pair<std::int64_t, std::int64_t>> found;
  {
    Query query = change.query("SELECT message, number, text FROM attempt WHERE text <> ''");
    while (query.next()) {
      if (names_any(query.view(2), names)) found.emplace_back(query.integer(0), query.integer(1));
    }
  }
  for (const auto& [message, number] : found) {
    change.run("UPDATE attempt SET text = '' WHERE message = ? AND number = ?", message, number);
  }
}

}  // namespace

Erased SqliteStore::erase(std::string_view party, std::span<const std::string> names, std::string_view actor,
                          Instant now) {
  // What is overwritten is overwritten on the disk too, not only left for later use.
  database_.set_pragma("secure_delete", 1);
  Erased erased;
  {
    Transaction change{database_};
    {
      Query query = change.query(
          "SELECT EXISTS (SELECT 1 FROM party WHERE id = ?1) OR EXISTS (SELECT 1 FROM assignment WHERE party = ?1) OR"
          " EXISTS (SELECT 1 FROM notification WHERE recipient = ?1)",
          party);
      query.next();
      erased.known = query.truth(0);
    }
    if (!erased.known) return erased;
    {
      Query query = change.query(
          "SELECT 1 FROM message WHERE recipient = ? AND state IN ('claimed', 'body_started') LIMIT 1", party);
      if (query.next()) {
        throw StoreError(StoreFault::conflict,
                         "a message to " + std::string(party) + " is on its way; try again when it has gone");
      }
    }
    const std::vector<std::string> known = searched(erase_contact(change, party, names, erased));
    const std::vector<std::string> keys = withdraw_from(change, party, erased, now);
    erase_letters(change, party, erased);
    erase_texts(change, known, erased);
    const JsonObject details = JsonObject()
                                   .add("party", party)
                                   .add("letters", static_cast<std::int64_t>(erased.letters))
                                   .add("texts", static_cast<std::int64_t>(erased.texts))
                                   .add("words", static_cast<std::int64_t>(erased.words))
                                   .add("withdrawn", static_cast<std::int64_t>(erased.withdrawn))
                                   .add("keys", keys);
    add_event(change, now, "erased", "", "", actor, details.text());
    change.commit();
  }
  // The log of writes still holds the old pages until it is begun anew.
  sqlite3_wal_checkpoint_v2(database_.connection(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  return erased;
}

/// All names and addresses to look for.
std::vector<std::string> SqliteStore::erase_contact(Transaction& change, std::string_view party,
                                                    std::span<const std::string> names, Erased& erased) {
  std::vector<std::string> known(names.begin(), names.end());
  {
    Query query = change.query("SELECT name, email FROM party WHERE id = ?", party);
    if (query.next()) {
      known.push_back(query.text(0));
      known.push_back(query.text(1));
    }
  }
  {
    Query query = change.query(
        "SELECT DISTINCT l.destination FROM letter l JOIN message m ON m.id = l.message"
        " WHERE m.recipient = ? AND m.channel = 'email'",
        party);
    while (query.next()) known.push_back(query.text(0));
  }
  erased.contact = change.run("DELETE FROM party WHERE id = ?", party) > 0;
  change.run("DELETE FROM absence WHERE party = ?", party);
  change.run("DELETE FROM dead_address WHERE recipient = ?", party);
  change.run("UPDATE assignment SET token = '' WHERE party = ? AND gone IS NOT NULL", party);
  return known;
}

/// What has not gone to them never will; the keys of the notifications.
std::vector<std::string> SqliteStore::withdraw_from(Transaction& change, std::string_view party, Erased& erased,
                                                    Instant now) {
  std::vector<std::string> keys;
  {
    Query query = change.query(
        "UPDATE notification SET state = 'withdrawn', reason = 'unreachable', detail = recipient WHERE state ="
        " 'composed' AND iif(reader = '', recipient, reader) = ?1 AND id IN (SELECT i.notification FROM message_item i "
        "JOIN message m ON m.id ="
        " i.message WHERE m.recipient = ?1 AND m.state IN ('queued', 'unknown', 'needs_attention')) RETURNING key",
        party);
    while (query.next()) keys.push_back(hex_of_bytes(query.blob(0)));
  }
  erased.withdrawn = static_cast<std::size_t>(change.run(
      "UPDATE message SET state = 'withdrawn', settled = ?2 WHERE recipient = ?1 AND state IN ('queued', 'unknown',"
      " 'needs_attention')",
      party, now));
  // Refused ones could be tried again by hand, without their bytes.
  change.run("UPDATE message SET state = 'withdrawn' WHERE recipient = ? AND state = 'refused'", party);
  return keys;
}

void SqliteStore::erase_letters(Transaction& change, std::string_view party, Erased& erased) {
  erased.letters = static_cast<std::size_t>(change.run(
      "UPDATE letter SET bytes = x'', destination = '' WHERE message IN (SELECT id FROM message WHERE recipient = ?)",
      party));
  // Letters to others that may name them: those about an action that they led or were told of.
  constexpr std::string_view about_them =
      " message IN (SELECT m.id FROM message_item i JOIN message m ON m.id = i.message JOIN notification n ON n.id ="
      " i.notification WHERE m.state IN ('accepted', 'withdrawn', 'refused') AND (n.action IN (SELECT action FROM"
      " assignment WHERE party = ?1) OR n.action IN (SELECT action FROM notification WHERE recipient = ?1)))"
      " AND length(bytes) > 0";
  // One that can still be tried again is written again then.
  erased.letters += static_cast<std::size_t>(
      change.run("DELETE FROM letter WHERE message IN (SELECT id FROM message WHERE state = 'refused') AND" +
                     std::string(about_them),
                 party));
  erased.letters +=
      static_cast<std::size_t>(change.run("UPDATE letter SET bytes = x'' WHERE" + std::string(about_them), party));
  // The words of servers name addresses.
  change.run("UPDATE attempt SET text = '' WHERE message IN (SELECT id FROM message WHERE recipient = ?)", party);
  change.run(
      "UPDATE message SET last_outcome = coalesce((SELECT outcome || ' ' || code FROM attempt WHERE message = "
      "message.id"
      " ORDER BY number DESC LIMIT 1), '') WHERE recipient = ?",
      party);
}

void SqliteStore::erase_texts(Transaction& change, std::span<const std::string> names, Erased& erased) {
  const std::pair<const char*, const char*> columns[] = {
      {"response", "note"},       {"response", "author"},  {"response", "answer"},   {"response", "evidence"},
      {"response", "others"},     {"request", "others"},   {"request", "note"},      {"request", "evidence"},
      {"action", "last_note"},    {"assignment", "token"}, {"chase_case", "detail"}, {"notification", "detail"},
      {"message", "last_outcome"}};
  for (const auto& [table, column] : columns) erased.texts += clean(change, table, column, names);
  clean_attempts(change, names);
  Rows words;
  {
    Query query = change.query("SELECT event, words FROM event_words");
    while (query.next()) {
      if (names_any(query.view(1), names)) words.push_back(query.integer(0));
    }
  }
  for (const std::int64_t event : words) change.run("DELETE FROM event_words WHERE event = ?", event);
  erased.words = words.size();
  Query query = change.query(
      "SELECT p.slug || '/' || a.name, a.owners_verbatim || ' ' || a.title || ' ' || a.text || ' ' || a.other FROM "
      "action"
      " a JOIN plan p ON p.id = a.plan ORDER BY p.slug, a.position");
  while (query.next()) {
    if (names_any(query.view(1), names)) erased.remaining.push_back(query.text(0));
  }
}

}  // namespace chaser::store
