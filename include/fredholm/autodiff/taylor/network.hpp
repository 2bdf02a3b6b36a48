// A whole perceptron on jets as one operation, with its adjoint.
//
//   z_l = a_(l-1) W_l (+ b_l in the value),   a_l = f(z_l) by Faa di Bruno,   y = z_L        for each point
//   da_(l-1) = dz_l W_l^T,   dz_l = the adjoint of Faa di Bruno's sum
//   W_l' += a_(l-1)^T dz_l,   b_l' += dz_l of the value
//
// The points are cut into chunks whose values of one layer stay in cache; in a chunk, values stand feature
// after feature: [feature][derivative][point]. So a linear map is one product of W^T with a matrix of all
// derivatives at all points of the chunk, f is applied to a point in each lane, and no width is padded. Of
// every unit there is kept what f needs (tanh z, or sin z and cos z) and the derivatives of z; a_l is made
// again on the way back. Derivatives of the input that are zero or the same at all points, such as those of
// the coordinates, cost one value a unit.
//
// A derivative is a top one if no other of the set needs it: u_t and u_xx of {u, u_x, u_t, u_xx}. The adjoint
// of its z_alpha is that of a_alpha times f'(z). So if y has one channel, s_alpha its adjoint at a point, the
// adjoints of all top derivatives are multiples of one vector d all the way back:
//
//   dz_alpha = s_alpha dz_d,   da_alpha = s_alpha da_d,   dy_d = 1        for the top alpha
//   W_l' += (sum over the top alpha of s_alpha a_alpha)^T dz_d,           and as above for the others
//
// and they go back as one: three derivatives instead of four there, five instead of seven for u, u_x, u_y,
// u_z, u_xx, u_yy, u_zz. Before the first layer they part again, since the derivatives of the input are its
// own.
//
// Parameters may be asked for point by point (Tape::rows): the same walk, with outer products in place of
// sums.
//
// Method: Taylor mode (Griewank and Walther 2008, chapter 13), layer by layer as Bettencourt et al. (2019)
// and n-TangentProp (Chickering 2024) do; the adjoint is its transpose.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include <fredholm/autodiff/tape.hpp>
#include <fredholm/autodiff/taylor/chain_registers.hpp>
#include <fredholm/autodiff/taylor/jets.hpp>
#include <fredholm/core/simd_dots.hpp>

namespace fredholm::detail {

/// Some of the points, as many as fill whole registers; the last chunk may have more lanes than points.
struct Chunk {
  Index first = 0, points = 0;  // `points` with the empty lanes
  Index valid = 0;
};

/// The top derivatives of a set, and where the others stand when the top ones go back as one, behind them.
template <class Set>
struct TopDerivatives {
  static constexpr std::array<bool, Set::size> is_top = [] {
    std::array<bool, Set::size> top{};
    for (std::size_t c = 1; c < Set::size; ++c) top[c] = true;
    for (std::size_t i = 0; i < chain_terms<Set>.count; ++i) {
      const ChainTerm& term = chain_terms<Set>.terms[i];
      for (int k = 0; k < term.order; ++k) {
        const int factor = term.factors[static_cast<std::size_t>(k)];
        if (factor != term.out) top[static_cast<std::size_t>(factor)] = false;
      }
    }
    return top;
  }();
  /// Among the top ones, or among the others.
  static constexpr std::array<Index, Set::size> place = [] {
    std::array<Index, Set::size> at{};
    std::array<Index, 2> next{};
    for (std::size_t c = 0; c < Set::size; ++c) at[c] = next[is_top[c] ? 1 : 0]++;
    return at;
  }();
  static constexpr Index count = std::count(is_top.begin(), is_top.end(), true);
  static constexpr Index others = static_cast<Index>(Set::size) - count;
};

template <class Series, class Set, class T>
class JetNetwork {
 public:
  using V = simd::Vector<T>;
  using Top = TopDerivatives<Set>;
  static constexpr auto components = static_cast<Index>(Set::size);
  static constexpr auto stored =
      components + static_cast<Index>(Series::kept) - 1;  // values a unit and a point

