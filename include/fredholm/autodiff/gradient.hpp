// Gradients of a loss by the parameters of a model, and of an operator by its input.
//
//   auto [value, gradient] = value_and_gradient(loss, model, inputs...);   gradient has the type of the model
//   auto [value, gradient] = value_and_gradient(workspace, loss, model, inputs...);
//
//   loss(model, inputs...) -> Number: an integral, a norm, a mean of them
//
// The inputs are cut into tiles (autodiff/tiles.hpp), the tiles are dealt to at most eight lanes, each with a
// tape and a gradient of its own, and the lanes are added up in order: the result is the same to the bit for
// any number of threads. Memory is that of a tile and a gradient for each lane that is at work, not the
// batch's. A Workspace that is kept from step to step keeps the memory and the threads.
//
// Where a lane has one tile or two, an operation may leave the term of a leaf for the end, with what it
// stands on (the coefficients of a spectral layer; a quarter of the leaf at most for each of the eight
// lanes): all lanes' terms are then summed at once, a part of the leaf at a time, and a gradient of
// megabytes is written once instead of once a lane.
//
//   vjp(op, u, v)      J_op(u)^T v, the adjoint of an operator applied to v: a field on the points of u.
//                      Parameters are constants in it. The adjoint is that of the arrays, sum_j v_j (Ju)_j,
//                      without weights.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <mutex>
#include <type_traits>
#include <utility>
#include <vector>

#include <fredholm/autodiff/tape.hpp>
#include <fredholm/autodiff/tiles.hpp>
#include <fredholm/core/number.hpp>
#include <fredholm/core/parallel.hpp>
#include <fredholm/core/tree.hpp>

namespace fredholm {

class Workspace;
template <class Scalar, class Model>
struct ValueAndGradient {
  Scalar value;
  Model gradient;
};

namespace detail {

/// What one unit of work adds to a loss: factor * value.
template <class Scalar>
struct Share {
  Number<Scalar> value;
  double factor = 1.0;
};

template <class Model, class Unit>
auto sum_and_gradient(Workspace& workspace, const Model& model, Index count, const Unit& unit);

}  // namespace detail

/// The memory and the threads of a training loop.
class Workspace {
 public:
  static constexpr Index max_lanes = detail::most_lanes;

  explicit Workspace(int threads = default_threads()) : team_(threads) {
    idle_.reserve(static_cast<std::size_t>(max_lanes));
  }

  int threads() const { return team_.threads(); }

  /// Its threads, for other work between two calls.
  Team& team() { return team_; }

  /// How many blocks of memory have come from the system so far: constant once as many lanes have been at
  /// work at one time as ever will. To be asked between two calls.
  std::size_t taken_from_system() const {
    std::size_t count = pool_.taken_from_system();
    for (const Pool& pool : idle_) count += pool.taken_from_system();
    return count;
  }

 private:
  template <class Loss, class Model, class... Inputs>
  friend auto value_and_gradient(Workspace&, const Loss&, const Model&, const Inputs&...);
  template <class Model, class Unit>
  friend auto detail::sum_and_gradient(Workspace&, const Model&, Index, const Unit&);

  struct Lane {
    Tape tape;
    std::shared_ptr<std::byte> gradient;  // between its end and its turn to be added up
    std::vector<char> fresh;              // 1 for leaves to which nothing was added in it
    LateTerms late;
    double value = 0.0;
  };
  /// Where the adjoint of a leaf stands in a gradient.
  struct Place {
    Index offset, count;
    bool single;
  };

  Team team_;
  Pool pool_;               // of gradients
  std::vector<Pool> idle_;  // of activations: as many as there were lanes at work at one time
  LeafTable leaves_;
  std::vector<Place> places_;
  Index bytes_ = 0;  // of a gradient
  std::array<Lane, max_lanes> lanes_;
  std::mutex mutex_;  // of idle_, and of what follows and the lanes' gradients
  std::shared_ptr<std::byte> total_;
  std::vector<char> total_fresh_;  // 1 for leaves that hold nothing yet
  Index turn_ = 0;                 // the lane that is added next

  template <class Model>
  void list_leaves(const Model& model) {
    leaves_.clear(), places_.clear(), bytes_ = 0;
    for_each_parameter(model, [this](const auto& leaf) {
      const auto size = static_cast<Index>(sizeof(*leaf.value().data()));
      leaves_.emplace_back(&leaf, static_cast<Index>(leaves_.size()));
      places_.push_back({bytes_, leaf.size(), size == sizeof(float)});
      bytes_ += (leaf.size() * size + 63) / 64 * 64;
    });
    std::sort(leaves_.begin(), leaves_.end());
    total_.reset(), turn_ = 0;
    for (Lane& lane : lanes_) lane.gradient.reset(), lane.late.terms.clear();  // left by a loss that threw
  }

