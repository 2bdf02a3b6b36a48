"""Fixtures of neuraloperator's FNO for tests/unit/neuraloperator.cpp: weights, input, output of every block, output.

    python -m venv .venv && .venv/bin/pip install torch==2.13.0 neuraloperator==2.0.0 safetensors
    .venv/bin/python neuraloperator_fno.py write folder     # writes folder/neuraloperator_*.safetensors
    .venv/bin/python neuraloperator_fno.py read file        # a file that save_neuraloperator_fno wrote

With neuraloperator==1.0.2 in another venv (the same torch runs it; its torch-harmonics==0.7.3 is built from source, with
--no-build-isolation) `write` makes neuraloperator_v1_*.safetensors. Of 1.x only 1.0.2 can be used: the wheels of 1.0.0 and
1.0.1 hold no models.

The released 1.0.2 and 2.0.0 shift the leading frequencies back with the forward shift, which is wrong for odd sizes (mended
on the main branch, PR 688). For those the file holds the output of the released code under "released" and that of the
corrected one under "output": the layer is patched here, with ifftshift where it belongs. Nothing else is patched: an odd
number of modes on an even number of points is the window -(m+1)/2 ... (m-3)/2 in 1.0.2 and -(m-1)/2 ... (m-1)/2 in 2.0.0.
Inputs are smooth and not symmetric.
"""

import sys

import neuralop
import torch
from neuralop.layers import spectral_convolution
from neuralop.models import FNO
from safetensors.torch import load_file, save_file


def model_of(modes, seed, channels=6, layers=2, inputs=2, outputs=1):
    torch.manual_seed(seed)
    model = FNO(n_modes=modes, hidden_channels=channels, in_channels=inputs, out_channels=outputs, n_layers=layers)
    for parameter in model.parameters():  # gates and biases start at constants
        if parameter.dtype.is_complex or parameter.ndim == 1 or 1 in parameter.shape:
            with torch.no_grad():
                noise = torch.randn_like(parameter)
                parameter.add_(0.2 * noise if not parameter.dtype.is_complex else 0.02 * noise)
    return model.eval()


def field(sizes, channels):
    axes = [torch.arange(n, dtype=torch.float64) / n for n in sizes]
    grid = torch.meshgrid(*axes, indexing="ij")
    two_pi = 2 * torch.pi
    phase = sum((a + 1) * x for a, x in enumerate(grid))
    waves = [torch.exp(torch.sin(two_pi * phase) + 0.3 * c) + torch.cos(two_pi * grid[-1] + c) for c in range(channels)]
    return torch.stack(waves)[None].to(torch.float32)


def run(model, x):
    blocks = []
    h = model.positional_embedding(x)
    h = model.lifting(h)
    for i in range(model.n_layers):
        h = model.fno_blocks(h, i)
        blocks.append(h.clone())
    y = model.projection(h)
    assert torch.allclose(y, model(x), atol=1e-6)
    return y, blocks


class CorrectedShift:
    """torch.fft with the shift back turned into the inverse one, for the time of a with-block."""

    def __enter__(self):
        self.forward = torch.fft.fftshift
        self.calls = 0
        original = self.forward

        def shift(x, dim=None):
            self.calls += 1
            return original(x, dim=dim) if self.calls % 2 == 1 else torch.fft.ifftshift(x, dim=dim)

        spectral_convolution.torch.fft.fftshift = shift

    def __exit__(self, *_):
        spectral_convolution.torch.fft.fftshift = self.forward


def cases():
    """(name, n_modes, sizes, channels)"""
    one_and_two = [("1d_even", (8,), (16,), 6), ("1d_odd", (8,), (17,), 6)]
    if neuralop.__version__.startswith("1."):
        return [*((f"v1_{name}", *rest) for name, *rest in one_and_two),
                ("v1_2d_even", (4, 6), (12, 14), 4), ("v1_2d_odd", (4, 6), (11, 13), 4),
                ("v1_2d_odd_modes", (5, 7), (12, 14), 4), ("v1_2d_odd_modes_odd", (5, 7), (11, 13), 4)]
    return [*one_and_two, ("2d_even", (4, 6), (12, 14), 6), ("2d_odd", (4, 6), (11, 13), 6),
            ("3d_even", (4, 4, 4), (8, 10, 8), 4), ("3d_odd", (4, 4, 4), (7, 9, 11), 4),
            ("2d_odd_modes", (5, 7), (12, 14), 4), ("3d_odd_modes", (3, 4, 5), (6, 8, 8), 4)]


def write(folder):
    for name, modes, sizes, channels in cases():
        model = model_of(modes, seed=7, channels=channels)
        x = field(sizes, 2)
        with torch.no_grad():
            released, released_blocks = run(model, x)
            with CorrectedShift():
                y, blocks = run(model, x)
        if len(modes) == 1 or all(n % 2 == 0 for n in sizes[:-1]):
            assert torch.allclose(y, released, atol=1e-6), name
        tensors = {k: v.contiguous() for k, v in model.state_dict().items() if isinstance(v, torch.Tensor)}
        tensors |= {"fixture.input": x, "fixture.output": y.contiguous(), "fixture.released": released.contiguous()}
        tensors |= {f"fixture.block.{i}": b.contiguous() for i, b in enumerate(blocks)}
        save_file(tensors, f"{folder}/neuraloperator_{name}.safetensors",
                  metadata={"neuraloperator": neuralop.__version__, "torch": torch.__version__,
                            "modes": str(modes), "sizes": str(sizes)})
        print(name, {k: tuple(v.shape) for k, v in tensors.items()} if name.endswith("2d_even") else "",
              "largest difference between released and corrected:", float((y - released).abs().max()))


def read(path):
    """The model of a file that fredholm saved gives the output that fredholm wrote beside it."""
    tensors = load_file(path)
    fixture = {k: tensors.pop(k) for k in list(tensors) if k.startswith("fixture.")}
    weight = tensors["fno_blocks.convs.0.weight.tensor"]
    inputs = tensors["lifting.fcs.0.weight"].shape[1] - (weight.ndim - 2)
    modes = [*weight.shape[2:-1], 2 * (weight.shape[-1] - 1)]
    model = model_of(modes, 0, weight.shape[0], sum(k.endswith("weight.tensor") for k in tensors), inputs,
                     tensors["projection.fcs.1.weight"].shape[0])
    model.load_state_dict(tensors)
    with torch.no_grad(), CorrectedShift():
        y, _ = run(model.eval(), fixture["fixture.input"])
    gap = float((y - fixture["fixture.output"]).abs().max() / y.abs().max())
    print("largest difference, relative to the largest value:", gap)
    sys.exit(gap > 1e-5)


if __name__ == "__main__":
    {"write": write, "read": read}[sys.argv[1]](sys.argv[2])
