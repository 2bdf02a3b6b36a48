// Models put together from layers.
#pragma once

#include <fredholm/operators/deeponet.hpp>
#include <fredholm/operators/encoder_decoder.hpp>
#include <fredholm/operators/equivariant.hpp>
#include <fredholm/operators/fno.hpp>
#include <fredholm/operators/homogeneous.hpp>
#include <fredholm/operators/transformer.hpp>
