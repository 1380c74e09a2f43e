#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "app/command_line.h"

namespace chaser::test {

/// A folder of its own, gone at the end.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string file(const std::string& name) const { return (path_ / name).string(); }
  void write(const std::string& name, const std::string& text) const;

 private:
  std::filesystem::path path_;
};

struct Ran {
  app::Exit exit;
  std::string out;
  std::string err;
};
/// The program in this process.
Ran run(const std::vector<std::string>& arguments);

/// The whole of a file; the test fails if there is none.
std::string text_of(const std::string& file);

}  // namespace chaser::test
