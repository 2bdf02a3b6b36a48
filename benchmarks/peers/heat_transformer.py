"""The transformer of examples/02_heat_on_any_grid.cpp in PyTorch: seconds for a training step, float32.

    python -m venv .venv && .venv/bin/pip install torch==2.13.0
    .venv/bin/python heat_transformer.py [threads]

The same sizes: 65 points, batch 20, 32 channels, 4 heads, 4 blocks, perceptrons of width 64, Fourier features, relative
L2 loss, Adam. The weights of the trapezoid rule go into attention as an additive mask, log w. Compare with
`benchmark_training_step` (transformer<RuleOfField>), run on the same machine with as many threads.
"""

import math
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

BATCH, POINTS, CHANNELS, HEADS, DEPTH, FREQUENCIES = 20, 65, 32, 4, 4, 4


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(CHANNELS), nn.LayerNorm(CHANNELS)
        self.qkv = nn.Linear(CHANNELS, 3 * CHANNELS)
        self.out = nn.Linear(CHANNELS, CHANNELS)
        self.mlp = nn.Sequential(nn.Linear(CHANNELS, 2 * CHANNELS), nn.GELU(), nn.Linear(2 * CHANNELS, CHANNELS))

    def forward(self, u, mask):
        split = lambda x: x.view(x.shape[0], x.shape[1], HEADS, -1).transpose(1, 2)
        q, k, v = map(split, self.qkv(self.norm1(u)).chunk(3, dim=-1))
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        u = u + self.out(mixed.transpose(1, 2).reshape(u.shape))
        return u + self.mlp(self.norm2(u))


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.lift = nn.Linear(1 + 2 * FREQUENCIES, CHANNELS)
        self.blocks = nn.ModuleList(Block() for _ in range(DEPTH))
        self.norm = nn.LayerNorm(CHANNELS)
        self.project = nn.Sequential(nn.Linear(CHANNELS, 2 * CHANNELS), nn.GELU(), nn.Linear(2 * CHANNELS, 1))

    def forward(self, u, features, mask):
        v = self.lift(torch.cat([u, features.expand(u.shape[0], -1, -1)], dim=-1))
        for block in self.blocks:
            v = block(v, mask)
        return self.project(self.norm(v))


def main():
    threads = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    x = torch.linspace(0, 1, POINTS)
    w = torch.full((POINTS,), 1 / (POINTS - 1))
    w[0] = w[-1] = w[0] / 2
    phases = math.pi * x[:, None] * torch.arange(1, FREQUENCIES + 1)
    features = torch.cat([phases.cos(), phases.sin()], dim=-1)[None]
    mask = w.log()[None, None, None, :]
    model = Transformer()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)
    u = torch.randn(BATCH, POINTS, 1)

    def step():
        optimizer.zero_grad()
        error = ((model(u, features, mask) - u) ** 2 * w[None, :, None]).sum((1, 2)).sqrt()
        loss = (error / (u**2 * w[None, :, None]).sum((1, 2)).sqrt()).mean()
        loss.backward()
        optimizer.step()

    for _ in range(10):
        step()
    times = []
    for _ in range(60):
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    a = torch.randn(1024, 1024)
    a @ a
    start = time.perf_counter()
    for _ in range(5):
        a @ a
    rate = 5 * 2 * 1024**3 / (time.perf_counter() - start)
    parameters = sum(p.numel() for p in model.parameters())
    print(f"torch {torch.__version__}, {threads} threads, product of 1024 x 1024 matrices {rate * 1e-9:.0f} Gflop/s")
    print(f"{parameters} parameters, training step {1e3 * sorted(times)[len(times) // 2]:.2f} ms (median of 60)")


main()
