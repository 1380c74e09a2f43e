#include "app/control.h"

#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <istream>
#include <system_error>

namespace chaser::app {

namespace asio = boost::asio;
using asio::local::stream_protocol;

namespace {

/// Accepting has failed, such as for want of descriptors: the next try.
constexpr std::chrono::seconds accept_pause(1);

bool is_too_long(const std::string& path) {
  return path.size() >= sizeof(sockaddr_un::sun_path);
}

}  // namespace

std::string control_path(const std::string& state_directory) {
  return state_directory + "/control.sock";
}

struct ControlSocket::Impl : std::enable_shared_from_this<ControlSocket::Impl> {
  asio::io_context& io;
  std::string path;
  Answer answer;
  std::chrono::milliseconds patience;
  stream_protocol::acceptor acceptor;
  asio::steady_timer pause;
  int connections = 0;
  bool is_accepting = false;

  struct Connection {
    explicit Connection(stream_protocol::socket given) : socket(std::move(given)), deadline(socket.get_executor()) {}
    stream_protocol::socket socket;
    asio::steady_timer deadline;
    asio::streambuf buffer{request_bytes_max};
    std::string reply;
  };

  Impl(asio::io_context& io_given, std::string path_given, Answer answer_given,
       std::chrono::milliseconds patience_given)
      : io(io_given),
        path(std::move(path_given)),
        answer(std::move(answer_given)),
        patience(patience_given),
        acceptor(io),
        pause(io) {
    if (is_too_long(path)) {
      throw std::system_error(ENAMETOOLONG, std::generic_category(),
                              "opening the control socket " + path + " (choose a state directory with a shorter name)");
    }
    ::unlink(path.c_str());
    const mode_t before = ::umask(0177);  // never open to others, not even for a moment
    boost::system::error_code error;
    acceptor.open(stream_protocol());
    acceptor.bind(stream_protocol::endpoint(path), error);
    ::umask(before);
    if (error) throw std::system_error(error.value(), std::generic_category(), "opening the control socket " + path);
    acceptor.listen();
  }

  /// Whoever comes when all places are taken waits in the queue of the system until one is free.
  void accept() {
    if (is_accepting || connections >= connections_max || !acceptor.is_open()) return;
    is_accepting = true;
    acceptor.async_accept([self = shared_from_this()](boost::system::error_code error, stream_protocol::socket socket) {
      self->is_accepting = false;
      if (error == asio::error::operation_aborted) return;
      if (error) return self->accept_later();
      self->serve(std::make_shared<Connection>(std::move(socket)));
      self->accept();
    });
  }

  void accept_later() {
    pause.expires_after(accept_pause);
    pause.async_wait([self = shared_from_this()](boost::system::error_code error) {
      if (!error) self->accept();
    });
  }

  void serve(const std::shared_ptr<Connection>& connection) {
    ++connections;
    connection->deadline.expires_after(patience);
    connection->deadline.async_wait([connection](boost::system::error_code error) {
      boost::system::error_code ignored;
      if (!error) connection->socket.close(ignored);
    });
    asio::async_read_until(connection->socket, connection->buffer, '\n',
                           [self = shared_from_this(), connection](boost::system::error_code error, std::size_t) {
                             if (error) return self->end(connection);
                             std::istream in(&connection->buffer);
                             std::string request;
                             std::getline(in, request);
                             connection->reply = self->answer(request) + "\n";
                             asio::async_write(
                                 connection->socket, asio::buffer(connection->reply),
                                 [self, connection](boost::system::error_code, std::size_t) { self->end(connection); });
                           });
  }

  void end(const std::shared_ptr<Connection>& connection) {
    connection->deadline.cancel();
    boost::system::error_code ignored;
    connection->socket.close(ignored);
    --connections;
    accept();
  }
};

ControlSocket::ControlSocket(asio::io_context& io, const std::string& path, Answer answer,
                             std::chrono::milliseconds patience)
    : impl_(std::make_shared<Impl>(io, path, std::move(answer), patience)) {
  impl_->accept();
}

ControlSocket::~ControlSocket() {
  close();
}

void ControlSocket::close() {
  boost::system::error_code ignored;
  if (!impl_->acceptor.is_open()) return;
  impl_->acceptor.close(ignored);
  impl_->pause.cancel();
  ::unlink(impl_->path.c_str());
}

std::optional<std::string> ask_service(const std::string& path, const std::string& request) {
  if (is_too_long(path)) return std::nullopt;  // so nobody listens there
  asio::io_context io;
  stream_protocol::socket socket(io);
  boost::system::error_code error;
  socket.connect(stream_protocol::endpoint(path), error);
  if (error) return std::nullopt;
  asio::write(socket, asio::buffer(request + "\n"), error);
  asio::streambuf buffer;
  if (!error) asio::read_until(socket, buffer, '\n', error);
  if (error) throw std::system_error(error.value(), std::generic_category(), "asking the service at " + path);
  std::istream in(&buffer);
  std::string answer;
  std::getline(in, answer);
  return answer;
}

}  // namespace chaser::app
