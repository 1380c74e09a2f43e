// The shipped example of a layout in two languages.
#include <filesystem>
#include <fstream>
#include <iterator>

#include "channels/template_data.h"
#include "support/catch.h"

using namespace chaser;
using namespace chaser::channels;

TEST_CASE("templates: the Welsh-first example passes the check, and says each thing in Welsh before English") {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(CHASER_SOURCE_DIR "/config/templates/welsh-first")) {
    std::ifstream in(entry.path());
    files[entry.path().filename().string()] = {std::istreambuf_iterator<char>(in), {}};
  }
  REQUIRE(files.size() == 9);
  documents::Problems problems;
  const Templates templates(std::move(files), problems);
  for (const documents::Problem& problem : problems.sorted()) UNSCOPED_INFO(problem.file << ": " << problem.message);
  REQUIRE(problems.empty());
  MessageWords words;
  for (const std::string_view name : message_text_names()) words.texts.emplace(name, "");
  for (const std::string_view name : message_flag_names()) words.flags.emplace(name, false);
  ItemWords item;
  for (const std::string_view name : item_text_names()) item.texts.emplace(name, std::string(name) + "!");
  for (const std::string_view name : item_flag_names()) item.flags.emplace(name, true);
  words.items.assign(1, item);
  for (const char* kind : {"direct", "digest"}) {
    for (const Form form : {Form::text, Form::html}) {
      const std::string filled = fill(templates, {kind}, form, words, 9);
      INFO(filled);
      const std::size_t welsh = filled.find("Cam gweithredu id!: title!");
      REQUIRE(welsh != std::string::npos);
      CHECK(welsh < filled.find(std::string(kind) == "direct" ? "sentence!" : "state!"));
    }
  }
  CHECK(fill(templates, {"direct"}, Form::html, words, 9).find("<html lang=\"cy\">") != std::string::npos);
  CHECK(fill(templates, {"direct"}, Form::card, words, 9).find("Cam") == std::string::npos);  // cards stay as they are
}
