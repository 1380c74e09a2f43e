#include <algorithm>
#include <array>
#include <utility>

#include "documents/markdown_inline.h"
#include "documents/table.h"
#include "documents/table_builder.h"

namespace chaser::documents {
namespace {

std::string_view without_indent(std::string_view line) {
  return line.substr(std::min(line.find_first_not_of(" \t"), line.size()));
}

bool consists_of(std::string_view line, std::string_view signs) {
  return !line.empty() && line.find_first_not_of(signs) == std::string_view::npos;
}

/// Delimiter rows, rules, underlines of headings and fences: marks without words.
bool is_mark(std::string_view line) {
  const std::string_view bare = trimmed(line);
  if (bare.starts_with("```") || bare.starts_with("~~~")) return true;
  if (consists_of(bare, "=")) return true;
  const bool has_sign = bare.find_first_of("-*_") != std::string_view::npos;
  return has_sign && bare.size() > 2 &&
         (consists_of(bare, "|:- \t") || consists_of(bare, "* ") || consists_of(bare, "_ "));
}

/// "# ", "- ", "12. ", "> " and what else opens a block; 0 if the line is plain text.
std::size_t block_sign_length(std::string_view line) {
  const auto with_blank = [&](std::size_t length) {
    return length < line.size() && (line[length] == ' ' || line[length] == '\t') ? length + 1 : 0;
  };
  const std::size_t hashes = std::min(line.find_first_not_of('#'), line.size());
  if (hashes > 0 && hashes <= 6) return with_blank(hashes);
  if (line.starts_with('>')) return 1;
  if (line.starts_with('-') || line.starts_with('*') || line.starts_with('+')) return with_blank(1);
  return 0;
}

std::vector<std::string_view> split_on_pipes(std::string_view line) {
  std::vector<std::string_view> cells;
  std::size_t start = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\') {
      ++i;
    } else if (line[i] == '|') {
      cells.push_back(line.substr(start, i - start));
      start = i + 1;
    }
  }
  if (!trimmed(line.substr(start)).empty()) cells.push_back(line.substr(start));
  return cells;
}

/// What is beyond the limit of a cell is refused by the builder as it stands.
std::string words_of(std::string_view markdown) {
  return markdown.size() > table_cell_bytes_max ? std::string{markdown} : plain_words(markdown);
}

class MarkdownReader {
 public:
  MarkdownReader(const Source& source, TableBuilder& to) : source_{source}, to_{to} {}

  void read() {
    for (int number = first_line(); number <= source_.line_count() && !to_.is_full(); ++number) read_line(number);
    end_paragraph();
  }

 private:
  int first_line() const;
  void read_line(int number);
  void read_table_row(std::string_view line);
  void add_block(std::string_view words);
  void end_paragraph();
  bool is_table_row(std::string_view line, int number) const;
  std::string_view without_comment(std::string_view line);
  std::size_t offset_of(std::string_view part) const {
    return static_cast<std::size_t>(part.data() - source_.text().data());
  }

  const Source& source_;
  TableBuilder& to_;
  bool in_table_ = false;
  bool in_comment_ = false;
  std::string_view paragraph_first_;
  std::string paragraph_;
};

/// Front matter between '---' lines at the very start is the publisher's, not the plan's.
int MarkdownReader::first_line() const {
  if (trimmed(source_.line(1)) != "---") return 1;
  for (int number = 2; number <= source_.line_count(); ++number) {
    if (trimmed(source_.line(number)) == "---") return number + 1;
  }
  return 1;
}

std::string_view MarkdownReader::without_comment(std::string_view line) {
  if (in_comment_) {
    const std::size_t end = line.find("-->");
    in_comment_ = end == std::string_view::npos;
    return in_comment_ ? std::string_view{} : line.substr(end + 3);
  }
  if (!without_indent(line).starts_with("<!--")) return line;
  const std::size_t end = line.find("-->");
  in_comment_ = end == std::string_view::npos;
  return in_comment_ ? std::string_view{} : line.substr(end + 3);
}

bool MarkdownReader::is_table_row(std::string_view line, int number) const {
  if (without_indent(line).starts_with('|')) return true;
  if (split_on_pipes(line).size() < 2) return false;
  const std::string_view next = trimmed(source_.line(number + 1));
  return in_table_ || (is_mark(next) && next.find('|') != std::string_view::npos);
}

void MarkdownReader::read_line(int number) {
  const std::string_view line = without_comment(source_.line(number));
  if (trimmed(line).empty()) {
    end_paragraph();
    in_table_ = false;
  } else if (is_mark(line)) {
    end_paragraph();
  } else if (is_table_row(line, number)) {
    end_paragraph();
    in_table_ = true;
    read_table_row(line);
  } else {
    const std::string_view words = without_indent(line);
    const std::size_t sign = block_sign_length(words);
    if (sign > 0 || in_table_) end_paragraph();
    add_block(words.substr(sign));
    if (words.starts_with('#') || in_table_) end_paragraph();
  }
}

void MarkdownReader::read_table_row(std::string_view line) {
  std::string_view inside = without_indent(line);
  if (inside.starts_with('|')) inside.remove_prefix(1);
  for (const std::string_view cell : split_on_pipes(inside)) to_.add_cell(offset_of(cell), cell, words_of(cell));
  to_.end_row();
}

void MarkdownReader::add_block(std::string_view words) {
  while (words.ends_with('#')) words.remove_suffix(1);
  if (paragraph_.empty()) paragraph_first_ = words;
  if (!paragraph_.empty()) paragraph_.push_back(' ');
  paragraph_ += trimmed(words);
}

void MarkdownReader::end_paragraph() {
  if (paragraph_.empty()) return;
  to_.add_cell(offset_of(paragraph_first_), paragraph_first_, words_of(paragraph_));
  to_.end_row();
  paragraph_.clear();
}

}  // namespace

Table read_markdown(const Source& source, Problems& problems) {
  if (!is_readable(source, problems)) return {};
  TableBuilder builder{source, problems};
  MarkdownReader{source, builder}.read();
  return builder.table();
}

}  // namespace chaser::documents
