#include "app/service.h"

#include <fmt/format.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <set>
#include <system_error>

#include "app/control.h"
#include "app/dispatch.h"
#include "app/listener.h"
#include "app/reporting.h"
#include "app/self_report.h"
#include "app/web_doors.h"
#include "app/writing.h"
#include "channels/channels.h"
#include "web/server.h"

namespace chaser::app {

namespace asio = boost::asio;

std::vector<std::unique_ptr<channels::Channel>> make_channels(const Settings& settings, const Clock& clock) {
  std::vector<std::unique_ptr<channels::Channel>> made;
  const auto folder = [&](const std::string& name) { return resolve_path(settings.state_directory, name); };
  if (settings.email && settings.email->type == EmailChannel::Type::smtp) {
    channels::SmtpSettings smtp = settings.email->smtp;
    if (smtp.envelope_from.empty()) smtp.envelope_from = settings.mail.from_address;
    made.push_back(channels::make_smtp(std::move(smtp), [&clock] { return clock.now(); }));
  } else if (settings.email) {
    made.push_back(channels::make_maildir("email", folder(settings.email->folder)));
  }
  if (settings.teams) {
    made.push_back(settings.teams->type == TeamsChannel::Type::workflows
                       ? channels::make_teams(settings.teams->workflows)
                       : channels::make_folder("teams", folder(settings.teams->folder)));
  }
  return made;
}

std::vector<chase::Telling> upcoming(store::Store& store, const chase::World& world, Instant now, std::size_t most,
                                     std::size_t actions_max) {
  if (store.status().actions > actions_max) return {};
  chase::Rehearsal rehearsal(world, now);
  store.each_action(world, [&](store::LoadedAction&& action) { rehearsal.add(std::move(action.state)); });
  const Instant horizon = now + absl::Hours(24 * 366 * 3);
  std::set<Instant> instants;
  std::size_t seen = 0;
  while (instants.size() <= most) {
    const auto next = rehearsal.next_event();
    if (!next || *next > horizon) break;
    rehearsal.run_until(std::max(*next, rehearsal.now()));
    for (; seen < rehearsal.tellings().size(); ++seen) instants.insert(rehearsal.tellings()[seen].at);
  }
  std::vector<chase::Telling> tellings;
  std::set<Instant> kept;
  for (const chase::Telling& told : rehearsal.tellings()) {
    kept.insert(told.at);
    if (kept.size() > most) break;
    tellings.push_back(told);
  }
  return tellings;
}

namespace {

/// Wakes at a time of the wall clock, and at once when that clock is set.
class WallTimer {
 public:
  explicit WallTimer(asio::io_context& io)
      : descriptor_(io, ::timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC)) {
    if (descriptor_.native_handle() < 0) throw std::system_error(errno, std::generic_category(), "creating a timer");
  }

  void arm(std::optional<Instant> at) {
    // Without anything to wait for, only a set clock wakes it.
    const Instant until = at.value_or(absl::FromUnixSeconds(4'102'444'800));
    const timespec time = absl::ToTimespec(std::max(until, absl::UnixEpoch() + absl::Seconds(1)));
    const itimerspec spec{{}, time};
    ::timerfd_settime(descriptor_.native_handle(), TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &spec, nullptr);
  }

  template <typename Handler>
  void wait(Handler handler) {
    descriptor_.async_wait(asio::posix::stream_descriptor::wait_read, [this, handler](boost::system::error_code error) {
      if (error) return;
      std::uint64_t expirations = 0;
      [[maybe_unused]] const auto size = ::read(descriptor_.native_handle(), &expirations, sizeof expirations);
      handler();
    });
  }
  void cancel() { descriptor_.cancel(); }

 private:
  asio::posix::stream_descriptor descriptor_;
};

/// A held clock is looked at this often, so that sending goes on when it is right again.
constexpr absl::Duration clock_recheck = absl::Minutes(1);
/// After a failure of the environment the next try.
constexpr absl::Duration failure_pause = absl::Seconds(30);

}  // namespace

struct Service::Impl {
  Engine& engine;
  const Clock& clock;
  Log& log;
  Reload reload;
  ServiceManager manager;
  web::Meters meters;
  asio::io_context io;
  asio::executor_work_guard<asio::io_context::executor_type> guard{io.get_executor()};
  Dispatch dispatch;
  SelfReport self_report;
  Instant up_since;
  PassCounts pass;
  Instant pass_began;
  bool cycle_posted = false;
  bool stopping = false;
  std::unique_ptr<ClockGuard> clock_guard;
  std::unique_ptr<WallTimer> timer;
  std::unique_ptr<asio::steady_timer> watchdog;
  std::unique_ptr<asio::signal_set> signals;
  std::unique_ptr<ControlSocket> control;
  std::unique_ptr<Listener> listener;
  std::unique_ptr<web::Server> web;
  std::function<void(const PassCounts&)> started;
  PassCounts first_passes;  // until `started` is told of them
  std::optional<calendar::CivilDay> head_noted_on;
  std::string alarm;  // which files are broken; it stays in the status until a reload finds them well

