// Question: how exactly can a network solve the heat equation, and does it matter how fast heat spreads?
//
// Idea:     a physics-informed loss is an integral of a squared residual. Take Gauss's points for it and not
//           random ones, exact derivatives by Taylor mode, and a least-squares method and not gradient descent:
//           the error falls to some 1e-8 in seconds, where Adam ends at 1e-3.
//
// New here: derivatives, term, make_problem, solve, LevenbergMarquardt, problems::Heat.
//
// Run:      13_heat_pinn                          alpha = 0.05, 0.25, 1 on (0, 1), ten seconds each
//           13_heat_pinn --alpha 0.25 --seeds 5   the problem of Müller and Zeinhofer (2023), five networks
//           13_heat_pinn --adam                   the same with Adam
//           13_heat_pinn --quick                  a second: only shows that everything works
//
// Protocol: u_t = alpha u_xx on (0, L) x (0, 1), u(x, 0) = sin(pi x / L), cold ends; one hidden layer of 64
// tanh (257 parameters); Gauss's 30 x 30 points inside and 30 on each of the three sides; double; Levenberg and
// Marquardt. The error is in L2 relative to the solution, on 101 x 101 other points.
//
// Seen (g++ 12, -O3 -march=native, one core, ten seconds each):
//
//   alpha  steps  loss         error
//   0.05    1400  3.89e-18  1.49e-10
//   0.25    1647  3.54e-17  1.32e-09
//   1       1613  8.36e-15  4.12e-08
#include <cmath>
#include <filesystem>
#include <iostream>

#include <CLI/CLI.hpp>

#include <fredholm/checkpoint.hpp>
#include <fredholm/fredholm.hpp>
#include <fredholm/physics/problems/heat.hpp>
#include <fredholm/physics/problems/support.hpp>

#include "support/pinn.hpp"
#include "support/resume.hpp"

using namespace fredholm;

namespace {

using Inside =
    Discretization<ProductGrid<LegendreGrid<>, LegendreGrid<>>, ProductRule<GaussLegendre, GaussLegendre>>;
using Test = Discretization<ProductGrid<UniformGrid<>, UniformGrid<>>, ProductRule<Trapezoid, Trapezoid>>;

struct Options : support::RunOptions {
  std::vector<double> alphas{0.05, 0.25, 1.0};
  double length = 1.0;
  Index width = 64;
  Index points = 30;
  bool adam = false;
};

// 1. The equation and what holds on three sides of the domain. Each integral is by the rule of its points.
auto heat_problem(const problems::Heat& heat, Index n) {
  const Inside inside({{0.0, heat.length, n}, {0.0, heat.time, n}});
  return make_problem(term("equation", inside, heat),
                      term("start", initial(inside), problems::Matching{heat.solution()}),
                      term("ends", walls(inside), problems::zero));
}

// 2. A network, and steps until the time is over.
template <class Net>
support::Run train(Net& net, const problems::Heat& heat, const Options& options, const std::string& name,
                   std::uint64_t seed) {
  auto problem = heat_problem(heat, options.points);
  const Test test({{0.0, heat.length, 101}, {0.0, heat.time, 101}});
  const auto exact = values(heat.solution(), test);
  const auto error = [&](const Net& model) {
    return static_cast<double>(relative_error<L2>(values(model, test), exact));
  };
  SolveOptions solving{.steps = options.steps, .seconds = options.seconds, .record_every = 100};
  solving.label = "alpha " + support::format("%g", heat.alpha);
  if (options.adam) {
    Adam adam(net, {.learning_rate = 1e-3});
    return support::watch(problem, net, adam, solving, error, {},
                          support::run_file(options, name, seed, 1000));
  }
  LevenbergMarquardt lm(net, options.steps_of_lm());
  return support::watch(problem, net, lm, solving, error, {}, support::run_file(options, name, seed));
}

// 3. Left: the network and the solution at some times. Right: errors by the clock.
template <class Net>
void draw(const Net& net, const problems::Heat& heat, const std::vector<support::Run>& runs,
          const std::filesystem::path& file) {
  support::Plot plot(file, 1000, 400);
  const Test lines({{0.0, heat.length, 101}, {0.0, heat.time, 5}});
  const auto u = values(net, lines), exact = values(heat.solution(), lines);
  std::vector<std::vector<double>> rows;
  for (Index j = 0; j < 101; ++j) {
    rows.push_back({lines.nodes(0)[static_cast<std::size_t>(j)]});
    for (Index i = 0; i < 5; ++i) {
      rows.back().push_back(u.array()(0, j, i, 0));
      rows.back().push_back(exact.array()(0, j, i, 0));
    }
  }
  plot.data("lines", rows);
  plot
      << "set multiplot layout 1,2\nset xlabel 'x'\nset title 'alpha = " << heat.alpha
      << ", t = 0, 1/4, 1/2, 3/4, 1'\nplot for [i=0:4] $lines using 1:(column(2 * i + 3)) with lines lw 4 lc rgb "
         "'#bbbbbb' notitle, for [i=0:4] $lines using 1:(column(2 * i + 2)) with lines lw 1 lt i + 1 notitle\n";
  support::plot_errors(plot, runs, "relative error in L2");
  plot << "unset multiplot\n";
  if (plot.draw()) std::cout << "picture: " << file.string() << '\n';
}

}  // namespace

int main(int argc, char** argv) try {
  Options options;
  CLI::App app("The heat equation on (0, L) by a physics-informed network.");
  app.add_option("--alpha", options.alphas, "diffusivities, length² / time")->capture_default_str();
  app.add_option("--length", options.length, "L")->capture_default_str();
  app.add_option("--width", options.width, "of the hidden layer")->capture_default_str();
  app.add_option("--points", options.points, "along each axis")->capture_default_str();
  app.add_flag("--adam", options.adam, "Adam in place of Levenberg and Marquardt");
  options.seconds = 10;
  support::add_run_options(app, options, [&] {
    options.alphas = {0.25}, options.width = 12, options.points = 12, options.seconds = 0.5;
  });
  CLI11_PARSE(app, argc, argv);
  options.out = support::folder_of(options);

  for (double alpha : options.alphas) {
    const problems::Heat heat{.alpha = alpha, .length = options.length};
    const std::string name = (options.adam ? "heat_pinn_adam_" : "heat_pinn_") + support::format("%g", alpha);
    std::vector<support::Run> runs;
    for (std::uint64_t seed : support::seeds(options.seed, options.seeds)) {
      Engine engine(seed);
      auto net = make_mlp<Tanh>({2, options.width, 1}, engine);
      runs.push_back(train(net, heat, options, name, seed));
      runs.back().seed = seed;
      if (seed != options.seed) continue;
      save(net, options.out / (name + ".safetensors"));
      draw(net, heat, runs, options.out / (name + ".svg"));
    }
    std::cout << "alpha = " << alpha << ", L = " << options.length << '\n';
    support::report(runs, {}, options.out / (name + ".csv"));
  }
  return 0;
} catch (const std::exception& error) {
  std::cerr << "13_heat_pinn: " << error.what() << '\n';
  return 1;
}
