// Question: can a network find the front of Burgers' equation without a single datum, and to how many digits?
//
// Idea:     the start and the walls are built into the network, points crowd where the residual is large and
//           about x = 0, and a least-squares method sees the whole problem at every step.
//
// New here: hard constraints as plain code (problems::HardBurgers), resampled points (RAD), a reference that is
//           exact.
//
// Run:      14_burgers_pinn                     two minutes
//           14_burgers_pinn --seconds 50        less
//           14_burgers_pinn --seeds 5           five networks, all reported
//           14_burgers_pinn --optimizer broyden --minutes 10
//           14_burgers_pinn --resume            goes on from where the last run was kept in out/
//           14_burgers_pinn --quick             a second: only shows that everything works
//
// Protocol: u_t + u u_x = nu u_xx, nu = 0.01 / pi, on [-1, 1] x [0, 1] (Raissi et al., 2019).
// u = -sin(pi x) + t (1 - x²) N(x, t), N of --depth layers of 20 tanh, double. 2500 points in the domain and
// 2500 in |x| <= 0.1, drawn anew by residual every 25 steps (Wu et al., 2023), every 500 with Broyden's;
// Levenberg and Marquardt. The error is in L2 relative to Cole and Hopf's solution on 100 x 256 points.
//
// Seen (g++ 12, -O3 -march=native, one core), 14_burgers_pinn --seeds 5:
//
//   seed    steps  seconds  processor s  loss      error at 50 s     error
//   ----------------------------------------------------------------------
//   0       293    120.28   117.79       1.34e-09       3.07e-04  5.41e-06
//   1       277    120.35   118.35       5.22e-09       9.67e-05  6.27e-06
//   2       284    120.37   119.20       1.92e-08       2.67e-04  6.82e-06
//   3       289    120.40   120.20       4.29e-10       3.65e-05  1.89e-06
//   4       286    120.14   119.46       6.25e-07       7.95e-04  5.26e-05
//   median                                              2.67e-04  6.27e-06
//
// and --optimizer broyden --minutes 10 --seeds 5, on another machine, at times with half of a core:
//
//   seed    steps  seconds  processor s  loss      error at 50 s  error at 300 s     error
//   --------------------------------------------------------------------------------------
//   0       53265  600.01   489.98       9.05e-12       4.15e-06        6.08e-07  2.68e-07
//   1       42342  600.01   405.48       1.34e-11       5.40e-06        1.64e-06  5.59e-07
//   2       33983  600.01   336.64       4.54e-11       7.03e-05        9.25e-07  6.56e-07
//   3       60472  600.00   550.74       1.33e-11       9.52e-06        4.38e-07  3.28e-07
//   4       47298  600.00   420.80       3.11e-11       7.14e-06        8.84e-07  3.83e-07
//   median                                              7.14e-06        8.84e-07  3.83e-07
//
// Raissi et al. (2019) report 6.7e-4, by L-BFGS with data on start and walls; Urban et al. (2025) and Kiyani et al.
// (2025) some 7e-8 after 50 000 iterations of Broyden's method.
#include <cmath>
#include <filesystem>
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>

#include <fredholm/checkpoint.hpp>
#include <fredholm/fredholm.hpp>
#include <fredholm/physics/problems/burgers.hpp>

#include "support/pinn.hpp"
#include "support/resume.hpp"

using namespace fredholm;

