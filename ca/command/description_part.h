/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all descriptions are made of: what they lean on, and the names, keys, usages and texts that more than one kind of object has.
 */
#ifndef MTLSKIT_COMMAND_DESCRIPTION_PART_H
#define MTLSKIT_COMMAND_DESCRIPTION_PART_H

#include <stdint.h>

#include <jansson.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/fault.h"

/** What a description may lean on; all borrowed. */
struct description {
    const struct context *context;
    const struct bytes
        *passphrase;   /**< for encrypted keys and P12; NULL: none, then what shows without it is told */
    const char *shown; /**< the file's name for complaints */
    struct faults *faults;
};

/** "key", "spki_sha256" and "pins" of a SubjectPublicKeyInfo, set in @p object; -1: no memory. */
int description_put_public_key(const struct description *description, json_t *object, struct slice spki)
    MUST_USE;
/** A list of GeneralName DERs as texts; NULL: no memory. */
json_t *description_names(struct slice names);
/** The text of a Name; NULL: no memory. */
json_t *description_name(struct slice name);
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

#endif
