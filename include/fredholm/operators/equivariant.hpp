// Operators that commute with a group of symmetries, exactly to round-off for every weight: the mean of a
// model over the group.
//
//   Equivariant<Model, Group>   G(u) = 1 / |Group| sum_g g^-1 M(g u)       G(g u) = g G(u) for each g
//
//   const auto symmetric = equivariant<SquareSymmetries>(model);      Darcy in a square, a constant source
//   const auto burgers = equivariant<OddMirror<>>(model);             with u(x), -u(-x) is a flow
//
// A model learns a symmetry from data that are moved by it (train/augment.hpp), nearly; the mean has it. If a
// pair (u, v) is as likely as each (g u, g v), the error of the mean is on the average no greater than that
// of the model, in any norm that the group keeps: it is the mean of the errors of the images, and its norm at
// most the mean of their norms. (A single function may come out worse.) So it is worth putting about a
// trained model, where an answer may take |Group| evaluations. They come one after the other, so that memory
// stays; within a gradient, it does not.
//
// Put it outermost: normalized(equivariant<...>(model), ...) need not commute, nor homogeneous<p>(equivariant
// <...>(model)) under a rule without the symmetry. It takes u alone. It commutes on grids that are their own
// images (space/symmetry.hpp), under any rule; that it should is for the equation to say: what drives it is
// not moved along.
//
// The mean over a group is Reynolds' operator; for the squared L2 risk the gain is given by Elesedy and Zaidi
// (2021), "Provably strict generalisation benefit for equivariant models".
#pragma once

#include <utility>

#include <fredholm/space/symmetry.hpp>

namespace fredholm {

template <class Model, class Group>
struct Equivariant {
  Model model;

  template <AnyField Input, class... More>
  auto operator()(const Input& u, const More&...) const {
    static_assert(
        sizeof...(More) == 0,
        "Equivariant takes a field alone, and answers on its points. For values elsewhere, resample the answer.");
    static_assert(detail::is_group<Group, Input>());
    auto total = model(u);  // element 0 is the identity
    static_assert(detail::is_group<Group, decltype(total)>());
    for (Index g = 1; g < Group::elements; ++g) total = total + Group::undo(g, model(Group::apply(g, u)));
    return total / static_cast<double>(Group::elements);
  }
};

template <class Group, class Model>
Equivariant<Model, Group> equivariant(Model model) {
  return {std::move(model)};
}

}  // namespace fredholm
