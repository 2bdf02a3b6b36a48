// Question: can an operator be trained without a single solution, by the equation alone?
//
// Idea:     the loss of an operator u0 -> u(x, t) is the residual u_t + u u_x - nu u_xx of what it answers, squared and
//           integrated over space and time. Its derivatives are those of the grid, and the integral is the rule's: Fourier
//           along the period, Chebyshev points with Clenshaw and Curtis' rule in time, so both are spectral and 33 times are
//           enough. The start is built in, u = u0 + t N(u0), so that no weight has to balance two losses, and N is told the
//           time but not the place: it commutes with translations, as the equation does.
//
// New here: PinoLoss, through_time, Soap, an operator that is a struct of one's own. Builds on 03_burgers_fno and 04_mixed_bases.
//
// Run:      17_burgers_pino                  trains on functions alone; solutions are computed for the test
//           17_burgers_pino --evaluate       takes the model from out/ instead
//           17_burgers_pino --quick          a few seconds: only shows that everything works
//
// The setting is that of Li et al. (2021, physics-informed neural operator, section 4.1): viscosity 0.01 on the circle of length 1,
// times to 1, Gaussian functions with covariance 625 (-Delta + 25)^-2, 800 to train and 200 to test, and no data. They report 0.37 %.
#include <cmath>
#include <filesystem>
#include <iostream>
#include <memory>
#include <numeric>
#include <vector>

#include <CLI/CLI.hpp>
#include <Eigen/LU>

#include <fredholm/fredholm.hpp>
#include <fredholm/physics/pino.hpp>

#include "support/plot.hpp"
#include "support/table.hpp"
#include "support/train.hpp"

using namespace fredholm;

namespace {

using Circle = Discretization<PeriodicGrid<>, Trapezoid>;
using SpaceTime =
    Discretization<ProductGrid<PeriodicGrid<>, ChebyshevGrid<>>, ProductRule<Trapezoid, ClenshawCurtis>>;
using UniformTimes =
    Discretization<ProductGrid<PeriodicGrid<>, UniformGrid<>>, ProductRule<Trapezoid, Simpson>>;

constexpr double viscosity = 0.01;

struct Options {
  std::uint64_t seed = 7;
  Index points = 128;
  Index times = 33;
  Index channels = 32;
  Index modes = 20;
  Index time_modes = 12;
  Index depth = 4;
  Index epochs = 100;
  Index train = 800;
  Index test = 200;
  Index batch = 8;
  double rate = 3e-3;
  std::filesystem::path out = "out";
  bool evaluate = false;
  bool quick = false;
};

SpaceTime space_time(Index points, Index times) { return SpaceTime({{0.0, 1.0, points}, {0.0, 1.0, times}}); }

// 1. The operator: u0, given at every time, to u0 + t N(u0, t).
struct FromStart {
  Fno<2, Fourier, Chebyshev, float> correction;

  template <AnyField Input>
  Input operator()(const Input& start) const {
    const auto t = slice_channels(coordinates<float>(start.discretization()).values(), 1, 1);
    return start + start.with(t * correction(start.with(concatenate(start.values(), t))).values());
  }
};

FromStart make_model(const Options& options, Engine& engine) {
  return {make_fno<2, Fourier, Chebyshev, float>({.in = 2,
                                                  .channels = options.channels,
                                                  .modes = {options.modes, options.time_modes},
                                                  .depth = options.depth,
                                                  .position = Position::none},
                                                 engine)};
}

// 2. The equation.
const auto residual = [](const auto& u) {
  constexpr auto nu = static_cast<float>(viscosity);
  const auto slope = derivative<0>(u);
  return derivative<1>(u) + u * slope - nu * derivative<0>(slope);
};

// (1 - nu d^2/dx^2)^-1 of the residual: the same zeros, in a norm in which its high frequencies, which the second derivative has
// made large, do not outweigh all others. Half the error after equally many steps (200 functions, 15 epochs).
class WeakResidual {
 public:
  explicit WeakResidual(const Circle& d) {
    const Index n = d.size();
    Array<double> identity = Array<double>::zeros({n, n, 1});
    for (Index j = 0; j < n; ++j) identity.mutable_data()[j * n + j] = 1.0;
    const auto curvature = derivative<0>(derivative<0>(Field(d, identity)));
    const Eigen::Map<const Eigen::MatrixXd> columns(curvature.values().data(), n, n);  // one a basis vector
    const Eigen::MatrixXd inverse = (Eigen::MatrixXd::Identity(n, n) - viscosity * columns).inverse();
    // A circulant matrix that is symmetric: its rows are its columns.
    const std::vector<double> entries(inverse.data(), inverse.data() + n * n);
    inverse_ = std::make_shared<const AxisMap>(AxisMap::dense(n, n, entries));
  }

