// All operations on arrays, each with its adjoint beside it.
//
//   arithmetic    + - * / with broadcasting, of arrays and numbers
//   elementwise   exp, log, sqrt, square, abs, tanh, sin, cos, sigmoid, relu, silu
//   gelu          gelu
//   reduce        sum, mean, weighted_sum, max_per_sample
//   linear        linear (of the channels), apply_along (of an axis)
//   normalize     layer_norm, measure_norm
//   shaping       concatenate, slice_channels, slice_batch, stack, cast
//   attention     attention, attention_pool (ratios of integrals)
//   linear_attention   outer_integral, apply_by_heads (integrals of products), softmax, elu_plus_one,
//                 softplus
//   swap_axes     swap_axes
//   take          take (entries of an axis in another order)
//   rotate        rotate (pairs of channels, by an angle at each point)
//   edge_attention   attention along given edges
//   gather        gather_rows, segment_sum, multiply_rows (points to edges and back)
//   spectral      mix, combine, separate (between analysis and synthesis)
#pragma once

#include <fredholm/autodiff/ops/arithmetic.hpp>
#include <fredholm/autodiff/ops/attention.hpp>
#include <fredholm/autodiff/ops/attention_pool.hpp>
#include <fredholm/autodiff/ops/edge_attention.hpp>
#include <fredholm/autodiff/ops/elementwise.hpp>
#include <fredholm/autodiff/ops/gather.hpp>
#include <fredholm/autodiff/ops/gelu.hpp>
#include <fredholm/autodiff/ops/linear.hpp>
#include <fredholm/autodiff/ops/linear_attention.hpp>
#include <fredholm/autodiff/ops/normalize.hpp>
#include <fredholm/autodiff/ops/reduce.hpp>
#include <fredholm/autodiff/ops/rotate.hpp>
#include <fredholm/autodiff/ops/shaping.hpp>
#include <fredholm/autodiff/ops/spectral.hpp>
#include <fredholm/autodiff/ops/swap_axes.hpp>
#include <fredholm/autodiff/ops/take.hpp>
