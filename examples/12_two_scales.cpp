// Question: which scales does an operator have that was trained on coarse data at one size: finer ones, larger ones?
//
// Idea:     a medium varies on two scales an order of magnitude apart, as the atmosphere does, and the model is trained on
//           what a coarse grid holds of the solution. A finer grid gives it a finer input, but modes above the training band
//           were in no loss: they are no super-resolution, and the spectrum by bands shows it, where an error over all does
//           not. Size is another matter: G(c a) = G(a) / c is a law of the equation, and a model with the law in its type
//           has it at every c, though it has seen one.
//
// New here: homogeneous, GeometricMean, laws of scaling, an energy spectrum. Builds on 03_burgers_fno.
//
// Run:      12_two_scales                        trains on 64 points, about a minute on two cores
//           12_two_scales --evaluate             takes the model from out/ instead
//           12_two_scales --quick                a few seconds: only shows that everything works
//
// The equation is -(a u')' = (2 pi)^2 sin 2 pi x on a circle of length 1, with log a a sum of waves 1, 2 (slow) and 16 ... 20
// (fast), each of the two with standard deviation 0.5. Once integrated, a u' = 2 pi cos 2 pi x + C, it is solved to round-off
// on 1024 points. 1000 functions to train (u cut off above wave 31, which is all that 64 points hold), 200 to test, and no
// checkpoint is chosen by them.
//
// Expected (g++ 12, -O2 -march=native, 70 s of training on 2 shared cores):
//
//   235905 parameters, 70.02 s, training loss 0.0010
//     points                all %  waves 1-8 %  9-31 %  32-127 %
//     ----------------------------------------------------------
//     nothing but the band   0.28         0.00    0.00    100.00
//     64, zeros above        0.70         0.82    7.00    100.11
//     96                     0.79         0.99    6.66    111.33
//     128                    0.77         0.97    6.48    111.17
//     256                    0.77         0.97    6.46    111.42
//     512                    0.77         0.97    6.46    111.41
//       c  plain %  homogeneous %
//     ---------------------------
//     0.1    92.11           0.63
//     0.2    83.82           0.63
//     0.5    56.05           0.63
//     0.9    12.18           0.63
//       1     0.63           0.63
//     1.1    12.73           0.63
//       2   145.07           0.63
//       5   687.99           0.63
//      10  1678.60           0.63
//
// (Each band is relative to its own energy; the first row is the best that can be said without the waves above 31.)
//
// The error over all is small, as the slow scale has nearly all the energy; the fast one is ten times worse. Above the
// training band its activations make waves that look likely in the spectrum and are wrong: worse than zeros, on
// every finer grid alike. So solve on the training grid and fill with zeros, or train on finer data.
//
// Within the law the error is the same at every size; the plain model, the same parameters, is wrong by 12 % at a tenth
// more. (The geometric mean of these media is 1, so that at c = 1 the two are one model.)
#include <cmath>
#include <complex>
#include <filesystem>
#include <iostream>
#include <numbers>

#include <CLI/CLI.hpp>

#include <fredholm/fredholm.hpp>

#include "support/plot.hpp"
#include "support/quick.hpp"
#include "support/table.hpp"
#include "support/train.hpp"

using namespace fredholm;

namespace {

using Circle = Discretization<PeriodicGrid<>, Trapezoid>;

struct Options {
  std::uint64_t seed = 7;
  std::uint64_t data = 2026;
  Index points = 64;
  Index channels = 32;
  Index modes = 28;
  Index epochs = 300;
  Index train = 1000;
  Index test = 200;
  Index batch = 10;
  double rate = 2e-3;
  std::filesystem::path out = "out";
  bool evaluate = false;
  bool quick = false;
};

constexpr double two_pi = 2 * std::numbers::pi;
constexpr Index fine = 1024;
Circle circle(Index points) { return Circle({0.0, 1.0, points}); }

// 1. Media of two scales, and solutions.
struct Medium {
  std::vector<Index> waves{1, 2, 16, 17, 18, 19, 20};
  std::vector<double> cosines{}, sines{};

