/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program that hold runs: found as a shell finds it, given its arguments and the identity's reference, and the signals that come to us.
 */
#ifndef MTLSKIT_COMMANDS_CHILD_H
#define MTLSKIT_COMMANDS_CHILD_H

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/fault.h"

/** What the program finds the identity by. */
#define CHILD_REFERENCE_VARIABLE "MTLS_IDENTITY_URI"

/** Exit statuses of our own failures, as env(1) and others have them. */
enum child_status {
    CHILD_OWN_FAILURE = 125,
    CHILD_NOT_RUNNABLE = 126, /**< it is there, and cannot be run */
    CHILD_NOT_FOUND = 127,
    CHILD_SIGNALLED = 128 /**< and the signal's number: it ended by that */
};

/** Find @p name in PATH (one with a slash is a path already); its absolute path is appended. 0, or CHILD_NOT_RUNNABLE or CHILD_NOT_FOUND with a fault. */
int child_find(const char *name, struct bytes *path, struct faults *faults) MUST_USE;
/**
 * Run @p path with @p arguments (NULL last) and wait for its end. @p reference: for CHILD_REFERENCE_VARIABLE; NULL: that is not set.
 * SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1 and SIGUSR2 are passed on, but for those the terminal sent, which it has already; afterwards they
 * stay blocked, so that what was begun can be ended. Its status, or CHILD_SIGNALLED and the signal; or one of ours with a fault.
 */
int child_run(const char *path, const char *const *arguments, const char *reference, struct faults *faults)
    MUST_USE;

#endif
