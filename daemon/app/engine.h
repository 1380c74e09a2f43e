#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/loading.h"
#include "store/store.h"

namespace chaser::app {

using calendar::Instant;

/// What Chaser remembers and what it decides by, brought together: the store, the inputs and the world made of both.
/// Used by the thread that writes.
class Engine {
 public:
  Engine(Inputs inputs, std::unique_ptr<store::Store> store, FileReader read);

  /// What starting or reloading found, for the log.
  struct Taken {
    std::vector<std::string> imported;   // plans taken because the store had none
    std::vector<std::string> differing;  // plans whose file is not what was imported last
    bool looked_anew = false;            // rules, directory or calendars changed: every action is due for a look
  };
  /// Remembers the rules, makes the world, imports plans that the store lacks, and has everything looked at again if
  /// rules, directory or calendars changed since the last time. Problems of plans that had to be imported are in
  /// `problems`; with an error among them that plan is not taken.
  Taken start(Instant now, documents::Problems& problems);
  /// The same with new inputs: what a reload does once all of them are known to be good.
  Taken take(Inputs inputs, Instant now, documents::Problems& problems);

  store::Store& store() { return *store_; }
  const chase::World& world() const { return *world_; }
  std::shared_ptr<const chase::World> shared_world() const { return world_; }
  const Inputs& inputs() const { return inputs_; }
  const FileReader& reader() const { return read_; }
  const PlanSettings* find_plan(std::string_view id) const;
  /// A plan was taken from this text: its file counts as imported.
  void note_imported(const PlanSettings& plan, const std::optional<std::string>& text);

 private:
  void import_missing(Instant now, const std::vector<plan::Plan>& plans, Taken& taken);
  std::vector<plan::Plan> read_missing(documents::Problems& problems);
  void compare_files(Taken& taken);
  void keep_good_rules();
  void look_anew_if_changed(Instant now, Taken& taken);

  Inputs inputs_;
  std::unique_ptr<store::Store> store_;
  FileReader read_;
  std::shared_ptr<const chase::World> world_;
};

}  // namespace chaser::app
