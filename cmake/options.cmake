add_library(chaser_options INTERFACE)
target_compile_options(chaser_options INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor -Wold-style-cast
  -Wimplicit-fallthrough
  # g++ 12 sees overlaps and bounds in std::string that are not there (its bugs 105329 and 105651).
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict> $<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds>
  $<$<CXX_COMPILER_ID:GNU>:-Wno-stringop-overflow> $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
  -fstack-protector-strong -fno-omit-frame-pointer)
target_compile_definitions(chaser_options INTERFACE _GLIBCXX_ASSERTIONS)
target_include_directories(chaser_options INTERFACE ${CMAKE_SOURCE_DIR}/daemon)
target_link_libraries(chaser_options INTERFACE Threads::Threads)
if(CHASER_SANITIZE)
  # -O1 and line tables halve the build; "maybe uninitialized" is a guess that these instrumented builds get wrong.
  target_compile_options(chaser_options INTERFACE
    -fsanitize=${CHASER_SANITIZE} -fno-sanitize-recover=all -O1 -g1 -Wno-maybe-uninitialized)
  target_link_options(chaser_options INTERFACE -fsanitize=${CHASER_SANITIZE})
else()
  target_compile_definitions(chaser_options INTERFACE $<$<NOT:$<CONFIG:Debug>>:_FORTIFY_SOURCE=2>)
endif()
if(CHASER_FUZZ)
  # The warnings are g++'s to give, which every other build uses.
  target_compile_options(chaser_options INTERFACE -fsanitize=fuzzer-no-link -Wno-unknown-warning-option -Wno-error)
endif()
