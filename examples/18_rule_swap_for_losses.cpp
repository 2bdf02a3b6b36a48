// Question: a physics-informed loss is an integral. What does it matter by which rule?
//
// Idea:     one problem, one network, one optimizer, equal numbers of points; random points, Sobol's sequence, the
//           trapezoid rule, Simpson's, Gauss and Legendre's. After training: the error of the solution, and how
//           far the loss that was minimized is from the integral that it stands for.
//
// New here: any points as weighted_points, so that the rule is a value here.
//
// Run:      18_rule_swap_for_losses                a minute or two
//           18_rule_swap_for_losses --quick        seconds: only shows that everything works
//
// Expected: tables and what they mean are in docs/rule_swap_for_losses.md. Before training the gap falls at the order
// of the rule; after it only Gauss's loss, from 625 points on, is the integral, and at 1089 points the solutions are
// within a factor of 30, Gauss's the best.
//
// Protocol: u_t = u_xx / 4 on (0, 1)², u = sin(pi x) + t x (1 - x) N(x, t), so that the equation is the only term; N
// is 2-20-1 tanh (81 parameters), the same --seeds networks for every rule; --steps steps of Levenberg and Marquardt.
// The exact integral is by Gauss's rule on 100 x 100 points; errors are in L2 relative to the solution on 101 x 101
// points; medians of the seeds.
#include <cmath>
#include <filesystem>
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>

#include <fredholm/checkpoint.hpp>
#include <fredholm/fredholm.hpp>
#include <fredholm/physics/problems/heat.hpp>

#include "support/pinn.hpp"
#include "support/quick.hpp"

using namespace fredholm;

namespace {

template <class Grid, class Rule>
using Square = Discretization<ProductGrid<Grid, Grid>, ProductRule<Rule, Rule>>;
using Gauss = Square<LegendreGrid<>, GaussLegendre>;

struct Options {
  std::vector<Index> sizes{5, 7, 9, 13, 17, 25, 33};
  Index width = 20;
  Index steps = 500;
  Index seeds = 5;
  std::filesystem::path out = "out";
  bool quick = false;
};

const std::vector<std::string> rules{"MonteCarlo", "Sobol", "Trapezoid", "Simpson", "GaussLegendre"};

// 1. n² points of each kind on the unit square.
WeightedPoints<2> points_of(const std::string& rule, Index n, std::uint64_t seed) {
  const UniformGrid<> uniform(0.0, 1.0, n);
  Engine engine(100 + seed);
  if (rule == "MonteCarlo") return weighted_points(random_points(Box<2>{}, n * n, engine));
  if (rule == "Sobol") return weighted_points(sobol_points(Box<2>{}, n * n, 100 + seed));
  if (rule == "Trapezoid") return weighted_points(Square<UniformGrid<>, Trapezoid>({uniform, uniform}));
  if (rule == "Simpson") return weighted_points(Square<UniformGrid<>, Simpson>({uniform, uniform}));
  return weighted_points(Gauss({{0.0, 1.0, n}, {0.0, 1.0, n}}));
}

struct Result {
  double error, gap, first_gap;  ///< of the solution; of the loss after training, and before
};

using Model = problems::HardHeat<Mlp<Tanh>>;

// 2. One training. The gap is relative to the exact integral.
Result train(const std::string& rule, Index n, std::uint64_t seed, const Options& options, Model& model) {
  const problems::Heat heat;
  Engine engine(seed);
  model = {make_mlp<Tanh>({2, options.width, 1}, engine), 1.0};
  auto problem = make_problem(term("equation", points_of(rule, n, seed), heat));
  auto exact =
      make_problem(term("equation", weighted_points(Gauss({{0.0, 1.0, 100}, {0.0, 1.0, 100}})), heat));
  const auto gap = [&] {
    const double integral = losses(exact, model).total;
    return std::abs(losses(problem, model).total - integral) / integral;
  };
  Result result{};
  result.first_gap = gap();
  LevenbergMarquardt lm(model);
  SolveOptions solving{.steps = options.steps, .record_every = options.steps, .quiet = true};
  solve(problem, model, lm, solving);
  const Square<UniformGrid<>, Trapezoid> test({{0.0, 1.0, 101}, {0.0, 1.0, 101}});
  result.error = relative_error<L2>(values(model, test), values(heat.solution(), test));
  result.gap = gap();
  return result;
}

// 3. Errors and gaps against the number of points.
void draw(const std::vector<std::vector<double>>& rows, const std::filesystem::path& file) {
  support::Plot plot(file, 1200, 420);
  plot.data("rows", rows);
  plot << "set multiplot layout 1,3\nset logscale xy\nset format y '10^{%L}'\nset xlabel 'points'\n";
  const std::vector<std::string> titles{"error of the solution", "gap of the loss, untrained network",
                                        "gap of the loss, trained network"};
  const std::size_t count = rules.size();
  for (std::size_t part = 0; part < 3; ++part) {
    plot << "set title '" << titles[part] << "'\nset key " << (part == 0 ? "bottom left" : "off")
         << "\nplot ";
    for (std::size_t r = 0; r < count; ++r)
      plot << (r == 0 ? "" : ", ") << "$rows using 1:" << 2 + part * count + r
           << " with linespoints lw 2 title '" << rules[r] << "'";
    plot << '\n';
  }
  plot << "unset multiplot\n";
  if (plot.draw()) std::cout << "picture: " << file.string() << '\n';
}

}  // namespace

