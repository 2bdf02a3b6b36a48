// An integral operator with a learned kernel, over the whole domain.
//
//   (K u)(x) = int kappa(x, y, u(y)) u(y) dmu(y)  ≈  sum_j w_j kappa(x, y_j, u(y_j)) u(y_j)
//
//   auto layer = KernelIntegral<MlpKernel<>>::make({.dimension = 1, .in = 4, .out = 4}, rng);
//   auto v = layer(u);             // on the points of u
//   auto w = layer(u, grid);       // at the points of another discretization of the domain: sensors to a
//                                  // grid, and back
//
// Kernels are in layers/kernel.hpp. The weight w_j stands inside the sum, at the source: multiplied at the
// target, as the kernel attention of neuraloperator has it, it is another operator on every grid whose
// weights are not all the same. Order: the rule's.
//
// Over pairs of points, time is O(n m) evaluations of kappa; pairs go by in tiles and are computed again for
// the gradient (autodiff/recompute.hpp), so memory is O(n + m) beside one tile. With a LowRankKernel time is
// O((n + m) rank). For thousands of points and a kernel that is local, use RadiusKernelIntegral
// (layers/neighbours/).
//
// Li et al. (2020), arXiv:2003.03485; Kovachki et al. (2023), JMLR 24(89).
#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include <fredholm/autodiff/recompute.hpp>
#include <fredholm/layers/kernel.hpp>
#include <fredholm/layers/rule_of_field.hpp>

namespace fredholm {

namespace detail {

/// Which pairs of points a kernel is summed over, and with what weights.
template <class T>
struct Pairs {
  Index dimension = 0;
  std::shared_ptr<const std::vector<double>> targets, sources;  // (size, dimension)
  std::vector<double> periods;  // an axis: sources are seen at their nearest image; 0 or none: as they are
  std::shared_ptr<const Edges> edges;  // none: every target with every source
  Array<T> weights;                    // (edges); (sources) for every target with every source