  JetNetwork(const Jets<Set, T>& x, std::vector<Array<T>> weights, std::vector<Array<T>> biases)
      : weights_(std::move(weights)), biases_(std::move(biases)) {
    widths_.push_back(x.channels());
    for (std::size_t l = 0; l < weights_.size(); ++l) {
      require(weights_[l].rank() == 2 && weights_[l].shape(0) == widths_.back() &&
                  biases_[l].size() == weights_[l].shape(1),
              "a network on jets: layer ", l, " gets ", widths_.back(),
              " channels, and its weight has the shape ", weights_[l].shape(), ".");
      widths_.push_back(weights_[l].shape(1));
      widest_ = std::max({widest_, widths_[l], widths_[l + 1]});
      if (l + 1 < weights_.size()) units_ += widths_[l + 1];
    }
    points_ = widths_[0] == 0 ? 0 : x.value().size() / widths_[0];
    // Components from full_ on are absent or constants (channel).
    for (std::size_t c = 0; c < Set::size; ++c) {
      const auto& own = x.components()[c];
      if (own && (c == 0 || own->rank() != 1 || own->shape(0) != widths_[0] || any_on_active_tape(*own)))
        full_ = static_cast<Index>(c) + 1;
    }
    for (std::size_t c = 0; c < Set::size; ++c) {
      const auto& own = x.components()[c];
      if (own) inputs_[c] = static_cast<Index>(c) < full_ && own->rank() <= 1 ? x.full(c) : *own;
      if (own && static_cast<Index>(c) < full_ && own->shape() != x.shape()) inputs_[c] = x.full(c);
    }
    cut();
  }

  Index points() const { return points_; }
  Index outputs() const { return widths_.back(); }
  Index chunks() const { return chunks_; }
  /// Whether anything that the network is made of is on the tape.
  bool on_tape() const {
    int count = 0;
    for (const auto& a : weights_) count += static_cast<int>(on_active_tape(a.node()));
    for (const auto& a : biases_) count += static_cast<int>(on_active_tape(a.node()));
    for (const auto& a : inputs_) count += a ? static_cast<int>(on_active_tape(a->node())) : 0;
    return count > 0;
  }
  /// How many values are kept for the way back.
  Index kept_size() const { return padded_ * stored * units_; }

  /// y (derivative, point, output); `kept` is of kept_size(), or of one chunk with `keep` false.
  Array<T> forward(Shape shape, Array<T>& kept, bool keep) const {
    Array<T> y(shape);
    T* out = y.mutable_data();
    T* room = kept.mutable_data();
    Array<T> scratch(Shape{2 * widest_ * row(chunk_points_)});
    for (Index i = 0; i < chunks_; ++i) {
      const Chunk chunk = chunk_at(i);
      forward(chunk, room + (keep ? chunk.first * stored * units_ : 0), scratch.mutable_data(), out);
    }
    return y;
  }
  Index kept_of_chunk() const { return chunk_points_ * stored * units_; }

  /// Adds to all adjoints, that of y given. Overwrites what was kept.
  void backward(Tape& tape, const T* dy, T* kept) const {
    Adjoints to(*this, tape);
    Array<T> scratch(Shape{(2 * widest_ + widths_[0] + 1) * row(chunk_points_)});
    for (Index i = 0; i < chunks_; ++i) {
      const Chunk chunk = chunk_at(i);
      backward(chunk, dy, kept + chunk.first * stored * units_, scratch.mutable_data(), to);
    }
  }

 private:
  std::vector<Array<T>> weights_, biases_;
  std::array<Component<T>, Set::size> inputs_;
  std::vector<Index> widths_;
  Index points_ = 0, padded_ = 0, units_ = 0, widest_ = 1, full_ = 1;
  Index chunks_ = 0, chunk_points_ = 0;

