#!/usr/bin/env python3
"""The lid-driven cavity at Re = 100 by finite differences, extrapolated to step 0: how far is Ghia's table from it?

Streamfunction and vorticity, central differences of order 2, Jensen's formula on the walls, Newton's method; 64, 128 and 256
cells, and Richardson's extrapolation. Needs numpy and scipy; half a minute. docs/problems.md quotes what it prints.
"""
import numpy as np
import scipy.interpolate as interpolate
import scipy.sparse as sparse
import scipy.sparse.linalg as linalg

GHIA_U = {0.0547: -0.03717, 0.0625: -0.04192, 0.0703: -0.04775, 0.1016: -0.06434, 0.1719: -0.10150, 0.2813: -0.15662,
          0.4531: -0.21090, 0.5000: -0.20581, 0.6172: -0.13641, 0.7344: 0.00332, 0.8516: 0.23151, 0.9531: 0.68717,
          0.9609: 0.73722, 0.9688: 0.78871, 0.9766: 0.84123}
GHIA_V = {0.0625: 0.09233, 0.0703: 0.10091, 0.0781: 0.10890, 0.0938: 0.12317, 0.1563: 0.16077, 0.2266: 0.17507,
          0.2344: 0.17527, 0.5000: 0.05454, 0.8047: -0.24533, 0.8594: -0.22445, 0.9063: -0.16914, 0.9453: -0.10313,
          0.9531: -0.08864, 0.9609: -0.07391, 0.9688: -0.05906}


def residual(psi, w, n, reynolds):
    """Residuals of all equations and their Jacobian; psi and w are (n + 1)² values, x major."""
    h, row, total = 1.0 / n, n + 1, (n + 1) ** 2
    inner = np.arange(1, n)
    c = (inner[:, None] * row + inner[None, :]).ravel()
    east, west, north, south = c + row, c - row, c + 1, c - 1
    walls = [(np.arange(row), row, 0.0), (n * row + np.arange(row), -row, 0.0), (inner * row, 1, 0.0),
             (inner * row + n, -1, 1.0)]
    r, entries = np.zeros(2 * total), []

    def add(rows, columns, values):
        entries.append((rows, columns, np.broadcast_to(values, rows.shape).astype(float)))

    r[c] = (psi[east] + psi[west] + psi[north] + psi[south] - 4 * psi[c]) / h**2 + w[c]
    for other in (east, west, north, south):
        add(c, other, 1 / h**2)
    add(c, c, -4 / h**2)
    add(c, total + c, 1.0)

    u, v = (psi[north] - psi[south]) / (2 * h), -(psi[east] - psi[west]) / (2 * h)
    w_x, w_y = (w[east] - w[west]) / (2 * h), (w[north] - w[south]) / (2 * h)
    a, at = 1 / (h**2 * reynolds), total + c
    r[at] = u * w_x + v * w_y - a * (w[east] + w[west] + w[north] + w[south] - 4 * w[c])
    add(at, total + east, u / (2 * h) - a)
    add(at, total + west, -u / (2 * h) - a)
    add(at, total + north, v / (2 * h) - a)
    add(at, total + south, -v / (2 * h) - a)
    add(at, total + c, 4 * a)
    add(at, north, w_x / (2 * h))
    add(at, south, -w_x / (2 * h))
    add(at, east, -w_y / (2 * h))
    add(at, west, w_y / (2 * h))

    for wall, inward, lid in walls:
        r[wall] = psi[wall]
        add(wall, wall, 1.0)
        one, two, at = wall + inward, wall + 2 * inward, total + wall
        r[at] = w[wall] - (7 * psi[wall] - 8 * psi[one] + psi[two]) / (2 * h**2) + 3 * lid / h
        add(at, at, 1.0)
        add(at, wall, -3.5 / h**2)
        add(at, one, 4 / h**2)
        add(at, two, -0.5 / h**2)
    rows, columns, values = (np.concatenate(part) for part in zip(*entries))
    return r, sparse.csc_matrix((values, (rows, columns)), shape=(2 * total, 2 * total))


def slope(f, h):
    """Of order 4 inside, 2 beside the ends; the ends are left 0."""
    d = np.zeros_like(f)
    d[1], d[-2] = (f[2] - f[0]) / (2 * h), (f[-1] - f[-3]) / (2 * h)
    d[2:-2] = (-f[4:] + 8 * f[3:-1] - 8 * f[1:-3] + f[:-4]) / (12 * h)
    return d


def solve(n, reynolds=100.0):
    total = (n + 1) ** 2
    psi, w = np.zeros(total), np.zeros(total)
    for _ in range(20):
        r, jacobian = residual(psi, w, n, reynolds)
        step = linalg.spsolve(jacobian, -r)
        psi, w = psi + step[:total], w + step[total:]
        if np.abs(step).max() < 1e-9:
            break
    psi, y = psi.reshape(n + 1, n + 1), np.linspace(0, 1, n + 1)
    u, v = slope(psi[n // 2], 1 / n), -slope(psi[:, n // 2], 1 / n)
    u[-1] = 1.0
    u, v = interpolate.CubicSpline(y, u), interpolate.CubicSpline(y, v)
    fine = np.linspace(0, 1, 20001)
    return np.array([u(fine).min(), v(fine).max(), v(fine).min()]), u(list(GHIA_U)), v(list(GHIA_V))


before = None
for cells in (64, 128, 256):
    now = solve(cells)
    print(cells, "cells: min u, max v, min v", now[0])
    if before is not None:
        limit = [b + (b - a) / 3 for a, b in zip(before, now)]
        print("  extrapolated:", limit[0])
    before = now
print("Ghia's u is off by at most", np.abs(limit[1] - list(GHIA_U.values())).max())
print("Ghia's v is off by at most", np.abs(limit[2] - list(GHIA_V.values())).max())
