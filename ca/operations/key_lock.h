/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lock of a key file: its passphrase set, changed or taken away, while the key stays the same. A key file of a PKI directory is
 * exchanged under that directory's lock, and the ledger learns what is in it now, so that apply finds nothing to do.
 */
#ifndef MTLSKIT_OPERATIONS_KEY_LOCK_H
#define MTLSKIT_OPERATIONS_KEY_LOCK_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/fault.h"
#include "x509/key.h"

/** Opaque. */
struct key_lock;

/**
 * Open the key file that @p name means: with a slash in it, or ending in ".key" or ".pem", it is the path of a file, which belongs to the PKI
 * directory it lies in where that one's ledger knows it; else it is the name of an entry of PKI directory @p directory.
 * NULL with a fault: there is no such file. The directory stays locked until key_lock_free.
 */
struct key_lock *key_lock_open(const struct context *context, const char *name, const char *directory,
                               struct faults *faults);
void key_lock_free(struct key_lock *lock);
/** Path of the file. */
const char *key_lock_path(const struct key_lock *lock);
/** Whether it is encrypted now. */
bool key_lock_is_set(const struct key_lock *lock);
/** How its passphrase becomes the cipher's key now; KEY_KDF_PBKDF2 when it is not encrypted. */
enum key_kdf key_lock_kdf(const struct key_lock *lock);
/** Whether the ledger of a PKI directory knows it. */
bool key_lock_is_known(const struct key_lock *lock);

/**
 * Write the file again, 0600, whole or not at all: encrypted with @p new (PBES2; key_pkcs8_encrypted_pem) by @p kdf, or plain when that is NULL. What is
 * written has been opened again before, and holds the same key. @p old: NULL when the file is plain. @p spec: where @p new
 * came from, as the ledger is to remember it of an authority (settings_spec).
 */
int key_lock_change(struct key_lock *lock, const struct bytes *old, const struct bytes *new, enum key_kdf kdf,
                    const char *spec, struct faults *faults) MUST_USE;

#endif
