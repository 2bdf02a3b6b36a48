// Question: a network has learned an integral from examples that the trapezoid rule computed. Can it be made
// more
//           accurate afterwards, without training?
//
// Idea:     attention pooling is a quotient of two integrals over the points y of the domain,
//
//             F(u) = int e^{s(u(y))} v(u(y)) dmu(y) / int e^{s(u(y))} dmu(y),     networks s and v that see
//             u(y) only,
//
//           and how an integral is computed is a type. Training finds s and v; the rule comes with the field.
//           So the same parameters run under Simpson's rule, on more points, or on the points of Gauss and
//           Legendre. `AttentionPooling<Counting>` is what a set transformer does: every point counts the
//           same. It has to learn the rule, too, as well as it can from the values, and cannot be given
//           another one.
//
// New here: Discretization, sample, integrals, AttentionPooling, fit, save and load.
//
// Run:      01_trapezoid_or_simpson               six seeds, two models each, all reported
//           01_trapezoid_or_simpson --evaluate    the same tables from the saved models, without training
//           01_trapezoid_or_simpson --quick       a few seconds: two seeds, too few steps to be accurate
//
// Expected (g++ 12, -O2, 24000 steps of Adam a model; 52 s on 2 cores):
//
//  Error against the exact integral, RMSE / standard deviation, median of 6 seeds
//    rule              its own error  weighted     plain
//    ---------------------------------------------------
//    Trapezoid 9            1.47e-02  1.47e-02  8.06e-02
//    Simpson 9              1.50e-03  2.28e-03  8.06e-02
//    Simpson 17             8.20e-05  1.53e-03  4.18e-02
//    Trapezoid 65           2.25e-04  1.53e-03  1.74e-02
//    Gauss-Legendre 9       5.01e-10  1.54e-03  1.74e-01
//  Every seed
//    seed  weighted: Trapezoid 9  Simpson 9  factor  plain: Trapezoid 9  Simpson 9  factor
//    -------------------------------------------------------------------------------------
//       1               1.47e-02   2.16e-03    6.81            8.06e-02   8.06e-02    1.00
//       2               1.48e-02   2.30e-03    6.43            8.09e-02   8.09e-02    1.00
//       3               1.47e-02   2.49e-03    5.90            8.06e-02   8.06e-02    1.00
//       4               1.47e-02   2.26e-03    6.53            8.06e-02   8.06e-02    1.00
//       5               1.47e-02   1.89e-03    7.77            8.09e-02   8.09e-02    1.00
//       6               1.47e-02   2.30e-03    6.41            8.07e-02   8.07e-02    1.00
//  From Trapezoid to Simpson on the same 9 points the error falls by a factor of
//    weighted 6.47, plain 1.00 (it has no weights to exchange: its output is the same)
//
// Weighted: below the rule's own error there is what Adam left, 1.5e-3, and no finer rule goes under it.
// Plain: on the same points nothing can change; on more equal ones its mean comes closer to an integral; on
// Gauss's points it fails.
#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <mutex>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include <fredholm/checkpoint.hpp>
#include <fredholm/fredholm.hpp>

#include "support/plot.hpp"
#include "support/table.hpp"
#include "support/train.hpp"

using namespace fredholm;

struct Options {
  std::uint64_t seed = 1;
  Index seeds = 6;
  Index steps = 24000;
  std::string out = "out";
  bool quick = false;
  bool evaluate = false;
};

// 1. Functions that are smooth and not periodic: on periodic ones the trapezoid rule has nothing left to
// improve.
//      f(y) = c0 + c1 y + sum_{k <= 3} a_k sin(k pi y + phi_k),  and its integral over [0, 1] in closed form.

struct Function {
  double c0, c1;
  std::array<double, 3> a, phi;

  explicit Function(Engine& engine) {
    const auto within = [&engine](double bound) { return bound * (2 * uniform(engine) - 1); };
    c0 = within(1), c1 = within(1);
    for (double& amplitude : a) amplitude = within(1);
    for (double& phase : phi) phase = within(std::numbers::pi);
  }

  double operator()(double y) const {
    double value = c0 + c1 * y;
    for (std::size_t i = 0; i < 3; ++i) value += a[i] * std::sin(wave(i) * y + phi[i]);
    return value;
  }

  double integral() const {
    double value = c0 + c1 / 2;
    for (std::size_t i : {0U, 2U}) value += a[i] * 2 * std::cos(phi[i]) / wave(i);
    return value;  // of k = 2 there is nothing left
  }

  static double wave(std::size_t i) { return static_cast<double>(i + 1) * std::numbers::pi; }  // k = i + 1
};

