// Laws of nature as losses: for networks of coordinates (pinn.hpp) and for operators on grids (pino.hpp).
#pragma once

#include <fredholm/physics/pinn.hpp>
#include <fredholm/physics/pino.hpp>
