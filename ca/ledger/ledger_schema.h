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
    LEDGER_GENERATION_UNSET, /**< name */
    LEDGER_GENERATION_PUT,   /**< name, spki, created -> id, created */
    LEDGER_GENERATION_FIND,  /**< name -> columns of a generation */
    LEDGER_INTENT_PUT,       /**< columns of a certificate but for its id and its state */
    LEDGER_INTENT_FIND,      /**< name -> columns of a certificate */
    LEDGER_ISSUED_RETIRE,    /**< name */
    LEDGER_ISSUED_REPLACE,   /**< id of an intent: what is issued under its name */
    LEDGER_ISSUED_PUT,       /**< id, not before, not after */
    LEDGER_DER_PUT,          /**< id, der */
    LEDGER_DER_FIND,         /**< id -> id, der */
    LEDGER_FACETS_PUT,       /**< id, facets */
    LEDGER_ISSUED_FIND,      /**< name -> columns of a certificate */
    LEDGER_ISSUED_EACH,      /**< -> columns of a certificate */
    LEDGER_ISSUED_NEXT,      /**< name -> columns of the certificate after it */
    LEDGER_OUTPUT_PUT,       /**< columns of an output */
    LEDGER_OUTPUT_REMOVE,    /**< path */
    LEDGER_OUTPUT_FIND,      /**< path -> columns of an output */
    LEDGER_OUTPUT_NEXT,      /**< path -> columns of the output after it */
    LEDGER_OUTPUT_EACH,      /**< -> columns of an output */
    LEDGER_OUTPUT_EACH_NAME, /**< name -> columns of an output */
    LEDGER_MEMO_PUT,         /**< key, value */
    LEDGER_MEMO_FIND,        /**< key -> key, value */
    LEDGER_STATEMENT_COUNT
};

struct ledger_statement_text {
    const char *table; /**< the one complaints speak of */
    const char *sql;
};
extern const struct ledger_statement_text ledger_statements[LEDGER_STATEMENT_COUNT];

#endif
