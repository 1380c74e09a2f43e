#include "web/api.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "documents/problems.h"
#include "web/caching.h"

namespace chaser::web {
namespace {

constexpr const char* json_type = "application/json";

struct Phrase {
  int status;
  std::string_view words;
};
/// RFC 9110's: a problem of no type of its own is titled by its status (RFC 9457 §4.2.1).
constexpr std::array<Phrase, 14> phrases{{{400, "Bad Request"},
                                          {401, "Unauthorized"},
                                          {403, "Forbidden"},
                                          {404, "Not Found"},
                                          {405, "Method Not Allowed"},
                                          {409, "Conflict"},
                                          {410, "Gone"},
                                          {411, "Length Required"},
                                          {413, "Content Too Large"},
                                          {415, "Unsupported Media Type"},
                                          {422, "Unprocessable Content"},
                                          {429, "Too Many Requests"},
                                          {500, "Internal Server Error"},
                                          {503, "Service Unavailable"}}};

std::string_view phrase_of(int status) {
  for (const Phrase& phrase : phrases) {
    if (phrase.status == status) return phrase.words;
  }
  return "Problem";
}

std::optional<std::int64_t> parse_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

const ApiField* find_field(const std::vector<ApiField>& fields, std::string_view name) {
  const auto found =
      std::find_if(fields.begin(), fields.end(), [&](const ApiField& each) { return each.name == name; });
  return found == fields.end() ? nullptr : &*found;
}

std::string unknown(const std::vector<ApiField>& fields, std::string_view what, const std::string& name) {
  std::vector<std::string> names;
  for (const ApiField& field : fields) names.push_back(field.name);
  return fmt::format("there is no {} \"{}\"{}", what, name.substr(0, 100), documents::did_you_mean(name, names));
}

/// What is wrong with the words of a query's parameter; "" is nothing.
std::string problem_of(const ApiField& field, const std::string& value) {
  switch (field.type) {
    case ApiType::number:
      return parse_number(value) ? "" : fmt::format("\"{}\" is a whole number", field.name);
    case ApiType::truth:
      return value == "true" || value == "false" ? "" : fmt::format("\"{}\" is true or false", field.name);
    case ApiType::day:
      return calendar::parse_iso_day(value) ? "" : fmt::format("\"{}\" is a day such as 2027-01-31", field.name);
    case ApiType::text:
    case ApiType::texts:
      return "";
  }
  return "";
}

/// The same of a body's field.
std::string problem_of(const ApiField& field, const Json& value) {
  switch (field.type) {
    case ApiType::number:
      return value.is_number_unsigned() ? "" : fmt::format("\"{}\" is a whole number", field.name);
    case ApiType::truth:
      return value.is_boolean() ? "" : fmt::format("\"{}\" is true or false", field.name);
    case ApiType::texts: {
      const bool fits = value.is_array() && value.size() <= static_cast<std::size_t>(page_max) &&
                        std::all_of(value.begin(), value.end(), [](const Json& each) { return each.is_string(); });
      return fits ? "" : fmt::format("\"{}\" is a list of texts", field.name);
    }
    case ApiType::day:
    case ApiType::text:
      if (!value.is_string()) return fmt::format("\"{}\" is a text", field.name);
      return field.type == ApiType::day ? problem_of(field, value.get<std::string>()) : "";
  }
  return "";
}

void check_query(const ApiCall& call, const Request& request) {
  std::vector<std::string> errors;
  for (const auto& [name, value] : request.query) {
    const ApiField* const field = find_field(call.query, name);
    const std::string problem = field == nullptr ? unknown(call.query, "parameter", name) : problem_of(*field, value);
    if (!problem.empty()) errors.push_back(problem);
  }
  for (const ApiField& field : call.query) {
    if (field.required && request.query_field(field.name).empty())
      errors.push_back(fmt::format("the parameter \"{}\" is missing", field.name));
  }
  if (!errors.empty()) throw ApiProblem(400, "The query is not understood.", std::move(errors));
}

Json checked_body(const ApiCall& call, const Request& request) {
  if (call.body.empty() && request.body.empty()) return Json::object();
  if (!request.header("Content-Type").starts_with(json_type)) throw ApiProblem(415, "The body is application/json.");
  Json body = Json::parse(request.body, nullptr, false);
  if (!body.is_object()) throw ApiProblem(400, "The body is no JSON object.");
  std::vector<std::string> errors;
  for (const auto& [name, value] : body.items()) {
    const ApiField* const field = find_field(call.body, name);
    const std::string problem = field == nullptr ? unknown(call.body, "field", name) : problem_of(*field, value);
    if (!problem.empty()) errors.push_back(problem);
  }
  for (const ApiField& field : call.body) {
    if (field.required && !body.contains(field.name))
      errors.push_back(fmt::format("the field \"{}\" is missing", field.name));
  }
  if (!errors.empty()) throw ApiProblem(422, "The body is not what this call takes.", std::move(errors));
  return body;
}

Response carry(Staff& staff, const ApiCall& call, const Request& request, const Principal& who) {
  try {
    check_query(call, request);
    return call.answer({staff, request, who, call.writes() ? checked_body(call, request) : Json::object()});
  } catch (const ApiProblem& problem) {
    return api_problem(problem.status(), problem.what(), problem.errors());
  } catch (const Json::exception&) {
    return api_problem(400, "The JSON is not understood.");
  }
}

}  // namespace

std::string ApiRequest::text(std::string_view name) const {
  const auto found = body.find(std::string(name));
  return found == body.end() || !found->is_string() ? "" : found->get<std::string>();
}

std::optional<std::int64_t> ApiRequest::number(std::string_view name) const {
  return parse_number(http.query_field(name));
}

bool ApiRequest::is_true(std::string_view name, bool otherwise) const {
  const std::string value = http.query_field(name);
  return value.empty() ? otherwise : value == "true";
}

Response api_answer(const ApiRequest& request, const Json& value) {
  Response response{200, json_type, text_of(value, 2) + "\n"};
  if (request.http.method != "GET") return response;
  response.header("Cache-Control", "private, no-cache");
  return tagged(request.http, std::move(response));
}

Response api_page(const ApiRequest& request, Json items, const std::string& next) {
  Response response =
      api_answer(request, {{"items", std::move(items)}, {"next", next.empty() ? Json(nullptr) : Json(next)}});
  if (!next.empty()) response.header("Link", "<" + next + ">; rel=\"next\"");
  return response;
}

Response api_problem(int status, std::string_view detail, const std::vector<std::string>& errors) {
  Json problem{{"type", "about:blank"}, {"title", phrase_of(status)}, {"status", status}};
  if (!detail.empty()) problem["detail"] = detail;
  if (!errors.empty()) problem["errors"] = errors;
  return {status, "application/problem+json", text_of(problem, 2) + "\n"};
}

std::vector<ApiField> page_fields(std::vector<ApiField> others) {
  others.push_back(
      {"limit", ApiType::number, fmt::format("How many at most, up to {}; {} if not said.", page_max, page_default)});
  others.push_back({"offset", ApiType::number, "How many to leave out at the beginning."});
  return others;
}

std::size_t page_limit(const ApiRequest& request) {
  const std::int64_t wanted = request.number("limit").value_or(page_default);
  return static_cast<std::size_t>(std::clamp<std::int64_t>(wanted, 1, page_max));
}

ApiList::ApiList(const ApiRequest& request, std::size_t offset_max)
    : request_(request),
      offset_(static_cast<std::size_t>(request.number("offset").value_or(0))),
      limit_(page_limit(request)) {
  if (offset_ > offset_max) throw ApiProblem(400, fmt::format("\"offset\" is at most {} here.", offset_max));
}

Response ApiList::answer() {
  const std::size_t end = offset_ + limit_;
  const std::string next = found_ > end ? next_page(request_, "offset", static_cast<std::int64_t>(end)) : "";
  return api_page(request_, std::move(items_), next);
}

std::string next_page(const ApiRequest& request, const std::string& name, std::int64_t value) {
  std::string query;
  for (const auto& [each, given] : request.http.query) {
    if (each != name) query += (query.empty() ? "?" : "&") + url_part(each) + "=" + url_part(given);
  }
  query += (query.empty() ? "?" : "&") + name + "=" + std::to_string(value);
  return request.http.path + query;
}

std::vector<ApiCall> api_calls() {
  std::vector<ApiCall> calls;
  add_plan_calls(calls);
  add_writing_calls(calls);
  add_people_calls(calls);
  add_delivery_calls(calls);
  add_rule_calls(calls);
  add_trial_calls(calls);
  add_event_calls(calls);
  return calls;
}

void add_api(Staff& staff) {
  const auto calls = std::make_shared<const std::vector<ApiCall>>(api_calls());
  for (const ApiCall& call : *calls) {
    Route route;
    route.method = call.method;
    route.pattern = std::string(api_root) + call.path;
    route.role = call.role;
    route.body_max = call.body_max;
    route.kept = !call.writes() && call.role == Role::viewer && !call.gives.empty();
    route.handler = [&staff, calls, &call](const Request& request, const Principal& who) {
      return carry(staff, call, request, who);
    };
    staff.router().add(std::move(route));
  }
  const auto document = std::make_shared<const std::string>(text_of(api_document(*calls), 2) + "\n");
  staff.router().add({"GET", std::string(api_root) + "/openapi.json", Role::anybody,
                      [document](const Request& request, const Principal&) {
                        return tagged(request,
                                      Response{200, json_type, *document}.header("Cache-Control", "public, no-cache"));
                      }});
}

}  // namespace chaser::web
