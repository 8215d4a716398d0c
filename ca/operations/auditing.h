/* SPDX-License-Identifier: Apache-2.0 */
/* An audit in progress: what its parts share. Internal to operations/audit*.c. */
#ifndef MTLSKIT_OPERATIONS_AUDITING_H
#define MTLSKIT_OPERATIONS_AUDITING_H

#include "issuing/crl_head.h"
#include "issuing/revocation_list.h"
#include "operations/audit.h"
#include "x509/key.h"
#include "x509/signature.h"

/** A certificate of an authority, by the generation of its key. */
struct audited_authority {
    int64_t generation; /**< of its own key */
    char name[256];
    bool current;
    bool stands;         /**< it was neither replaced nor pruned */
    struct bytes der;    /**< empty: the ledger has lost it */
    struct slice issuer; /**< the name it gives as an issuer, in der; empty: der is no certificate */
    struct digest spki;
    struct key *key; /**< NULL: not readable */
    instant end;
    /* of the generation: */
    bool has_list; /**< a complete one */
    struct ledger_crl last;
    uint64_t newest; /**< the highest number taken; 0: none */
    bool half;       /**< and that list was never completed */
};

/** What the log tells of a certificate. */
struct audited_story {
    const struct ledger_certificate *row;
    struct digest der;
    size_t issued;
    bool same;                /**< each time with this content */
    bool revoked;             /**< an event says so */
    struct digest revocation; /**< the content of the last that does */
};

/** A head of the log that lies beside a CRL, and is signed as it should be. */
struct audited_head {
    char path[512];
    int64_t generation; /**< whose key signed it */
    struct crl_head head;
    bool met; /**< the log has its event, with its hash */
};

/** A CRL the log tells of. */
struct audited_list {
    struct digest content;
    int64_t event;
    bool met; /**< the ledger has it */
};

struct auditing {
    const struct context *context;
    const struct directory *directory;
    const struct audit_observer *observer;
    struct audit_totals *totals;
    struct faults *faults;
    struct digester *digester;
    struct signature_verifier *verifier; /**< of the thread the audit is begun by */
    struct audited_authority *authorities;
    size_t authority_count;
    struct audited_head *heads;
    size_t head_count;
    struct audited_list *lists;
    size_t list_count;
    int64_t before; /**< id of the last certificate that is older than the log */
    instant when;   /**< of the last event */
};

/** Tell of a finding; @p format is the text. -1 when the observer ends it. */
int audit_tell(struct auditing *auditing, const char *id, bool problem, const char *subject,
               const char *format, ...) MUST_USE PRINTF_LIKE(5, 6);
/** Make room for one more in an array. -1: memory is out, told. */
int audit_grow(struct auditing *auditing, void **items, size_t count, size_t size) MUST_USE;

/** Whether two entries are one authority to all who read its certificates and lists: one key and one name. */
bool audit_is_twin(const struct audited_authority *one, const struct audited_authority *other);
/** For ledger_each_event_of: adds to a struct audited_story. */
int audit_hear(void *story, const struct ledger_event *event) MUST_USE;
/** The path of a file of @p authority's list. */
int audit_list_path(struct auditing *auditing, const struct audited_authority *authority,
                    enum revocation_list_file file, struct bytes *path) MUST_USE;
bool audit_is_there(const struct auditing *auditing, const char *path);
/** Whether the authority before it in the list has the same key. */
bool audit_seen_before(const struct auditing *auditing, size_t index);

/** The parts. Each -1 with a fault, or when the observer ends it. */
int audit_authorities(struct auditing *auditing) MUST_USE;
int audit_heads(struct auditing *auditing) MUST_USE;
/** What the ledger has of lists, and the files that lie in the directory. */
int audit_log(struct auditing *auditing) MUST_USE;
int audit_certificates(struct auditing *auditing) MUST_USE;
/** The certificates that lie in the directory. */
int audit_files(struct auditing *auditing) MUST_USE;
int audit_revocations(struct auditing *auditing) MUST_USE;
int audit_lists(struct auditing *auditing) MUST_USE;

#endif
