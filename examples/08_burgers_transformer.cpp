// Question: does a transformer learn Burgers' equation as an FNO does, and does it carry to finer grids, too?
//
// Idea:     attention is a ratio of two integrals over the period, so a finer grid changes nothing that the training grid
//           holds already. Where it looks is told by rotary positions: each head turns queries and keys by angles
//           2 pi k x / L, so that their product knows of x - y alone. Then the model commutes with translations, as
//           the equation does, and every training function stands for all its shifts. With positions as channels (Fourier
//           features) it has to learn that from the data, and begins far more slowly: --absolute.
//
// New here: RotaryPosition, Soap. Builds on 03_burgers_fno, with the same functions.
//
// Run:      08_burgers_transformer                       trains on 128 points
//           08_burgers_transformer --absolute            Fourier features in the place of rotary positions
//           08_burgers_transformer --evaluate            takes the model from out/ instead
//           08_burgers_transformer --quick               a few seconds: only shows that everything works
//
// Measured (g++ 12, -O3 -march=native) on one core that others used, too, and that stood still for half of the time:
//
//   61873 parameters, 2610.19 s, training loss 0.0005
//   points  error %  from the training grid %
//   -----------------------------------------
//       64    1.002                     0.059
//      128    0.059                     0.059
//      256    0.059                     0.059
//      512    0.059                     0.059
//     1024    0.059                     0.059
//   under Simpson's weights on the same 128 points: 0.339 %
//
// With --epochs 100 (256.08 s of such a core) it is 0.147 %.
//
// (Heads and channels were chosen by 60 epochs of Adam on another draw of functions: there, after 4 epochs, rotary positions had
// 8 % and Fourier features 31 %. The optimizer and its rate were, too: after 60 epochs Soap had 0.256 % with a rate of 4e-3 and 0.235 %
// with 8e-3, Adam 0.795 % with 4e-3. With Adam, 400 epochs of this training gave 0.172 %.)
#include <cmath>
#include <filesystem>
#include <iostream>
#include <numbers>

#include <CLI/CLI.hpp>

#include <fredholm/fredholm.hpp>

#include "support/burgers_data.hpp"
#include "support/quick.hpp"
#include "support/table.hpp"
#include "support/train.hpp"

using namespace fredholm;

namespace {

using support::circle;

struct Options {
  std::uint64_t seed = 7;
  Index points = 128;
  Index channels = 48;
  Index heads = 6;
  Index depth = 3;
  Index frequencies = 4;
  Index epochs = 400;
  Index train = 1000;
  Index test = 200;
  Index batch = 10;
  double rate = 6e-3;
  double decay = 1e-4;
  std::filesystem::path out = "out";
  bool absolute = false;
  bool evaluate = false;
  bool quick = false;
};

/// The same weights under Simpson's rule, wrapped round the period: another rule that is right there. Its weights
/// alternate, which costs it accuracy where the points are few.
template <class Model>
void other_rules(const Model& model, const support::BurgersData& test, const Options& options, Team& team) {
  const auto d = circle(options.points);
  const auto exact = test.output_on(d), input = test.input_on(d);
  require(d.size() % 2 == 0, "--points is ", d.size(),
          "; Simpson's rule round a period takes an even number.");
  const double length = d.box()[0].length();
  // Every second point has 4/3 of a step and every other 2/3: Simpson's weights, wrapped round the period.
  std::vector<double> weights;
  for (Index j = 0; j < d.size(); ++j)
    weights.push_back((j % 2 == 0 ? 2.0 : 4.0) / 3.0 * length / static_cast<double>(d.size()));
  const Discretization<PeriodicGrid<>, Given> wrapped(d.grid(), Given{weights});
  const Field<Discretization<PeriodicGrid<>, Given>, float> under(wrapped, input.values());
  const auto result = predict(model, under, team);
  std::cout << "under Simpson's weights on the same " << d.size() << " points: "
            << support::format(
                   "%.3f", 100 * static_cast<double>(relative_error<L2>(Field(d, result.values()), exact)))
            << " %\n";
}

template <class Model>
void study(Model model, const std::string& name, const support::BurgersData& train,
           const support::BurgersData& test, const Options& options, Team& team) {
  auto batches = support::burgers_batches(train, circle(options.points), options.batch, options.seed);
  Soap soap(model, {.weight_decay = options.decay});
  support::train_or_load(model, options.out / (name + ".safetensors"), options.evaluate, batches,
                         {.epochs = options.epochs, .learning_rate = options.rate, .label = "burgers"}, soap);
  const auto rows = support::burgers_study(model, test, options.points, team);
  support::print_burgers_rows(rows, options.out / (name + ".csv"));
  other_rules(model, test, options, team);
  support::draw_burgers(model, rows, test, options.out / (name + ".svg"));
}

}  // namespace

int main(int argc, char** argv) try {
  Options options;
  CLI::App app("Learn Burgers' equation by a transformer on one grid and solve it on finer ones.");
  app.add_option("--seed", options.seed, "of the weights and the shuffling")->capture_default_str();
  app.add_option("--points", options.points, "of the training grid")->capture_default_str();
  app.add_option("--channels", options.channels, "of the model")->capture_default_str();
  app.add_option("--heads", options.heads, "of the model")->capture_default_str();
  app.add_option("--depth", options.depth, "of the model")->capture_default_str();
  app.add_option("--train", options.train, "functions to train on")->capture_default_str();
  app.add_option("--test", options.test, "functions to test on")->capture_default_str();
  app.add_option("--epochs", options.epochs, "of training")->capture_default_str();
  app.add_option("--batch", options.batch, "functions in a step")->capture_default_str();
  app.add_option("--rate", options.rate, "of learning, at its highest")->capture_default_str();
  app.add_option("--decay", options.decay, "of the weights")->capture_default_str();
  app.add_option("--out", options.out, "folder for checkpoint, table and picture")->capture_default_str();
  app.add_flag("--absolute", options.absolute, "Fourier features in the place of rotary positions");
  app.add_flag("--evaluate", options.evaluate, "take the model from its checkpoint in --out");
  support::add_quick(app, options.quick, [&] {
    options.train = 40, options.test = 10, options.epochs = 2, options.channels = 24, options.heads = 3;
  });
  CLI11_PARSE(app, argc, argv);
  if (options.quick) options.out /= "quick";  // whatever is there from a longer run stays
  const std::string name = options.absolute ? "burgers_transformer_absolute" : "burgers_transformer";
  if (options.evaluate) support::require_checkpoint(options.out / (name + ".safetensors"));
  std::filesystem::create_directories(options.out);

  Team team;
  Engine data(2026);
  const auto train = support::make_burgers_data(options.train, data, team),
             test = support::make_burgers_data(options.test, data, team);
  Engine weights(options.seed);
  const TransformerOptions sizes{
      .channels = options.channels,
      .heads = options.heads,
      .depth = options.depth,
      .frequencies = options.frequencies,
      .length = std::numbers::pi};  // k / 2 cycles over half the period: all periodic
  if (options.absolute) {
    study(make_transformer<1, float>(sizes, weights), name, train, test, options, team);
  } else {
    study(make_transformer<1, RotaryPosition<>, float>(sizes, weights), name, train, test, options, team);
  }
  return 0;
} catch (const std::exception& error) {
  std::cerr << "08_burgers_transformer: " << error.what() << '\n';
  return 1;
}