  /// Where the adjoints go; nullptr where nobody asks.
  struct Adjoints {
    std::vector<T*> weights, biases;
    std::vector<LeafRows<T>> weight_rows, bias_rows;
    std::array<T*, Set::size> inputs{};
    bool any_input = false;

    Adjoints(const JetNetwork& network, Tape& tape) {
      const auto place = [&](const Array<T>& array, std::vector<T*>& sums, std::vector<LeafRows<T>>& rows) {
        sums.push_back(nullptr);
        rows.push_back(tape.rows(array, network.points_));
        if (!rows.back()) tape.accumulate(array, [&](T* to) { sums.back() = to; });
      };
      for (std::size_t l = 0; l < network.weights_.size(); ++l) {
        place(network.weights_[l], weights, weight_rows);
        place(network.biases_[l], biases, bias_rows);
      }
      for (std::size_t c = 0; c < Set::size; ++c) {
        if (network.inputs_[c]) tape.accumulate(*network.inputs_[c], [&](T* to) { inputs[c] = to; });
        any_input = any_input || inputs[c] != nullptr;
      }
    }
  };

  /// The distance of two features in scratch memory: not a power of two, which would put them all in one set
  /// of the cache.
  static Index row(Index points) { return components * points + simd::lanes<T>; }

  void cut() {
    const Index vectors = (points_ + simd::lanes<T> - 1) / simd::lanes<T>;
    // 128 points, as long as two layers of them stay in second-level cache.
    const Index bytes = 2 * widest_ * components * simd::lanes<T> * static_cast<Index>(sizeof(T));
    const Index most = std::clamp<Index>(512 * 1024 / bytes, 1, 128 / simd::lanes<T>);
    chunks_ = (vectors + most - 1) / most;
    chunk_points_ = chunks_ == 0 ? 0 : (vectors + chunks_ - 1) / chunks_ * simd::lanes<T>;
    padded_ = vectors * simd::lanes<T>;
  }
  Chunk chunk_at(Index i) const {
    const Index vectors = padded_ / simd::lanes<T>;
    const Index first = vectors * i / chunks_ * simd::lanes<T>,
                last = vectors * (i + 1) / chunks_ * simd::lanes<T>;
    return {first, last - first, std::min(last, points_) - first};
  }

  /// The input of a chunk, [channel][derivative][point], of the first `count` derivatives.
  void gather(const Chunk& chunk, Index count, T* a) const {
    const Index channels = widths_[0], step = row(chunk.points);
    for (Index k = 0; k < channels; ++k) {
      for (Index c = 0; c < count; ++c) {
        T* to = a + k * step + c * chunk.points;
        const auto& own = inputs_[static_cast<std::size_t>(c)];
        const bool constant = c >= full_;
        const T* from = own ? own->data() + (constant ? k : chunk.first * channels + k) : nullptr;
        for (Index p = 0; p < chunk.points; ++p)
          to[p] = from == nullptr ? T{0} : from[constant ? 0 : std::min(p, chunk.valid - 1) * channels];
      }
    }
  }

  /// z of the first layer in the derivatives of the input that are the same at all points.
  void add_constants(const Chunk& chunk, T* z, Index step) const {
    const Index in = widths_[0], out = widths_[1];
    for (Index c = full_; c < components; ++c) {
      const auto& own = inputs_[static_cast<std::size_t>(c)];
      for (Index o = 0; o < out; ++o) {
        T sum{0};
        for (Index k = 0; own && k < in; ++k) sum += own->data()[k] * weights_[0].data()[k * out + o];
        std::fill_n(z + o * step + c * chunk.points, chunk.points, sum);
      }
    }
  }

