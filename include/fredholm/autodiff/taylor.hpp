// Derivatives in the coordinates, by Taylor mode on arrays: names and closed sets of derivatives, jets, and
// what acts on them. `derivatives<Dt, Dx, Dxx>(net, points)` is in space/derivatives.hpp, docs/derivatives.md
// is the page.
#pragma once

#include <fredholm/autodiff/taylor/chain_registers.hpp>
#include <fredholm/autodiff/taylor/functions.hpp>
#include <fredholm/autodiff/taylor/index.hpp>
#include <fredholm/autodiff/taylor/jets.hpp>
#include <fredholm/autodiff/taylor/linear.hpp>
#include <fredholm/autodiff/taylor/network.hpp>
#include <fredholm/autodiff/taylor/series.hpp>
#include <fredholm/autodiff/taylor/terms.hpp>
