// Neighbours within a physical radius.
//
//   N(i) = { j : |x_i - y_j| <= radius },   Euclidean, in the unit of the coordinates
//
//   auto edges = neighbours_within(d, 0.1);                  // of each point among all, itself included
//   auto edges = neighbours_within(targets, sources, 0.1);   // Edges (core/edges.hpp), rows ascending
//
// Along an axis whose points are a PeriodicGrid (of the sources) distance goes the short way round. Which
// points are found does not depend on the tree, only points within round-off of the edge on rounding;
// integrals over a ball use a window that vanishes there (layers/window.hpp). Lists are kept as long as both
// discretizations live: a loop that uses the same points searches once. O(n log n + edges); four bytes an
// edge. A k-d tree, by nanoflann (Blanco and Rai 2014), of this component.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <nanoflann.hpp>

#include <fredholm/concepts.hpp>
#include <fredholm/core/digits.hpp>
#include <fredholm/core/edges.hpp>
#include <fredholm/core/error.hpp>
#include <fredholm/core/type_mark.hpp>
#include <fredholm/space/periods.hpp>

namespace fredholm {

namespace detail {

template <Index D>
using Coordinates = std::array<double, static_cast<std::size_t>(D)>;

/// Points as a search sees them. A period of 0: the axis is not periodic.
template <Index D>
struct Sites {
  const double* points = nullptr;  // (size, D)
  Index size = 0;
  Coordinates<D> left{}, period{};

  const double* at(Index i) const { return points + i * D; }

  // What nanoflann asks for.
  std::size_t kdtree_get_point_count() const { return static_cast<std::size_t>(size); }
  double kdtree_get_pt(std::size_t i, std::size_t axis) const {
    return points[i * static_cast<std::size_t>(D) + axis];
  }
  template <class Bounds>
  bool kdtree_get_bbox(Bounds&) const {
    return false;
  }
};

/// The points of a discretization, which keeps them; the periods are those of its periodic axes.
template <AnyDiscretization Discretization>
auto sites_of(const Discretization& d) {
  constexpr Index D = Discretization::dimension;
  Sites<D> sites{d.points().data(), d.size(), {}, periods_of(d)};
  const Box<D> box = d.box();
  for (Index axis = 0; axis < D; ++axis) sites.left[static_cast<std::size_t>(axis)] = box[axis].left;
  return sites;
}

/// y - x along an axis, the short way round.
inline double shortest(double gap, double period) {
  return period == 0.0 ? gap : gap - period * std::round(gap / period);
}

template <Index D>
double square_distance(const double* x, const double* y, const Coordinates<D>& period) {
  double sum = 0.0;
  for (std::size_t axis = 0; axis < period.size(); ++axis) {
    const double gap = shortest(y[axis] - x[axis], period[axis]);
    sum += gap * gap;
  }
  return sum;
}

/// What nanoflann fills: the candidates within a radius that is rounded up.
struct Candidates {
  std::vector<std::int32_t>& found;
  double bound;
  bool addPoint(double, std::size_t index) {
    found.push_back(static_cast<std::int32_t>(index));
    return true;
  }
  double worstDist() const { return bound; }
  std::size_t size() const { return found.size(); }
  bool empty() const { return found.empty(); }
  bool full() const { return true; }
  void sort() {}
};

/// Points in a k-d tree.
template <Index D>
class SearchTree {
 public:
  explicit SearchTree(const Sites<D>& sources) : sources_(sources), tree_(static_cast<int>(D), sources_) {}
  SearchTree(const SearchTree&) = delete;
  SearchTree& operator=(const SearchTree&) = delete;

  /// The sources within the radius of x, ascending.
  void within(const double* x, double radius, std::vector<std::int32_t>& found) const {
    found.clear();
    Candidates candidates{found, radius * radius * (1.0 + 1e-9) + std::numeric_limits<double>::min()};
    Coordinates<D> image;
    for (std::size_t axis = 0; axis < image.size(); ++axis) {
      const double period = sources_.period[axis];
      image[axis] =
          period == 0.0 ? x[axis] : x[axis] - period * std::floor((x[axis] - sources_.left[axis]) / period);
    }
    visit_images(candidates, image, 0);
    const auto outside = [&](std::int32_t j) {
      return square_distance<D>(x, sources_.at(j), sources_.period) > radius * radius;
    };
    found.erase(std::remove_if(found.begin(), found.end(), outside), found.end());
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());  // seen in more than one image
  }

 private:
  void visit_images(Candidates& candidates, Coordinates<D> image, std::size_t axis) const {
    if (axis == image.size()) {
      tree_.findNeighbors(candidates, image.data(), {});
      return;
    }
    const double middle = image[axis], period = sources_.period[axis];
    for (int turn : {-1, 0, 1}) {
      if (period == 0.0 && turn != 0) continue;
      image[axis] = middle + turn * period;
      visit_images(candidates, image, axis + 1);
    }
  }

