# The version stands in four files; they agree.
cmake_minimum_required(VERSION 3.25)
string(REPLACE "." ";" parts "${VERSION}")
list(GET parts 0 major)
list(GET parts 1 minor)
list(GET parts 2 patch)

function(expect file pattern)
  file(READ "${SOURCE}/${file}" text)
  if(NOT text MATCHES "${pattern}")
    message(SEND_ERROR "${file} does not say ${VERSION}, as CMakeLists.txt does (looked for: ${pattern})")
  endif()
endfunction()

string(REPLACE "." "[.]" quoted "${VERSION}")
set(header include/fredholm/core/version.hpp)
expect(${header} "version_major = ${major};")
expect(${header} "version_minor = ${minor};")
expect(${header} "version_patch = ${patch};")
expect(${header} "version = \"${quoted}\";")
expect(CITATION.cff "\nversion: ${quoted}\n")
# The first heading is the release, or `Unreleased` with the version that it will be.
expect(CHANGELOG.md "^[^#]*# [^#]*## (\\[${quoted}\\]|\\[Unreleased\\][^#]*${quoted})")
