// Attention over the ball around each point: local in space, whatever the points are.
//
//   (A u)(x) = P int_{B(x, r)} chi(|x - y| / r) e^{q(x).k(y)/sqrt d} v(y) dmu(y)
//              / int_{B(x, r)} chi(|x - y| / r) e^{q(x).k(y)/sqrt d} dmu(y)
//
//   q, k, v linear in u, by heads; r in the unit of x; chi a window that ends the ball smoothly
//   (layers/window.hpp)
//
//   auto layer = RadiusAttention<>::make({.channels = 32, .heads = 4, .radius = 0.1}, rng);
//   auto v = layer(u);        // or layer(u, f): queries from u at its points, keys and values from f at f's;
//                             // a batch of 1 is repeated
//
// When: many points (10^4 and more), where Attention costs O(n^2), and what matters is near. When not: what
// is beyond r is not seen by one layer at all. Time O(n * neighbours * channels); memory O(n channels), and 8
// (float) or 12 bytes an edge for the list, which is made once. A radius of a few spacings has an error of
// its own that does not shrink as r shrinks with the spacing: keep r and refine. Order: the rule's, up to
// what the window allows; with Window::sharp order 1 at most. A ball without a point of positive or negative
// weight is an error. Over Counting, points are counted, not measured.
//
// Vaswani et al. (2017), equation 1; as a ratio of integrals Calvello, Kovachki, Levine and Stuart (2024);
// truncated to a ball as the kernels of Li et al. (2020), arXiv:2003.03485. The window is ours.
#pragma once

#include <memory>

#include <fredholm/autodiff/ops/edge_attention.hpp>
#include <fredholm/layers/attention_options.hpp>
#include <fredholm/layers/linear.hpp>
#include <fredholm/layers/neighbours/pairs_within.hpp>

namespace fredholm {

template <class Rule = RuleOfField, class Scalar = double>
struct RadiusAttention {
  Linear<Scalar> query;
  Linear<Scalar> key;
  Linear<Scalar> value;
  Linear<Scalar> output;
  Index heads = 1;
  double radius = 0.1;  // in the unit of x
  Window window = Window::quartic;

  template <AnyField Input>
  Input operator()(const Input& u) const {
    return (*this)(u, u);
  }

  template <AnyField Input, AnyField Source>
  Input operator()(const Input& u, const Source& f) const {
    const auto within =
        detail::pairs_within<Rule, Scalar>(u.discretization(), f.discretization(), radius, window);
    const detail::Pairs<Scalar>& pairs = within->pairs;
    if (within->empty >= 0) {
      fail("RadiusAttention: the ball of radius ", radius, " around point ", within->empty, " at ",
           detail::target_as_text(pairs, within->empty),
           " holds no point with a weight. Give a larger radius, or more points.");
    }
    const Array<Scalar> to = detail::rows_of(f);
    const Array<Scalar> mixed =
        output(edge_attention(repeated(query(detail::rows_of(u)), f.batch()), repeated(key(to), u.batch()),
                              repeated(value(to), u.batch()), pairs.weights, pairs.edges, heads));
    return detail::field_of_rows(u.discretization(), mixed);
  }

  static RadiusAttention make(const AttentionOptions& options, Engine& engine) {
    const Index channels = options.channels;
    detail::require_heads("RadiusAttention::make", channels, options.heads);
    require(options.radius > 0.0, "RadiusAttention: the radius is ", options.radius,
            ", a length in the unit of x; give a positive number.");
    const auto map = [&] { return make_linear<Scalar>(channels, channels, engine); };
    auto query = map();
    auto key = map();
    auto value = map();
    return {std::move(query), std::move(key), std::move(value), map(), options.heads, options.radius};
  }

 private:
  /// A batch of 1 as one of `batch`.
  static Array<Scalar> repeated(const Array<Scalar>& rows, Index batch) {
    return rows.shape(0) == 1 && batch > 1 ? rows + Array<Scalar>::zeros({batch, 1, 1}) : rows;
  }
};

}  // namespace fredholm