  void forward(const Chunk& chunk, T* kept, T* scratch, T* y) const {
    const Index step = row(chunk.points);
    T* a = scratch;
    T* z_last = scratch + widest_ * row(chunk_points_);
    gather(chunk, full_, a);
    for (std::size_t l = 0; l < weights_.size(); ++l) {
      const Index in = widths_[l], out = widths_[l + 1];
      const bool last = l + 1 == weights_.size();
      T* z = last ? z_last : kept;
      const Index z_step = last ? step : stored * chunk.points;
      simd::panel(out, (l == 0 ? full_ : components) * chunk.points, in, weights_[l].data(), 1, out, a, step,
                  z, z_step, false);
      if (l == 0) add_constants(chunk, z, z_step);
      if (last) break;
      for (Index o = 0; o < out; ++o)
        activate(chunk.points, biases_[l].data()[o], z + o * z_step, a + o * step);
      kept += out * z_step;
    }
    const Index outputs = widths_.back();
    for (Index c = 0; c < components; ++c) {
      for (Index o = 0; o < outputs; ++o) {
        const T shift = c == 0 ? biases_.back().data()[o] : T{0};
        const T* from = z_last + o * step + c * chunk.points;
        T* to = y + (c * points_ + chunk.first) * outputs + o;
        for (Index p = 0; p < chunk.valid; ++p) to[p * outputs] = from[p] + shift;
      }
    }
  }

  /// z becomes what is kept of it, a is f(z): a row of derivatives each.
  static void activate(Index points, T bias, T* z, T* a) {
    for (Index p = 0; p < points; p += simd::lanes<T>) {
      V in[Set::size];
      load_all(z + p, points, in);
      const auto kept = keep_of_series<Series, T>(in[0] + bias);
      const auto slopes = slopes_of_series<Series, T, static_cast<std::size_t>(Set::order) + 1>(kept.data());
      const auto values = chain_values<Set, T>(slopes, in);
      unrolled<Series::kept>([&](auto k) { simd::store(z + p + row_of_kept(k) * points, kept[k]); });
      store_all(a + p, points, values);
    }
  }

  /// From what is kept and the adjoint of a: a itself in the place of what was kept, and the adjoint of z in
  /// that of a's.
  static void deactivate(Index points, T* z, T* adjoint) {
    for (Index p = 0; p < points; p += simd::lanes<T>) {
      V da[Set::size];
      load_all(adjoint + p, points, da);
      const Back back = turn_back(z + p, points, da);
      store_all(z + p, points, back.values);
      store_all(adjoint + p, points, back.dz);
    }
  }

  /// The same with the top derivatives as one, `seeds` their adjoints at the output. `apart`: the adjoint of
  /// each z is wanted by itself.
  static void deactivate_as_one(Index points, T* z, T* adjoint, const T* seeds, bool apart) {
    for (Index p = 0; p < points; p += simd::lanes<T>) {
      V da[Set::size], seed[Set::size];
      const V one = simd::load<V>(adjoint + p + Top::others * points);
      unrolled<Set::size>([&](auto c) {
        const Index at = p + Top::place[c] * points;
        if constexpr (Top::is_top[c]) {
          seed[c] = simd::load<V>(seeds + at);
          da[c] = seed[c] * one;
        } else {
          da[c] = simd::load<V>(adjoint + at);
        }
      });
      const Back back = turn_back(z + p, points, da);
      V sum{};
      unrolled<Set::size>([&](auto c) {
        const Index at = p + Top::place[c] * points;
        if constexpr (Top::is_top[c]) {
          sum += seed[c] * back.values[c];
        } else {
          simd::store(z + at, back.values[c]);
          if (!apart) simd::store(adjoint + at, back.dz[c]);
        }
      });
      simd::store(z + p + Top::others * points, sum);
      if (apart) {
        store_all(adjoint + p, points, back.dz);
      } else {
        simd::store(adjoint + p + Top::others * points, back.slope * one);
      }
    }
  }

  struct Back {
    std::array<V, Set::size> values, dz;
    V slope;
  };
  /// a, the adjoint of z and f'(z), in registers.
  [[gnu::always_inline]] static inline Back turn_back(const T* z, Index points, const V* da) {
    V in[Set::size], kept[Series::kept];
    load_all(z, points, in);
    unrolled<Series::kept>([&](auto k) { kept[k] = simd::load<V>(z + row_of_kept(k) * points); });
    const auto slopes = slopes_of_series<Series, T, static_cast<std::size_t>(Set::order) + 2>(kept);
    return {chain_values<Set, T>(slopes, in), chain_adjoint<Set, T>(slopes, in, da), slopes[1]};
  }

