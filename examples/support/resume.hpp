// The file that a physics-informed example keeps a run in, to go on from with --resume.
#pragma once

#include <cstdint>
#include <filesystem>
#include <iostream>
#include <string>

#include <fredholm/checkpoint.hpp>

#include "pinn.hpp"

namespace support {

/// out/<name>_seed<seed>_run.safetensors, written every `every` steps. Without --resume a file of that name is another
/// run's: it is moved aside, to ..._run.before.safetensors.
inline fredholm::CheckpointFile run_file(const RunOptions& options, const std::string& name,
                                         std::uint64_t seed, fredholm::Index every = 10) {
  const std::string stem = name + "_seed" + std::to_string(seed) + "_run";
  const auto path = options.out / (stem + ".safetensors");
  const bool there = std::filesystem::exists(path);
  if (there && !options.resume) {
    const auto before = options.out / (stem + ".before.safetensors");
    std::filesystem::rename(path, before);
    std::cout << "seed " << seed << ": the run that was in " << path.string() << " is in " << before.string()
              << " now (--resume goes on from it)\n";
  }
  if (options.resume) {
    std::cout << "seed " << seed << ": "
              << (there ? "on from " + path.string() + "; seconds are of this part"
                        : "from the beginning, there is no " + path.string())
              << '\n';
  }
  return {path, every};
}

}  // namespace support
