// Question: a model was trained on one grid. Is it the same operator on another?
//
// Idea:     attention that counts points is a sum that depends on where the points are. Attention over a
//           measure and spectral convolution are integrals, which every grid and rule approximate. Only a
//           type differs.
//
// New here: Transformer<1, Counting> beside Transformer<1>, Fno<1, Sine>, fit, predict, save and load,
//           cast<double>. Builds on 01_trapezoid_or_simpson.
//
// Run:      02_heat_on_any_grid               trains three models and measures them, a minute on two cores
//           02_heat_on_any_grid --evaluate    takes the models from out/ instead
//           02_heat_on_any_grid --quick       a few seconds: only shows that everything works
//
// The operator is u(., 0) -> u(., T) for u_t = alpha u_xx on [0, 1], zero at both ends, alpha T = 0.01.
// Functions are Gaussian with covariance 625 (-Delta + 25)^-2, 32 sine terms, solved exactly: 1000 to train
// and 200 to test. The number of epochs and the rate were chosen on 200 other functions.
//
// Expected (g++ 12, -O3 -march=native, 2 cores; part of the table, the whole is in docs/tutorial.md):
//
//   discretization              points  counting %  measure %  to its limit  order  spectral %
//   -----------------------------------------------------------------------------------------
//   uniform, trapezoid              65        1.02       0.98      7.71e-05    2.0        0.25
//   uniform, trapezoid             513        1.09       0.97      1.20e-06    2.0        0.25
//   uniform, Simpson                65        1.01       0.98      2.89e-06    8.4        0.25
//   uniform, Simpson               513        1.09       0.97      3.79e-10    4.1        0.25
//   Legendre, Gauss                 65        7.56       0.97      6.93e-08    9.7        0.25
//   Legendre, Gauss                513        7.68       0.97      2.52e-11   -0.0        0.25
//   Chebyshev, Clenshaw-Curtis      65        7.96       0.97      8.60e-08   10.0        0.25
//   Chebyshev, Clenshaw-Curtis     513        7.73       0.97      2.52e-11   -0.0        0.25
//   scattered, trapezoid            65        8.22       1.57      4.08e-03    1.0        4.88
//   scattered, trapezoid           513        3.70       0.97      1.40e-04    0.4        0.26
//
// On the points it was trained on, the model that counts is as good as the one that integrates. On points that
// are denser at the ends it is another operator, 8 times worse, and more of them do not help. The model over the
// measure has one error on all of them, and comes to its limit at the order of the rule: 2, 4, spectral. Scattered
// points have the trapezoid rule's error on their widest gap.
#include <chrono>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <map>

#include <CLI/CLI.hpp>

#include <fredholm/checkpoint.hpp>
#include <fredholm/fredholm.hpp>

#include "support/plot.hpp"
#include "support/quick.hpp"
#include "support/table.hpp"
#include "support/train.hpp"

using namespace fredholm;

