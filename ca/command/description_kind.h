/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kinds of object, each described in a file of its own. Each gives a tree the caller owns, or NULL with a fault: it is unreadable,
 * or memory is out.
 */
#ifndef MTLSKIT_COMMAND_DESCRIPTION_KIND_H
#define MTLSKIT_COMMAND_DESCRIPTION_KIND_H

#include "command/description_part.h"
#include "command/input.h"

json_t *description_certificate(const struct description *description, struct slice der);
json_t *description_request(const struct description *description, struct slice der);
/** At most DESCRIPTION_CRL_ENTRIES of its entries. */
json_t *description_crl(const struct description *description, struct slice der);
json_t *description_p12(const struct description *description, struct slice der);
/** A private key: its public part, when it is not encrypted or the passphrase is at hand. */
json_t *description_private_key(const struct description *description, const struct input_object *input);
json_t *description_public_key(const struct description *description, const struct input_object *input);

/** Entries of a CRL that are listed. */
#define DESCRIPTION_CRL_ENTRIES 20

#endif
