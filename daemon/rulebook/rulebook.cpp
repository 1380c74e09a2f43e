#include "rulebook/rulebook.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cassert>

namespace chaser::rulebook {
namespace {

std::string_view name_of(Audience::Who who) {
  switch (who) {
    case Audience::Who::leads:
      return "leads";
    case Audience::Who::supports:
      return "supports";
    case Audience::Who::former:
      return "former";
    case Audience::Who::coordinator:
      return "coordinator";
    case Audience::Who::sponsor:
      return "sponsor";
    case Audience::Who::approver:
      return "approver";
    case Audience::Who::party:
      return "party:";
    case Audience::Who::report:
      return "report:";
  }
  return "";
}

std::vector<std::shared_ptr<const Rule>> shared(std::vector<Rule> rules) {
  std::vector<std::shared_ptr<const Rule>> result;
  result.reserve(rules.size());
  for (Rule& rule : rules) result.push_back(std::make_shared<const Rule>(std::move(rule)));
  return result;
}

}  // namespace

std::string_view name_of(Anchor anchor) {
  switch (anchor) {
    case Anchor::due:
      return "due";
    case Anchor::start:
      return "start";
    case Anchor::first_seen:
      return "first_seen";
    case Anchor::last_update:
      return "last_update";
    case Anchor::next_review:
      return "next_review";
    case Anchor::milestone:
      return "milestone";
    case Anchor::report_cutoff:
      return "report_cutoff";
    case Anchor::asked:
      return "asked";
    case Anchor::blocking:
      return "blocking";
  }
  return "";
}

std::string_view name_of(Answers answers) {
  switch (answers) {
    case Answers::all:
      return "all";
    case Answers::any:
      return "any";
    case Answers::lead_first:
      return "lead_first";
  }
  return "";
}

std::string_view name_of(Deliver deliver) {
  return deliver == Deliver::digest ? "digest" : "direct";
}

std::string to_string(const Audience& audience) {
  std::string text{name_of(audience.who)};
  text += audience.name;
  if (audience.relation == Audience::Relation::superior) text += ".superior";
  if (audience.relation == Audience::Relation::deputy) text += ".deputy";
  return text;
}

bool Step::is_above_leads() const {
  return std::any_of(to.begin(), to.end(), [](const Audience& audience) {
    return !audience.follows_assignments() || audience.relation != Audience::Relation::self;
  });
}

const Step* Rule::find(std::string_view step) const {
  const auto found = std::find_if(steps.begin(), steps.end(), [&](const Step& each) { return each.name == step; });
  return found == steps.end() ? nullptr : &*found;
}

const Freeze* Rulebook::freeze_on(CivilDay day) const {
  const auto found = std::find_if(freezes_.begin(), freezes_.end(),
                                  [&](const Freeze& freeze) { return freeze.from <= day && day <= freeze.to; });
  return found == freezes_.end() ? nullptr : &*found;
}

const Rule* Rulebook::find(std::string_view name) const {
  const std::size_t order = order_of(name);
  return order < current_.size() ? current_[order].get() : nullptr;
}

const Rule* Rulebook::find(std::string_view name, std::string_view version) const {
  for (const auto* rules : {&current_, &pinned_}) {
    for (const auto& rule : *rules) {
      if (rule->name == name && rule->version == version) return rule.get();
    }
  }
  return nullptr;
}

std::size_t Rulebook::order_of(std::string_view name) const {
  const auto found =
      std::find_if(current_.begin(), current_.end(), [&](const auto& rule) { return rule->name == name; });
  return static_cast<std::size_t>(found - current_.begin());
}

bool Rulebook::is_silenced_by(std::string_view silenced, std::string_view by) const {
  return std::any_of(inhibits_.begin(), inhibits_.end(),
                     [&](const Inhibit& inhibit) { return inhibit.rule == by && inhibit.silences == silenced; });
}

void Rulebook::add(RuleText text, std::vector<Rule> rules, std::vector<Inhibit> inhibits,
                   std::optional<int> limit_people, std::vector<Freeze> freezes) {
  for (auto& rule : shared(std::move(rules))) {
    assert(find(rule->name) == nullptr && "read_rule_files refuses a rule that is there twice");
    current_.push_back(std::move(rule));
  }
  inhibits_.insert(inhibits_.end(), std::make_move_iterator(inhibits.begin()), std::make_move_iterator(inhibits.end()));
  if (limit_people) limit_people_ = limit_people_ ? std::min(*limit_people_, *limit_people) : *limit_people;
  freezes_.insert(freezes_.end(), std::make_move_iterator(freezes.begin()), std::make_move_iterator(freezes.end()));
  texts_.push_back(std::move(text));
}

void Rulebook::add_budget(const Budget& budget) {
  if (!budget.messages_per_week) return;
  budget_.messages_per_week =
      std::min(*budget.messages_per_week, budget_.messages_per_week.value_or(*budget.messages_per_week));
}

void Rulebook::add_pinned(RuleText text, std::vector<Rule> rules) {
  for (auto& rule : shared(std::move(rules))) pinned_.push_back(std::move(rule));
  texts_.push_back(std::move(text));
}

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  // Fetched once: looking the algorithm up costs as much as a short text's digest.
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  const int done = EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, sha256, nullptr);
  assert(done == 1 && size == 32);
  if (done != 1) return {};
  constexpr std::string_view hex = "0123456789abcdef";
  std::string text;
  text.reserve(2 * std::size_t{size});
  for (unsigned int i = 0; i < size; ++i) {
    text += hex[digest[i] >> 4];
    text += hex[digest[i] & 15];
  }
  return text;
}

}  // namespace chaser::rulebook
