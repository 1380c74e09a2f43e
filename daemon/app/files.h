#pragma once

#include <cstddef>
#include <expected>
#include <functional>
#include <string>
#include <vector>

namespace chaser::app {

/// No input file may be larger; the readers have their own, smaller limits.
inline constexpr std::size_t file_bytes_max = 32u << 20;

/// A file's bytes, or why they cannot be had, in words for people ("no such file"). "-" is no file here.
std::expected<std::string, std::string> read_file(const std::string& path, std::size_t bytes_max = file_bytes_max);

/// A plan document's bytes; "-" is standard input. Of one that is larger than the table readers take, one byte too many
/// and no more: they say so.
std::expected<std::string, std::string> read_document(const std::string& path);

/// Writes through a temporary file beside it, flushed, then renamed: a reader sees the old bytes or the new ones.
/// Throws std::system_error with the path.
void write_file(const std::string& path, const std::string& bytes);

/// How inputs are had: from the disk, or, after a failed reload, from what was last good.
using FileReader = std::function<std::expected<std::string, std::string>(const std::string& path)>;

/// `path` as it is if absolute, else under `base`; without "." and "..".
std::string resolve_path(const std::string& base, const std::string& path);
/// The folder of a file; "." for a bare name.
std::string folder_of(const std::string& file);

/// The YAML files of a folder in order of name, rule tests (*.test.yaml) left out; `path` itself if it is no folder.
std::vector<std::string> yaml_files(const std::string& path);

}  // namespace chaser::app