  /// A lane at work: its gradient, and memory that it borrows. The last to come back is the first to go out,
  /// so that it is in cache.
  class Work {
   public:
    Work(Workspace& workspace, Lane& lane, bool may_wait)
        : workspace_(workspace),
          lane_(lane),
          gradient_(workspace.pool_.allocate<std::byte>(workspace.bytes_ + 1)) {
      for (const Place& place : workspace.places_) adjoints_.push_back(gradient_.get() + place.offset);
      lane.fresh.assign(adjoints_.size(), 1);
      lane.value = 0.0;
      lane.tape.leaves = &workspace.leaves_;
      lane.late.pool = &workspace.pool_;
      lane.late.kept.assign(adjoints_.size(), 0);
      lane.tape.late = may_wait ? &lane.late : nullptr;
      const std::lock_guard lock(workspace.mutex_);
      if (workspace.idle_.empty()) return;
      lane.tape.pool = std::move(workspace.idle_.back());
      workspace.idle_.pop_back();
    }
    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;
    ~Work() {
      lane_.tape.clear();
      const std::lock_guard lock(workspace_.mutex_);
      workspace_.idle_.push_back(std::move(lane_.tape.pool));
    }

    void begin() { lane_.tape.begin(adjoints_, &lane_.fresh); }

    /// To be taken once, at the end.
    std::shared_ptr<std::byte> gradient() { return std::move(gradient_); }

   private:
    Workspace& workspace_;
    Lane& lane_;
    std::shared_ptr<std::byte> gradient_;
    std::vector<void*> adjoints_;  // of the leaves, in the gradient
  };

  /// Adds the gradients of all lanes whose turn has come, in the order of the lanes. Their memory is free
  /// then.
  void add_up(Index lane, std::shared_ptr<std::byte> gradient) {
    const std::lock_guard lock(mutex_);
    lanes_[static_cast<std::size_t>(lane)].gradient = std::move(gradient);
    for (; turn_ < max_lanes && lanes_[static_cast<std::size_t>(turn_)].gradient; ++turn_) {
      Lane& next = lanes_[static_cast<std::size_t>(turn_)];
      const auto part = std::exchange(next.gradient, nullptr);
      if (turn_ == 0) {
        total_ = part, total_fresh_ = next.fresh;
        continue;
      }
      for (std::size_t i = 0; i < places_.size(); ++i) {
        if (next.fresh[i] == 1) continue;
        const Place& place = places_[i];
        const auto add = [&]<class Real>(Real) {
          auto total = flat(reinterpret_cast<Real*>(total_.get() + place.offset), place.count);
          const auto term = flat(reinterpret_cast<const Real*>(part.get() + place.offset), place.count);
          if (total_fresh_[i] == 1) {
            total = term;
          } else {
            total += term;
          }
        };
        place.single ? add(float{}) : add(double{});
        total_fresh_[i] = 0;
      }
    }
  }

  /// The sum of the lanes as a model. Leaves that nothing was added to are zero.
  template <class Model>
  Model collect(const Model& model) {
    Model gradient = model;
    std::vector<void*> sums;  // of leaves of the gradient
    std::vector<std::vector<const LateTerm*>> late(places_.size());
    for (const Lane& lane : lanes_) {
      for (const LateTerm& term : lane.late.terms) late[static_cast<std::size_t>(term.leaf)].push_back(&term);
    }
    for_each_parameter(gradient, [&](auto& leaf) {
      using Real = typename std::remove_cvref_t<decltype(leaf)>::real_type;
      const std::size_t i = sums.size();
      Array<Real> values(leaf.value().shape(), pool_.template allocate<Real>(leaf.size()));
      Real* to = values.mutable_data();
      if (total_fresh_[i] == 0) {
        std::copy_n(reinterpret_cast<const Real*>(total_.get() + places_[i].offset), leaf.size(), to);
      } else if (late[i].empty()) {
        std::fill_n(to, leaf.size(), Real{0});
      }
      sums.push_back(to);
      leaf.set(std::move(values));
    });
    add_late(late, sums);
    total_.reset();
    return gradient;
  }

