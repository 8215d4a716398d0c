/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keeper: a process of its own for each open database. NSS keeps its state in globals, and a database may be another user's file: its
 * keeper becomes that user for good before it looks at a byte (nss/owner.h), has no descriptor of ours but its socket and the standard
 * ones, and cannot be traced. It ignores the signals that end a run, so that no write is cut through; it ends with its socket.
 */
#ifndef MTLSKIT_NSS_KEEPER_H
#define MTLSKIT_NSS_KEEPER_H

#include "base/attributes.h"
#include "base/fault.h"
#include "nss/message.h"
#include "nss/owner.h"

/** How long an answer is waited for, in seconds, where nothing else is said: NSS itself tries again for ten when a database is locked. */
#define KEEPER_SECONDS 60

/** Opaque. */
struct keeper;

/** Start; an answer is waited for @p seconds (0: KEEPER_SECONDS), after which the process is killed. NULL with a fault. */
struct keeper *keeper_start(const struct owner *owner, unsigned seconds, struct faults *faults);
/** What is done with an ENTRY; not 0 ends the walk, which then answers that. */
typedef int (*keeper_entry_fn)(void *state, struct inbound *entry);
/**
 * Ask @p question (freed) and take the answer in @p done (replaced), from which the caller reads DONE's fields. Its faults are added to
 * @p faults. @p each may be NULL where no ENTRY can come. 0, -1 with a fault, or what @p each answered. After the process broke down
 * each question fails with the same words.
 */
int keeper_ask(struct keeper *keeper, struct message *question, keeper_entry_fn each, void *state,
               struct inbound *done, struct faults *faults) MUST_USE;
/** Let it close its database and end; frees. -1: it did not end well. NULL is taken. */
int keeper_stop(struct keeper *keeper, struct faults *faults) MUST_USE;

#endif
