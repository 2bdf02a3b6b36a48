# HDF5, the library of C in its serial build.
#
#   find_package(Hdf5C)  ->  Hdf5C::Hdf5C; Hdf5C_INCLUDE_DIR, Hdf5C_LIBRARY, Hdf5C_VERSION
#
# CMake's own FindHDF5 asks compilers and wrapper scripts, and takes the C++ library if C is not enabled.
# pkg-config, where it is there, only suggests where to look; Hdf5C_ROOT and CMAKE_PREFIX_PATH work as usual.

find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
  pkg_check_modules(Hdf5C_PC QUIET hdf5)
endif()

find_path(Hdf5C_INCLUDE_DIR hdf5.h HINTS ${Hdf5C_PC_INCLUDE_DIRS} PATH_SUFFIXES hdf5/serial)
find_library(Hdf5C_LIBRARY hdf5 HINTS ${Hdf5C_PC_LIBRARY_DIRS} PATH_SUFFIXES hdf5/serial)
mark_as_advanced(Hdf5C_INCLUDE_DIR Hdf5C_LIBRARY)
if(Hdf5C_PC_VERSION)
  set(Hdf5C_VERSION ${Hdf5C_PC_VERSION})
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Hdf5C
  REQUIRED_VARS Hdf5C_LIBRARY Hdf5C_INCLUDE_DIR
  VERSION_VAR Hdf5C_VERSION
  REASON_FAILURE_MESSAGE "(Debian: libhdf5-dev)")

if(Hdf5C_FOUND AND NOT TARGET Hdf5C::Hdf5C)
  add_library(Hdf5C::Hdf5C UNKNOWN IMPORTED)
  set_target_properties(Hdf5C::Hdf5C PROPERTIES
    IMPORTED_LOCATION "${Hdf5C_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${Hdf5C_INCLUDE_DIR}")
endif()
