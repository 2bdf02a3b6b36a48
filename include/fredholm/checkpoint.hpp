// save(model, path), load(model, path) and CheckpointFile for solve: needs nlohmann-json, so it is no part of
// fredholm.hpp.
#pragma once

#include <fredholm/physics/checkpoint.hpp>
#include <fredholm/train/checkpoint.hpp>
#include <fredholm/train/checkpoint/neuraloperator.hpp>
