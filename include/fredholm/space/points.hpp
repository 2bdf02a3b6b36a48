// Points to put a loss on: in a box, and on its boundary.
//
//   random_points             uniform at random                       error n^{-1/2}
//   latin_hypercube_points    one in each slice of every axis          n^{-1/2}, of what is left beside sums
//                                                                      of 1-D functions
//   sobol_points              Sobol's sequence, plain or scrambled     n^{-1} nearly, n^{-3/2} nearly
//   face, initial, boundary, walls, join, points_where, weighted_points
//
// All are discretizations, as grids with a rule are: a loss is integrated over them by the weights that they
// carry.
#pragma once

#include <fredholm/space/points/face.hpp>
#include <fredholm/space/points/latin_hypercube.hpp>
#include <fredholm/space/points/random.hpp>
#include <fredholm/space/points/sobol.hpp>
