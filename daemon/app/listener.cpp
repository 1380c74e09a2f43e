#include "app/listener.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <exception>
#include <set>
#include <utility>

namespace chaser::app {

namespace {

using channels::ReturnedKind;
using store::Returned;

bool is_word_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' || c == '_' || c == '/';
}

/// "2.1" in "about 2.1, it is done", not in "12.10" nor "2.1.3"; a full stop may end the sentence.
bool names(std::string_view text, std::string_view id) {
  if (id.empty()) return false;
  for (std::size_t at = text.find(id); at != std::string_view::npos; at = text.find(id, at + 1)) {
    const std::size_t end = at + id.size();
    const bool begins = at == 0 || !is_word_character(text[at - 1]);
    const bool stops =
        end < text.size() && text[end] == '.' && (end + 1 == text.size() || !is_word_character(text[end + 1]));
    if (begins && (end == text.size() || stops || !is_word_character(text[end]))) return true;
  }
  return false;
}

/// Who has this address: of several the first in the directory, so that it does not change from day to day.
std::string party_of(const std::string& address, const chase::World& world) {
  for (const chase::Person& person : world.persons()) {
    const std::string& own = person.contact.email;
    const bool same =
        own.size() == address.size() && std::equal(own.begin(), own.end(), address.begin(), [](char a, char b) {
          return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
        });
    if (same) return person.id;
  }
  return "";
}

}  // namespace

std::vector<std::int64_t> answered_items(const store::OutboxMessage& sent, std::string_view subject,
                                         std::string_view words) {
  std::vector<std::int64_t> named;
  std::vector<std::int64_t> all;
  std::set<std::pair<std::string, std::string>> seen;
  for (const store::TellingItem& item : sent.items) {
    if (!seen.emplace(item.plan, item.action).second) continue;
    all.push_back(item.notification);
    // The subject of a direct message names its actions by itself; that of an answer to a digest, if somebody wrote it.
    const bool in_subject = sent.kind == chase::MessageKind::digest && names(subject, item.action);
    if (in_subject || names(words, item.action)) named.push_back(item.notification);
  }
  if (!named.empty()) return named;
  return sent.kind != chase::MessageKind::digest || all.size() == 1 ? all : std::vector<std::int64_t>{};
}

Listener::Listener(Engine& engine, std::unique_ptr<channels::Inbox> inbox, std::chrono::seconds every, Log& log,
                   Ports ports)
    : engine_(engine),
      inbox_(std::move(inbox)),
      every_(every),
      log_(log),
      ports_(std::move(ports)),
      mark_(engine.store().kept("inbox").value_or("")),
      trouble_(engine.store().kept("inbox_trouble").value_or("")) {}

Listener::~Listener() {
  begin_stop();
  if (thread_.joinable()) thread_.join();
}

void Listener::start() {
  stopped_ = false;
  thread_ = std::thread([this] { run(); });
}

void Listener::begin_stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  inbox_->interrupt();
  woken_.notify_all();
}

void Listener::run() {
  while (!stopping_) {
    bool more = false;
    std::string trouble;
    try {
      more = look_on_thread();
    } catch (const std::exception& failure) {
      trouble = failure.what();
    }
    if (!stopping_) ports_.post([this, trouble] { note_trouble(trouble); });
    if (more) continue;
    std::unique_lock lock(mutex_);
    woken_.wait_for(lock, every_, [this] { return stopping_.load(); });
  }
  stopped_ = true;
}

/// True if there are further mails.
bool Listener::look_on_thread() {
  channels::Inbox::Batch batch = inbox_->look(mark_);
  if (batch.mails.empty() && batch.mark == mark_) return batch.more;
  Mails mails;
  for (const channels::Arrived& arrived : batch.mails) mails.push_back(channels::read_returned(arrived.bytes));
  if (!take_on_loop(std::move(mails), batch.mark)) return false;
  mark_ = batch.mark;
  inbox_->settle(batch.mails);
  return batch.more;
}

/// False: it was not recorded, or the service ends; the mails stay for the next look.
bool Listener::take_on_loop(Mails mails, const std::string& mark) {
  auto answer = std::make_shared<std::promise<bool>>();
  std::future<bool> taken = answer->get_future();
  ports_.post([this, answer, mails = std::move(mails), mark] {
    try {
      take(mails, mark);
      answer->set_value(true);
    } catch (const std::exception& failure) {
      log_.error(fmt::format("recording what came back failed: {}; it is tried again", failure.what()));
      answer->set_value(false);
    }
  });
  // The loop answers unless it has ended: nobody waits for it then.
  while (taken.wait_for(std::chrono::milliseconds(200)) != std::future_status::ready) {
    if (stopping_) return false;
  }
  return taken.get();
}

