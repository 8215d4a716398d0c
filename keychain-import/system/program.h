/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One program of the system run to its end: with a bare environment, under a time limit, what it says kept for the complaint. For system/ alone.
 */
#ifndef MTLSKIT_SYSTEM_PROGRAM_H
#define MTLSKIT_SYSTEM_PROGRAM_H

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/fault.h"

/** Longest time it may take. */
#define SYSTEM_PROGRAM_SECONDS_MAX 300

/** Run @p arguments (the path of the program first, NULL last) and give it @p input. -1 with a fault, also when its status is not 0. */
int system_program_run(const char *const *arguments, struct slice input, struct faults *faults) MUST_USE;

#endif
