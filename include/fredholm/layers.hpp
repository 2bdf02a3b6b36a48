// Layers: plain structs of parameters with an operator() that takes a field on any discretization.
#pragma once

#include <fredholm/layers/activation.hpp>
#include <fredholm/layers/attention.hpp>
#include <fredholm/layers/axial_attention.hpp>
#include <fredholm/layers/dealiased.hpp>
#include <fredholm/layers/embedding.hpp>
#include <fredholm/layers/galerkin_attention.hpp>
#include <fredholm/layers/kernel.hpp>
#include <fredholm/layers/kernel_integral.hpp>
#include <fredholm/layers/linear.hpp>
#include <fredholm/layers/linear_attention.hpp>
#include <fredholm/layers/low_rank.hpp>
#include <fredholm/layers/mlp.hpp>
#include <fredholm/layers/normalization.hpp>
#include <fredholm/layers/normalizer.hpp>
#include <fredholm/layers/per_axis.hpp>
#include <fredholm/layers/rotary.hpp>
#include <fredholm/layers/rule_of_field.hpp>
#include <fredholm/layers/slice_attention.hpp>
#include <fredholm/layers/spectral.hpp>
#include <fredholm/layers/template_arguments.hpp>
#include <fredholm/layers/window.hpp>
