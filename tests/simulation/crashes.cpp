#include "simulation/crashes.h"

#include <sqlite3.h>

namespace chaser::simulation {

namespace {

struct Life {
  bool dead = false;
  bool armed = false;
  bool fails = false;
  Crashes::Where where = Crashes::Where::before;
  std::int64_t left = 0;
  std::int64_t commits = 0;
  std::int64_t deaths = 0;
  std::int64_t failures = 0;
  bool dies_after = false;  // this commit
};
Life life;  // SQLite's hooks are the process's

void kill() {
  if (!life.dead) ++life.deaths;
  life.dead = true;
  life.armed = false;
}

/// Not 0: the commit becomes a rollback.
int before_commit(void*) {
  if (life.dead) return 1;
  if (life.fails) {
    life.fails = false;
    ++life.failures;
    return 1;
  }
  ++life.commits;
  if (!life.armed || life.left-- > 0) return 0;
  if (life.where == Crashes::Where::before) {
    kill();
    return 1;
  }
  life.dies_after = true;
  return 0;
}

int after_commit(void*, sqlite3* connection, const char*, int pages) {
  if (life.dies_after) {
    life.dies_after = false;
    kill();
    return SQLITE_OK;
  }
  // The hook stands in the place of the one that moves the log into the database.
  if (pages > 4'000) sqlite3_wal_checkpoint_v2(connection, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  return SQLITE_OK;
}

int hook(sqlite3* connection, char**, const void*) {
  sqlite3_commit_hook(connection, before_commit, nullptr);
  sqlite3_wal_hook(connection, after_commit, nullptr);
  return SQLITE_OK;
}

void (*entry())() {
  return reinterpret_cast<void (*)()>(hook);
}

}  // namespace

Crashes::Crashes() {
  life = Life{};
  sqlite3_auto_extension(entry());
}
Crashes::~Crashes() {
  sqlite3_cancel_auto_extension(entry());
}

void Crashes::arm(std::int64_t commits, Where where) {
  life.armed = true;
  life.left = commits;
  life.where = where;
}
void Crashes::disarm() {
  life.armed = false;
}
void Crashes::fail_once() {
  life.fails = true;
}
void Crashes::fail_never() {
  life.fails = false;
}
void Crashes::die() {
  kill();
}
bool Crashes::is_dead() const {
  return life.dead;
}
void Crashes::revive() {
  life.dead = false;
  life.dies_after = false;
}
std::int64_t Crashes::commits() const {
  return life.commits;
}
std::int64_t Crashes::deaths() const {
  return life.deaths;
}
std::int64_t Crashes::failures() const {
  return life.failures;
}

}  // namespace chaser::simulation
