/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A subject under construction: attributes laid over each other - the manifest's defaults, then the profile's, then the
 * entry's own. As a mapping an attribute takes the place of the inherited ones of its type, or comes last; `null` takes
 * them away. As a list, or as an RFC 4514 text, a subject stands alone: nothing is inherited.
 *
 *     {O: Example, OU: [Ops, Web], CN: name}    [{O: Example}, {OU: Ops, CN: name}]    "CN=name,O=Example"
 *
 * A list's item with several attributes is one multi-valued RDN.
 */
#ifndef MTLSKIT_MANIFEST_SUBJECT_H
#define MTLSKIT_MANIFEST_SUBJECT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/fault.h"
#include "manifest/document.h"
#include "manifest/field.h"
#include "x509/name.h"

/** One attribute; value and node are borrowed from the document or the inherited name. */
struct subject_part {
    struct oid type;
    const char *value;
    bool joins_last;
    const struct node *node; /**< where the value is written; NULL: inherited, so checked already */
    const char *key;         /**< and the way to it, for complaints */
    size_t item, value_index;
    bool has_item, has_value_index;
};

/** Starts as all zeros. */
struct subject {
    struct subject_part parts[NAME_ATTRIBUTES_MAX];
    size_t count;
    bool own;           /**< subject_read gave at least one attribute */
    struct name parsed; /**< what an RFC 4514 text said */
    size_t base;        /**< the first so many parts are the base, which is */
    bool intact;        /**< as it was kept, */
    struct bytes rdns;  /**< and encoded so */
};

/** Start over from nothing. */
void subject_clear(struct subject *subject);
void subject_free(struct subject *subject);
/** Keep what is there as the base of many subjects, encoded once. -1 only when memory is out. */
int subject_keep_base(struct subject *subject) MUST_USE;
/** Start over from the base. False when there is none any more, because the last subject changed it. */
bool subject_restart(struct subject *subject);
/** Lay @p name over what is there; borrowed until subject_clear. */
void subject_inherit(struct subject *subject, const struct name *name);
/** Lay what is written at @p node over what is there. -1 only when memory is out. */
int subject_read(struct subject *subject, const struct node *node, const struct path *path,
                 struct faults *faults) MUST_USE;
/** The value of the first attribute of @p type, or NULL. */
const char *subject_find(const struct subject *subject, const struct oid *type);
/** Check every value and append DER of the Name. @p path: of the subject. -1 only when memory is out. */
int subject_encode(const struct subject *subject, const struct path *path, struct bytes *der,
                   struct faults *faults) MUST_USE;
/** Check every value and add all to @p name (empty before). @p path: of the subject. -1 only when memory is out. */
int subject_build(const struct subject *subject, const struct path *path, struct name *name,
                  struct faults *faults) MUST_USE;

#endif
