// Neighbours within a physical radius, and layers over balls: needs nanoflann, so it is no part of
// fredholm.hpp.
#pragma once

#include <fredholm/layers/neighbours/multipole.hpp>
#include <fredholm/layers/neighbours/radius_attention.hpp>
#include <fredholm/layers/neighbours/radius_kernel_integral.hpp>
#include <fredholm/space/neighbours/within.hpp>
