// Coefficients by quadrature, and back: the two maps under a spectral layer.
//
//   analysis    c_k = (1 / |Omega|) sum_j w_j psi_k(x_j) u_j   the same formula on every grid, for every rule
//   synthesis   u(x) = sum_k c_k phi_k(x)
//
// with the functions of transform/basis.hpp (psi_k = conj phi_k for orthonormal ones). Along an axis both are
// matrices (AxisMap), made once and kept with the discretization. A real basis has K rows. Complex
// coefficients are real and imaginary parts: on the last complex axis, where the coefficients of a real
// function at k < 0 follow from those at k > 0, the rows are (re 0 ... K-1, im 0 ... K-1); on the complex
// axes before it the 2K frequencies -K ... K-1 are kept, as rows (cos 0 ... K, sin 1 ... K) of real sums that
// `combine` (autodiff/ops/spectral.hpp) turns into complex ones. Modes that the points do not tell apart have
// rows of zeros. How a matrix is applied is the business of transform/axis_transform.hpp.
//
// On a tensor-product grid with a separable rule the axes are transformed one after the other; on anything
// else all modes are one matrix over all points.
//
// With padding p a complex axis of length L is mapped to [0, 1] as if it were L + p long and u were zero on
// the rest: the basis is periodic on the longer interval, and u need not be. The padding is a length, not a
// number of cells, and no point is added: the integral over the rest is zero.
#pragma once

#include <algorithm>
#include <array>
#include <complex>
#include <cstdlib>
#include <functional>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

#include <fredholm/autodiff/axis_map.hpp>
#include <fredholm/core/digits.hpp>
#include <fredholm/space/discretization.hpp>
#include <fredholm/transform/axis_transform.hpp>
#include <fredholm/transform/basis.hpp>
#include <fredholm/transform/mode_sums.hpp>

namespace fredholm::detail {

/// What a spectral layer keeps along the axes: how many modes, and the padding of each.
template <Index D>
struct Spectrum {
  std::array<Index, static_cast<std::size_t>(D)> modes{};
  std::array<double, static_cast<std::size_t>(D)> padding{};

  Index modes_of(Index axis) const { return modes[static_cast<std::size_t>(axis)]; }

  /// The interval that an axis is mapped to [0, 1] from.
  template <class Basis>
  Interval period(Index axis, const Interval& domain) const {
    const double more = Basis::complex ? padding[static_cast<std::size_t>(axis)] : 0.0;
    return {domain.left, domain.right + more};
  }

