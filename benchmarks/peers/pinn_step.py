"""A step of a physics-informed network in PyTorch and in DeepXDE on it, beside benchmark_pinn_step: the Burgers residual
u_t + u u_x - nu u_xx at random points, its mean square, and the gradient by all parameters. Float32 and float64.

    python -m venv .venv && .venv/bin/pip install torch==2.13.0 deepxde==1.15.0
    cmake --preset release && cmake --build --preset release --target benchmark_pinn_step
    .venv/bin/python pinn_step.py ../../build/release/benchmarks/benchmark_pinn_step

PyTorch: derivatives by nested torch.autograd.grad with create_graph. DeepXDE: the same by dde.grad.jacobian and hessian,
which remember what they have differentiated already. On one thread times are processor times, on two by the clock; the
programs take turns, and a row is made of the best of all turns on each side.
"""

import json
import math
import os
import subprocess
import sys
import tempfile
import time

os.environ["DDE_BACKEND"] = "pytorch"
import deepxde as dde
import torch

NU = 0.01 / math.pi


def network(depth, width, dtype):
    widths = [2] + [width] * depth + [1]
    layers = []
    for i in range(len(widths) - 1):
        layers.append(torch.nn.Linear(widths[i], widths[i + 1], dtype=dtype))
        if i + 2 < len(widths):
            layers.append(torch.nn.Tanh())
    return torch.nn.Sequential(*layers)


def nested(net, x):
    u = net(x)
    (du,) = torch.autograd.grad(u.sum(), x, create_graph=True)
    (ddu,) = torch.autograd.grad(du[:, 0].sum(), x, create_graph=True)
    return du[:, 1] + u[:, 0] * du[:, 0] - NU * ddu[:, 0]


def by_deepxde(net, x):
    u = net(x)
    r = dde.grad.jacobian(u, x, i=0, j=1) + u * dde.grad.jacobian(u, x, i=0, j=0) - NU * dde.grad.hessian(u, x, i=0, j=0)
    dde.grad.clear()
    return r


def theirs(residual, depth, width, count, threads, dtype, seconds=1.0):
    torch.set_num_threads(threads)
    clock = time.process_time if threads == 1 else time.perf_counter
    net = network(depth, width, dtype)
    x = torch.rand(count, 2, dtype=dtype, requires_grad=True)

    def step():
        net.zero_grad(set_to_none=True)
        residual(net, x).square().mean().backward()

    step()
    best, end = 1e9, time.perf_counter() + seconds
    while time.perf_counter() < end:
        begin = clock()
        step()
        best = min(best, clock() - begin)
    return 1e3 * best


def ours(program, name):
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        command = [program, f"--benchmark_filter=^{name}/real_time$", "--benchmark_min_time=1"]
        command += [f"--benchmark_out={file.name}", "--benchmark_out_format=json"]
        subprocess.run(command, check=True, capture_output=True)
        (row,) = json.load(file)["benchmarks"]
    return row


def main():
    program, turns = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5
    torch.set_num_threads(1)
    a, rates = torch.randn(1024, 1024), []
    for _ in range(10):
        begin = time.process_time()
        a @ a
        rates.append(2e-9 * 1024**3 / (time.process_time() - begin))
    print(f"torch {torch.__version__}, DeepXDE {dde.__version__}; product of 1024 x 1024 matrices {max(rates):.0f} Gflop/s")
    print("| network | points | threads | torch ms | DeepXDE ms | ours ms | torch / ours | DeepXDE / ours | over the floor | MiB |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for scalar, dtype in (("float", torch.float32), ("double", torch.float64)):
        for depth, width in ((8, 20), (4, 64)):
            for count in (10000, 500):
                for threads in (1, 2):
                    name = f"{scalar}/{depth}x{width}/{count}/{threads}"
                    plain, xde, rows = [], [], []
                    for _ in range(turns):
                        plain.append(theirs(nested, depth, width, count, threads, dtype))
                        xde.append(theirs(by_deepxde, depth, width, count, threads, dtype))
                        rows.append(ours(program, name))
                    own = min(row["best_ms"] for row in rows)
                    over = min(row["over_floor"] for row in rows)
                    memory = max(row["MiB"] for row in rows)
                    print(f"| {scalar} {depth} x {width} | {count} | {threads} | {min(plain):.2f} | {min(xde):.2f} | {own:.2f} | "
                          f"{min(plain) / own:.1f} | {min(xde) / own:.1f} | {over:.2f} | {memory:.1f} |", flush=True)


main()
