/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledger's schema: what marks a database as a ledger, how each version of the schema comes out of the one before, and the
 * text of every statement. Data only; internal to ledger/.
 */
#ifndef MTLSKIT_LEDGER_SCHEMA_H
#define MTLSKIT_LEDGER_SCHEMA_H

#include "ledger/ledger.h"

/** SQLite's application_id of a ledger: "mtls" in ASCII. */
#define LEDGER_APPLICATION_ID 0x6d746c73

/** ledger_schema_steps[v] turns a ledger of version v into one of version v + 1; version 0 is an empty database. */
extern const char *const ledger_schema_steps[LEDGER_SCHEMA_VERSION];

enum ledger_statement {
    LEDGER_BEGIN,
    LEDGER_COMMIT,
    LEDGER_ROLLBACK,
    LEDGER_GENERATION_UNSET,       /**< name */
    LEDGER_GENERATION_PUT,         /**< name, spki, created -> id, created */
    LEDGER_GENERATION_PUT_FOREIGN, /**< name, spki, created -> id, created */
    LEDGER_GENERATION_FIND,        /**< name -> columns of a generation */
    LEDGER_GENERATION_EACH,        /**< -> columns of a generation */
    LEDGER_GENERATION_NAME,        /**< name -> columns of a generation */
    LEDGER_GENERATION_KEEP,        /**< name: what its authority's row says of its key */
    LEDGER_GENERATION_KEY,         /**< id -> name, key, passphrase */
    LEDGER_GENERATION_CHANGED,     /**< id, event: its revocations changed */
    LEDGER_INTENT_PUT,             /**< columns of a certificate but for its id and its state */
    LEDGER_INTENT_FIND,            /**< name -> columns of a certificate */
    LEDGER_INTENT_READ, /**< id -> id, name, adopted, request, not before, not after, whether its name has an issued one */
    LEDGER_ISSUED_RETIRE,      /**< name -> id */
    LEDGER_ISSUED_REPLACE,     /**< name */
    LEDGER_ISSUED_AGAIN,       /**< id, manifest -> name */
    LEDGER_ISSUED_PUT,         /**< id */
    LEDGER_ISSUED_PUT_DATES,   /**< id, not before, not after */
    LEDGER_DER_PUT,            /**< id, der */
    LEDGER_DER_FIND,           /**< id -> id, der */
    LEDGER_FACETS_PUT,         /**< id, facets */
    LEDGER_ISSUED_FIND,        /**< name -> columns of a certificate */
    LEDGER_ISSUED_FOLDED,      /**< name -> another that differs only in case */
    LEDGER_ISSUED_NEXT,        /**< name -> columns of the certificate after it */
    LEDGER_CERTIFICATE_GET,    /**< id -> columns of a certificate, as the following */
    LEDGER_CERTIFICATE_SERIAL, /**< serial */
    LEDGER_CERTIFICATE_NAME,   /**< name */
    LEDGER_LIST_NAME,          /**< name, id: after them */
    LEDGER_LIST_END,           /**< end before, end, id: after them */
    LEDGER_LIST_GENERATION,    /**< generation, serial: after it */
    LEDGER_LIST_REVOKED,       /**< id: after it */
    LEDGER_LIST_ALL,           /**< id: after it */
    LEDGER_LIST_LOST,          /**< -> columns of a certificate, as those before */
    LEDGER_REVOCATION_PUT,     /**< columns of a revocation but for listed, event */
    LEDGER_REVOCATION_REMOVE,  /**< certificate */
    LEDGER_REVOCATION_FIND,    /**< certificate -> columns of a revocation */
    LEDGER_REVOCATION_EACH,    /**< generation, whether all -> columns of a revocation */
    LEDGER_REVOCATION_LISTED,  /**< generation, number, this update, event */
    LEDGER_REVOCATION_BACK,    /**< generation, this update */
    LEDGER_CRL_INTENT_PUT,     /**< generation, number, this update, next update, event */
    LEDGER_CRL_PUT,            /**< generation, number, content, entries */
    LEDGER_CRL_FIND,           /**< generation, number -> columns of a CRL */
    LEDGER_CRL_NEWEST,         /**< generation -> columns of a CRL */
    LEDGER_CRL_LAST,           /**< generation -> columns of a CRL */
    LEDGER_CRL_EACH,           /**< -> columns of a CRL */
    LEDGER_CRL_DUE,            /**< generation -> generation, whether */
    LEDGER_EVENT_PUT,          /**< columns of an event */
    LEDGER_EVENT_HEAD,         /**< -> number, at, hash */
    LEDGER_EVENT_EACH,         /**< number -> columns of an event */
    LEDGER_EVENT_OF,           /**< certificate -> columns of an event */
    LEDGER_AUTHORITY_PUT,      /**< columns of an authority */
    LEDGER_AUTHORITY_FIND,     /**< name -> columns of an authority */
    LEDGER_AUTHORITY_EACH,     /**< -> columns of an authority */
    LEDGER_OUTPUT_PUT,         /**< columns of an output; nothing when its path is there */
    LEDGER_OUTPUT_CHANGE,      /**< the same, of one whose path is there */
    LEDGER_OUTPUT_REMOVE,      /**< path */
    LEDGER_OUTPUT_FIND,        /**< path -> columns of an output */
    LEDGER_OUTPUT_NEXT,        /**< path -> columns of the output after it */
    LEDGER_OUTPUT_EACH,        /**< -> columns of an output */
    LEDGER_OUTPUT_EACH_NAME,   /**< name -> columns of an output */
    LEDGER_OUTPUT_STAMPS,      /**< -> path, stamp */
    LEDGER_MEMO_PUT,           /**< key, value */
    LEDGER_STORAGE_CHECK,      /**< -> "ok", or what is wrong with the file */
    LEDGER_MEMO_FIND,          /**< key -> key, value */
    LEDGER_STATEMENT_COUNT
};

struct ledger_statement_text {
    const char *table; /**< the one complaints speak of */
    const char *sql;
};
/** The memo in which a migration leaves the id of the last certificate that was recorded before there were events, in decimal. */
#define LEDGER_MEMO_BEFORE_EVENTS "ledger.before_events"
/** The memo in which a migration leaves the version it found, in decimal; emptied by the event that tells of it. */
#define LEDGER_MEMO_MIGRATED_FROM "ledger.migrated_from"

extern const struct ledger_statement_text ledger_statements[LEDGER_STATEMENT_COUNT];

#endif
