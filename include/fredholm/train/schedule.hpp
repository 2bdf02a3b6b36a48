// Learning rates that change with the step: callables from the index of a step (the first is 0) to a rate.
//
//   CosineDecay   t < w:  peak (t + 1) / w
//                 then    floor + (peak - floor) (1 + cos(pi (t - w) / (steps - w))) / 2,  and floor after
//                 the last step
//   StepDecay     initial * factor^floor(t / every)
//
// CosineDecay is the usual choice for models with attention, which need the warm-up; StepDecay is that of the
// first Fourier neural operators. Anything that maps an Index to a double can stand in their place.
//
// Sources: Loshchilov and Hutter, SGDR (2017), eq. 5, one period; Goyal et al. (2017), section 2.2 for the
// warm-up.
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>

#include <fredholm/core/error.hpp>
#include <fredholm/core/shape.hpp>

namespace fredholm {

struct CosineDecay {
  double peak = 1e-3;
  Index steps = 1000;  ///< of the whole training, warm-up included
  Index warmup_steps = 0;
  double floor = 0;

  double operator()(Index step) const {
    require(steps > 0 && 0 <= warmup_steps && warmup_steps <= steps, "CosineDecay: steps is ", steps,
            " and warmup_steps is ", warmup_steps, ". Give steps > 0 and 0 <= warmup_steps <= steps.");
    if (step < warmup_steps) return peak * static_cast<double>(step + 1) / static_cast<double>(warmup_steps);
    if (step >= steps) return floor;
    const double part = static_cast<double>(step - warmup_steps) / static_cast<double>(steps - warmup_steps);
    return floor + (peak - floor) * 0.5 * (1.0 + std::cos(std::numbers::pi * part));
  }
};

struct StepDecay {
  double initial = 1e-3;
  Index every = 1000;  ///< steps at one rate
  double factor = 0.5;

  double operator()(Index step) const {
    require(every > 0, "StepDecay: every is ", every, ". Give the number of steps at one rate, at least 1.");
    return initial * std::pow(factor, static_cast<double>(step / every));
  }
};

}  // namespace fredholm
