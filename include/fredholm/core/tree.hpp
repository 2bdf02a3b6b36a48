// A model is a plain struct, and these are the functions over its leaves (core/parameter.hpp).
//
//   for_each_parameter(model, f)     f(path, leaf), path as in "blocks.2.spectral.weight", or f(leaf)
//   for_each_leaf(model, f)          the same for parameters and buffers
//   zip_parameters(a, b, f)          pair by pair over two models of one type: f(path, in_a, in_b) or
//                                    f(in_a, in_b)
//   map_leaves(model, f)             the same model with the values that f returns
//   count_parameters(model), print(model), detach(model); cast<float>(model) is in core/cast.hpp
//
// The walk goes through plain structs (core/reflect.hpp), types with a `static void visit(auto& self, auto&&
// f)`, std::vector, std::array, std::tuple, std::pair and std::optional, in the order of declaration. What
// cannot hold a leaf (numbers, strings, options, functions, classes without a visit) is left alone. So is
// what the walk does not know (std::map, std::unique_ptr, std::variant): a parameter in there throws when it
// is used under a tape.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <iostream>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <fredholm/core/error.hpp>
#include <fredholm/core/parameter.hpp>
#include <fredholm/core/reflect.hpp>
#include <fredholm/core/shape.hpp>
#include <fredholm/core/type_mark.hpp>

namespace fredholm {

namespace detail {

template <class T>
inline constexpr bool is_vector = false;
template <class Element, class Allocator>
inline constexpr bool is_vector<std::vector<Element, Allocator>> = true;

template <class T>
inline constexpr bool is_std_array = false;
template <class Element, std::size_t Size>
inline constexpr bool is_std_array<std::array<Element, Size>> = true;

template <class T>
inline constexpr bool is_optional = false;
template <class Value>
inline constexpr bool is_optional<std::optional<Value>> = true;

template <class T>
inline constexpr bool is_tuple = false;
template <class... Element>
inline constexpr bool is_tuple<std::tuple<Element...>> = true;
template <class First, class Second>
inline constexpr bool is_tuple<std::pair<First, Second>> = true;

template <class T>
consteval bool can_hold_leaves();

struct AnyHoldsLeaves {
  template <class... Member>
  constexpr auto operator()(Member&...) const {
    return std::bool_constant<(can_hold_leaves<std::remove_const_t<Member>>() || ...)>{};
  }
};

/// Whether there may be a leaf somewhere in a T. A leaf owns memory, so that what is trivially copied has
/// none, and most options and functions need no look inside. Behind a std::vector the answer is a guess (yes,
/// for a struct): it may be a vector of the very struct that is asked about.
template <class T>
consteval bool can_hold_leaves() {
  if constexpr (is_leaf<T>) {
    return true;
  } else if constexpr (!std::is_class_v<T> || std::is_trivially_copyable_v<T>) {
    return false;
  } else if constexpr (is_vector<T>) {
    using Element = typename T::value_type;
    if constexpr (std::is_aggregate_v<Element> && !is_std_array<Element>) {
      return !std::is_trivially_copyable_v<Element>;
    } else {
      return can_hold_leaves<Element>();
    }
  } else if constexpr (is_std_array<T> || is_optional<T>) {
    return can_hold_leaves<typename T::value_type>();
  } else if constexpr (is_tuple<T>) {
    return decltype(std::apply(AnyHoldsLeaves{}, std::declval<T&>()))::value;
  } else if constexpr (Visitable<T>) {
    return true;
  } else if constexpr (std::is_aggregate_v<T>) {
    return decltype(with_fields(std::declval<T&>(), AnyHoldsLeaves{}))::value;
  } else {
    return false;
  }
}

}  // namespace detail

/// Whether the functions of this header find (or may find) leaves in a T: whether T is a model.
template <class T>
inline constexpr bool holds_leaves = detail::can_hold_leaves<std::remove_cv_t<T>>();

namespace detail {

/// One step of a path, on the stack of the walk: no string is made unless somebody asks for the path.
struct Step {
  const Step* parent = nullptr;
  std::string_view name{};
  std::size_t position = 0;  // where there is no name

  std::string path() const {
    if (parent == nullptr) return {};
    std::string path = parent->path();
    if (!path.empty()) path += '.';
    return name.empty() ? path + std::to_string(position) : path.append(name);
  }
};

/// Calls f(path, leaves...) or, if f takes no path, f(leaves...).
template <class F, class... Leaf>
void call_with_path(F& f, const Step& step, Leaf&... leaves) {
  if constexpr (requires { f(std::string(), leaves...); }) {
    f(step.path(), leaves...);
  } else {
    f(leaves...);
  }
}

/// Calls f(step, leaf) for every leaf under a node. Constant says that the whole model is const.
template <class F, bool Constant>
struct Walk {
  F& f;

