// Arrays in files of MATLAB: needs matio, so it is no part of fredholm.hpp.
#pragma once

#include <fredholm/data/mat.hpp>
