/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledger: what was issued, in which generation, for which manifest, what was revoked, which CRLs were made, and the log of it all. Never
 * a private key, never anything derived from a passphrase. What it keeps of one PKI directory on one machine - files, places of keys - is
 * ledger_directory.h's.
 *
 * Writing goes in groups: ledger_begin, any number of ledger_put_*, ledger_commit; a group is there whole or not at all, and on
 * disk when ledger_commit has returned 0. Reading sees the group's own rows.
 *
 * What changes what the authorities vouch for writes its event in the same group: an issued or adopted certificate, a new
 * generation, a revocation and its end, a CRL, a pruned entry. So ledger_attribute must have said before who does it.
 *
 * Behind it is an engine, today SQLite in a file (ledger_*.c). Callers rely on this, whatever the engine:
 *   - From ledger_begin on nobody else writes: what is asked in a group still holds when it is committed. A serial is taken once in its
 *     generation, numbers of events and CRLs have no gaps and only grow. A database that many write to takes one lock for all first.
 *   - ledger_begin waits for its turn; after that nothing fails for want of it. There is no "try again": what fails has failed.
 *   - The functions that a ledger_each_* calls may ask the ledger for other things, and ledger_put_* between two ledger_next_*.
 *   - An engine whose commits are on disk at once has ledger_commit for ledger_commit_unflushed, and nothing to do in ledger_flush.
 *   - LEDGER_WRITE_ALONE and LEDGER_READ_MIGRATED are wishes that save time; LEDGER_WRITE and LEDGER_READ do as well.
 * What does not follow from it: commands look whether a name is free before their group, under the lock of the PKI directory
 * (issuing/directory.h). Machines that share a ledger have no directory in common, and need to look in the group.
 */
#ifndef MTLSKIT_LEDGER_LEDGER_H
#define MTLSKIT_LEDGER_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/digest.h"
#include "base/fault.h"
#include "base/patience.h"
#include "base/publisher.h"

/** Version of the schema this program writes. A newer one in the file is refused, an older one migrated. */
#define LEDGER_SCHEMA_VERSION 3

/** No instant. */
#define LEDGER_NEVER INT64_MIN

/** Opaque; one thread at a time. */
struct ledger;

enum ledger_mode {
    LEDGER_READ, /**< must exist; nothing is written, so of an older schema a copy is brought up to date */
    LEDGER_READ_MIGRATED, /**< must exist; an older schema is brought up to date, else nothing is written */
    LEDGER_WRITE,         /**< created (0600, under a lock) when missing */
    LEDGER_WRITE_ALONE /**< the same for a short while: whoever would read waits, unless somebody reads already */
};

/** What the parts of an entry hashed to when its certificate was made; tells why a reissue is due. */
struct ledger_facets {
    unsigned char subject[8], names[8], profile[8], key[8], validity[8], issuer[8];
};

/** An authority's key. Serials belong to it. */
struct ledger_generation {
    int64_t id; /**< given by ledger_put_generation */
    char name[256];
    struct digest spki;
    instant created;
    bool current; /**< the authority signs with this one now */
};

enum ledger_state {
    LEDGER_INTENDED, /**< the serial is taken, the certificate may not exist */
    LEDGER_ISSUED,   /**< made and published: der is there */
    LEDGER_REPLACED  /**< issued, and a newer one stands for its name */
};

/** A certificate. Slices given to ledger_put are borrowed; those read are owned by the record (ledger_certificate_free). */
struct ledger_certificate {
    int64_t id;
    int64_t
        generation; /**< of the issuer, here or elsewhere; its own for an authority that no other here signed */
    struct bytes serial; /**< magnitude */
    char name[256];      /**< of the entry */
    char manifest[1024]; /**< id of the manifest that owns it; "" for none */
    bool authority;
    bool adopted; /**< taken in: made elsewhere */
    enum ledger_state state;
    struct digest spki; /**< of the certified key */
    struct bytes der;   /**< empty while intended */
    struct ledger_facets facets;
    instant not_before, not_after, created;
    int64_t own_generation; /**< for authorities: the generation of its key; 0 else */
    struct digest request;  /**< SHA-256 of the DER of the request it was made from; zero: from none */
};
void ledger_certificate_free(struct ledger_certificate *certificate);
/** Copy a row that is only borrowed into @p to, which held nothing. -1: no memory; it is to be freed all the same. */
int ledger_certificate_copy(struct ledger_certificate *to, const struct ledger_certificate *from) MUST_USE;

