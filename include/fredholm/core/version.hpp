// The version of the library. CMakeLists.txt, CITATION.cff and CHANGELOG.md state the same one (the
// test `version` compares them); the numbers follow semantic versioning (semver.org).
#pragma once

#include <string_view>

namespace fredholm {

inline constexpr int version_major = 0;
inline constexpr int version_minor = 1;
inline constexpr int version_patch = 0;
inline constexpr std::string_view version = "0.1.0";

}  // namespace fredholm
