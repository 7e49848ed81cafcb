# One set of flags for every folder: the precompiled LibTorch header is shared and must see the same flags everywhere.
add_library(eddyline_options INTERFACE)
target_compile_options(eddyline_options INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
  -Wno-restrict -Wno-stringop-overflow -Wno-array-bounds)  # g++ 12 is wrong on literal + std::string (GCC bug 105651)
if(EDDYLINE_WARNINGS_AS_ERRORS)
  target_compile_options(eddyline_options INTERFACE -Werror)
endif()
if(EDDYLINE_MARCH)
  target_compile_options(eddyline_options INTERFACE -march=${EDDYLINE_MARCH})
endif()
if(EDDYLINE_SANITIZERS)
  target_compile_options(eddyline_options INTERFACE -fsanitize=${EDDYLINE_SANITIZERS} -fno-omit-frame-pointer)
  target_link_options(eddyline_options INTERFACE -fsanitize=${EDDYLINE_SANITIZERS})
endif()
find_program(EDDYLINE_LLD ld.lld)
if(EDDYLINE_LLD)
  target_link_options(eddyline_options INTERFACE -fuse-ld=lld)
endif()
link_libraries($<BUILD_INTERFACE:eddyline_options>)  # of no concern to those who use the installed library

# eddyline_folder(NAME): every source of a top-level folder as one object library.
function(eddyline_folder name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${name}/*.cpp)
  if(NOT sources)
    file(WRITE ${CMAKE_BINARY_DIR}/${name}_empty.cpp "")
    set(sources ${CMAKE_BINARY_DIR}/${name}_empty.cpp)
  endif()
  add_library(eddyline_${name} OBJECT ${sources})
  target_link_libraries(eddyline_${name} PRIVATE eddyline_dependencies)
  if(NOT name STREQUAL solvers)  # whose loops are compiled with flags of their own
    eddyline_use_precompiled_torch(eddyline_${name})
  endif()
endfunction()
