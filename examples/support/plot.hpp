// Pictures: a gnuplot script becomes an SVG file. Without gnuplot the program says so and goes on.
//
//   Plot plot("out/errors.svg");
//   plot << "set logscale y\nset xlabel 'h'\n";
//   plot.data("errors", {{0.1, 1e-2}, {0.05, 2.5e-3}});      a block $errors of rows, one point each
//   plot << "plot $errors with linespoints title 'Trapezoid'\n";
//   plot.draw();                                             true if there is a picture now
#pragma once

#include <stdio.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace support {

class Plot {
 public:
  explicit Plot(std::filesystem::path path, int width = 760, int height = 480) : path_(std::move(path)) {
    script_ << "set terminal svg size " << width << ',' << height
            << " dynamic background rgb 'white' font 'Helvetica,13'\n"
            << "set output '" << path_.string() << "'\n"
            << "set border 3\nset tics nomirror\nset grid ytics lc rgb '#dddddd'\n";
    script_.precision(17);
  }

  /// More of the script, in gnuplot's language.
  template <class Part>
  Plot& operator<<(const Part& part) {
    script_ << part;
    return *this;
  }

  /// A block of numbers, for `plot $name using 1:2`.
  void data(const std::string& name, const std::vector<std::vector<double>>& rows) {
    script_ << '$' << name << " << EOD\n";
    for (const auto& row : rows) {
      for (const double value : row) script_ << value << ' ';
      script_ << '\n';
    }
    script_ << "EOD\n";
  }

  bool draw() const {
    if (std::system("command -v gnuplot > /dev/null 2>&1") != 0) {
      std::cout << "gnuplot was not found: " << path_.string() << " is not drawn.\n";
      return false;
    }
    if (path_.has_parent_path()) std::filesystem::create_directories(path_.parent_path());
    std::FILE* gnuplot = ::popen("gnuplot", "w");
    bool drawn = gnuplot != nullptr;
    if (drawn) {
      const std::string text = script_.str();
      drawn = std::fwrite(text.data(), 1, text.size(), gnuplot) == text.size();
      drawn = ::pclose(gnuplot) == 0 && drawn;
    }
    if (!drawn) std::cout << "gnuplot failed: " << path_.string() << " is not drawn.\n";
    return drawn;
  }

 private:
  std::filesystem::path path_;
  std::ostringstream script_;
};

}  // namespace support
