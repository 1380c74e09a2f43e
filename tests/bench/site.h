#pragma once

#include <fmt/format.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include "bench/bench.h"

namespace chaser::bench {

/// A folder with everything that the program needs to chase a plan whose actions a hundred owners share; gone with it.
class Site {
 public:
  struct Parts {
    std::size_t actions = 0;
    std::string rules = {};  // the text of a rule file; none: the shipped ones
    std::function<std::string(std::size_t)> timescale = [](std::size_t) { return std::string("2026"); };
    int smtp_port = 25;
  };

  explicit Site(const Parts& parts) {
    std::string name = (std::filesystem::temp_directory_path() / "chaser-bench-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) give_up("no temporary folder");
    folder_ = name;
    std::string directory =
        "coordinator: boss\nsponsor: boss\nparties:\n  boss: { name: Boss, email: boss@county.example }\n";
    for (int i = 0; i < 100; ++i) {
      directory +=
          fmt::format("  owner{0}: {{ name: Owner {0}, email: owner{0}@county.example, superior: boss }}\n", i);
    }
    std::string plan = "ID\tAction\tLead\tTimescale\n";
    for (std::size_t i = 0; i < parts.actions; ++i) {
      plan += fmt::format("{0}\tPromise number {0}\tOwner {1}\t{2}\n", i + 1, i % 100, parts.timescale(i));
    }
    write("directory.yaml", directory);
    write("plan.txt", plan);
    if (!parts.rules.empty()) write("rules.yaml", parts.rules);
    write("chaser.yaml", fmt::format("state_directory: state\n"
                                     "plans: [{{ id: bench, file: plan.txt }}]\n"
                                     "directory: directory.yaml\n"
                                     "rules: {}\n"
                                     "channels: {{ email: {{ type: smtp, host: 127.0.0.1, tls: none, port: {} }} }}\n"
                                     "mail: {{ from_address: chaser@county.example }}\n"
                                     "log: error\n",
                                     parts.rules.empty() ? CHASER_SOURCE_DIR "/rules" : "rules.yaml", parts.smtp_port));
  }
  Site(const Site&) = delete;
  Site& operator=(const Site&) = delete;
  ~Site() { std::filesystem::remove_all(folder_); }

  std::string file(const std::string& name) const { return (folder_ / name).string(); }
  std::string settings() const { return file("chaser.yaml"); }
  void write(const std::string& name, const std::string& text) const { std::ofstream(file(name)) << text; }

 private:
  std::filesystem::path folder_;
};

}  // namespace chaser::bench
