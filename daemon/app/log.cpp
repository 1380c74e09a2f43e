#include "app/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

namespace chaser::app {

namespace {

/// Whether standard error is the journal's own stream, as the service manager tells by device and inode.
bool journal_reads_errors() {
  const char* const stream = std::getenv("JOURNAL_STREAM");
  struct stat status{};
  if (stream == nullptr || ::fstat(STDERR_FILENO, &status) != 0) return false;
  return std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino) == stream;
}

spdlog::level::level_enum level_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

}  // namespace

struct Log::Impl {
  spdlog::logger logger{"chaser", std::make_shared<spdlog::sinks::stderr_sink_mt>()};
  bool journal = journal_reads_errors();

  void write(spdlog::level::level_enum level, int priority, std::string_view line) {
    const std::string safe = one_line(line);
    if (journal) {
      logger.log(level, "<{}>{}", priority, safe);
    } else {
      logger.log(level, "{}", safe);
    }
  }
};

Log::Log(LogLevel least) : impl_(std::make_unique<Impl>()) {
  if (impl_->journal) {
    impl_->logger.set_pattern("%v");
  } else {
    impl_->logger.set_pattern("%Y-%m-%dT%H:%M:%SZ %l: %v", spdlog::pattern_time_type::utc);
  }
  impl_->logger.flush_on(spdlog::level::debug);
  set_level(least);
}

Log::~Log() = default;

void Log::set_level(LogLevel least) {
  impl_->logger.set_level(level_of(least));
}
void Log::debug(std::string_view line) {
  impl_->write(spdlog::level::debug, 7, line);
}
void Log::info(std::string_view line) {
  impl_->write(spdlog::level::info, 6, line);
}
void Log::warning(std::string_view line) {
  impl_->write(spdlog::level::warn, 4, line);
}
void Log::error(std::string_view line) {
  impl_->write(spdlog::level::err, 3, line);
}

std::string one_line(std::string_view text) {
  std::string line;
  line.reserve(text.size());
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    if (letter == '\n') {
      line += " | ";
    } else if (byte < 0x20 || byte == 0x7f) {
      line += "\xef\xbf\xbd";
    } else {
      line += letter;
    }
  }
  return line;
}

}  // namespace chaser::app
