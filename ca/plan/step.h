/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of a plan: what can be done with an entry, why, what is known of it, and a step, which says all of that of one.
 */
#ifndef MTLSKIT_PLAN_STEP_H
#define MTLSKIT_PLAN_STEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/digest.h"
#include "base/fault.h"
#include "manifest/manifest.h"

enum plan_action {
    PLAN_UNCHANGED, /**< nothing to do */
    PLAN_CREATE,    /**< new certificate, new key */
    PLAN_ADOPT,     /**< take in an existing authority's certificate */
    PLAN_REISSUE,   /**< new certificate because something changed */
    PLAN_RENEW,     /**< new certificate because the old one runs out */
    PLAN_REWRITE,   /**< same certificate, some files written again */
    PLAN_REPLACE,   /**< an authority: new key, new generation (--replace-authority) */
    PLAN_REVOKE,    /**< the certificate in force is withdrawn */
    PLAN_RELEASE,   /**< a certificate on hold is in force again */
    PLAN_CRL,       /**< an authority's revocation list is made */
    PLAN_PROTECT,   /**< nothing but the permissions of some files is put right */
    PLAN_REMOVE,    /**< not in the manifest any more, and --prune: files are deleted */
    PLAN_ORPHAN,    /**< not in the manifest any more: reported */
    PLAN_NOT_OURS   /**< belongs to another manifest, or was issued by hand: left alone */
};
const char *plan_action_word(enum plan_action action);
/** Whether it makes a new certificate. */
bool plan_action_signs(enum plan_action action);
/** Whether it makes files, or takes in what was made. */
bool plan_action_makes(enum plan_action action);

/** Why: bits, told in this order. */
#define REASON_SUBJECT       (1u << 0)
#define REASON_SAN           (1u << 1)
#define REASON_PROFILE       (1u << 2)
#define REASON_KEY_ALGORITHM (1u << 3)
#define REASON_VALIDITY      (1u << 4)
#define REASON_ISSUER        (1u << 5) /* issuer replaced or another one */
#define REASON_EXPIRES       (1u << 6)
#define REASON_KEY_MISSING   (1u << 7)
#define REASON_KEY_CHANGED   (1u << 8) /* the key file is not the one written */
#define REASON_FILE_MISSING  (1u << 9)
#define REASON_FILE_CHANGED  (1u << 10)
#define REASON_BUNDLE        (1u << 11) /* a bundle's, format's or secret's definition changed, or a new one */
#define REASON_ASKED         (1u << 12) /* --rewrite, --replace-authority */
#define REASON_UNFINISHED    (1u << 13) /* an earlier run was cut off */
#define REASON_EXPIRED       (1u << 14)
#define REASON_CONSTRAINTS   (1u << 15) /* of an authority */
#define REASON_CRL_MISSING   (1u << 16) /* there is no revocation list yet, or a file of it is gone */
#define REASON_CRL_CHANGED   (1u << 17) /* its file holds something else */
#define REASON_CRL_OLD       (1u << 18) /* two thirds of its time are over */
#define REASON_CRL_LACKING   (1u << 19) /* something was revoked, or released, since */
#define REASON_EXPOSED       (1u << 20) /* others than the owner may read, or write, what only the owner may */
/** Words of the reason that is bit @p bit, or NULL past the last. */
const char *plan_reason_word(unsigned bit);
/** Append all of them: "SAN changed, issuer changed". */
int plan_reasons_text(unsigned reasons, struct bytes *text) MUST_USE;

/** How an output on disk stands to what the ledger says of it. */
enum output_state {
    OUTPUT_UNRECORDED, /**< the ledger does not know the path, nothing is there */
    OUTPUT_SAME,       /**< untouched since it was published, or touched with the same content */
    OUTPUT_MISSING,    /**< recorded, gone */
    OUTPUT_CHANGED,    /**< recorded, other content */
    OUTPUT_FOREIGN,    /**< not recorded for this entry, but something is there */
    OUTPUT_BLOCKED     /**< a symbolic link, folder or other thing is in the way */
};

/** What is found where an output belongs. */
struct output_standing {
    enum output_state state;
    bool same_inputs; /**< the recorded inputs are those that were asked about */
    bool exposed;     /**< it is the entry's, for its owner alone, and others have permissions */
};

/** The hashes of an entry's parts, each the first octets of a SHA-256. The ledger keeps them as ledger_facets. */
struct plan_facets {
    unsigned char subject[8], names[8], profile[8], key[8], validity[8], issuer[8];
};

/** What is recorded of an entry. */
struct plan_record {
    bool issued;     /**< an issued certificate is recorded */
    bool unfinished; /**< an intent newer than that is: a run was cut off */
    bool visible;    /**< unfinished, and some of it is in view: files that are not recorded are that run's */
    bool locked;     /**< the same, if the entry's key is to be locked */
    bool key_ahead;  /**< unfinished, and the key file holds the key that was intended */
    bool adopted;
    char manifest[1024]; /**< owner's id, "" for none */
    char other_case
        [256]; /**< where none is issued: one that is, whose name differs only in case; "" for none */
    struct plan_facets facets;
    struct digest identity;    /**< hash of its key and subject (plan_identity) */
    struct digest certificate; /**< SHA-256 of the DER */
    instant not_before, not_after;
    bool revoked;                             /**< that certificate is */
    int revoked_reason;                       /**< enum crl_reason */
    instant revoked_date, revoked_invalidity; /**< as the ledger has them; INSTANT_MIN: no such */
    bool revoked_here;                        /**< because a manifest said so */
    bool
        revoked_other; /**< a manifest had another certificate of this name revoked, and this one came after it */
};

