/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values that manifest, profiles and installations share: durations, validity, key words, name constraints, lists of texts. The readers
 * are field_read_fn's (manifest/field.h): they complain through faults, leave the target as it was when the value does
 * not fit, and answer -1 only when memory is out.
 */
#ifndef MTLSKIT_MANIFEST_VALUE_H
#define MTLSKIT_MANIFEST_VALUE_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/fault.h"
#include "base/passphrase.h"
#include "manifest/document.h"
#include "manifest/field.h"
#include "x509/bundle.h"
#include "x509/general_name.h"
#include "x509/instant.h"
#include "x509/profile.h"

/** Most items taken in a list of names, usages or URLs. */
#define VALUE_LIST_MAX 10000

/** Called for each text of a list. */
typedef int (*value_text_fn)(void *state, const char *text, const struct node *node, const struct path *path,
                             struct faults *faults);
/** Walk a list of texts; with @p single a text alone is taken for a list of one. -1 only when memory is out. */
int value_each_text(const struct node *node, const struct path *path, bool single, value_text_fn each,
                    void *state, struct faults *faults) MUST_USE;

/** The version of a file's grammar, as in `mtlskit: 1`: 1 is the one that is read. Target: none. */
int value_grammar(const struct node *node, const struct path *path, void *target, struct faults *faults)
    MUST_USE;
/** Ids of lint's rules, or one, to be told of by nobody. Target: struct lint_set, added to. */
int value_lint_ignored(const struct node *node, const struct path *path, void *target, struct faults *faults)
    MUST_USE;
/** Text of 1 to @p most bytes without control characters, copied. */
int value_line(const struct node *node, const struct path *path, size_t most, char **text,
               struct faults *faults) MUST_USE;
/** A description: a text, several lines perhaps, at most 1,000 bytes. Target: char *. */
int value_description(const struct node *node, const struct path *path, void *target, struct faults *faults)
    MUST_USE;
/** Target: struct duration, more than nothing. */
int value_duration(const struct node *node, const struct path *path, void *target, struct faults *faults)
    MUST_USE;
/** Target: struct duration; "0s" is taken. */
int value_backdate(const struct node *node, const struct path *path, void *target, struct faults *faults)
    MUST_USE;
/** A duration, or a mapping of from, until and duration. Target: struct validity. */
int value_validity(const struct node *node, const struct path *path, void *target, struct faults *faults)
    MUST_USE;
/** A key's word. Target: enum key_algorithm. Whether this OpenSSL has it is asked later. */
int value_key_algorithm(const struct node *node, const struct path *path, void *target, struct faults *faults)
    MUST_USE;

/** Name constraints (RFC 5280 section 4.2.1.10) as written. */
struct constraints {
    bool automatic;         /**< `auto`: from the names under the authority */
    struct bytes permitted; /**< GeneralName DERs one after the other */
    struct bytes excluded;
};
/** `auto`, or a mapping of permitted and excluded; replaces both. Target: struct constraints. */
int value_constraints(const struct node *node, const struct path *path, void *target, struct faults *faults)
    MUST_USE;
void constraints_free(struct constraints *constraints);

/**
 * Check one subject alternative name: kind and DER, host names turned to A-labels.
 * 0 fitted (DER appended, *kind set), 1 complained, -1 memory.
 */
int value_san(const struct node *node, const struct path *path, const char *text,
              enum general_name_kind *kind, struct bytes *names, struct faults *faults) MUST_USE;

/** A passphrase SPEC; @p generate: whether a new one may be made. -1 only when memory is out. */
int value_passphrase(const struct node *node, const struct path *path, bool generate,
                     struct passphrase_spec *spec, struct faults *faults) MUST_USE;
/** A bundle target by word; NULL with @p hint filled (COMPLAINT_HINT_MAX bytes): the nearest word or all of them. */
const struct bundle_target *value_bundle_target(const char *text, char *hint);

/** Whether @p longer ends later than @p than when both start at the same instant. */
bool duration_is_longer(const struct duration *longer, const struct duration *than);

#endif
