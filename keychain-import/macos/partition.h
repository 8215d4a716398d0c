/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Partitions: in keychains made new under a user's Library/Keychains, a key also lists whose programs may use it: "apple:" for those of the system,
 * "teamid:ABCDE12345" for those of a developer. It stands as a property list, in hexadecimal, in the description of a list of its own
 * in the key's access. That a program is on the list of programs is not enough there.
 */
#ifndef MTLSKIT_MACOS_PARTITION_H
#define MTLSKIT_MACOS_PARTITION_H

#include <stdbool.h>

#include <CoreFoundation/CoreFoundation.h>
#include <Security/Security.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/fault.h"

/** Most partitions of one key. */
#define PARTITIONS_MAX 64

/** Append the partition of the program or bundle @p path, from its code signature; -1 with a fault that names @p store. */
int partition_of(const char *path, const char *store, struct bytes *partition, struct faults *faults)
    MUST_USE;
/**
 * Add the partition of the program @p path to @p access, which is changed in memory only. 1: it was added, 0: it was there, or this access
 * has no partitions; -1 with a fault.
 */
int partition_add(SecAccessRef access, const char *path, const char *store, struct faults *faults) MUST_USE;

#endif
