// The gallery of failures: what is done today, each as a small operator that is another one on another grid. docs/gallery.md
// says who does it and which type keeps the law; gallery.hpp measures each against its cure; tests/laws/gallery.cpp holds
// that each of them breaks its law.
//
// Two more need no code here, for the library has their failure as a type: Attention<Counting> (a softmax that counts) and
// MeasureNorm<Counting> (an instance norm by plain mean).
#pragma once

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

#include <fredholm/fredholm.hpp>

namespace failures {

using namespace fredholm;

/// An activation, then the frequencies that the next layer keeps: Gelu folds what the points cannot hold into them.
/// (Every FNO whose activation acts on the points; Dealiased<Gelu, 2, Band> in its place is the cure.)
template <class Activation>
struct Activated {
  SpectralConvolution<1> next;
  auto operator()(const AnyField auto& u) const { return next(Activation{}(u)); }
};

/// q(x) . int k(y) u(y) dy with q = k = (cos 2x, sin 2x), the weights at the output point i and not at the source j.
/// (A kernel attention that multiplies by the weights after the product.)
struct WeightsAtOutput {
  template <AnyField Input>
  Input operator()(const Input& u) const {
    const auto& x = u.discretization().points();
    const auto& w = u.discretization().weights();
    Array<double> out = Array<double>::zeros(u.values().shape());
    for (std::size_t i = 0; i < x.size(); ++i) {
      for (std::size_t j = 0; j < x.size(); ++j)
        out.mutable_data()[i] += w[i] * std::cos(2 * (x[i] - x[j])) * u.values().data()[j];
    }
    return u.with(out);
  }
};

/// (u, t_j) with t_j = j / (n - 1), whatever the grid: points that include the right end, on data that leave it out.
/// (Embeddings by linspace(0, 1, n) in front of a Fourier layer.)
struct PositionByIndex {
  auto operator()(const AnyField auto& u) const {
    Array<double> t(Shape{1, u.points(), 1});
    for (Index j = 0; j < u.points(); ++j)
      t.mutable_data()[j] = static_cast<double>(j) / static_cast<double>(u.points() - 1);
    return u.with(concatenate(u.values(), t));
  }
};

/// Eight cells of zeros to the right, a spectral convolution on all, and the cells taken away again.
/// (Fourier layers whose padding is a number of cells.)
struct PaddingInCells {
  SpectralConvolution<1> spectral;
  template <AnyField Input>
  Input operator()(const Input& u) const {
    const Index n = u.points();
    const Interval domain = u.discretization().box()[0];
    const double h = domain.length() / static_cast<double>(n - 1);
    const typename Input::discretization_type wide({domain.left, domain.right + 8 * h, n + 8});
    Array<double> padded = Array<double>::zeros({1, n + 8, 1});
    std::copy_n(u.values().data(), n, padded.mutable_data());
    const auto v = spectral(Input(wide, padded));
    return u.with(Array<double>({1, n, 1}, std::vector<double>(v.values().data(), v.values().data() + n)));
  }
};

/// A mean and a deviation for each point, of a batch: statistics that have the shape of a grid.
/// (The normalizer of the first FNO code.)
struct NormalizerOfShape {
  Array<double> mean, deviation;  // (points, channel)
  template <AnyField Input>
  Input operator()(const Input& u) const {
    return u.with((u.values() - mean) / deviation);
  }
};

/// y_j = a u_{j-1} + b u_j + c u_{j+1}, counted in cells, around a period.
/// (Convolutional networks; kernels of 3 x 3 cells beside a Fourier layer.)
struct ConvolutionInCells {
  double left = 1, centre = 2, right = 4;
  template <AnyField Input>
  Input operator()(const Input& u) const {
    const Index n = u.points();
    Array<double> out(u.values().shape());
    const auto at = [&](Index j) { return u.values().data()[(j + n) % n]; };
    for (Index j = 0; j < n; ++j)
      out.mutable_data()[j] = left * at(j - 1) + centre * at(j) + right * at(j + 1);
    return u.with(out);
  }
};

using Spectrum = std::vector<std::complex<double>>;

/// X_k = sum_j x_j e^{sign 2 pi i j k / n}, k = 0 ... n-1: the frequency -k stands at n - k, at the end.
inline Spectrum dft(const Spectrum& x, double sign) {
  const auto n = x.size();
  Spectrum result(n);
  for (std::size_t k = 0; k < n; ++k) {
    for (std::size_t j = 0; j < n; ++j) {
      const double turns = static_cast<double>(j * k % n) / static_cast<double>(n);
      result[k] += x[j] * std::polar(1.0, sign * 2 * std::numbers::pi * turns);
    }
  }
  return result;
}

/// The spectrum, shifted by n/2 so that frequency 0 stands in the middle, and brought back by the same shift: for odd n
/// each frequency comes back as the one below it. (Fourier layers, along every axis but the last.)
struct ForwardShiftTwice {
  template <AnyField Input>
  Input operator()(const Input& u) const {
    const Index n = u.points();
    Spectrum c = dft(Spectrum(u.values().data(), u.values().data() + n), -1);
    for (int times = 0; times < 2; ++times) std::rotate(c.begin(), c.end() - n / 2, c.end());
    const Spectrum v = dft(c, +1);
    Array<double> out(u.values().shape());
    for (std::size_t j = 0; j < v.size(); ++j) out.mutable_data()[j] = v[j].real() / static_cast<double>(n);
    return u.with(out);
  }
};

/// u on twice the points, by zeros at the end of its spectrum, where they stand behind the negative frequencies.
/// (Fourier layers that resize: an inverse transform of another length, along every axis but the last.)
struct TailPadded {
  template <AnyField Input>
  Input operator()(const Input& u) const {
    const Index n = u.points();
    Spectrum c = dft(Spectrum(u.values().data(), u.values().data() + n), -1);
    c.resize(2 * c.size());
    const Spectrum v = dft(c, +1);
    const Interval domain = u.discretization().box()[0];
    Array<double> out(Shape{1, 2 * n, 1});
    for (std::size_t j = 0; j < v.size(); ++j) out.mutable_data()[j] = v[j].real() / static_cast<double>(n);
    return Input({{domain.left, domain.right, 2 * n}}, out);
  }
};

/// sum_j (u_j - v_j)^2. (A squared error summed over pixels; a mean over them leaves out |Omega|.)
template <AnyField Input>
double sum_of_squares(const Input& u, const Input& v) {
  return sum(square((u - v).values()));
}

/// sqrt(sum_j (u_j - v_j)^2 / sum_j v_j^2): weights that are equal cancel, and so do those that are missing.
template <AnyField Input>
double relative_by_sums(const Input& u, const Input& v) {
  const double reference = sum(square(v.values()));
  return std::sqrt(sum_of_squares(u, v) / reference);
}

/// A rule whose weights went through float. (Weights in the precision of the network.)
template <AnyRule Rule>
struct SinglePrecision {
  static constexpr int order = Rule::order;
  static Index degree(Index n) { return Rule::degree(n); }
  template <class Grid>
  static constexpr bool legal = RuleOn<Rule, Grid>;
  template <AnyGrid Grid>
  std::vector<double> weights(const Grid& grid) const {
    auto w = Rule{}.weights(grid);
    for (double& weight : w) weight = static_cast<double>(static_cast<float>(weight));
    return w;
  }
  friend bool operator==(const SinglePrecision&, const SinglePrecision&) = default;
};

/// Independent numbers of variance 1, one a cell. (The noise of diffusion models for images.)
template <AnyDiscretization D>
Field<D, double> white_per_cell(Index count, const D& d, Engine& engine) {
  return {d, normal_array<double>({count, d.size(), 1}, 1.0, engine)};
}

}  // namespace failures
