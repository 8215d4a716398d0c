/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Passphrases of one run: each SPEC is asked once, and all are wiped at the end.
 */
#ifndef MTLSKIT_ISSUING_PASSPHRASES_H
#define MTLSKIT_ISSUING_PASSPHRASES_H

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/fault.h"
#include "base/passphrase.h"
#include "manifest/manifest.h"

/** Opaque; one thread at a time. */
struct passphrases;

/** @p folder: what file:PATH is relative to; copied. NULL when memory is out. */
struct passphrases *passphrases_new(const struct context *context, const char *folder);
void passphrases_free(struct passphrases *passphrases);
/** How many were given so far that nobody asks for again, those of generate and pass:TEXT. */
size_t passphrases_fresh(const struct passphrases *passphrases);
/** Wipe and free the first @p count of them: the batch they were for is made. */
void passphrases_forget_fresh(struct passphrases *passphrases, size_t count);
/**
 * The passphrase of @p spec, owned by the list and valid until it is freed (see passphrases_forget_fresh); NULL with a fault. prompt: is asked again for each
 * @p label; generate: is new at each call. What could not be had is told once, and then NULL alone.
 * @param confirm for a new secret: prompt asks twice
 */
const struct bytes *passphrases_get(struct passphrases *passphrases, const struct passphrase_spec *spec,
                                    const char *label, bool confirm, struct faults *faults);

/**
 * The same for what @p spot of @p entry asks for, which complaints then name. Nobody is asked anything any more when @p faults holds
 * an error: NULL.
 */
const struct bytes *passphrases_get_at(struct passphrases *passphrases, const struct passphrase_spec *spec,
                                       const struct entry *entry, struct entry_spot spot, const char *label,
                                       bool confirm, struct faults *faults);

#endif
