/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may use a key without a question: this program, and those that were named.
 */
#ifndef MTLSKIT_MACOS_ACCESS_H
#define MTLSKIT_MACOS_ACCESS_H

#include <Security/Security.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/fault.h"

/** Most programs of one key. */
#define ACCESS_PROGRAMS_MAX 100

/** An access for a new key: this program and @p programs; NULL with a fault. */
SecAccessRef access_create(const char *store, const char *label, const char *const *programs, size_t count,
                           struct faults *faults);
/**
 * Let @p programs use @p key, which is in a keychain, too: list and, where the keychain has them, partitions. What they may already is left, and if that
 * is all, nothing is written.
 * @param passphrase of the keychain, or NULL; partitions want it
 * -1 with a fault; @p key is then as it was, unless macOS wrote it and said that it had not.
 */
int access_allow(const char *store, SecKeyRef key, const char *const *programs, size_t count,
                 const struct bytes *passphrase, struct faults *faults) MUST_USE;

#endif
