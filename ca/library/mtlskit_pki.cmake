# SPDX-License-Identifier: Apache-2.0
#
# mtlskit_pki(): a PKI for tests, made at build time. Part of the package; also run as a script, below.
#
#   mtlskit_pki(TARGET name MANIFEST pki.yaml
#               (SEED text [NOW time] | RANDOM)      unless the manifest has `fixtures:`
#               [DIRECTORY dir] [DEFINITION name] [OUTPUTS file...] [DEPENDS file-or-target...]
#               [ENVIRONMENT NAME=value...] [EXCLUDE_FROM_ALL])
#
# TARGET becomes a target that makes the PKI, and something to link: what has it in target_link_libraries() is built after the PKI, and
# finds it by the macro MTLSKIT_PKI_DIR, or whatever DEFINITION says. The property MTLSKIT_PKI_DIR of the target says the same to CMake.
#
# DIRECTORY   where it goes, below the build tree; else the target's name in the current one. It is made anew each time, so that what is
#             there follows from the manifest and the seed alone, and holds nothing else. No other PKI's lies in it.
# SEED, NOW   as --insecure-seed and --now of mtls-ca(1).
# RANDOM      fresh keys at each making, and certificates that end some day: rarely what a test wants.
# OUTPUTS     files of the PKI that other rules of the build name as their inputs; their targets have TARGET in add_dependencies().
# DEPENDS     what it depends on besides the files that mtls-ca itself tells of: the rule that makes the manifest, say.
# ENVIRONMENT for passphrases that are `env:NAME`.
#
# Made again when the manifest, a file it is made of, the arguments here or mtls-ca change. What mtls-ca complains of fails the build.

# ---- as a script: what is looked at in a build, around mtls-ca ---------------------------------------------------------

