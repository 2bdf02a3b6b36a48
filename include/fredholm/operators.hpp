// Models put together from layers.
#pragma once

#include <fredholm/operators/fno.hpp>
#include <fredholm/operators/transformer.hpp>
