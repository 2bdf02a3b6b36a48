// Operators that commute with a group of symmetries, exactly to round-off for every weight: the mean of a model
// over the group.
//
//   Equivariant<Model, Group>   G(u) = 1 / |Group| sum_g g^-1 M(g u)       G(g u) = g G(u) for each g
//
//   const auto symmetric = equivariant<SquareSymmetries>(model);      Darcy on a square, a constant source
//   const auto even = equivariant<Mirrors<0>>(model);                 an interval and its mirror image
//
// A model learns a symmetry from data that are moved by it (train/augment.hpp), nearly; the mean has it. If the
// pairs (u, v) are as likely as (g u, g v), its error is no greater than that of the model on the average, in
// any norm that the group keeps: the error of the mean is the mean of the errors, and its norm at most the mean
// of the norms. So it is worth putting about a model that is trained without it, on augmented data, where an
// answer may cost |Group| times as much as before; to train within it costs as much.
//
// It commutes on grids that are their own images (space/symmetry.hpp), under any rule; that it is right there
// is for the equation to say. Do not use it where something unsymmetric drives the equation. A group of your
// own is a type with `order`, `apply(g, u)`, which acts on what goes in, and `undo(g, v)` on what comes out:
//
//   struct OddMirror {                                                Burgers: -u(-x) is a flow, too
//     static constexpr Index order = 2;
//     static auto apply(Index g, const AnyField auto& u) { return g == 0 ? u : -1.0 * mirrored(u); }
//     static auto undo(Index g, const AnyField auto& u) { return apply(g, u); }
//   };
//
// The mean over a group: Reynolds' operator. That it generalizes no worse: Elesedy and Zaidi (2021),
// "Provably strict generalisation benefit for equivariant models", Lemma 1 and Theorem 5.
#pragma once

#include <utility>

#include <fredholm/autodiff/ops/arithmetic.hpp>
#include <fredholm/space/symmetry.hpp>

namespace fredholm {

template <class Model, class Group>
struct Equivariant {
  Model model;

  template <AnyField Input>
  auto operator()(const Input& u) const {
    static_assert(SymmetryGroupOf<Group, Input>,
                  "Equivariant<Model, Group>: the group is a type with `order`, `apply(element, field)` and "
                  "`undo(element, field)`; both return a field of the same type.");
    auto sum = model(u);
    for (Index g = 1; g < Group::order; ++g) sum = sum + Group::undo(g, model(Group::apply(g, u)));
    using Scalar = typename Input::scalar_type;
    return sum * (Scalar{1} / static_cast<Scalar>(Group::order));
  }
};

template <class Group, class Model>
Equivariant<Model, Group> equivariant(Model model) {
  return {std::move(model)};
}

}  // namespace fredholm