/**
 * Open ledger.db in @p folder.
 * NULL with a fault: missing (LEDGER_READ), newer schema, damaged, locked for PATIENCE_SECONDS, not writable.
 */
struct ledger *ledger_open(const char *folder, enum ledger_mode mode, struct faults *faults);
/** ledger_open that waits for other processes, here and up to the end of the first group, no longer than @p patience lasts; then as long anew for each group. */
struct ledger *ledger_open_waiting(const char *folder, enum ledger_mode mode, struct patience patience,
                                   struct faults *faults);
/** What is left of it. */
struct patience ledger_patience(const struct ledger *ledger);
/** Closes; an open group is rolled back. NULL is taken. */
void ledger_close(struct ledger *ledger);

int ledger_begin(struct ledger *ledger, struct faults *faults) MUST_USE;
int ledger_commit(struct ledger *ledger, struct faults *faults) MUST_USE;
/**
 * ledger_commit for whoever has other things to do while the disk writes: all can read the group, but a loss of power may undo it, until
 * ledger_flush or ledger_commit has returned 0. ledger_close flushes, too, but has no way to say that it failed.
 */
int ledger_commit_unflushed(struct ledger *ledger, struct faults *faults) MUST_USE;
/**
 * Puts all groups that were committed before on the disk. Another thread may use the ledger meanwhile, but not close it. Once it, or
 * the flush of a commit, has failed nobody knows what is on the disk: all that is asked of the ledger to write fails from then on; ledger_flush tells it once.
 */
int ledger_flush(struct ledger *ledger, struct faults *faults) MUST_USE;
void ledger_rollback(struct ledger *ledger);

/**
 * Insert; makes it the current one of its name, the ones before no longer. Sets id. A generation with that key and name already
 * there is made current instead, and keeps the time it was made.
 */
int ledger_put_generation(struct ledger *ledger, struct ledger_generation *generation, struct faults *faults)
    MUST_USE;
/**
 * Insert one whose key is elsewhere: serials of certificates that were taken in belong to it. It is never current, so that it is
 * nobody's here, and has no event. generation->name is what the certificates call their issuer, generation->spki stands for its key. One
 * already there is found. Sets id and created.
 */
int ledger_put_foreign_generation(struct ledger *ledger, struct ledger_generation *generation,
                                  struct faults *faults) MUST_USE;
/** Every generation of authority @p name (NULL: of all), oldest first; a non-zero answer of @p each stops and is returned. */
int ledger_each_generation(struct ledger *ledger, const char *name,
                           int (*each)(void *state, const struct ledger_generation *generation), void *state,
                           struct faults *faults) MUST_USE;
/** The current one of @p name. 1 found, 0 none, -1 fault. */
int ledger_find_generation(struct ledger *ledger, const char *name, struct ledger_generation *generation,
                           struct faults *faults) MUST_USE;

/** Insert an intended certificate: takes its serial in its generation (a serial taken already is a fault). Sets id. */
int ledger_put_intent(struct ledger *ledger, struct ledger_certificate *certificate, struct faults *faults)
    MUST_USE;
/**
 * Complete intent @p id with @p der and its validity; the issued one of the same name before it (whatever manifest) becomes
 * replaced. The event is LEDGER_EVENT_ISSUED or _ADOPTED, its detail the name, its content the digest of @p der.
 */
int ledger_put_issued(struct ledger *ledger, int64_t id, struct slice der, instant not_before,
                      instant not_after, struct faults *faults) MUST_USE;
/**
 * Certificate @p id of @p name, which was replaced or pruned, stands again, for @p manifest; what stood for the name becomes
 * replaced. It must be the very one: adopted once more, or made again from a fixture's seed. The event is LEDGER_EVENT_ISSUED or
 * _ADOPTED, as the first time.
 */
int ledger_put_again(struct ledger *ledger, int64_t id, const char *name, const char *manifest,
                     struct faults *faults) MUST_USE;
