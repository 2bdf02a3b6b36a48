// Laws to hold your own grids, rules, layers and operators to. Each returns a Report, for any test framework.
#pragma once

#include <fredholm/laws/aliasing.hpp>
#include <fredholm/laws/gradient.hpp>
#include <fredholm/laws/invariance.hpp>
#include <fredholm/laws/quadrature.hpp>
#include <fredholm/laws/report.hpp>
#include <fredholm/laws/scaling.hpp>
#include <fredholm/laws/symmetry.hpp>
