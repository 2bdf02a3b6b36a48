// Fourier neural operators of neuraloperator (github.com/neuraloperator/neuraloperator), 1.x and 2.x, as
// safetensors.
//
//   const auto model = load_neuraloperator_fno<2>("fno.safetensors");        // Fno<2, float>
//   save_neuraloperator_fno(model, "fno.safetensors");
//
//   in Python:   weights = {k: v for k, v in model.state_dict().items() if k != "_metadata"}
//                safetensors.torch.save_file(weights, "fno.safetensors")
//
// Read are dense models with linear Fourier skips, channel perceptrons with soft-gated skips and the grid
// embedding: the defaults of neuralop.models.FNO. Options that leave no array in the file cannot be seen in
// it: domain padding, instance norm, preactivation, a stabilizer, another activation than gelu, n_modes below
// max_n_modes. Do not use this for those. Sizes are inferred from the shapes. The correspondence, with D
// axes:
//
//   lifting.fcs.{0,1}.{weight (2H, in + D, 1), bias}      lift.layers.{0,1}       weights there: (out, in, 1)
//   fno_blocks.convs.{i}.weight.tensor (in, out, m...)    blocks.{i}.spectral.weight  (m..., in, out)
//   fno_blocks.convs.{i}.bias (H, 1...)                   blocks.{i}.skip.bias
//   fno_blocks.fno_skips.{i}.conv.weight (H, H, 1)        blocks.{i}.skip.weight
//   fno_blocks.channel_mlp.{i}.fcs.{0,1}                  blocks.{i}.mixing.mlp.layers.{0,1}
//   fno_blocks.channel_mlp_skips.{i}.weight (1, H, 1...)  blocks.{i}.mixing.gate
//   projection.fcs.{0,1}                                  project.layers.{0,1}
//
// The model expects a field on a periodic grid of [0, 1]^D (coordinates k/N, as there), channels last. An odd
// number m of modes along a leading axis becomes an even one with a row of zeros; which frequencies the m are
// is in no array, see OddModes.
//
// Where it differs from the released 1.0.2 and 2.0.0: they shift the leading frequencies back with the
// forward shift, which is wrong for odd sizes (corrected on the main branch). And frequencies at or above
// Nyquist's are left out here, while there the real part of Nyquist's stays: use fewer than N/2 modes, as
// everybody does. Tensorized weights, group and batch norms and complex data are not read: an array beyond
// the names above is refused by name. So is a model without channel perceptrons (use_channel_mlp = False),
// where 2.0.0 applies gelu twice in a row. Fixtures are of 1.0.2, the one release of 1.x whose wheel holds
// models, and of 2.0.0.
#pragma once

#include <array>
#include <complex>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include <fredholm/operators/fno.hpp>
#include <fredholm/train/checkpoint/safetensors.hpp>

namespace fredholm {

/// Which frequencies an odd number m of modes along a leading axis is. `centred`: -(m-1)/2 ... (m-1)/2, as
/// 2.0.0 has it, and 1.0.2 on an odd number of points. `lower`: -(m+1)/2 ... (m-3)/2, as 1.0.2 has it on an
/// even number of points.
enum class OddModes { centred, lower };

namespace detail {

/// The arrays of one file, checked as they are taken; what was not taken in the end is refused.
class NeuraloperatorFile {
 public:
  explicit NeuraloperatorFile(const std::filesystem::path& path) : file_(read_safetensors(path)) {}

  bool has(const std::string& name) const { return file_.find(name) != nullptr; }

  const std::vector<Index>& shape(const std::string& name) const {
    const TensorInfo* tensor = file_.find(name);
    if (tensor == nullptr) refuse("it has no array `" + name + "`");
    return tensor->shape;
  }

  std::vector<float> real(const std::string& name, const std::vector<Index>& expected) {
    check(name, expected);
    return file_.values<float>(name);
  }

  /// C64, or F32 with a last axis of 2.
  std::vector<std::complex<float>> complex(const std::string& name, std::vector<Index> expected) {
    if (file_.find(name) != nullptr && file_.find(name)->dtype == "F32") {
      expected.push_back(2);
      check(name, expected);
      const auto pairs = file_.values<float>(name);
      std::vector<std::complex<float>> values(pairs.size() / 2);
      for (std::size_t i = 0; i < values.size(); ++i) values[i] = {pairs[2 * i], pairs[2 * i + 1]};
      return values;
    }
    check(name, expected);
    return file_.values<std::complex<float>>(name);
  }

