// The law of gradients: an adjoint is the transpose of the derivative.
//
//   <J d, v> = <d, J^T v>    for random directions d and v, in each input and each parameter
//
//   const auto report = laws::gradient(op, u);                    // op(u), an array, a field or a number
//   const auto report = laws::gradient(model, u);                 // by u and by every parameter of the model
//   const auto report = laws::gradient({.linear = true}, op, u);  // op is affine: held to round-off
//
// J d is taken by central differences of order 4 (with a quarter of the step where op is curved), so that the
// tolerance is 1e-7 of the largest slope; for what is affine, by (op(u + d) - op(u - d)) / 2, and then the
// tolerance is 1e-12, to which op(u + d) + op(u - d) must be 2 op(u), too. Beside that:
// the value under a tape is the value without one to the bit, an adjoint is added to what is there already
// (and starts from nothing where nothing is), and each input alone gets what it gets among all. In double.
// Points where op has a kink (abs and relu at 0) are no place for this law: keep inputs two steps away from
// them.
//
// An operation whose adjoint is written wrongly must fail it.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <fredholm/autodiff/ops/arithmetic.hpp>
#include <fredholm/autodiff/tape.hpp>
#include <fredholm/concepts.hpp>
#include <fredholm/core/random.hpp>
#include <fredholm/core/tree.hpp>
#include <fredholm/laws/gap.hpp>
#include <fredholm/laws/report.hpp>

namespace fredholm::laws {

struct GradientOptions {
  bool linear = false;      ///< affine in everything at once: one input, or several in which it is a sum
  double tolerance = 1e-7;  ///< of the largest slope of an input or a parameter
  double step = 1e-3;       ///< of the differences, along directions of length 1
  int directions = 3;       ///< in each input, each parameter, and all together
  std::uint64_t seed = 1;
};

struct GradientReport : Report {
  double largest_error = 0.0;  ///< relative to the largest slope
};

namespace detail {

inline Array<double> array_of(const Array<double>& array) { return array; }
inline Array<double> array_of(const Number<double>& number) { return fredholm::detail::as_array(number); }
template <AnyField Input>
Array<double> array_of(const Input& field) {
  return field.values();
}

inline Array<double> like(const Array<double>&, Array<double> values) { return values; }
template <AnyField Input>
Input like(const Input& field, Array<double> values) {
  return field.with(std::move(values));
}

inline double dot(const Array<double>& a, const Array<double>& b) {
  return flat(a.data(), a.size()).matrix().dot(flat(b.data(), b.size()).matrix());
}

/// The same values, one step further on the tape: their adjoint starts from nothing.
inline Array<double> one_step_further(const Array<double>& x) {
  return record(x, [x](Tape& tape, const double* dy) { tape.add(x, flat(dy, x.size())); }, x);
}

using Arrays = std::vector<Array<double>>;

/// An operator with everything that it may be differentiated by: its inputs, and then its parameters. What is
/// known of its type is in three functions, so that the law itself is compiled once.
struct Subject {
  std::function<Array<double>(const Arrays&)> value;  // at other inputs and parameters
  std::function<Array<double>(const Arrays&)> apply;  // to other inputs
  std::function<void(LeafTable&)> list_leaves;
  Index inputs = 0;
  Arrays variables = {};
  std::vector<std::string> names = {};

