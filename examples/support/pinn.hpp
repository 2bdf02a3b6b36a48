// What the physics-informed examples share: seeds, errors by the clock, tables of all seeds and their median.
//
//   struct Options : RunOptions { ... };    add_run_options(app, options, [&] { ... });    seconds, steps, seeds, folder, flags
//   Run run = watch(problem, model, optimizer, solve_options(options, seed), error, {50, 300},
//                   run_file(options, "burgers_pinn", seed));    solve, the error at these seconds, a file (resume.hpp)
//   report(runs, {50, 300}, "out/burgers_pinn.csv");
//
// Nothing is chosen by what comes out: every seed is a row, and below them stands the median.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <functional>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include <fredholm/physics/pinn.hpp>
#include <fredholm/train/broyden.hpp>
#include <fredholm/train/gauss_newton.hpp>

#include "plot.hpp"
#include "quick.hpp"
#include "table.hpp"

namespace support {

/// The options that all of them have.
struct RunOptions {
  double seconds = 60;
  fredholm::Index steps = 10000000;
  std::uint64_t seed = 0;
  fredholm::Index seeds = 1;
  std::filesystem::path out = "out";
  bool identity = false;
  bool plain = false;
  bool quick = false;
  bool resume = false;

  fredholm::LevenbergMarquardtOptions steps_of_lm() const {
    return {.marquardt = !identity, .acceleration = !plain};
  }
};

/// To a CLI::App; `make_small` for --quick (quick.hpp).
template <class App>
void add_run_options(App& app, RunOptions& options, std::function<void()> make_small) {
  app.add_option("--seconds", options.seconds, "for each network")->capture_default_str();
  app.add_option("--steps", options.steps, "at the most, whatever the time")->capture_default_str();
  app.add_option("--seed", options.seed, "the first one")->capture_default_str();
  app.add_option("--seeds", options.seeds, "networks, all reported")->capture_default_str();
  app.add_option("--out", options.out, "folder for checkpoints, tables and pictures")->capture_default_str();
  app.add_flag("--identity", options.identity, "damping by the identity, not by the diagonal");
  app.add_flag("--plain", options.plain, "steps without geodesic acceleration");
  app.add_flag(
      "--resume", options.resume,
      "with the same options, go on from where the last run was kept in --out; the clock begins anew");
  add_quick(app, options.quick, std::move(make_small));
}

/// The folder for results, made if it is not there. --quick has its own: what is there from a longer run stays.
inline std::filesystem::path folder_of(const RunOptions& options) {
  const auto folder = options.quick ? options.out / "quick" : options.out;
  std::filesystem::create_directories(folder);
  return folder;
}

/// For solve, with the number of the seed on its bar.
inline fredholm::SolveOptions solve_options(const RunOptions& options, std::uint64_t seed) {
  return {.steps = options.steps,
          .seconds = options.seconds,
          .record_every = 1000,
          .label = "seed " + std::to_string(seed)};
}

/// in, depth times width, out
inline std::vector<fredholm::Index> widths(fredholm::Index in, fredholm::Index depth, fredholm::Index width,
                                           fredholm::Index out) {
  std::vector<fredholm::Index> all(static_cast<std::size_t>(depth) + 2, width);
  all.front() = in;
  all.back() = out;
  return all;
}

/// Seconds on the wall, and those of all threads on processors: where others work beside, only the second kind says much.
class Clock {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }
  double processor() const {
    return static_cast<double>(std::clock() - processor_) / static_cast<double>(CLOCKS_PER_SEC);
  }

