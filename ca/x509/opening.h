/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A P12 being opened: the passphrase in the form that fits, what was spent on deriving from it, and how each way to fail is
 * told. For bundle_open alone.
 */
#ifndef MTLSKIT_X509_OPENING_H
#define MTLSKIT_X509_OPENING_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/fault.h"
#include "x509/derivation.h"
#include "x509/pbe.h"

/** Iterations one file may cost in all. */
#define OPENING_ITERATIONS_MAX 3000000

/** Borrows what it was made with, but for the passphrase's forms, which it owns. */
struct opening {
    const struct context *context;
    struct faults *faults;
    struct place place;
    bool peek;                          /**< no passphrase: look, do not decrypt */
    bool authenticated;                 /**< a MAC was right */
    bool form_settled;                  /**< an empty passphrase has two forms; the right one is known */
    struct passphrase_forms passphrase; /**< as derivations take it now */
    long iterations;                    /**< spent so far */
};

/** A fault that the P12 is broken; always -1. @p what: a phrase. */
int opening_broken(struct opening *opening, const char *what) MUST_USE;
/** Check @p mac over @p content: 0 when it is right. */
int opening_check_mac(struct opening *opening, const struct pbe_mac *mac, struct slice content) MUST_USE;
/** Decrypt; the plain text is appended. */
int opening_decrypt(struct opening *opening, const struct pbe *pbe, struct slice encrypted,
                    struct bytes *plain) MUST_USE;

#endif
