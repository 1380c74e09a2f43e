#include "app/control.h"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <istream>
#include <system_error>

namespace chaser::app {

namespace asio = boost::asio;
using asio::local::stream_protocol;

std::string control_path(const std::string& state_directory) { return state_directory + "/control.sock"; }

struct ControlSocket::Impl : std::enable_shared_from_this<ControlSocket::Impl> {
  asio::io_context& io;
  std::string path;
  Answer answer;
  stream_protocol::acceptor acceptor;
  int connections = 0;

  struct Connection {
    explicit Connection(stream_protocol::socket given) : socket(std::move(given)), deadline(socket.get_executor()) {}
    stream_protocol::socket socket;
    asio::steady_timer deadline;
    asio::streambuf buffer{request_bytes_max};
    std::string reply;
  };

  Impl(asio::io_context& io_given, std::string path_given, Answer answer_given)
      : io(io_given), path(std::move(path_given)), answer(std::move(answer_given)), acceptor(io) {
    ::unlink(path.c_str());
    const mode_t before = ::umask(0177);  // never open to others, not even for a moment
    boost::system::error_code error;
    acceptor.open(stream_protocol());
    acceptor.bind(stream_protocol::endpoint(path), error);
    ::umask(before);
    if (error) throw std::system_error(error.value(), std::generic_category(), "opening the control socket " + path);
    acceptor.listen();
  }

  void accept() {
    acceptor.async_accept([self = shared_from_this()](boost::system::error_code error, stream_protocol::socket socket) {
      if (error) return;
      if (self->connections < connections_max) self->serve(std::make_shared<Connection>(std::move(socket)));
      self->accept();
    });
  }

  void serve(const std::shared_ptr<Connection>& connection) {
    ++connections;
    connection->deadline.expires_after(std::chrono::seconds(10));
    connection->deadline.async_wait([connection](boost::system::error_code error) {
      if (!error) connection->socket.close();
    });
    asio::async_read_until(connection->socket, connection->buffer, '\n',
                           [self = shared_from_this(), connection](boost::system::error_code error, std::size_t) {
                             if (error) return self->end(connection);
                             std::istream in(&connection->buffer);
                             std::string request;
                             std::getline(in, request);
                             connection->reply = self->answer(request) + "\n";
                             asio::async_write(connection->socket, asio::buffer(connection->reply),
                                               [self, connection](boost::system::error_code, std::size_t) {
                                                 self->end(connection);
                                               });
                           });
  }

  void end(const std::shared_ptr<Connection>& connection) {
    connection->deadline.cancel();
    boost::system::error_code ignored;
    connection->socket.close(ignored);
    --connections;
  }
};

ControlSocket::ControlSocket(asio::io_context& io, const std::string& path, Answer answer)
    : impl_(std::make_shared<Impl>(io, path, std::move(answer))) {
  impl_->accept();
}

ControlSocket::~ControlSocket() { close(); }

void ControlSocket::close() {
  boost::system::error_code ignored;
  if (!impl_->acceptor.is_open()) return;
  impl_->acceptor.close(ignored);
  ::unlink(impl_->path.c_str());
}

std::optional<std::string> ask_service(const std::string& path, const std::string& request) {
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
