# Everything here is a package of Debian 12 (see `dev packages`); newer versions work too.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(absl REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS headers)
find_package(SQLite3 REQUIRED)
find_package(CURL REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
pkg_check_modules(yaml REQUIRED IMPORTED_TARGET yaml-0.1)
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(gmime REQUIRED IMPORTED_TARGET gmime-3.0)
pkg_check_modules(libidn2 REQUIRED IMPORTED_TARGET libidn2)
pkg_check_modules(systemd REQUIRED IMPORTED_TARGET libsystemd)
# These ask for -pthread and _LARGEFILE64_SOURCE, which Threads and g++ give anyway: the tests' precompiled header must be made
# with the flags of those who use it.
foreach(package re2 gmime)
  set_target_properties(PkgConfig::${package} PROPERTIES INTERFACE_COMPILE_OPTIONS "")
endforeach()
# cpp-httplib's class layouts depend on its compile flags, so they must be the ones it was built with.
pkg_check_modules(httplib REQUIRED IMPORTED_TARGET cpp-httplib)
