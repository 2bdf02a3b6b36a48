// All rules: how an integral becomes a weighted sum over a grid.
//
//   Trapezoid       order 2, spectral on a PeriodicGrid    every sorted grid of one dimension
//   Simpson         order 4, n odd                         UniformGrid, PeriodicGrid
//   Boole           order 6, n = 4k + 1                    UniformGrid, PeriodicGrid
//   Gregory<P>      order P, any n >= 2 (P - 1)            UniformGrid
//   Midpoint        order 2                                MidpointGrid
//   ClenshawCurtis  spectral                               ChebyshevGrid
//   GaussLegendre   spectral, exact to degree 2n - 1       LegendreGrid
//   MonteCarlo      error n^{-1/2}                         PointCloud, ScatteredGrid
//   Given           weights of your own                    every grid
//   Counting        no rule: every point has weight 1      every grid
//   ProductRule<..> one rule an axis                       ProductGrid
#pragma once

#include <fredholm/space/rules/boole.hpp>
#include <fredholm/space/rules/clenshaw_curtis.hpp>
#include <fredholm/space/rules/counting.hpp>
#include <fredholm/space/rules/gauss_legendre.hpp>
#include <fredholm/space/rules/given.hpp>
#include <fredholm/space/rules/gregory.hpp>
#include <fredholm/space/rules/midpoint.hpp>
#include <fredholm/space/rules/monte_carlo.hpp>
#include <fredholm/space/rules/product.hpp>
#include <fredholm/space/rules/simpson.hpp>
#include <fredholm/space/rules/trapezoid.hpp>
