# cmake -D SOURCE=x.cpp -D MODEL=tests/main.cpp -D BUILD=build/dev -P compile_fail.cmake
#
# SOURCE must not compile, and the first error must hold the words after `// EXPECT: ` on its first line. With
# -DFREDHOLM_CONTROL, which mends the mistake (#ifdef), it must compile. Compiler and flags are those that the
# build uses for MODEL, precompiled header and all.
cmake_minimum_required(VERSION 3.25)

file(READ "${SOURCE}" text)
if(NOT text MATCHES "^// EXPECT: ([^\n]+)\n")
  message(FATAL_ERROR "${SOURCE}: the first line must be `// EXPECT: words of the first error`")
endif()
string(STRIP "${CMAKE_MATCH_1}" expected)

file(READ "${BUILD}/compile_commands.json" commands)
string(REGEX REPLACE "([][+.*()^$?|])" "\\\\\\1" model "${MODEL}")
if(NOT commands MATCHES "\"command\": \"([^\n]*)\",[ \n]*\"file\": \"${model}\"")
  message(FATAL_ERROR "${BUILD}/compile_commands.json does not say how ${MODEL} is compiled")
endif()
string(REPLACE "\\\"" "\"" command "${CMAKE_MATCH_1}")
separate_arguments(command UNIX_COMMAND "${command}")
list(FIND command "-o" at)
list(REMOVE_AT command ${at})
list(REMOVE_AT command ${at})  # and the object file
list(REMOVE_ITEM command -c "${MODEL}")
list(APPEND command -fsyntax-only -fdiagnostics-color=never)
set(ENV{LC_ALL} C)

execute_process(COMMAND ${command} "${SOURCE}" RESULT_VARIABLE failed ERROR_VARIABLE output OUTPUT_QUIET)
if(NOT failed)
  message(FATAL_ERROR "${SOURCE} compiles, and it must not")
endif()
if(NOT output MATCHES "(^|\n)([^\n]*error: [^\n]*)")
  message(FATAL_ERROR "the compiler failed without an error:\n${output}")
endif()
set(error "${CMAKE_MATCH_2}")
string(FIND "${error}" "${expected}" at)
if(at EQUAL -1)
  message(FATAL_ERROR "the first error is\n  ${error}\nand not\n  ${expected}\nThe compiler said:\n${output}")
endif()

execute_process(COMMAND ${command} -DFREDHOLM_CONTROL "${SOURCE}" RESULT_VARIABLE failed ERROR_VARIABLE output
                OUTPUT_QUIET)
if(failed)
  message(FATAL_ERROR "${SOURCE} does not compile with -DFREDHOLM_CONTROL, which should mend it:\n${output}")
endif()
message(STATUS "${error}")
