// Arrays in HDF5 files, whole or a piece at a time, and the files of PDEBench: needs HDF5, so it is no part
// of fredholm.hpp.
#pragma once

#include <fredholm/data/hdf5.hpp>
#include <fredholm/data/hdf5/pdebench.hpp>
#include <fredholm/data/hdf5/stream.hpp>
