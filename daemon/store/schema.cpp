#include "store/schema.h"

#include <array>

#include "store/chain.h"
#include "store/encoding.h"

namespace chaser::store {

namespace {

// Instants are microseconds since 1970 UTC, days are day numbers since 1970-01-01, keys are SHA-256 in 32 bytes.
// What changes at every look (`look`) lies apart from the long texts of an action.
constexpr const char* first_schema = R"sql(
CREATE TABLE keeper (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  scripted INTEGER NOT NULL,
  clock_high_water INTEGER,
  last_pass INTEGER
) STRICT;

-- What the service keeps for itself between two starts.
CREATE TABLE kept (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE plan (
  id INTEGER PRIMARY KEY,
  slug TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  sections TEXT NOT NULL,
  imported INTEGER NOT NULL,
  parked INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE action (
  id INTEGER PRIMARY KEY,
  plan INTEGER NOT NULL REFERENCES plan(id),
  name TEXT NOT NULL,
  position INTEGER NOT NULL,
  section TEXT NOT NULL,
  title TEXT NOT NULL,
  text TEXT NOT NULL,
  owners_verbatim TEXT NOT NULL,
  owners TEXT NOT NULL,
  verbatim TEXT NOT NULL,
  kind TEXT NOT NULL,
  start_day INTEGER,
  due_day INTEGER,
  precision TEXT NOT NULL,
  convention TEXT NOT NULL,
  ambiguous INTEGER NOT NULL,
  alternative TEXT NOT NULL,
  problem TEXT NOT NULL,
  document_status TEXT NOT NULL,
  status TEXT NOT NULL,
  unowned INTEGER NOT NULL,
  tags TEXT NOT NULL,
  milestones TEXT NOT NULL,
  cadence_months INTEGER,
  other TEXT NOT NULL,
  first_due INTEGER,
  slips INTEGER NOT NULL DEFAULT 0,
  imported INTEGER NOT NULL,
  updated INTEGER,
  reviewed INTEGER,
  last_note TEXT NOT NULL DEFAULT '',
  dropped INTEGER NOT NULL DEFAULT 0,
  UNIQUE (plan, name)
) STRICT;
CREATE INDEX action_position ON action (plan, position);

CREATE TABLE look (
  action INTEGER PRIMARY KEY REFERENCES action(id),
  watermark INTEGER,
  next_look INTEGER,
  version INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX look_next ON look (next_look) WHERE next_look IS NOT NULL;

-- Names and addresses: the one table to erase them from.
CREATE TABLE party (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  email TEXT NOT NULL,
  teams TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE assignment (
  id INTEGER PRIMARY KEY,
  action INTEGER NOT NULL REFERENCES action(id),
  party TEXT NOT NULL,
  role TEXT NOT NULL,
  token TEXT NOT NULL,
  since INTEGER NOT NULL,
  position INTEGER NOT NULL,
  gone INTEGER,
  UNIQUE (action, party, role)
) STRICT;

CREATE TABLE rule_text (
  hash TEXT PRIMARY KEY,
  file TEXT NOT NULL,
  text TEXT NOT NULL,
  first_seen INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE rule_version (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  hash TEXT NOT NULL,
  UNIQUE (name, hash)
) STRICT;

CREATE TABLE chase_case (
  id INTEGER PRIMARY KEY,
  action INTEGER NOT NULL REFERENCES action(id),
  rule TEXT NOT NULL,
  rule_version INTEGER NOT NULL REFERENCES rule_version(id),
  anchor TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  anchor_day INTEGER NOT NULL,
  began INTEGER NOT NULL,
  beginning TEXT NOT NULL,
  status TEXT NOT NULL,
  reason TEXT NOT NULL,
  detail TEXT NOT NULL,
  closed_at INTEGER,
  UNIQUE (action, rule, anchor, epoch)
) STRICT;
CREATE INDEX case_pinned ON chase_case (rule_version) WHERE status <> 'closed';

CREATE TABLE pause (
  id INTEGER PRIMARY KEY,
  chase_case INTEGER NOT NULL REFERENCES chase_case(id),
  action INTEGER NOT NULL,
  assignment INTEGER,
  kind TEXT NOT NULL,
  from_at INTEGER NOT NULL,
  last_day INTEGER,
  settled INTEGER NOT NULL
) STRICT;
CREATE INDEX pause_action ON pause (action);

CREATE TABLE entry (
  id INTEGER PRIMARY KEY,
  chase_case INTEGER NOT NULL REFERENCES chase_case(id),
  action INTEGER NOT NULL,
  assignment INTEGER,
  step TEXT NOT NULL,
  day INTEGER NOT NULL
) STRICT;
CREATE INDEX entry_action ON entry (action);

CREATE TABLE notification (
  id INTEGER PRIMARY KEY,
  key BLOB NOT NULL UNIQUE CHECK (length(key) = 32),
  chase_case INTEGER NOT NULL REFERENCES chase_case(id),
  action INTEGER NOT NULL,
  rule TEXT NOT NULL,
  step TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  refired INTEGER NOT NULL,
  recipient TEXT NOT NULL,
  relational INTEGER NOT NULL,
  leads TEXT NOT NULL,
  about TEXT NOT NULL,
  state TEXT NOT NULL,
  deliver TEXT NOT NULL,
  via TEXT NOT NULL,
  first_meeting INTEGER NOT NULL,
  late INTEGER NOT NULL,
  nominal INTEGER NOT NULL,
  opening INTEGER NOT NULL,
  decided INTEGER NOT NULL,
  composed INTEGER,
  sent INTEGER,
  reason TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT;
CREATE INDEX notification_action ON notification (action);
CREATE INDEX notification_pending ON notification (recipient, opening) WHERE state = 'pending';
CREATE INDEX notification_met ON notification (recipient, composed) WHERE first_meeting = 1 AND composed IS NOT NULL;
CREATE TRIGGER notification_stays BEFORE DELETE ON notification
BEGIN SELECT raise(ABORT, 'a notification and its key stay for ever'); END;
CREATE TRIGGER notification_key_stays BEFORE UPDATE OF key ON notification
BEGIN SELECT raise(ABORT, 'a notification and its key stay for ever'); END;

CREATE TABLE hold (
  action INTEGER NOT NULL,
  chase_case INTEGER NOT NULL,
  step TEXT NOT NULL,
  recipient TEXT NOT NULL,
  assignment INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  refired INTEGER NOT NULL,
  reason TEXT NOT NULL,
  detail TEXT NOT NULL,
  since INTEGER NOT NULL,
  until INTEGER,
  PRIMARY KEY (action, chase_case, step, recipient, assignment)
) STRICT, WITHOUT ROWID;

CREATE TABLE last_direct (
  action INTEGER NOT NULL,
  rule TEXT NOT NULL,
  recipient TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (action, rule, recipient)
) STRICT, WITHOUT ROWID;

CREATE TABLE recipient (
  party TEXT PRIMARY KEY,
  next_compose INTEGER,
  last_digest INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX recipient_next ON recipient (next_compose) WHERE next_compose IS NOT NULL;

CREATE TABLE message (
  id INTEGER PRIMARY KEY,
  key BLOB NOT NULL UNIQUE CHECK (length(key) = 32),
  recipient TEXT NOT NULL,
  channel TEXT NOT NULL,
  kind TEXT NOT NULL,
  urgency INTEGER NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  tries INTEGER NOT NULL DEFAULT 0,
  resends INTEGER NOT NULL DEFAULT 0,
  created INTEGER NOT NULL,
  not_before INTEGER NOT NULL,
  lease_until INTEGER,
  settled INTEGER,
  last_outcome TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX message_queued ON message (channel, urgency, not_before) WHERE state = 'queued';
CREATE INDEX message_retry ON message (not_before) WHERE state = 'queued';
CREATE INDEX message_unsettled ON message (state, created)
  WHERE state IN ('queued', 'claimed', 'body_started', 'unknown', 'needs_attention');

CREATE TABLE message_item (
  message INTEGER NOT NULL REFERENCES message(id),
  position INTEGER NOT NULL,
  notification INTEGER NOT NULL REFERENCES notification(id),
  carried_by INTEGER NOT NULL,
  withdrawn INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (message, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX message_item_notification ON message_item (notification);

-- What leaves the house: written once, at the first attempt.
CREATE TABLE letter (
  message INTEGER PRIMARY KEY REFERENCES message(id),
  bytes BLOB NOT NULL,
  message_id TEXT NOT NULL,
  destination TEXT NOT NULL
) STRICT;

CREATE TABLE thread (
  action INTEGER NOT NULL,
  recipient TEXT NOT NULL,
  channel TEXT NOT NULL,
  message_id TEXT NOT NULL,
  PRIMARY KEY (action, recipient, channel)
) STRICT, WITHOUT ROWID;

CREATE TABLE attempt (
  message INTEGER NOT NULL REFERENCES message(id),
  number INTEGER NOT NULL,
  started INTEGER NOT NULL,
  body_started INTEGER,
  ended INTEGER,
  outcome TEXT NOT NULL DEFAULT '',
  code INTEGER NOT NULL DEFAULT 0,
  enhanced TEXT NOT NULL DEFAULT '',
  text TEXT NOT NULL DEFAULT '',
  retry_after INTEGER,
  PRIMARY KEY (message, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE response (
  id INTEGER PRIMARY KEY,
  action INTEGER NOT NULL REFERENCES action(id),
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  party TEXT NOT NULL,
  until INTEGER,
  note TEXT NOT NULL,
  status TEXT,
  author TEXT NOT NULL,
  means TEXT NOT NULL,
  accepted INTEGER NOT NULL,
  answer TEXT NOT NULL
) STRICT;
CREATE INDEX response_action ON response (action);

CREATE TABLE stop (
  plan TEXT NOT NULL,
  rule TEXT NOT NULL,
  party TEXT NOT NULL,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  PRIMARY KEY (plan, rule, party)
) STRICT, WITHOUT ROWID;

CREATE TABLE released (
  what TEXT NOT NULL,
  name TEXT NOT NULL,
  day INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (what, name, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE event (
  sequence INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  plan TEXT NOT NULL,
  action TEXT NOT NULL,
  actor TEXT NOT NULL,
  json TEXT NOT NULL
) STRICT;
CREATE INDEX event_action ON event (plan, action);
CREATE TRIGGER event_not_changed BEFORE UPDATE ON event BEGIN SELECT raise(ABORT, 'events are only ever added'); END;
CREATE TRIGGER event_not_removed BEFORE DELETE ON event BEGIN SELECT raise(ABORT, 'events are only ever added'); END;

INSERT INTO keeper (id, scripted) VALUES (1, 0);
)sql";

// What comes back by mail: which mails have had their effect, and who seems to be away.
constexpr const char* what_comes_back = R"sql(
CREATE TABLE returned (
  identity BLOB PRIMARY KEY CHECK (length(identity) = 32),
  at INTEGER NOT NULL,
  kind TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE absence (
  party TEXT PRIMARY KEY,
  heard INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX letter_message_id ON letter (message_id);
CREATE INDEX notification_unreachable ON notification (id) WHERE state = 'unreachable';
CREATE INDEX response_comment ON response (party, at) WHERE kind = 'comment';
)sql";

// Each event's hash covers the one before it (store/chain.h); words that people wrote lie beside the chain, under a
// seal. `log_baseline` asks for the state to be written into the log once: what came before tells less than a replay
// needs.
constexpr const char* chained_log = R"sql(
DROP TRIGGER event_not_changed;
ALTER TABLE event ADD COLUMN seal BLOB CHECK (seal IS NULL OR length(seal) = 32);
ALTER TABLE event ADD COLUMN hash BLOB CHECK (hash IS NULL OR length(hash) = 32);
CREATE TABLE event_words (
  event INTEGER PRIMARY KEY REFERENCES event(sequence),
  salt BLOB NOT NULL,
  words TEXT NOT NULL
) STRICT;
ALTER TABLE keeper ADD COLUMN log_events INTEGER NOT NULL DEFAULT 0;
ALTER TABLE keeper ADD COLUMN log_head BLOB;
ALTER TABLE keeper ADD COLUMN log_baseline INTEGER NOT NULL DEFAULT 0;
UPDATE keeper SET log_baseline = EXISTS (SELECT 1 FROM event);
)sql";

/// Chains what a log without hashes holds, and closes it again.
void chain_what_exists(Transaction& change) {
  std::string head(first_link());
  Event event;
  while (true) {
    {
      Query query = change.query(
          "SELECT sequence, at, kind, plan, action, actor, json FROM event WHERE sequence > ? ORDER BY sequence LIMIT "
          "1",
          event.sequence);
      if (!query.next()) break;
      event = {query.integer(0), query.instant(1), query.text(2), query.text(3),
               query.text(4),    query.text(5),    query.text(6)};
    }
    head = chain_hash(head, event);
    const std::string bytes = bytes_of_hex(head);
    change.run("UPDATE event SET hash = ?2 WHERE sequence = ?1", event.sequence, Blob{bytes});
    change.run("UPDATE keeper SET log_events = ?1, log_head = ?2", event.sequence, Blob{bytes});
  }
  change.script(
      "CREATE TRIGGER event_not_changed BEFORE UPDATE ON event BEGIN SELECT raise(ABORT, 'events are only ever "
      "added'); "
      "END");
}

// Answers that ask for somebody's word, and what they leave: design.md §6, first table.
constexpr const char* answers_schema = R"sql(
ALTER TABLE action ADD COLUMN percent INTEGER;
-- The date that an approved extension gave: it stands until the plan's document is re-dated.
ALTER TABLE action ADD COLUMN extended_day INTEGER;
ALTER TABLE action ADD COLUMN reopened INTEGER;
ALTER TABLE action ADD COLUMN lineage TEXT NOT NULL DEFAULT '[]';
ALTER TABLE action ADD COLUMN last_request INTEGER NOT NULL DEFAULT 0;
ALTER TABLE assignment ADD COLUMN delegate TEXT NOT NULL DEFAULT '';
ALTER TABLE assignment ADD COLUMN delegated INTEGER;
ALTER TABLE assignment ADD COLUMN done INTEGER;
UPDATE assignment SET done = (SELECT min(p.from_at) FROM pause p
  WHERE p.assignment = assignment.id AND p.kind = 'done' AND p.last_day IS NULL);
ALTER TABLE pause ADD COLUMN cut INTEGER;
ALTER TABLE response ADD COLUMN percent INTEGER;
ALTER TABLE response ADD COLUMN due INTEGER;
ALTER TABLE response ADD COLUMN to_party TEXT NOT NULL DEFAULT '';
ALTER TABLE response ADD COLUMN others TEXT NOT NULL DEFAULT '[]';
ALTER TABLE response ADD COLUMN evidence TEXT NOT NULL DEFAULT '';

-- What waits for somebody's word; `assignments` are rows, as in a notification's leads.
CREATE TABLE request (
  id INTEGER PRIMARY KEY,
  action INTEGER NOT NULL REFERENCES action(id),
  number INTEGER NOT NULL,
  kind TEXT NOT NULL,
  assignments TEXT NOT NULL,
  asker TEXT NOT NULL,
  decider TEXT NOT NULL,
  asked INTEGER NOT NULL,
  due INTEGER,
  status TEXT NOT NULL,
  others TEXT NOT NULL,
  note TEXT NOT NULL,
  evidence TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'open',
  decided INTEGER,
  decided_by TEXT NOT NULL DEFAULT '',
  UNIQUE (action, number)
) STRICT;
CREATE INDEX request_open ON request (action) WHERE state = 'open';

-- One action waits for another of its plan.
CREATE TABLE blocking (
  blocked INTEGER NOT NULL REFERENCES action(id),
  blocker INTEGER NOT NULL REFERENCES action(id),
  since INTEGER NOT NULL,
  until INTEGER NOT NULL,
  PRIMARY KEY (blocked, blocker)
) STRICT, WITHOUT ROWID;
CREATE INDEX blocking_blocker ON blocking (blocker);
-- What an event says of an action says more from here on.
UPDATE keeper SET log_baseline = EXISTS (SELECT 1 FROM event);
)sql";

// What the supplement adds (a recurrence, a measure, what an action waits for) and what answers report, of the actions
// that have any; the dates that an action had. `dependency` is `blocked_by` by rows, so that who waits for an action is
// found.
constexpr const char* measures_schema = R"sql(
CREATE TABLE supplement (
  action INTEGER PRIMARY KEY REFERENCES action(id),
  recurrence TEXT NOT NULL,
  measure TEXT NOT NULL,
  blocked_by TEXT NOT NULL
) STRICT;

CREATE TABLE reported (
  action INTEGER PRIMARY KEY REFERENCES action(id),
  reviews INTEGER NOT NULL DEFAULT 0,
  noted INTEGER,
  claimed TEXT NOT NULL DEFAULT '',
  milestones_met TEXT NOT NULL DEFAULT '[]'
) STRICT;

CREATE TABLE reading (
  action INTEGER NOT NULL REFERENCES action(id),
  day INTEGER NOT NULL,
  value REAL NOT NULL,
  at INTEGER NOT NULL,
  party TEXT NOT NULL,
  PRIMARY KEY (action, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE re_dating (
  id INTEGER PRIMARY KEY,
  action INTEGER NOT NULL REFERENCES action(id),
  at INTEGER NOT NULL,
  before_day INTEGER,
  after_day INTEGER,
  how TEXT NOT NULL,
  actor TEXT NOT NULL
) STRICT;
CREATE INDEX re_dating_action ON re_dating (action);

CREATE TABLE dependency (
  action INTEGER NOT NULL REFERENCES action(id),
  blocker_plan TEXT NOT NULL,
  blocker TEXT NOT NULL,
  PRIMARY KEY (action, blocker_plan, blocker)
) STRICT, WITHOUT ROWID;
CREATE INDEX dependency_blocker ON dependency (blocker_plan, blocker);
)sql";

// Pages list a person's actions.
constexpr const char* assignments_by_party = R"sql(
CREATE INDEX assignment_party ON assignment (party) WHERE gone IS NULL;
)sql";

// Whether an action is looked at again when a message about it is delivered: Verdict::looks_when_delivered.
constexpr const char* looks_when_delivered = R"sql(
ALTER TABLE look ADD COLUMN when_delivered INTEGER NOT NULL DEFAULT 1;
)sql";

// Whoever goes on in another's place keeps the age and level of that one, so a row knows whose heir it is.
// Whoever is away is read for by who stands in: `reader` is them, `away_until` the last day of the absence if it is
// known. An automatic answer counts for some days, so that the latest ones are asked for at every composing.
constexpr const char* owners_schema = R"sql(
ALTER TABLE notification ADD COLUMN waits_since INTEGER;
ALTER TABLE notification ADD COLUMN reader TEXT NOT NULL DEFAULT '';
ALTER TABLE notification ADD COLUMN away_until INTEGER;
CREATE INDEX absence_heard ON absence (heard);
ALTER TABLE assignment ADD COLUMN heir_of INTEGER;
ALTER TABLE assignment ADD COLUMN inherited INTEGER;
-- What an event says of an action says more from here on.
UPDATE keeper SET log_baseline = EXISTS (SELECT 1 FROM event);
)sql";

// Who refused mail for good: the last three times, what was said, and since when nothing goes there.
constexpr const char* dead_addresses = R"sql(
CREATE TABLE dead_address (
  recipient TEXT NOT NULL,
  address BLOB NOT NULL,
  said TEXT NOT NULL,
  last INTEGER NOT NULL,
  earlier INTEGER,
  before_last INTEGER,
  since INTEGER,
  PRIMARY KEY (recipient, address)
) STRICT, WITHOUT ROWID;
)sql";

constexpr std::array<Migration, 9> all_migrations{
    Migration{first_schema},         Migration{chained_log, chain_what_exists},
    Migration{answers_schema},       Migration{measures_schema},
    Migration{what_comes_back},      Migration{assignments_by_party},
    Migration{looks_when_delivered}, Migration{owners_schema},
    Migration{dead_addresses}};

[[noreturn]] void refuse(const Database& database, const std::string& why) {
  throw StoreError(StoreFault::unavailable, database.file() + " " + why);
}

bool is_empty(Database& database) {
  Transaction reading{database, Transaction::Kind::read};
  Query query = reading.query("SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)");
  return query.next() && query.truth(0);
}

std::int64_t checked_version(Database& database, std::size_t known) {
  const std::int64_t version = database.pragma("user_version");
  const std::int64_t owner = database.pragma("application_id");
  // Most programs leave both numbers at 0: only a database without anything in it is nobody's.
  const bool is_new = owner == 0 && version == 0 && is_empty(database);
  if (version < 0 || (owner != application_id && !is_new)) refuse(database, "is no database of Chaser");
  if (version > static_cast<std::int64_t>(known)) {
    refuse(database, "was written by a newer Chaser: its schema is " + std::to_string(version) +
                         ", this program knows up to " + std::to_string(known));
  }
  return version;
}

}  // namespace

std::span<const Migration> migrations() {
  return all_migrations;
}

void migrate(Database& database, std::span<const Migration> steps) {
  auto version = static_cast<std::size_t>(checked_version(database, steps.size()));
  for (; version < steps.size(); ++version) {
    Transaction change{database};
    change.script(steps[version].script);
    if (steps[version].then != nullptr) steps[version].then(change);
    // Both pragmas are part of the transaction: a crash leaves the old schema under its old number.
    change.script(("PRAGMA user_version = " + std::to_string(version + 1)).c_str());
    change.script(("PRAGMA application_id = " + std::to_string(application_id)).c_str());
    change.commit();
  }
}

void check_schema(Database& database) {
  const std::size_t known = migrations().size();
  const auto version = static_cast<std::size_t>(checked_version(database, known));
  if (version < known) {
    refuse(database, "has the schema " + std::to_string(version) + " of an older Chaser; let the service open it once");
  }
}

}  // namespace chaser::store
