# secateur::secateur, everything; and what `cmake --install` writes beside the folders.
get_property(SECATEUR_FOLDERS GLOBAL PROPERTY SECATEUR_FOLDERS)
add_library(secateur_everything INTERFACE)
add_library(secateur::secateur ALIAS secateur_everything)
foreach(folder IN LISTS SECATEUR_FOLDERS)
  target_link_libraries(secateur_everything INTERFACE secateur_${folder})
endforeach()

if(SECATEUR_INSTALL)
  include(CMakePackageConfigHelpers)
  set(package "${CMAKE_INSTALL_LIBDIR}/cmake/secateur")
  install(TARGETS secateur_everything EXPORT secateurTargets)
  set_target_properties(secateur_everything PROPERTIES EXPORT_NAME secateur)
  install(EXPORT secateurTargets NAMESPACE secateur:: DESTINATION "${package}")

  # What a program must find again: what public headers include, and what our archives are linked
  # with. The OpenMP runtime goes by its name ("gomp"), because its folder belongs to a compiler.
  get_property(packages GLOBAL PROPERTY SECATEUR_LINKED_PACKAGES)
  list(REMOVE_DUPLICATES packages)
  list(TRANSFORM packages REPLACE "(.+)" "find_dependency(\\1)")
  list(JOIN packages "\n" SECATEUR_FIND_PACKAGES)
  set(SECATEUR_OPENMP_NAMES "${OpenMP_CXX_LIB_NAMES}")
  configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/secateurConfig.cmake.in"
                                "${PROJECT_BINARY_DIR}/generated/secateurConfig.cmake"
                                INSTALL_DESTINATION "${package}")
  write_basic_package_version_file("${PROJECT_BINARY_DIR}/generated/secateurConfigVersion.cmake"
                                   COMPATIBILITY SameMinorVersion)
  install(FILES "${PROJECT_BINARY_DIR}/generated/secateurConfig.cmake"
                "${PROJECT_BINARY_DIR}/generated/secateurConfigVersion.cmake"
                "${PROJECT_SOURCE_DIR}/cmake/FindSecateurBackends.cmake"
          DESTINATION "${package}")
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/recipes" "${PROJECT_SOURCE_DIR}/examples"
          DESTINATION "${CMAKE_INSTALL_DATADIR}/secateur")
  install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DATADIR}/secateur")
  if(TARGET secateur)
    install(TARGETS secateur RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
  endif()
endif()
