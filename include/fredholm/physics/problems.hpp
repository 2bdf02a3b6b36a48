// Equations with exact solutions or references of known digits: docs/problems.md.
//
//   problems::Poisson, Heat, Burgers, AllenCahn, KortewegDeVries, Schroedinger, Helmholtz,
//   SteadyNavierStokes, NavierStokes, Kovasznay, TaylorGreen, Cavity, and an inverse problem
//   (inverse_viscosity.hpp)
#pragma once

#include <fredholm/physics/problems/allen_cahn.hpp>
#include <fredholm/physics/problems/burgers.hpp>
#include <fredholm/physics/problems/cavity.hpp>
#include <fredholm/physics/problems/heat.hpp>
#include <fredholm/physics/problems/helmholtz.hpp>
#include <fredholm/physics/problems/inverse_viscosity.hpp>
#include <fredholm/physics/problems/korteweg_de_vries.hpp>
#include <fredholm/physics/problems/kovasznay.hpp>
#include <fredholm/physics/problems/navier_stokes.hpp>
#include <fredholm/physics/problems/poisson.hpp>
#include <fredholm/physics/problems/schroedinger.hpp>
#include <fredholm/physics/problems/taylor_green.hpp>