  Sites<D> sources_;
  nanoflann::KDTreeSingleIndexAdaptor<nanoflann::L2_Simple_Adaptor<double, Sites<D>>, Sites<D>,
                                      static_cast<int>(D)>
      tree_;
};

/// The points along a curve that fills space (Morton 1966): whoever goes through them so finds their
/// neighbours in cache.
template <Index D>
std::vector<std::int32_t> along_a_curve(const Sites<D>& sites) {
  Coordinates<D> low, high;
  low.fill(std::numeric_limits<double>::infinity()), high.fill(-std::numeric_limits<double>::infinity());
  for (Index i = 0; i < sites.size; ++i) {
    for (std::size_t a = 0; a < low.size(); ++a) {
      low[a] = std::min(low[a], sites.at(i)[a]), high[a] = std::max(high[a], sites.at(i)[a]);
    }
  }
  constexpr int bits = std::min(20, 60 / static_cast<int>(D));  // of the 20 of a coordinate, the first
  std::vector<std::pair<std::uint64_t, std::int32_t>> keys;
  for (Index i = 0; i < sites.size; ++i) {
    std::uint64_t key = 0;
    for (int bit = 19; bit >= 20 - bits; --bit) {
      for (std::size_t a = 0; a < low.size(); ++a) {
        const double t = high[a] > low[a] ? (sites.at(i)[a] - low[a]) / (high[a] - low[a]) : 0.0;
        key = key << 1 | (static_cast<std::uint64_t>(t * 1048575.0) >> bit & 1);
      }
    }
    keys.emplace_back(key, static_cast<std::int32_t>(i));
  }
  std::sort(keys.begin(), keys.end());
  std::vector<std::int32_t> order;
  for (const auto& key : keys) order.push_back(key.second);
  return order;
}

template <Index D>
Edges search_within(const Sites<D>& targets, const Sites<D>& sources, double radius) {
  require(std::isfinite(radius) && radius > 0.0, "neighbours within a radius of ", radius,
          ": the radius is a length in the unit of the coordinates; give a positive number.");
  require(sources.size <= std::numeric_limits<std::int32_t>::max(), "neighbours among ", sources.size,
          " points: an edge has four bytes for the number of a point. Use at most 2^31 - 1 points.");
  Edges edges;
  edges.sources = sources.size;
  edges.starts.reserve(static_cast<std::size_t>(targets.size) + 1);
  const SearchTree<D> tree(sources);
  std::vector<std::int32_t> found;
  for (Index i = 0; i < targets.size; ++i) {
    tree.within(targets.at(i), radius, found);
    edges.columns.insert(edges.columns.end(), found.begin(), found.end());
    edges.starts.push_back(edges.count());
  }
  edges.columns.shrink_to_fit();
  edges.order = along_a_curve(targets);
  return edges;
}

/// What belongs to two discretizations, kept with one of them for as long as the other lives, too. It holds
/// neither.
class KeptPairs {
 public:
  template <class Value, class Make>
  std::shared_ptr<const Value> get(const std::shared_ptr<const void>& other, const std::string& name,
                                   const Make& make) const {
    const void* mark = &type_mark<Value>;
    const auto is_it = [&](const Entry& entry) {
      return entry.mark == mark && entry.name == name && !entry.other.owner_before(other) &&
             !other.owner_before(entry.other);
    };
    {
      const std::lock_guard lock(mutex_);
      const auto found = std::find_if(entries_.begin(), entries_.end(), is_it);
      if (found != entries_.end()) return std::static_pointer_cast<const Value>(found->value);
    }
    auto made =
        std::make_shared<const Value>(make());  // without the lock: it may ask for something kept itself
    const std::lock_guard lock(mutex_);
    const auto found =
        std::find_if(entries_.begin(), entries_.end(), is_it);  // of two threads the first one counts
    if (found != entries_.end()) return std::static_pointer_cast<const Value>(found->value);
    entries_.erase(std::remove_if(entries_.begin(), entries_.end(),
                                  [](const Entry& entry) { return entry.other.expired(); }),
                   entries_.end());
    entries_.push_back({other, name, mark, made});
    return made;
  }

 private:
  struct Entry {
    std::weak_ptr<const void> other;
    std::string name;
    const void* mark;
    std::shared_ptr<const void> value;
  };
  mutable std::mutex mutex_;
  mutable std::vector<Entry> entries_;

 public:
  KeptPairs() = default;
  KeptPairs(KeptPairs&& other) : entries_(std::move(other.entries_)) {}  // before anybody else has it
};

template <class Value, AnyDiscretization Targets, AnyDiscretization Sources, class Make>
std::shared_ptr<const Value> kept_for_pair(const Targets& targets, const Sources& sources,
                                           const std::string& name, const Make& make) {
  const auto pairs = sources.template derived<KeptPairs>("pairs", [] { return KeptPairs(); });
  return pairs->template get<Value>(targets.owner(), name, make);
}

}  // namespace detail

template <AnyDiscretization Targets, AnyDiscretization Sources>
std::shared_ptr<const Edges> neighbours_within(const Targets& targets, const Sources& sources,
                                               double radius) {
  static_assert(Targets::dimension == Sources::dimension,
                "neighbours_within(targets, sources, radius): the two have points of different dimension.");
  return detail::kept_for_pair<Edges>(targets, sources, "within " + detail::all_digits(radius), [&] {
    return detail::search_within(detail::sites_of(targets), detail::sites_of(sources), radius);
  });
}

template <AnyDiscretization Discretization>
std::shared_ptr<const Edges> neighbours_within(const Discretization& d, double radius) {
  return neighbours_within(d, d, radius);
}

}  // namespace fredholm
