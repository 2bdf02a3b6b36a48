// Laws of nature as losses: for networks of coordinates (pinn.hpp) and for operators on grids (pino.hpp), and
// equations with known solutions (problems.hpp).
#pragma once

#include <fredholm/physics/duhamel.hpp>
#include <fredholm/physics/on_grid.hpp>
#include <fredholm/physics/pinn.hpp>
#include <fredholm/physics/pino.hpp>
#include <fredholm/physics/problems.hpp>