  template <AnyField Input>
  Input operator()(const Input& u) const {
    return u.with(apply_along(residual(u).values(), 1, inverse_));
  }

 private:
  std::shared_ptr<const AxisMap> inverse_;
};

std::vector<EigenSeries<1>> make_functions(Index count, Engine& engine) {
  return random_fields<1>(count,
                          {.box = Box<1>{{0.0, 1.0}},
                           .ends = Ends::periodic,
                           .sigma = 25,
                           .tau = 5,
                           .gamma = 2,
                           .modes = 32,
                           .drop_mean = true},
                          engine);
}

// 3. Solutions, for the test alone: the solver goes from one time to the next.
template <class Times>
Field<Times, float> solutions(const std::vector<EigenSeries<1>>& functions, const Times& d, Team& team) {
  const Circle fine({0.0, 1.0, 512});
  const auto space = space_of(d);
  const auto times = d.nodes(1);
  auto u = sample(functions, fine);
  Array<float> values(Shape{u.batch(), d.shape()[0], d.shape()[1], 1});
  double now = 0;
  for (Index j = 0; j < std::ssize(times); ++j) {
    const double step = times[static_cast<std::size_t>(j)] - now;
    if (step > 0) {
      u = burgers(
          u, {.viscosity = viscosity, .time = step, .steps = std::max<Index>(8, std::lround(800 * step))},
          team);
    }
    now += step;
    const auto there = resample(u, space);
    for (Index k = 0; k < u.batch() * space.size(); ++k)
      values.mutable_data()[k * std::ssize(times) + j] = static_cast<float>(there.values().data()[k]);
  }
  return {d, values};
}

// 4. One row a discretization: the error, and the residual that the loss sees.
template <class Times>
void report(support::Table& table, const std::string& name, const FromStart& model,
            const std::vector<EigenSeries<1>>& functions, const Times& d, Team& team) {
  const auto start = cast<float>(sample(functions, space_of(d)));
  const auto u = predict(model, through_time(start, d), team);
  const auto exact = solutions(functions, d, team);
  const double error = relative_error<L2>(u, exact), loss = mean_square(residual(u)),
               floor = mean_square(residual(exact));
  table.row(name, support::format("%.3f", 100 * error), support::scientific(loss),
            support::scientific(floor));
}

void draw(const FromStart& model, const std::vector<EigenSeries<1>>& functions, const Options& options,
          Team& team) {
  const std::vector<EigenSeries<1>> first{functions.front()};
  const auto d = space_time(options.points, options.times);
  const auto u = model(through_time(cast<float>(sample(first, space_of(d))), d));
  const auto exact = solutions(first, d, team);
  const auto x = d.nodes(0), t = d.nodes(1);
  std::vector<std::vector<double>> rows;
  for (const Index j : {Index{0}, options.times / 4, options.times / 2, options.times - 1}) {
    for (Index i = 0; i < std::ssize(x); ++i)
      rows.push_back({x[static_cast<std::size_t>(i)], t[static_cast<std::size_t>(j)],
                      static_cast<double>(u.values()(0, i, j, 0)),
                      static_cast<double>(exact.values()(0, i, j, 0))});
    rows.push_back({});
    rows.push_back({});
  }
  support::Plot plot(options.out / "burgers_pino.svg");
  plot.data("u", rows);
  plot
      << "set xlabel 'x'\nset ylabel 'u'\nset title 'a test function at four times: solver (lines), operator that never saw a solution (dots)'\n"
      << "unset key\nplot for [k=0:3] $u index k using 1:4 with lines lc k+1, for [k=0:3] $u index k using 1:3 every 3 with points pt 7 ps 0.4 lc k+1\n";
  if (plot.draw()) std::cout << "picture: " << (options.out / "burgers_pino.svg").string() << '\n';
}

}  // namespace

