#pragma once

namespace chaser::test {

/// A loopback port that was free a moment ago, for programs that cannot choose one themselves.
int free_port();
/// Whether something listens on it.
bool accepts(int port);

}  // namespace chaser::test
