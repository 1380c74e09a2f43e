#pragma once

#include <gmime/gmime.h>

#include <memory>

namespace chaser::channels {

struct UnrefObject {
  void operator()(gpointer object) const { g_object_unref(object); }
};
/// An object of GMime that is ours to let go.
template <typename T>
using Owned = std::unique_ptr<T, UnrefObject>;

/// GMime keeps type tables of its own, once for the process. It is never shut down, since others may outlive any scope.
inline void begin_gmime() {
  static const bool begun = [] {
    g_mime_init();
    return true;
  }();
  static_cast<void>(begun);
}

}  // namespace chaser::channels
