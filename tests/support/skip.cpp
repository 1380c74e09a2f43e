#include "support/skip.h"

#include <iostream>

namespace chaser::test {
namespace {

bool skipped = false;

}  // namespace

void skip(std::string_view why) {
  skipped = true;
  std::cerr << "skipped: " << why << "\n";
}

bool any_was_skipped() {
  return skipped;
}

}  // namespace chaser::test
