// Training: losses, optimizers, schedules, batches, progress, and the loop that joins them. Checkpoints need
// nlohmann-json and are included by name: fredholm/checkpoint.hpp.
#pragma once

#include <fredholm/train/adam.hpp>
#include <fredholm/train/augment.hpp>
#include <fredholm/train/broyden.hpp>
#include <fredholm/train/clip.hpp>
#include <fredholm/train/flat.hpp>
#include <fredholm/train/gauss_newton.hpp>
#include <fredholm/train/lbfgs.hpp>
#include <fredholm/train/least_squares.hpp>
#include <fredholm/train/line_search.hpp>
#include <fredholm/train/loader.hpp>
#include <fredholm/train/loop.hpp>
#include <fredholm/train/loss.hpp>
#include <fredholm/train/natural_gradient.hpp>
#include <fredholm/train/predict.hpp>
#include <fredholm/train/progress.hpp>
#include <fredholm/train/schedule.hpp>
#include <fredholm/train/soap.hpp>
#include <fredholm/train/step.hpp>