int main(int argc, char** argv) try {
  Options options;
  CLI::App app("One loss under five rules.");
  app.add_option("--sizes", options.sizes, "points along an axis, odd")->capture_default_str();
  app.add_option("--width", options.width, "of the hidden layer")->capture_default_str();
  app.add_option("--steps", options.steps, "of the optimizer")->capture_default_str();
  app.add_option("--seeds", options.seeds, "networks for each rule and size")->capture_default_str();
  app.add_option("--out", options.out, "folder for checkpoint, table and picture")->capture_default_str();
  support::add_quick(app, options.quick, [&] {
    options.sizes = {5, 9}, options.width = 8, options.steps = 10, options.seeds = 1;
  });
  CLI11_PARSE(app, argc, argv);
  if (options.quick) options.out /= "quick";  // whatever is there from a longer run stays
  std::filesystem::create_directories(options.out);

  const std::vector<std::string> what{"error", "untrained gap", "trained gap"};
  std::vector<support::Table> tables;
  std::vector<std::string> head{"points"};
  head.insert(head.end(), rules.begin(), rules.end());
  for (std::size_t part = 0; part < 3; ++part) tables.emplace_back(head);
  std::vector<std::vector<double>> rows;
  Model model;
  for (Index n : progress(options.sizes, {.label = "sizes"})) {
    std::vector<std::vector<double>> medians(3);
    for (const std::string& rule : rules) {
      std::vector<std::vector<double>> all(3);
      for (std::uint64_t seed : support::seeds(0, options.seeds)) {
        const Result result = train(rule, n, seed, options, model);
        all[0].push_back(result.error);
        all[1].push_back(result.first_gap);
        all[2].push_back(result.gap);
      }
      for (std::size_t part = 0; part < 3; ++part) medians[part].push_back(support::median(all[part]));
    }
    rows.push_back({static_cast<double>(n * n)});
    for (std::size_t part = 0; part < 3; ++part) {
      std::vector<std::string> cells{std::to_string(n * n)};
      for (double value : medians[part]) cells.push_back(support::scientific(value));
      tables[part].add(cells);
      rows.back().insert(rows.back().end(), medians[part].begin(), medians[part].end());
    }
  }
  save(model, options.out / "rule_swap_for_losses.safetensors");  // the last one, by Gauss's rule
  for (std::size_t part = 0; part < 3; ++part) {
    std::cout << what[part] << '\n';
    tables[part].print();
    tables[part].write_csv(options.out / ("rule_swap_for_losses_" + std::to_string(part) + ".csv"));
  }
  draw(rows, options.out / "rule_swap_for_losses.svg");
  return 0;
} catch (const std::exception& error) {
  std::cerr << "18_rule_swap_for_losses: " << error.what() << '\n';
  return 1;
}