  std::string name() const {
    std::string text;
    for (Index m : modes) text += ',' + std::to_string(m);
    for (double p : padding) text += '+' + all_digits(p);  // layers that differ keep different matrices
    return text;
  }
};

inline double unit_coordinate(double x, const Interval& interval) {
  return (x - interval.left) / interval.length();
}

/// x -> (phi_0(x), ..., phi_{K-1}(x)) of a real basis, or the functions psi of the forward transform.
template <class Basis>
std::function<std::vector<double>(double)> real_functions(Index modes, bool forward) {
  if constexpr (requires { Basis::dual(modes); }) {
    if (forward) return Basis::dual(modes);
  }
  return [modes](double x) {
    std::vector<double> values;
    for (Index k = 0; k < modes; ++k) values.push_back(Basis::value(k, x));
    return values;
  };
}

/// A row of the matrix of a complex axis: factor cos(2 pi k x) or factor sin(2 pi k x).
struct Wave {
  Index k;
  bool sine;
  double factor;
};

/// The rows of a complex axis (see above); factor 0 for frequencies at or beyond the limit.
///   c = int u e^{-i angle};   u = c_0 + sum over k > 0 of 2 Re(c_k e^{i angle}) on the half axis
inline std::vector<Wave> waves(Index modes, bool half, bool forward, Index limit) {
  std::vector<Wave> rows;
  for (const bool sine : {false, true}) {
    for (Index k = !half && sine ? 1 : 0; k < (half ? modes : modes + 1); ++k) {
      const double doubled = !half || forward || k == 0 ? 1.0 : 2.0;
      const bool vanishes = k >= limit || (sine && k == 0);
      rows.push_back({k, sine, vanishes ? 0.0 : half && sine ? -doubled : doubled});
    }
  }
  return rows;
}

/// x -> the rows of the real matrix of an axis; zero for a mode at or beyond the limit.
template <class Basis>
std::function<std::vector<double>(double)> axis_functions(Index modes, bool half, bool forward, Index limit) {
  if constexpr (!Basis::complex) {
    // A dual function depends on how many there are.
    const Index kept = std::min(modes, limit);
    return [modes, functions = real_functions<Basis>(kept, forward)](double x) {
      std::vector<double> values = functions(x);
      values.resize(static_cast<std::size_t>(modes), 0.0);
      return values;
    };
  } else {
    return [rows = waves(modes, half, forward, limit)](double x) {
      std::vector<double> values;
      for (const Wave& row : rows) {
        const double angle = 2.0 * std::numbers::pi * static_cast<double>(row.k) * x;
        values.push_back(row.factor * (row.sine ? std::sin(angle) : std::cos(angle)));
      }
      return values;
    };
  }
}

/// The limit on the grid along an axis.
template <class Basis, class Discretization>
Index mode_limit_along(const Discretization& d, Index axis) {
  if constexpr (is_product<typename Discretization::grid_type>) {
    return [&]<std::size_t... A>(std::index_sequence<A...>) {
      Index limit = 0;
      ((static_cast<Index>(A) == axis ? void(limit = mode_limit<Basis>(d.grid().template axis<A>()))
                                      : void()),
       ...);
      return limit;
    }(std::make_index_sequence<static_cast<std::size_t>(Discretization::rank)>());
  } else {
    return mode_limit<Basis>(d.grid());
  }
}

/// Which of FFTW's sums the functions of a basis are on points of a family.
template <class Basis>
constexpr SumKind sum_kind(Family family) {
  const bool closed = family == Family::uniform, mid = family == Family::midpoint;
  if (std::is_same_v<Basis, Fourier> && family == Family::periodic) return SumKind::fourier;
  if (std::is_same_v<Basis, Cosine> && closed) return SumKind::closed_cosine;
  if (std::is_same_v<Basis, Cosine> && mid) return SumKind::mid_cosine;
  if (std::is_same_v<Basis, Sine> && closed) return SumKind::closed_sine;
  if (std::is_same_v<Basis, Sine> && mid) return SumKind::mid_sine;
  return SumKind::none;
}

/// The matrix of one axis: (rows, points) forward, (points, rows) back.
template <class Basis, Index D, class Discretization>
AxisMap axis_matrix(const Discretization& d, Index axis, const Spectrum<D>& spectrum, bool half,
                    bool forward) {
  const auto& nodes = d.nodes(axis);
  const auto n = static_cast<Index>(nodes.size());
  const Interval period = spectrum.template period<Basis>(axis, d.box()[axis]);
  const Index limit = mode_limit_along<Basis>(d, axis);
  const auto functions = axis_functions<Basis>(spectrum.modes_of(axis), half, forward, limit);
  std::vector<double> values;
  Index rows = 0;
  for (Index j = 0; j < n; ++j) {
    const auto at = functions(unit_coordinate(nodes[static_cast<std::size_t>(j)], period));
    rows = std::ssize(at);
    values.resize(static_cast<std::size_t>(rows * n));
    const double share = d.axis_weights(axis)[static_cast<std::size_t>(j)] / period.length();
    for (Index r = 0; r < rows; ++r) {
      const double value = at[static_cast<std::size_t>(r)];
      values[static_cast<std::size_t>(forward ? r * n + j : j * rows + r)] = forward ? value * share : value;
    }
  }
  return forward ? AxisMap::dense(rows, n, std::move(values)) : AxisMap::dense(n, rows, std::move(values));
}

enum class Way { quickest, matrix, folded, sums };

/// Along one axis: gather with it (forward), or scatter (back). What `axis_matrix` is, applied by the
/// quickest way.
template <class T, class Basis, Index D, class Discretization>
AxisTransform<T> axis_transform(const Discretization& d, Index axis, const Spectrum<D>& spectrum, bool half,
                                bool forward, Way way = Way::quickest) {
  const auto n = std::ssize(d.nodes(axis));
  const Interval period = spectrum.template period<Basis>(axis, d.box()[axis]);
  const Index modes = spectrum.modes_of(axis), limit = mode_limit_along<Basis>(d, axis);
  const SumKind kind = period == d.box()[axis]
                           ? sum_kind<Basis>(family_along<typename Discretization::grid_type>(axis))
                           : SumKind::none;
  if constexpr (std::is_same_v<Basis, Fourier> || std::is_same_v<Basis, Cosine> ||
                std::is_same_v<Basis, Sine>) {
    const Index rows = Basis::complex ? 2 * modes : modes;
    if (kind != SumKind::none && n >= 4 &&
        (way == Way::sums || (way == Way::quickest && fast_sums_pay(kind, n, rows)))) {
      std::vector<double> factors, points(static_cast<std::size_t>(n), 1.0);
      if constexpr (Basis::complex) {
        for (const Wave& row : waves(modes, half, forward, limit)) factors.push_back(row.factor);
      } else {
        for (Index k = 0; k < modes; ++k) {
          const bool constant = std::is_same_v<Basis, Cosine> && k == 0;
          factors.push_back(k >= limit ? 0.0 : constant ? 1.0 : std::numbers::sqrt2);
        }
      }
      if (forward) {
        for (std::size_t j = 0; j < points.size(); ++j) points[j] = d.axis_weights(axis)[j] / period.length();
      }
      const Index cosines = Basis::complex && !half ? modes + 1 : modes;
      return {FastSums<T>(kind, factors, points, cosines), std::ssize(factors), n};
    }
  }
  AxisMap map = axis_matrix<Basis>(d, axis, spectrum, half, forward);
  if (!forward) map = transpose(map);
  const bool fold = way == Way::quickest ? folding_pays(map.cols, map.rows) : way == Way::folded;
  // Nodes far from the origin are rounded, and mirrored entries differ by that.
  const double round_off = std::numeric_limits<double>::epsilon() *
                           (1.0 + std::max(std::abs(period.left), std::abs(period.right)) / period.length());
  return AxisTransform<T>(map, fold, 64.0 * round_off * static_cast<double>(map.rows));
}

/// All modes over all points, for clouds and rules that are not separable. Rows are the modes of x1, ..., xd
/// in turn, with (re, im) before those of the half axis.
template <Index D, class Basis, class Discretization>
AxisMap full_matrix(const Discretization& d, const Spectrum<D>& spectrum, bool forward) {
  constexpr Index half = half_axis<D, Basis>();
  constexpr Index parts = half < 0 ? 1 : 2;
  const Index n = d.size();
  std::array<Index, static_cast<std::size_t>(D)> count{};
  Index inner = 1;  // modes of the half axis and those after it
  Index rows = parts;
  double measure = 1.0;
  // For each axis: x -> complex values of its functions.
  std::array<std::function<std::vector<std::complex<double>>(double)>, static_cast<std::size_t>(D)> functions;
  for_each_axis<D, Basis>([&]<class Along>(Index axis, Along) {
    const auto a = static_cast<std::size_t>(axis);
    count[a] = coefficient_count<D, Basis>(axis, spectrum.modes_of(axis));
    rows *= count[a];
    if (axis >= half) inner *= count[a];
    const Interval period = spectrum.template period<Along>(axis, d.box()[axis]);
    measure *= period.length();
    const Index limit =
        Discretization::rank == D ? mode_limit_along<Along>(d, axis) : std::numeric_limits<Index>::max();
    if constexpr (Along::complex) {
      functions[a] = [=, size = count[a]](double x) {  // e^{-i angle}
        std::vector<std::complex<double>> result;
        for (Index i = 0; i < size; ++i) {
          const Index k = axis == half ? i : i - size / 2;
          const double angle = 2.0 * std::numbers::pi * static_cast<double>(k) * unit_coordinate(x, period);
          result.push_back(std::abs(k) < limit ? std::polar(1.0, -angle) : 0.0);
        }
        return result;
      };
    } else {
      functions[a] =
          [=, rows_at = axis_functions<Along>(spectrum.modes_of(axis), false, forward, limit)](double x) {
            const auto values = rows_at(unit_coordinate(x, period));
            return std::vector<std::complex<double>>(values.begin(), values.end());
          };
    }
  });
  const auto place = [](Index axis) { return static_cast<std::size_t>(axis); };
  std::vector<double> values(static_cast<std::size_t>(rows * n));
  for (Index j = 0; j < n; ++j) {
    std::array<std::vector<std::complex<double>>, static_cast<std::size_t>(D)> along;
    for (Index a = 0; a < D; ++a)
      along[place(a)] = functions[place(a)](d.points()[static_cast<std::size_t>(j * D + a)]);
    for (Index mode = 0; mode < rows / parts; ++mode) {
      std::complex<double> product = 1.0;
      Index rest = mode;
      bool doubled = false;
      for (Index a = D - 1; a >= 0; --a) {
        const Index k = rest % count[place(a)];
        rest /= count[place(a)];
        product *= along[place(a)][static_cast<std::size_t>(k)];
        if (a == half && k > 0) doubled = true;
      }
      // c = int u e^{-i angle}, u = Re(c e^{i angle}): the row of the imaginary part is Im e^{-i angle} both
      // ways.
      const double factor = forward   ? d.weights()[static_cast<std::size_t>(j)] / measure
                            : doubled ? 2.0
                                      : 1.0;
      for (Index part = 0; part < parts; ++part) {
        const Index r = (mode / inner * parts + part) * inner + mode % inner;
        const double value = part == 0 ? product.real() : product.imag();
        values[static_cast<std::size_t>(forward ? r * n + j : j * rows + r)] = factor * value;
      }
    }
  }
  return forward ? AxisMap::dense(rows, n, std::move(values)) : AxisMap::dense(n, rows, std::move(values));
}

/// The sums of all axes, forward (points to coefficients) or, transposed, back.
template <class T, class Basis, Index D, class Discretization>
ModeSums<T> mode_sums(const Discretization& d, const Spectrum<D>& spectrum, bool forward) {
  constexpr Index half = half_axis<D, Basis>();
  if constexpr (Discretization::rank == D && Discretization::separable) {
    ModeSums<T> sums(d.shape(), half);
    const auto add = [&](bool first) {  // the half axis, and then the others
      for_each_axis<D, Basis>([&]<class Along>(Index axis, Along) {
        if (first == (axis == half))
          sums.along(axis, axis_transform<T, Along>(d, axis, spectrum, axis == half, forward),
                     Along::complex && axis != half);
      });
    };
    add(true), add(false);
    return sums;
  } else {
    // One axis of all points, whose rows have the shape of the modes.
    AxisMap map = full_matrix<D, Basis>(d, spectrum, forward);
    Shape modes;
    for_each_axis<D, Basis>([&]<class Along>(Index axis, Along) {
      modes.push_back(coefficient_count<D, Basis>(axis, spectrum.modes_of(axis)) * (axis == half ? 2 : 1));
    });
    ModeSums<T> sums(Shape{d.size()}, -1);
    sums.along(0, AxisTransform<T>(forward ? map : transpose(map), false, 0.0), false);
    sums.name_modes(modes);
    return sums;
  }
}

}  // namespace fredholm::detail
