#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "store/sqlite_store.h"
#include "support/client.h"
#include "web/server.h"

namespace chaser::test {

/// The morning on which these tests take place.
inline const calendar::Instant morning = absl::FromCivil(absl::CivilSecond(2026, 12, 31, 9), absl::UTCTimeZone());

/// Both listeners over a store of their own, on ports that are free. What the pages change is done at once, one after
/// the other, on the writing store.
class Serving {
 public:
  struct Given {
    int threads = 4;
    bool has_store = true;
    bool guests_may_look = true;
    bool loop_runs = true;  // false: what is posted is never done
    chase::WorldParts world = usual_world();
    channels::LinkKeys link_keys = {};
    std::string proxy_user_header = {};
    bool on_socket = false;
    web::Meters* meters = nullptr;
    absl::Duration pages_kept = absl::ZeroDuration();
    std::function<web::CommandAnswer(const web::Command& command)> carry_out = {};
    std::function<web::CommandAnswer(const web::Command& command)> look_up = {};
    std::function<web::RuleTrial(const std::string& file, const std::string& text, calendar::CivilDay to)> try_rules =
        {};
  };
  static chase::WorldParts usual_world();

  Serving() : Serving(Given{}) {}
  explicit Serving(Given given);
  ~Serving();

  web::Server& server() const { return *server_; }
  store::Store& store() { return *store_; }
  const chase::World& world() const { return *world_; }
  /// The time that everything is told from now on.
  void set_now(calendar::Instant now);
  Client connect() const;
  Client connect_to_answers() const { return Client::tcp(server_->answers_port()); }
  /// The whole answer to these bytes; the server must close the connection well before it would give a slow client up.
  std::string answer(const std::string& request) const;
  std::string get(const std::string& path, const std::string& headers = "") const;
  /// A form sent to the staff's listener.
  std::string post(const std::string& path, const std::string& form, const std::string& headers = "") const;
  /// The same with the answers' listener.
  std::string ask_answers(const std::string& request) const;

 private:
  std::filesystem::path folder_;
  std::mutex mutex_;  // guards now_ and the writing store
  calendar::Instant now_ = morning;
  std::unique_ptr<store::Store> store_;
  std::shared_ptr<const chase::World> world_;
  std::unique_ptr<web::Server> server_;
};

int status(const std::string& answer);
std::string body(const std::string& answer);
std::string header(const std::string& answer, const std::string& name);
/// A form as a request's bytes, from its first line to its end.
std::string form_request(const std::string& path, const std::string& form, const std::string& headers = "");

}  // namespace chaser::test
