# One place for compiler settings, so that a folder's CMakeLists.txt says only what it contains and what it may include.
add_library(haven_settings INTERFACE)
target_include_directories(haven_settings INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(haven_settings INTERFACE -Wall -Wextra -Wpedantic -Wnon-virtual-dtor -Woverloaded-virtual -Werror)
# Debian's libraries are built by g++ 12; clang from 18 on mangles some templates as only a later g++ does.
target_compile_options(haven_settings INTERFACE -fclang-abi-compat=17)
# libstdc++ 12's own std::stable_sort uses what C++17 deprecated; clang blames its instantiation.
target_compile_options(haven_settings INTERFACE -Wno-deprecated-declarations)
target_compile_definitions(haven_settings INTERFACE BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_VISIBILITY=0)
if(HAVEN_SANITIZE)
  set(ignore ${CMAKE_SOURCE_DIR}/cmake/sanitizer_ignore.txt)
  set(sanitized $<NOT:$<BOOL:$<TARGET_PROPERTY:HAVEN_PLAIN>>>)
  target_compile_options(haven_settings INTERFACE
    "$<${sanitized}:-fsanitize=address,undefined;-fno-sanitize-recover=undefined;-fsanitize-ignorelist=${ignore}>" -fno-omit-frame-pointer)
  target_link_options(haven_settings INTERFACE $<${sanitized}:-fsanitize=address,undefined>)
endif()

# haven_plain(<target>...): without sanitizers and optimised also in a sanitizer build. For pure code whose search is too long
# under them; all that such a target links must be plain.
function(haven_plain)
  foreach(target ${ARGN})
    set_target_properties(${target} PROPERTIES HAVEN_PLAIN ON DISABLE_PRECOMPILE_HEADERS ON)
    target_compile_options(${target} PRIVATE -O2)
  endforeach()
endfunction()

# Headers that most sources share, parsed once: 15 to 40 % of a source's time. A compiler loads one such file only.
if(HAVEN_PRECOMPILE)
  foreach(kind code test)
    file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/precompiled_${kind}.cc CONTENT "")
    add_library(haven_precompiled_${kind} OBJECT ${CMAKE_BINARY_DIR}/precompiled_${kind}.cc)
    target_link_libraries(haven_precompiled_${kind} PRIVATE haven_settings)
  endforeach()
  target_precompile_headers(haven_precompiled_code PRIVATE ${CMAKE_SOURCE_DIR}/cmake/precompiled.h)
  target_precompile_headers(haven_precompiled_test PRIVATE ${CMAKE_SOURCE_DIR}/cmake/precompiled_test.h)
  # Without a time in it, ccache knows it again.
  target_compile_options(haven_settings INTERFACE "SHELL:-Xclang -fno-pch-timestamp")
endif()

# haven_seeded_faults(<target>...): those that contain faults for chaos control runs. Only they differ in such a build.
function(haven_seeded_faults)
  if(HAVEN_SEEDED_FAULTS)
    foreach(target ${ARGN})
      target_compile_definitions(${target} PRIVATE HAVEN_SEEDED_FAULTS=1)
    endforeach()
  endif()
endfunction()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # base_dir lets two build folders share results.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}
      CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE_PROGRAM})
endif()
find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
endif()

# haven_library(<name> [SOURCES ...] [DEPS ...] [PRIVATE_DEPS ...]): a static library (INTERFACE without sources).
# What is not in DEPS cannot be linked: the list is the architecture's include rule.
function(haven_library name)
  cmake_parse_arguments(A "" "" "SOURCES;DEPS;PRIVATE_DEPS" ${ARGN})
  if(A_SOURCES)
    add_library(${name} STATIC ${A_SOURCES})
    target_link_libraries(${name} PUBLIC haven_settings ${A_DEPS} PRIVATE ${A_PRIVATE_DEPS})
    if(HAVEN_PRECOMPILE)
      target_precompile_headers(${name} REUSE_FROM haven_precompiled_code)
    endif()
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE haven_settings ${A_DEPS})
  endif()
endfunction()

# haven_test(<name> SOURCES ... DEPS ... [LABELS ...]): one Catch2 binary, one ctest entry.
function(haven_test name)
  if(NOT HAVEN_TESTS)
    return()
  endif()
  cmake_parse_arguments(A "" "TIMEOUT" "SOURCES;DEPS;LABELS" ${ARGN})
  add_executable(${name} ${A_SOURCES})
  target_link_libraries(${name} PRIVATE haven_settings haven_test_main ${A_DEPS})
  if(HAVEN_PRECOMPILE)
    target_precompile_headers(${name} REUSE_FROM haven_precompiled_test)
  endif()
  add_test(NAME ${name} COMMAND ${name})
  if(NOT A_TIMEOUT)
    set(A_TIMEOUT 300)
  endif()
  # What may take longest starts first, so that a run does not end with it alone.
  set_tests_properties(${name} PROPERTIES TIMEOUT ${A_TIMEOUT} COST ${A_TIMEOUT})
  if(A_LABELS)
    set_tests_properties(${name} PROPERTIES LABELS "${A_LABELS}")
  endif()
endfunction()

# haven_embed(<target> <namespace> FILES a.lua b.sql): compiles text files into the target as
# `extern const std::string_view k<Name>` in <generated>/<target>_embedded.h (a_b.lua becomes kABLua).
function(haven_embed target namespace)
  cmake_parse_arguments(A "" "" "FILES" ${ARGN})
  set(files)
  foreach(f ${A_FILES})
    list(APPEND files ${CMAKE_CURRENT_SOURCE_DIR}/${f})
  endforeach()
  set(stem ${CMAKE_BINARY_DIR}/embedded/${target}_embedded)
  add_custom_command(OUTPUT ${stem}.h ${stem}.cc
    COMMAND ${CMAKE_COMMAND} -DOUT=${stem} -DNAMESPACE=${namespace} "-DFILES=${files}" -P ${CMAKE_SOURCE_DIR}/cmake/Embed.cmake
    DEPENDS ${files} ${CMAKE_SOURCE_DIR}/cmake/Embed.cmake VERBATIM)
  target_sources(${target} PRIVATE ${stem}.cc ${stem}.h)
  target_include_directories(${target} PUBLIC ${CMAKE_BINARY_DIR}/embedded)
endfunction()
