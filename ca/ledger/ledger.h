/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledger: what was issued, in which generation, for which manifest, and which files hold it. Never a private key, never
 * anything derived from a passphrase. The engine behind this header is SQLite (ledger_sqlite.c); another must fit.
 *
 * Writing goes in groups: ledger_begin, any number of ledger_put_*, ledger_commit; a group is there whole or not at all, and on
 * disk when ledger_commit has returned 0. Reading sees the group's own rows.
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
#include "base/publisher.h"

/** Version of the schema this program writes. A newer one in the file is refused, an older one migrated. */
#define LEDGER_SCHEMA_VERSION 1
/** Seconds to wait for another process. */
#define LEDGER_WAIT_SECONDS 60

/** Opaque; one thread at a time. */
struct ledger;

enum ledger_mode {
    LEDGER_READ, /**< must exist; nothing is written */
    LEDGER_WRITE /**< created (0600, under a lock) when missing */
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
    int64_t generation;  /**< of the issuer; its own for a self-signed authority */
    struct bytes serial; /**< magnitude */
    char name[256];      /**< of the entry */
    char manifest[1024]; /**< id of the manifest that owns it; "" for none */
    bool authority;
    bool adopted;
    enum ledger_state state;
    struct digest spki; /**< of the certified key */
    struct bytes der;   /**< empty while intended */
    struct ledger_facets facets;
    instant not_before, not_after, created;
    int64_t own_generation; /**< for authorities: the generation of its key; 0 else */
};
void ledger_certificate_free(struct ledger_certificate *certificate);

/** An output file as it was last published. */
struct ledger_output {
    int64_t certificate;   /**< id of the certificate it holds */
    char name[256];        /**< entry */
    int kind;              /**< enum output_kind */
    char *path;            /**< relative; owned when read */
    struct digest content; /**< SHA-256 of the file; all zero for a file that holds a passphrase */
    struct digest inputs;  /**< what it was made from; never holds a passphrase's digest */
    struct file_stamp stamp;
};
void ledger_output_free(struct ledger_output *output);

/**
 * Open ledger.db in @p folder.
 * NULL with a fault: missing (LEDGER_READ), newer schema, damaged, locked for LEDGER_WAIT_SECONDS, not writable.
 */
struct ledger *ledger_open(const char *folder, enum ledger_mode mode, struct faults *faults);
/** ledger_open that waits at most @p wait_ms milliseconds for another process, here and for every group. */
struct ledger *ledger_open_waiting(const char *folder, enum ledger_mode mode, unsigned wait_ms,
                                   struct faults *faults);
/** Closes; an open group is rolled back. NULL is taken. */
void ledger_close(struct ledger *ledger);

int ledger_begin(struct ledger *ledger, struct faults *faults) MUST_USE;
int ledger_commit(struct ledger *ledger, struct faults *faults) MUST_USE;
void ledger_rollback(struct ledger *ledger);

/** Insert; makes it the current one of its name, the ones before no longer. Sets id. A generation with that key and name already there is made current instead. */
int ledger_put_generation(struct ledger *ledger, struct ledger_generation *generation, struct faults *faults)
    MUST_USE;
/** 1 found, 0 none, -1 fault. */
int ledger_find_generation(struct ledger *ledger, const char *name, struct ledger_generation *generation,
                           struct faults *faults) MUST_USE;

/** Insert an intended certificate: takes its serial in its generation (a serial taken already is a fault). Sets id. */
int ledger_put_intent(struct ledger *ledger, struct ledger_certificate *certificate, struct faults *faults)
    MUST_USE;
/** Complete intent @p id with @p der and its validity; the issued one of the same name before it (whatever manifest) becomes replaced. */
int ledger_put_issued(struct ledger *ledger, int64_t id, struct slice der, instant not_before,
                      instant not_after, struct faults *faults) MUST_USE;
/** Rewrite the facets of issued certificate @p id (a change that needed no new certificate). */
int ledger_put_facets(struct ledger *ledger, int64_t id, const struct ledger_facets *facets,
                      struct faults *faults) MUST_USE;
/** Insert or replace the row of output->path. */
int ledger_put_output(struct ledger *ledger, const struct ledger_output *output, struct faults *faults)
    MUST_USE;
int ledger_remove_output(struct ledger *ledger, const char *path, struct faults *faults) MUST_USE;
/** The issued certificate of @p name becomes replaced: the entry was pruned. */
int ledger_retire(struct ledger *ledger, const char *name, struct faults *faults) MUST_USE;

/** The issued certificate of @p name. 1 found, 0 none, -1 fault. */
int ledger_find_certificate(struct ledger *ledger, const char *name, struct ledger_certificate *certificate,
                            struct faults *faults) MUST_USE;
/** The newest intended certificate of @p name that was never completed. 1, 0, -1. */
int ledger_find_intent(struct ledger *ledger, const char *name, struct ledger_certificate *certificate,
                       struct faults *faults) MUST_USE;
/** The output row of @p path. 1, 0, -1. */
int ledger_find_output(struct ledger *ledger, const char *path, struct ledger_output *output,
                       struct faults *faults) MUST_USE;

/** The first name after @p after ("" to begin), in byte order, that has an issued certificate, with its owner: 1, 0 at the end, -1. */
int ledger_next_name(struct ledger *ledger, const char *after, char name[256], char manifest[1024],
                     bool *authority, struct faults *faults) MUST_USE;
/** The output whose path is the first after @p after ("" to begin), in byte order: 1, 0 at the end, -1. */
int ledger_next_output(struct ledger *ledger, const char *after, struct ledger_output *output,
                       struct faults *faults) MUST_USE;
/** Calls @p each for every issued certificate, in order of name; a non-zero answer stops and is returned. DER is left out of the record unless @p with_der. */
int ledger_each_certificate(struct ledger *ledger, bool with_der,
                            int (*each)(void *state, const struct ledger_certificate *certificate),
                            void *state, struct faults *faults) MUST_USE;
/** Every output of entry @p name (NULL: of all entries), in order of path. */
int ledger_each_output(struct ledger *ledger, const char *name,
                       int (*each)(void *state, const struct ledger_output *output), void *state,
                       struct faults *faults) MUST_USE;

/** A small value by key, for what an apply remembers of itself. 1, 0, -1. */
int ledger_get_memo(struct ledger *ledger, const char *key, struct bytes *value, struct faults *faults)
    MUST_USE;
int ledger_put_memo(struct ledger *ledger, const char *key, struct slice value, struct faults *faults)
    MUST_USE;

#endif
