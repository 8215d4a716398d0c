/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Confinement: a process gives up, for good, all but computing and writing to what it has open. Whoever parses bytes of others for
 * somebody who has more rights than their sender does it in such a process (base/confined_call.h).
 *
 *   Linux   a seccomp filter (seccomp(2), through libseccomp): of the system's calls those stay that give memory, random bytes and the
 *           time, that write to an open descriptor, and that end the process; every other one fails with EPERM. No new privileges, no
 *           core dump, nobody of the same user may look into it.
 *   macOS   the sandbox profile "pure computation".
 *   both    limits (setrlimit(2)): no new descriptor and so no file, no further process, no core dump; processor time and memory as said
 *           (macOS counts the data segment alone).
 *
 * A build without libseccomp (MTLSKIT_SECCOMP is off) has the limits alone; confine_means tells. So has, but for builds with NDEBUG, a process
 * under valgrind.
 */
#ifndef MTLSKIT_BASE_CONFINE_H
#define MTLSKIT_BASE_CONFINE_H

#include <stddef.h>

#include "base/attributes.h"
#include "base/fault.h"

/** What is still given to a confined process. */
struct confinement {
    size_t memory;    /**< bytes, beyond what it has when it is confined */
    unsigned seconds; /**< of the processor's time, in all */
};

/** By what a process is confined beyond its limits: "seccomp", "sandbox"; NULL: by nothing. Static. */
const char *confine_means(void);

/**
 * Confine this process. It should have one thread: others would not be confined. -1 with a fault; the process is then fit for nothing
 * but to say so and to end. A system without what this build confines by is such a failure.
 */
int confine_process(const struct confinement *confinement, struct faults *faults) MUST_USE;

#endif
