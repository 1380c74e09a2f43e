#include "support/certificate.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <vector>

namespace chaser::test {
namespace {

template <auto Free>
struct FreeWith {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using Paper = std::unique_ptr<X509, FreeWith<X509_free>>;

void add_extension(X509* paper, int id, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, paper, paper, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, FreeWith<X509_EXTENSION_free>> extension(
      X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str()));
  if (!extension) throw std::runtime_error("cannot make a certificate's extension");
  X509_add_ext(paper, extension.get(), -1);
}

Paper sign(EVP_PKEY* key, const std::string& name) {
  Paper paper(X509_new());
  X509_set_version(paper.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(paper.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(paper.get()), -3'600);
  X509_gmtime_adj(X509_getm_notAfter(paper.get()), 86'400);
  X509_set_pubkey(paper.get(), key);
  X509_NAME* subject = X509_get_subject_name(paper.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1,
                             0);
  X509_set_issuer_name(paper.get(), subject);
  add_extension(paper.get(), NID_basic_constraints, "critical,CA:TRUE");
  add_extension(paper.get(), NID_subject_alt_name, name == "localhost" ? "DNS:localhost,IP:127.0.0.1" : "DNS:" + name);
  if (X509_sign(paper.get(), key, EVP_sha256()) == 0) throw std::runtime_error("cannot sign a certificate");
  return paper;
}

std::string temporary_file() {
  const char* directory = std::getenv("TMPDIR");
  std::string name = std::string(directory != nullptr ? directory : "/tmp") + "/chaser-test-XXXXXX";
  std::vector<char> path(name.begin(), name.end());
  path.push_back('\0');
  const int descriptor = ::mkstemp(path.data());
  if (descriptor < 0) throw std::runtime_error("cannot make a temporary file");
  ::close(descriptor);
  return path.data();
}

using File = std::unique_ptr<std::FILE, FreeWith<std::fclose>>;

}  // namespace

Certificate::Certificate(std::string name) : file_(temporary_file()), key_file_(temporary_file()) {
  const Key key(EVP_EC_gen("P-256"));
  const Paper paper = sign(key.get(), name);
  const File certificate(std::fopen(file_.c_str(), "w"));
  const File secret(std::fopen(key_file_.c_str(), "w"));
  if (PEM_write_X509(certificate.get(), paper.get()) == 0 ||
      PEM_write_PrivateKey(secret.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 0) {
    throw std::runtime_error("cannot write a certificate");
  }
}

Certificate::~Certificate() {
  ::unlink(file_.c_str());
  ::unlink(key_file_.c_str());
}

SSL_CTX* Certificate::make_context() const {
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  if (SSL_CTX_use_certificate_file(context, file_.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, key_file_.c_str(), SSL_FILETYPE_PEM) != 1) {
    throw std::runtime_error("cannot use the certificate");
  }
  return context;
}

}  // namespace chaser::test
