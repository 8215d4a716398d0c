/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the parts of the manifest reader share while a manifest is read: the entries in the making and, beside each, a
 * draft of what only matters until the whole has been checked. Nobody but manifest.c and its parts includes this.
 */
#ifndef MTLSKIT_MANIFEST_READING_H
#define MTLSKIT_MANIFEST_READING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "manifest/field.h"
#include "manifest/manifest.h"
#include "manifest/name_index.h"
#include "manifest/profile_reader.h"
#include "manifest/subject.h"

/** `defaults:` of the manifest. */
struct defaults {
    struct name subject;
    enum key_algorithm key; /**< KEY_NONE: not given */
    struct validity validity;
    struct duration backdate, renew_before;
    bool has_validity, has_backdate, has_renew_before;
    bool reuse_key;
    unsigned formats;
    struct lint_set lint_ignored;
    const struct profile *profile; /**< of certificates; NULL: none */
    bool profile_wrong;            /**< one was written and complained of */
    struct list_times crl;         /**< of authorities */
};

/** Beside an entry, until the manifest is read. */
struct draft {
    const struct node *node; /**< what is written of the entry */
    size_t issuer;           /**< index among the entries; NO_ENTRY: none */
    bool constraints_auto;
    struct fleet *fleet;   /**< NULL: an entry by itself */
    char *names_itself[2]; /**< e-mail address and host name in the subject, "kind:value"; for constraints */
};
#define NO_ENTRY ((size_t)-1)

/** An output whose path is chosen in the manifest, or follows from one that is. */
struct claim {
    char *path;
    size_t entry;
    size_t bundle;       /**< index of the bundle; NO_BUNDLE: the Kubernetes Secret, or */
    const char *install; /**< not NULL: the installation of that name; borrowed from the document */
    struct place place;
};
#define NO_BUNDLE ((size_t)-1)

/** Everything at hand while a manifest is read. */
struct reading {
    const struct context *context;
    struct faults *faults;
    size_t errors_before; /**< errors that were there before this manifest */
    const char *folder;
    const struct fixture *fixture; /**< seed NULL: it is none */
    struct profile_set *profiles;
    struct defaults defaults;

    struct entry *entries; /**< authorities, then certificates, each as written */
    struct draft *drafts;
    size_t count, authority_count;
    struct name_index names;
    size_t *order; /**< of the authorities, issuers first */
    bool circular; /**< authorities issue each other: there is no way up */

    struct fleets *fleets; /**< NULL: there are none */

    struct claim *claims;
    size_t claim_count, claim_capacity;

    struct subject subject; /* used by one entry after the other, */
    const struct profile
        *subject_base; /* on the base of this profile; NULL: of the manifest's defaults alone */
    struct oid email_type, common_name_type;
    signed char available[KEY_FOREIGN]; /* key algorithms: 0 not asked yet, 1 there, -1 missing */
};

/** The value of @p key in @p mapping; NULL also when it is null. */
const struct node *reading_value(const struct node *mapping, const char *key);
/** "authorities" or "certificates": the top of an entry's path, which is not told of where there is no file. */
struct path reading_entry_top(const struct entry *entry);

/** What the readers of one entry's fields get. */
struct entry_reading {
    struct reading *reading;
    size_t index;
    struct entry *entry;
    struct draft *draft;
    const struct path *path;
};

/** defaults_reader.c: `defaults:`. -1 only when memory is out, as everywhere below. */
int reading_defaults(struct reading *reading, const struct node *node, struct faults *faults) MUST_USE;

/** entry_reader.c: one entry out of its node; values that defaults have, too. */
int reading_entry(struct reading *reading, size_t index) MUST_USE;
int reading_formats(const struct node *node, const struct path *path, unsigned *formats,
                    struct faults *faults) MUST_USE;
/** The profile written at @p node, fit for @p kind; NULL with a complaint. */
const struct profile *reading_profile(struct reading *reading, const struct node *node,
                                      const struct path *path, enum entry_kind kind);

