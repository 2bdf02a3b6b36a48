// Question: how far does a Fourier neural operator, trained on one grid, carry to finer ones?
//
// Idea:     its weights belong to modes, and a mode is an integral over the period. On a grid that holds the input and
//           what the layers make of it the integrals are right to round-off, so that a finer grid changes nothing.
//           On a coarser one the activations alias. Without coordinates among its inputs the model commutes with
//           translations, as the equation does: every training function stands for all its shifts, and by another
//           symmetry of the equation, u(x) -> -u(-x), for its reflection.
//
// New here: Soap, random_fields, burgers, Position::none, augmented, a linear baseline. Builds on 02_heat_on_any_grid.
//
// Run:      03_burgers_fno                       trains on 128 points, a minute or two
//           03_burgers_fno --adam                Adam in the place of Soap
//           03_burgers_fno --evaluate            takes the model from out/ instead
//           03_burgers_fno --quick               a few seconds: only shows that everything works
//
// The operator is u(., 0) -> u(., 1) for u_t + (u^2 / 2)_x = 0.1 u_xx on (0, 2 pi), periodic, u(., 0) Gaussian
// with mean 0 and covariance 625 (-Delta + 25)^-2: 1000 functions to train, 200 to test, one test set, and no
// checkpoint is chosen by it. (On (0, 1), the other reading of the papers, nothing is left at time 1: papers and files differ.)
//
// Measured (g++ 12, -O3 -march=native, training on one core that others used, too):
//
//   137537 parameters, 99.40 s, training loss 0.0009
//   points  error %  from the training grid %
//   -----------------------------------------
//       64    1.020                     0.148
//      128    0.148                     0.148
//      256    0.148                     0.148
//      512    0.148                     0.148
//     1024    0.148                     0.148
//   best linear map 54.63 %, heat equation alone 62.53 %
//
// After 60 epochs it is 0.228 %, and by Adam (--adam) 0.481 %, or 0.562 % at half the rate; 400 epochs of Adam gave 0.230 %. (Steps of
// 10 functions and the decay were chosen on 200 functions that are neither trained nor tested on, for Adam; there, without
// reflections and with steps of 20, the error is 0.498 % after 250 epochs. Soap and its rate were chosen on another draw by 60 epochs: 0.296 %
// with 2e-3, 0.229 % with 4e-3.)
//
// From the training grid on, the same weights have one error to the last digit shown: the inputs are smooth and
// nothing is left to alias. So solving on the training grid and resampling is as good as solving on a finer one,
// and cheaper: the operator is the same, it is not better. On 64 points the activations alias.
#include <cmath>
#include <filesystem>
#include <iostream>

#include <CLI/CLI.hpp>
#include <Eigen/Dense>

#include <fredholm/fredholm.hpp>

#include "support/burgers_data.hpp"
#include "support/quick.hpp"
#include "support/table.hpp"
#include "support/train.hpp"

using namespace fredholm;

