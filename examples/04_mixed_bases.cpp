// Question: which basis suits a domain that is periodic one way and has walls the other?
//
// Idea:     a spectral layer expands along each axis in a basis of its own, chosen by type. A Fourier series of a
//           function that is not periodic has a jump at the wall, and its coefficients fall like 1/k; sines vanish at
//           the wall, as the solution does; Chebyshev polynomials ask for nothing there.
//
// New here: make_fno<2, Fourier, Sine>, product grids with a rule an axis, the same weights on other grids in 2-D.
//           Builds on 02_heat_on_any_grid.
//
// Run:      04_mixed_bases               trains three models, half a minute on two cores
//           04_mixed_bases --quick       a few seconds: only shows that everything works
//
// The operator is u(., 0) -> u(., T) for u_t = nu (u_xx + u_yy) - c(y) u_x in a channel, (0, 1) x (0, 1), periodic in x, zero
// at the walls y = 0 and y = 1, with the profile c(y) = 4 y (1 - y): advection between walls, with diffusion. Solved in modes
// e^{2 pi i k x} sin(l pi y) by the matrix exponential, exact to round-off. Functions are Gaussian; 400 to train, 100 to
// test, on 32 x 33 points.
//
// Expected (g++ 12, -O2 -march=native, 2 cores):
//
//   bases              parameters  seconds  32 x 33 %  48 x 65 %  Gauss 32 x 24 %
//   -----------------------------------------------------------------------------
//   Fourier-Fourier        222641    10.95       2.06       3.98             6.56
//   Fourier-Sine           112049     7.10       1.75       1.78             1.82
//   Fourier-Chebyshev      112049     6.82       4.80      19.19            20.10
//
// Sines know the walls: best on the points of training, and the same operator on others. The other two are not, and the
// reason is the rule, not the basis: on 33 points Simpson's rule does not integrate the 12th Chebyshev polynomial, which turns
// within less than a step of the wall, nor high frequencies. What was trained with that error is another operator without
// it. Give Chebyshev modes Gauss points to train on, or fewer modes.
#include <chrono>
#include <cmath>
#include <complex>
#include <filesystem>
#include <iostream>
#include <numbers>

#include <CLI/CLI.hpp>
#include <Eigen/Eigenvalues>

#include <fredholm/checkpoint.hpp>
#include <fredholm/fredholm.hpp>

#include "support/plot.hpp"
#include "support/quick.hpp"
#include "support/table.hpp"
#include "support/train.hpp"

using namespace fredholm;

namespace {

constexpr double pi = std::numbers::pi;
constexpr Index waves = 8;   // |k| <= waves along x
constexpr Index sines = 16;  // l = 1 ... sines along y

struct Options {
  std::uint64_t seed = 7;
  Index train = 400;
  Index test = 100;
  Index epochs = 30;
  double rate = 3e-3;
  std::filesystem::path out = "out";
  bool evaluate = false;
  bool quick = false;
};

// 1. A function in the channel: u(x, y) = sum over k >= 0, l of Re(c_kl e^{2 pi i k x}) sqrt 2 sin(l pi y).
struct ChannelFlow {
  Eigen::MatrixXcd c;  // (waves + 1, sines)

  double operator()(double x, double y) const {
    double sum = 0.0;
    for (Index k = 0; k <= waves; ++k) {
      const auto wave = std::polar(1.0, 2 * pi * static_cast<double>(k) * x);
      for (Index l = 0; l < sines; ++l)
        sum += (c(k, l) * wave).real() * std::numbers::sqrt2 * std::sin(static_cast<double>(l + 1) * pi * y);
    }
    return sum;
  }
};

ChannelFlow random_flow(Engine& engine) {
  ChannelFlow u{Eigen::MatrixXcd(waves + 1, sines)};
  for (Index k = 0; k <= waves; ++k) {
    for (Index l = 0; l < sines; ++l) {
      const double kx = 2 * pi * static_cast<double>(k), ly = pi * static_cast<double>(l + 1);
      const double deviation = 60.0 / std::pow(kx * kx + ly * ly + 25.0, 1.0);
      u.c(k, l) = deviation * std::complex<double>(normal(engine), k == 0 ? 0.0 : normal(engine));
    }
  }
  return u;
}

// 2. Its evolution: for each k the coefficients of sin(l pi y) follow a linear system with a constant matrix.
class Channel {
 public:
  Channel(double nu, double time) {
    Eigen::MatrixXd profile(sines, sines);  // c(y) in the basis of sines, by Gauss's rule, exact enough
    const Discretization<LegendreGrid<>, GaussLegendre> d({0.0, 1.0, 64});
    const auto phi = [](Index l, double y) {
      return std::numbers::sqrt2 * std::sin(static_cast<double>(l + 1) * pi * y);
    };
    for (Index l = 0; l < sines; ++l) {
      for (Index m = 0; m < sines; ++m)
        profile(l, m) =
            integrate(sample([&](double y) { return 4 * y * (1 - y) * phi(l, y) * phi(m, y); }, d));
    }
    for (Index k = 0; k <= waves; ++k) {
      const double kx = 2 * pi * static_cast<double>(k);
      Eigen::MatrixXcd generator = std::complex<double>(0.0, -kx) * profile.cast<std::complex<double>>();
      for (Index l = 0; l < sines; ++l) {
        const double ly = pi * static_cast<double>(l + 1);
        generator(l, l) -= nu * (kx * kx + ly * ly);
      }
      const Eigen::ComplexEigenSolver<Eigen::MatrixXcd> eigen(generator * time);
      const Eigen::MatrixXcd v = eigen.eigenvectors();
      propagators_.emplace_back(v * eigen.eigenvalues().array().exp().matrix().asDiagonal() * v.inverse());
    }
  }