void Listener::look_once() {
  bool more = true;
  try {
    while (more) {
      const channels::Inbox::Batch batch = inbox_->look(mark_);
      Mails mails;
      for (const channels::Arrived& arrived : batch.mails) mails.push_back(channels::read_returned(arrived.bytes));
      if (!mails.empty() || batch.mark != mark_) take(mails, batch.mark);
      mark_ = batch.mark;
      inbox_->settle(batch.mails);
      more = batch.more && !batch.mails.empty();
    }
    note_trouble("");
  } catch (const channels::InboxError& failure) {
    note_trouble(failure.what());
  }
}

void Listener::take(const Mails& mails, const std::string& mark) {
  std::vector<Returned> effects;
  for (const channels::ReturnedMail& mail : mails) effects.push_back(effect_of(mail));
  const std::vector<bool> taken = engine_.store().take_returned(effects, mark, engine_.world(), ports_.now());
  bool any = false;
  for (std::size_t i = 0; i < mails.size(); ++i) {
    if (taken[i]) report(mails[i], effects[i]);
    any = any || (taken[i] && effects[i].message != 0);
  }
  if (!any) return;
  engine_.store().tell_unreachable(engine_.world(), ports_.now());
  ports_.heard();
}

Returned Listener::effect_of(const channels::ReturnedMail& mail) const {
  Returned effect;
  effect.identity = mail.identity;
  std::optional<store::OutboxMessage> sent;
  for (const std::string& id : mail.speaks_of) {
    if ((sent = engine_.store().find_sent(id))) break;
  }
  if (!sent) {
    if (!mail.speaks_of.empty()) effect.kind = Returned::Kind::forged;
    return effect;
  }
  effect.message = sent->row;
  switch (mail.kind) {
    case ReturnedKind::failed:
      effect.kind = Returned::Kind::bounce;
      effect.outcome = {store::OutcomeKind::permanent, mail.reply, mail.status, mail.diagnostic, {}};
      effect.fall_back_to = ports_.other_way(*sent);
      break;
    case ReturnedKind::delayed:
      effect.kind = Returned::Kind::delayed;
      effect.outcome = {store::OutcomeKind::temporary, mail.reply, mail.status, mail.diagnostic, {}};
      break;
    case ReturnedKind::absent:
      effect.kind = Returned::Kind::absence;
      break;
    case ReturnedKind::human:
      fill_comment(mail, *sent, effect);
      break;
    case ReturnedKind::delivered:
    case ReturnedKind::notice:
      break;
  }
  return effect;
}

void Listener::fill_comment(const channels::ReturnedMail& mail, const store::OutboxMessage& sent,
                            Returned& effect) const {
  const channels::MailIdentity& identity = engine_.inputs().settings.mail;
  const bool is_own = mail.from == identity.from_address || (!mail.from.empty() && mail.from == identity.reply_address);
  if (is_own || mail.words.empty()) return;
  effect.kind = Returned::Kind::comment;
  effect.party = party_of(mail.from, engine_.world());
  if (effect.party.empty()) effect.party = sent.recipient;  // by whoever has the message
  effect.text = mail.words;
  effect.notifications = answered_items(sent, mail.subject, mail.words);
}

void Listener::report(const channels::ReturnedMail& mail, const Returned& effect) {
  const std::string what = fmt::format("mail={} message={}", store::name_of(effect.kind), effect.message);
  switch (effect.kind) {
    case Returned::Kind::bounce:
      log_.error(fmt::format("{} bounced: {} {}; {}", what, mail.reply, mail.status,
                             effect.fall_back_to.empty() ? "its recipient cannot be reached"
                                                         : "it goes by " + effect.fall_back_to + " instead"));
      return;
    case Returned::Kind::forged:
      log_.warning(what + " names a message that was never sent; it changes nothing");
      return;
    default:
      log_.info(what);
  }
}

void Listener::note_trouble(const std::string& trouble) {
  if (trouble == trouble_) return;
  trouble_ = trouble;
  engine_.store().keep("inbox_trouble", trouble);
  if (trouble.empty()) {
    log_.info("the inbox can be read again");
  } else {
    log_.error("the inbox cannot be read: " + trouble + "; tried again every so often");
  }
}

}  // namespace chaser::app