  void require_all_taken() const {
    for (const TensorInfo& tensor : file_.tensors()) {
      if (tensor.name.starts_with("fixture.")) continue;
      if (!taken_.contains(tensor.name)) {
        refuse("its array `" + tensor.name +
               "` has no place in a dense FNO with linear skips, channel perceptrons and soft gates");
      }
    }
  }

  [[noreturn]] void refuse(const std::string& reason) const {
    throw std::runtime_error("cannot read " + file_.path().string() +
                             " as an FNO of neuraloperator: " + reason + ".");
  }

 private:
  void check(const std::string& name, const std::vector<Index>& expected) {
    if (shape(name) != expected) {
      refuse("its array `" + name + "` has the shape " + shape_text(shape(name)) + ", and " +
             shape_text(expected) + " was expected");
    }
    taken_.insert(name);
  }

  SafetensorsFile file_;
  std::set<std::string> taken_;
};

/// A 1 x 1 convolution (out, in, 1), with its bias unless another array serves as one.
inline Linear<float> read_pointwise(NeuraloperatorFile& file, const std::string& name,
                                    const std::string& bias_name, Index in, Index out,
                                    const std::vector<Index>& bias_shape) {
  const auto weight = file.real(name, {out, in, 1});
  Array<float> transposed(Shape{in, out});
  for (Index i = 0; i < in; ++i) {
    for (Index o = 0; o < out; ++o)
      transposed.mutable_data()[i * out + o] = weight[static_cast<std::size_t>(o * in + i)];
  }
  return {Parameter<float>(transposed),
          Parameter<float>(Array<float>({out}, file.real(bias_name, bias_shape)))};
}

/// `in` and `out` are the channels that the rest of the file asks for, 0 if it asks for none.
inline Mlp<Gelu, float> read_perceptron(NeuraloperatorFile& file, const std::string& name, Index in,
                                        Index out) {
  Mlp<Gelu, float> mlp;
  const auto layer = [&](Index i) { return name + ".fcs." + std::to_string(i); };
  for (Index i = 0; file.has(layer(i) + ".weight"); ++i) {
    const auto& shape = file.shape(layer(i) + ".weight");
    if (shape.size() != 3) file.refuse("`" + layer(i) + ".weight` is no convolution of width 1");
    const bool last = !file.has(layer(i + 1) + ".weight");
    const Index to = last && out > 0 ? out : shape[0];
    mlp.layers.push_back(
        read_pointwise(file, layer(i) + ".weight", layer(i) + ".bias", in > 0 ? in : shape[1], to, {to}));
    in = to;
  }
  if (mlp.layers.empty()) file.refuse("it has no array `" + layer(0) + ".weight`");
  return mlp;
}

/// Where a coefficient of neuraloperator's stands here. An odd window of m frequencies is one of m + 1,
/// without the first of them (centred) or the last (lower).
template <Index D>
struct ModeWindow {
  std::array<Index, static_cast<std::size_t>(D)> theirs{}, ours{};
  OddModes odd;

  ModeWindow(const std::vector<Index>& weight_shape, OddModes odd_modes) : odd(odd_modes) {
    for (Index a = 0; a < D; ++a) {
      const auto i = static_cast<std::size_t>(a);
      theirs[i] = weight_shape[i + 2];
      ours[i] = a + 1 < D ? theirs[i] + theirs[i] % 2 : theirs[i];
    }
  }

