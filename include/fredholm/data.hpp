// Data: equations with known solutions, and arrays in files of NumPy. Files of other programs need a package
// and stand beside this header: fredholm/npz.hpp, fredholm/hdf5.hpp, fredholm/mat.hpp.
#pragma once

#include <fredholm/data/grid_from.hpp>
#include <fredholm/data/heat.hpp>
#include <fredholm/data/npy.hpp>
