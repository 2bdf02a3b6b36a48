// save(model, path) and load(model, path): needs nlohmann-json, so it is no part of fredholm.hpp.
#pragma once

#include <fredholm/train/checkpoint.hpp>
#include <fredholm/train/checkpoint/neuraloperator.hpp>
