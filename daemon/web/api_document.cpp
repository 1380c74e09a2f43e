#include <algorithm>
#include <map>

#include "web/api.h"
#include "web/view.h"

namespace chaser::web {
namespace {

/// What stands in the {places} of paths.
const std::map<std::string_view, std::string_view> place_words{
    {"plan", "A plan's id, such as kent-medway."},
    {"action", "An action's id, such as 2.1."},
    {"party", "A party's id in the directory."},
    {"message", "A message's number."},
    {"rule", "A rule's name."},
    {"report", "exceptions or progress."},
};

Json schema_of(ApiType type) {
  switch (type) {
    case ApiType::text:
      return {{"type", "string"}};
    case ApiType::day:
      return {{"type", "string"}, {"format", "date"}};
    case ApiType::number:
      return {{"type", "integer"}, {"minimum", 0}};
    case ApiType::truth:
      return {{"type", "boolean"}};
    case ApiType::texts:
      return {{"type", "array"}, {"items", {{"type", "string"}}}, {"maxItems", page_max}};
  }
  return Json::object();
}

Json parameter(std::string_view in, const ApiField& field) {
  return {{"name", field.name},
          {"in", in},
          {"required", field.required},
          {"description", field.about},
          {"schema", schema_of(field.type)}};
}

Json parameters_of(const ApiCall& call) {
  Json list = Json::array();
  for (std::size_t at = call.path.find('{'); at != std::string::npos; at = call.path.find('{', at + 1)) {
    const std::string name = call.path.substr(at + 1, call.path.find('}', at) - at - 1);
    const auto words = place_words.find(name);
    list.push_back(
        parameter("path", {name, ApiType::text, words == place_words.end() ? "" : std::string(words->second), true}));
  }
  for (const ApiField& field : call.query) list.push_back(parameter("query", field));
  if (call.writes() && call.changes) list.push_back({{"$ref", "#/components/parameters/IdempotencyKey"}});
  if (!call.writes() && !call.gives.empty()) list.push_back({{"$ref", "#/components/parameters/IfNoneMatch"}});
  return list;
}

Json body_of(const ApiCall& call) {
  Json properties = Json::object();
  Json required = Json::array();
  for (const ApiField& field : call.body) {
    properties[field.name] = schema_of(field.type);
    properties[field.name]["description"] = field.about;
    if (field.required) required.push_back(field.name);
  }
  Json schema{{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
  const bool is_required = !required.empty();
  if (is_required) schema["required"] = std::move(required);
  return {{"required", is_required}, {"content", {{"application/json", {{"schema", std::move(schema)}}}}}};
}

Json responses_of(const ApiCall& call) {
  const Json schema =
      call.gives.empty() ? Json{{"type", "string"}} : Json{{"$ref", "#/components/schemas/" + call.gives}};
  Json good{{"description", "Done."}, {"content", {{call.media, {{"schema", schema}}}}}};
  Json responses = Json::object();
  responses["200"] = std::move(good);
  if (!call.writes() && !call.gives.empty()) responses["304"] = {{"description", "It is what the client has."}};
  responses["default"] = {{"$ref", "#/components/responses/Problem"}};
  return responses;
}

Json operation_of(const ApiCall& call) {
  Json operation{{"operationId", call.id}, {"summary", call.about}, {"x-role", name_of(call.role)}};
  if (Json parameters = parameters_of(call); !parameters.empty()) operation["parameters"] = std::move(parameters);
  if (!call.body.empty()) operation["requestBody"] = body_of(call);
  operation["responses"] = responses_of(call);
  return operation;
}

Json components() {
  Json made = Json::object();
  made["securitySchemes"] = {{"token", {{"type", "http"}, {"scheme", "bearer"}}}};
  made["parameters"] = {
      {"IdempotencyKey",
       {{"name", "Idempotency-Key"},
        {"in", "header"},
        {"description", "A key of the client's choice: the same call with the same key within a day is done once."},
        {"schema", {{"type", "string"}, {"maxLength", 200}}}}},
      {"IfNoneMatch",
       {{"name", "If-None-Match"},
        {"in", "header"},
        {"description", "The ETag of what the client has."},
        {"schema", {{"type", "string"}}}}}};
  made["responses"] = {
      {"Problem",
       {{"description", "It was refused; nothing was changed (RFC 9457)."},
        {"content", {{"application/problem+json", {{"schema", {{"$ref", "#/components/schemas/Problem"}}}}}}}}}};
  made["schemas"] = Json::parse(asset("api_schemas.json"));
  return made;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

}  // namespace

Json api_document(const std::vector<ApiCall>& calls) {
  Json document{
      {"openapi", "3.1.0"},
      {"info",
       {{"title", "Chaser"},
        {"version", "1"},
        {"description", "What the pages and the command line do. Times are RFC 3339 in UTC, days ISO 8601."}}},
      {"servers", Json::array({{{"url", api_root}}})},
      {"security", Json::array({{{"token", Json::array()}}})}};
  document["paths"] = Json::object();
  for (const ApiCall& call : calls) document["paths"][call.path][lower(call.method)] = operation_of(call);
  document["components"] = components();
  return document;
}

}  // namespace chaser::web