/** key_reader.c: `key:` of an entry or to adopt, `pin:`, and what goes with what when all is read. */
int reading_key(const struct node *node, const struct path *path, struct entry *entry, struct faults *faults)
    MUST_USE;
int reading_passphrase_kdf(const struct node *node, const struct path *path, struct entry *entry,
                           struct faults *faults) MUST_USE;
int reading_pin(const struct node *node, const struct path *path, struct entry *entry, struct faults *faults)
    MUST_USE;
void reading_check_key_place(struct entry_reading *entry);

/** fixture_reader.c: what fixtures say of an entry that nobody else does, before its own fields are read; and what cannot be one. */
void reading_fixture_defaults(struct entry_reading *entry);
void reading_check_fixture(struct entry_reading *entry);
/** Warn, once, of entries of a fixture without a time whose validities have ended: they count from 2020. */
void reading_warn_of_ended(const struct reading *reading);
/** What entry @p index is made wrong in against its names and the key that signs it, when both are known. */
void reading_check_fault(const struct reading *reading, size_t index);
/** `fault:` (a field_read_fn of an entry_reading). */
int reading_fault(const struct node *node, const struct path *path, void *target, struct faults *faults)
    MUST_USE;
/** What time it is for what is read. */
instant reading_now(const struct reading *reading);
/** Whether it is a fixture to which neither the manifest nor --now gave a time. */
bool reading_is_timeless(const struct reading *reading);
/** How long a revocation list stands when nothing is said. */
struct duration reading_next_update(const struct reading *reading);

/** adoption_reader.c: `adopt:` (a field_read_fn of an entry_reading); refuses whatever the adopted certificate says itself. */
int reading_adopt(const struct node *node, const struct path *path, void *target, struct faults *faults)
    MUST_USE;
void reading_check_adopted(struct entry_reading *entry);

/** revocation_reader.c: `revoked:` (a field_read_fn of an entry_reading), `crl:`, and what goes with what when all is read. */
int reading_revoked(const struct node *node, const struct path *path, void *target, struct faults *faults)
    MUST_USE;
void reading_check_revoked(struct reading *reading, size_t index);
int reading_crl(const struct reading *reading, const struct node *node, const struct path *path,
                struct list_times *times, struct faults *faults) MUST_USE;
void reading_check_crl(struct entry_reading *entry);

/** name_reader.c: SAN and subject of an entry whose profile is known. */
int reading_names(struct entry_reading *entry) MUST_USE;

/** deliverable_reader.c: bundles and Kubernetes Secret of an entry whose key is known. */
int reading_bundles(struct reading *reading, size_t index, const struct node *node, const struct path *path)
    MUST_USE;
int reading_k8s_secret(struct reading *reading, size_t index, const struct node *node,
                       const struct path *path) MUST_USE;

/** output_paths.c: check and claim a path; all claims against each other and the entries' own files. */
int reading_claim(struct reading *reading, size_t entry, size_t bundle, const char *output,
                  const struct node *node, const struct path *path) MUST_USE;
int reading_claim_install(struct reading *reading, size_t entry, const char *install, const char *output,
                          const struct node *node, const struct path *path) MUST_USE;
int reading_check_claims(struct reading *reading) MUST_USE;

/** installs_reader.c: `installs:`, when all entries are read and their issuers known. */
int reading_installs(struct reading *reading, const struct node *node) MUST_USE;

/** hierarchy.c: issuers, circles, order, path lengths, windows. */
int reading_hierarchy(struct reading *reading) MUST_USE;
/** A fixed end of entry @p index beyond its issuer's. */
int reading_window(struct reading *reading, size_t index) MUST_USE;

/** constraints.c: names that lie outside of what is written; then `auto`, when nothing was wrong. */
int reading_check_constraints(struct reading *reading) MUST_USE;
/** Of entry @p index alone. */
int reading_names_lie_within(struct reading *reading, size_t index) MUST_USE;
int reading_constraints(struct reading *reading) MUST_USE;

#endif
