// The floor of differentiation: the tape, operations with their adjoints, gradients of losses.
#pragma once

#include <fredholm/autodiff/gradient.hpp>
#include <fredholm/autodiff/ops.hpp>
#include <fredholm/autodiff/recompute.hpp>
#include <fredholm/autodiff/rows.hpp>
#include <fredholm/autodiff/taylor.hpp>
