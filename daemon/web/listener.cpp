#include "web/listener.h"

#include <stdexcept>
#include <thread>

#include "web/http_server.h"

namespace chaser::web {
namespace {

using Handled = httplib::Server::HandlerResponse;

/// For pages without any script: styles of our own, forms to ourselves, nothing from elsewhere, in nobody's frame.
constexpr const char* policy =
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

void guard(httplib::Response& out) {
  if (out.has_header("X-Content-Type-Options")) return;
  out.set_header("X-Content-Type-Options", "nosniff");
  if (!out.has_header("Content-Security-Policy")) out.set_header("Content-Security-Policy", policy);
  if (!out.has_header("Cache-Control")) out.set_header("Cache-Control", "no-store");
  out.set_header("Referrer-Policy", "same-origin");
  out.set_header("X-Robots-Tag", "noindex");
  out.set_header("X-Frame-Options", "DENY");
  out.set_header("Cross-Origin-Opener-Policy", "same-origin");
  out.set_header("Cross-Origin-Resource-Policy", "same-origin");
}

void give(Response answer, httplib::Response& out) {
  out.status = answer.status;
  for (auto& [name, value] : answer.headers) {
    if (value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos) out.set_header(name, value);
  }
  if (answer.take_over) {
    // To httplib it is a body that breaks off at once; it closes its own descriptor and forgets the client.
    out.set_chunked_content_provider(answer.type,
                                     [take = std::move(answer.take_over)](std::size_t, httplib::DataSink&) {
                                       take(HttpServer::share_connection());
                                       return false;
                                     });
  } else if (answer.stream) {
    out.set_chunked_content_provider(
        answer.type, [stream = std::move(answer.stream)](std::size_t, httplib::DataSink& sink) {
          const auto send = [&](std::string_view bytes) { return sink.write(bytes.data(), bytes.size()); };
          if (!stream(send)) sink.done();
          return true;
        });
  } else if (answer.status != 304) {
    out.set_content(std::move(answer.body), answer.type);
  }
  guard(out);
}

/// The head as a Request: the path undecoded, as the router wants it.
Request head_of(const httplib::Request& in) {
  Request request;
  request.method = in.method;
  request.path = in.target.substr(0, in.target.find_first_of("?#"));
  for (const auto& [name, value] : in.headers) request.headers.emplace(name, value);
  request.client = request.header("X-Real-IP");
  if (request.client.empty() || request.client.size() > 64) request.client = "local";
  return request;
}

bool is_form(const Request& request) {
  return request.header("Content-Type").starts_with("application/x-www-form-urlencoded");
}

/// Reads the body, whose length is known and allowed. False: it is not what it says, or did not come.
bool read_body(const httplib::Request& in, const httplib::ContentReader& read, Request& request) {
  if (!in.is_multipart_form_data()) {
    if (!read([&](const char* bytes, std::size_t size) {
          request.body.append(bytes, size);
          return true;
        })) {
      return false;
    }
    if (!is_form(request)) return true;
    auto fields = parse_fields(request.body);
    if (fields) request.form = *std::move(fields);
    return fields.has_value();
  }
  std::vector<Upload> parts;
  const bool whole = read(
      [&](const httplib::MultipartFormData& part) {
        parts.push_back({part.name, part.filename, ""});
        return parts.size() <= fields_max;
      },
      [&](const char* bytes, std::size_t size) {
        parts.back().content.append(bytes, size);
        return true;
      });
  for (Upload& part : parts) {
    if (part.file_name.empty()) {
      request.form.emplace_back(std::move(part.field), std::move(part.content));
    } else {
      request.uploads.push_back(std::move(part));
    }
  }
  return whole;
}

}  // namespace

struct Listener::Impl {
  Impl(const ListenAt& given, Front& front_given)
      : at(given),
        front(front_given),
        http(HttpLimits{.threads = front.threads(), .body_bytes_max = static_cast<std::size_t>(front.body_max())}) {}

  const ListenAt at;
  Front& front;
  HttpServer http;
  int port = 0;
  std::thread thread;

  void route() {
    http.set_payload_max_length(static_cast<std::size_t>(front.body_max()));
    http.set_pre_routing_handler([this](const auto& in, auto& out) { return let_in(in, out); });
    const auto take = [this](const httplib::Request& in, httplib::Response& out, const httplib::ContentReader& read) {
      Request request = head_of(in);
      if (!read_body(in, read, request)) return give(front.explain(400), out);
      finish(in, std::move(request), out);
    };
    // Anything, line ends included: the router decides.
    constexpr const char* everything = R"([\s\S]*)";
    http.Post(everything, take);
    http.Put(everything, take);
    http.Patch(everything, take);
    http.Delete(everything, take);
    http.set_error_handler([this](const httplib::Request&, httplib::Response& out) {
      if (out.body.empty() && out.status != 304) give(front.explain(out.status), out);
      guard(out);
    });
    http.set_exception_handler(
        [this](const httplib::Request&, httplib::Response& out, std::exception_ptr) { give(front.explain(500), out); });
  }

  /// Before a byte of a body is read. A refused body is never read: the connection ends with the answer.
  Handled let_in(const httplib::Request& in, httplib::Response& out) {
    Request head = head_of(in);
    const bool is_reading = in.method == "GET" || in.method == "HEAD";
    const std::string written = in.get_header_value("Content-Length");
    const bool is_number =
        !written.empty() && written.size() < 19 && written.find_first_not_of("0123456789") == std::string::npos;
    const std::uint64_t length = is_number ? in.get_header_value<std::uint64_t>("Content-Length") : 0;
    std::optional<Response> answer = front.refuse(head, length);
    if (!answer && in.has_header("Transfer-Encoding")) answer = front.explain(is_reading ? 413 : 411);
    if (!answer && in.has_header("Content-Encoding")) answer = front.explain(400);
    if (!answer && is_reading && in.has_header("Content-Length") && written != "0") answer = front.explain(413);
    if (!answer && !is_reading && !is_number) answer = front.explain(written.empty() ? 411 : 400);
    if (answer) {
      give(*std::move(answer), out);
      return Handled::Handled;
    }
    if (!is_reading) return Handled::Unhandled;
    finish(in, std::move(head), out);
    return Handled::Handled;
  }

  void finish(const httplib::Request& in, Request request, httplib::Response& out) {
    const std::size_t mark = in.target.find('?');
    if (mark != std::string::npos) {
      auto query = parse_fields(std::string_view(in.target).substr(mark + 1));
      if (!query) return give(front.explain(400), out);
      request.query = *std::move(query);
    }
    give(front.answer(std::move(request)), out);
  }

  void bind() {
    if (!at.socket.empty()) return http.bind_to_unix_socket(at.socket);
    if (at.port == 0) {
      port = http.bind_to_any_port(at.address);
    } else {
      port = http.bind_to_port(at.address, at.port) ? at.port : -1;
    }
    if (port >= 0) return http.let_more_wait();
    throw std::runtime_error("listening on " + at.address + ":" + std::to_string(at.port) +
                             " failed: is another program there?");
  }
};

Listener::Listener(const ListenAt& at, Front& front) : impl_(std::make_unique<Impl>(at, front)) {
  impl_->route();
  impl_->bind();
  impl_->thread = std::thread([http = &impl_->http] { http->listen_after_bind(); });
  while (!impl_->http.is_running()) std::this_thread::yield();
}

Listener::~Listener() {
  impl_->http.end();
  impl_->thread.join();
}

int Listener::port() const {
  return impl_->port;
}

}  // namespace chaser::web
