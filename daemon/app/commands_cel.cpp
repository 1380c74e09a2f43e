#include <fmt/format.h>

#include <string>

#include "app/commands.h"
#include "app/files.h"
#include "app/loading.h"
#include "rulebook/cel_conformance.h"

namespace chaser::app {

Exit cel_command(const Invocation& invocation, Terminal& terminal) {
  Exit exit = Exit::fine;
  for (const std::string& path : invocation.words) {
    const auto text = read_file(path);
    if (!text) {
      terminal.err << fmt::format("{}: {}\n", path, text.error());
      return Exit::environment;
    }
    const auto report = rulebook::cel::run_conformance(*text, find_zone);
    terminal.out << rulebook::cel::describe(report);
    if (report.failed > 0) exit = Exit::problems;
  }
  return exit;
}

}  // namespace chaser::app
