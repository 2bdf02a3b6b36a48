// Several arrays in one file of NumPy: needs libzip, so it is no part of fredholm.hpp.
#pragma once

#include <fredholm/data/npz.hpp>
