#include "web/view.h"

#include <kainjow/mustache.hpp>

#include <cassert>

#include "documents/markup.h"
#include "web/assets.h"

namespace chaser::web {
namespace {

using kainjow::mustache::data;

data data_of(const View& view) {
  data object(data::type::object);
  for (const auto& [name, value] : view.texts) object.set(name, value.empty() ? data(false) : data(value));
  for (const auto& [name, value] : view.flags) object.set(name, data(value));
  for (const auto& [name, values] : view.lists) {
    data list(data::type::list);
    for (const View& each : values) list.push_back(data_of(each));
    object.set(name, list);
  }
  return object;
}

/// Partials are the templates themselves: kainjow looks them up like any other name.
void add_partials(data& root) {
  for (const Asset& asset : assets()) {
    if (!asset.name.starts_with("part_") || !asset.name.ends_with(".mustache")) continue;
    const std::string name(asset.name.substr(0, asset.name.size() - 9));
    root.set(name, data(kainjow::mustache::partial([text = asset.text] { return std::string(text); })));
  }
}

}  // namespace

std::string_view asset(std::string_view file) {
  for (const Asset& each : assets()) {
    if (each.name == file) return each.text;
  }
  return "";
}

std::string render(std::string_view name, const View& view) {
  const std::string_view text = asset(std::string(name) + ".mustache");
  assert(!text.empty());
  kainjow::mustache::mustache parsed{std::string(text)};
  assert(parsed.is_valid());
  parsed.set_custom_escape([](const std::string& value) { return documents::escaped_markup(value); });
  data root = data_of(view);
  add_partials(root);
  return parsed.render(root);
}

}  // namespace chaser::web
