/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every object of the library begins with: the context it is made in, and what went wrong in the last call that changed it. Each
 * such call begins with handle_begin and ends with handle_settle; in between whatever goes wrong is added to the faults.
 */
#ifndef MTLSKIT_LIBRARY_HANDLE_H
#define MTLSKIT_LIBRARY_HANDLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/fault.h"

struct mtlskit_context;

struct handle {
    struct mtlskit_context *context; /* borrowed */
    struct faults *faults;           /* of the call that is going on; empty between calls */
    struct bytes message; /* of the last one; empty when it went well, or when there is no memory for it */
    size_t told;          /* so many faults are of calls before */
    bool failed;          /* the last one did */
};

/** -1 when memory is out, or @p context is NULL; handle_end is to be called all the same. */
int handle_start(struct handle *handle, struct mtlskit_context *context) MUST_USE;
void handle_end(struct handle *handle);

/** Forget the last message, and mark OpenSSL's queue of errors. */
void handle_begin(struct handle *handle);
/** Make a message of the faults when @p status, which is given back, is not 0; OpenSSL's queue becomes what it was. */
int handle_settle(struct handle *handle, int status) MUST_USE;
/** The message; @p handle may be NULL. */
const char *handle_error(const struct handle *handle);

/** A fault for a text that was not given: @p what ("the subject"). Always -1. */
int handle_missing(struct handle *handle, const char *what);
/** A fault that quotes @p text, cut when it is long: WHAT "TEXT" WHY. @p why NULL: memory is out. Always -1. */
int handle_refuse(struct handle *handle, const char *what, const char *text, const char *why,
                  const char *hint);

#endif