std::vector<Function> random_functions(Index count, std::uint64_t seed) {
  Engine engine(seed);
  std::vector<Function> functions;
  for (Index i = 0; i < count; ++i) functions.emplace_back(engine);
  return functions;
}

// 2. The models differ in one template argument. Neither is told where its points are or how many there are.

using Weighted = AttentionPooling<RuleOfField, Tanh>;  // integrates with the weights that the field carries
using Plain = AttentionPooling<Counting, Tanh>;        // adds up points

template <class Model>
Model make_model(std::uint64_t seed) {
  Engine engine(seed);
  auto score = make_mlp<Tanh>({1, 24, 1}, engine);
  return {std::move(score), make_mlp<Tanh>({1, 24, 1}, engine)};
}

// 3. Training: 9 points, the trapezoid rule, and labels that it computed. The exact integral is not seen.

using Rule9 = Discretization<UniformGrid<>, Trapezoid>;

template <class Model>
void train(Model& model, std::uint64_t seed, const Options& options) {
  const auto u = sample(random_functions(3000, seed), Rule9({0.0, 1.0, 9}));
  // 44 functions on 9 points are one tile: a training is on one thread, and the trainings run side by side.
  Loader loader(u, integrals(u), {.batch = 44, .seed = seed});
  const auto loss = [](const auto& m, const auto& input, const auto& output) {
    return mean_squared_error(m(input), output);
  };
  const Index epochs = std::max<Index>(1, options.steps / loader.size());
  fit(model, loss, loader,
      {.epochs = epochs, .learning_rate = 2e-2, .quiet = true});  // one bar for all, in main
}

// 4. The same parameters under another rule: `f` is called with a name, a number of points and the
// discretization.

template <class F>
void for_each_rule(const F& f) {
  const auto call = [&f](const std::string& name, const auto& d) {
    f(name + " " + std::to_string(d.size()), d);
  };
  call("Trapezoid", Discretization<UniformGrid<>, Trapezoid>({0.0, 1.0, 9}));
  call("Simpson", Discretization<UniformGrid<>, Simpson>({0.0, 1.0, 9}));
  call("Simpson", Discretization<UniformGrid<>, Simpson>({0.0, 1.0, 17}));
  call("Trapezoid", Discretization<UniformGrid<>, Trapezoid>({0.0, 1.0, 65}));
  call("Gauss-Legendre", Discretization<LegendreGrid<>, GaussLegendre>({0.0, 1.0, 9}));
}

/// Root mean square of the differences from the exact integrals, over the standard deviation of these.
double relative_rmse(const Array<double>& values, const std::vector<Function>& functions) {
  const auto count = static_cast<double>(functions.size());
  double mean = 0, variance = 0, square = 0;
  for (const Function& f : functions) mean += f.integral() / count;
  for (std::size_t i = 0; i < functions.size(); ++i) {
    const double exact = functions[i].integral();
    variance += (exact - mean) * (exact - mean) / count;
    square += (values.data()[i] - exact) * (values.data()[i] - exact) / count;
  }
  return std::sqrt(square / variance);
}

/// One error for each rule.
template <class Operator>
std::vector<double> errors(const Operator& op, const std::vector<Function>& functions) {
  std::vector<double> result;
  for_each_rule([&](const std::string&, const auto& d) {
    result.push_back(relative_rmse(op(sample(functions, d)), functions));
  });
  return result;
}

// 5. One seed of one model: trained and saved, or loaded.

template <class Model>
std::vector<double> run(const std::string& name, std::uint64_t seed, const std::vector<Function>& test,
                        const std::string& stem, const Options& options) {
  auto model = make_model<Model>(seed);
  const std::string path = stem + "_" + name + "_" + std::to_string(seed) + ".safetensors";
  if (options.evaluate) {
    support::require_checkpoint(path);
    load(model, path);
  } else {
    train(model, seed, options);
    save(model, path, {{"seed", std::to_string(seed)}, {"steps", std::to_string(options.steps)}});
  }
  return errors(model, test);
}

// 6. Tables and the picture.

using Runs = std::vector<std::vector<double>>;  // [seed][rule]