  Impl(Engine& engine_given, const Clock& clock_given, Log& log_given, Reload reload_given)
      : engine(engine_given),
        clock(clock_given),
        log(log_given),
        reload(std::move(reload_given)),
        dispatch(
            engine, make_channels(engine.inputs().settings, clock), log,
            [this](std::function<void()> work) { asio::post(io, std::move(work)); }, [this] { return clock.now(); },
            [this] { post_cycle(); },
            [this](std::string_view channel, std::string_view outcome) { meters.note_attempt(channel, outcome); },
            channels::Carriage::by_threads,
            [this](std::chrono::milliseconds delay, std::function<void()> work) {
              post_later(delay, std::move(work));
            }),
        self_report(engine, log),
        up_since(clock.now()) {}

  /// Nothing if the settings name no inbox: then nothing ever wakes for one.
  std::unique_ptr<Listener> make_listener() {
    const auto& inbox = engine.inputs().settings.inbox;
    if (!inbox) return nullptr;
    Listener::Ports ports;
    ports.post = [this](std::function<void()> work) { asio::post(io, std::move(work)); };
    ports.now = [this] { return clock.now(); };
    ports.other_way = [this](const store::OutboxMessage& message) { return dispatch.other_way(message); };
    ports.heard = [this] { post_cycle(); };
    return std::make_unique<Listener>(engine, channels::make_inbox(*inbox, [this] { return clock.now(); }),
                                      inbox->every, log, std::move(ports));
  }

  /// From any thread, to the loop's.
  void post_later(std::chrono::milliseconds delay, std::function<void()> work) {
    auto delayed = std::make_shared<asio::steady_timer>(io, delay);
    delayed->async_wait([delayed, work = std::move(work)](boost::system::error_code error) {
      if (!error) work();
    });
  }

  bool is_clock_held() const { return clock_guard && clock_guard->is_held(); }

  // --- a pass
  // ---------------------------------------------------------------------------------------------------------

  /// Decides a slice; composes when nothing is to be decided. True if anything was done.
  bool decide_and_compose(const chase::Brakes& brakes, Instant now) {
    const chase::Look look{now, up_since};
    const PassCounts decided = decide_some(engine.store(), engine.world(), look);
    pass += decided;
    if (decided.looked > 0) return true;
    return compose_some(engine.store(), engine.world(), brakes, look, pass);
  }

  PassCounts once() {
    const Instant now = clock.now();
    dispatch.recover(now);
    if (const auto once_listener = make_listener()) once_listener->look_once();
    bool posted = true;
    while (posted || dispatch.in_flight() > 0) {
      chase::Brakes brakes = brakes_of(engine.store(), engine.world(), false, now);
      posted = decide_and_compose(brakes, now);
      if (posted) continue;
      posted = dispatch.pump(brakes, now);
      if (dispatch.has_unrecorded())
        throw store::StoreError(store::StoreFault::unavailable, "recording what was delivered");
      if (dispatch.in_flight() == 0) continue;
      io.run_one();
      posted = true;
    }
    pass.sent = dispatch.take_counts().accepted;
    return std::exchange(pass, {});
  }

  // --- the loop
  // -------------------------------------------------------------------------------------------------------

  void post_cycle() {
    if (!timer || cycle_posted || stopping) return;  // without a timer it is one pass, which goes on by itself
    cycle_posted = true;
    asio::post(io, [this] { cycle(); });
  }

  void observe_clock() {
    if (clock.is_scripted() || !clock_guard) return;
    switch (clock_guard->observe({clock.now(), clock.since_boot(), clock_is_synchronised()})) {
      case ClockGuard::Judgement::held:
        log.error("sending is held: " + clock_guard->reason() + "; if the time is right, run \"chaser release clock\"");
        engine.store().keep("clock_held", "yes");
        break;
      case ClockGuard::Judgement::let_go:
        log.warning("the clock is right again: sending goes on");
        engine.store().keep("clock_held", "");
        break;
      case ClockGuard::Judgement::stepped:
        log.warning("the clock was set; what is due is planned anew");
        break;
      case ClockGuard::Judgement::steady:
        break;
    }
  }