/** Rewrite the facets of issued certificate @p id (a change that needed no new certificate). */
int ledger_put_facets(struct ledger *ledger, int64_t id, const struct ledger_facets *facets,
                      struct faults *faults) MUST_USE;
/** The issued certificate of @p name becomes replaced: the entry was pruned. */
int ledger_retire(struct ledger *ledger, const char *name, struct faults *faults) MUST_USE;

/** The issued certificate of @p name. 1 found, 0 none, -1 fault. */
int ledger_find_certificate(struct ledger *ledger, const char *name, struct ledger_certificate *certificate,
                            struct faults *faults) MUST_USE;
/** An issued certificate whose name differs from @p name only in the case of ASCII letters, as files cannot everywhere. 1 found, 0 none, -1. */
int ledger_find_other_case(struct ledger *ledger, const char *name, char other[256], struct faults *faults)
    MUST_USE;
/** The newest intended certificate of @p name that was never completed. 1, 0, -1. */
int ledger_find_intent(struct ledger *ledger, const char *name, struct ledger_certificate *certificate,
                       struct faults *faults) MUST_USE;
/** The first name after @p after ("" to begin), in byte order, that has an issued certificate, with its owner: 1, 0 at the end, -1. */
int ledger_next_name(struct ledger *ledger, const char *after, char name[256], char manifest[1024],
                     bool *authority, struct faults *faults) MUST_USE;
/** Any certificate by its id, whatever its state. 1, 0, -1. */
int ledger_get_certificate(struct ledger *ledger, int64_t id, struct ledger_certificate *certificate,
                           struct faults *faults) MUST_USE;
/** ledger_get_certificate without the DER, which may be gone: for whoever holds a damaged ledger against itself. */
int ledger_get_row(struct ledger *ledger, int64_t id, struct ledger_certificate *certificate,
                   struct faults *faults) MUST_USE;
/** Append the DER of certificate @p id: 1, 0 (it has none, as an intended one), -1. */
int ledger_get_der(struct ledger *ledger, int64_t id, struct bytes *der, struct faults *faults) MUST_USE;
/**
 * Every certificate, whatever its state, with @p serial (magnitude, no leading zeros) in any generation, or with @p name, newest
 * first; DER is left out unless @p with_der. The one of a foreign DER is the one with its serial and the same der.
 */
int ledger_each_of_serial(struct ledger *ledger, struct slice serial, bool with_der,
                          int (*each)(void *state, const struct ledger_certificate *certificate), void *state,
                          struct faults *faults) MUST_USE;
int ledger_each_of_name(struct ledger *ledger, const char *name, bool with_der,
                        int (*each)(void *state, const struct ledger_certificate *certificate), void *state,
                        struct faults *faults) MUST_USE;

/** Every certificate that was revoked because a key was lost (keyCompromise, cACompromise, aACompromise), without its DER. */
int ledger_each_of_lost_key(struct ledger *ledger,
                            int (*each)(void *state, const struct ledger_certificate *certificate),
                            void *state, struct faults *faults) MUST_USE;

/** Which certificates, all conditions together. All zeros (or NULL for the filter): every issued one, in order of name. */
struct ledger_filter {
    bool any_state; /**< those replaced and those only intended as well; in order of id */
    bool revoked;   /**< only revoked ones, whatever became of them since; in order of id */
    bool expiring;  /**< only those that end before the next; in order of their end */
    instant expiring_before;
    const char
        *issuer; /**< only those signed by any generation of this authority; in order of serial; NULL: any */
    int64_t generation; /**< only those of this generation; in order of serial; 0: any */
    const char *
        manifest; /**< only those of this manifest ("": by hand); NULL: any. Has no order of its own, so it is slow alone */
    int64_t after; /**< id of the last one seen, from which to go on in the same order; 0: from the start */
    size_t limit;  /**< 0: all */
};
/**
 * Calls @p each for every certificate @p filter takes; a non-zero answer stops and is returned. Where several conditions have an
 * order, the first of revoked, expiring, issuer (generation), any_state decides; what it costs grows with what that one alone takes.
 * DER is left out of the record unless @p with_der.
 */
int ledger_each_certificate(struct ledger *ledger, const struct ledger_filter *filter, bool with_der,
                            int (*each)(void *state, const struct ledger_certificate *certificate),
                            void *state, struct faults *faults) MUST_USE;