void report(const Runs& weighted, const Runs& plain, const std::vector<double>& own, const std::string& stem,
            const Options& options) {
  using support::scientific, support::fixed;
  const auto median = [](const Runs& runs, std::size_t r) {
    std::vector<double> values;
    for (const auto& run : runs) values.push_back(run[r]);
    return support::median(std::move(values));
  };
  support::Table medians({"rule", "its own error", "weighted", "plain"});
  support::Table csv({"rule", "rule_error", "seed", "weighted", "plain"});
  Runs points;
  std::string labels;
  std::size_t rule = 0;
  for_each_rule([&](const std::string& name, const auto&) {
    const double w = median(weighted, rule), p = median(plain, rule);
    medians.row(name, scientific(own[rule]), scientific(w), scientific(p));
    for (std::size_t s = 0; s < weighted.size(); ++s) {
      csv.row(name, own[rule], options.seed + s, weighted[s][rule], plain[s][rule]);
    }
    points.push_back({static_cast<double>(rule), own[rule], w, p});
    labels += (rule == 0 ? "'" : ", '") + name + "' " + std::to_string(rule);
    ++rule;
  });
  std::cout << "\nError against the exact integral, RMSE / standard deviation, median of " << weighted.size()
            << " seeds\n";
  medians.print();

  support::Table seeds(
      {"seed", "weighted: Trapezoid 9", "Simpson 9", "factor", "plain: Trapezoid 9", "Simpson 9", "factor"});
  for (std::size_t s = 0; s < weighted.size(); ++s) {
    const auto &w = weighted[s], &p = plain[s];
    seeds.row(options.seed + s, scientific(w[0]), scientific(w[1]), fixed(w[0] / w[1]), scientific(p[0]),
              scientific(p[1]), fixed(p[0] / p[1]));
  }
  std::cout << "\nEvery seed\n";
  seeds.print();

  csv.write_csv(stem + ".csv");
  support::Plot plot(stem + ".svg");
  plot.data("errors", points);
  plot << "set logscale y\nset format y '10^{%T}'\nset ylabel 'error against the exact integral'\n"
       << "set xtics (" << labels << ")\nset xrange [-0.5:4.5]\nset key outside top center horizontal\n"
       << "set title 'Trained with the trapezoid rule on 9 points, run with another rule'\n"
       << "plot $errors using 1:4 with linespoints lw 2 pt 5 lc rgb '#c0392b' title 'plain', "
       << "$errors using 1:3 with linespoints lw 2 pt 7 lc rgb '#1f5fa8' title 'weighted', "
       << "$errors using 1:2 with points pt 2 ps 1.2 lw 2 lc rgb '#444444' title 'the rule itself'\n";
  std::cout << '\n'
            << stem << ".csv" << (plot.draw() ? " and .svg" : "") << " written.\n"
            << "From Trapezoid to Simpson on the same 9 points the error falls by a factor of\n"
            << "  weighted " << fixed(median(weighted, 0) / median(weighted, 1)) << ", plain "
            << fixed(median(plain, 0) / median(plain, 1))
            << " (it has no weights to exchange: its output is the same)\n";
}

int main(int argc, char** argv) {
  Options options;
  CLI::App app("An integral learned with the trapezoid rule, run with Simpson's.");
  app.add_option("--seed", options.seed, "the first seed")->capture_default_str();
  auto* seeds =
      app.add_option("--seeds", options.seeds, "how many")->capture_default_str()->check(CLI::PositiveNumber);
  auto* steps = app.add_option("--steps", options.steps, "of each training")
                    ->capture_default_str()
                    ->check(CLI::PositiveNumber);
  app.add_option("--out", options.out, "the folder for models, CSV and picture")->capture_default_str();
  app.add_flag("--quick", options.quick, "two seeds and few steps");
  app.add_flag("--load,--evaluate", options.evaluate, "load the saved models instead of training");
  CLI11_PARSE(app, argc, argv);
  if (options.quick && seeds->empty()) options.seeds = 2;
  if (options.quick && steps->empty()) options.steps = 1500;

  try {
    std::filesystem::create_directories(options.out);
    const std::string stem = options.out + "/01_trapezoid_or_simpson" + (options.quick ? "_quick" : "");
    const auto test = random_functions(1000, options.seed + 1'000'000);
    const auto start = std::chrono::steady_clock::now();
    const auto count = static_cast<std::size_t>(options.seeds);
    Runs weighted(count), plain(count);
    Progress bar(2 * options.seeds, {.label = options.evaluate ? "models loaded" : "models trained"});
    std::mutex mutex;
    Team().run(2 * options.seeds, [&](Index i) {  // each on a thread of its own
      const auto s = static_cast<std::size_t>(i / 2);
      if (i % 2 == 0) {
        weighted[s] = run<Weighted>("weighted", options.seed + s, test, stem, options);
      } else {
        plain[s] = run<Plain>("plain", options.seed + s, test, stem, options);
      }
      const std::lock_guard lock(mutex);
      bar.step();
    });
    bar.finish();
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    std::cerr << (options.evaluate ? "evaluated in " : "trained in ") << support::fixed(seconds.count())
              << " s\n";
    report(weighted, plain, errors([](const auto& u) { return integrals(u); }, test), stem, options);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
