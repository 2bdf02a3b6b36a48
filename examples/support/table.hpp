// Tables of results: aligned on the terminal, or as CSV.
//
//   Table table({"rule", "points", "error"});
//   table.row("Simpson", 9, scientific(1.7e-3));
//   table.print();                       texts to the left, numbers to the right
//   table.write_csv("out/errors.csv");
#pragma once

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <ostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace support {

/// A number as printf writes it.
inline std::string format(const char* how, double value) {
  char text[64];
  std::snprintf(text, sizeof text, how, value);
  return text;
}
inline std::string scientific(double value) { return format("%.2e", value); }
inline std::string fixed(double value) { return format("%.2f", value); }

inline double median(std::vector<double> values) {
  if (values.empty()) throw std::invalid_argument("median: there are no values.");
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

class Table {
 public:
  explicit Table(std::vector<std::string> head) : head_(std::move(head)) {}

  /// One cell a column: texts, or anything that can be written to a stream.
  template <class... Cells>
  void row(const Cells&... cells) {
    add({text(cells)...});
  }
  void add(std::vector<std::string> cells) {
    if (cells.size() != head_.size())
      throw std::invalid_argument("Table: a row has not as many cells as the head.");
    rows_.push_back(std::move(cells));
  }

  void print(std::ostream& out = std::cout) const {
    std::vector<std::size_t> widths;
    std::vector<bool> numeric;
    for (std::size_t c = 0; c < head_.size(); ++c) {
      widths.push_back(head_[c].size());
      numeric.push_back(!rows_.empty());
      for (const auto& cells : rows_) {
        widths[c] = std::max(widths[c], cells[c].size());
        numeric[c] = numeric[c] && is_number(cells[c]);
      }
    }
    const auto line = [&](const std::vector<std::string>& cells) {
      std::string text = " ";
      for (std::size_t c = 0; c < cells.size(); ++c) {
        const std::string space(widths[c] - cells[c].size(), ' ');
        text += " " + (numeric[c] ? space + cells[c] : cells[c] + space) + " ";
      }
      text.erase(text.find_last_not_of(' ') + 1);
      out << text << '\n';
      return text.size();
    };
    const std::size_t length = line(head_);
    out << "  " << std::string(length - 2, '-') << '\n';
    for (const auto& cells : rows_) line(cells);
    out.flush();
  }

  /// Makes the folder if there is none.
  void write_csv(const std::filesystem::path& path) const {
    if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path());
    std::ofstream out(path);
    const auto line = [&out](const std::vector<std::string>& cells) {
      for (std::size_t c = 0; c < cells.size(); ++c) out << (c == 0 ? "" : ",") << quoted(cells[c]);
      out << '\n';
    };
    line(head_);
    for (const auto& cells : rows_) line(cells);
    if (!out.flush()) throw std::runtime_error("Table: " + path.string() + " could not be written.");
  }

 private:
  template <class Cell>
  static std::string text(const Cell& cell) {
    std::ostringstream out;
    out << cell;
    return out.str();
  }

  static bool is_number(const std::string& cell) {
    return !cell.empty() && cell.find_first_not_of("0123456789+-.e%") == std::string::npos;
  }

  static std::string quoted(const std::string& cell) {
    if (cell.find_first_of(",\"\n") == std::string::npos) return cell;
    std::string result = "\"";
    for (const char letter : cell) result += letter == '"' ? std::string("\"\"") : std::string(1, letter);
    return result + "\"";
  }

  std::vector<std::string> head_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace support