  /// J^T v added to `adjoints`, by the inputs (or one of them) and the parameters; returns the value under
  /// the tape.
  Array<double> pull_back(const Array<double>& v, Arrays& adjoints, bool further, Index only = -1) const {
    Tape tape;
    std::vector<void*> places;
    // From nothing: there is NaN in every adjoint, and who touches it first sets all of it.
    std::vector<char> fresh(adjoints.size(), 1);
    for (Array<double>& adjoint : adjoints) {
      places.push_back(adjoint.mutable_data());
      if (further)
        std::fill_n(adjoint.mutable_data(), adjoint.size(), std::numeric_limits<double>::quiet_NaN());
    }
    LeafTable table;
    list_leaves(table);
    std::sort(table.begin(), table.end());
    tape.leaves = only < 0 ? &table : nullptr;
    tape.begins_with_nan = true;
    tape.begin(places, further ? &fresh : nullptr);
    const fredholm::detail::Activation activation(tape);
    Arrays at;
    for (Index i = 0; i < inputs; ++i) {
      const Array<double>& x = variables[static_cast<std::size_t>(i)];
      if (only >= 0 && only != i) {
        at.push_back(x);
      } else {
        at.push_back(further ? one_step_further(x.on_tape({tape.run, i})) : x.on_tape({tape.run, i}));
      }
    }
    const Array<double> y = apply(at);
    if (y.shape() == v.shape()) tape.backward(y, v.data());
    tape.clear();
    for (std::size_t i = 0; further && i < adjoints.size(); ++i) {
      if (fresh[i] == 1)
        std::fill_n(adjoints[i].mutable_data(), adjoints[i].size(), 0.0);  // nobody touched it
    }
    return detach(y);
  }
};

/// It refers to the operator and the inputs.
template <class Operator, class... Inputs>
Subject subject_of(const Operator& op, const Inputs&... inputs) {
  const auto call = [&inputs...](const Operator& f, const Arrays& at) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return array_of(f(like(inputs, at[I])...));
    }(std::index_sequence_for<Inputs...>());
  };
  constexpr auto count = static_cast<Index>(sizeof...(Inputs));
  Subject subject{.value = [&op, call](const Arrays& at) { return call(op, at); },
                  .apply = [&op, call](const Arrays& at) { return call(op, at); },
                  .list_leaves = [](LeafTable&) {},
                  .inputs = count,
                  .variables = {array_of(inputs)...}};
  for (Index i = 0; i < count; ++i) subject.names.push_back("input " + std::to_string(i));
  if constexpr (holds_leaves<Operator>) {
    for_each_parameter(op, [&subject](const std::string& path, const auto& leaf) {
      subject.names.push_back(path);
      subject.variables.push_back(leaf.value());
    });
    subject.value = [&op, call](const Arrays& at) {
      auto next = static_cast<std::size_t>(count);
      return call(map_leaves(op,
                             [&]<class Leaf>(const Leaf& leaf) {
                               if constexpr (is_parameter<Leaf>) {
                                 return at[next++];
                               } else {
                                 return leaf.value();
                               }
                             }),
                  at);
    };
    subject.list_leaves = [&op](LeafTable& table) {
      Index next = count;
      for_each_parameter(op, [&](const auto& leaf) { table.emplace_back(&leaf, next++); });
    };
  }
  return subject;
}

inline std::vector<Array<double>> zeros_like(const std::vector<Array<double>>& arrays) {
  std::vector<Array<double>> result;
  for (const auto& array : arrays) result.push_back(Array<double>::zeros(array.shape()));
  return result;
}

/// A random direction of length 1 in one variable, or in all of them (which < 0).
inline std::vector<Array<double>> direction(const std::vector<Array<double>>& variables, Index which,
                                            Engine& engine) {
  auto result = zeros_like(variables);
  double square = 0.0;
  for (Index i = 0; i < std::ssize(result); ++i) {
    if (which >= 0 && which != i) continue;
    auto& array = result[static_cast<std::size_t>(i)];
    array = normal_array<double>(array.shape(), 1.0, engine);
    square += dot(array, array);
  }
  for (auto& array : result) flat(array.mutable_data(), array.size()) /= std::sqrt(square);
  return result;
}

inline std::vector<Array<double>> moved(const std::vector<Array<double>>& at, double step,
                                        const std::vector<Array<double>>& along) {
  auto result = at;
  for (std::size_t i = 0; i < at.size(); ++i)
    flat(result[i].mutable_data(), at[i].size()) += step * flat(along[i].data(), at[i].size());
  return result;
}

/// |<op(u + d) - 2 op(u) + op(u - d), v>|, which is 0 for what is affine.
inline double second_difference(const Subject& subject, const std::vector<Array<double>>& d,
                                const Array<double>& v) {
  const auto at = [&](double step) { return dot(subject.value(moved(subject.variables, step, d)), v); };
  return std::abs(at(1.0) - 2.0 * at(0.0) + at(-1.0));
}

/// <J d, v>: by differences of order 4, or, for what is affine, by one difference.
inline double slope(const Subject& subject, const std::vector<Array<double>>& d, const Array<double>& v,
                    const GradientOptions& options, double h) {
  const auto at = [&](double step) { return dot(subject.value(moved(subject.variables, step, d)), v); };
  if (options.linear) return 0.5 * (at(1.0) - at(-1.0));
  return (8.0 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12.0 * h);
}

