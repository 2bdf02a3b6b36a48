# FFTW 3 in double and in single precision (FFTW ships no CMake package of its own on most systems).
#
#   find_package(FFTW3)  ->  FFTW3::fftw3 (double), FFTW3::fftw3f (float); FFTW3_INCLUDE_DIR, FFTW3_VERSION
#
# pkg-config, where it is there, only suggests where to look; FFTW3_ROOT and CMAKE_PREFIX_PATH work as usual.

find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
  pkg_check_modules(FFTW3_PC QUIET fftw3)
endif()

find_path(FFTW3_INCLUDE_DIR fftw3.h HINTS ${FFTW3_PC_INCLUDE_DIRS})
find_library(FFTW3_LIBRARY fftw3 HINTS ${FFTW3_PC_LIBRARY_DIRS})
find_library(FFTW3_FLOAT_LIBRARY fftw3f HINTS ${FFTW3_PC_LIBRARY_DIRS})
mark_as_advanced(FFTW3_INCLUDE_DIR FFTW3_LIBRARY FFTW3_FLOAT_LIBRARY)
if(FFTW3_PC_VERSION)
  set(FFTW3_VERSION ${FFTW3_PC_VERSION})
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(FFTW3
  REQUIRED_VARS FFTW3_LIBRARY FFTW3_FLOAT_LIBRARY FFTW3_INCLUDE_DIR
  VERSION_VAR FFTW3_VERSION
  REASON_FAILURE_MESSAGE "FFTW is needed in double and in single precision (Debian: libfftw3-dev).")

if(FFTW3_FOUND AND NOT TARGET FFTW3::fftw3)
  add_library(FFTW3::fftw3 UNKNOWN IMPORTED)
  set_target_properties(FFTW3::fftw3 PROPERTIES
    IMPORTED_LOCATION "${FFTW3_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${FFTW3_INCLUDE_DIR}")
endif()
if(FFTW3_FOUND AND NOT TARGET FFTW3::fftw3f)
  add_library(FFTW3::fftw3f UNKNOWN IMPORTED)
  set_target_properties(FFTW3::fftw3f PROPERTIES
    IMPORTED_LOCATION "${FFTW3_FLOAT_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${FFTW3_INCLUDE_DIR}")
endif()
