// Physics-informed learning: a loss is a sum of integrals of squared residuals, each by the rule of its
// points.
//
//   pinn/term.hpp         term(name, points, residual, {.weight, .causal})
//   pinn/data.hpp         data_term(name, field)
//   pinn/problem.hpp      make_problem(terms...), value_and_gradient(problem, model), losses(problem, model)
//   pinn/solve.hpp        solve(problem, model, optimizer, options)
//   pinn/resampling.hpp   resampled(term), points where the residual is large
//   pinn/balance.hpp      weights of terms from the norms of their gradients
//   pinn/causal.hpp       weights in time
//
// Points are in space/points.hpp, derivatives by coordinates in autodiff/taylor.hpp, optimizers in train.hpp.
// Runs that are kept in a file need fredholm/checkpoint.hpp. The page docs/physics.md goes through all of it.
#pragma once

#include <fredholm/physics/pinn/balance.hpp>
#include <fredholm/physics/pinn/causal.hpp>
#include <fredholm/physics/pinn/data.hpp>
#include <fredholm/physics/pinn/problem.hpp>
#include <fredholm/physics/pinn/resampling.hpp>
#include <fredholm/physics/pinn/rows.hpp>
#include <fredholm/physics/pinn/solve.hpp>
#include <fredholm/physics/pinn/term.hpp>
