/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a certificate, a key, a request, a CRL or a P12 says, as a tree of JSON: what `inspect --json` prints, and what it is told from
 * for people. No private part of a key is in it. All texts are printable: control characters of foreign names are escaped.
 */
#ifndef MTLSKIT_COMMAND_DESCRIPTION_H
#define MTLSKIT_COMMAND_DESCRIPTION_H

#include <stdint.h>

#include <jansson.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/fault.h"
#include "command/input.h"

/** Entries of a CRL that are listed. */
#define DESCRIPTION_CRL_ENTRIES 20

/** What a description may lean on; all borrowed. */
struct description {
    const struct context *context;
    const struct bytes
        *passphrase;   /**< for encrypted keys and P12; NULL: none, then what shows without it is told */
    const char *shown; /**< the file's name for complaints */
    struct faults *faults;
};

/** Describe one object: a tree the caller owns, whose "type" says what it is; NULL with a fault. */
json_t *description_of(const struct description *description, const struct input_object *object);

/** The parts, for one another (description*.c). Each gives NULL with a fault when it is unreadable, or memory is out. */
json_t *description_certificate(const struct description *description, struct slice der);
json_t *description_request(const struct description *description, struct slice der);
json_t *description_crl(const struct description *description, struct slice der);
json_t *description_p12(const struct description *description, struct slice der);
/** "key", "spki_sha256" and "pins" of a SubjectPublicKeyInfo, set in @p object; -1: no memory. */
int description_put_public_key(const struct description *description, json_t *object, struct slice spki)
    MUST_USE;
/** A list of GeneralName DERs as texts; NULL: no memory. */
json_t *description_names(struct slice names);
/** The text of a Name; NULL: no memory. */
json_t *description_name(struct slice name);
/** Foreign text, made printable. */
json_t *description_text(struct slice text);
/** The name of an AlgorithmIdentifier (whole DER), or its OID. */
json_t *description_algorithm(struct slice identifier);
/** OpenSSL's long name of an OID (its content octets), or the OID. */
json_t *description_oid(struct slice oid);
/** Names of KEY_USAGE_* bits, and of KeyPurposeId DERs. */
json_t *description_key_usages(uint32_t bits);
json_t *description_extended_key_usages(struct slice usages);
/** The fault of an object that cannot be read; NULL. */
json_t *description_unreadable(const struct description *description, const char *what);
/** The fault of memory that is out; @p object is freed; NULL. */
json_t *description_memory_is_out(const struct description *description, json_t *object);
/** Append @p item (taken) to @p list; -1: either is NULL, or no memory. */
int description_append(json_t *list, json_t *item) MUST_USE;

#endif