namespace {

using support::circle, support::Circle;
using Data = support::BurgersData;

struct Options {
  std::uint64_t seed = 7;
  Index points = 128;
  Index channels = 32;
  Index modes = 16;
  Index epochs = 200;
  Index train = 1000;
  Index test = 200;
  Index batch = 10;
  double rate = 4e-3;
  double decay = 1e-4;
  std::filesystem::path out = "out";
  bool adam = false;
  bool evaluate = false;
  bool quick = false;
};

// 1. Functions and their solutions at time 1: support/burgers_data.hpp.

// 2. Baselines: what the heat equation alone would do, and the best linear map of 24 modes (ridge regression).
Field<Circle, double> heat_alone(const Field<Circle, double>& u) {
  constexpr Index modes = 64;
  Array<double> weight = Array<double>::zeros({2, modes, 1, 1});
  for (Index k = 0; k < modes; ++k)
    weight.mutable_data()[k] = std::exp(-support::burgers_viscosity * static_cast<double>(k * k));
  const SpectralConvolution<1> multiplier{Parameter<std::complex<double>>(weight), {}};
  return multiplier(u);
}

Eigen::MatrixXd coefficients(const Field<Circle, double>& u, Index modes) {
  Engine engine(1);
  const auto c = make_spectral<1>(1, 1, modes, engine).coefficients(u);  // (batch, 2 modes, 1)
  return matrix(c.data(), u.batch(), 2 * modes);
}

Field<Circle, double> best_linear(const Data& train, const Data& test) {
  constexpr Index modes = 24;
  const Eigen::MatrixXd a = coefficients(train.input, modes), b = coefficients(train.output, modes);
  const Eigen::MatrixXd normal = a.transpose() * a + 1e-6 * Eigen::MatrixXd::Identity(2 * modes, 2 * modes);
  const RowMajor<double> predicted = coefficients(test.input, modes) * normal.ldlt().solve(a.transpose() * b);
  const Circle& d = test.input.discretization();
  Array<double> values = Array<double>::zeros({test.input.batch(), d.size(), 1});
  double* out = values.mutable_data();
  for (Index s = 0; s < test.input.batch(); ++s) {
    for (Index j = 0; j < d.size(); ++j) {
      const double x = d.points()[static_cast<std::size_t>(j)];
      for (Index k = 0; k < modes; ++k) {
        const double angle = static_cast<double>(k) * x;
        const double factor = k == 0 ? 1.0 : 2.0;
        out[s * d.size() + j] +=
            factor * (predicted(s, k) * std::cos(angle) - predicted(s, modes + k) * std::sin(angle));
      }
    }
  }
  return {d, values};
}

// 3. The table: a row a resolution.
void report(const std::vector<support::BurgersRow>& rows, const Data& train, const Data& test,
            const Options& options) {
  support::print_burgers_rows(rows, options.out / "burgers_fno.csv");
  const double linear = relative_error<L2>(best_linear(train, test), test.output);
  const double heat = relative_error<L2>(heat_alone(test.input), test.output);
  std::cout << "best linear map " << support::fixed(100 * linear) << " %, heat equation alone "
            << support::fixed(100 * heat) << " %\n";
}

}  // namespace

int main(int argc, char** argv) try {
  Options options;
  CLI::App app("Learn Burgers' equation on one grid and solve it on finer ones.");
  app.add_option("--seed", options.seed, "of the weights and the shuffling")->capture_default_str();
  app.add_option("--points", options.points, "of the training grid")->capture_default_str();
  app.add_option("--channels", options.channels, "of the model")->capture_default_str();
  app.add_option("--modes", options.modes, "of the model")->capture_default_str();
  app.add_option("--train", options.train, "functions to train on")->capture_default_str();
  app.add_option("--test", options.test, "functions to test on")->capture_default_str();
  app.add_option("--epochs", options.epochs, "of training")->capture_default_str();
  app.add_option("--batch", options.batch, "functions in a step")->capture_default_str();
  app.add_option("--rate", options.rate, "of learning, at its highest")->capture_default_str();
  app.add_option("--decay", options.decay, "of the weights")->capture_default_str();
  app.add_option("--out", options.out, "folder for checkpoint, table and picture")->capture_default_str();
  app.add_flag("--adam", options.adam, "Adam in the place of Soap");
  app.add_flag("--evaluate", options.evaluate, "take the model from its checkpoint in --out");
  support::add_quick(app, options.quick, [&] { options.train = 60, options.test = 10, options.epochs = 3; });
  CLI11_PARSE(app, argc, argv);
  if (options.quick) options.out /= "quick";  // whatever is there from a longer run stays
  const auto file = options.out / "burgers_fno.safetensors";
  if (options.evaluate) support::require_checkpoint(file);
  std::filesystem::create_directories(options.out);

  Team team;
  Engine data(2026);
  const Data train = support::make_burgers_data(options.train, data, team),
             test = support::make_burgers_data(options.test, data, team);

  Engine weights(options.seed);
  auto model = make_fno<1, float>(
      {.channels = options.channels, .modes = options.modes, .depth = 4, .position = Position::none},
      weights);
  auto batches = support::burgers_batches(train, circle(options.points), options.batch, options.seed);
  const FitOptions training{.epochs = options.epochs, .learning_rate = options.rate, .label = "burgers"};
  if (options.adam) {
    Adam adam(model, {.weight_decay = options.decay});
    support::train_or_load(model, file, options.evaluate, batches, training, adam);
  } else {
    Soap soap(model, {.weight_decay = options.decay});
    support::train_or_load(model, file, options.evaluate, batches, training, soap);
  }
  const auto rows = support::burgers_study(model, test, options.points, team);
  report(rows, train, test, options);
  support::draw_burgers(model, rows, test, options.out / "burgers_fno.svg");
  return 0;
} catch (const std::exception& error) {
  std::cerr << "03_burgers_fno: " << error.what() << '\n';
  return 1;
}
