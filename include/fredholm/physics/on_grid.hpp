// A field on a grid in the place of a network: residuals written for one serve for the other.
//
//   auto residual = [nu](const auto& net, const auto& points) {
//     auto u = derivatives<Dt, Dx, Dxx>(net, points);
//     return u[Dt{}] + u.value() * u[Dx{}] - nu * u[Dxx{}];
//   };
//   residual(net, points)                      a network: derivatives by Taylor mode (autodiff/taylor.hpp)
//   residual(on_grid(u), u.discretization())   a field, of any batch: derivatives by the grid
//                                              (space/derivative.hpp)
//
// So the equation of a physics-informed network is that of a physics-informed operator (pino.hpp), and the
// same integral by the same rule. The grid is a product with an axis for each coordinate. A derivative of
// order two is the derivative of the derivative. What the grid's derivative is worth is said there; between
// points nothing is held to anything.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>
#include <vector>

#include <fredholm/autodiff/taylor/index.hpp>
#include <fredholm/space/derivative.hpp>
#include <fredholm/space/derivatives.hpp>

namespace fredholm {

template <class Function>
struct OnGrid {
  Function field;

  /// The values, whatever the coordinates: those of the grid.
  template <class Coordinates>
  const Function& operator()(const Coordinates&) const {
    return field;
  }
};

template <class Discretization, class Scalar>
OnGrid<Field<Discretization, Scalar>> on_grid(Field<Discretization, Scalar> u) {
  static_assert(
      Discretization::rank == Discretization::dimension,
      "on_grid(u): the field is on a cloud or has one among its axes, where nothing is known between points. "
      "Give a field on a grid, or a product with one axis for each coordinate.");
  return {std::move(u)};
}

namespace detail {

/// derivative<axis>(u) for an axis known at run time.
template <class Discretization, class Scalar>
Field<Discretization, Scalar> derivative_by(const Field<Discretization, Scalar>& u, int axis) {
  return [&]<std::size_t... Axis>(std::index_sequence<Axis...>) {
    Field<Discretization, Scalar> result = u;
    ((static_cast<int>(Axis) == axis ? void(result = derivative<static_cast<Index>(Axis)>(u)) : void()), ...);
    return result;
  }(std::make_index_sequence<static_cast<std::size_t>(Discretization::rank)>());
}

/// The derivatives of a field that were asked for so far, so that u_xx goes on from u_x.
template <class Function>
class MadeDerivatives {
 public:
  explicit MadeDerivatives(const Function& u) { made_.emplace_back(0, u); }

  const Function& of(Code code) {
    for (const auto& [known, field] : made_) {
      if (known == code) return field;
    }
    if (code < 0) {
      Function total = laplacian(
          coordinates_of_laplacian(code, static_cast<int>(Function::discretization_type::dimension)));
      made_.emplace_back(code, std::move(total));
      return made_.back().second;
    }
    int axis = 0;
    Orders orders = decode(code);
    while (orders[static_cast<std::size_t>(axis)] == 0) ++axis;
    orders[static_cast<std::size_t>(axis)] -= 1;
    Function next = derivative_by(of(encode(orders)), axis);
    made_.emplace_back(code, std::move(next));
    return made_.back().second;
  }

 private:
  Function laplacian(int coordinates) {
    Function total = of(encode({2, 0, 0, 0}));
    for (int i = 1; i < coordinates; ++i) {
      Orders orders{};
      orders[static_cast<std::size_t>(i)] = 2;
      total = total + of(encode(orders));
    }
    return total;
  }

  std::vector<std::pair<Code, Function>> made_;
};

}  // namespace detail

/// Derivatives of a field on a grid: u.value(), u[Dx{}], ..., those that were asked for and those below them,
/// as of a network.
template <class Function, class... Tags>
class GridDerivatives {
 public:
  explicit GridDerivatives(const Function& u) : value_(u), made_(u) {
    (made_.of(detail::TagTraits<Tags>::template code<dimension>()), ...);
  }

  const Function& value() const { return value_; }

  template <class Tag>
  Function operator[](Tag) const {
    constexpr detail::Code code = detail::TagTraits<Tag>::template code<dimension>();
    constexpr bool requested = asked.has(code) || (code < 0 && detail::has_terms_of(asked, code, dimension));
    static_assert(requested,
                  "u[Dx{}]: this derivative was not asked for. Name it: derivatives<Dx, ...>(net, points).");
    detail::MadeDerivatives<Function> made =
        made_;  // one below those asked for may still have to be computed
    return made.of(code);
  }

 private:
  static constexpr int dimension = static_cast<int>(Function::discretization_type::dimension);
  static constexpr detail::CodeList asked = detail::asked_for<dimension, Tags...>();

  Function value_;
  detail::MadeDerivatives<Function> made_;
};

/// Of a field, by its grid. The points are the field's own.
template <class... Tags, class Function, AnyDiscretization Points>
GridDerivatives<Function, Tags...> derivatives(const OnGrid<Function>& u, const Points& points) {
  constexpr bool own = std::is_same_v<Points, typename Function::discretization_type>;
  static_assert(
      own,
      "derivatives<...>(on_grid(u), points): a field has derivatives on its own grid alone. Say residual(on_grid(u), "
      "u.discretization()).");
  if constexpr (own) detail::require_same(u.field.discretization(), points);
  return GridDerivatives<Function, Tags...>(u.field);
}

}  // namespace fredholm
