#pragma once

#include <functional>

#include "app/engine.h"
#include "web/server.h"

namespace chaser::app {

/// Hands work to the loop's thread.
using Post = std::function<void(std::function<void()>)>;

/// What the settings say of the listeners and who may use them. Assert: they have `http`.
web::ServerSettings web_settings(const Settings& settings);

/// What the pages may ask of the program. `engine` outlives them; `after` runs on the loop when work was
/// done.
web::Doors web_doors(Engine& engine, std::function<Instant()> now, Post post, std::function<void()> after);

}  // namespace chaser::app
