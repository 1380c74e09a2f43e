// Who may open a state directory, and when.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "given.h"
#include "support/catch.h"

using namespace given;
using store::StoreFault;

namespace {

Refusal refusal(const StoreKind& kind, const std::string& directory, Opening opening) {
  return refusal_of([&] { kind.open(directory, opening); });
}

/// A process of its own opens the store, says so and is killed: nothing of it is cleaned up.
void open_and_die(const StoreKind& kind, const std::string& directory) {
  int ready[2];
  REQUIRE(pipe(ready) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    char opened = 'n';
    try {
      const auto kept = kind.open(directory, Opening::service);
      opened = 'y';
      static_cast<void>(write(ready[1], &opened, 1) == 1);
      raise(SIGKILL);
    } catch (...) {
      static_cast<void>(write(ready[1], &opened, 1) == 1);
    }
    _exit(1);
  }
  char opened = '?';
  REQUIRE(read(ready[0], &opened, 1) == 1);
  CHECK(opened == 'y');
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  close(ready[0]);
  close(ready[1]);
}

}  // namespace

TEST_CASE("store: a state directory that is written by one is refused to a second, who is told by which process") {
  const auto kind = any_store();
  const Folder folder;
  const auto first = kind.open(folder.path(), Opening::service);
  const Refusal said = refusal(kind, folder.path(), Opening::service);
  INFO(said.words);
  CHECK(said.fault == StoreFault::unavailable);
  CHECK(said.says(folder.path()));
  CHECK(said.says("process " + std::to_string(getpid())));
  CHECK(said.says("another Chaser"));
  CHECK(refusal(kind, folder.path(), Opening::scripted).fault == StoreFault::unavailable);
  CHECK_NOTHROW(first->keep("still", "works"));
}

TEST_CASE("store: closing the store frees its state directory") {
  const auto kind = any_store();
  const Folder folder;
  kind.open(folder.path(), Opening::service)->keep("name", "value");
  const auto second = kind.open(folder.path(), Opening::service);
  CHECK(second->kept("name") == "value");
}

TEST_CASE("store: the lock of a process that died is free, and what it had committed is there") {
  const auto kind = any_store();
  const Folder folder;
  kind.open(folder.path(), Opening::service)->keep("name", "value");
  open_and_die(kind, folder.path());
  const auto after = kind.open(folder.path(), Opening::service);
  CHECK(after->kept("name") == "value");
}

TEST_CASE("store: opening makes the state directory, for its owner alone") {
  const auto kind = any_store();
  const Folder folder;
  const std::string inner = folder.path() + "/a/state";
  kind.open(inner, Opening::service);
  using std::filesystem::perms;
  CHECK((std::filesystem::status(inner).permissions() & (perms::group_all | perms::others_all)) == perms::none);
}

TEST_CASE("store: a store that a scripted clock has run is refused to a service") {
  const auto kind = any_store();
  const Folder folder;
  CHECK(kind.open(folder.path(), Opening::scripted)->status().scripted);
  const Refusal said = refusal(kind, folder.path(), Opening::service);
  INFO(said.words);
  CHECK(said.fault == StoreFault::unavailable);
  CHECK(said.says("--now"));
  CHECK(said.says(folder.path()));
  CHECK(kind.open(folder.path(), Opening::scripted)->status().scripted);
}

TEST_CASE("store: --now is refused a store that the real clock has filled, but not one that is empty") {
  const auto kind = any_store();
  const Folder folder;
  SECTION("an empty one becomes scripted") {
    CHECK_FALSE(kind.open(folder.path(), Opening::service)->status().scripted);
    CHECK(kind.open(folder.path(), Opening::scripted)->status().scripted);
  }
  SECTION("one with a plan stays what it is") {
    const auto given_world = world();
    kind.open(folder.path(), Opening::service)
        ->import(plan_of({{"2.1", "KCC"}}), *given_world, at("2026-09-01T08:00:00Z"), "cli:test");
    const Refusal said = refusal(kind, folder.path(), Opening::scripted);
    INFO(said.words);
    CHECK(said.fault == StoreFault::unavailable);
    CHECK(said.says("--now"));
    CHECK_FALSE(kind.open(folder.path(), Opening::service)->status().scripted);
  }
  SECTION("so does one with nothing but an event") {
    kind.open(folder.path(), Opening::service)
        ->note_event({0, at("2026-09-01T08:00:00Z"), "stop", "", "", "cli", "{}"});
    CHECK(refusal(kind, folder.path(), Opening::scripted).fault == StoreFault::unavailable);
  }
}

TEST_CASE("store: a reader reads either kind of store and needs one to be there") {
  const auto kind = any_store();
  const Folder folder;
  const Refusal said = refusal(kind, folder.path(), Opening::reader);
  INFO(said.words);
  CHECK(said.fault == StoreFault::unavailable);
  CHECK(said.says(folder.path()));
  kind.open(folder.path(), Opening::scripted);
  CHECK(kind.open(folder.path(), Opening::reader)->status().scripted);
}
