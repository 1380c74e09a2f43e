#pragma once

#include <string>
#include <string_view>

namespace chaser::channels {

/// Makes a directory and those above it. Throws std::filesystem::filesystem_error.
void make_directory(const std::string& directory);

/// Writes a file so that it is there whole or not at all, even over a power cut: written beside, fsync, rename, fsync
/// of the directory. One that is there is replaced. `scratch` and `directory` are on one file system. Throws
/// std::system_error that says what failed.
void write_durably(const std::string& scratch, const std::string& directory, const std::string& name,
                   std::string_view bytes);

/// Whether `name` can be one file's name here: letters, digits, dots, dashes and underscores, not beginning with a dot.
bool is_file_name(std::string_view name);

}  // namespace chaser::channels