  Index target_count() const { return std::ssize(*targets) / dimension; }
  Index source_count() const { return std::ssize(*sources) / dimension; }
  Index first_edge(Index target) const {
    return edges ? edges->starts[static_cast<std::size_t>(target)] : target * source_count();
  }
};

/// Targets begin ... end with their sources.
template <class T>
std::pair<std::shared_ptr<const Edges>, Array<T>> edges_of_tile(const Pairs<T>& pairs, Index begin,
                                                                Index end) {
  const Index first = pairs.first_edge(begin), last = pairs.first_edge(end), n = pairs.source_count();
  auto tile = std::make_shared<Edges>();
  tile->sources = n;
  for (Index i = begin; i < end; ++i) tile->starts.push_back(pairs.first_edge(i + 1) - first);
  tile->columns.resize(static_cast<std::size_t>(last - first));
  Array<T> weights(Shape{last - first});
  if (pairs.edges) {
    std::copy_n(pairs.edges->columns.begin() + first, last - first, tile->columns.begin());
    std::copy_n(pairs.weights.data() + first, last - first, weights.mutable_data());
  } else {
    T* to = weights.mutable_data();
    for (Index e = 0; e < last - first; ++e) {
      tile->columns[static_cast<std::size_t>(e)] = static_cast<std::int32_t>(e % n);
      to[e] = pairs.weights.data()[e % n];
    }
  }
  return {std::move(tile), std::move(weights)};
}

/// The coordinates of both points of each edge: (1, edges, D) each.
template <class T>
std::pair<Array<T>, Array<T>> coordinates_of_tile(const Pairs<T>& pairs, const Edges& tile, Index begin) {
  const Index dimension = pairs.dimension;
  const Shape shape{1, tile.count(), dimension};
  Array<T> x(shape), y(shape);
  T* to_x = x.mutable_data();
  T* to_y = y.mutable_data();
  for (Index i = 0; i < tile.targets(); ++i) {
    const double* at = pairs.targets->data() + (begin + i) * dimension;
    for (Index e = tile.begin(i); e < tile.end(i); ++e) {
      const double* from = pairs.sources->data() + tile.column(e) * dimension;
      for (Index axis = 0; axis < dimension; ++axis) {
        const double period = pairs.periods.empty() ? 0.0 : pairs.periods[static_cast<std::size_t>(axis)];
        const double turns = period == 0.0 ? 0.0 : std::round((from[axis] - at[axis]) / period);
        *to_x++ = static_cast<T>(at[axis]);
        *to_y++ = static_cast<T>(from[axis] - turns * period);
      }
    }
  }
  return {std::move(x), std::move(y)};
}

/// sum_j w_ij kappa(x_i, y_j) u_j over the pairs: u (batch, sources, in); (batch, targets, out).
template <class Kernel, class T>
Array<T> integrate_pairs(const Kernel& kernel, const Array<T>& u, const Pairs<T>& pairs) {
  // A tile keeps what its pairs need, with a perceptron of some 64 channels, in a second-level cache.
  const Index most = std::max<Index>(256, 4096 / std::max<Index>(1, u.shape(0)));
  const Index targets = pairs.target_count();
  std::vector<Index> begins{0};
  while (begins.back() < targets) {
    Index end = begins.back() + 1;
    while (end < targets && pairs.first_edge(end + 1) - pairs.first_edge(begins.back()) <= most) ++end;
    begins.push_back(end);
  }
  const MemoryReuse reuse;  // from tile to tile
  const auto tile_of = [pairs, begins](const Kernel& k, const Array<T>& v, Index t) {
    const Index begin = begins[static_cast<std::size_t>(t)];
    const auto [edges, weights] = edges_of_tile(pairs, begin, begins[static_cast<std::size_t>(t) + 1]);
    const auto [x, y] = coordinates_of_tile(pairs, *edges, begin);
    const Array<T> values = k(x, y, gather_rows(v, edges));
    require(values.rank() == 3 && values.shape(0) == v.shape(0),
            "a kernel gives kappa(x, y) v of shape (batch, pairs, out), and of a batch of ", v.shape(0),
            " it gave an array of shape ", values.shape(), ".");
    return segment_sum(values, weights, edges);
  };
  return recomputed(kernel, u, begins, tile_of);
}

template <AnyDiscretization Discretization>
std::shared_ptr<const std::vector<double>> points_of_pairs(const Discretization& d) {
  return std::make_shared<const std::vector<double>>(d.points());
}

/// (size, dimension), as a layer of this precision takes them.
template <class Scalar, AnyDiscretization Discretization>
Array<Scalar> point_rows(const Discretization& d) {
  return coordinates<Scalar>(d).values().reshaped({d.size(), Discretization::dimension});
}

template <class Kernel>
concept SeparableKernel = requires { &Kernel::coefficients; };

/// A kernel that states its precision takes fields of it; one that does not, any.
template <class Kernel, class Scalar>
inline constexpr bool kernel_takes = true;
template <class Kernel, class Scalar>
  requires requires { typename Kernel::scalar_type; }
inline constexpr bool kernel_takes<Kernel, Scalar> = std::is_same_v<typename Kernel::scalar_type, Scalar>;

/// Rows (batch, points, channel) of a field, and back.
template <AnyField Input>
auto rows_of(const Input& u) {
  return u.values().reshaped({u.batch(), u.points(), u.channels()});
}
template <AnyDiscretization Discretization, class T>
Field<Discretization, T> field_of_rows(const Discretization& d, const Array<T>& rows) {
  return {d, rows.reshaped(field_shape(rows.shape(0), d.shape(), rows.shape(2)))};
}

}  // namespace detail

template <class Kernel, class Rule = RuleOfField>
struct KernelIntegral {
  Kernel kernel;

  auto operator()(const AnyField auto& u) const { return (*this)(u, u.discretization()); }

  template <AnyField Input, AnyDiscretization Target>
  auto operator()(const Input& u, const Target& target) const {
    using Scalar = typename Input::scalar_type;
    using Source = std::remove_cvref_t<decltype(u.discretization())>;
    static_assert(Source::dimension == Target::dimension,
                  "KernelIntegral: the field and the target have points of different dimension.");
    static_assert(detail::kernel_takes<Kernel, Scalar>,
                  "a kernel of one precision is applied to a field of the other: use cast<float>(...) or "
                  "cast<double>(...) on the model or on the field.");
    const Array<Scalar> weights = detail::layer_weights<Rule, Scalar>(u.discretization());
    const detail::MemoryReuse reuse;
    if constexpr (detail::SeparableKernel<Kernel>) {
      const auto c =
          kernel.coefficients(detail::point_rows<Scalar>(u.discretization()), weights, detail::rows_of(u));
      return detail::field_of_rows(target, kernel.expand(detail::point_rows<Scalar>(target), c));
    } else {
      const detail::Pairs<Scalar> pairs{Source::dimension,
                                        detail::points_of_pairs(target),
                                        detail::points_of_pairs(u.discretization()),
                                        {},
                                        nullptr,
                                        weights};
      return detail::field_of_rows(target, detail::integrate_pairs(kernel, detail::rows_of(u), pairs));
    }
  }

  static KernelIntegral make(const KernelOptions& options, Engine& engine) {
    return {Kernel::make(options, engine)};
  }
};

}  // namespace fredholm
