// Functions on domains: grids, rules, discretizations, fields, and what is done with fields.
#pragma once

#include <fredholm/concepts.hpp>
#include <fredholm/space/box.hpp>
#include <fredholm/space/derivative.hpp>
#include <fredholm/space/derivatives.hpp>
#include <fredholm/space/discretization.hpp>
#include <fredholm/space/field.hpp>
#include <fredholm/space/grids.hpp>
#include <fredholm/space/integrate.hpp>
#include <fredholm/space/interpolation.hpp>
#include <fredholm/space/norms.hpp>
#include <fredholm/space/part.hpp>
#include <fredholm/space/points.hpp>
#include <fredholm/space/resample.hpp>
#include <fredholm/space/rescaled.hpp>
#include <fredholm/space/rules.hpp>
#include <fredholm/space/sample.hpp>
#include <fredholm/space/symmetry.hpp>
#include <fredholm/space/with_rule.hpp>
