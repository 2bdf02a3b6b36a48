// Data with known solutions.
#pragma once

#include <fredholm/data/heat.hpp>
