#include "web/server.h"

#include "web/answers.h"
#include "web/outlook.h"
#include "web/staff.h"

namespace chaser::web {

struct Server::Impl {
  Impl(ServerSettings settings, Doors doors, std::shared_ptr<const chase::World> world)
      : site(std::move(settings.site), std::move(doors), std::move(world)),
        outlook(site),
        staff(site, outlook, settings.threads, settings.staff && !settings.staff->socket.empty()),
        answers(site, settings.threads) {
    if (settings.staff) staff_listener = std::make_unique<Listener>(*settings.staff, staff);
    if (settings.answers) answers_listener = std::make_unique<Listener>(*settings.answers, answers);
  }
  ~Impl() { site.close(); }

  Site site;
  Outlook outlook;
  Staff staff;
  Answers answers;
  std::unique_ptr<Listener> staff_listener;  // last: their threads use all of the above
  std::unique_ptr<Listener> answers_listener;
};

Server::Server(ServerSettings settings, Doors doors, std::shared_ptr<const chase::World> world)
    : impl_(std::make_unique<Impl>(std::move(settings), std::move(doors), std::move(world))) {}

Server::~Server() = default;

int Server::port() const {
  return impl_->staff_listener ? impl_->staff_listener->port() : 0;
}

int Server::answers_port() const {
  return impl_->answers_listener ? impl_->answers_listener->port() : 0;
}

void Server::set_ready(bool ready) {
  impl_->site.set_ready(ready);
}

void Server::set_world(std::shared_ptr<const chase::World> world) {
  impl_->site.set_world(std::move(world));
  impl_->outlook.outdated();
}

void Server::note_change() {
  impl_->outlook.outdated();
  impl_->staff.events().wake();
  impl_->staff.kept_pages().sweep();
}

}  // namespace chaser::web
