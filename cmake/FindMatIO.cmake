# matio, for files of MATLAB (.mat).
#
#   find_package(MatIO)  ->  MatIO::MatIO; MatIO_INCLUDE_DIR, MatIO_LIBRARY, MatIO_VERSION
#
# It ships no CMake package.
# pkg-config, where it is there, only suggests where to look; MatIO_ROOT and CMAKE_PREFIX_PATH work as usual.

find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
  pkg_check_modules(MatIO_PC QUIET matio)
endif()

find_package(Hdf5C QUIET)  # of which matio's files of version 7.3 are
find_path(MatIO_INCLUDE_DIR matio.h HINTS ${MatIO_PC_INCLUDE_DIRS})
find_library(MatIO_LIBRARY matio HINTS ${MatIO_PC_LIBRARY_DIRS})
mark_as_advanced(MatIO_INCLUDE_DIR MatIO_LIBRARY)
if(MatIO_PC_VERSION)
  set(MatIO_VERSION ${MatIO_PC_VERSION})
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(MatIO
  REQUIRED_VARS MatIO_LIBRARY MatIO_INCLUDE_DIR Hdf5C_LIBRARY Hdf5C_INCLUDE_DIR
  VERSION_VAR MatIO_VERSION
  REASON_FAILURE_MESSAGE "(Debian: libmatio-dev)")

if(MatIO_FOUND AND NOT TARGET MatIO::MatIO)
  add_library(MatIO::MatIO UNKNOWN IMPORTED)
  set_target_properties(MatIO::MatIO PROPERTIES
    IMPORTED_LOCATION "${MatIO_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${MatIO_INCLUDE_DIR}"
    INTERFACE_LINK_LIBRARIES Hdf5C::Hdf5C)
endif()
