// Data: random functions, and equations solved for them to a stated order.
#pragma once

#include <fredholm/data/burgers.hpp>
#include <fredholm/data/darcy.hpp>
#include <fredholm/data/dataset.hpp>
#include <fredholm/data/gaussian_process.hpp>
#include <fredholm/data/heat.hpp>
#include <fredholm/data/navier_stokes.hpp>
#include <fredholm/data/random_field.hpp>
