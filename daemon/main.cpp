#include <iostream>
#include <string>
#include <vector>

#include "app/command_line.h"

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  chaser::app::Terminal terminal{std::cout, std::cerr};
  const chaser::app::Exit exit = chaser::app::run_program(arguments, terminal);
  std::cout.flush();
  return static_cast<int>(exit);
}