/* ---- revocations ----------------------------------------------------------------------------------------------------- */

/** CRLReason (RFC 5280, section 5.3.1): 7 is not used. */
#define LEDGER_REASON_HOLD 6
#define LEDGER_REASON_MAX  10

/** A revoked certificate. serial is borrowed when given, lives until the callback returns when read by each, and is owned when found. */
struct ledger_revocation {
    int64_t certificate;
    int64_t generation;  /**< of the certificate's issuer; taken from the certificate when put */
    struct bytes serial; /**< likewise */
    instant revoked;
    int reason;         /**< CRLReason; 0: unspecified */
    instant invalidity; /**< when the key is thought to have been lost (section 5.3.2), or LEDGER_NEVER */
    instant not_after;  /**< of the certificate; taken from it when put */
    bool dropped;       /**< read: a list past that end had it, and no further one has to */
};
void ledger_revocation_free(struct ledger_revocation *revocation);

/** The word of RFC 5280 for @p reason ("keyCompromise"), NULL for a number that is none. */
const char *ledger_reason_name(int reason);
/**
 * What the event of a revocation has as content: SHA-256 over revoked, reason and invalidity as 8 octets each (big-endian, two's
 * complement), so that none of them can be changed unseen.
 */
int ledger_revocation_hash(struct digester *digester, const struct ledger_revocation *revocation,
                           struct digest *hash) MUST_USE;
/**
 * Revoke certificate revocation->certificate, issued, replaced, or begun and never completed. One revoked already is a fault that says when and
 * why; but from certificateHold to another reason is allowed. Fills generation, serial (owned) and not_after. @p detail goes to the
 * event beside the name; NULL for nothing.
 */
int ledger_put_revocation(struct ledger *ledger, struct ledger_revocation *revocation, const char *detail,
                          struct faults *faults) MUST_USE;
/** Lift the hold of certificate @p id; one revoked for another reason, or not at all, is a fault. */
int ledger_remove_revocation(struct ledger *ledger, int64_t id, struct faults *faults) MUST_USE;
/** The revocation of certificate @p id. 1, 0, -1. */
int ledger_find_revocation(struct ledger *ledger, int64_t id, struct ledger_revocation *revocation,
                           struct faults *faults) MUST_USE;
/**
 * Every revocation the next CRL of @p generation holds, in order of serial (as octets; the time is linear): all but those that stood
 * on a CRL past their certificate's expiry already (RFC 5280, section 3.3). @p all: those too.
 */
int ledger_each_revocation(struct ledger *ledger, int64_t generation, bool all,
                           int (*each)(void *state, const struct ledger_revocation *revocation), void *state,
                           struct faults *faults) MUST_USE;

/* ---- CRLs ------------------------------------------------------------------------------------------------------------ */

/** A CRL of a generation. */
struct ledger_crl {
    int64_t generation;
    uint64_t number; /**< CRLNumber; at most INT64_MAX */
    instant this_update, next_update;
    bool complete;         /**< signed and published; else only its number is taken */
    struct digest content; /**< SHA-256 of its DER */
    size_t entries;
    int64_t event; /**< number of the last event before its number was taken: what the CRL tells of */
};

/**
 * Take the number of a CRL before it is signed: crl->number 0 becomes the last one plus 1 (1 for the first); another must be
 * greater than the last. Commit, then sign. A thisUpdate before the last CRL's is a fault unless @p backwards: readers may keep
 * the one with the later thisUpdate, but after a CRL made under a clock that was ahead somebody has to be able to go on. Entries
 * that such a CRL saw expired, and are not, are then in the next ones again.
 */
int ledger_put_crl_intent(struct ledger *ledger, struct ledger_crl *crl, bool backwards,
                          struct faults *faults) MUST_USE;
/**
 * Complete the CRL of crl->generation and crl->number with content and entries, once its files are durable. Its entries whose
 * certificates had expired at its thisUpdate have stood on a CRL past their expiry now.
 */
int ledger_put_crl(struct ledger *ledger, const struct ledger_crl *crl, struct faults *faults) MUST_USE;
/** The complete CRL with the highest number of @p generation. 1, 0, -1. */
int ledger_last_crl(struct ledger *ledger, int64_t generation, struct ledger_crl *crl, struct faults *faults)
    MUST_USE;