# cmake -DMANIFEST=... -P mtlskit_pki.cmake                whether the manifest brings a seed of its own
# cmake -DMANIFEST=... -DOUTPUTS=... -P mtlskit_pki.cmake  whether these were made
# cmake -DFORGET=... -DBELOW=... -P mtlskit_pki.cmake      with make, CMake adds what a depfile says to what it said before, and what is
#                                                          gone is then made for ever: forget what was said of FORGET in the folder BELOW
if(CMAKE_SCRIPT_MODE_FILE AND CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
    if(DEFINED FORGET)
        file(GLOB kept "${BELOW}/*.dir/compiler_depend.internal")
        foreach(file IN LISTS kept)
            file(READ "${file}" text)
            string(FIND "${text}" "\n${FORGET}\n" at)
            if(NOT at EQUAL -1)
                file(REMOVE "${file}")
            endif()
        endforeach()
    elseif(DEFINED OUTPUTS)
        foreach(output IN LISTS OUTPUTS)
            if(NOT EXISTS "${output}")
                message(FATAL_ERROR "${MANIFEST} makes no ${output}, which OUTPUTS of mtlskit_pki() names")
            endif()
        endforeach()
    elseif(EXISTS "${MANIFEST}")
        # `fixtures:` with nothing behind it is as if it were not there
        file(STRINGS "${MANIFEST}" seeded REGEX "^[^#]*insecure_seed[\"']?[ ]*:")
        if(NOT seeded)
            message(FATAL_ERROR "${MANIFEST} has no insecure_seed in `fixtures:`, and mtlskit_pki() no SEED: a PKI that is made in a build wants one "
                "of them, or RANDOM")
        endif()
    endif()
    return()
endif()

# ---- the function ------------------------------------------------------------------------------------------------------

cmake_policy(PUSH)
cmake_policy(VERSION 3.20...3.25)

# Sets ${result} to the absolute path of the PKI, which is this build's to remove.
function(mtlskit_pki_directory result dir)
    cmake_path(ABSOLUTE_PATH dir BASE_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}" NORMALIZE)
    string(REGEX REPLACE "/$" "" dir "${dir}")
    cmake_path(IS_PREFIX CMAKE_BINARY_DIR "${dir}" NORMALIZE inside)
    cmake_path(IS_PREFIX dir "${CMAKE_CURRENT_BINARY_DIR}" NORMALIZE around)
    if(NOT inside OR around)
        message(FATAL_ERROR "mtlskit_pki: DIRECTORY ${dir} is not below the build tree; it is removed whenever the PKI is made")
    endif()
    file(GLOB there LIST_DIRECTORIES true "${dir}/*")
    if(there AND NOT EXISTS "${dir}/.mtlskit.stamp" AND NOT EXISTS "${dir}/ledger.db")
        message(FATAL_ERROR "mtlskit_pki: DIRECTORY ${dir} holds files that are no PKI; it is removed whenever the PKI is made")
    endif()
    get_property(others GLOBAL PROPERTY MTLSKIT_PKI_DIRECTORIES)
    foreach(other IN LISTS others)
        cmake_path(IS_PREFIX other "${dir}" NORMALIZE below)
        cmake_path(IS_PREFIX dir "${other}" NORMALIZE above)
        if(below OR above)
            message(FATAL_ERROR "mtlskit_pki: DIRECTORY ${dir} and ${other} of another PKI are one in the other: making one would "
                "remove the other")
        endif()
    endforeach()
    set_property(GLOBAL APPEND PROPERTY MTLSKIT_PKI_DIRECTORIES "${dir}")
    set(${result} "${dir}" PARENT_SCOPE)
endfunction()

function(mtlskit_pki)
    cmake_parse_arguments(PARSE_ARGV 0 pki "RANDOM;EXCLUDE_FROM_ALL" "TARGET;MANIFEST;SEED;NOW;DIRECTORY;DEFINITION"
        "OUTPUTS;DEPENDS;ENVIRONMENT")
    if(pki_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "mtlskit_pki: what is ${pki_UNPARSED_ARGUMENTS}?")
    endif()
    foreach(needed TARGET MANIFEST)
        if("${pki_${needed}}" STREQUAL "")
            message(FATAL_ERROR "mtlskit_pki: ${needed} is missing")
        endif()
    endforeach()
    if(DEFINED pki_SEED AND pki_RANDOM)
        message(FATAL_ERROR "mtlskit_pki: SEED stands beside RANDOM")
    endif()
    if(DEFINED pki_NOW AND NOT DEFINED pki_SEED)
        message(FATAL_ERROR "mtlskit_pki: NOW needs SEED")
    endif()
    if(NOT DEFINED pki_DEFINITION)
        set(pki_DEFINITION MTLSKIT_PKI_DIR)
    endif()
    if(NOT DEFINED pki_DIRECTORY)
        set(pki_DIRECTORY "${pki_TARGET}")
    endif()
    cmake_path(ABSOLUTE_PATH pki_MANIFEST BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}" NORMALIZE OUTPUT_VARIABLE manifest)
    mtlskit_pki_directory(dir "${pki_DIRECTORY}")
    cmake_path(GET dir PARENT_PATH parent)
    set(stamp "${dir}/.mtlskit.stamp")
    list(TRANSFORM pki_OUTPUTS PREPEND "${dir}/" OUTPUT_VARIABLE outputs)

    set(seed "")
    set(check "")
    if(DEFINED pki_SEED)
        string(REPLACE ";" "$<SEMICOLON>" text "${pki_SEED}")
        set(seed --insecure-seed "${text}")
        if(DEFINED pki_NOW)
            list(APPEND seed --now "${pki_NOW}")
        endif()
    elseif(NOT pki_RANDOM)
        set(check COMMAND "${CMAKE_COMMAND}" "-DMANIFEST=${manifest}" -P "${CMAKE_CURRENT_FUNCTION_LIST_FILE}")
    endif()
    set(look "")
    if(outputs)
        string(REPLACE ";" "\\;" named "${outputs}")
        set(look COMMAND "${CMAKE_COMMAND}" "-DMANIFEST=${manifest}" "-DOUTPUTS=${named}" -P "${CMAKE_CURRENT_FUNCTION_LIST_FILE}")
    endif()
    set(forget "")
    if(CMAKE_GENERATOR MATCHES "Makefiles")
        set(forget COMMAND "${CMAKE_COMMAND}" "-DFORGET=${stamp}" "-DBELOW=${CMAKE_CURRENT_BINARY_DIR}/CMakeFiles"
            -P "${CMAKE_CURRENT_FUNCTION_LIST_FILE}")
    endif()
    set(environment "")
    if(pki_ENVIRONMENT)
        set(environment "${CMAKE_COMMAND}" -E env ${pki_ENVIRONMENT})
    endif()

    # Makefiles run a rule again for files that changed, not for a command that did: what was asked for is in a file.
    set(asked "${CMAKE_CURRENT_BINARY_DIR}/CMakeFiles/${pki_TARGET}.mtlskit")
    file(CONFIGURE OUTPUT "${asked}" CONTENT "${manifest}\n${seed}\n${pki_ENVIRONMENT}\n${pki_OUTPUTS}\n" @ONLY)

    add_custom_command(OUTPUT "${stamp}" ${outputs}
        ${check}
        COMMAND "${CMAKE_COMMAND}" -E rm -rf "${dir}"
        COMMAND "${CMAKE_COMMAND}" -E make_directory "${parent}"
        COMMAND ${environment} $<TARGET_FILE:mtlskit::mtls-ca> apply --quiet "${manifest}" --directory "${dir}"
            --depfile "${stamp}.d" ${seed}
        ${look}
        ${forget}
        COMMAND "${CMAKE_COMMAND}" -E touch "${stamp}"
        DEPENDS "${manifest}" "${asked}" "${CMAKE_CURRENT_FUNCTION_LIST_FILE}" $<TARGET_FILE:mtlskit::mtls-ca> ${pki_DEPENDS}
        DEPFILE "${stamp}.d"
        COMMENT "Making the PKI ${pki_TARGET}" VERBATIM)
    set(all "")
    if(pki_EXCLUDE_FROM_ALL)
        set(all EXCLUDE_FROM_ALL)
    endif()
    add_library(${pki_TARGET} INTERFACE ${all} "${stamp}" ${outputs})
    target_compile_definitions(${pki_TARGET} INTERFACE "${pki_DEFINITION}=\"${dir}\"")
    set_target_properties(${pki_TARGET} PROPERTIES MTLSKIT_PKI_DIR "${dir}")
    set_property(DIRECTORY APPEND PROPERTY ADDITIONAL_CLEAN_FILES "${dir}")
endfunction()

cmake_policy(POP)
