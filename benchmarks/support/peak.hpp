// The most memory that this process has held in RAM, from /proc (Linux): VmHWM, which unlike getrusage's ru_maxrss
// takes nothing over from the process that started this one.
#pragma once

#include <fstream>
#include <string>

namespace support {

/// From here on the peak counts anew, from what is held now.
inline void forget_peak() { std::ofstream("/proc/self/clear_refs") << "5\n"; }

inline double memory_mib(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name + ":")) return std::stod(line.substr(name.size() + 1)) / 1024.0;
  }
  return 0.0;
}
inline double peak_mib() { return memory_mib("VmHWM"); }
inline double held_mib() { return memory_mib("VmRSS"); }

}  // namespace support
