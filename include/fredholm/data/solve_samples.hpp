// What the solvers of data/ have in common: a batch in, each sample solved by itself on a team of threads, a
// batch out. They compute in double whatever the precision of the fields, and are no operations of the tape.
#pragma once

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

#include <fredholm/core/parallel.hpp>
#include <fredholm/space/field.hpp>

namespace fredholm::detail {

template <class Discretization, class Scalar>
void require_off_tape(const Field<Discretization, Scalar>& u, const char* solver) {
  if (on_active_tape(u.values().node()))
    throw std::logic_error(std::string(solver) +
                           " makes data and has no adjoint; its gradient would be lost. Say detach(u).");
}

/// Sample b of a field, in double: (points..., channel). A batch of 1 is repeated.
template <class Discretization, class Scalar>
std::vector<double> sample_values(const Field<Discretization, Scalar>& u, Index b) {
  const Index size = u.points() * u.channels();
  const Scalar* values = u.values().data() + (u.batch() == 1 ? 0 : b) * size;
  return {values, values + size};
}

/// The field (batch, points..., channels) whose sample b is solve(b), a list of (points..., channels)
/// numbers.
template <class Scalar, class Discretization, class Solve>
Field<Discretization, Scalar> solve_samples(const Discretization& d, Index batch, Index channels, Team& team,
                                            const Solve& solve) {
  Array<Scalar> values(field_shape(batch, d.shape(), channels));
  Scalar* out = values.mutable_data();
  team.run(batch, [&](Index b) {
    const std::vector<double> solution = solve(b);
    std::transform(solution.begin(), solution.end(), out + b * d.size() * channels,
                   [](double x) { return static_cast<Scalar>(x); });
  });
  return {d, std::move(values)};
}

}  // namespace fredholm::detail