namespace {

/// The test points: 256 x 100, both ends of space and time among them.
using Test = Discretization<ProductGrid<UniformGrid<>, UniformGrid<>>, ProductRule<Counting, Counting>>;

struct Options : support::RunOptions {
  Index depth = 4, width = 20;
  Index points = 2500;
  Index resample = 25;
  double minutes = 0;
  std::string optimizer = "lm";
};

/// Of the files.
std::string name_of(const Options& options) {
  return options.optimizer == "lm" ? "burgers_pinn" : "burgers_pinn_" + options.optimizer;
}

// 1. Two terms of one residual: a point of the front weighs what a point elsewhere does.
auto burgers_problem(const Options& options, std::uint64_t seed) {
  const problems::Burgers equation;
  const Box<2> box = problems::Burgers::domain(), front{{-0.1, 0.1}, box[1]};
  Engine engine(1000 + seed);
  return make_problem(
      resampled(term("equation", random_points(box, options.points, engine), equation), {.seed = 2 * seed}),
      resampled(term("front", random_points(front, options.points, engine), equation,
                     {.weight = box.measure() / front.measure()}),
                {.seed = 2 * seed + 1}));
}

// 2. Steps until the time is over; the error at some times on the way.
template <class Model, class Error>
support::Run train(Model& model, const Options& options, std::uint64_t seed, const Error& error,
                   const std::vector<double>& marks) {
  auto problem = burgers_problem(options, seed);
  SolveOptions solving = support::solve_options(options, seed);
  solving.resample_every = options.resample;
  if (options.optimizer == "broyden") {
    solving.resample_every *= 20;
    SelfScaledBroyden broyden(model, {});
    return support::watch(problem, model, broyden, solving, error, marks,
                          support::run_file(options, name_of(options), seed, 2000));
  }
  LevenbergMarquardt lm(model, options.steps_of_lm());
  return support::watch(problem, model, lm, solving, error, marks,
                        support::run_file(options, name_of(options), seed));
}

// 3. Left: the front at some times, network over reference. Right: errors by the clock.
template <class Model>
void draw(const Model& model, const std::vector<support::Run>& runs, const std::filesystem::path& file) {
  support::Plot plot(file, 1000, 400);
  const Test lines({{-1.0, 1.0, 401}, {0.0, 1.0, 5}});
  const auto u = values(model, lines), exact = sample(problems::ColeHopf{}, lines);
  std::vector<std::vector<double>> rows;
  for (Index j = 0; j < 401; ++j) {
    rows.push_back({lines.nodes(0)[static_cast<std::size_t>(j)]});
    for (Index i = 0; i < 5; ++i) {
      rows.back().push_back(u.array()(0, j, i, 0));
      rows.back().push_back(exact.array()(0, j, i, 0));
    }
  }
  plot.data("lines", rows);
  plot
      << "set multiplot layout 1,2\nset xlabel 'x'\nset title 't = 0, 1/4, 1/2, 3/4, 1'\nplot for [i=0:4] $lines "
         "using 1:(column(2 * i + 3)) with lines lw 4 lc rgb '#bbbbbb' notitle, for [i=0:4] $lines using 1:(column(2 "
         "* i + 2)) with lines lw 1 lt i + 1 notitle\n";
  support::plot_errors(plot, runs, "relative error in L2");
  plot << "unset multiplot\n";
  if (plot.draw()) std::cout << "picture: " << file.string() << '\n';
}

}  // namespace

int main(int argc, char** argv) try {
  Options options;
  CLI::App app("Burgers' equation by a physics-informed network.");
  app.add_option("--depth", options.depth, "hidden layers")->capture_default_str();
  app.add_option("--width", options.width, "of hidden layers")->capture_default_str();
  app.add_option("--points", options.points, "of each of the two terms")->capture_default_str();
  app.add_option("--resample", options.resample, "every so many steps")->capture_default_str();
  app.add_option("--minutes", options.minutes, "for each network; 0: --seconds")->capture_default_str();
  app.add_option("--optimizer", options.optimizer)
      ->check(CLI::IsMember({"lm", "broyden"}))
      ->capture_default_str();
  options.seconds = 120;
  support::add_run_options(app, options, [&] {
    options.depth = 2, options.width = 10, options.points = 200, options.seconds = 1;
  });
  CLI11_PARSE(app, argc, argv);
  if (options.minutes > 0) options.seconds = 60 * options.minutes;
  options.out = support::folder_of(options);

  const Test test({{-1.0, 1.0, 256}, {0.0, 1.0, 100}});
  const auto exact = sample(problems::ColeHopf{}, test);
  const auto error = [&](const auto& model) {
    return static_cast<double>(relative_error<L2>(values(model, test), exact));
  };
  std::vector<double> marks;
  for (double mark : {50.0, 300.0}) {
    if (mark <= options.seconds) marks.push_back(mark);
  }
  std::vector<support::Run> runs;
  for (std::uint64_t seed : support::seeds(options.seed, options.seeds)) {
    Engine engine(seed);
    const auto widths = support::widths(2, options.depth, options.width, 1);
    problems::HardBurgers<Mlp<Tanh>> model{make_mlp<Tanh>(widths, engine)};
    runs.push_back(train(model, options, seed, error, marks));
    runs.back().seed = seed;
    std::cout << "seed " << seed << ": " << support::scientific(runs.back().error) << std::endl;
    if (seed == options.seed) save(model, options.out / (name_of(options) + ".safetensors"));
    if (seed == options.seed) draw(model, runs, options.out / (name_of(options) + ".svg"));
  }
  support::report(runs, marks, options.out / (name_of(options) + ".csv"));
  return 0;
} catch (const std::exception& error) {
  std::cerr << "14_burgers_pinn: " << error.what() << '\n';
  return 1;
}