int main(int argc, char** argv) try {
  Options options;
  CLI::App app("Learn the solution operator of Burgers' equation from the equation alone.");
  app.add_option("--seed", options.seed, "of the weights and the shuffling")->capture_default_str();
  app.add_option("--points", options.points, "in space")->capture_default_str();
  app.add_option("--times", options.times, "Chebyshev points in time")->capture_default_str();
  app.add_option("--channels", options.channels, "of the model")->capture_default_str();
  app.add_option("--modes", options.modes, "in space")->capture_default_str();
  app.add_option("--time-modes", options.time_modes, "in time")->capture_default_str();
  app.add_option("--epochs", options.epochs, "of training")->capture_default_str();
  app.add_option("--train", options.train, "functions to train on")->capture_default_str();
  app.add_option("--test", options.test, "functions to test on")->capture_default_str();
  app.add_option("--batch", options.batch, "functions in a step")->capture_default_str();
  app.add_option("--rate", options.rate, "of learning, at its highest")->capture_default_str();
  app.add_option("--out", options.out, "folder for checkpoint, table and picture")->capture_default_str();
  app.add_flag("--evaluate", options.evaluate, "take the model from its checkpoint in --out");
  app.add_flag("--quick", options.quick, "a small run that only shows that everything works");
  CLI11_PARSE(app, argc, argv);
  if (options.quick) {
    options.train = 16, options.test = 2, options.epochs = 1, options.channels = 8, options.points = 64;
    options.times = 17, options.time_modes = 8, options.out /= "quick";
  }
  const auto file = options.out / "burgers_pino.safetensors";
  if (options.evaluate) support::require_checkpoint(file);
  std::filesystem::create_directories(options.out);

  Team team;
  Engine data(2026);
  const auto train = make_functions(options.train, data), test = make_functions(options.test, data);
  const auto d = space_time(options.points, options.times);
  const auto start = cast<float>(sample(train, space_of(d)));
  Engine weights(options.seed);
  auto model = make_model(options, weights);
  if (options.evaluate) {
    load(model, file);
  } else {
    Soap soap(model);
    const FitOptions training{.epochs = options.epochs, .learning_rate = options.rate, .label = "burgers"};
    const History history =
        fit(model, PinoLoss{WeakResidual(space_of(d)), {.residual = 1, .start = 0}},
            Loader(through_time(start, d), start, {.batch = options.batch, .seed = options.seed}), training,
            soap);
    std::cout << count_parameters(model) << " parameters, "
              << support::fixed(std::accumulate(history.seconds.begin(), history.seconds.end(), 0.0))
              << " s\n";
    save(model, file);
  }

  support::Table table({"points", "error %", "residual", "residual of the solver"});
  report(table, "as trained", model, test, d, team);
  report(table, "twice as many of both", model, test, space_time(2 * options.points, 2 * options.times - 1),
         team);
  report(table, "128 x 101, equal steps", model, test, UniformTimes({{0.0, 1.0, 128}, {0.0, 1.0, 101}}),
         team);
  table.print();
  table.write_csv(options.out / "burgers_pino.csv");
  draw(model, test, options, team);
  return 0;
} catch (const std::exception& error) {
  std::cerr << "17_burgers_pino: " << error.what() << '\n';
  return 1;
}
