// Question: a flow as a network: how many digits of velocity and pressure come from the Navier-Stokes equations
//           alone?
//
// Idea:     three channels (u, v, p), three residuals (momentum and divergence), velocities given on the boundary
//           and the pressure at the outflow. The solution of Kovasznay (1948) is exact, so the error is known to
//           all digits.
//
// New here: systems, problems::SteadyNavierStokes with density and viscosity, parts of a boundary.
//
// Run:      15_kovasznay_pinn                a minute
//           15_kovasznay_pinn --seeds 5      five networks, all reported
//           15_kovasznay_pinn --quick        a second: only shows that everything works
//
// Protocol: Re = 40 on [-0.5, 1] x [-0.5, 1.5]; 2-20-20-3 tanh (543 parameters), double; Gauss's 24 x 32 points
// inside, and their nodes on the boundary, whose integrals weigh 10; Levenberg and Marquardt. Errors are in L2
// relative to the solution, on 101 x 101 other points; the pressure is compared as it is, the outflow fixes its
// constant.
//
// Seen (g++ 12, -O3 -march=native, one core), 15_kovasznay_pinn --seeds 5, a minute each:
//
//   seed         u         v         p
//   ----------------------------------
//      0  1.60e-08  1.31e-07  6.69e-08
//      1  1.62e-08  1.93e-07  9.07e-08
//      2  2.76e-08  2.97e-07  1.01e-07
//      3  2.23e-08  2.23e-07  7.60e-08
//      4  7.91e-09  7.50e-08  2.37e-08
//
// Without geodesic acceleration (--plain) v is wrong by 2.3e-6 to 5.2e-6 after three minutes.
#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <iostream>

#include <CLI/CLI.hpp>

#include <fredholm/checkpoint.hpp>
#include <fredholm/fredholm.hpp>
#include <fredholm/physics/problems/kovasznay.hpp>

#include "support/pinn.hpp"
#include "support/resume.hpp"

using namespace fredholm;

namespace {

using Inside =
    Discretization<ProductGrid<LegendreGrid<>, LegendreGrid<>>, ProductRule<GaussLegendre, GaussLegendre>>;
using Test = Discretization<ProductGrid<UniformGrid<>, UniformGrid<>>, ProductRule<Trapezoid, Trapezoid>>;

struct Options : support::RunOptions {
  Index width = 20, depth = 2;
  Index points_x = 24, points_y = 32;
  double weight = 10;
};

const problems::Kovasznay flow;

// 1. The equations inside, velocities on the boundary, the pressure where the flow leaves.
auto kovasznay_problem(const Options& options) {
  const Box<2> box = problems::Kovasznay::domain();
  const Inside inside({{box[0].left, box[0].right, options.points_x},  //
                       {box[1].left, box[1].right, options.points_y}});
  const auto velocity = [](const auto& net, const auto& points) {
    return slice_channels(values(net, points) - values(flow.solution(), points), 0, 2);
  };
  const auto pressure = [](const auto& net, const auto& points) {
    return slice_channels(values(net, points) - values(flow.solution(), points), 2, 1);
  };
  return make_problem(term("equations", inside, flow.equation()),
                      term("velocity", boundary(inside), velocity, {.weight = options.weight}),
                      term("outflow", face(inside, 0, Side::upper), pressure, {.weight = options.weight}));
}

Test test_points(Index n) {
  const Box<2> box = problems::Kovasznay::domain();
  return Test({{box[0].left, box[0].right, n}, {box[1].left, box[1].right, n}});
}

/// Of u, v and p.
template <class Net>
std::array<double, 3> errors(const Net& net) {
  const Test test = test_points(101);
  const auto found = values(net, test), exact = values(flow.solution(), test);
  std::array<double, 3> result{};
  for (Index c = 0; c < 3; ++c)
    result[static_cast<std::size_t>(c)] =
        relative_error<L2>(slice_channels(found, c, 1), slice_channels(exact, c, 1));
  return result;
}

// 2. The speed of the flow, and where it is wrong.
template <class Net>
void draw(const Net& net, const std::vector<support::Run>& runs, const std::filesystem::path& file) {
  support::Plot plot(file, 1200, 400);
  const Test map = test_points(61);
  const auto found = values(net, map), exact = values(flow.solution(), map);
  std::vector<std::vector<double>> rows;
  for (Index i = 0; i < 61; ++i) {
    for (Index j = 0; j < 61; ++j) {
      const double u = found.array()(0, j, i, 0), v = found.array()(0, j, i, 1);
      rows.push_back({map.nodes(0)[static_cast<std::size_t>(j)], map.nodes(1)[static_cast<std::size_t>(i)],
                      std::hypot(u, v),
                      std::hypot(u - exact.array()(0, j, i, 0), v - exact.array()(0, j, i, 1))});
    }
  }
  plot.data("map", rows);
  plot
      << "set multiplot layout 1,3\nset xlabel 'x'\nset ylabel 'y'\nset xrange [-0.5:1]\nset yrange [-0.5:1.5]\n"
      << "set title 'speed'\nplot $map using 1:2:3 with image notitle\n"
      << "set title 'its error'\nplot $map using 1:2:4 with image notitle\n"
      << "unset ylabel\nset autoscale\n";
  support::plot_errors(plot, runs, "largest relative error of u, v, p");
  plot << "unset multiplot\n";
  if (plot.draw()) std::cout << "picture: " << file.string() << '\n';
}

}  // namespace

int main(int argc, char** argv) try {
  Options options;
  CLI::App app("Kovasznay's flow by a physics-informed network.");
  app.add_option("--width", options.width, "of hidden layers")->capture_default_str();
  app.add_option("--depth", options.depth, "hidden layers")->capture_default_str();
  app.add_option("--points-x", options.points_x, "along x")->capture_default_str();
  app.add_option("--points-y", options.points_y, "along y")->capture_default_str();
  app.add_option("--weight", options.weight, "of the boundary")->capture_default_str();
  support::add_run_options(app, options, [&] {
    options.width = 10, options.points_x = 8, options.points_y = 10, options.seconds = 1;
  });
  CLI11_PARSE(app, argc, argv);
  options.out = support::folder_of(options);

  std::vector<support::Run> runs;
  support::Table parts({"seed", "u", "v", "p"});
  for (std::uint64_t seed : support::seeds(options.seed, options.seeds)) {
    Engine engine(seed);
    auto net = make_mlp<Tanh>(support::widths(2, options.depth, options.width, 3), engine);
    auto problem = kovasznay_problem(options);
    LevenbergMarquardt lm(net, options.steps_of_lm());
    const auto worst = [](const auto& model) {
      const auto all = errors(model);
      return *std::max_element(all.begin(), all.end());
    };
    runs.push_back(support::watch(problem, net, lm, support::solve_options(options, seed), worst, {60},
                                  support::run_file(options, "kovasznay_pinn", seed)));
    runs.back().seed = seed;
    const auto all = errors(net);
    parts.row(seed, support::scientific(all[0]), support::scientific(all[1]), support::scientific(all[2]));
    if (seed == options.seed) save(net, options.out / "kovasznay_pinn.safetensors");
    if (seed == options.seed) draw(net, runs, options.out / "kovasznay_pinn.svg");
  }
  parts.print();
  support::report(runs, {60}, options.out / "kovasznay_pinn.csv");
  return 0;
} catch (const std::exception& error) {
  std::cerr << "15_kovasznay_pinn: " << error.what() << '\n';
  return 1;
}
