#include "web/api.h"

namespace chaser::web {
namespace {

constexpr std::size_t text_bytes_max = 64 * 1024;

store::MessageRow row_of(const ApiRequest& request) {
  const std::string& place = request.place(0);
  const bool is_number = place.size() < 19 && place.find_first_not_of("0123456789") == std::string::npos;
  if (!is_number) throw ApiProblem(404, "There is no message \"" + place + "\".");
  return std::stoll(place);
}

Response deliveries(const ApiRequest& request) {
  const Request& http = request.http;
  const std::size_t limit = page_limit(request);
  const Site::Reader store = request.site().reader();
  const auto found = request.is_true("unsettled", false)
                         ? store->outbox(limit, true)
                         : store->messages(http.query_field("state"), http.query_field("party"),
                                           request.number("before").value_or(0), limit);
  Json items = Json::array();
  for (const store::OutboxMessage& message : found) items.push_back(shape_of(message));
  const bool is_last = found.size() < limit || request.is_true("unsettled", false);
  return api_page(request, std::move(items), is_last ? "" : next_page(request, "before", found.back().row));
}

/// As it was sent, but for the tokens of its links: who may read it may not answer for its reader.
Response one(const ApiRequest& request) {
  const Site::Reader store = request.site().reader();
  const auto message = store->message(row_of(request));
  if (!message) throw ApiProblem(404, "There is no message " + request.place(0) + ".");
  Json shape = shape_of(*message);
  shape["destination"] = message->destination;
  shape["text"] = without_links(message->bytes.substr(0, text_bytes_max));
  shape["cut"] = message->bytes.size() > text_bytes_max;
  return api_answer(request, shape);
}

Response attempts(const ApiRequest& request) {
  const Site::Reader store = request.site().reader();
  Json items = Json::array();
  for (const store::Attempt& attempt : store->attempts(row_of(request))) items.push_back(shape_of(attempt));
  return api_page(request, std::move(items), "");
}

}  // namespace

void add_delivery_calls(std::vector<ApiCall>& calls) {
  calls.push_back({"GET",
                   "/deliveries",
                   Role::viewer,
                   "listDeliveries",
                   "Messages, the newest first.",
                   "Deliveries",
                   deliveries,
                   {{"state", ApiType::text, "Only of this state, such as queued, accepted, needs_attention."},
                    {"party", ApiType::text, "Only to this party."},
                    {"unsettled", ApiType::truth, "true: instead the first that are not settled, the oldest first."},
                    {"before", ApiType::number, "Only those with a lower number."},
                    {"limit", ApiType::number, "How many at most, up to 100; 50 if not said."}}});
  calls.push_back({"GET", "/deliveries/{message}", Role::viewer, "getDelivery",
                   "A message as it was sent, without its links' tokens.", "DeliveryWhole", one});
  calls.push_back({"GET", "/deliveries/{message}/attempts", Role::viewer, "listAttempts",
                   "Every try at delivering a message; none for a message that there is not.", "Attempts", attempts});
}

}  // namespace chaser::web