/// The slopes by differences against those by the adjoint, in one variable or in all.
inline void check_slopes(GradientReport& report, const Subject& subject, Index which, const Array<double>& v,
                         double size, const std::vector<Array<double>>& adjoints,
                         const GradientOptions& options, Engine& engine) {
  const std::string name = which < 0 ? "everything" : subject.names[static_cast<std::size_t>(which)];
  const double tolerance = options.linear ? 1e-12 : options.tolerance;
  const double round_off = 64 * 2.3e-16 * size / (options.linear ? 1.0 : options.step);
  double largest = 0.0, error = 0.0, bend = 0.0;
  for (int i = 0; i < options.directions; ++i) {
    const auto d = direction(subject.variables, which, engine);
    double difference = slope(subject, d, v, options, options.step);
    if (options.linear) keep_largest(bend, second_difference(subject, d, v));
    double product = 0.0;
    for (std::size_t k = 0; k < d.size(); ++k) product += dot(d[k], adjoints[k]);
    double off = std::abs(difference - product);
    if (!options.linear && off > tolerance * std::abs(difference)) {
      // Where op is curved, that may be the error of the differences: with a quarter of the step it is 256
      // times smaller, and that of a wrong adjoint stays.
      difference = slope(subject, d, v, options, options.step / 4);
      off = std::min(off, std::abs(difference - product));
    }
    keep_largest(largest, std::abs(difference));
    keep_largest(error, off);
  }
  if (largest > round_off / tolerance) report.largest_error = std::max(report.largest_error, error / largest);
  report.note("by ", name, ": slopes up to ", largest, ", error ", error);
  report.expect(error <= tolerance * largest + round_off, "by ", name, " the slope is up to ", largest,
                " by differences, and the adjoint is off by ", error, ".");
  report.expect(bend <= tolerance * largest + round_off, "by ", name,
                " it is not affine, as {.linear = true} says: ", "op(u + d) + op(u - d) - 2 op(u) is up to ",
                bend, ", and the slope up to ", largest, ".");
}

inline GradientReport gradient_of(const GradientOptions& options, const Subject& subject) {
  GradientReport report;
  Engine engine(options.seed);
  const Array<double> value = subject.value(subject.variables);
  const Array<double> v = normal_array<double>(value.shape(), 1.0, engine);
  double size = 0.0;
  for (Index i = 0; i < value.size(); ++i) size += std::abs(value.data()[i] * v.data()[i]);

  auto adjoints = zeros_like(subject.variables);
  const Array<double> taped = subject.pull_back(v, adjoints, true);
  report.expect(
      taped.shape() == value.shape() && std::equal(taped.data(), taped.data() + taped.size(), value.data()),
      "the value under a tape is not the value without one.");
  for (Index i = -1; i < std::ssize(subject.variables); ++i) {
    check_slopes(report, subject, i, v, size, adjoints, options, engine);
  }

  auto added = zeros_like(subject.variables);
  for (auto& array : added) array = Array<double>::full(array.shape(), 1.0);
  subject.pull_back(v, added, false);
  for (std::size_t i = 0; i < added.size(); ++i) {
    flat(added[i].mutable_data(), added[i].size()) -= 1.0;
    const double scale = 1.0 + flat(adjoints[i].data(), adjoints[i].size()).abs().sum();
    report.expect(largest_gap(added[i], adjoints[i]) <= 1e-12 * scale, "the adjoint of ", subject.names[i],
                  " is not added to what is there.");
  }
  for (Index i = 0; subject.inputs > 1 && i < subject.inputs; ++i) {
    auto alone = zeros_like(subject.variables);
    subject.pull_back(v, alone, true, i);
    const auto at = static_cast<std::size_t>(i);
    const double scale = 1.0 + flat(adjoints[at].data(), adjoints[at].size()).abs().sum();
    report.expect(largest_gap(alone[at], adjoints[at]) <= 1e-12 * scale, "the adjoint of ", subject.names[at],
                  " is another when all else is constant.");
  }
  return report;
}

}  // namespace detail

/// The law for op(inputs...), by the inputs (arrays and fields of double) and the parameters of op, if it has
/// any.
template <class Operator, class... Inputs>
GradientReport gradient(const GradientOptions& options, const Operator& op, const Inputs&... inputs) {
  return detail::gradient_of(options, detail::subject_of(op, inputs...));
}

template <class Operator, class... Inputs>
  requires(!std::is_same_v<Operator, GradientOptions>)
GradientReport gradient(const Operator& op, const Inputs&... inputs) {
  return gradient(GradientOptions{}, op, inputs...);
}

}  // namespace fredholm::laws
