// Question: is an operator with a jump in its input still one operator on every grid?
//
// Idea:     the coefficient of a Darcy flow takes two values, and no grid holds the line where it jumps: what a model sees of it
//           depends on the points, whatever the model does. The weights of an FNO know nothing of the grid, so how much its
//           error changes from one to the next is due to that line, and to the high frequencies that it makes.
//
// New here: darcy, Normalizer, margins around a domain that is not periodic, the symmetries of a square as data, sets kept
//           on disk. Builds on 03_burgers_fno.
//
// Run:      05_darcy_fno               data (8 minutes the first time), training (7 minutes), four grids
//           05_darcy_fno --evaluate    takes the model from out/ instead
//           05_darcy_fno --quick       a few seconds: only shows that everything works
//
// The operator is a -> u for -div(a grad u) = 1 on (0, 1)^2, u = 0 on the boundary, a = 12 where a Gaussian function with
// covariance (-Delta + 9)^-2 and Neumann ends is positive, and 3 elsewhere (Li et al. 2021, section 5.2). Solved by finite
// volumes on 421 x 421 points, of which the others are every 2nd, 3rd, 5th and 10th. 1000 functions to train on 85 x 85 points,
// 100 to test; no checkpoint is chosen. Their FNO has an error of 0.0108 there, in 500
// epochs and without the symmetries.
//
// Expected (g++ 12, -O2 -march=native, 2 cores; 40 epochs):
//
//   2365825 parameters, 397.77 s, training loss 0.0088
//   points      model  finite volumes there
//   ---------------------------------------
//   43 x 43    0.0136                0.0083
//   85 x 85    0.0100                0.0035
//   141 x 141  0.0100                0.0017
//   211 x 211  0.0101                0.0009
//
// From the training grid on the error stays, without a weight having seen those points: what is left is the model's own. On
// 43 points the coefficient is another one. The solver's error falls with the grid, as it should, and is smaller
// everywhere: where a solver is at hand, an operator that was trained on its solutions is quicker, not better.
#include <filesystem>
#include <iostream>
#include <vector>

#include <CLI/CLI.hpp>

#include <fredholm/fredholm.hpp>

#include "support/darcy_data.hpp"
#include "support/quick.hpp"
#include "support/table.hpp"
#include "support/train.hpp"

using namespace fredholm;

namespace {

using support::DarcyData;
using support::every;
using support::Flow;

struct Options {
  std::uint64_t seed = 7;
  Index train = 1000;
  Index test = 100;
  Index fine = 421;
  Index points = 85;
  std::vector<Index> grids = {43, 85, 141, 211};
  Index channels = 32;
  Index modes = 12;
  double padding = 0.12;
  Index epochs = 40;
  double rate = 2e-3;
  std::filesystem::path out = "out";
  bool evaluate = false;
  bool quick = false;
};

// 1. Coefficients and solutions, on 421 points an axis and on every few of them: support/darcy_data.hpp.
DarcyData make_data(Index first, Index count, Index points, const std::string& name, const Options& options,
                    Team& team) {
  return support::make_darcy_data(
      {.fine = options.fine, .points = points, .first = first, .count = count, .keep = options.out / name},
      team);
}

// 2. One row a grid: the model, and the solver itself on those points, against the solution on the finest.
struct Row {
  Index points;
  double model, solver;
};

template <class Model>
std::vector<Row> study(const Model& model, const DarcyData& test, const Options& options, Team& team) {
  std::vector<Row> rows;
  for (const Index n : options.grids) {
    const Index stride = (options.fine - 1) / (n - 1);
    const Flow a = every(stride, test.input), u = every(stride, test.output);
    rows.push_back({n, relative_error<L2>(predict(model, a, team), u),
                    relative_error<L2>(cast<float>(darcy(cast<double>(a), 1.0, team)), u)});
  }
  return rows;
}

void report(const std::vector<Row>& rows, const Options& options) {
  support::Table table({"points", "model", "finite volumes there"});
  for (const Row& row : rows) {
    const std::string n = std::to_string(row.points);
    table.row(n + " x " + n, support::format("%.4f", row.model), support::format("%.4f", row.solver));
  }
  table.print();
  table.write_csv(options.out / "darcy_fno.csv");
}

}  // namespace

int main(int argc, char** argv) try {
  Options options;
  CLI::App app("Learn Darcy's flow through two materials on one grid, and evaluate it on others.");
  app.add_option("--seed", options.seed, "of the weights and the shuffling")->capture_default_str();
  app.add_option("--train", options.train, "functions to train on")->capture_default_str();
  app.add_option("--channels", options.channels, "of the model")->capture_default_str();
  app.add_option("--modes", options.modes, "of the model")->capture_default_str();
  app.add_option("--padding", options.padding, "margin around the domain")->capture_default_str();
  app.add_option("--epochs", options.epochs, "of training")->capture_default_str();
  app.add_option("--rate", options.rate, "of learning, at its highest")->capture_default_str();
  app.add_option("--out", options.out, "folder for data, checkpoint, table and picture")
      ->capture_default_str();
  app.add_flag("--evaluate", options.evaluate, "take the model from its checkpoint in --out");
  support::add_quick(app, options.quick, [&] {
    options.train = 8, options.test = 2, options.epochs = 1, options.channels = 8;
    options.fine = 61, options.points = 31, options.grids = {21, 31, 61};
  });
  CLI11_PARSE(app, argc, argv);
  if (options.quick) options.out /= "quick";  // whatever is there from a longer run stays
  const auto file = options.out / "darcy_fno.safetensors";
  if (options.evaluate) support::require_checkpoint(file);
  std::filesystem::create_directories(options.out);

  Team team;
  const DarcyData train = make_data(0, options.train, options.points, "darcy", options, team);
  const DarcyData test = make_data(1'000'000, options.test, options.fine, "darcy_test", options, team);

  Engine weights(options.seed);
  auto model = normalized(
      make_fno<2, float>(
          {.channels = options.channels, .modes = options.modes, .depth = 4, .padding = options.padding},
          weights),
      train.input, train.output);
  auto batches = support::darcy_batches(train, 10, options.seed);
  support::train_or_load(model, file, options.evaluate, batches,
                         {.epochs = options.epochs, .learning_rate = options.rate, .label = "darcy"});
  report(study(model, test, options, team), options);
  support::draw_darcy(model, test, (options.fine - 1) / (options.points - 1), options.out / "darcy_fno.svg");
  return 0;
} catch (const std::exception& error) {
  std::cerr << "05_darcy_fno: " << error.what() << '\n';
  return 1;
}
