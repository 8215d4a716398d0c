/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stores: where an operating system keeps identities and trust. This is the contract that macos, nss, pkcs11 and system each fulfil; all
 * above them knows this header and the table of kinds (choice/choice.h), never a store's own.
 *
 * A store does single things to single items and keeps no record of its own: what a run does, in which order, and how it is taken back
 * is decided above (steps/). So every verb must be exact:
 *
 *   - store_look changes nothing and never prompts for more than the store's own credential.
 *   - store_put of an absent item either puts it there whole and returns 0, or returns -1 and leaves the store as it was. Where a library
 *     may have had its effect in spite of its error, the store looks again and takes back what it left.
 *   - store_take of an absent item is no failure: it can be repeated after a crash, also when the put it undoes never happened.
 *   - nothing but the item named is changed: not a default, not a search list, not another certificate's trust.
 *
 * Passphrases and PINs come as values (struct store_setting) and are wiped by their owner. Private keys never leave a store.
 */
#ifndef MTLSKIT_STORE_STORE_H
#define MTLSKIT_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/fault.h"
#include "store/item.h"

/** What a kind of store can do. A set; `keychain-import stores` tells it. */
enum store_ability {
    STORE_IDENTITIES = 1,     /**< takes certificates with their keys */
    STORE_ANCHORS = 2,        /**< takes anchors */
    STORE_SCOPE_SERVER = 4,   /**< can trust an anchor for servers alone */
    STORE_SCOPE_CLIENT = 8,   /**< can trust an anchor for clients alone */
    STORE_HOSTS = 16,         /**< can trust an anchor for one host alone */
    STORE_UNEXTRACTABLE = 32, /**< enforces that a key cannot be read back */
    STORE_PROGRAMS = 64,      /**< knows which programs may use a key */
    STORE_TRUST_APART =
        128, /**< an anchor's certificate and the trust in it are two items; else ITEM_TRUST is both */
    STORE_SIGNS = 256,        /**< store_prove lets the key sign */
    STORE_SHARED_BY_ALL = 512 /**< all users of the machine see what is in it */
};

/** What opening a store needs. All borrowed; starts as all zeros. */
struct store_setting {
    const struct context *context;
    const struct bytes
        *passphrase;    /**< of a keychain or database, or the PIN of a token; NULL: none is at hand */
    const char *helper; /**< the helper program, for tests; NULL: the one that belongs to this program */
    const char
        *root;    /**< folder that stands for "/" where paths of the system are meant, for tests; NULL: "/" */
    bool writing; /**< items will be put or taken */
    unsigned
        patience; /**< seconds a person has to answer where the system asks one; 0: the store's own measure */
    bool
        shut; /**< what store_lend told when this run had it open before: it is shut again when it is closed */
};

/** One open store, or place in one. Opaque. Closed by store_close. */
struct store;
struct store_kind;

enum presence {
    PRESENCE_ABSENT,
    PRESENCE_PRESENT,  /**< the same: same DER, same key, trust of just this scope and host */
    PRESENCE_DIFFERENT /**< something else stands in its place, and putting would overwrite or be refused */
};

/** What store_look found. Starts as all zeros; sighting_free. */
struct sighting {
    enum presence presence;
    struct bytes
        reason; /**< for DIFFERENT: what stands there, a phrase ("another certificate of the same issuer and serial number ...") */
    enum scope scope; /**< for ITEM_TRUST: what the anchor is trusted for now */
    /** For ITEM_TRUST: the store's own words for the trust there is now, which store_take puts back; empty: none. No secret; at most 64 KiB. */
    struct bytes before;
};
void sighting_free(struct sighting *sighting);

/** One entry of a store, for lists. Borrowed for the call. */
struct store_entry {
    struct slice certificate; /**< DER */
    const char *label;        /**< may be NULL */
    bool has_key;             /**< its private key is there: an identity */
    bool extractable;         /**< the key can be read back as far as the store knows */
    enum scope scope;         /**< trusted for */
    const char *host;         /**< for this host alone; NULL: for every one */
};
/** Not 0 ends the walk, which then answers that. */
typedef int (*store_entry_fn)(void *state, const struct store_entry *entry);
/** One place of this machine: "nss:chromium", and where that is. @p usable says why not, or NULL. */
typedef int (*store_place_fn)(void *state, const char *name, const char *where, const char *unusable);

