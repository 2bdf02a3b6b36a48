// Question: can an operator be learned from scattered sensors, asked for on any grid, and trusted with other sensors?
//
// Idea:     an encoder attends over the sensors, a decoder from any point to what the encoder made of them. Both are
//           integrals, so that a set of sensors is a rule: points with weights. Sensors drawn evenly have equal weights
//           (Monte Carlo). Where they crowd in one half, equal weights answer for another measure, and weights 1 / density
//           for the right one. The model is the same; the type of its input says which.
//
// New here: make_encoder_decoder, point clouds, batches that each have points of their own. Builds on 02_heat_on_any_grid.
//
// Run:      10_sensors_to_field               trains, about three minutes on two cores
//           10_sensors_to_field --evaluate    takes the model from out/ instead
//           10_sensors_to_field --quick       a few seconds: only shows that everything works
//
// The operator is u -> v with v - 0.05 Delta v = u on the unit square, no flow through the edges, for Gaussian u of covariance
// 400 (-Delta + 9)^-3. The input is u at 150 sensors, drawn anew for each batch of 20 functions; the output is asked for on
// 17 x 17 points in training, and on 33 x 33 in the table.
//
// Expected (g++ 12, -O2 -march=native, 2 cores that others used, too):
//
//   37633 parameters, 194.43 s, training loss 0.0260
//   input                   rule                error %
//   ---------------------------------------------------
//   150 sensors, even       MonteCarlo             2.81
//   300 sensors, even       MonteCarlo             2.17
//   600 sensors, even       MonteCarlo             1.67
//   600 sensors, crowded    MonteCarlo             5.68
//   600 sensors, crowded    Given, 1 / density     2.30
//   13 x 13 equally spaced  Simpson                1.21
//   12 x 12 Gauss points    GaussLegendre          1.21
//
// The smaller the error of the rule, the better: what was trained on random points is best on points that are not.
#include <array>
#include <cmath>
#include <filesystem>
#include <functional>
#include <iostream>
#include <numbers>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <fredholm/fredholm.hpp>

#include "support/plot.hpp"
#include "support/quick.hpp"
#include "support/table.hpp"
#include "support/train.hpp"

using namespace fredholm;

namespace {

using Even = Discretization<PointCloud<2>, MonteCarlo>;
using Weighted = Discretization<PointCloud<2>, Given>;
using Square = Discretization<ProductGrid<UniformGrid<>, UniformGrid<>>, Simpson>;
using Gauss = Discretization<ProductGrid<LegendreGrid<>, LegendreGrid<>>, GaussLegendre>;

struct Options {
  std::uint64_t seed = 7;
  Index sensors = 150;
  Index batches = 100;
  Index batch = 20;
  Index test = 100;
  Index channels = 32;
  Index epochs = 40;
  double rate = 2e-3;
  std::filesystem::path out = "out";
  bool evaluate = false;
  bool quick = false;
};

const Box<2> unit{{0.0, 1.0}, {0.0, 1.0}};
Square square(Index n) { return Square({{0.0, 1.0, n}, {0.0, 1.0, n}}); }

// 1. Functions u, and v by their coefficients: exact.
struct Data {
  std::vector<EigenSeries<2>> input, output;
};

Data make_data(Index count, Engine& engine) {
  Data data;
  data.input = random_fields<2>(
      count, {.box = unit, .ends = Ends::neumann, .sigma = 20, .tau = 3, .gamma = 3, .modes = 6}, engine);
  data.output = data.input;
  for (auto& v : data.output) {
    const Index m = v.functions();
    for (Index k = 0; k < m * m; ++k) {
      const double x = std::numbers::pi * static_cast<double>(k / m);
      const double y = std::numbers::pi * static_cast<double>(k % m);
      v.coefficients[static_cast<std::size_t>(k)] /= 1.0 + 0.05 * (x * x + y * y);
    }
  }
  return data;
}

// 2. Sensors, of even density or of density 1.8 in one half and 0.2 in the other, with a smooth step between.
double crowded(double x) { return 1.0 + 0.8 * std::tanh((0.5 - x) / 0.1) / std::tanh(5.0); }

std::vector<std::array<double, 2>> draw_sensors(Index count, const std::function<double(double)>& density,
                                                Engine& engine) {
  std::vector<std::array<double, 2>> points;
  while (std::ssize(points) < count) {
    const double x = uniform(engine), y = uniform(engine);
    if (2.0 * uniform(engine) < density(x)) points.push_back({x, y});  // kept with probability density / 2
  }
  return points;
}
PointCloud<2> even_sensors(Index count, Engine& engine) {
  return PointCloud<2>(unit, draw_sensors(count, [](double) { return 1.0; }, engine));
}

using Batches = std::vector<Batch<Field<Even, float>, Field<Square, float>>>;

Batches make_batches(const Options& options, Engine& engine) {
  Batches batches;
  for (Index i = 0; i < options.batches; ++i) {
    const Data data = make_data(options.batch, engine);
    const Even sensors(even_sensors(options.sensors, engine));
    batches.push_back({sample<float>(data.input, sensors), sample<float>(data.output, square(17))});
  }
  return batches;
}

// 3. One row for each kind of input, the output on 33 x 33 points.
struct Row {
  std::string input, rule;
  double error;
};

template <class Model>
class Study {
 public:
  Study(const Model& model, const Data& test) : model_(model), test_(test) {}

  template <class Input>
  double error(const Input& input) {
    const auto there = sample<float>(test_.output, square(33));
    const auto at = [&](const auto& u) { return model_(u, there.discretization()); };
    return relative_error<L2>(predict(at, sample<float>(test_.input, input), team_), there);
  }