  void cycle() {
    cycle_posted = false;
    if (stopping) return;
    try {
      work();
    } catch (const std::exception& failure) {
      log.error(
          fmt::format("a pass failed: {}; tried again in {}", failure.what(), absl::FormatDuration(failure_pause)));
      timer->arm(clock.now() + failure_pause);
    }
    manager.alive();
  }

  void work() {
    const Instant now = clock.now();
    observe_clock();
    if (is_clock_held() && engine.store().is_released("clock", "")) {
      clock_guard->release({now, clock.since_boot(), clock_is_synchronised()});
      engine.store().forget_release("clock", "", now);
      engine.store().keep("clock_held", "");
    }
    if (dispatch.has_unrecorded()) dispatch.record_again();
    if (pass.looked == 0 && pass.messages == 0) pass_began = now;
    const chase::Brakes brakes = brakes_of(engine.store(), engine.world(), is_clock_held(), now);
    const bool more = decide_and_compose(brakes, now);
    // Messages go as soon as they are composed; the next slice follows them.
    const bool pumped = !more && dispatch.pump(brakes, now);
    if (more || pumped) return post_cycle();
    finish_pass(brakes, now);
  }

  void finish_pass(const chase::Brakes& brakes, Instant now) {
    dispatch.beat(brakes, now);
    const DispatchCounts delivered = dispatch.take_counts();
    self_report.look(now, delivered.failed > 0);
    const std::optional<Instant> next = next_event(brakes, now);
    meters.note_tick(now);
    if (pass.looked > 0 || pass.messages > 0) {
      meters.note_pass({pass.looked, pass.notified, pass.held, pass.failed, pass.messages, clock.now() - pass_began});
      log.info(fmt::format("pass done actions={} notified={} held={} failed={} messages={} took={}ms next={}",
                           pass.looked, pass.notified, pass.held, pass.failed, pass.messages,
                           absl::ToInt64Milliseconds(clock.now() - pass_began),
                           next ? calendar::rfc3339(*next, absl::UTCTimeZone()) : "none"));
    }
    note_log_head(now);
    if (pass.failed > 0) log.error("some actions could not be decided; they are held for an hour: see \"chaser log\"");
    if (web && (pass.looked > 0 || pass.messages > 0)) web->note_change();
    if (started) {
      first_passes += std::exchange(pass, {});
      first_passes.sent += delivered.accepted;
    }
    pass = {};
    timer->arm(next);
    const std::string event = next ? "next event " + calendar::rfc3339(*next, absl::UTCTimeZone()) : "nothing is due";
    std::string standing = event;
    for (const std::string& trouble : {self_report.words(), alarm}) {
      if (!trouble.empty()) standing = trouble + "; " + standing;
    }
    manager.status(standing);
    if (started && dispatch.in_flight() == 0) std::exchange(started, nullptr)(first_passes);
  }

  /// Once a day, in a place that who changes the database cannot change.
  void note_log_head(Instant now) {
    const calendar::CivilDay today = calendar::day_of(now, absl::UTCTimeZone());
    if (head_noted_on == today) return;
    head_noted_on = today;
    const store::LogHead head = engine.store().log_head();
    log.info(fmt::format("log events={} head={}", head.events, head.hash));
  }

  std::optional<Instant> next_event(const chase::Brakes& brakes, Instant now) {
    std::optional<Instant> next;
    for (const auto& at : {engine.store().next_look(), engine.store().next_compose(), engine.store().next_retry()}) {
      if (at && (!next || *at < *next)) next = at;
    }
    // What is due and yet waits (all sessions busy, the clock held) must not spin: outcomes wake the loop themselves.
    if (next && *next <= now) {
      next = std::min(now + clock_recheck, dispatch.next_opening(now).value_or(absl::InfiniteFuture()));
    }
    for (const auto& at : {dispatch.next_beat(brakes, now), self_report.next()}) {
      if (at && (!next || *at < *next)) next = std::max(*at, now + absl::Seconds(1));
    }
    if (is_clock_held()) next = std::min(next.value_or(absl::InfiniteFuture()), now + clock_recheck);
    return next;
  }

  void wait_for_time() {
    timer->wait([this] {
      post_cycle();
      if (!stopping) wait_for_time();
    });
  }

  void feed_watchdog() {
    const auto interval = manager.watchdog_interval();
    if (!interval) return;
    if (!watchdog) watchdog = std::make_unique<asio::steady_timer>(io);
    watchdog->expires_after(*interval / 2);
    watchdog->async_wait([this](boost::system::error_code error) {
      if (error) return;
      // The loop turns; that what is due has been looked at shows that it also gets somewhere.
      const auto next = engine.store().next_look();
      if (!next || *next > clock.now() - absl::Minutes(10)) manager.alive();
      feed_watchdog();
    });
  }