/** A verdict of the store's own on a certificate. Starts as all zeros; reason is freed by the caller. */
struct store_verdict {
    bool good;
    struct bytes reason; /**< a phrase: why not */
};
struct store_question {
    struct slice certificate;  /**< DER of the leaf */
    const struct slice *chain; /**< intermediates that came with it */
    size_t chain_count;
    enum scope policy; /**< SCOPE_SERVER: as a server's; SCOPE_CLIENT: as a client's */
    const char *host;  /**< or NULL */
};

/** A kind of store: a row of the table. Verbs that it does not have are NULL. For stores and store.c; others call store_*. */
struct store_kind {
    const char *word;    /**< "nss" */
    const char *summary; /**< one line */
    const char *caveat;  /**< what it cannot enforce, one line; or NULL */
    unsigned abilities;  /**< enum store_ability */
    /** Tell the places of this machine that exist, or that would be used. -1 with a fault, or what @p each answered. */
    int (*survey)(const struct store_setting *setting, store_place_fn each, void *state,
                  struct faults *faults);
    /** @p place: what stands after "nss:", "" when nothing does. A store that would be made new is made by the first put. NULL with a fault. */
    struct store *(*open)(const struct store_setting *setting, const char *place, struct faults *faults);
    void (*close)(struct store *store);
    int (*look)(struct store *store, const struct item *item, struct sighting *sighting,
                struct faults *faults);
    int (*put)(struct store *store, const struct item *item, struct faults *faults);
    int (*take)(struct store *store, const struct item *item, struct slice before, struct faults *faults);
    int (*prove)(struct store *store, const struct item *item, struct faults *faults);
    int (*each)(struct store *store, store_entry_fn each, void *state, struct faults *faults);
    int (*judge)(struct store *store, const struct store_question *question, struct store_verdict *verdict,
                 struct faults *faults);
    int (*allow)(struct store *store, const struct item *item, const char *program, struct faults *faults);
    int (*settle)(struct store *store, struct faults *faults);
    bool (*lend)(struct store *store);
    int (*reference)(struct store *store, const struct item *item, struct bytes *reference,
                     struct faults *faults);
};

/** Every store begins with this: the first member of its own struct. */
struct store {
    const struct store_kind *kind;
    const struct context *context; /**< borrowed */
    char *
        name; /**< "nss:sql:/srv/db": what --into takes, with its place in full; owned, freed by store_close */
};

/** Open; NULL with a fault that names the store. */
struct store *store_open(const struct store_kind *kind, const struct store_setting *setting,
                         const char *place, struct faults *faults);
void store_close(struct store *store);
const char *store_name(const struct store *store);
bool store_can(const struct store *store, enum store_ability ability);

/** What is there about @p item. */
int store_look(struct store *store, const struct item *item, struct sighting *sighting, struct faults *faults)
    MUST_USE;
/** Put an item that store_look called absent. For ITEM_TRUST over other trust: replaces it (what it was, the sighting's `before` has). */
int store_put(struct store *store, const struct item *item, struct faults *faults) MUST_USE;
/** Take an item away; for ITEM_TRUST put @p before back (empty: no trust). */
int store_take(struct store *store, const struct item *item, struct slice before, struct faults *faults)
    MUST_USE;
/** ITEM_KEY: find certificate and key again and, where the store can, let the key sign and check that by the certificate. ITEM_TRUST: find it again. */
int store_prove(struct store *store, const struct item *item, struct faults *faults) MUST_USE;
/** Walk over all certificates in it. */
int store_each(struct store *store, store_entry_fn each, void *state, struct faults *faults) MUST_USE;
/** The store's own judgement. 1: it judged; 0: it has none of its own (whoever asks judges by the anchors of store_each); -1 with a fault. */
int store_judge(struct store *store, const struct store_question *question, struct store_verdict *verdict,
                struct faults *faults) MUST_USE;
/** Let one more program use the key of @p item. A store that does not know programs refuses. */
int store_allow(struct store *store, const struct item *item, const char *program, struct faults *faults)
    MUST_USE;
/** Once, after all puts and takes of a run, failed ones too: what makes them count (update-ca-certificates). Can be repeated. */
int store_settle(struct store *store, struct faults *faults) MUST_USE;
/**
 * Before a command uses what is in it and we do not: what opening it opened (a keychain that was locked) stays open when the store is closed. True:
 * it was shut before; whoever opens the store again afterwards says so in its setting.
 */
bool store_lend(struct store *store) MUST_USE;
/** How a program names the identity: a pkcs11: URI (RFC 7512), or the place of the database. Appended. */
int store_reference(struct store *store, const struct item *item, struct bytes *reference,
                    struct faults *faults) MUST_USE;

#endif
