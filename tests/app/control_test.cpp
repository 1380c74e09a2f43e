#include <sys/stat.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <fstream>
#include <thread>

#include "app/control.h"
#include "app/program.h"
#include "support/catch.h"
#include "support/client.h"

using namespace chaser;
using namespace chaser::test;
using namespace std::chrono_literals;

namespace {

/// A control socket on a loop of its own that answers a line with "got: " and the line.
class Ear {
 public:
  explicit Ear(std::chrono::milliseconds patience = 10s)
      : socket_(
            io_, path(), [](const std::string& request) { return "got: " + request; }, patience),
        thread_([this] { io_.run(); }) {}
  ~Ear() {
    io_.stop();
    thread_.join();
  }
  std::string path() const { return app::control_path(folder_.file(".")); }

 private:
  Folder folder_;
  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_{io_.get_executor()};
  app::ControlSocket socket_;
  std::thread thread_;
};

}  // namespace

TEST_CASE("control: the socket is its owner's alone, from its first moment") {
  const mode_t before = ::umask(0);
  const Ear ear;
  ::umask(before);
  struct stat status{};
  REQUIRE(::stat(ear.path().c_str(), &status) == 0);
  CHECK(S_ISSOCK(status.st_mode));
  CHECK((status.st_mode & 0777) == 0600);
}

TEST_CASE("control: one line in, one line out, then it closes; without a service there is no answer") {
  const Ear ear;
  CHECK(app::ask_service(ear.path(), "hello") == "got: hello");
  const Client client = Client::unix_socket(ear.path());
  REQUIRE(client.say("one\ntwo\n"));
  CHECK(client.hear_all() == "got: one\n");
  CHECK_FALSE(app::ask_service("/nowhere/control.sock", "hello").has_value());
}

TEST_CASE("control: a socket that a dead service left is replaced, and taken away at the end") {
  const Folder folder;
  const std::string path = app::control_path(folder.file("."));
  std::ofstream(path) << "left behind";
  {
    boost::asio::io_context io;
    const app::ControlSocket socket(io, path, [](const std::string&) { return ""; });
    struct stat status{};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK(S_ISSOCK(status.st_mode));
  }
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("control: clients that say nothing hold nobody up but for their time, and then they are closed") {
  const Ear ear(300ms);
  std::vector<Client> silent;
  for (int i = 0; i < app::ControlSocket::connections_max; ++i) silent.push_back(Client::unix_socket(ear.path()));
  CHECK(silent.front().say("half a li"));
  // All places are taken: this one waits for the first that is free instead of being sent away.
  CHECK(app::ask_service(ear.path(), "hello") == "got: hello");
  for (const Client& client : silent) CHECK(client.hear_all() == "");
}

TEST_CASE("control: silent clients that are fewer than its places hold nobody up at all") {
  const Ear ear(10min);
  std::vector<Client> silent;
  for (int i = 1; i < app::ControlSocket::connections_max; ++i) silent.push_back(Client::unix_socket(ear.path()));
  CHECK(app::ask_service(ear.path(), "hello") == "got: hello");
}

TEST_CASE("control: a client that leaves early costs nobody else anything") {
  const Ear ear(10min);
  for (int i = 0; i < 5 * app::ControlSocket::connections_max; ++i) {
    Client client = Client::unix_socket(ear.path());
    if (i % 2 == 0) CHECK(client.say(i % 4 == 0 ? "a whole line\n" : "half a li"));
    client.leave();
  }
  CHECK(app::ask_service(ear.path(), "hello") == "got: hello");
}

TEST_CASE("control: a line of the greatest size is heard, one byte more is not") {
  const Ear ear(10min);
  const std::string most(app::ControlSocket::request_bytes_max - 1, 'x');  // and its line end
  const auto answer = app::ask_service(ear.path(), most);
  REQUIRE(answer.has_value());
  CHECK(answer->size() == most.size() + 5);
  const Client client = Client::unix_socket(ear.path());
  client.say(most + "xx");
  CHECK(client.hear_all() == "");
  CHECK(app::ask_service(ear.path(), "hello") == "got: hello");
}

TEST_CASE("control: who asks a service that goes away before it answers is told so") {
  const Folder folder;
  const std::string path = folder.file("control.sock");
  boost::asio::io_context io;
  boost::asio::local::stream_protocol::acceptor mute(io, path);
  std::thread going([&] { mute.accept().close(); });
  CHECK_THROWS_AS(app::ask_service(path, "hello"), std::system_error);
  going.join();
}

TEST_CASE("control: a path longer than a socket's name may be is refused by the service and means nobody to others") {
  const Folder folder;
  const std::string path = folder.file(std::string(120, 'd')) + "/control.sock";
  boost::asio::io_context io;
  CHECK_FALSE(app::ask_service(path, "hello").has_value());
  try {
    const app::ControlSocket socket(io, path, [](const std::string&) { return ""; });
    FAIL("it was opened");
  } catch (const std::system_error& failure) {
    CHECK(std::string(failure.what()).find("shorter name") != std::string::npos);
  }
}
