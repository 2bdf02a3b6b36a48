// A term of measured values: what the model is to pass by.
//
//   weight * int |u - data|^2 dmu = weight * sum_j w_j |u(x_j) - data_j|^2
//
//   auto samples = data_term("samples", field, {.weight = 10});         // field: values on a PointCloud, or on any grid
//
// Beside the equations of a problem, where a coefficient is unknown (a Parameter beside the network) or the
// state is to be found from sensors. On a cloud under MonteCarlo the integral is the mean times the measure
// of the box.
#pragma once

#include <algorithm>
#include <string>
#include <utility>

#include <fredholm/physics/pinn/term.hpp>
#include <fredholm/space/field.hpp>

namespace fredholm {

/// u - data at the points of the data, a residual.
template <class Scalar>
struct Misfit {
  static constexpr bool is_numbered = true;  // no points but those of the data
  Array<Scalar> data;                        ///< (points, channels)

  template <class Model, class Points>
  auto operator()(const Model& model, const Points& points, Index begin) const {
    const auto u = model(coordinates<Scalar>(points));
    const Index channels = data.shape(1);
    require(u.channels() == channels, "the model has ", u.channels(), " channels and the data have ",
            channels, ". Compare those that were measured: slice_channels.");
    require(begin + points.size() <= data.shape(0), "the points ", begin, " to ", begin + points.size() - 1,
            " are asked for, and there are data at ", data.shape(0),
            ". Leave the points of a data_term as they are.");
    Array<Scalar> there(u.values().shape());
    std::copy_n(data.data() + begin * channels, points.size() * channels, there.mutable_data());
    return u - u.with(std::move(there));
  }
};

template <class Points, class Scalar>
Term<Points, Misfit<Scalar>> data_term(std::string name, const Field<Points, Scalar>& data,
                                       const TermOptions& options = {}) {
  require(data.batch() == 1, "data_term: the data are a batch of ", data.batch(),
          " functions, and a problem is about one. Take slice_batch(data, i, 1).");
  return term(std::move(name), data.discretization(),
              Misfit<Scalar>{data.values().reshaped({data.points(), data.channels()})}, options);
}

}  // namespace fredholm
