// Burgers' equation, the first benchmark of physics-informed networks.
//
//   u_t + u u_x = nu u_xx,   x in [-1, 1], t in [0, 1],   u(x, 0) = -sin(pi x),   u(-1, t) = u(1, t) = 0
//
// with nu = 0.01 / pi (Basdevant et al., 1986; Raissi et al., 2019, section 3.1): a front stands up at x = 0,
// and is steepest at t = 1.6037 / pi, where u_x = -152.00516. Its width is about 2 nu = 0.0064, 3 per mille
// of the domain, so points should be dense about x = 0.
//
//   Burgers{nu}(net, points)      the residual; coordinates (x, t)
//   ColeHopf{nu}(x, t)            the exact solution, a number
//   HardBurgers<Net>{net}         a network that keeps the start and the walls exactly:
//                                 -sin(pi x) + t (1 - x^2) net
//   BurgersFront{...}             u = c - a tanh(a (x - c t) / (2 nu)), exact on the whole line, of jets or
//                                 fields
//
// The solution of Hopf (1950) and Cole (1951) is a quotient of integrals,
//   u = int u0(y) e^{E(y)} dy / int e^{E(y)} dy,   E(y) = -(x - y)² / (4 nu t) - cos(pi y) / (2 pi nu),
// by the trapezoid rule over all of R, which is spectral, with the largest E divided out of both.
// Gauss-Hermite nodes, which one finds in its place, underflow at this nu. About 14 digits.
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include <fredholm/core/error.hpp>
#include <fredholm/core/shape.hpp>
#include <fredholm/space/box.hpp>
#include <fredholm/space/derivatives.hpp>

namespace fredholm::problems {

inline constexpr double burgers_viscosity = 0.01 / std::numbers::pi;

struct Burgers {
  double viscosity = burgers_viscosity;

  static Box<2> domain() { return {{-1.0, 1.0}, {0.0, 1.0}}; }
  static double start(double x) { return -std::sin(std::numbers::pi * x); }

  template <class Net, class Points>
  auto operator()(const Net& net, const Points& points) const {
    return with(net, points, viscosity);
  }

  /// The residual for a viscosity that may be a parameter.
  template <class Net, class Points, class Viscosity>
  static auto with(const Net& net, const Points& points, const Viscosity& nu) {
    const auto u = derivatives<Dt, Dx, Dxx>(net, points);
    return u[Dt{}] + u.value() * u[Dx{}] - nu * u[Dxx{}];
  }
};

/// The exact solution of Burgers{viscosity} from -sin(pi x), and its derivatives.
struct ColeHopf {
  double viscosity = burgers_viscosity;
  int refine = 1;  ///< steps of the rule, as a multiple of what is enough: to show that it is

  /// u, u_t, u_x, u_xx. The derivatives are cumulants of y under the weight e^E, and need t > 0.
  struct Values {
    double u, u_t, u_x, u_xx;
  };

  double operator()(double x, double t) const {
    if (t == 0.0) return Burgers::start(x);
    double sum = 0.0, mean = 0.0;
    for_each_weight(x, t, [&](double y, double weight) {
      sum += weight;
      mean += weight * Burgers::start(y);
    });
    return mean / sum;
  }

  double slope(double x, double t) const { return values(x, t).u_x; }

  Values values(double x, double t) const {
    require(t > 0.0, "ColeHopf: derivatives at t = ", t, ". They are computed for t > 0.");
    double sum = 0.0, first = 0.0, second = 0.0, third = 0.0, square = 0.0, cross = 0.0;
    for_each_weight(x, t, [&](double y, double weight) {
      sum += weight;
      first += weight * (y - x);  // moments about x: small, where y itself is not
    });
    first /= sum;
    for_each_weight(x, t, [&](double y, double weight) {
      const double from_mean = y - x - first, from_x = (y - x) * (y - x);
      second += weight * from_mean * from_mean / sum;
      third += weight * from_mean * from_mean * from_mean / sum;
      square += weight * from_x / sum;
      cross += weight * from_mean * from_x / sum;
    });
    const double scale =
        2.0 * viscosity * t;  // d<y>/dx = var(y) / scale, d<y>/dt = cov(y, (x-y)²) / (2 t scale)
    return {(*this)(x, t), first / (t * t) - cross / (2.0 * t * t * scale), (1.0 - second / scale) / t,
            -third / (scale * scale * t)};
  }

 private:
  /// f(y, weight) over the nodes that count: weights e^{E - max E}.
  template <class Function>
  void for_each_weight(double x, double t, const Function& f) const {
    require(viscosity > 0.0 && t > 0.0, "ColeHopf: viscosity ", viscosity, " at time ", t,
            ". The viscosity is positive, and t >= 0.");
    const double pi = std::numbers::pi, heat = 4.0 * viscosity * t, cosine = 1.0 / (2.0 * pi * viscosity);
    const auto exponent = [=](double y) { return -(x - y) * (x - y) / heat - cosine * std::cos(pi * y); };
    // The narrowest peak has the width of -E'' = (1 + pi t) / (2 nu t). Beyond `reach`, E is 40 below its
    // maximum.
    const double width = std::sqrt(0.5 * heat / (1.0 + pi * t));
    const double reach = std::sqrt(heat * (40.0 + 2.0 * cosine));
    const double step = width / (4.0 * refine);
    const auto half = static_cast<Index>(std::ceil(reach / step));
    std::vector<double> exponents;
    exponents.reserve(static_cast<std::size_t>(2 * half + 1));
    for (Index j = -half; j <= half; ++j) exponents.push_back(exponent(x + static_cast<double>(j) * step));
    const double largest = *std::max_element(exponents.begin(), exponents.end());
    for (Index j = -half; j <= half; ++j) {
      const double below = exponents[static_cast<std::size_t>(j + half)] - largest;
      if (below > -40.0) f(x + static_cast<double>(j) * step, std::exp(below));
    }
  }
};

/// u(x, 0) = -sin(pi x) and u(+-1, t) = 0, whatever the network.
template <class Net>
struct HardBurgers {
  Net net;

  template <class Coordinates>
  auto operator()(const Coordinates& p) const {
    const auto x = channel(p, 0), t = channel(p, 1);
    return t * (1.0 - square(x)) * net(p) - sin(std::numbers::pi * x);
  }
};

/// A front of height 2 a that moves with c: an exact solution on the line, for tests.
struct BurgersFront {
  double viscosity = 0.1, amplitude = 1.0, speed = 0.5;

  template <class Coordinates>
  auto operator()(const Coordinates& p) const {
    const auto x = channel(p, 0), t = channel(p, 1);
    return speed - amplitude * tanh(0.5 * amplitude / viscosity * (x - speed * t));
  }
};

}  // namespace fredholm::problems
