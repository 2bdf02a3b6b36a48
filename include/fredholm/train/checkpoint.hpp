// A model in a file, as safetensors (train/checkpoint/safetensors.hpp), readable by other programs and
// languages.
//
//   save(model, "model.safetensors", {{"epoch", "12"}});
//   load(model, "model.safetensors");                       // into a model made with the same options
//   read_metadata("model.safetensors").at("epoch");
//
// Parameters and buffers are kept under their paths (core/tree.hpp), in their own precision: F32, F64, and
// C64 for std::complex<float>. The format has no complex double: it is written as F64 with a last axis of 2,
// (re, im). The two planes that a complex leaf holds in memory are interleaved in the file.
//
// A file that does not fit the model leaves the model as it was, and the exception names each array, with its
// shape and type on both sides. A write that fails leaves the old file as it was.
#pragma once

#include <complex>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <fredholm/core/array.hpp>
#include <fredholm/core/error.hpp>
#include <fredholm/core/parameter.hpp>
#include <fredholm/core/tree.hpp>
#include <fredholm/train/checkpoint/safetensors.hpp>

namespace fredholm {

namespace detail {

template <class T>
inline constexpr bool is_complex_double = std::is_same_v<T, std::complex<double>>;

/// How the values of a leaf are named in the file.
template <class T>
inline constexpr std::string_view leaf_dtype = dtype_of<std::conditional_t<is_complex_double<T>, double, T>>;

template <class Leaf>
std::vector<Index> leaf_shape(const Leaf& leaf) {
  const Shape shape = leaf.shape();
  std::vector<Index> result(shape.begin(), shape.end());
  if (is_complex_double<typename Leaf::value_type>) result.push_back(2);
  return result;
}

/// (re, im), (re, im), ... from the plane of real and the plane of imaginary parts.
template <class Real>
std::vector<Real> interleaved(const Array<Real>& planes) {
  const auto half = static_cast<std::size_t>(planes.size() / 2);
  std::vector<Real> pairs(2 * half);
  for (std::size_t i = 0; i < half; ++i) {
    pairs[2 * i] = planes.data()[i];
    pairs[2 * i + 1] = planes.data()[half + i];
  }
  return pairs;
}

template <class Leaf>
std::shared_ptr<const void> leaf_values(const Leaf& leaf) {
  if constexpr (is_complex<typename Leaf::value_type>) {
    auto pairs = std::make_shared<std::vector<typename Leaf::real_type>>(interleaved(leaf.value()));
    return {pairs, pairs->data()};
  } else {
    return leaf.value().shared();
  }
}

/// The values of a leaf, in the form that it holds them.
template <class T>
Array<real_t<T>> read_leaf_values(SafetensorsFile& file, const std::string& path, const Shape& array_shape) {
  Array<real_t<T>> values(array_shape);
  real_t<T>* const to = values.mutable_data();
  if constexpr (!is_complex<T>) {
    file.read(path, std::span<T>(to, static_cast<std::size_t>(values.size())));
  } else {
    const auto pairs = file.values<std::conditional_t<is_complex_double<T>, double, T>>(path);
    const auto* numbers = reinterpret_cast<const real_t<T>*>(pairs.data());  // as std::complex promises
    const Index half = values.size() / 2;
    for (Index i = 0; i < half; ++i) {
      to[i] = numbers[2 * i];
      to[half + i] = numbers[2 * i + 1];
    }
  }
  return values;
}

inline std::string typed_shape(std::string_view dtype, std::span<const Index> shape) {
  return std::string(dtype) + " " + shape_text(shape);
}

/// Everything in which a file and a model differ, in words.
template <class Model>
std::vector<std::string> differences(const SafetensorsFile& file, const Model& model) {
  std::vector<std::string> found;
  std::set<std::string> paths;
  for_each_leaf(model, [&]<class Leaf>(const std::string& path, const Leaf& leaf) {
    paths.insert(path);
    constexpr std::string_view dtype = leaf_dtype<typename Leaf::value_type>;
    const std::vector<Index> shape = leaf_shape(leaf);
    const TensorInfo* tensor = file.find(path);
    const std::string here = path + " is " + typed_shape(dtype, shape) + " in the model";
    if (tensor == nullptr) {
      found.push_back(here + " and not in the file");
    } else if (tensor->shape != shape || tensor->dtype != dtype) {
      found.push_back(here + " and " + typed_shape(tensor->dtype, tensor->shape) + " in the file");
      const bool precision =
          (tensor->dtype == "F64" && dtype == "F32") || (tensor->dtype == "F32" && dtype == "F64");
      if (precision && tensor->shape == shape) {
        found.back() += tensor->dtype == "F64"
                            ? " (load it into a model of double, and say cast<float>(model))"
                            : " (load it into a model of float, and say cast<double>(model))";
      }
    }
  });
  for (const TensorInfo& tensor : file.tensors()) {
    if (!paths.contains(tensor.name)) {
      found.push_back(tensor.name + " is " + typed_shape(tensor.dtype, tensor.shape) +
                      " in the file and not in the model");
    }
  }
  return found;
}

/// The one member of `whole` whose leaves have the names `part`, in C++; nothing if there are none or two.
inline std::optional<std::string> member_with(const std::set<std::string>& part,
                                              const std::set<std::string>& whole) {
  std::optional<std::string> found;
  if (part.empty()) return found;
  for (const std::string& name : whole) {
    if (!name.ends_with("." + *part.begin())) continue;
    const std::string prefix = name.substr(0, name.size() - part.begin()->size());
    std::set<std::string> inside;
    for (const std::string& other : whole) {
      if (other.starts_with(prefix)) inside.insert(other.substr(prefix.size()));
    }
    if (inside != part) continue;
    if (found) return std::nullopt;
    found.emplace();
    std::istringstream steps(prefix);
    for (std::string step; std::getline(steps, step, '.');) {
      const bool index = step.find_first_not_of("0123456789") == std::string::npos;
      *found += index ? "[" + step + "]" : "." + step;
    }
  }
  return found;
}

/// What to do about them: a wrapper that one has and the other has not, or other options.
template <class Model>
std::string remedy(const SafetensorsFile& file, const Model& model) {
  std::set<std::string> here, there;
  for_each_leaf(model, [&](const std::string& path, const auto&) { here.insert(path); });
  for (const TensorInfo& tensor : file.tensors()) there.insert(tensor.name);
  if (const auto member = member_with(there, here))
    return "The file has the names of a member: load(model" + *member + ", file).";
  if (const auto member = member_with(here, there))
    return "The file has the names of a model whose member `" +
           member->substr(member->front() == '.' ? 1 : 0) +
           "` this one is: load what was saved, and take the member of it.";
  return "Make the model with the options that it was saved with.";
}

template <class Model>
void require_fit(const SafetensorsFile& file, const Model& model) {
  const auto found = differences(file, model);
  if (found.empty()) return;
  constexpr std::size_t shown = 8;
  std::string list;
  for (std::size_t i = 0; i < found.size() && i < shown; ++i) list += "\n  " + found[i];
  if (found.size() > shown) list += "\n  and " + std::to_string(found.size() - shown) + " more";
  fail(file.path().string(), " does not fit the model, which is left as it was:", list, "\n",
       remedy(file, model));
}

}  // namespace detail

/// Writes the parameters and buffers of a model. The metadata are the caller's: any texts under any names.
template <class Model>
  requires holds_leaves<Model>
void save(const Model& model, const std::filesystem::path& path, const Metadata& metadata = {}) {
  std::vector<NamedTensor> tensors;
  for_each_leaf(model, [&tensors]<class Leaf>(const std::string& name, const Leaf& leaf) {
    constexpr std::string_view dtype = detail::leaf_dtype<typename Leaf::value_type>;
    tensors.push_back({name, std::string(dtype), detail::leaf_shape(leaf), detail::leaf_values(leaf)});
  });
  write_safetensors(path, tensors, metadata);
}

/// Reads the parameters and buffers of a model that was made with the same options as the one that was saved.
template <class Model>
  requires holds_leaves<Model>
void load(Model& model, const std::filesystem::path& path) {
  SafetensorsFile file = read_safetensors(path);
  detail::require_fit(file, std::as_const(model));
  // All is read before anything is set: a disk that fails in between leaves the model as it was, too.
  std::vector<std::variant<Array<float>, Array<double>>> values;
  for_each_leaf(std::as_const(model), [&]<class Leaf>(const std::string& name, const Leaf& leaf) {
    values.emplace_back(
        detail::read_leaf_values<typename Leaf::value_type>(file, name, leaf.value().shape()));
  });
  std::size_t next = 0;
  for_each_leaf(model, [&]<class Leaf>(Leaf& leaf) {
    leaf.set(std::get<Array<typename Leaf::real_type>>(std::move(values[next++])));
  });
}

/// The metadata that `save` was given.
inline Metadata read_metadata(const std::filesystem::path& path) { return read_safetensors(path).metadata(); }

}  // namespace fredholm