  ChannelFlow operator()(ChannelFlow u) const {
    for (Index k = 0; k <= waves; ++k)
      u.c.row(k) = (propagators_[static_cast<std::size_t>(k)] * u.c.row(k).transpose()).transpose();
    return u;
  }

 private:
  std::vector<Eigen::MatrixXcd> propagators_;
};

// 3. The training points, and others for the same weights.
using Uniform = Discretization<ProductGrid<PeriodicGrid<>, UniformGrid<>>, ProductRule<Trapezoid, Simpson>>;
using Gauss =
    Discretization<ProductGrid<PeriodicGrid<>, LegendreGrid<>>, ProductRule<Trapezoid, GaussLegendre>>;
Uniform uniform(Index nx, Index ny) { return Uniform({{0.0, 1.0, nx}, {0.0, 1.0, ny}}); }
Gauss gauss(Index nx, Index ny) { return Gauss({{0.0, 1.0, nx}, {0.0, 1.0, ny}}); }

struct Data {
  std::vector<ChannelFlow> before, after;
};

template <class Model, class D>
double error(const Model& model, const Data& test, const D& d, Team& team) {
  return relative_error<L2>(predict(model, sample<float>(test.before, d), team),
                            sample<float>(test.after, d));
}

template <class Model>
void run(const std::string& name, Model model, const Data& train, const Data& test, const Options& options,
         support::Table& table, Team& team) {
  const auto file = options.out / ("channel_" + name + ".safetensors");
  double seconds = 0.0;
  if (options.evaluate) {
    support::require_checkpoint(file);
    load(model, file);
  } else {
    const auto d = uniform(32, 33);
    Loader batches(sample<float>(train.before, d), sample<float>(train.after, d),
                   {.batch = 10, .seed = options.seed});
    const auto loss = [](const auto& net, const auto& u, const auto& v) {
      return relative_error<L2>(net(u), v);
    };
    const auto start = std::chrono::steady_clock::now();
    fit(model, loss, batches, {.epochs = options.epochs, .learning_rate = options.rate, .label = name});
    seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    save(model, file);
  }
  const auto percent = [](double e) { return support::format("%.2f", 100 * e); };
  table.row(name, count_parameters(model), support::fixed(seconds),
            percent(error(model, test, uniform(32, 33), team)),
            percent(error(model, test, uniform(48, 65), team)),
            percent(error(model, test, gauss(32, 24), team)));
}

// 4. The first test function, before and after.
void draw(const Data& test, const Options& options) {
  support::Plot plot(options.out / "mixed_bases.svg", 900, 360);
  std::vector<std::vector<double>> before, after;
  for (int i = 0; i <= 60; ++i) {
    for (int j = 0; j <= 60; ++j) {
      const double x = i / 60.0, y = j / 60.0;
      before.push_back({x, y, test.before.front()(x, y)});
      after.push_back({x, y, test.after.front()(x, y)});
    }
  }
  plot.data("before", before);
  plot.data("after", after);
  plot
      << "set multiplot layout 1,2\nset xrange [0:1]\nset yrange [0:1]\nset xlabel 'x (periodic)'\nset ylabel 'y (walls)'\n"
      << "unset key\nset title 'u(x, y, 0)'\nplot $before with image\nset title 'u(x, y, T)'\nplot $after with image\n"
      << "unset multiplot\n";
  if (plot.draw()) std::cout << "picture: " << (options.out / "mixed_bases.svg").string() << '\n';
}

}  // namespace

int main(int argc, char** argv) try {
  Options options;
  CLI::App app("A channel, periodic one way with walls the other: three choices of bases.");
  app.add_option("--seed", options.seed, "of the weights and the shuffling")->capture_default_str();
  app.add_option("--train", options.train, "functions to train on")->capture_default_str();
  app.add_option("--test", options.test, "functions to test on")->capture_default_str();
  app.add_option("--epochs", options.epochs, "of training")->capture_default_str();
  app.add_option("--rate", options.rate, "of learning, at its highest")->capture_default_str();
  app.add_option("--out", options.out, "folder for checkpoints, table and picture")->capture_default_str();
  app.add_flag("--evaluate", options.evaluate, "take the models from their checkpoints in --out");
  support::add_quick(app, options.quick, [&] { options.train = 20, options.test = 4, options.epochs = 1; });
  CLI11_PARSE(app, argc, argv);
  if (options.quick) options.out /= "quick";  // whatever is there from a longer run stays
  std::filesystem::create_directories(options.out);

  Team team;
  Engine engine(2026);
  const Channel channel(0.004, 0.5);
  const auto data = [&](Index count) {
    Data result;
    for (Index i = 0; i < count; ++i) result.before.push_back(random_flow(engine));
    for (const auto& u : result.before) result.after.push_back(channel(u));
    return result;
  };
  const Data train = data(options.train), test = data(options.test);

  support::Table table({"bases", "parameters", "seconds", "32 x 33 %", "48 x 65 %", "Gauss 32 x 24 %"});
  const FnoOptions size{.channels = 16, .modes = {6, 12}, .depth = 3};
  Engine weights(options.seed);
  run("Fourier-Fourier", make_fno<2, Fourier, Fourier, float>(size, weights), train, test, options, table,
      team);
  weights.seed(options.seed);
  run("Fourier-Sine", make_fno<2, Fourier, Sine, float>(size, weights), train, test, options, table, team);
  weights.seed(options.seed);
  run("Fourier-Chebyshev", make_fno<2, Fourier, Chebyshev, float>(size, weights), train, test, options, table,
      team);
  table.print();
  table.write_csv(options.out / "mixed_bases.csv");
  draw(test, options);
  return 0;
} catch (const std::exception& error) {
  std::cerr << "04_mixed_bases: " << error.what() << '\n';
  return 1;
}
