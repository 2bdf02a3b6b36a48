// Everything that needs Eigen, FFTW and xtensor alone. What needs more stands beside this header and is
// included by name: fredholm/checkpoint.hpp (nlohmann-json), npz.hpp (libzip), hdf5.hpp, mat.hpp (matio),
// laws.hpp.
#pragma once

#include <fredholm/autodiff.hpp>
#include <fredholm/core/cast.hpp>
#include <fredholm/core/version.hpp>
#include <fredholm/data.hpp>
#include <fredholm/layers.hpp>
#include <fredholm/operators.hpp>
#include <fredholm/physics.hpp>
#include <fredholm/space.hpp>
#include <fredholm/train.hpp>
#include <fredholm/transform.hpp>
