# SPDX-License-Identifier: Apache-2.0
#
# cmake -DOUTPUT=builtin.c "-DPROFILES=a.yaml;b.yaml" -P builtin.cmake
#
# Writes the C source behind manifest/builtin.h: each file as an array of octets. Needs nothing but CMake.

cmake_minimum_required(VERSION 3.25)

set(arrays "")
set(rows "")
set(count 0)
# By name without .yaml: as files, a-b.yaml would stand before a.yaml.
list(TRANSFORM PROFILES REPLACE "\\.yaml$" "")
list(SORT PROFILES)
foreach(file IN LISTS PROFILES)
    get_filename_component(name "${file}" NAME)
    string(APPEND file ".yaml")
    file(READ "${file}" hex HEX)
    string(LENGTH "${hex}" length)
    math(EXPR length "${length} / 2")
    # Fourteen octets a line.
    string(REPEAT "." 28 line)
    string(REGEX REPLACE "(${line})" "\\1\n    " octets "${hex}")
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1', " octets "${octets}")
    string(APPEND arrays "static const char profile_${count}[] = {\n    ${octets}'\\0'};\n\n")
    string(APPEND rows "    {\"${name}\", profile_${count}, ${length}},\n")
    math(EXPR count "${count} + 1")
endforeach()
# An array of no elements is no C: one empty row stands behind the last.
string(APPEND rows "    {NULL, NULL, 0},\n")

file(WRITE "${OUTPUT}.new" "/* Generated from templates/profiles by ca/manifest/builtin.cmake. */
#include \"manifest/builtin.h\"

${arrays}static const struct builtin_profile profiles[] = {
${rows}};

size_t builtin_profile_count(void)
{
    return sizeof(profiles) / sizeof(profiles[0]) - 1;
}

const struct builtin_profile *builtin_profile_at(size_t index)
{
    return index < builtin_profile_count() ? &profiles[index] : NULL;
}
")
file(RENAME "${OUTPUT}.new" "${OUTPUT}")
