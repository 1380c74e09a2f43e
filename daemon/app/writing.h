#pragma once

#include <string>

#include "app/command_line.h"
#include "app/engine.h"

namespace chaser::app {

/// A verb that writes, as it crosses the control socket: the words and options as typed, the text of a file it names,
/// who asked.
struct WriteRequest {
  std::string verb;
  std::vector<std::string> words;
  std::map<std::string, std::string, std::less<>> options;
  std::string text;   // of `plan import`: the document
  std::string actor;  // "cli:root"
};

struct WriteAnswer {
  Exit exit = Exit::fine;
  std::string out;
  std::string err;
};

/// Does what the request asks, on the thread that owns the store. Bad words are answered, never thrown.
WriteAnswer carry_out(Engine& engine, const WriteRequest& request, Instant now);

/// The same over JSON: the control socket's request and answer lines. The text crosses byte for byte, whatever its
/// encoding.
std::string answer_request(Engine& engine, const std::string& json, Instant now);
std::string to_json(const WriteRequest& request);
WriteAnswer read_answer(const std::string& json);

}  // namespace chaser::app