 private:
  const Model& model_;
  const Data& test_;
  Team team_;
};

template <class Model>
std::vector<Row> study(const Model& model, const Data& test, const Options& options, Engine& engine) {
  Study<Model> on(model, test);
  std::vector<Row> rows;
  for (const Index n : {options.sensors, 2 * options.sensors, 4 * options.sensors}) {
    const Even sensors(even_sensors(n, engine));
    rows.push_back({std::to_string(n) + " sensors, even", "MonteCarlo", on.error(sensors)});
  }
  const PointCloud<2> crowd(unit, draw_sensors(4 * options.sensors, crowded, engine));
  std::vector<double> weights;
  const std::vector<double> points = crowd.points();
  for (std::size_t j = 0; j < points.size(); j += 2)
    weights.push_back(1.0 / (crowded(points[j]) * static_cast<double>(crowd.size())));
  const std::string name = std::to_string(crowd.size()) + " sensors, crowded";
  rows.push_back({name, "MonteCarlo", on.error(Even(crowd))});
  rows.push_back({name, "Given, 1 / density", on.error(Weighted(crowd, Given{weights}))});
  rows.push_back({"13 x 13 equally spaced", "Simpson", on.error(square(13))});
  rows.push_back(
      {"12 x 12 Gauss points", "GaussLegendre", on.error(Gauss({{0.0, 1.0, 12}, {0.0, 1.0, 12}}))});
  return rows;
}

// 4. Left: sensors on the solution. Middle: the model's. Right: their difference.
template <class Model>
void draw(const Model& model, const Data& test, const Options& options, Engine& engine) {
  support::Plot plot(options.out / "sensors_to_field.svg", 1200, 380);
  const Even sensors(even_sensors(options.sensors, engine));
  const Square d = square(41);
  const std::vector<EigenSeries<2>> first{test.input.front()}, solution{test.output.front()};
  const auto exact = sample<float>(solution, d);
  const auto ours = model(sample<float>(first, sensors), d);
  std::vector<std::vector<double>> fields, places;
  for (Index j = 0; j < d.size(); ++j) {
    const auto at = static_cast<std::size_t>(2 * j);
    const double v = exact.values().data()[j], w = ours.values().data()[j];
    fields.push_back({d.points()[at], d.points()[at + 1], v, w, w - v});
  }
  for (std::size_t j = 0; j < sensors.points().size(); j += 2)
    places.push_back({sensors.points()[j], sensors.points()[j + 1]});
  plot.data("fields", fields);
  plot.data("places", places);
  plot
      << "set multiplot layout 1,3\nset xrange [0:1]\nset yrange [0:1]\nset size ratio 1\nunset key\n"
      << "set title 'solution, and the sensors of u'\nplot $fields using 1:2:3 with image, $places using 1:2 "
         "with points pt 7 ps 0.3 lc rgb 'black'\n"
      << "set title 'the model'\nplot $fields using 1:2:4 with image\n"
      << "set title 'their difference'\nplot $fields using 1:2:5 with image\nunset multiplot\n";
  if (plot.draw()) std::cout << "picture: " << (options.out / "sensors_to_field.svg").string() << '\n';
}

}  // namespace

int main(int argc, char** argv) try {
  Options options;
  CLI::App app("Learn an elliptic equation from scattered sensors, and ask for its solution anywhere.");
  app.add_option("--seed", options.seed, "of the weights")->capture_default_str();
  app.add_option("--sensors", options.sensors, "in training")->capture_default_str();
  app.add_option("--channels", options.channels, "of the model")->capture_default_str();
  app.add_option("--batches", options.batches, "to train on")->capture_default_str();
  app.add_option("--test", options.test, "functions to test on")->capture_default_str();
  app.add_option("--epochs", options.epochs, "of training")->capture_default_str();
  app.add_option("--rate", options.rate, "of learning, at its highest")->capture_default_str();
  app.add_option("--out", options.out, "folder for checkpoint, table and picture")->capture_default_str();
  app.add_flag("--evaluate", options.evaluate, "take the model from its checkpoint in --out");
  support::add_quick(app, options.quick, [&] {
    options.batches = 4, options.test = 10, options.epochs = 2, options.sensors = 60, options.channels = 16;
  });
  CLI11_PARSE(app, argc, argv);
  if (options.quick) options.out /= "quick";  // whatever is there from a longer run stays
  const auto file = options.out / "sensors_to_field.safetensors";
  if (options.evaluate) support::require_checkpoint(file);
  std::filesystem::create_directories(options.out);

  Engine data(2026), weights(options.seed);
  const Data test = make_data(options.test, data);
  auto model = make_encoder_decoder<2, float>(
      {.channels = options.channels, .heads = 4, .depth = 2, .decoder_depth = 2, .frequencies = 4}, weights);
  const auto batches = options.evaluate ? Batches{} : make_batches(options, data);
  const auto loss = [](const auto& net, const auto& u, const auto& v) {
    return relative_error<L2>(net(u, v.discretization()), v);
  };
  support::train_or_load(model, file, options.evaluate, batches, loss,
                         {.epochs = options.epochs, .learning_rate = options.rate, .label = "sensors"});

  Engine others(99);
  const auto rows = study(model, test, options, others);
  support::Table table({"input", "rule", "error %"});
  for (const Row& row : rows) table.row(row.input, row.rule, support::format("%.2f", 100 * row.error));
  table.print();
  table.write_csv(options.out / "sensors_to_field.csv");
  draw(model, test, options, others);
  return 0;
} catch (const std::exception& error) {
  std::cerr << "10_sensors_to_field: " << error.what() << '\n';
  return 1;
}
