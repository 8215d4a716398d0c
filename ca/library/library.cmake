# SPDX-License-Identifier: Apache-2.0
#
# libmtlskit out of the rooms library, x509 and base: shared and static, its headers, mtlskit.pc, and the package for find_package(mtlskit).
# Included by ca/CMakeLists.txt.
#
#   mtlskit          shared; shows what is called mtlskit_* and nothing else, and needs libcrypto alone
#   mtlskit_static   the same in one object, whose other names are taken away, so that they cannot meet those of a program
#
# The package is mtlskitConfig.cmake.in; further .cmake files of it go into package_files.

include(CMakePackageConfigHelpers)

# Before 1.0 a new minor version may change what is there.
if(PROJECT_VERSION_MAJOR EQUAL 0)
    set(library_soversion "${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}")
    set(library_compatibility SameMinorVersion)
else()
    set(library_soversion "${PROJECT_VERSION_MAJOR}")
    set(library_compatibility SameMajorVersion)
endif()

target_include_directories(room_library PUBLIC "${CMAKE_CURRENT_SOURCE_DIR}/library")

# ---- shared ----------------------------------------------------------------------------------------------------------

add_library(mtlskit SHARED $<TARGET_OBJECTS:room_library>)
set_target_properties(mtlskit PROPERTIES VERSION "${PROJECT_VERSION}" SOVERSION "${library_soversion}" LINKER_LANGUAGE C)
target_include_directories(mtlskit INTERFACE $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/library>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_libraries(mtlskit PRIVATE room_x509
    INTERFACE $<BUILD_INTERFACE:PkgConfig::CRYPTO> $<INSTALL_INTERFACE:OpenSSL::Crypto>)
if(APPLE)
    target_link_options(mtlskit PRIVATE -Wl,-dead_strip_dylibs "-Wl,-exported_symbols_list,${CMAKE_CURRENT_SOURCE_DIR}/library/exported.list")
    set_target_properties(mtlskit PROPERTIES LINK_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/library/exported.list")
else()
    target_link_options(mtlskit PRIVATE "-Wl,--version-script=${CMAKE_CURRENT_SOURCE_DIR}/library/exported.map")
    set_target_properties(mtlskit PROPERTIES LINK_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/library/exported.map")
    if(NOT MTLSKIT_SANITIZE AND NOT MTLSKIT_FUZZ)
        target_link_options(mtlskit PRIVATE -Wl,-z,defs)
    endif()
endif()
set(library_targets mtlskit)

# ---- static ----------------------------------------------------------------------------------------------------------

# What is hidden becomes local; on macOS the linker does so by itself.
set(library_object "${CMAKE_CURRENT_BINARY_DIR}/mtlskit.o")
set(localize "")
if(NOT APPLE)
    set(localize COMMAND "${CMAKE_OBJCOPY}" --localize-hidden "${library_object}")
endif()
if(APPLE OR CMAKE_OBJCOPY)
    add_custom_command(OUTPUT "${library_object}"
        COMMAND "${CMAKE_C_COMPILER}" -r -nostdlib -o "${library_object}" $<TARGET_OBJECTS:room_library>
            $<TARGET_FILE:room_x509> $<TARGET_FILE:room_base>
        ${localize}
        DEPENDS room_library room_x509 room_base $<TARGET_OBJECTS:room_library>
        COMMENT "Binding the library into one object" VERBATIM COMMAND_EXPAND_LISTS)
    add_library(mtlskit_static STATIC "${library_object}")
    add_library(mtlskit::mtlskit_static ALIAS mtlskit_static)
    set_source_files_properties("${library_object}" PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
    set_target_properties(mtlskit_static PROPERTIES OUTPUT_NAME mtlskit LINKER_LANGUAGE C)
    target_include_directories(mtlskit_static INTERFACE $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/library>
        $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
    target_link_libraries(mtlskit_static
        INTERFACE $<BUILD_INTERFACE:PkgConfig::CRYPTO> $<INSTALL_INTERFACE:OpenSSL::Crypto> Threads::Threads)
    list(APPEND library_targets mtlskit_static)
else()
    mtlskit_omit("the static library" "objcopy was not found")
endif()

# ---- what is installed -------------------------------------------------------------------------------------------------

set(library_package "${CMAKE_INSTALL_LIBDIR}/cmake/mtlskit")
set(package_files library/mtlskit_pki.cmake)

install(TARGETS ${library_targets} EXPORT mtlskitTargets
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY library/mtlskit DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(EXPORT mtlskitTargets NAMESPACE mtlskit:: DESTINATION ${library_package})
configure_package_config_file(library/mtlskitConfig.cmake.in "${CMAKE_CURRENT_BINARY_DIR}/mtlskitConfig.cmake"
    INSTALL_DESTINATION ${library_package})
write_basic_package_version_file("${CMAKE_CURRENT_BINARY_DIR}/mtlskitConfigVersion.cmake"
    COMPATIBILITY ${library_compatibility})
# mtlskit.pc finds the rest from where it lies, wherever all of it was installed to.
set(pc_libdir "\${prefix}/${CMAKE_INSTALL_LIBDIR}")
set(pc_includedir "\${prefix}/${CMAKE_INSTALL_INCLUDEDIR}")
if(IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}" OR IS_ABSOLUTE "${CMAKE_INSTALL_INCLUDEDIR}")
    set(pc_prefix "${CMAKE_INSTALL_PREFIX}")
    set(pc_libdir "${CMAKE_INSTALL_FULL_LIBDIR}")
    set(pc_includedir "${CMAKE_INSTALL_FULL_INCLUDEDIR}")
else()
    file(RELATIVE_PATH pc_up "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
    set(pc_prefix "\${pcfiledir}/${pc_up}")
endif()
configure_file(library/mtlskit.pc.in "${CMAKE_CURRENT_BINARY_DIR}/mtlskit.pc" @ONLY)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/mtlskitConfig.cmake" "${CMAKE_CURRENT_BINARY_DIR}/mtlskitConfigVersion.cmake"
    ${package_files} DESTINATION ${library_package})
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/mtlskit.pc" DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
file(GLOB sections_3 CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/library/*.3")
install(FILES ${sections_3} DESTINATION ${CMAKE_INSTALL_MANDIR}/man3)

# ---- for a project that has this one in a folder of its own -------------------------------------------------------------

add_library(mtlskit::mtlskit ALIAS mtlskit)
include("${CMAKE_CURRENT_LIST_DIR}/mtlskit_pki.cmake")
