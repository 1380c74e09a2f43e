#pragma once

#include <string>

struct ssl_ctx_st;

namespace chaser::test {

/// A self-made certificate for 127.0.0.1 and localhost, with its key, in a temporary file that goes with it.
class Certificate {
 public:
  explicit Certificate(std::string name = "localhost");
  ~Certificate();
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;

  /// The certificate as PEM, to be trusted by clients.
  const std::string& file() const { return file_; }
  /// The key as PEM, for servers that are programs of their own.
  const std::string& key_file() const { return key_file_; }
  /// A server's context with it; the caller frees it (SSL_CTX_free).
  ssl_ctx_st* make_context() const;

 private:
  std::string file_;
  std::string key_file_;
};

}  // namespace chaser::test
