// Data: random functions, equations solved for them to a stated order, and arrays in files of NumPy. Files of
// other programs need a package and stand beside this header: fredholm/npz.hpp, fredholm/hdf5.hpp,
// fredholm/mat.hpp.
#pragma once

#include <fredholm/data/burgers.hpp>
#include <fredholm/data/darcy.hpp>
#include <fredholm/data/dataset.hpp>
#include <fredholm/data/gaussian_process.hpp>
#include <fredholm/data/grid_from.hpp>
#include <fredholm/data/heat.hpp>
#include <fredholm/data/navier_stokes.hpp>
#include <fredholm/data/npy.hpp>
#include <fredholm/data/random_field.hpp>
