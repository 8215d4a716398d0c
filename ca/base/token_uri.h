/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Token URIs: where a key in a PKCS#11 token is (RFC 7512), as text that a user wrote. This only reads and judges the
 * text: it loads nothing and asks no token.
 *
 *     pkcs11:token=CA;object=root-2026?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:/run/pin
 */
#ifndef MTLSKIT_BASE_TOKEN_URI_H
#define MTLSKIT_BASE_TOKEN_URI_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/bytes.h"

/** Longest URI taken, in bytes. */
#define TOKEN_URI_MAX 1023

/** What a URI says, percent-decoded. Starts as all zeros; empty where the attribute is absent or empty. */
struct token_uri {
    struct bytes token;       /**< label of the token */
    struct bytes object;      /**< CKA_LABEL of the key */
    struct bytes id;          /**< CKA_ID of the key */
    struct bytes pin_source;  /**< where the PIN is: a file's path, without "file:" */
    struct bytes module_path; /**< absolute */
};

/** Whether @p text has the scheme of a token URI ("pkcs11:", in any case). */
bool token_uri_is(const char *text);
/**
 * Read @p text. -1: *why is a static phrase that goes on after "the URI", as in "has an attribute twice"; NULL when memory is out.
 * Refused besides what RFC 7512 section 2.3 does not allow: unknown attributes (a misspelt one would select anything), pin-value (a PIN
 * stands in no file and on no command line), a pin-source that is a program, a relative module-path, type= other than private.
 * The complaint must not show a text that was refused: it may hold a PIN.
 */
int token_uri_read(const char *text, struct token_uri *uri, const char **why) MUST_USE;
/**
 * Append "NAME=value" to a URI under construction, percent-encoded where section 2.3 wants it; @p octets: every octet of it is, as an id
 * usually is. A separator is the caller's.
 */
int token_uri_append(struct bytes *uri, const char *name, struct slice value, bool octets) MUST_USE;
/** Free what it holds and empty it. */
void token_uri_free(struct token_uri *uri);

#endif