 private:
  std::clock_t processor_ = std::clock();
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

struct Look {
  double seconds, processor, loss, error;
};

struct Run {
  std::uint64_t seed = 0;
  fredholm::Index steps = 0;
  double seconds = 0, processor = 0, loss = 0, error = 0;
  std::vector<double> at = {};   ///< the errors at the seconds that were asked for
  std::vector<Look> looks = {};  ///< from time to time, for a picture
  std::string ended = {};
};

/// solve, with error() from time to time. The seconds are those of solving and looking. `file`: none, or a CheckpointFile.
template <class Problem, class Model, class Optimizer, class Error, class... File>
Run watch(Problem& problem, Model& model, Optimizer& optimizer, fredholm::SolveOptions options,
          const Error& error, const std::vector<double>& marks = {}, const File&... file) {
  static_assert(sizeof...(File) <= 1);
  Run run;
  const Clock clock;
  double next = 0.25;
  options.after_step = [&](fredholm::Index step, double loss) {
    const double now = clock.seconds();
    run.steps = step;
    if (now < next && (run.at.size() == marks.size() || now < marks[run.at.size()])) return true;
    run.looks.push_back({now, clock.processor(), loss, error(model)});
    while (run.at.size() < marks.size() && now >= marks[run.at.size()])
      run.at.push_back(run.looks.back().error);
    next = 1.15 * now;
    return true;
  };
  const auto history = fredholm::solve(problem, model, optimizer, options, file...);
  run.seconds = clock.seconds();
  run.processor = clock.processor();
  run.loss = history.loss;
  run.ended = history.ended;
  run.error = error(model);
  run.looks.push_back({run.seconds, run.processor, run.loss, run.error});
  while (run.at.size() < marks.size()) run.at.push_back(run.error);  // it ended before
  return run;
}

/// A row a seed, and the median.
inline void report(const std::vector<Run>& runs, const std::vector<double>& marks,
                   const std::filesystem::path& csv) {
  std::vector<std::string> head{"seed", "steps", "seconds", "processor s", "loss"};
  for (double mark : marks) head.push_back("error at " + format("%g", mark) + " s");
  head.push_back("error");
  Table table(head);
  std::vector<std::vector<double>> columns(marks.size() + 1);
  for (const Run& run : runs) {
    std::vector<std::string> cells{std::to_string(run.seed), std::to_string(run.steps), fixed(run.seconds),
                                   fixed(run.processor), scientific(run.loss)};
    for (std::size_t k = 0; k <= marks.size(); ++k) {
      columns[k].push_back(k < marks.size() ? run.at[k] : run.error);
      cells.push_back(scientific(columns[k].back()));
    }
    table.add(cells);
  }
  if (runs.size() > 1) {
    std::vector<std::string> cells{"median", "", "", "", ""};
    for (const auto& column : columns) cells.push_back(scientific(median(column)));
    table.add(cells);
  }
  table.print();
  table.write_csv(csv);
  Table looks({"seed", "seconds", "processor s", "loss", "error"});
  for (const Run& run : runs) {
    for (const Look& look : run.looks)
      looks.row(run.seed, fixed(look.seconds), fixed(look.processor), scientific(look.loss),
                scientific(look.error));
  }
  looks.write_csv(csv.parent_path() / (csv.stem().string() + "_looks.csv"));
}

/// The error of each run by the clock.
inline void plot_errors(Plot& plot, const std::vector<Run>& runs, const std::string& what) {
  plot << "set logscale xy\nset format y '10^{%L}'\nset xlabel 'seconds'\nset title '" << what << "'\n";
  std::string command = "plot ";
  for (std::size_t k = 0; k < runs.size(); ++k) {
    std::vector<std::vector<double>> rows;
    for (const Look& look : runs[k].looks) rows.push_back({look.seconds, look.error, std::sqrt(look.loss)});
    const std::string name = "run" + std::to_string(k);
    plot.data(name, rows);
    command += (k == 0 ? "$" : ", $") + name + " using 1:2 with lines lw 2 lt " + std::to_string(k + 1) +
               " title 'seed " + std::to_string(runs[k].seed) + "'";
  }
  plot << command << "\nunset logscale\nset format\n";
}

/// Seeds first, first + 1, ...
inline std::vector<std::uint64_t> seeds(std::uint64_t first, fredholm::Index count) {
  std::vector<std::uint64_t> all;
  for (fredholm::Index k = 0; k < count; ++k) all.push_back(first + static_cast<std::uint64_t>(k));
  return all;
}

}  // namespace support