  /// Where what is kept of f stands: in the place of the value, and behind the derivatives of z.
  static constexpr Index row_of_kept(std::size_t k) {
    return k == 0 ? 0 : components - 1 + static_cast<Index>(k);
  }
  static void load_all(const T* from, Index points, V* to) {
    unrolled<Set::size>([&](auto c) { to[c] = simd::load<V>(from + static_cast<Index>(c()) * points); });
  }
  static void store_all(T* to, Index points, const std::array<V, Set::size>& values) {
    unrolled<Set::size>([&](auto c) { simd::store(to + static_cast<Index>(c()) * points, values[c]); });
  }

  /// Whether the top derivatives go back as one.
  bool as_one() const { return Top::count > 1 && widths_.back() == 1 && weights_.size() > 1; }

  void backward(const Chunk& chunk, const T* dy, T* kept, T* scratch, const Adjoints& to) const {
    const Index step = row(chunk.points), room = widest_ * row(chunk_points_);
    T *dz = scratch, *da = scratch + room, *input = scratch + 2 * room;
    T* seeds = input + widths_[0] * row(chunk_points_);
    Index count = as_one() ? Top::others + 1 : components;  // the derivatives that go back
    begin_backward(chunk, dy, dz, seeds);
    kept += stored * chunk.points * units_;
    for (std::size_t l = weights_.size(); l-- > 0;) {
      const Index in = widths_[l], out = widths_[l + 1];
      const bool by_points = to.weight_rows[l] || to.bias_rows[l];
      if (l > 0) {
        kept -= in * stored * chunk.points;
        simd::panel(in, count * chunk.points, out, weights_[l].data(), out, 1, dz, step, da, step, false);
        for (Index k = 0; k < in; ++k) {
          T *z = kept + k * stored * chunk.points, *adjoint = da + k * step;
          if constexpr (Top::count > 1) {
            if (as_one()) {
              deactivate_as_one(chunk.points, z, adjoint, seeds, l == 1);
              continue;
            }
          }
          deactivate(chunk.points, z, adjoint);
        }
      } else {
        count = components;
        gather(chunk, by_points ? components : full_, input);
      }
      const T* a = l > 0 ? kept : input;
      const Index a_step = l > 0 ? stored * chunk.points : step;
      if (by_points) {
        add_rows(chunk, count, a, a_step, in, dz, out, to.weight_rows[l], to.bias_rows[l]);
      }
      add_sums(chunk, l, count, a, a_step, dz, to.weights[l], to.biases[l]);
      if (l == 0 && to.any_input) {
        simd::panel(in, full_ * chunk.points, out, weights_[0].data(), out, 1, dz, step, da, step, false);
        scatter(chunk, da, to);
      }
      std::swap(dz, da);
    }
  }

  /// The adjoint of y, 0 in empty lanes: all of it in dz, or the top derivatives in `seeds` and 1 for them.
  void begin_backward(const Chunk& chunk, const T* dy, T* dz, T* seeds) const {
    const Index outputs = widths_.back(), step = row(chunk.points);
    for (Index o = 0; o < outputs; ++o) {
      for (std::size_t c = 0; c < Set::size; ++c) {
        const Index place = (as_one() ? Top::place[c] : static_cast<Index>(c)) * chunk.points;
        T* to = as_one() && Top::is_top[c] ? seeds + place : dz + o * step + place;
        const T* from = dy + (static_cast<Index>(c) * points_ + chunk.first) * outputs + o;
        for (Index p = 0; p < chunk.points; ++p) to[p] = p < chunk.valid ? from[p * outputs] : T{0};
      }
    }
    if (as_one()) std::fill_n(dz + Top::others * chunk.points, chunk.points, T{1});
  }

