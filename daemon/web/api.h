#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "web/shapes.h"
#include "web/staff.h"

namespace chaser::web {

/// What a parameter or a field of a body may be.
enum class ApiType : std::uint8_t { text, day, number, truth, texts };

/// A parameter of a query, or a field of a body.
struct ApiField {
  std::string name;
  ApiType type = ApiType::text;
  std::string about;
  bool required = false;
};

/// Why a call is refused, as problem details (RFC 9457): every error at once.
class ApiProblem : public std::runtime_error {
 public:
  ApiProblem(int status, const std::string& detail, std::vector<std::string> errors = {})
      : std::runtime_error(detail), status_(status), errors_(std::move(errors)) {}
  int status() const { return status_; }
  const std::vector<std::string>& errors() const { return errors_; }

 private:
  int status_;
  std::vector<std::string> errors_;
};

/// A call as its handler gets it: the query and the body are as their fields say.
struct ApiRequest {
  Staff& staff;
  const Request& http;
  const Principal& who;
  Json body = Json::object();

  Site& site() const { return staff.site(); }
  const std::string& place(std::size_t index) const { return http.places.at(index); }
  std::string text(std::string_view name) const;  // of the body; "" if it is not there
  /// Of the query.
  std::optional<std::int64_t> number(std::string_view name) const;
  bool is_true(std::string_view name, bool otherwise) const;
};

/// One call: the routes, the checks and the document are all made from these.
struct ApiCall {
  std::string method;
  std::string path;  // below /api/v1: "/plans/{plan}"
  Role role = Role::viewer;
  std::string id;  // "getPlan"
  std::string about;
  std::string gives;  // a schema of api_schemas.json; "" is none: the type is `media`
  std::function<Response(const ApiRequest& request)> answer;
  std::vector<ApiField> query = {};
  std::vector<ApiField> body = {};
  std::string media = "application/json";
  std::size_t body_max = form_bytes_max;
  bool changes = true;  // false: a call with a body that changes nothing, such as a trial

  bool writes() const { return method != "GET"; }
};

inline constexpr std::string_view api_root = "/api/v1";
inline constexpr std::int64_t page_max = 100;  // items in one answer
inline constexpr std::int64_t page_default = 50;

/// Every call there is, in the document's order. The parts are each in a file of its own.
std::vector<ApiCall> api_calls();
void add_plan_calls(std::vector<ApiCall>& calls);
void add_people_calls(std::vector<ApiCall>& calls);
void add_delivery_calls(std::vector<ApiCall>& calls);
void add_rule_calls(std::vector<ApiCall>& calls);
void add_trial_calls(std::vector<ApiCall>& calls);
void add_writing_calls(std::vector<ApiCall>& calls);
void add_event_calls(std::vector<ApiCall>& calls);

/// The OpenAPI 3.1 document of these calls.
Json api_document(const std::vector<ApiCall>& calls);

/// A value with its entity tag, or 304.
Response api_answer(const ApiRequest& request, const Json& value);
/// `{"items": [...], "next": ...}`: one page of a list; `next` is where it goes on, null at the end.
Response api_page(const ApiRequest& request, Json items, const std::string& next);
/// Problem details for any refusal below /api/.
Response api_problem(int status, std::string_view detail, const std::vector<std::string>& errors = {});

/// The fields of a page's query.
std::vector<ApiField> page_fields(std::vector<ApiField> others = {});
std::size_t page_limit(const ApiRequest& request);

/// Takes all that a list has, one after the other, and answers with the page of it that was asked for.
class ApiList {
 public:
  /// Throws ApiProblem for an offset beyond `offset_max`.
  explicit ApiList(const ApiRequest& request, std::size_t offset_max = 100'000);
  /// The next of the list. `shape` makes it, if it is on the page.
  template <typename Shape>
  void add(Shape shape) {
    if (found_ >= offset_ && items_.size() < limit_) items_.push_back(shape());
    ++found_;
  }
  /// How many there may be before it is known whether the page is the last.
  std::size_t enough() const { return offset_ + limit_ + 1; }
  Response answer();

 private:
  const ApiRequest& request_;
  const std::size_t offset_;
  const std::size_t limit_;
  std::size_t found_ = 0;
  Json items_ = Json::array();
};

/// The same call further on.
std::string next_page(const ApiRequest& request, const std::string& name, std::int64_t value);

void add_api(Staff& staff);

}  // namespace chaser::web
