// Question: the equation is known but for a number. How exactly do noisy samples of one solution give it?
//
// Idea:     the viscosity is a parameter beside the network. One term pulls the network to the samples, the other
//           to the equation with whatever viscosity it has by now, and both are one least-squares problem.
//
// New here: a coefficient as a Parameter of the model, samples as a term, the bound of Cramér and Rao.
//
// Run:      16_inverse_viscosity                 a minute
//           16_inverse_viscosity --seeds 5       five draws of places, noise and network, all reported
//           16_inverse_viscosity --quick         a second: only shows that everything works
//
// Protocol: Burgers' equation from -sin(pi x) with nu = 0.05 (the samples are Cole and Hopf's solution), 20,000
// samples at random places with normal noise of 1 % of their standard deviation; the network, 2-20-20-1 tanh,
// knows neither start nor walls; first guess nu = 0.2. Equation: Gauss's 40 x 40 points, its integral weighs 100.
// Levenberg and Marquardt, damped by the diagonal, as fits a coefficient beside weights.
//
// How exactly it can be known at all is in the table: no unbiased estimate from the same samples, even if it knew
// start and walls, has a smaller standard deviation than the bound. Raissi et al. (2019) have nu = 0.01 / pi and
// 2000 samples, where the bound is 0.4 %: a tenth of a per cent is not in those data.
//
// Seen (g++ 12, -O3 -march=native, one core), 16_inverse_viscosity --seeds 5:
//
//   seed    viscosity  error %  bound %
//   -----------------------------------
//   0       0.049952    0.0959  0.0267
//   1       0.050029    0.0581  0.0269
//   2       0.049977    0.0463  0.0270
//   3       0.049994    0.0116  0.0271
//   4       0.049998    0.0039  0.0272
//   median              0.0463
#include <cmath>
#include <filesystem>
#include <iostream>

#include <CLI/CLI.hpp>

#include <fredholm/checkpoint.hpp>
#include <fredholm/fredholm.hpp>
#include <fredholm/physics/problems/inverse_viscosity.hpp>

#include "support/pinn.hpp"
#include "support/resume.hpp"

using namespace fredholm;

namespace {

using Inside =
    Discretization<ProductGrid<LegendreGrid<>, LegendreGrid<>>, ProductRule<GaussLegendre, GaussLegendre>>;

struct Options : support::RunOptions {
  double viscosity = 0.05, guess = 0.2;
  Index samples = 20000;
  double noise = 0.01;
  Index width = 20, depth = 2, points = 40;
  double weight = 100;
};

using Model = problems::ViscosityModel<Mlp<Tanh>>;

double viscosity_of(const Model& model) { return model.viscosity.value().data()[0]; }

// 1. The samples, and the equation with the model's own viscosity.
auto inverse_problem(const problems::Samples& samples, const Options& options) {
  const Inside inside({{-1.0, 1.0, options.points}, {0.0, 1.0, options.points}});
  return make_problem(data_term("samples", samples.field),
                      term("equation", inside, problems::inverse_burgers, {.weight = options.weight}));
}

}  // namespace

int main(int argc, char** argv) try {
  Options options;
  CLI::App app("The viscosity of Burgers' equation from noisy samples.");
  app.add_option("--viscosity", options.viscosity, "the true one")->capture_default_str();
  app.add_option("--guess", options.guess, "to begin with")->capture_default_str();
  app.add_option("--samples", options.samples, "how many")->capture_default_str();
  app.add_option("--noise", options.noise, "of the standard deviation of the samples")->capture_default_str();
  app.add_option("--depth", options.depth, "hidden layers")->capture_default_str();
  app.add_option("--width", options.width, "of hidden layers")->capture_default_str();
  app.add_option("--weight", options.weight, "of the equation")->capture_default_str();
  support::add_run_options(app, options, [&] {
    options.samples = 500, options.width = 10, options.depth = 2, options.points = 12, options.seconds = 1;
  });
  CLI11_PARSE(app, argc, argv);
  options.out = support::folder_of(options);

  std::vector<support::Run> runs;
  support::Table table({"seed", "viscosity", "error %", "bound %"});
  std::vector<double> all;
  for (std::uint64_t seed : support::seeds(options.seed, options.seeds)) {
    const auto samples = problems::burgers_samples(
        {.viscosity = options.viscosity, .count = options.samples, .noise = options.noise, .seed = 1 + seed});
    Engine engine(seed);
    const auto widths = support::widths(2, options.depth, options.width, 1);
    Model model = problems::make_viscosity_model(make_mlp<Tanh>(widths, engine), options.guess);
    auto problem = inverse_problem(samples, options);
    LevenbergMarquardt lm(model, options.steps_of_lm());
    const auto error = [&](const Model& m) { return std::abs(viscosity_of(m) / options.viscosity - 1.0); };
    runs.push_back(support::watch(problem, model, lm, support::solve_options(options, seed), error, {},
                                  support::run_file(options, "inverse_viscosity", seed)));
    runs.back().seed = seed;
    all.push_back(100 * runs.back().error);
    table.row(seed, support::format("%.6f", viscosity_of(model)), support::format("%.4f", all.back()),
              support::format("%.4f", 100 * problems::cramer_rao(samples)));
    if (seed == options.seed) save(model, options.out / "inverse_viscosity.safetensors");
  }
  if (options.seeds > 1) table.row("median", "", support::format("%.4f", support::median(all)), "");
  table.print();
  support::report(runs, {}, options.out / "inverse_viscosity.csv");
  support::Plot plot(options.out / "inverse_viscosity.svg", 600, 400);
  support::plot_errors(plot, runs, "relative error of the viscosity");
  if (plot.draw()) std::cout << "picture: " << (options.out / "inverse_viscosity.svg").string() << '\n';
  return 0;
} catch (const std::exception& error) {
  std::cerr << "16_inverse_viscosity: " << error.what() << '\n';
  return 1;
}
