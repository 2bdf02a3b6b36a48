// A program of a user: it sees the headers, and compiles and links against everything that they need.
#include <fftw3.h>

#include <Eigen/Core>
#include <fredholm/core/version.hpp>
#include <iostream>
#include <xtensor/xtensor.hpp>

#ifdef EXPECT_UMBRELLA
#include <fredholm/fredholm.hpp>
#endif
#ifdef EXPECT_CHECKPOINT
#include <nlohmann/json.hpp>
#endif

#ifdef EXPECT_NPZ
#include <fredholm/npz.hpp>
#endif
#ifdef EXPECT_HDF5
#include <fredholm/hdf5.hpp>
#endif
#ifdef EXPECT_MAT
#include <fredholm/mat.hpp>
#endif

int main() {
  fftw_free(fftw_malloc(8));
  fftwf_free(fftwf_malloc(8));
  Eigen::Vector2d vector(1.0, 2.0);
  xt::xtensor<double, 1> tensor = {1.0, 2.0};
#ifdef EXPECT_NPZ
  if (zip_libzip_version() == nullptr) return 1;
#endif
#ifdef EXPECT_HDF5
  if (H5open() < 0) return 1;
#endif
#ifdef EXPECT_MAT
  Mat_Close(nullptr);
#endif
  std::cout << "fredholm " << fredholm::version << '\n';
  return vector.sum() == tensor(0) + tensor(1) && fredholm::version == EXPECT_VERSION ? 0 : 1;
}
