// What the examples about Darcy's flow share: coefficients and solutions as in Li et al. (2021), kept on disk, and the
// symmetries of the square.
#pragma once

#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include <fredholm/fredholm.hpp>

#include "plot.hpp"

namespace support {

using fredholm::Index;
using Square =
    fredholm::Discretization<fredholm::ProductGrid<fredholm::UniformGrid<>, fredholm::UniformGrid<>>,
                             fredholm::Trapezoid>;
using Flow = fredholm::Field<Square, float>;
using DarcyData = fredholm::Batch<Flow, Flow>;

inline Square square(Index n) { return Square({{0.0, 1.0, n}, {0.0, 1.0, n}}); }

/// A grid whose points are among the finer ones takes its values: no interpolation.
inline Flow every(Index stride, const Flow& u) {
  const Index n = u.values().shape(1), kept = (n - 1) / stride + 1;
  fredholm::Array<float> values(fredholm::Shape{u.batch(), kept, kept, 1});
  float* to = values.mutable_data();
  for (Index b = 0; b < u.batch(); ++b) {
    for (Index i = 0; i < kept; ++i) {
      for (Index j = 0; j < kept; ++j) *to++ = u.values()(b, i * stride, j * stride, 0);
    }
  }
  return {square(kept), values};
}

struct DarcyOptions {
  Index fine = 421;    ///< points an axis that the equation is solved on
  Index points = 85;   ///< of them, what is kept
  Index first = 0;     ///< number of the first function
  Index count = 1000;  ///< functions
  std::filesystem::path keep;
};

/// a = 12 where a Gaussian function with covariance (-Delta + 9)^-2 and Neumann ends is positive, 3 elsewhere;
/// -div(a grad u) = 1 on (0, 1)^2, u = 0 on the boundary.
inline DarcyData make_darcy_data(const DarcyOptions& options, fredholm::Team& team) {
  using namespace fredholm;
  const Index stride = (options.fine - 1) / (options.points - 1);
  const auto flow = [&](Index, Engine& engine) {
    Team alone(1);  // the functions are spread over the threads already
    const auto f = random_fields<2>(1, {.tau = 3, .modes = 64, .drop_mean = true}, engine);
    const auto a = two_valued(sample(f, square(options.fine)), 12.0, 3.0);
    return DarcyData{every(stride, cast<float>(a)), every(stride, cast<float>(darcy(a, 1.0, alone)))};
  };
  return generate(options.count, flow,
                  {.seed = 2026,
                   .first = options.first,
                   .keep = options.keep,
                   .recipe = "finite volumes on " + std::to_string(options.fine) + " points an axis",
                   .progress = {.label = options.keep.filename().string()}},
                  team);
}

/// The training batches, each function as one of the symmetries has it: a square has eight, and so have the equation, its
/// source and the law of the coefficients.
inline auto darcy_batches(const DarcyData& data, Index batch, std::uint64_t seed) {
  return augmented(fredholm::Loader(data.input, data.output, {.batch = batch, .seed = seed}),
                   fredholm::random_element<fredholm::SquareSymmetries>, {.seed = seed});
}

/// The first function on every `stride`-th point: coefficient, solution, what the model makes of it and where it is off.
template <class Model>
void draw_darcy(const Model& model, const DarcyData& test, Index stride, const std::filesystem::path& file) {
  Plot plot(file, 1200, 330);
  const Flow a = every(stride, slice_batch(test.input, 0, 1)),
             u = every(stride, slice_batch(test.output, 0, 1)), v = model(a);
  const Index n = u.values().shape(1);
  const double largest = norm<fredholm::Linf>(u);
  std::vector<std::vector<double>> rows;
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j < n; ++j) {
      const auto at = [&](const Flow& w) { return static_cast<double>(w.values()(0, i, j, 0)); };
      rows.push_back({static_cast<double>(i) / static_cast<double>(n - 1),
                      static_cast<double>(j) / static_cast<double>(n - 1), at(a), at(u), at(v),
                      at(v) - at(u)});
    }
  }
  plot.data("flow", rows);
  plot
      << "set multiplot layout 1,4\nset xrange [0:1]\nset yrange [0:1]\nset size ratio 1\nunset key\nset xtics (0,1)\nset ytics (0,1)\n"
      << "set title 'coefficient'\nplot $flow using 1:2:3 with image\nset title 'solution'\n"
      << "set cbrange [0:" << largest << "]\nplot $flow using 1:2:4 with image\n"
      << "set title 'model'\nplot $flow using 1:2:5 with image\nset cbrange [*:*]\nset title 'difference'\nplot $flow using 1:2:6 with image\nunset multiplot\n";
  if (plot.draw()) std::cout << "picture: " << file.string() << '\n';
}

}  // namespace support
