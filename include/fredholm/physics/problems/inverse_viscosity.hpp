// An inverse problem: the viscosity of Burgers' equation from noisy samples of its solution.
//
//   u_t + u u_x = nu u_xx, nu unknown;   samples u(x_i, t_i) + noise, i = 1 ... n
//
// (Raissi et al., 2019, section 4.1.1.) The noise is normal; its standard deviation is `noise` times that of
// the samples, and the seed fixes places and noise. The model is a network with one number beside it, trained
// with the rest.
//
//   auto data = burgers_samples({.viscosity = nu, .count = 2000, .noise = 0.01, .seed = 1});
//                                                    // on a PointCloud<2>
//   auto model = make_viscosity_model(net, guess);   model(p) is the network, model.viscosity() the number
//   inverse_burgers(model, points)                   the residual with the model's own viscosity
//   data_term("samples", data.field)                 the misfit (physics/pinn/data.hpp)
//
// How well nu can be known at all is bounded by the samples: no unbiased estimate has a relative standard
// deviation under cramer_rao(data) = sigma / sqrt(sum_i (d u / d log nu)²) (Rao, 1945; Cramér, 1946).
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <fredholm/core/error.hpp>
#include <fredholm/core/parameter.hpp>
#include <fredholm/core/random.hpp>
#include <fredholm/physics/problems/burgers.hpp>
#include <fredholm/space/discretization.hpp>
#include <fredholm/space/field.hpp>
#include <fredholm/space/grids/point_cloud.hpp>
#include <fredholm/space/rules/monte_carlo.hpp>

namespace fredholm::problems {

struct SamplesOptions {
  double viscosity = burgers_viscosity;
  Index count = 2000;
  double noise = 0.01;
  std::uint64_t seed = 1;
};

struct Samples {
  Field<Discretization<PointCloud<2>, MonteCarlo>, double> field;  ///< (1, count, 1): with the noise
  double deviation;                                                ///< of the noise
  double viscosity;                                                ///< the true one, to compare with
};

inline Samples burgers_samples(const SamplesOptions& options) {
  require(options.count >= 2 && options.noise >= 0.0, "burgers_samples: ", options.count,
          " samples with noise ", options.noise, ". Give at least 2, and a noise that is not negative.");
  Engine engine(options.seed);
  const Box<2> box = Burgers::domain();
  const ColeHopf exact{options.viscosity};
  std::vector<std::array<double, 2>> places;
  Array<double> values({1, options.count, 1});
  double sum = 0.0, squares = 0.0;
  for (Index i = 0; i < options.count; ++i) {
    const double x = box[0].left + box[0].length() * uniform(engine);
    const double t = box[1].left + box[1].length() * uniform(engine);
    places.push_back({x, t});
    const double u = exact(x, t);
    values.mutable_data()[i] = u;
    sum += u;
    squares += u * u;
  }
  const auto n = static_cast<double>(options.count);
  const double deviation = options.noise * std::sqrt(squares / n - sum * sum / (n * n));
  for (Index i = 0; i < options.count; ++i) values.mutable_data()[i] += deviation * normal(engine);
  const Discretization<PointCloud<2>, MonteCarlo> points(PointCloud<2>(box, std::move(places)));
  return {{points, std::move(values)}, deviation, options.viscosity};
}

/// The least relative standard deviation of an unbiased estimate of the viscosity.
inline double cramer_rao(const Samples& samples) {
  const double h = 1e-4;
  const ColeHopf more{samples.viscosity * std::exp(h)}, less{samples.viscosity * std::exp(-h)};
  const std::vector<double>& points = samples.field.discretization().points();
  double information = 0.0;
  for (std::size_t i = 0; i + 1 < points.size(); i += 2) {
    const double slope = (more(points[i], points[i + 1]) - less(points[i], points[i + 1])) / (2.0 * h);
    information += slope * slope;
  }
  return samples.deviation / std::sqrt(information);
}

/// A network, and the unknown beside it: model.viscosity() is the number, with its place on a tape.
template <class Net>
struct ViscosityModel {
  Net net;
  Parameter<double> viscosity;  ///< shape (1), in length² / time

  template <class Coordinates>
  auto operator()(const Coordinates& p) const {
    return net(p);
  }
};

template <class Net>
ViscosityModel<Net> make_viscosity_model(Net net, double guess) {
  return {std::move(net), Parameter<double>(Array<double>::full({1}, guess))};
}

struct InverseBurgers {
  template <class Model, class Points>
  auto operator()(const Model& model, const Points& points) const {
    return Burgers::with(model, points, model.viscosity());
  }
};
inline constexpr InverseBurgers inverse_burgers{};

}  // namespace fredholm::problems
