#include "web/serving.h"

#include <unistd.h>

#include "support/catch.h"

namespace chaser::test {

using namespace std::chrono_literals;

chase::WorldParts Serving::usual_world() {
  chase::WorldParts parts;
  parts.zones["Europe/London"] = absl::UTCTimeZone();
  parts.plans.push_back({"plan", "Plan", "Europe/London"});
  return parts;
}

Serving::Serving(Given given) {
  std::string name = (std::filesystem::temp_directory_path() / "chaser-web-XXXXXX").string();
  REQUIRE(::mkdtemp(name.data()) != nullptr);
  folder_ = name;
  if (given.has_store) store_ = store::open_sqlite(name, {store::OpenMode::write, false});
  world_ = std::make_shared<const chase::World>(std::move(given.world));
  web::ServerSettings settings;
  settings.staff = web::ListenAt{"127.0.0.1", 0, given.on_socket ? name + "/staff.sock" : ""};
  settings.answers = web::ListenAt{"127.0.0.1", 0, ""};
  settings.threads = given.threads;
  settings.site.state_directory = name;
  settings.site.public_url = given.link_keys.empty() ? "" : "https://chaser.example";
  settings.site.link_keys = given.link_keys;
  settings.site.access.guests_may_look = given.guests_may_look;
  settings.site.access.proxy_user_header = given.proxy_user_header;
  settings.site.access.proxy_roles["ben"] = web::Role::coordinator;
  settings.site.pages_kept = given.pages_kept;
  web::Doors doors;
  doors.meters = given.meters;
  doors.carry_out = std::move(given.carry_out);
  doors.look_up = std::move(given.look_up);
  doors.try_rules = [trial = std::move(given.try_rules)](const std::string& file, const std::string& text,
                                                         calendar::Instant,
                                                         calendar::CivilDay to) { return trial(file, text, to); };
  doors.now = [this] {
    const std::lock_guard lock(mutex_);
    return now_;
  };
  doors.post = [this, runs = given.loop_runs](web::Work work) {
    if (!runs) return;
    const std::lock_guard lock(mutex_);
    work(*store_, *world_, now_);
  };
  doors.brakes = [](store::Store&, const chase::World&, calendar::Instant) { return chase::Brakes{}; };
  server_ = std::make_unique<web::Server>(std::move(settings), std::move(doors), world_);
}

Serving::~Serving() {
  server_.reset();
  store_.reset();
  std::filesystem::remove_all(folder_);
}

void Serving::set_now(calendar::Instant now) {
  const std::lock_guard lock(mutex_);
  now_ = now;
}

Client Serving::connect() const {
  if (server_->port() == 0) return Client::unix_socket((folder_ / "staff.sock").string());
  return Client::tcp(server_->port());
}

std::string Serving::answer(const std::string& request) const {
  const Client client = connect();
  client.say(request);  // it may be refused before it has been said whole
  const auto heard = client.hear_all(3s);
  INFO(request.substr(0, 200));
  REQUIRE(heard.has_value());
  return *heard;
}

std::string Serving::get(const std::string& path, const std::string& headers) const {
  return answer("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n");
}

std::string Serving::post(const std::string& path, const std::string& form, const std::string& headers) const {
  return answer(form_request(path, form, headers));
}

std::string Serving::ask_answers(const std::string& request) const {
  const Client client = connect_to_answers();
  client.say(request);
  const auto heard = client.hear_all(3s);
  INFO(request.substr(0, 200));
  REQUIRE(heard.has_value());
  return *heard;
}

int status(const std::string& answer) {
  REQUIRE(answer.starts_with("HTTP/1.1 "));
  return std::stoi(answer.substr(9, 3));
}

std::string body(const std::string& answer) {
  const std::size_t end = answer.find("\r\n\r\n");
  REQUIRE(end != std::string::npos);
  return answer.substr(end + 4);
}

std::string header(const std::string& answer, const std::string& name) {
  const std::size_t at = answer.find("\r\n" + name + ": ");
  if (at == std::string::npos || at > answer.find("\r\n\r\n")) return "";
  const std::size_t begin = at + name.size() + 4;
  return answer.substr(begin, answer.find("\r\n", begin) - begin);
}

std::string form_request(const std::string& path, const std::string& form, const std::string& headers) {
  return "POST " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers +
         "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: " + std::to_string(form.size()) +
         "\r\n\r\n" + form;
}

}  // namespace chaser::test