  double operator()(double x) const {
    double sum = 0.0;
    for (std::size_t i = 0; i < waves.size(); ++i) {
      const double angle = two_pi * static_cast<double>(waves[i]) * x;
      sum += cosines[i] * std::cos(angle) + sines[i] * std::sin(angle);
    }
    return std::exp(sum);
  }
};

std::vector<Medium> draw_media(Index count, Engine& engine) {
  std::vector<Medium> media(static_cast<std::size_t>(count));
  for (Medium& medium : media) {
    for (Index k : medium.waves) {
      const double deviation = 0.5 / std::sqrt(k <= 2 ? 2.0 : 5.0);
      medium.cosines.push_back(deviation * normal(engine));
      medium.sines.push_back(deviation * normal(engine));
    }
  }
  return media;
}

/// The convolution that multiplies wave k by factor(k), for k below `modes`; the others are gone.
template <class Factor>
Field<Circle, double> filtered(const Field<Circle, double>& u, Index modes, Factor factor) {
  Array<double> weight(Shape{2, modes, 1, 1});
  for (Index k = 0; k < modes; ++k) {
    const std::complex<double> f = factor(k);
    weight.mutable_data()[k] = f.real();
    weight.mutable_data()[modes + k] = f.imag();
  }
  const SpectralConvolution<1> multiplier{Parameter<std::complex<double>>(weight), {}};
  return multiplier(u);
}
Field<Circle, double> cut_off(const Field<Circle, double>& u, Index modes) {
  return filtered(u, modes, [](Index) { return std::complex<double>(1.0); });
}

/// u with mean 0 on the points of a: u' = (2 pi cos 2 pi x + C) / a, where C makes it periodic.
Field<Circle, double> solve(const Field<Circle, double>& a) {
  const auto flux = sample([](double x) { return two_pi * std::cos(two_pi * x); }, a.discretization());
  const Array<double> constant = integrals(flux / a) / integrals(1.0 / a);  // (batch, 1)
  const auto slope = (flux - constant.reshaped({a.batch(), 1, 1})) / a;
  return filtered(slope, fine / 2 - 1, [](Index k) {
    return k == 0 ? std::complex<double>(0.0)
                  : 1.0 / std::complex<double>(0.0, two_pi * static_cast<double>(k));
  });
}

// 2. Energy by wave number, and by bands.
constexpr Index waves = 128;

/// |c_k|^2 for k below `waves`, the mean over the batch.
std::vector<double> spectrum(const Field<Circle, double>& u) {
  Engine engine(1);
  const auto c = make_spectral<1>(1, 1, waves, engine).coefficients(u);  // (batch, 2 waves, 1)
  std::vector<double> energy(static_cast<std::size_t>(waves), 0.0);
  for (Index s = 0; s < u.batch(); ++s) {
    for (Index k = 0; k < 2 * waves; ++k) {
      const double value = c.data()[s * 2 * waves + k];
      energy[static_cast<std::size_t>(k % waves)] += value * value / static_cast<double>(u.batch());
    }
  }
  return energy;
}

struct Bands {
  double slow, fast, above;  // waves 1 ... 8, 9 ... 31, 32 ... 127
};

Bands bands(const std::vector<double>& energy) {
  const auto total = [&](std::size_t from, std::size_t to) {
    double sum = 0.0;
    for (std::size_t k = from; k < to; ++k) sum += energy[k];
    return sum;
  };
  return {total(1, 9), total(9, 32), total(32, static_cast<std::size_t>(waves))};
}

Bands errors_by_band(const Field<Circle, double>& v, const Field<Circle, double>& exact) {
  const Bands error = bands(spectrum(v - exact)), all = bands(spectrum(exact));
  return {std::sqrt(error.slow / all.slow), std::sqrt(error.fast / all.fast),
          std::sqrt(error.above / all.above)};
}

// 3. Finer grids: what the model gives there, seen on 512 points.
struct Row {
  std::string where;
  double all;
  Bands error;
};

template <class Model>
Field<Circle, double> solution(const Model& model, const std::vector<Medium>& media, Index points,
                               Team& team) {
  const auto v = predict(model, cast<float>(sample(media, circle(points))), team);
  return resample(cast<double>(v), circle(512));
}

template <class Model>
std::vector<Row> study(const Model& model, const std::vector<Medium>& media,
                       const Field<Circle, double>& exact, const Options& options, Team& team) {
  std::vector<Row> rows;
  const auto add = [&](const std::string& where, const Field<Circle, double>& v) {
    rows.push_back({where, relative_error<L2>(v, exact), errors_by_band(v, exact)});
  };
  add("nothing but the band", cut_off(exact, 32));
  add(std::to_string(options.points) + ", zeros above", solution(model, media, options.points, team));
  for (Index n : {96, 128, 256, 512}) add(std::to_string(n), solution(model, media, n, team));
  return rows;
}

void report(const std::vector<Row>& rows, const Options& options) {
  support::Table table({"points", "all %", "waves 1-8 %", "9-31 %", "32-127 %"});
  const auto percent = [](double x) { return support::format("%.2f", 100 * x); };
  for (const Row& row : rows)
    table.row(row.where, percent(row.all), percent(row.error.slow), percent(row.error.fast),
              percent(row.error.above));
  table.print();
  table.write_csv(options.out / "two_scales.csv");
}

// 4. Other sizes: the model as it is, and within the law.
template <class Model>
std::vector<std::vector<double>> other_sizes(const Model& model, const std::vector<Medium>& media,
                                             const Field<Circle, double>& exact, const Options& options,
                                             Team& team) {
  const auto d = circle(options.points);
  const auto a = cast<float>(sample(media, d));
  const auto u = cast<float>(resample(cut_off(exact, 32), d));
  support::Table table({"c", "plain %", "homogeneous %"});
  std::vector<std::vector<double>> rows;
  for (double c : {0.1, 0.2, 0.5, 0.9, 1.0, 1.1, 2.0, 5.0, 10.0}) {
    const auto factor = static_cast<float>(c);
    const auto error = [&](const auto& net) {
      return 100 * static_cast<double>(relative_error<L2>(predict(net, a * factor, team), u / factor));
    };
    rows.push_back({c, error(model.model), error(model)});
    table.row(c, support::format("%.2f", rows.back()[1]), support::format("%.2f", rows.back()[2]));
  }
  table.print();
  table.write_csv(options.out / "two_scales_sizes.csv");
  return rows;
}

// 5. Left: the spectrum. Right: the errors at other sizes.
void draw(const std::vector<double>& exact, const std::vector<double>& coarse,
          const std::vector<double>& finer, const std::vector<std::vector<double>>& sizes,
          const Options& options) {
  support::Plot plot(options.out / "two_scales.svg", 1000, 400);
  std::vector<std::vector<double>> rows;
  for (std::size_t k = 1; k < exact.size(); ++k)
    rows.push_back({static_cast<double>(k), exact[k], coarse[k] + 1e-30, finer[k]});
  plot.data("spectrum", rows);
  plot.data("sizes", sizes);
  plot
      << "set multiplot layout 1,2\nset logscale xy\nset format y '10^{%L}'\nset xrange [1:128]\nset yrange [1e-12:1]\n"
      << "set arrow from 31.5,graph 0 to 31.5,graph 1 nohead dt 3\nset xlabel 'wave number'\nset title 'energy of the "
         "solution (dotted: end of the training band)'\n"
      << "plot $spectrum using 1:2 with lines lw 3 lc rgb 'gray' title 'exact', '' using 1:3 with lines lw 2 title "
         "'model on 64 points', '' using 1:4 with lines dt 2 lc rgb 'black' title 'model on 256 points'\n"
      << "unset arrow\nset format y '%g'\nset xrange [0.08:12]\nset yrange [0.1:10000]\nset xlabel 'c'\nset title "
         "'relative error of G(c a), %'\n"
      << "plot $sizes using 1:2 with linespoints title 'plain', '' using 1:3 with linespoints title "
         "'homogeneous'\nunset multiplot\n";
  if (plot.draw()) std::cout << "picture: " << (options.out / "two_scales.svg").string() << '\n';
}

}  // namespace