/** Every CRL of every generation, those only intended as well, by generation and number. */
int ledger_each_crl(struct ledger *ledger, int (*each)(void *state, const struct ledger_crl *crl),
                    void *state, struct faults *faults) MUST_USE;
/** Whether @p generation has a revocation (or a lifted hold) newer than its last complete CRL. 1, 0, -1. */
int ledger_crl_is_due(struct ledger *ledger, int64_t generation, struct faults *faults) MUST_USE;

/* ---- events ---------------------------------------------------------------------------------------------------------- */

/** Kept as numbers, and part of what is hashed: never renumbered. */
enum ledger_event_kind {
    LEDGER_EVENT_ISSUED = 1,
    LEDGER_EVENT_ADOPTED = 2,
    LEDGER_EVENT_GENERATION = 3, /**< an authority has a new key, or an old one again */
    LEDGER_EVENT_REVOKED = 4,
    LEDGER_EVENT_RELEASED = 5, /**< a hold was lifted */
    LEDGER_EVENT_CRL = 6,
    LEDGER_EVENT_PRUNED = 7,
    LEDGER_EVENT_PASSPHRASE = 8, /**< of a key was changed */
    LEDGER_EVENT_INSTALLED = 9,  /**< a certificate made elsewhere */
    LEDGER_EVENT_MIGRATED = 10   /**< the schema; with a certificate: it and those before it have no events */
};
#define LEDGER_EVENT_LAST LEDGER_EVENT_MIGRATED

/** An entry of the log. It is only ever added to. */
struct ledger_event {
    int64_t number; /**< from 1, without gaps */
    instant when;   /**< never before the one before it */
    char who[256];
    enum ledger_event_kind what;
    int64_t certificate;   /**< 0: none */
    struct digest request; /**< of the request it came from; zero: none */
    struct digest
        content; /**< of what was made: a certificate's or CRL's DER, an authority's key, a revocation; zero: nothing */
    char detail[1024];  /**< names what it was about; one line */
    struct digest hash; /**< of the chain up to here */
};

/** The word for @p what ("issued"), NULL for a number that is none. */
const char *ledger_event_name(enum ledger_event_kind what);
/**
 * Whose events the following groups write: @p who (copied, one line, at most 255 bytes), at the time of @p context's clock; @p context
 * (borrowed, must outlive the ledger) hashes as well.
 */
int ledger_attribute(struct ledger *ledger, const struct context *context, const char *who,
                     struct faults *faults) MUST_USE;
/**
 * Add an event: what, certificate, request, content and detail are taken; number, when, who and hash are set. A clock that stands
 * before the last event's time gives the new one that time, and a warning once.
 */
int ledger_put_event(struct ledger *ledger, struct ledger_event *event, struct faults *faults) MUST_USE;
/** The last certificate that is older than the log, by a migration's note: its id in @p last. 1, 0 (there is none), -1. */
int ledger_before_events(struct ledger *ledger, int64_t *last, struct faults *faults) MUST_USE;
/** Every event from number @p from on, in order. Hashes are told as they are kept, not checked. */
int ledger_each_event(struct ledger *ledger, int64_t from,
                      int (*each)(void *state, const struct ledger_event *event), void *state,
                      struct faults *faults) MUST_USE;
/** The events of certificate @p id, in order. */
int ledger_each_event_of(struct ledger *ledger, int64_t id,
                         int (*each)(void *state, const struct ledger_event *event), void *state,
                         struct faults *faults) MUST_USE;
/** The last event's number and hash; number 0 and zeros when there is none. */
int ledger_head(struct ledger *ledger, int64_t *number, struct digest *hash, struct faults *faults) MUST_USE;
/**
 * The hash @p event should have after @p previous (zeros before the first): SHA-256 over previous, then number, when, what and certificate
 * as 8 octets each (big-endian, two's complement), then who, detail, request and content as fields, each its length in 8 octets and its
 * octets; a digest that is zero is a field of length 0.
 */
int ledger_event_hash(struct digester *digester, const struct digest *previous,
                      const struct ledger_event *event, struct digest *hash) MUST_USE;

#endif
