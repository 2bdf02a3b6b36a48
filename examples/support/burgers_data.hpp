// What the examples about Burgers' equation share: the functions of Li et al. (2021) on (0, 2 pi), their solutions at time 1, and
// the table of a model's errors on finer grids.
#pragma once

#include <filesystem>
#include <iostream>
#include <numbers>
#include <vector>

#include <fredholm/fredholm.hpp>

#include "plot.hpp"
#include "table.hpp"

namespace support {

using fredholm::Index;
using Circle = fredholm::Discretization<fredholm::PeriodicGrid<>, fredholm::Trapezoid>;

inline Circle circle(Index points) { return Circle({0.0, 2 * std::numbers::pi, points}); }

/// u_t + (u^2 / 2)_x = viscosity u_xx
inline constexpr double burgers_viscosity = 0.1;

/// Functions, Gaussian with mean 0 and covariance 625 (-Delta + 25)^-2, and their solutions at time 1, on 512 points, which
/// hold both to round-off.
struct BurgersData {
  std::vector<fredholm::EigenSeries<1>> functions;
  fredholm::Field<Circle, double> input, output;

  /// In float on other points.
  fredholm::Field<Circle, float> input_on(const Circle& d) const {
    return fredholm::cast<float>(fredholm::sample(functions, d));
  }
  fredholm::Field<Circle, float> output_on(const Circle& d) const {
    return fredholm::cast<float>(fredholm::resample(output, d));
  }
};

inline BurgersData make_burgers_data(Index count, fredholm::Engine& engine, fredholm::Team& team) {
  const auto functions = fredholm::random_fields<1>(count,
                                                    {.box = fredholm::Box<1>{{0.0, 2 * std::numbers::pi}},
                                                     .ends = fredholm::Ends::periodic,
                                                     .sigma = 25,
                                                     .tau = 5,
                                                     .gamma = 2,
                                                     .modes = 64,
                                                     .drop_mean = true},
                                                    engine);
  const auto input = fredholm::sample(functions, circle(512));
  return {functions, input,
          fredholm::burgers(input, {.viscosity = burgers_viscosity, .time = 1.0, .steps = 400}, team)};
}

/// The training batches on some points, each function or its reflection: with u(x, t), -u(-x, t) is a solution, too.
inline auto burgers_batches(const BurgersData& data, const Circle& d, Index batch, std::uint64_t seed) {
  return augmented(fredholm::Loader(data.input_on(d), data.output_on(d), {.batch = batch, .seed = seed}),
                   fredholm::random_element<fredholm::OddMirror<>>, {.seed = seed});
}

/// One row a resolution: the model there, and the model on the training grid with zeros for the finer modes.
struct BurgersRow {
  Index points;
  double error, padded;
};

template <class Model>
std::vector<BurgersRow> burgers_study(const Model& model, const BurgersData& test, Index training_points,
                                      fredholm::Team& team) {
  std::vector<BurgersRow> rows;
  const auto there = predict(model, test.input_on(circle(training_points)), team);
  for (Index n : {64, 128, 256, 512, 1024}) {
    const Circle d = circle(n);
    const auto exact = test.output_on(d);
    const double error =
        fredholm::relative_error<fredholm::L2>(predict(model, test.input_on(d), team), exact);
    rows.push_back(
        {n, error, static_cast<double>(fredholm::relative_error<fredholm::L2>(resample(there, d), exact))});
  }
  return rows;
}

inline void print_burgers_rows(const std::vector<BurgersRow>& rows, const std::filesystem::path& csv) {
  Table table({"points", "error %", "from the training grid %"});
  for (const BurgersRow& row : rows)
    table.row(row.points, format("%.3f", 100 * row.error), format("%.3f", 100 * row.padded));
  table.print();
  table.write_csv(csv);
}

/// Left: one test function, its solution and the model's. Right: the errors of all.
template <class Model>
void draw_burgers(const Model& model, const std::vector<BurgersRow>& rows, const BurgersData& test,
                  const std::filesystem::path& file) {
  Plot plot(file, 1000, 400);
  const Circle d = circle(256);
  const auto u = sample(test.functions.front(), d);
  const auto v = fredholm::cast<double>(model(fredholm::cast<float>(u)));
  const auto exact = resample(test.output, d);
  std::vector<std::vector<double>> curves, errors;
  for (Index j = 0; j < d.size(); ++j)
    curves.push_back({d.points()[static_cast<std::size_t>(j)], u.values()(0, j, 0), exact.values()(0, j, 0),
                      v.values()(0, j, 0)});
  for (const BurgersRow& row : rows)
    errors.push_back({static_cast<double>(row.points), 100 * row.error, 100 * row.padded});
  plot.data("curves", curves);
  plot.data("errors", errors);
  plot
      << "set multiplot layout 1,2\nset xlabel 'x'\nset xrange [0:6.2832]\nset title 'one test function'\n"
      << "plot $curves using 1:2 with lines lc rgb 'gray' title 'u(x, 0)', '' using 1:3 with lines lw 3 title 'u(x, 1)', "
         "'' using 1:4 with lines dt 2 lc rgb 'black' title 'the model'\n"
      << "set logscale xy\nset xrange [50:1300]\nset yrange [*:*]\nset xtics (64,128,256,512,1024)\nset xlabel 'points'\n"
      << "set title 'relative error, %'\nplot $errors using 1:2 with linespoints title 'on these points', '' using 1:3 "
         "with linespoints dt 2 title 'on the training points, resampled'\nunset multiplot\n";
  if (plot.draw()) std::cout << "picture: " << file.string() << '\n';
}

}  // namespace support