int main(int argc, char** argv) try {
  Options options;
  CLI::App app("Two scales, learned from coarse data: what there is of finer waves and of other sizes.");
  app.add_option("--seed", options.seed, "of the weights and the shuffling")->capture_default_str();
  app.add_option("--data", options.data, "seed of the functions: 2026 is for the report, others to choose by")
      ->capture_default_str();
  app.add_option("--channels", options.channels, "of the model")->capture_default_str();
  app.add_option("--modes", options.modes, "of the model")->capture_default_str();
  app.add_option("--train", options.train, "functions to train on")->capture_default_str();
  app.add_option("--test", options.test, "functions to test on")->capture_default_str();
  app.add_option("--epochs", options.epochs, "of training")->capture_default_str();
  app.add_option("--batch", options.batch, "functions in a step")->capture_default_str();
  app.add_option("--rate", options.rate, "of learning, at its highest")->capture_default_str();
  app.add_option("--out", options.out, "folder for checkpoint, tables and picture")->capture_default_str();
  app.add_flag("--evaluate", options.evaluate, "take the model from its checkpoint in --out");
  support::add_quick(app, options.quick, [&] { options.train = 60, options.test = 10, options.epochs = 3; });
  CLI11_PARSE(app, argc, argv);
  if (options.quick) options.out /= "quick";  // whatever is there from a longer run stays
  const auto file = options.out / "two_scales.safetensors";
  if (options.evaluate) support::require_checkpoint(file);
  std::filesystem::create_directories(options.out);

  Team team;
  Engine data(options.data);
  const auto train = draw_media(options.train, data), test = draw_media(options.test, data);
  const auto d = circle(options.points);
  const auto coarse = resample(cut_off(solve(sample(train, circle(fine))), 32), d);
  const auto exact = resample(solve(sample(test, circle(fine))), circle(512));

  Engine weights(options.seed);
  auto model = homogeneous<-1, GeometricMean>(make_fno<1, float>(
      {.channels = options.channels, .modes = options.modes, .depth = 4, .position = Position::periodic},
      weights));
  Loader batches(cast<float>(sample(train, d)), cast<float>(coarse),
                 {.batch = options.batch, .seed = options.seed});
  support::train_or_load(model, file, options.evaluate, batches,
                         {.epochs = options.epochs, .learning_rate = options.rate, .label = "two scales"});
  report(study(model, test, exact, options, team), options);
  const auto sizes = other_sizes(model, test, exact, options, team);
  draw(spectrum(exact), spectrum(solution(model, test, options.points, team)),
       spectrum(solution(model, test, 256, team)), sizes, options);
  return 0;
} catch (const std::exception& error) {
  std::cerr << "12_two_scales: " << error.what() << '\n';
  return 1;
}