namespace {

struct Options {
  std::uint64_t seed = 7;
  Index train = 1000;
  Index test = 200;
  Index epochs = 40;
  double rate = 3e-3;
  std::filesystem::path out = "out";
  bool evaluate = false;
  bool quick = false;
};

using Training = Discretization<UniformGrid<>, Trapezoid>;
const Interval domain{0.0, 1.0};
constexpr double alpha = 0.01;
constexpr double time_span = 1.0;

std::vector<SineSeries> solve(std::vector<SineSeries> functions) {
  for (auto& u : functions) u = heat(u, alpha, time_span);
  return functions;
}

// 1. One family of discretizations a type. Scattered points are random, but the ends are there.
template <class Discretization>
Discretization discretize(Index points) {
  using Grid = typename Discretization::grid_type;
  if constexpr (std::is_same_v<Grid, ScatteredGrid>) {
    Engine engine(static_cast<std::uint64_t>(points));
    std::vector<double> x{domain.left, domain.right};
    while (static_cast<Index>(x.size()) < points) x.push_back(uniform(engine));
    std::sort(x.begin(), x.end());
    return Discretization(Grid(x, domain));
  } else {
    return Discretization(Grid(domain.left, domain.right, points));
  }
}

// 2. What is measured of one model on one discretization.
struct Row {
  std::string family;
  Index points;
  double error;     // relative L2 against the exact solution: mean over the test functions
  double distance;  // L2 to the model's own output on the finest grid, in double: mean over ten functions
};

template <class Discretization, class Model, class Limit>
void measure(const std::string& family, const std::vector<Index>& sizes, const Model& model,
             const Limit& limit, const std::vector<SineSeries>& test, Team& team, std::vector<Row>& rows) {
  const auto exact = solve(test);
  const auto in_double = cast<double>(model);
  const std::vector<SineSeries> few(test.begin(), test.begin() + limit.batch());
  for (const Index n : sizes) {
    const auto d = discretize<Discretization>(n);
    const double error =
        relative_error<L2>(predict(model, sample<float>(test, d), team), sample<float>(exact, d));
    const double gap = distance<L2>(predict(in_double, sample(few, d), team), resample(limit, d));
    rows.push_back({family, n, error, gap});
  }
}

// 3. The same weights, five families of points.
template <class Model>
std::vector<Row> study(const Model& model, const std::vector<SineSeries>& test, const Options& options) {
  const std::vector<Index> sizes =
      options.quick ? std::vector<Index>{33, 65} : std::vector<Index>{33, 65, 129, 257, 513};
  const auto finest = discretize<Discretization<UniformGrid<>, Simpson>>(options.quick ? 129 : 1025);
  const std::vector<SineSeries> few(test.begin(),
                                    test.begin() + std::min<std::ptrdiff_t>(10, std::ssize(test)));
  Team team;
  const auto limit = predict(cast<double>(model), sample(few, finest), team);
  std::vector<Row> rows;
  measure<Training>("uniform, trapezoid", sizes, model, limit, test, team, rows);
  measure<Discretization<UniformGrid<>, Simpson>>("uniform, Simpson", sizes, model, limit, test, team, rows);
  measure<Discretization<LegendreGrid<>, GaussLegendre>>("Legendre, Gauss", sizes, model, limit, test, team,
                                                         rows);
  measure<Discretization<ChebyshevGrid<>, ClenshawCurtis>>("Chebyshev, Clenshaw-Curtis", sizes, model, limit,
                                                           test, team, rows);
  measure<Discretization<ScatteredGrid, Trapezoid>>("scattered, trapezoid", sizes, model, limit, test, team,
                                                    rows);
  return rows;
}

// 4. Train a model on 65 uniform points with the trapezoid rule, or take it from its checkpoint.
template <class Model>
std::vector<Row> run(const std::string& name, Model model, const std::vector<SineSeries>& train,
                     const std::vector<SineSeries>& test, const Options& options) {
  const auto file = options.out / ("heat_" + name + ".safetensors");
  if (options.evaluate) {
    support::require_checkpoint(file);
    load(model, file.string());
    std::cout << name << ": " << count_parameters(model) << " parameters from " << file.string() << '\n';
  } else {
    const auto d = discretize<Training>(65);
    Loader batches(sample<float>(train, d), sample<float>(solve(train), d),
                   {.batch = 20, .seed = options.seed});
    const auto loss = [](const auto& net, const auto& u, const auto& v) {
      return relative_error<L2>(net(u), v);
    };
    const auto start = std::chrono::steady_clock::now();
    const History history =
        fit(model, loss, batches, {.epochs = options.epochs, .learning_rate = options.rate, .label = name});
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    std::cout << name << ": " << count_parameters(model) << " parameters, " << support::fixed(seconds.count())
              << " s, training error " << support::format("%.2f %%", 100.0 * history.loss.back()) << '\n';
    save(model, file.string());
  }
  return study(model, test, options);
}

// 5. One table for all models: error in percent, distance to the own limit, and its observed order.
using Results = std::vector<std::pair<std::string, std::vector<Row>>>;

std::string order(const std::vector<Row>& rows, std::size_t i) {
  if (i == 0 || rows[i].family != rows[i - 1].family || rows[i].distance <= 0.0) return "-";
  const double h = static_cast<double>(rows[i - 1].points - 1) / static_cast<double>(rows[i].points - 1);
  if (rows[i].distance > 0.9 * rows[i - 1].distance)
    return "-";  // it stands still, at the limit's own error or another one
  return support::format("%.1f", std::log(rows[i].distance / rows[i - 1].distance) / std::log(h));
}

void print(const Results& results, const std::filesystem::path& out) {
  std::vector<std::string> head{"discretization", "points"};
  for (const auto& [name, rows] : results) {
    head.push_back(name + " error %");
    head.push_back("to limit");
    head.push_back("order");
  }
  support::Table table(head);
  for (std::size_t i = 0; i < results.front().second.size(); ++i) {
    const Row& row = results.front().second[i];
    std::vector<std::string> cells{row.family, std::to_string(row.points)};
    for (const auto& [name, rows] : results) {
      cells.push_back(support::fixed(100.0 * rows[i].error));
      cells.push_back(support::scientific(rows[i].distance));
      cells.push_back(order(rows, i));
    }
    table.add(cells);
  }
  table.print();
  table.write_csv(out / "heat_on_any_grid.csv");
}

// 6. Left: error against the exact solution. Right: distance to the model's own limit.
void draw(const Results& results, const std::filesystem::path& out) {
  support::Plot plot(out / "heat_on_any_grid.svg", 1100, 480);
  std::vector<std::string> families;
  for (const Row& row : results.front().second) {
    if (families.empty() || families.back() != row.family) families.push_back(row.family);
  }
  std::string left;
  std::string right;
  for (std::size_t m = 0; m < results.size(); ++m) {
    for (std::size_t f = 0; f < families.size(); ++f) {
      std::vector<std::vector<double>> points;
      for (const Row& row : results[m].second) {
        if (row.family == families[f])
          points.push_back({static_cast<double>(row.points), 100.0 * row.error, row.distance});
      }
      const std::string data = "m" + std::to_string(m) + "f" + std::to_string(f);
      plot.data(data, points);
      const std::string style =
          " with linespoints lc " + std::to_string(m + 1) + " pt " + std::to_string(f + 4) + " ps 0.8";
      const std::string title = f == 0 ? " title '" + results[m].first + "'" : " notitle";
      left += (left.empty() ? "plot $" : ", $") + data + " using 1:2" + style + title;
      right += (right.empty() ? "plot $" : ", $") + data + " using 1:3" + style + " notitle";
    }
  }
  for (std::size_t f = 0; f < families.size(); ++f) {
    right +=
        ", keyentry with points lc rgb 'black' pt " + std::to_string(f + 4) + " title '" + families[f] + "'";
  }
  plot << "set multiplot layout 1,2\nset logscale xy\nset xrange [28:600]\nset xtics (33,65,129,257,513)\n"
       << "set xlabel 'points (trained on 65, uniform)'\nset key bottom left box width 1\n"
       << "set title 'error against the exact solution, %'\nset yrange [0.04:50]\n"
       << left << '\n'
       << "set title 'distance to the limit of the model itself'\nset format y '10^{%L}'\nset yrange "
          "[1e-12:1]\n"
       << right << "\nunset multiplot\n";
  if (plot.draw()) std::cout << "picture: " << (out / "heat_on_any_grid.svg").string() << '\n';
}

}  // namespace

