"""Softmax attention of PyTorch beside benchmark_layers: one head of 32 channels, float32, one thread, processor time.

    python -m venv .venv && .venv/bin/pip install torch==2.13.0
    cmake --preset release && cmake --build --preset release --target benchmark_layers
    .venv/bin/python attention.py ../../build/release/benchmarks/benchmark_layers

There: scaled_dot_product_attention, which is tiled on CPUs, without weights and with log w as an additive mask. Here: the
operation under Attention<>, which has weights always (softmax_forward, softmax_step). The two take turns; a row is the
median of its turns. Backward is a step (value and gradient by q, k and v) less a forward pass.
"""

import json
import math
import statistics
import subprocess
import sys
import tempfile
import time

import torch
from torch.nn.functional import scaled_dot_product_attention


def processor_ms(work, seconds=0.5):
    times, end = [], time.perf_counter() + seconds
    while len(times) < 3 or time.perf_counter() < end:
        begin = time.process_time()
        work()
        times.append(1e3 * (time.process_time() - begin))
    return statistics.median(times)


def theirs(n, masked):
    q, k, v = (torch.randn(1, 1, n, 32, requires_grad=True) for _ in range(3))
    mask = torch.full((1, 1, 1, n), -math.log(n)) if masked else None

    def forward():
        with torch.inference_mode():
            scaled_dot_product_attention(q, k, v, attn_mask=mask)

    def step():
        scaled_dot_product_attention(q, k, v, attn_mask=mask).mean().backward()

    forward(), step()
    return processor_ms(forward), processor_ms(step)


def ours(program, n):
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        command = [program, f"--benchmark_filter=^softmax_(forward|step)/{n}$", "--benchmark_min_time=0.5"]
        command += [f"--benchmark_out={file.name}", "--benchmark_out_format=json"]
        subprocess.run(command, check=True, capture_output=True)
        rows = json.load(file)["benchmarks"]
    return [row["cpu_time"] for row in rows] + [row["floor_ms"] for row in rows]


def main():
    torch.set_num_threads(1)
    a, rates = torch.randn(1024, 1024), []
    for _ in range(6):
        begin = time.process_time()
        a @ a
        rates.append(2e-9 * 1024**3 / (time.process_time() - begin))
    print(f"torch {torch.__version__}, product of 1024 x 1024 matrices on one thread {max(rates):.0f} Gflop/s")
    print("| n | | torch ms | with weights | ours ms | ratio | over the floor |\n|---|---|---|---|---|---|---|")
    for n in (1024, 4096):
        turns = [(theirs(n, False), theirs(n, True), ours(sys.argv[1], n)) for _ in range(5)]
        median = lambda pick: statistics.median(pick(turn) for turn in turns)
        for name, pick, floor in (
            ("forward", lambda row: row[0], lambda row: row[2]),
            ("backward", lambda row: row[1] - row[0], lambda row: row[3] - row[2]),
        ):
            plain, weighted, own = (median(lambda turn: pick(turn[side])) for side in range(3))
            over = own / median(lambda turn: floor(turn[2]))
            print(f"| {n} | {name} | {plain:.2f} | {weighted:.2f} | {own:.2f} | {plain / own:.2f} ({weighted / own:.2f}) | {over:.2f} |")


main()
