/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Other processes, told to people: which one is in the way, and what it does.
 */
#ifndef MTLSKIT_BASE_PROCESS_H
#define MTLSKIT_BASE_PROCESS_H

#include "base/attributes.h"
#include "base/bytes.h"

/**
 * Append "process 4711 (mtls-ca apply)": the program and, where the system tells and it looks like one, the command that follows. Of
 * its other arguments nothing is told, for they may hold what is nobody's business. A process nothing is known of is "process 4711".
 * -1 when memory is out.
 */
int process_describe(long process, struct bytes *text) MUST_USE;

/**
 * No core of this process, and of those it starts, is written should it crash: keys and passphrases are in its memory.
 */
void process_keep_from_disk(void);

#endif
