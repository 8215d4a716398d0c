/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The account that runs the program: its name, as a log tells it, and the one that root gives itself up for where bytes of others are
 * parsed (base/confine.h).
 */
#ifndef MTLSKIT_BASE_ACCOUNT_H
#define MTLSKIT_BASE_ACCOUNT_H

#include <sys/types.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/fault.h"

/** Longest name account_name gives, in bytes. */
#define ACCOUNT_NAME_MAX 200

/**
 * Append the name of the account whose rights the process has ("alice"; "uid 1000" for one without a name), and, for root, who
 * it was before sudo(8): "root (sudo by alice)". Long names are cut, and what cannot be printed is
 * escaped. -1 when memory is out.
 */
int account_name(struct bytes *name) MUST_USE;

/** An account without rights of its own over the machine. */
struct account {
    uid_t user;
    gid_t group;
};

/**
 * For root: the number of an account or group in @p variable of the environment (SUDO_UID, SUDO_GID), to *number. 0: it is not set, or empty;
 * -1 with a fault: it is something else than a number below 2^32 - 1.
 */
int account_number(const char *variable, unsigned long *number, struct faults *faults) MUST_USE;
/**
 * For root: who called sudo(8) (SUDO_UID and SUDO_GID, both set and neither 0), else the account "nobody". It is looked up before
 * anything is given up, for that may read files. -1 with a fault when there is neither, or either is no number.
 */
int account_behind_root(struct account *account, struct faults *faults) MUST_USE;
/**
 * Become @p account for good, as root: first the other groups are given up, then the group, then the user; and what was given up is asked
 * for again, to see that it is gone. -1 with a fault: the process is then fit for nothing but to end.
 */
int account_become(const struct account *account, struct faults *faults) MUST_USE;

#endif
