# `cmake --install`: the program, the library with its headers and its CMake package, the manual page, completions.
include(CMakePackageConfigHelpers)

install(TARGETS eddyline eddyline_interface EXPORT EddylineTargets
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS eddyline_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
# Headers include each other by their path from the root, which is include/eddyline here.
install(DIRECTORY core DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/eddyline FILES_MATCHING PATTERN "*.hpp")

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/Eddyline)
install(EXPORT EddylineTargets NAMESPACE Eddyline:: DESTINATION ${package_folder})
configure_package_config_file(cmake/EddylineConfig.cmake.in ${CMAKE_BINARY_DIR}/EddylineConfig.cmake
                              INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/EddylineConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/EddylineConfig.cmake ${CMAKE_BINARY_DIR}/EddylineConfigVersion.cmake
        DESTINATION ${package_folder})

# The program itself knows its commands and configs: it writes the manual page and the completions.
set(manual ${CMAKE_BINARY_DIR}/share/eddyline.1)
set(bash_completion ${CMAKE_BINARY_DIR}/share/eddyline.bash)
set(zsh_completion ${CMAKE_BINARY_DIR}/share/_eddyline)
set(fish_completion ${CMAKE_BINARY_DIR}/share/eddyline.fish)
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/share)
add_custom_command(
  OUTPUT ${manual} ${bash_completion} ${zsh_completion} ${fish_completion}
  COMMAND eddyline_program man > ${manual}
  COMMAND eddyline_program completion bash > ${bash_completion}
  COMMAND eddyline_program completion zsh > ${zsh_completion}
  COMMAND eddyline_program completion fish > ${fish_completion}
  DEPENDS eddyline_program COMMENT "Writing the manual page and the completions")
add_custom_target(eddyline_manual ALL DEPENDS ${manual} ${bash_completion} ${zsh_completion} ${fish_completion})
install(FILES ${manual} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${bash_completion} DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME eddyline)
install(FILES ${zsh_completion} DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES ${fish_completion} DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(DIRECTORY configs DESTINATION ${CMAKE_INSTALL_DATADIR}/eddyline)
install(FILES LICENSE README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