int main(int argc, char** argv) try {
  Options options;
  CLI::App app("Learn the solution operator of the heat equation on one grid, and ask it on others.");
  app.add_option("--seed", options.seed, "of the weights and the shuffling")->capture_default_str();
  app.add_option("--train", options.train, "functions to train on")->capture_default_str();
  app.add_option("--test", options.test, "functions to test on")->capture_default_str();
  app.add_option("--epochs", options.epochs, "of training")->capture_default_str();
  app.add_option("--rate", options.rate, "of learning, at its highest")->capture_default_str();
  app.add_option("--out", options.out, "folder for checkpoints, table and picture")->capture_default_str();
  app.add_flag("--evaluate", options.evaluate,
               "take the models from their checkpoints in --out instead of training");
  support::add_quick(app, options.quick, [&] { options.train = 40, options.test = 4, options.epochs = 2; });
  CLI11_PARSE(app, argc, argv);
  if (options.quick) options.out /= "quick";  // whatever is there from a longer run stays
  if (!options.evaluate) std::filesystem::create_directories(options.out);

  Engine data(2026);
  const auto train = random_sine_series(options.train, {}, data);
  const auto test = random_sine_series(options.test, {}, data);

  Results results;
  Engine weights(options.seed);
  results.emplace_back(
      "counting",
      run("counting", make_transformer<1, Counting, float>({.channels = 32, .heads = 4, .depth = 4}, weights),
          train, test, options));
  weights.seed(options.seed);  // the same initial weights: only the type differs
  results.emplace_back(
      "measure", run("measure", make_transformer<1, float>({.channels = 32, .heads = 4, .depth = 4}, weights),
                     train, test, options));
  results.emplace_back(
      "spectral",
      run("spectral", make_fno<1, Sine, float>({.channels = 23, .modes = 16, .depth = 4}, weights), train,
          test, options));
  print(results, options.out);
  draw(results, options.out);
  return 0;
} catch (const std::exception& error) {
  std::cerr << "02_heat_on_any_grid: " << error.what() << '\n';
  return 1;
}