  /// The terms that waited, for each leaf in the order of the lanes, a piece that stays in cache at a time.
  void add_late(const std::vector<std::vector<const LateTerm*>>& late, const std::vector<void*>& sums) {
    struct Piece {
      std::size_t leaf;
      Index begin, end;
    };
    std::vector<Piece> pieces;
    for (std::size_t i = 0; i < late.size(); ++i) {
      if (late[i].empty()) continue;
      const Index parts = late[i].front()->parts;
      for (const LateTerm* term : late[i])
        require(term->parts == parts, "value_and_gradient: terms of one leaf that wait have ", parts, " and ",
                term->parts, " parts; all have to be cut alike.");
      const Index count = std::min(parts, places_[i].count / (32 * 1024) + 1);
      for (Index p = 0; p < count; ++p) pieces.push_back({i, parts * p / count, parts * (p + 1) / count});
    }
    team_.run(std::ssize(pieces), [&](Index p) {
      const Piece& piece = pieces[static_cast<std::size_t>(p)];
      bool accumulate = total_fresh_[piece.leaf] == 0;
      for (const LateTerm* term : late[piece.leaf]) {
        term->add(sums[piece.leaf], piece.begin, piece.end, accumulate);
        accumulate = true;
      }
    });
    for (Lane& lane : lanes_) lane.late.terms.clear();
  }
};

namespace detail {

template <class T>
inline constexpr bool is_number = false;
template <class T>
inline constexpr bool is_number<Number<T>> = true;

/// The sum of unit(0) ... unit(count - 1), each a Share, and its gradient. Units are dealt to the lanes in
/// turn, so that which lane has which depends on their number alone.
template <class Model, class Unit>
auto sum_and_gradient(Workspace& workspace, const Model& model, Index count, const Unit& unit) {
  using Scalar = typename decltype(unit(Index{0}).value)::value_type;
  require_no_tape();  // the lanes run on other threads, too, which know of no tape
  workspace.list_leaves(model);
  const Index lane_count = std::min(count, Workspace::max_lanes);
  workspace.team_.run(lane_count, [&](Index l) {
    auto& lane = workspace.lanes_[static_cast<std::size_t>(l)];
    Workspace::Work work(workspace, lane, count <= 2 * lane_count);
    const Activation activation(lane.tape);
    for (Index i = l; i < count; i += lane_count) {
      work.begin();
      const Share<Scalar> share = unit(i);
      lane.value += share.factor * static_cast<double>(share.value.value());
      lane.tape.backward(share.value, static_cast<Scalar>(share.factor));
    }
    workspace.add_up(l, work.gradient());
  });

  double value = 0.0;
  for (Index l = 0; l < lane_count; ++l) value += workspace.lanes_[static_cast<std::size_t>(l)].value;
  return ValueAndGradient<Scalar, Model>{static_cast<Scalar>(value), workspace.collect(model)};
}

}  // namespace detail

template <class Loss, class Model, class... Inputs>
auto value_and_gradient(Workspace& workspace, const Loss& loss, const Model& model, const Inputs&... inputs) {
  static_assert(
      holds_leaves<Model>,
      "value_and_gradient(loss, model, inputs...): the model holds no Parameter to differentiate by.");
  [[maybe_unused]] constexpr bool cut_points = !detail::is_whole<Loss> && !(... || detail::has_batch<Inputs>);
  const auto tiles = detail::is_whole<Loss>
                         ? detail::Tiles{1, std::max({Index{0}, detail::batch_of(inputs)...})}
                         : detail::cut(count_parameters(model), inputs...);
  using Result = std::remove_cvref_t<decltype(loss(model, detail::part<cut_points>(inputs, tiles, 0)...))>;
  static_assert(
      detail::is_number<Result>,
      "value_and_gradient: the loss must return a Number, as integrate, norm, relative_error and mean do; a "
      "plain scalar or an array has lost its way to the gradient. Return mean(array) for an array of terms.");
  using Scalar = typename Result::value_type;

  return detail::sum_and_gradient(workspace, model, tiles.count, [&](Index tile) {
    const double share = tiles.total == 0 ? 1.0
                                          : static_cast<double>(tiles.length(tile, tiles.total)) /
                                                static_cast<double>(tiles.total);
    return detail::Share<Scalar>{loss(model, detail::part<cut_points>(inputs, tiles, tile)...), share};
  });
}

template <class Loss, class Model, class... Inputs>
  requires(!std::is_same_v<Loss, Workspace>)
auto value_and_gradient(const Loss& loss, const Model& model, const Inputs&... inputs) {
  Workspace workspace;
  return value_and_gradient(workspace, loss, model, inputs...);
}

/// J_op(u)^T v for an operator on arrays.
template <class Operator, class T>
Array<T> vjp(const Operator& op, const Array<T>& u, const Array<T>& v) {
  Tape tape;
  Array<T> adjoint = Array<T>::zeros(u.shape());
  tape.begin({adjoint.mutable_data()});
  const detail::Activation activation(tape);
  const Array<T> result = op(u.on_tape({tape.run, 0}));
  require(result.shape() == v.shape(), "vjp(op, u, v): op(u) has shape ", result.shape(), " and v has shape ",
          v.shape(), "; they must agree.");
  tape.backward(result, v.data());
  tape.clear();
  return adjoint;
}

/// J_op(u)^T v for an operator on fields: v has the shape of op(u), the result that of u.
template <class Operator, detail::HasBatch Input, detail::HasBatch Output>
Input vjp(const Operator& op, const Input& u, const Output& v) {
  const auto on_arrays = [&](const auto& values) { return op(u.with(values)).values(); };
  return u.with(vjp(on_arrays, u.values(), v.values()));
}

}  // namespace fredholm
