#!/usr/bin/env python3
"""Writes tests/reference/files: what NumPy, h5py and SciPy write, for the readers of fredholm/data to read.

    pip install numpy h5py scipy; python3 tests/reference/make_files.py

The files are kept in the repository, each under 4 kB; this is run again only to add one. Element k (row-major)
of an array is (k * k % 97) / 8 - 3 if it is a float, and k * k % 97 - 40 if it is a signed integer: exact in
every type, and known to the tests.
"""

import pathlib

import h5py
import numpy as np
import scipy.io

FOLDER = pathlib.Path(__file__).parent / "files"


def values(*shape, dtype="<f8"):
    dtype = np.dtype(dtype)
    k = np.arange(int(np.prod(shape))).reshape(shape)
    if dtype.kind == "f":
        return ((k * k % 97) / 8 - 3).astype(dtype)
    if dtype.kind == "i":
        return (k * k % 97 - 40).astype(dtype)
    return (k * k % 97).astype(dtype)


def npy():
    for name, array in {
        "float32": values(3, 4, dtype="<f4"),
        "float64": values(2, 3, 5),
        "fortran": np.asfortranarray(values(2, 3, 5)),
        "big_float32": values(3, 4, dtype=">f4"),
        "big_fortran": np.asfortranarray(values(4, 3, dtype=">f8")),
        "int32": values(7, dtype="<i4"),
        "int64": values(7, 1, dtype="<i8"),
        "big_int16": values(7, dtype=">i2"),
        "uint8": values(2, 4, dtype="|u1"),
        "bool": values(2, 4) > 0,
        "number": np.float64(0.25),
        "empty": values(0, 3),
        "large_int64": np.array([2**53 + 1]),
        "large_float64": np.array([1.0, 1e300]),
        "complex": values(2, 2) + 1j,
        "half": values(3, dtype="<f2"),
        "object": np.array([{"a": 1}, None], dtype=object),
        "structured": np.zeros(2, dtype=[("x", "<f4"), ("y", "<i4")]),
    }.items():
        np.save(FOLDER / f"{name}.npy", array)
    for version in ((2, 0), (3, 0)):
        with open(FOLDER / f"version{version[0]}.npy", "wb") as file:
            np.lib.format.write_array(file, values(3, 4), version=version)


def npz():
    arrays = {"a": values(3, 4, dtype="<f4"), "b": np.asfortranarray(values(2, 3, 5)), "n": values(7, dtype="<i4")}
    np.savez(FOLDER / "stored.npz", **arrays)
    np.savez_compressed(FOLDER / "deflated.npz", **arrays)


def hdf5():
    with h5py.File(FOLDER / "h5py.h5", "w", libver=("v110", "v110")) as file:
        file.create_dataset("group/float64", data=values(4, 3))
        file.create_dataset("big", data=values(3, 4, dtype=">f4"), chunks=(2, 2), compression="gzip")
        file.create_dataset("int32", data=values(7, dtype="<i4"))


def mat():
    arrays = {"a": values(3, 4), "single": values(2, 3, 5, dtype="<f4"), "n": values(1, 7, dtype="<i4")}
    scipy.io.savemat(FOLDER / "v5.mat", arrays)
    scipy.io.savemat(FOLDER / "v5_compressed.mat", arrays, do_compression=True)
    scipy.io.savemat(FOLDER / "v5_other.mat", {"complex": values(2, 2) + 1j, "text": "a text", "cell": np.array([values(2), "x"], object)})
    # MATLAB's v7.3 is HDF5 with the axes the other way round, the class as an attribute and a block in front.
    path = FOLDER / "v73.mat"
    with h5py.File(path, "w", userblock_size=512, libver=("v110", "v110")) as file:
        for name, array, matlab_class in (("a", values(3, 4), "double"), ("single", values(2, 3, 5, dtype="<f4"), "single")):
            dataset = file.create_dataset(name, data=array.T)
            text = h5py.h5t.C_S1.copy()  # as MATLAB: no room for the zero that the type promises
            text.set_size(len(matlab_class))
            attribute = h5py.h5a.create(dataset.id, b"MATLAB_class", text, h5py.h5s.create(h5py.h5s.SCALAR))
            attribute.write(np.array(matlab_class, dtype=f"S{len(matlab_class)}"), text)
    with open(path, "r+b") as file:
        text = b"MATLAB 7.3 MAT-file, written by h5py"
        file.write(text.ljust(116) + bytes(8) + b"\x00\x02IM")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    npy()
    npz()
    hdf5()
    mat()
    for path in sorted(FOLDER.iterdir()):
        assert path.stat().st_size < 4096, (path, path.stat().st_size)