  /// visit(their position, our position) for each mode.
  void for_each(const std::function<void(Index, Index)>& visit) const {
    Index count = 1;
    for (Index m : theirs) count *= m;
    for (Index mode = 0; mode < count; ++mode) {
      Index rest = mode, place = 0, stride = 1;
      for (Index a = D - 1; a >= 0; --a) {
        const auto i = static_cast<std::size_t>(a);
        const Index skipped = a + 1 < D && odd == OddModes::centred ? theirs[i] % 2 : 0;
        place += stride * (rest % theirs[i] + skipped);
        stride *= ours[i];
        rest /= theirs[i];
      }
      visit(mode, place);
    }
  }
};

template <Index D>
SpectralConvolution<D, float> read_spectral(NeuraloperatorFile& file, const std::string& name, Index channels,
                                            OddModes odd) {
  const auto shape = file.shape(name);
  if (std::ssize(shape) < D + 2 || shape[0] != channels || shape[1] != channels) {
    file.refuse("`" + name + "` has the shape " + shape_text(shape) + ", which is no dense weight in " +
                std::to_string(D) + " dimensions with " + std::to_string(channels) + " channels");
  }
  const std::vector<Index> expected(shape.begin(), shape.begin() + D + 2);
  const auto weight = file.complex(name, expected);
  const ModeWindow<D> window(expected, odd);
  Shape planes{2};
  Index modes = 1;
  for (Index m : window.ours) planes.push_back(m), modes *= m;
  Index their_modes = 1;
  for (Index m : window.theirs) their_modes *= m;
  planes.push_back(channels), planes.push_back(channels);
  Array<float> values = Array<float>::zeros(planes);
  float* to = values.mutable_data();
  window.for_each([&](Index theirs, Index ours) {
    for (Index in = 0; in < channels; ++in) {
      for (Index out = 0; out < channels; ++out) {
        const auto value = weight[static_cast<std::size_t>((in * channels + out) * their_modes + theirs)];
        to[(ours * channels + in) * channels + out] = value.real();
        to[((modes + ours) * channels + in) * channels + out] = value.imag();
      }
    }
  });
  return {Parameter<std::complex<float>>(values), {}};
}

}  // namespace detail

/// The model of a state dict of neuraloperator. Throws std::runtime_error with the file and the array for
/// what is not such a model. `odd` matters for odd n_modes along the axes before the last.
template <Index D>
Fno<D, float> load_neuraloperator_fno(const std::filesystem::path& path, OddModes odd = OddModes::centred) {
  detail::NeuraloperatorFile file(path);
  if (file.has("fno_blocks.convs.bias")) {
    file.refuse(
        "its array `fno_blocks.convs.bias` is that of all blocks, as neuraloperator had it before 1.0");
  }
  Fno<D, float> model;
  model.lift = detail::read_perceptron(file, "lifting", 0, 0);
  const Index channels = model.lift.layers.back().bias.size();
  model.project = detail::read_perceptron(file, "projection", channels, 0);
  std::vector<Index> bias_shape{channels}, gate_shape{1, channels};
  for (Index a = 0; a < D; ++a) bias_shape.push_back(1), gate_shape.push_back(1);
  for (Index i = 0; file.has("fno_blocks.convs." + std::to_string(i) + ".weight.tensor") || i == 0; ++i) {
    const auto name = [&](const std::string& part, const std::string& rest) {
      return "fno_blocks." + part + "." + std::to_string(i) + "." + rest;
    };
    auto spectral = detail::read_spectral<D>(file, name("convs", "weight.tensor"), channels, odd);
    auto skip = detail::read_pointwise(file, name("fno_skips", "conv.weight"), name("convs", "bias"),
                                       channels, channels, bias_shape);
    if (!file.has(name("channel_mlp", "fcs.0.weight"))) {
      file.refuse(
          "it has no array `" + name("channel_mlp", "fcs.0.weight") +
          "`: without channel perceptrons (use_channel_mlp = False) neuraloperator applies gelu twice "
          "in a row, which an Fno here does not");
    }
    auto mlp =
        detail::read_perceptron(file, "fno_blocks.channel_mlp." + std::to_string(i), channels, channels);
    auto gate = file.real(name("channel_mlp_skips", "weight"), gate_shape);
    ChannelMixing<Gelu, float> mixing{std::move(mlp),
                                      Parameter<float>(Array<float>({channels}, std::move(gate)))};
    model.blocks.push_back({std::move(spectral), std::move(skip), std::move(mixing)});
  }
  file.require_all_taken();
  return model;
}

/// Writes a model that was read by load_neuraloperator_fno, or made with the same parts: position
/// coordinates, a hidden layer in the lift, channel mixing in every block, no padding. `more` are arrays
/// beside it.
template <Index D>
void save_neuraloperator_fno(const Fno<D, float>& model, const std::filesystem::path& path,
                             std::vector<NamedTensor> more = {}) {
  require(
      model.lift.layers.size() == 2 && model.project.layers.size() == 2,
      "save_neuraloperator_fno: neuraloperator's FNO has a hidden layer in lift and projection; make the model with "
      ".lift_ratio = 2.");
  require(model.coordinates && !model.waves,
          "save_neuraloperator_fno: neuraloperator's FNO appends coordinates, and the "
          "model does not; make it with .position = Position::coordinates.");
  std::vector<NamedTensor> tensors = std::move(more);
  const auto add = [&tensors](const std::string& name, const std::string& dtype, std::vector<Index> shape,
                              auto values) {
    const auto owner = std::make_shared<decltype(values)>(std::move(values));
    tensors.push_back({name, dtype, std::move(shape), std::shared_ptr<const void>(owner, owner->data())});
  };
  const auto flat_values = [](const auto& leaf) {
    return std::vector<float>(leaf.value().data(), leaf.value().data() + leaf.size());
  };
  const auto add_weight = [&](const std::string& name, const Linear<float>& layer) {
    const Index in = layer.weight.shape()[0], out = layer.weight.shape()[1];
    std::vector<float> transposed(static_cast<std::size_t>(in * out));
    for (Index i = 0; i < in; ++i) {
      for (Index o = 0; o < out; ++o)
        transposed[static_cast<std::size_t>(o * in + i)] = layer.weight.value().data()[i * out + o];
    }
    add(name, "F32", {out, in, 1}, std::move(transposed));
  };
  const auto add_perceptron = [&](const std::string& name, const Mlp<Gelu, float>& mlp) {
    for (std::size_t i = 0; i < mlp.layers.size(); ++i) {
      const std::string layer = name + ".fcs." + std::to_string(i);
      add_weight(layer + ".weight", mlp.layers[i]);
      add(layer + ".bias", "F32", {mlp.layers[i].bias.size()}, flat_values(mlp.layers[i].bias));
    }
  };
  add_perceptron("lifting", model.lift);
  add_perceptron("projection", model.project);
  for (std::size_t b = 0; b < model.blocks.size(); ++b) {
    const auto& block = model.blocks[b];
    const std::string i = std::to_string(b);
    for (double p : block.spectral.padding)
      require(p == 0.0, "save_neuraloperator_fno: block ", i, " has a padding of ", p,
              ", a length; neuraloperator pads in cells and cannot say that.");
    require(block.mixing.has_value(), "save_neuraloperator_fno: block ", i,
            " has no channel mixing; make the model with .mlp_ratio = 0.5.");
    const Shape shape = block.spectral.weight.shape();
    const Index in = shape[D], out = shape[D + 1];
    std::vector<Index> their_shape{in, out};
    Index modes = 1;
    for (Index a = 0; a < D; ++a) their_shape.push_back(shape[a]), modes *= shape[a];
    std::vector<std::complex<float>> weight(static_cast<std::size_t>(modes * in * out));
    const float* from = block.spectral.weight.value().data();
    for (Index mode = 0; mode < modes; ++mode) {
      for (Index c = 0; c < in * out; ++c)
        weight[static_cast<std::size_t>(c * modes + mode)] = {from[mode * in * out + c],
                                                              from[(modes + mode) * in * out + c]};
    }
    add("fno_blocks.convs." + i + ".weight.tensor", "C64", their_shape, std::move(weight));
    std::vector<Index> bias_shape{out}, gate_shape{1, out};
    for (Index a = 0; a < D; ++a) bias_shape.push_back(1), gate_shape.push_back(1);
    add("fno_blocks.convs." + i + ".bias", "F32", bias_shape, flat_values(block.skip.bias));
    add_weight("fno_blocks.fno_skips." + i + ".conv.weight", block.skip);
    add_perceptron("fno_blocks.channel_mlp." + i, block.mixing->mlp);
    add("fno_blocks.channel_mlp_skips." + i + ".weight", "F32", gate_shape, flat_values(block.mixing->gate));
  }
  write_safetensors(path, tensors, {{"format", "pt"}});
}

}  // namespace fredholm
