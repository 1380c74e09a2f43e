#include "support/workflow_peer.h"

#include <fmt/format.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <set>

namespace chaser::test {
namespace {

using nlohmann::json;

constexpr std::size_t teams_bytes_max = 28'000;
constexpr int per_second_max = 4;
constexpr std::chrono::seconds five_minutes{300};
constexpr int per_five_minutes_max = 25;

bool equal_without_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

void check_block(const json& block, std::vector<std::string>& faults) {
  static const std::set<std::string> types{"TextBlock", "RichTextBlock", "FactSet", "Container", "ColumnSet", "Image"};
  if (!block.is_object() || !block.contains("type") || !types.contains(block.value("type", ""))) {
    faults.emplace_back("an element of an unknown type");
    return;
  }
  if (block["type"] == "Container") {
    for (const json& inner : block.value("items", json::array())) check_block(inner, faults);
  }
  if (block["type"] == "FactSet") {
    for (const json& fact : block.value("facts", json::array())) {
      if (fact.value("title", "").empty() || fact.value("value", "").empty()) faults.emplace_back("an empty fact");
    }
  }
  if (block["type"] == "RichTextBlock") {
    for (const json& run : block.value("inlines", json::array())) {
      if (run.value("type", "") != "TextRun" || !run.contains("text"))
        faults.emplace_back("an inline that is no TextRun");
    }
  }
}

// Every <at>…</at> of a text that knows mentions has its entity, the same to the byte.
void check_mentions(const json& card, std::vector<std::string>& faults) {
  std::set<std::string> named;
  for (const json& entity : card.value("msteams", json::object()).value("entities", json::array())) {
    const json mentioned = entity.value("mentioned", json::object());
    if (entity.value("type", "") != "mention" || mentioned.value("id", "").empty() ||
        entity.value("text", "") != "<at>" + mentioned.value("name", "") + "</at>") {
      faults.emplace_back("a mention whose parts do not fit");
    }
    named.insert(entity.value("text", ""));
  }
  for (const json& block : card["body"]) {
    if (block.value("type", "") != "TextBlock") continue;
    const std::string text = block.value("text", "");
    const std::size_t begin = text.find("<at>");
    const std::size_t end = text.find("</at>");
    if (begin == std::string::npos) continue;
    if (end == std::string::npos || named.erase(text.substr(begin, end + 5 - begin)) == 0)
      faults.emplace_back("a mention without its entity");
  }
  if (!named.empty()) faults.emplace_back("an entity that no text mentions");
}

void check_actions(const json& card, std::vector<std::string>& faults) {
  const json actions = card.value("actions", json::array());
  if (actions.size() > 6) faults.emplace_back("more buttons than Teams shows");
  for (const json& action : actions) {
    if (action.value("type", "") != "Action.OpenUrl" || action.value("title", "").empty() ||
        !action.value("url", "").starts_with("http")) {
      faults.emplace_back("a button that Teams does not open");
    }
  }
}

void check_card(const json& card, std::vector<std::string>& faults) {
  static const std::set<std::string> versions{"1.0", "1.1", "1.2", "1.3", "1.4"};
  if (card.value("type", "") != "AdaptiveCard") faults.emplace_back("Property 'type' must be 'AdaptiveCard'");
  if (!versions.contains(card.value("version", ""))) faults.emplace_back("a card version that Teams does not show");
  if (!card.contains("body") || !card["body"].is_array() || card["body"].empty()) {
    faults.emplace_back("a card without a body");
    return;
  }
  std::set<std::string> ids;
  for (const json& block : card["body"]) {
    check_block(block, faults);
    const std::string id = block.is_object() ? block.value("id", "") : "";
    if (!id.empty() && !ids.insert(id).second) faults.emplace_back("two elements of one id");
  }
  check_mentions(card, faults);
  check_actions(card, faults);
}

std::vector<std::string> faults_of(const Posted& post) {
  std::vector<std::string> faults;
  if (!post.header("Authorization").empty()) faults.emplace_back("DirectApiRequestHasMoreThanOneAuthorization");
  if (post.header("Content-Type").find("application/json") == std::string::npos)
    faults.emplace_back("no JSON content type");
  if (post.target.find("sig=") == std::string::npos) faults.emplace_back("DirectApiAuthorizationRequired");
  if (post.body.size() > teams_bytes_max) faults.emplace_back("RequestEntityTooLarge");
  const json body = json::parse(post.body, nullptr, false);
  if (!body.is_object() || body.value("type", "") != "message") {
    faults.emplace_back("no envelope of type message");
    return faults;
  }
  if (!body.contains("attachments") || !body["attachments"].is_array() || body["attachments"].size() != 1) {
    faults.emplace_back("'attachments' is of type 'Null', or not one");
    return faults;
  }
  const json& attachment = body["attachments"][0];
  if (attachment.value("contentType", "") != "application/vnd.microsoft.card.adaptive")
    faults.emplace_back("a wrong contentType");
  if (attachment.contains("content") && attachment["content"].is_object())
    check_card(attachment["content"], faults);
  else
    faults.emplace_back("InvalidBotAdaptiveCard");
  return faults;
}

}  // namespace

std::string Posted::header(const std::string& name) const {
  for (const std::string& line : headers) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos || !equal_without_case(std::string_view(line).substr(0, colon), name)) continue;
    const std::size_t begin = line.find_first_not_of(' ', colon + 1);
    return begin == std::string::npos ? "" : line.substr(begin);
  }
  return "";
}

