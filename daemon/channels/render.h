#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "channels/links.h"
#include "channels/settings.h"
#include "chase/world.h"
#include "documents/problems.h"
#include "store/store.h"

namespace chaser::channels {

/// Everything a rendering needs beside the message; a value, so that rendering is a pure function of its arguments.
struct RenderContext {
  const chase::World* world = nullptr;
  MailIdentity identity;
  std::string public_url;                                               // "": no buttons, Reply-To the coordinator
  LinkKeys link_keys;                                                   // {}: no buttons either
  std::map<std::string, std::uint32_t, std::less<>> token_epochs = {};  // by party; 1 if not here
  calendar::Instant now;                                                // becomes Date of the first attempt
};

/// What is wrong with a template as it was filled for one message.
struct TemplateFault {
  std::string file;  // as it is called in its folder: "direct.txt.mustache"
  std::string what;  // "\"titel\" is no name that a template knows"
  auto operator<=>(const TemplateFault&) const = default;
};

/// Mustache templates by name ("direct", "digest", "deadline/due" ...) and form (text, html, subject, card). Those of a
/// directory (given as name -> text) override the built-in ones. A name that a template uses and the data lack is a
/// problem at load.
class Templates {
 public:
  /// `overrides`: file name ("direct.txt.mustache") -> text. Checks each by rendering samples.
  Templates(std::map<std::string, std::string> overrides, documents::Problems& problems);
  ~Templates();
  Templates(Templates&&) noexcept;
  Templates& operator=(Templates&&) noexcept;

  /// What filling them met since this was last asked, each fault once: names that there are not, in sections that the
  /// samples did not show, and texts without a word.
  std::set<TemplateFault> take_faults() const;

  struct Impl;
  const Impl& impl() const { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

/// The MIME bytes of an email: deterministic in its arguments (Message-ID, Date, boundaries). `next` tells for each
/// item what happens if nobody answers, in words ("we write again on 8 January, and to the Director of Place on 29
/// January"), "" if unknown.
store::Rendered render_email(const store::OutboxMessage& message, const RenderContext& context,
                             const Templates& templates, const std::map<std::int64_t, std::string>& next);
/// The POST body for Teams: one Adaptive Card 1.4 in its envelope, at most 20,000 bytes ("and N more").
store::Rendered render_teams(const store::OutboxMessage& message, const RenderContext& context,
                             const Templates& templates, const std::map<std::int64_t, std::string>& next);
/// A low card that says that Chaser is there, in the same envelope.
std::string heartbeat_card();
/// The same message as JSON for a program, at most 256 KiB: docs/schema/webhook.schema.json.
store::Rendered render_webhook(const store::OutboxMessage& message, const RenderContext& context,
                               const std::map<std::int64_t, std::string>& next);

}  // namespace chaser::channels
