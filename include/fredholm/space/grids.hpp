// All grids: families of points on a domain. The class says where the points are and which end points they
// hold.
//
//   UniformGrid      both end points, equal steps          Trapezoid, Simpson, Boole, Gregory<P>
//   PeriodicGrid     the right end point left out          Trapezoid (spectral on periodic data)
//   MidpointGrid     centres of equal cells                Midpoint
//   ChebyshevGrid    extrema of T_{n-1}, both end points   ClenshawCurtis
//   LegendreGrid     zeros of P_n                          GaussLegendre
//   ScatteredGrid    sorted points anywhere                Trapezoid, MonteCarlo
//   PointCloud<D>    points in no order in a box           MonteCarlo
//   ProductGrid<...> a grid an axis                        ProductRule<...>, or one rule for every axis
//
// Given (weights of your own) and Counting (no weights) stand on all of them, Trapezoid on all of one
// dimension whose points are sorted.
#pragma once

#include <fredholm/space/grids/chebyshev.hpp>
#include <fredholm/space/grids/legendre.hpp>
#include <fredholm/space/grids/midpoint.hpp>
#include <fredholm/space/grids/periodic.hpp>
#include <fredholm/space/grids/point_cloud.hpp>
#include <fredholm/space/grids/product.hpp>
#include <fredholm/space/grids/scattered.hpp>
#include <fredholm/space/grids/uniform.hpp>
