#include "web/errors.h"

#include <array>

#include "web/view.h"

namespace chaser::web {
namespace {

struct ErrorWords {
  int status;
  std::string_view title;
  std::string_view words;
};

constexpr std::array<ErrorWords, 13> all_words{{
    {400, "The request is not understood",
     "Your browser or program sent something that makes no sense here. Nothing was changed."},
    {401, "Who are you?", "Sign in, or send a token that is in force."},
    {403, "That is not yours to do", "You are known, but your role does not allow this. Nothing was changed."},
    {404, "There is no such page", "The address may be mistyped, or what it showed is no longer in the plan."},
    {405, "Not in this way",
     "There is something at this address, but it cannot be used like this. Nothing was changed."},
    {409, "It has changed meanwhile",
     "Somebody else changed this while you looked at it. Load the page again and see."},
    {410, "This link has ended", "It was good once. A newer message has a newer link."},
    {411, "The length is missing", "What is sent must say how long it is. Nothing was changed."},
    {413, "That is too much", "What you sent is longer than allowed here. Nothing was changed."},
    {414, "The address is too long", "No address of ours is as long. Nothing was changed."},
    {429, "Too often",
     "You, or somebody at your address, asked many times in a row. Wait a minute and try again. Nothing was changed."},
    {500, "Something went wrong here",
     "It is not your fault. Nothing was changed; please try again, and tell whoever runs Chaser if it stays."},
    {503, "Not just now", "Chaser is busy or starting. Try again in a moment. Nothing was changed."},
}};

const ErrorWords& words_of(int status) {
  for (const ErrorWords& words : all_words) {
    if (words.status == status) return words;
  }
  return status >= 500 ? all_words[11] : all_words[0];
}

}  // namespace

std::string error_title(int status) {
  return std::string(words_of(status).title);
}

std::string error_content(int status, std::string_view said) {
  View view;
  view.text("title", error_title(status)).text("words", std::string(words_of(status).words));
  view.text("said", std::string(said)).text("status", std::to_string(status)).flag("who", status == 401);
  return render("error", view);
}

}  // namespace chaser::web