  template <class Node>
  void operator()(const Step& step, Node& node) const {
    using Plain = std::remove_const_t<Node>;
    if constexpr (is_leaf<Plain>) {
      f(step, node);
    } else if constexpr (is_vector<Plain> || is_std_array<Plain>) {
      std::size_t position = 0;
      for (auto& element : node) (*this)(Step{&step, {}, position++}, element);
    } else if constexpr (is_optional<Plain>) {
      if (node.has_value()) (*this)(step, *node);
    } else if constexpr (is_tuple<Plain>) {
      std::size_t position = 0;
      std::apply([&](auto&... elements) { (if_it_holds_leaves(Step{&step, {}, position++}, elements), ...); },
                 node);
    } else {
      for_each_field(node, Members{*this, step});
    }
  }

 private:
  template <class Node>
  void if_it_holds_leaves(const Step& step, Node& node) const {
    if constexpr (holds_leaves<Node>) (*this)(step, node);
  }

  struct Members {
    const Walk& walk;
    const Step& step;

    template <class Member>
      requires holds_leaves<Member>
    void operator()(std::string_view name, Member& member) const {
      static_assert(
          Constant || !std::is_const_v<Member>,
          "a member that holds parameters is const (or a reference to const), so that they could not be "
          "trained: make it a plain value.");
      walk(Step{&step, name}, member);
    }
    void operator()(const auto&) const {}  // no leaves
  };
};

template <class Model, class F>
void walk(Model& model, F&& f) {
  static_assert(
      holds_leaves<Model>,
      "this is no model: neither a plain struct with a Parameter or a Buffer somewhere in it, nor a type "
      "with a `static void visit(auto& self, auto&& f)` that calls f(name, member) for each member.");
  if constexpr (holds_leaves<Model>) {
    Walk<std::remove_reference_t<F>, std::is_const_v<Model>>{f}(Step{}, model);
  }
}

}  // namespace detail

/// Calls f(path, leaf), or f(leaf) if that is what f takes, for every Parameter and Buffer of a model.
template <class Model, class F>
void for_each_leaf(Model& model, F&& f) {
  detail::walk(model, [&f](const detail::Step& step, auto& leaf) { detail::call_with_path(f, step, leaf); });
}

/// Calls f(path, leaf), or f(leaf) if that is what f takes, for every Parameter of a model.
template <class Model, class F>
void for_each_parameter(Model& model, F&& f) {
  detail::walk(model, [&f]<class Leaf>(const detail::Step& step, Leaf& leaf) {
    if constexpr (is_parameter<std::remove_const_t<Leaf>>) detail::call_with_path(f, step, leaf);
  });
}

namespace detail {

template <class Pointer>
struct FoundLeaf {
  Pointer address;
  const char* type;
};

/// A partner for each parameter of a first model: those of a second, in order.
template <class Second>
class Partners {
 public:
  using Pointer = std::conditional_t<std::is_const_v<Second>, const void*, void*>;

  explicit Partners(Second& model) {
    for_each_parameter(model, [&]<class Leaf>(Leaf& leaf) {
      found_.push_back({&leaf, &type_mark<std::remove_const_t<Leaf>>});
    });
  }

  template <class Leaf>
  auto& next(const Step& step, const Leaf& first) {
    using Partner = std::conditional_t<std::is_const_v<Second>, const Leaf, Leaf>;
    if (next_ == found_.size() || found_[next_].type != &type_mark<Leaf>) {
      fail("two models are walked together, and the second has no parameter in the place of ", step.path(),
           " ", first.shape(), " of the first. Their depths and options must be the same.");
    }
    auto& partner = *static_cast<Partner*>(found_[next_++].address);
    if (partner.shape() != first.shape()) {
      fail("two models are walked together, and ", step.path(), " has shape ", first.shape(),
           " in the first and ", partner.shape(),
           " in the second. Their widths and options must be the same.");
    }
    return partner;
  }

  void check_that_all_were_taken() const {
    require(next_ == found_.size(), "two models are walked together, and the first has ", next_,
            " parameters, the second ", found_.size(), ". Their depths and options must be the same.");
  }

