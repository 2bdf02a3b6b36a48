# libzip, for archives of NumPy (.npz).
#
#   find_package(LibZip)  ->  LibZip::LibZip; LibZip_INCLUDE_DIR, LibZip_LIBRARY, LibZip_VERSION
#
# The CMake package that Debian 12 ships with libzip fails where its command line tools are not installed.
# pkg-config, where it is there, only suggests where to look; LibZip_ROOT and CMAKE_PREFIX_PATH work as usual.

find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
  pkg_check_modules(LibZip_PC QUIET libzip)
endif()

find_path(LibZip_INCLUDE_DIR zip.h HINTS ${LibZip_PC_INCLUDE_DIRS})
find_library(LibZip_LIBRARY zip HINTS ${LibZip_PC_LIBRARY_DIRS})
mark_as_advanced(LibZip_INCLUDE_DIR LibZip_LIBRARY)
if(LibZip_PC_VERSION)
  set(LibZip_VERSION ${LibZip_PC_VERSION})
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibZip
  REQUIRED_VARS LibZip_LIBRARY LibZip_INCLUDE_DIR
  VERSION_VAR LibZip_VERSION
  REASON_FAILURE_MESSAGE "(Debian: libzip-dev)")

if(LibZip_FOUND AND NOT TARGET LibZip::LibZip)
  add_library(LibZip::LibZip UNKNOWN IMPORTED)
  set_target_properties(LibZip::LibZip PROPERTIES
    IMPORTED_LOCATION "${LibZip_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${LibZip_INCLUDE_DIR}")
endif()
