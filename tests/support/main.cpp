#include "support/skip.h"

#ifdef CHASER_CATCH2_V3
#include <catch2/catch_session.hpp>
#else
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#endif

int main(int argc, char** argv) {
  const int failed = Catch::Session().run(argc, argv);
  return failed == 0 && chaser::test::any_was_skipped() ? chaser::test::skipped_status : failed;
}
