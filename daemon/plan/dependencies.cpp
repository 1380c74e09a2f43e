#include "plan/dependencies.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "plan/plan.h"

namespace chaser::plan {
namespace {

/// Finds the circles of a graph. Actions that lie on none are put aside first, by taking away again and again what
/// waits for nothing or blocks nothing; of the rest each circle is walked once, from its least action.
class Circles {
 public:
  explicit Circles(std::span<const Dependency> dependencies) {
    for (const Dependency& each : dependencies) blockers_[each.waiting].insert(each.blocker);
    trim();
  }

  std::vector<std::vector<std::string>> find() {
    for (const auto& [first, blockers] : blockers_) {
      path_ = {first};
      on_path_ = {first};
      walk(first);
    }
    if (found_.empty() && !blockers_.empty()) found_.push_back(any());
    return std::move(found_);
  }

 private:
  /// A tangle of many actions has more paths than anybody can read: walking ends after these.
  static constexpr std::size_t steps_max = 100'000;

  /// What is left always leads back into itself.
  std::vector<std::string> any() const {
    std::vector<std::string> path;
    std::string_view at = blockers_.begin()->first;
    while (true) {
      const auto met = std::find(path.begin(), path.end(), at);
      if (met != path.end()) return {met, path.end()};
      path.emplace_back(at);
      at = *blockers_.find(std::string(at))->second.begin();
    }
  }

  void trim() {
    for (bool is_changed = true; is_changed;) {
      std::set<std::string> blocking;  // copies: the sets that they come from go while this is asked
      for (const auto& [waiting, blockers] : blockers_) blocking.insert(blockers.begin(), blockers.end());
      const std::size_t without = std::erase_if(
          blockers_, [&](const auto& entry) { return entry.second.empty() || !blocking.contains(entry.first); });
      std::size_t loose = 0;
      for (auto& [waiting, blockers] : blockers_) {
        loose += std::erase_if(blockers, [&](const std::string& each) { return !blockers_.contains(each); });
      }
      is_changed = without + loose > 0;
    }
  }

  void walk(const std::string& at) {
    for (const std::string& next : blockers_.at(at)) {
      if (found_.size() >= cycles_max || steps_left_ == 0) return;
      --steps_left_;
      if (next == path_.front()) {
        found_.push_back(path_);
        continue;
      }
      if (next < path_.front() || !on_path_.insert(next).second) continue;
      path_.push_back(next);
      walk(next);
      path_.pop_back();
      on_path_.erase(next);
    }
  }

  std::map<std::string, std::set<std::string>> blockers_;
  std::vector<std::string> path_;
  std::set<std::string_view> on_path_;
  std::vector<std::vector<std::string>> found_;
  std::size_t steps_left_ = steps_max;
};

}  // namespace

std::vector<Dependency> dependencies_of(const Plan& plan) {
  std::vector<Dependency> all;
  for (const Action& action : plan.actions) {
    for (const std::string& blocker : action.blocked_by) all.push_back({plan.id + "/" + action.id, blocker});
  }
  return all;
}

std::vector<std::vector<std::string>> cycles_of(std::span<const Dependency> dependencies) {
  return Circles(dependencies).find();
}

void check_dependencies(const Plan& plan, std::span<const Dependency> beside, const std::string& file,
                        documents::Problems& problems) {
  std::vector<Dependency> all = dependencies_of(plan);
  const std::string own = plan.id + "/";
  const bool crosses =
      std::any_of(all.begin(), all.end(), [&](const Dependency& each) { return !each.blocker.starts_with(own); });
  if (!crosses) return;
  all.insert(all.end(), beside.begin(), beside.end());
  for (const std::vector<std::string>& path : cycles_of(all)) {
    const auto is_own = [&](const std::string& action) { return action.starts_with(own); };
    if (std::none_of(path.begin(), path.end(), is_own) || std::all_of(path.begin(), path.end(), is_own)) continue;
    problems.error(file, "actions of several plans wait for each other in a circle: " + cycle_words(path));
  }
}

std::string cycle_words(std::span<const std::string> path) {
  if (path.size() == 1) return path.front() + " waits for itself";
  std::string words = path.front();
  for (std::size_t i = 1; i <= path.size(); ++i) {
    words += (i == 1 ? " waits for " : ", which waits for ") + path[i % path.size()];
  }
  return words;
}

}  // namespace chaser::plan
