// Bases, and coefficients by quadrature.
#pragma once

#include <fredholm/transform/basis.hpp>
#include <fredholm/transform/projection.hpp>
