# What our own tests, examples and benchmarks are compiled with. None of it reaches a user of the library.

set(CMAKE_EXPORT_COMPILE_COMMANDS ON)  # tests/compile_fail reads them
set(CMAKE_CXX_EXTENSIONS OFF)
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release)  # Eigen without optimization is too slow to run our tests
endif()

add_library(fredholm_dev INTERFACE)
target_link_libraries(fredholm_dev INTERFACE fredholm::fredholm)
target_compile_options(fredholm_dev INTERFACE -Wall -Wextra -Wconversion)
# g++ 12 and 13 see uninitialized values in their own AVX-512 intrinsics (GCC bug 105593), by way of Eigen's packets. With
# another processor, and with clang, the warnings stay on.
if(FREDHOLM_NATIVE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 14)
  include(CheckCXXSourceCompiles)
  set(CMAKE_REQUIRED_FLAGS -march=native)
  check_cxx_source_compiles("#ifndef __AVX512F__\n#error\n#endif\nint main() {}" FREDHOLM_HAS_AVX512)
  unset(CMAKE_REQUIRED_FLAGS)
  if(FREDHOLM_HAS_AVX512)
    target_compile_options(fredholm_dev INTERFACE -Wno-maybe-uninitialized -Wno-uninitialized)
  endif()
endif()
foreach(component IN LISTS FREDHOLM_COMPONENTS_FOUND)
  target_link_libraries(fredholm_dev INTERFACE fredholm::${component})
endforeach()
if(FREDHOLM_WERROR)
  target_compile_options(fredholm_dev INTERFACE -Werror)
endif()
if(FREDHOLM_NATIVE)
  include(CheckCXXCompilerFlag)
  check_cxx_compiler_flag(-march=native FREDHOLM_HAS_MARCH_NATIVE)
  if(FREDHOLM_HAS_MARCH_NATIVE)
    target_compile_options(fredholm_dev INTERFACE -march=native)
    # clang 19 warns of what it makes of -march=native itself, on processors with AVX10.
    check_cxx_compiler_flag("-march=native -Werror" FREDHOLM_MARCH_NATIVE_IS_QUIET)
    if(NOT FREDHOLM_MARCH_NATIVE_IS_QUIET)
      target_compile_options(fredholm_dev INTERFACE -Wno-invalid-feature-combination)
    endif()
  endif()
endif()
if(FREDHOLM_SANITIZE)
  target_compile_options(fredholm_dev INTERFACE
    -fsanitize=${FREDHOLM_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(fredholm_dev INTERFACE -fsanitize=${FREDHOLM_SANITIZE})
endif()

# TRUE in `result` where every optional component that `source` includes by name has its package here.
function(fredholm_can_compile source result)
  set(missing ${FREDHOLM_COMPONENTS})
  list(REMOVE_ITEM missing ${FREDHOLM_COMPONENTS_FOUND})
  set(${result} TRUE PARENT_SCOPE)
  foreach(component IN LISTS missing)
    file(STRINGS "${source}" includes REGEX "#include <fredholm/([a-z_]+/)*${component}([.]hpp|/)")
    if(includes)
      set(${result} FALSE PARENT_SCOPE)
      message(STATUS "fredholm: ${source} left out, it needs the component `${component}`")
    endif()
  endforeach()
endfunction()

# A program without doctest's main takes part in what the tests compile once (tests/CMakeLists.txt), where they do.
function(fredholm_share_instantiations target)
  if(TARGET fredholm_instantiated)
    target_link_libraries(${target} PRIVATE fredholm_instantiated)
    target_precompile_headers(${target} REUSE_FROM fredholm_test_main)
  endif()
endfunction()
