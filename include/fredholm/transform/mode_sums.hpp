// All coefficients of a function from its points, and back: the transforms along the axes, one after the
// other.
//
//   gather    c_r = sum_j G_rj u_j     (points..., channel) -> (modes..., channel)
//   scatter   u_j = sum_r G_rj c_r     its transpose
//
// With the matrices of analysis, gather is the forward transform of a spectral layer and scatter its adjoint;
// with those of synthesis (transposed), scatter is the inverse transform and gather the adjoint of that. The
// half axis (transform/projection.hpp) is gathered first, so that the others act on its real and imaginary
// parts; on each of those that is complex, `combine` follows. Where there are no axes (a cloud), one matrix
// over all points is the only stage.
//
// One function at a time, so that what is between two stages stays in cache. As operations of the tape on a
// batch: gather_modes(x, sums), scatter_modes(c, sums); each is the other's adjoint.
#pragma once

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include <fredholm/autodiff/ops/spectral.hpp>
#include <fredholm/autodiff/tape.hpp>
#include <fredholm/transform/axis_transform.hpp>

namespace fredholm::detail {

template <class T>
class ModeSums {
 public:
  /// `points` along each axis, `half` the axis of real and imaginary parts, -1 if there is none.
  ModeSums(Shape points, Index half)
      : points_(points), modes_(points), half_(half), largest_(points.count()) {}

  /// The next axis to be gathered; `pair` where its rows are K + 1 cosines and K sines of a complex axis
  /// before the half one.
  void along(Index axis, AxisTransform<T> transform, bool pair) {
    Stage stage{std::move(transform), axis, pair, 1, 1, modes_};
    for (Index i = 0; i < modes_.size(); ++i) {
      if (i != axis) (i < axis ? stage.outer : stage.inner) *= modes_[i];
    }
    stage.rows[axis] = stage.transform.rows();
    modes_ = stage.rows;
    if (pair) modes_[axis] -= 1;
    largest_ = std::max(largest_, stage.rows.count());
    stages_.push_back(std::move(stage));
  }

  /// Another shape of as many modes, where one stage makes those of several axes.
  void name_modes(const Shape& modes) {
    require(modes.count() == modes_.count(), "the modes of shape ", modes_, " have no shape ", modes, ".");
    modes_ = modes;
  }

  const Shape& points() const { return points_; }
  const Shape& modes() const { return modes_; }

  /// out (modes..., channels) (+)= G in (points..., channels)
  void gather(const T* in, T* out, Index channels, bool accumulate) const {
    Scratch scratch(*this, channels);
    for (std::size_t i = 0; i < stages_.size(); ++i) {
      const Stage& stage = stages_[i];
      const bool last = i + 1 == stages_.size();
      T* rows = last && !stage.pair ? out : scratch.next();
      stage.apply(in, rows, channels, false, last && !stage.pair && accumulate);
      in = rows;
      if (!stage.pair) continue;
      T* combined = last ? out : scratch.next();
      const PairView view(with_channels(stage.rows, channels), stage.axis, half_);
      view.combine(rows, combined, last && accumulate);
      in = combined;
    }
  }

  /// out (points..., channels) (+)= G^T in (modes..., channels)
  void scatter(const T* in, T* out, Index channels, bool accumulate) const {
    Scratch scratch(*this, channels);
    for (std::size_t i = stages_.size(); i-- > 0;) {
      const Stage& stage = stages_[i];
      if (stage.pair) {
        T* rows = scratch.next();
        const PairView view(with_channels(stage.rows, channels), stage.axis, half_);
        view.separate(in, rows);
        in = rows;
      }
      T* to = i == 0 ? out : scratch.next();
      stage.apply(in, to, channels, true, i == 0 && accumulate);
      in = to;
    }
  }

 private:
  struct Stage {
    AxisTransform<T> transform;
    Index axis;
    bool pair;
    Index outer, inner;  // entries before and after the axis
    Shape rows;          // of all axes, after the transform and before `combine`

    void apply(const T* in, T* out, Index channels, bool back, bool accumulate) const {
      const Index from = (back ? transform.rows() : transform.points()) * inner * channels;
      const Index to = (back ? transform.points() : transform.rows()) * inner * channels;
      for (Index o = 0; o < outer; ++o)
        transform.apply(in + o * from, out + o * to, inner * channels, back, accumulate);
    }
  };

  /// Two buffers that take turns.
  class Scratch {
   public:
    Scratch(const ModeSums& sums, Index channels) : size_(sums.largest_ * channels) {
      if (sums.stages_.size() > 1 || sums.stages_.front().pair) memory_ = Array<T>(Shape{2, size_});
    }
    T* next() {
      turn_ = 1 - turn_;
      return memory_.mutable_data() + turn_ * size_;
    }

   private:
    Index size_, turn_ = 0;
    Array<T> memory_;
  };

  static Shape with_channels(Shape shape, Index channels) {
    shape.push_back(channels);
    return shape;
  }

  Shape points_, modes_;
  Index half_, largest_;
  std::vector<Stage> stages_;
};

/// (batch, points..., channels) -> (batch, modes..., channels), or `back`, each sample by itself.
template <class T>
void transform_each(const ModeSums<T>& sums, const T* in, T* out, Index batch, Index channels, bool back,
                    bool accumulate) {
  const Index points = sums.points().count() * channels, modes = sums.modes().count() * channels;
  for (Index b = 0; b < batch; ++b) {
    if (back) {
      sums.scatter(in + b * modes, out + b * points, channels, accumulate);
    } else {
      sums.gather(in + b * points, out + b * modes, channels, accumulate);
    }
  }
}

template <class T>
Array<T> transform_batch(const Array<T>& x, std::shared_ptr<const ModeSums<T>> sums, bool back) {
  const Shape& from = back ? sums->modes() : sums->points();
  const Index batch = x.shape(0), channels = x.shape().back();
  require(x.size() == batch * from.count() * channels, "a transform from ", back ? "modes" : "points",
          " of shape ", from, " was given an array of shape ", x.shape(), ".");
  Shape shape{batch};
  for (Index length : back ? sums->points() : sums->modes()) shape.push_back(length);
  shape.push_back(channels);
  Array<T> y(shape);
  transform_each(*sums, x.data(), y.mutable_data(), batch, channels, back, false);
  return record(
      y,
      [x, sums, batch, channels, back](Tape& tape, const T* dy) {
        tape.accumulate(x, [&](T* dx, bool accumulate) {
          transform_each(*sums, dy, dx, batch, channels, !back, accumulate);
        });
      },
      x);
}

template <class T>
Array<T> gather_modes(const Array<T>& x, std::shared_ptr<const ModeSums<T>> sums) {
  return transform_batch(x, std::move(sums), false);
}
template <class T>
Array<T> scatter_modes(const Array<T>& c, std::shared_ptr<const ModeSums<T>> sums) {
  return transform_batch(c, std::move(sums), true);
}

}  // namespace fredholm::detail