 private:
  std::vector<FoundLeaf<Pointer>> found_;
  std::size_t next_ = 0;
};

}  // namespace detail

/// Calls f(path, a, b), or f(a, b) if that is what f takes, for the parameters of two models of one type,
/// pair by pair: a model and its gradient, a model and its moving average. Throws if their structures differ.
template <class First, class Second, class F>
void zip_parameters(First& first, Second& second, F&& f) {
  static_assert(std::is_same_v<std::remove_const_t<First>, std::remove_const_t<Second>>,
                "zip_parameters walks two models of one type: cast one of them to the type of the other.");
  detail::Partners<Second> partners(second);
  detail::walk(first, [&]<class Leaf>(const detail::Step& step, Leaf& leaf) {
    if constexpr (is_parameter<std::remove_const_t<Leaf>>) {
      detail::call_with_path(f, step, leaf, partners.next(step, std::as_const(leaf)));
    }
  });
  partners.check_that_all_were_taken();
}

/// How many real numbers are trained; a complex one counts twice.
template <class Model>
Index count_parameters(const Model& model) {
  Index count = 0;
  for_each_parameter(model, [&count](const auto& leaf) { count += leaf.size(); });
  return count;
}

/// The same model with the values f(path, leaf), or f(leaf) if that is what f takes, in its leaves.
template <class Model, class F>
Model map_leaves(const Model& model, F&& f) {
  Model result = model;
  detail::walk(result, [&f](const detail::Step& step, auto& leaf) {
    if constexpr (requires { leaf.set(f(std::string(), std::as_const(leaf))); }) {
      leaf.set(f(step.path(), std::as_const(leaf)));
    } else {
      leaf.set(f(std::as_const(leaf)));
    }
  });
  return result;
}

/// The same model with its parameters frozen: constants to every tape. The values are shared, not copied.
template <class Model>
  requires holds_leaves<Model>
Model detach(const Model& model) {
  Model result = model;
  for_each_parameter(result, [](auto& leaf) { leaf.set_frozen(true); });
  return result;
}

namespace detail {

/// A line of print(model): a layer and the leaves that are its own.
struct LayerLine {
  std::string layer;
  std::string leaves;
  Index count = 0;
};

template <class Leaf>
std::string described(std::string_view name, const Leaf& leaf) {
  std::string text(name);
  if (!text.empty()) text += ' ';
  text += to_string(leaf.shape());
  if (is_complex<typename Leaf::value_type>) text += " complex";
  if (!Leaf::trained) text += " kept";
  if (Leaf::trained && leaf.frozen()) text += " frozen";
  return text;
}

template <class Model>
std::vector<LayerLine> layer_lines(const Model& model) {
  std::vector<LayerLine> lines;
  for_each_leaf(model, [&lines]<class Leaf>(const std::string& path, const Leaf& leaf) {
    const std::size_t dot = path.rfind('.');
    const std::string layer = dot == std::string::npos ? "(model)" : path.substr(0, dot);
    auto same =
        std::find_if(lines.begin(), lines.end(), [&](const auto& line) { return line.layer == layer; });
    if (same == lines.end()) same = lines.insert(lines.end(), {layer, "", 0});
    LayerLine& line = *same;
    if (!line.leaves.empty()) line.leaves += ", ";
    line.leaves += described(std::string_view(path).substr(dot == std::string::npos ? 0 : dot + 1), leaf);
    if (Leaf::trained) line.count += leaf.size();
  });
  return lines;
}

}  // namespace detail

/// A table of a model: a line for each layer with its own leaves and their real numbers (of parameters; a
/// buffer, marked `kept`, counts nothing), and the total.
template <class Model>
  requires holds_leaves<Model>
void print(const Model& model, std::ostream& out = std::cout) {
  const auto lines = detail::layer_lines(model);
  const std::string total = std::to_string(count_parameters(model));
  std::size_t first = 5;
  std::size_t second = 6;
  const std::size_t third = std::max<std::size_t>(total.size(), 7);
  for (const auto& line : lines) {
    first = std::max(first, line.layer.size());
    second = std::max(second, line.leaves.size());
  }
  const auto row = [&](const std::string& layer, const std::string& leaves, const std::string& count) {
    out << layer << std::string(first - layer.size() + 2, ' ') << leaves
        << std::string(second - leaves.size() + 2 + third - count.size(), ' ') << count << '\n';
  };
  row("layer", "leaves", "numbers");
  for (const auto& line : lines) row(line.layer, line.leaves, std::to_string(line.count));
  row("total", "", total);
}

}  // namespace fredholm
