#include "app/program.h"

#include <fstream>
#include <sstream>

#include "support/catch.h"

namespace chaser::test {

Folder::Folder() {
  std::string name = (std::filesystem::temp_directory_path() / "chaser-app-XXXXXX").string();
  REQUIRE(::mkdtemp(name.data()) != nullptr);
  path_ = name;
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void Folder::write(const std::string& name, const std::string& text) const {
  std::ofstream(file(name), std::ios::binary) << text;
}

Ran run(const std::vector<std::string>& arguments) {
  std::ostringstream out;
  std::ostringstream err;
  app::Terminal terminal{out, err};
  const app::Exit exit = app::run_program(arguments, terminal);
  return {exit, out.str(), err.str()};
}

std::string text_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  REQUIRE(in);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace chaser::test