WorkflowPeer::WorkflowPeer(std::vector<WorkflowAnswer> answers, Transport transport)
    : context_(transport == Transport::tls ? certificate_.make_context() : nullptr),
      answers_(std::move(answers)),
      listener_(std::make_unique<Listener>([this](Wire& wire, int) { serve(wire); })) {}

WorkflowPeer::~WorkflowPeer() {
  listener_.reset();
  SSL_CTX_free(context_);
}

std::string WorkflowPeer::url() const {
  return fmt::format(
      "{}://127.0.0.1:{}/workflows/0123/triggers/manual/paths/invoke?api-version=1&sp=x&sv=1.0&sig=SECRET",
      context_ == nullptr ? "http" : "https", listener_->port());
}

std::vector<Posted> WorkflowPeer::posted() const {
  const std::lock_guard lock(mutex_);
  return posted_;
}

std::size_t WorkflowPeer::count() const {
  const std::lock_guard lock(mutex_);
  return posted_.size();
}

void WorkflowPeer::set_answers(std::vector<WorkflowAnswer> answers) {
  const std::lock_guard lock(mutex_);
  answers_ = std::move(answers);
}

void WorkflowPeer::on_connect(std::function<void()> call) {
  const std::lock_guard lock(mutex_);
  on_connect_ = std::move(call);
}

void WorkflowPeer::greet() {
  std::function<void()> call;
  {
    const std::lock_guard lock(mutex_);
    call = on_connect_;
  }
  if (call) call();
}

void WorkflowPeer::throttle() {
  const std::lock_guard lock(mutex_);
  throttles_ = true;
}

void WorkflowPeer::forget_rate() {
  const std::lock_guard lock(mutex_);
  taken_.clear();
}

std::size_t WorkflowPeer::throttled() const {
  const std::lock_guard lock(mutex_);
  return throttled_;
}

bool WorkflowPeer::is_too_fast() {
  const std::lock_guard lock(mutex_);
  if (!throttles_) return false;
  const auto now = std::chrono::steady_clock::now();
  const auto taken_within = [&](std::chrono::seconds span) {
    return std::count_if(taken_.begin(), taken_.end(), [&](const auto at) { return at > now - span; });
  };
  const bool is_too_fast =
      taken_within(std::chrono::seconds(1)) >= per_second_max || taken_within(five_minutes) >= per_five_minutes_max;
  if (is_too_fast)
    ++throttled_;
  else
    taken_.push_back(now);
  return is_too_fast;
}

WorkflowAnswer WorkflowPeer::take_answer() {
  const std::lock_guard lock(mutex_);
  WorkflowAnswer answer = answers_.front();
  if (answers_.size() > 1) answers_.erase(answers_.begin());
  return answer;
}

void WorkflowPeer::serve(Wire& wire) {
  greet();
  if (context_ != nullptr && !wire.begin_tls(context_)) return;
  while (const std::optional<std::string> request = wire.read_line()) {
    Posted post;
    const std::size_t first = request->find(' ');
    post.target = request->substr(first + 1, request->rfind(' ') - first - 1);
    for (std::optional<std::string> line = wire.read_line(); line && !line->empty(); line = wire.read_line())
      post.headers.push_back(*line);
    const std::string length = post.header("Content-Length");
    const std::optional<std::string> body = wire.read_bytes(length.empty() ? 0 : std::stoul(length));
    if (!body) return;
    post.body = *body;
    post.faults = faults_of(post);
    if (is_too_fast()) {
      if (!wire.write("HTTP/1.1 429 -\r\nRetry-After: 2\r\nContent-Length: 0\r\n\r\n")) return;
      continue;
    }
    {
      const std::lock_guard lock(mutex_);
      posted_.push_back(std::move(post));
    }
    const WorkflowAnswer answer = take_answer();
    if (answer.meanwhile) answer.meanwhile();
    if (answer.then == WorkflowAnswer::Then::close) return;
    if (answer.then == WorkflowAnswer::Then::reset) return wire.reset();
    if (answer.then == WorkflowAnswer::Then::hang) return wire.hang();
    std::string text = fmt::format("HTTP/1.1 {} -\r\nx-ms-workflow-run-id: 0858\r\nContent-Length: {}\r\n",
                                   answer.status, answer.body.size());
    for (const std::string& header : answer.headers) text += header + "\r\n";
    if (!wire.write(text + "\r\n" + answer.body)) return;
  }
}

}  // namespace chaser::test
