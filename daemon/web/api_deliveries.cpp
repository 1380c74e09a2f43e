#include "web/api.h"

namespace chaser::web {
namespace {

/// All that come before an offset are read too.
constexpr std::size_t offset_max = 1'000;

store::MessageRow row_of(const ApiRequest& request) {
  const std::string& place = request.place(0);
  const bool is_number = place.size() < 19 && place.find_first_not_of("0123456789") == std::string::npos;
  if (!is_number) throw ApiProblem(404, "There is no message \"" + place + "\".");
  return std::stoll(place);
}

Response deliveries(const ApiRequest& request) {
  ApiList list(request, offset_max);
  const Site::Reader store = request.site().reader();
  for (const auto& message : store->outbox(list.enough(), request.is_true("unsettled", true)))
    list.add([&] { return shape_of(message); });
  return list.answer();
}

Response attempts(const ApiRequest& request) {
  const Site::Reader store = request.site().reader();
  Json items = Json::array();
  for (const store::Attempt& attempt : store->attempts(row_of(request))) items.push_back(shape_of(attempt));
  return api_page(request, std::move(items), "");
}

}  // namespace

void add_delivery_calls(std::vector<ApiCall>& calls) {
  calls.push_back({"GET", "/deliveries", Role::viewer, "listDeliveries", "Messages of the outbox.", "Deliveries",
                   deliveries, page_fields({{"unsettled", ApiType::truth, "false: those that are settled too."}})});
  calls.push_back({"GET", "/deliveries/{message}/attempts", Role::viewer, "listAttempts",
                   "Every try at delivering a message; none for a message that there is not.", "Attempts", attempts});
}

}  // namespace chaser::web
