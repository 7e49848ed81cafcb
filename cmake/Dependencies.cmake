# Everything the project links, found once. LibTorch comes first: it fixes the compiler's -D flags.
find_program(EDDYLINE_CCACHE ccache)
if(EDDYLINE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # A precompiled header hides its macros and its time stamp from ccache, hence the two relaxations.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${EDDYLINE_CCACHE})
endif()

set(CAFFE2_USE_CUDNN OFF)
find_package(Torch REQUIRED)
set(HDF5_PREFER_PARALLEL OFF)
find_package(HDF5 REQUIRED COMPONENTS C HL)
find_package(VTK 9.1 REQUIRED COMPONENTS CommonCore CommonDataModel IOXML IOImage IOOggTheora ImagingColor
             RenderingFreeType)
find_package(OpenMP REQUIRED COMPONENTS CXX)
find_package(yaml-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_path(MUPARSER_INCLUDE_DIR muParser.h REQUIRED)
find_library(MUPARSER_LIBRARY muparser REQUIRED)
find_package(GIF 5 REQUIRED)
find_path(LIBXSMM_INCLUDE_DIR libxsmm.h REQUIRED)
find_library(LIBXSMM_LIBRARY xsmm REQUIRED)
find_library(LIBXSMM_NOBLAS_LIBRARY xsmmnoblas REQUIRED)  # the products of any size that we leave to LibTorch

# Of VTK's Theora writer only the library: its definitions would change the flags of every source.
list(REMOVE_ITEM VTK_LIBRARIES VTK::IOOggTheora)

# What a user of the library needs, and what only its own sources need.
add_library(eddyline_interface INTERFACE)
target_include_directories(eddyline_interface INTERFACE $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}>
                           $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/eddyline>)
target_compile_features(eddyline_interface INTERFACE $<INSTALL_INTERFACE:cxx_std_20>)
target_link_libraries(eddyline_interface INTERFACE torch OpenMP::OpenMP_CXX)

add_library(eddyline_dependencies INTERFACE)
target_include_directories(eddyline_dependencies SYSTEM INTERFACE ${MUPARSER_INCLUDE_DIR} ${LIBXSMM_INCLUDE_DIR})
target_link_libraries(eddyline_dependencies INTERFACE eddyline_interface hdf5::hdf5 ${VTK_LIBRARIES} yaml-cpp
                      CLI11::CLI11 nlohmann_json::nlohmann_json ${MUPARSER_LIBRARY} GIF::GIF
                      ${LIBXSMM_LIBRARY} ${LIBXSMM_NOBLAS_LIBRARY} ${CMAKE_DL_LIBS}
                      $<LINK_ONLY:VTK::IOOggTheora>)