  void wait_for_signals() {
    signals->async_wait([this](boost::system::error_code error, int signal) {
      if (error) return;
      if (signal == SIGHUP) {
        try {
          take_reload();
        } catch (const std::exception& failure) {
          log.error(fmt::format("reloading failed: {}", failure.what()));
          manager.ready("reloading failed; see the log");
        }
        wait_for_signals();
      } else {
        stop();
      }
    });
  }

  void take_reload() {
    manager.reloading();
    documents::Problems problems;
    Reloaded reloaded = reload(engine.inputs(), problems);
    for (const documents::Problem& problem : problems.sorted()) {
      if (problem.severity == documents::Severity::error) log.error(documents::describe(problem));
    }
    alarm = alarm_of(reloaded);
    if (!alarm.empty()) log.error(alarm);
    engine.store().keep("alarm", alarm);
    meters.note_reload(!reloaded.inputs ? web::ReloadResult::refused
                       : alarm.empty()  ? web::ReloadResult::taken
                                        : web::ReloadResult::partly,
                       clock.now());
    if (reloaded.inputs) {
      documents::Problems taking;
      const Engine::Taken taken = engine.take(std::move(*reloaded.inputs), clock.now(), taking);
      for (const documents::Problem& problem : taking.sorted()) {
        if (problem.severity == documents::Severity::error) log.error(documents::describe(problem));
      }
      log.info(taken.looked_anew ? "reloaded: something changed, every action is looked at anew"
                                 : "reloaded: nothing changed");
      if (web) web->set_world(engine.shared_world());
    }
    manager.ready(alarm.empty() ? "reloaded" : alarm);
    post_cycle();
  }

  /// Takes no more and lets what is under way end; then the loop ends.
  void stop() {
    if (stopping) return;
    stopping = true;
    log.info("stopping: what is under way is finished");
    manager.stopping();
    dispatch.begin_stop();
    if (listener) listener->begin_stop();
    if (control) control->close();
    drain();
  }

  void drain() {
    if (dispatch.has_stopped() && (!listener || listener->has_stopped())) {
      timer->cancel();
      if (watchdog) watchdog->cancel();
      signals->cancel();
      guard.reset();
      io.stop();
      return;
    }
    auto again = std::make_shared<asio::steady_timer>(io, std::chrono::milliseconds(20));
    again->async_wait([this, again](boost::system::error_code) { drain(); });
  }

  void open_web(const Settings& settings) {
    web::Doors doors = web_doors(
        engine, [this] { return clock.now(); }, [this](std::function<void()> work) { asio::post(io, std::move(work)); },
        [this] {
          if (web) web->note_change();
          post_cycle();
        });
    doors.meters = &meters;
    web = std::make_unique<web::Server>(web_settings(settings), std::move(doors), engine.shared_world());
  }

  void run() {
    const Settings& settings = engine.inputs().settings;
    clock_guard =
        std::make_unique<ClockGuard>(ClockGuard::Reading{clock.now(), clock.since_boot(), clock_is_synchronised()},
                                     engine.store().clock_high_water(), engine.store().kept("clock_held") == "yes");
    if (clock_guard->is_held()) log.error("sending is held: " + clock_guard->reason());
    timer = std::make_unique<WallTimer>(io);
    signals = std::make_unique<asio::signal_set>(io, SIGTERM, SIGINT, SIGHUP);
    control =
        std::make_unique<ControlSocket>(io, control_path(settings.state_directory), [this](const std::string& request) {
          const std::string answer = answer_request(engine, request, clock.now());
          post_cycle();
          return answer;
        });
    alarm = engine.store().kept("alarm").value_or("");
    meters.note_start(alarm.empty(), clock.now());
    if (settings.http) open_web(settings);
    dispatch.recover(clock.now());
    wait_for_signals();
    wait_for_time();
    feed_watchdog();
    post_cycle();
    listener = make_listener();
    if (listener) listener->start();
    manager.ready("started");
    if (web) web->set_ready(true);
    io.run();
    listener.reset();
    web.reset();
  }
};

Service::Service(Engine& engine, const Clock& clock, Log& log, Reload reload)
    : impl_(std::make_unique<Impl>(engine, clock, log, std::move(reload))) {}
Service::~Service() = default;

PassCounts Service::once() {
  return impl_->once();
}

void Service::run(const std::function<void(const PassCounts&)>& started) {
  impl_->started = started;
  impl_->run();
}

}  // namespace chaser::app