/** How an authority's revocation list stands. */
struct plan_crl {
    bool made;    /**< one is recorded, */
    bool missing; /**< but not all of its files are there */
    bool changed; /**< or they hold something else */
    bool lacking; /**< something was revoked, or released, since */
    bool keyless; /**< of a key before: it is not at hand */
    instant this_update, next_update;
};

/** What the plan asks. All answers: 0, or -1 with a fault. */
struct plan_state {
    void *state;
    /** What is recorded under @p name. */
    int (*record)(void *state, const char *name, struct plan_record *record, struct faults *faults);
    /** How @p path, an output of @p entry made from @p inputs, stands; @p standing begins as zeros. */
    int (*output)(void *state, const struct entry *entry, const struct output *output, const char *path,
                  const struct digest *inputs, struct output_standing *standing, struct faults *faults);
    /**
     * For an adopted authority: hash of key and subject (identity) and of the DER of the certificate to adopt; *key: whether its key is
     * where the manifest says. A certificate whose file is gone is what was recorded of it, with a warning.
     */
    int (*adoptee)(void *state, const struct entry *entry, struct digest *identity,
                   struct digest *certificate, bool *key, struct faults *faults);
    /** The revocation list of an authority whose certificate is recorded. */
    int (*crl)(void *state, const struct entry *entry, struct plan_crl *crl, struct faults *faults);
    /**
     * The list of the first of its keys before whose number is greater than @p after (0 to begin), and whose certificate has not ended:
     * 1 with its number in *generation, 0 at the end.
     */
    int (*old_crl)(void *state, const struct entry *entry, int64_t after, int64_t *generation,
                   struct plan_crl *crl, struct faults *faults);
    /** The first name after @p after ("" to begin) that has an issued certificate: 1, 0 at the end. */
    int (*next)(void *state, const char *after, char name[256], char manifest[1024], bool *authority,
                struct faults *faults);
    /** The recorded file whose path is the first after @p after ("" to begin), of any entry: 1, 0 at the end. *path is replaced. @p key: it holds a private key. */
    int (*next_file)(void *state, const char *after, struct bytes *path, char name[256], bool *key,
                     struct faults *faults);
    /**
     * The @p index-th file (from 0) that is for its owner alone, that others have permissions on, and that is ours but no output of an entry
     * of @p manifest, whose id is @p manifest_id: 1, 0 at the end. *path lasts as long as the state; *authority: an authority's key.
     */
    int (*stray)(void *state, const struct manifest *manifest, const char *manifest_id, size_t index,
                 const char **path, bool *authority, struct faults *faults);
};

struct plan_options {
    const char *manifest_id;    /**< owner of what this plan makes */
    const char *const *rewrite; /**< NAMEs of --rewrite */
    size_t rewrite_count;
    const char *const *replace; /**< NAMEs of --replace-authority */
    size_t replace_count;
    bool prune;
    bool
        seeded; /**< keys follow from a seed: what is missing is made again as it was, and no authority can be replaced */
};

/** One step. Valid until the next plan_next. */
struct plan_step {
    enum plan_action action;
    unsigned reasons;
    const char *name; /**< of the entry; for a file its path */
    bool
        file; /**< a single file that its entry does not define any more: PLAN_REMOVE or PLAN_ORPHAN; that no entry has: PLAN_PROTECT */
    const struct entry *entry; /**< NULL for PLAN_REMOVE, ORPHAN, NOT_OURS, and for a file */
    const char *owner;         /**< manifest that owns it, for NOT_OURS and ORPHAN */
    bool authority;
    bool
        claims; /**< PLAN_UNCHANGED: what was revoked by hand the manifest says now, which is to be remembered */
    bool new_key; /**< a key is to be generated (else the one on disk is kept) */
    /** Outputs to write: bit i is output i of the entry (entry_output_at). */
    uint64_t outputs;
    uint64_t exposed; /**< outputs, others than these, whose permissions are put right, whatever the action */
    int64_t generation; /**< PLAN_CRL: the number of a key before, whose list it is; 0: of the key now */
    instant due;        /**< of what is recorded now: when it will be renewed or warned of */
    /* for single acts; a plan leaves them empty */
    struct slice
        request; /**< DER of a CertificationRequest, proved to be signed by its key, which is certified: there is no private one here */
    struct slice request_key; /**< its SubjectPublicKeyInfo, in it */
    struct slice
        renews; /**< DER of the certificate that comes again: its names and extensions, a new serial and validity */
    const struct digest *
        renewed_request; /**< of the request that one was made from, where the key stays; NULL: it is not to be recorded */
    const struct plan_facets *facets; /**< to be recorded in place of the entry's; NULL: the entry's */
};

/** All outputs of @p entry as plan_step.outputs has them, its key's file or not. */
uint64_t plan_outputs(const struct entry *entry, bool key);

#endif
