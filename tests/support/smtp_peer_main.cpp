// smtp_peer --port-file F [--log F] [--tls none|starttls|implicit] [--ca-file F] [--fault POINT=REPLY]...
// Serves on a loopback port until SIGTERM or SIGINT; the port is written to the file when it listens. At its end it
// prints how many messages it took.
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "support/smtp_peer.h"

namespace {

using chaser::test::SmtpPeer;
using chaser::test::SmtpScript;

struct Arguments {
  std::string port_file;
  std::string log_file;
  std::string ca_file;
  SmtpScript script;
};

bool read_argument(const std::string& name, const std::string& value, Arguments& arguments) {
  const std::map<std::string, SmtpScript::Tls> modes{{"none", SmtpScript::Tls::none},
                                                     {"starttls", SmtpScript::Tls::starttls},
                                                     {"implicit", SmtpScript::Tls::implicit}};
  if (name == "--port-file")
    arguments.port_file = value;
  else if (name == "--log")
    arguments.log_file = value;
  else if (name == "--ca-file")
    arguments.ca_file = value;
  else if (name == "--tls" && modes.contains(value))
    arguments.script.tls = modes.at(value);
  else if (const std::size_t equals = value.find('='); name == "--fault" && equals != std::string::npos)
    arguments.script.faults[value.substr(0, equals)].reply = value.substr(equals + 1);
  else
    return false;
  return true;
}

// Whole or not there: readers wait for the file to appear.
void write_whole(const std::string& path, const std::string& text) {
  std::ofstream(path + ".part") << text;
  std::filesystem::rename(path + ".part", path);
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; i += 2) {
    if (i + 1 >= argc || !read_argument(argv[i], argv[i + 1], arguments)) {
      std::fprintf(stderr, "smtp_peer: what is \"%s\"?\n", argv[i]);
      return 2;
    }
  }
  // Before any thread begins, so that all of them leave the signals to sigwait.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  const SmtpPeer peer(arguments.script, arguments.log_file);
  if (!arguments.ca_file.empty())
    std::filesystem::copy_file(peer.ca_file(), arguments.ca_file, std::filesystem::copy_options::overwrite_existing);
  if (!arguments.port_file.empty()) write_whole(arguments.port_file, std::to_string(peer.port()) + "\n");
  int received = 0;
  sigwait(&signals, &received);
  std::printf("accepted %zu messages on %d connections\n", peer.count(), peer.connections());
  return 0;
}