  /// Adds a^T dz and the sums of dz to the adjoints of a layer.
  void add_sums(const Chunk& chunk, std::size_t l, Index count, const T* a, Index a_step, const T* dz,
                T* weight, T* bias) const {
    const Index in = widths_[l], out = widths_[l + 1], step = row(chunk.points);
    if (bias != nullptr) simd::add_row_sums(dz, out, chunk.points, step, bias);
    if (weight == nullptr) return;
    simd::add_dots(in, out, (l == 0 ? full_ : count) * chunk.points, a, a_step, dz, step, weight, out);
    for (Index c = full_; l == 0 && c < components; ++c) {
      const auto& own = inputs_[static_cast<std::size_t>(c)];
      if (!own) continue;
      Array<T> sums = Array<T>::zeros(Shape{out});
      simd::add_row_sums(dz + c * chunk.points, out, chunk.points, step, sums.mutable_data());
      for (Index k = 0; k < in; ++k) flat(weight + k * out, out) += own->data()[k] * flat(sums.data(), out);
    }
  }

  /// The same, point by point.
  void add_rows(const Chunk& chunk, Index count, const T* a, Index a_step, Index in, const T* dz, Index out,
                const LeafRows<T>& weight, const LeafRows<T>& bias) const {
    const Index step = row(chunk.points);
    Array<T> room(Shape{count * (in + out)});
    T *left = room.mutable_data(), *right = left + count * in;
    for (Index p = 0; p < chunk.valid; ++p) {
      for (Index c = 0; c < count; ++c) {
        for (Index k = 0; k < in; ++k) left[c * in + k] = a[k * a_step + c * chunk.points + p];
        for (Index o = 0; o < out; ++o) right[c * out + o] = dz[o * step + c * chunk.points + p];
      }
      const Index point = chunk.first + p;
      if (weight) simd::panel(in, out, count, left, 1, in, right, out, weight(point), out, true);
      if (bias) flat(bias(point), out) += flat(right, out);
    }
  }

  /// The adjoint of the input.
  void scatter(const Chunk& chunk, const T* da, const Adjoints& to) const {
    const Index channels = widths_[0], step = row(chunk.points);
    for (Index c = 0; c < full_; ++c) {
      T* out = to.inputs[static_cast<std::size_t>(c)];
      if (out == nullptr) continue;
      for (Index k = 0; k < channels; ++k) {
        for (Index p = 0; p < chunk.valid; ++p)
          out[(chunk.first + p) * channels + k] += da[k * step + c * chunk.points + p];
      }
    }
  }
};

/// L_n f(... f(L_1 x)) on jets, f given by its series.
template <class Series, class Set, class T>
Jets<Set, T> network_on_jets(const Jets<Set, T>& x, std::vector<Array<T>> weights,
                             std::vector<Array<T>> biases) {
  using Network = JetNetwork<Series, Set, T>;
  const auto network = std::make_shared<const Network>(x, std::move(weights), std::move(biases));
  Shape shape = x.shape();
  require(shape.front() == 1, "a network on jets: the points have a batch of ", shape.front(),
          "; it must be 1.");
  shape[0] = Network::components;
  shape[shape.size() - 1] = network->outputs();
  const bool keep = network->on_tape();
  Array<T> kept(Shape{keep ? network->kept_size() : network->kept_of_chunk()});
  Array<T> y = network->forward(shape, kept, keep);
  if (keep) {
    y = y.on_tape(active_tape().push([network, kept](Tape& tape, const void* dy) {
      network->backward(tape, static_cast<const T*>(dy), kept.shared().get());  // which is nobody else's
    }));
  }
  typename Jets<Set, T>::Components result;
  for (std::size_t c = 0; c < Set::size; ++c) result[c] = slice_batch(y, static_cast<Index>(c), 1);
  return Jets<Set, T>(std::move(result));
}

}  // namespace fredholm::detail
