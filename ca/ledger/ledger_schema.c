/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The texts of the schema and of the statements. A step that was released is never edited: a change is a new step, and
 * LEDGER_SCHEMA_VERSION grows with it. Both a new ledger and an old one run through the same steps, so they end up alike.
 */
#include "ledger/ledger_schema.h"

/*
 * generation   an authority's keys. One of a name is current.
 * certificate  everything but the DER: a scan of all names then touches few pages. state is enum ledger_state.
 *              facets: the six of struct ledger_facets, 8 octets each, in that order.
 *              A name has one issued certificate at most; an index for it holds only those, in the order the scan wants, and
 *              does not grow with what was replaced. The same for intents, of which nearly none stand at any time.
 *              Serials are looked for within their generation only.
 * certificate_der  the DER of what was issued; a row is added when an intent is completed, so completing never moves a row.
 * output       one row a file, in order of path: a scan of all is a walk along one tree.
 * memo         small values by key.
 */
static const char schema_1[] =
    "CREATE TABLE generation ("
    "  id INTEGER PRIMARY KEY,"
    "  name TEXT NOT NULL,"
    "  spki BLOB NOT NULL CHECK (length(spki) = 32),"
    "  created INTEGER NOT NULL,"
    "  current INTEGER NOT NULL CHECK (current BETWEEN 0 AND 1),"
    "  UNIQUE (name, spki)"
    ") STRICT;"
    "CREATE UNIQUE INDEX generation_current ON generation (name) WHERE current = 1;"

    "CREATE TABLE certificate ("
    "  id INTEGER PRIMARY KEY,"
    "  generation INTEGER NOT NULL REFERENCES generation (id),"
    "  serial BLOB NOT NULL CHECK (length(serial) <= 20),"
    "  name TEXT NOT NULL,"
    "  manifest TEXT NOT NULL,"
    "  authority INTEGER NOT NULL CHECK (authority BETWEEN 0 AND 1),"
    "  adopted INTEGER NOT NULL CHECK (adopted BETWEEN 0 AND 1),"
    "  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 2),"
    "  spki BLOB NOT NULL CHECK (length(spki) = 32),"
    "  facets BLOB NOT NULL CHECK (length(facets) = 48),"
    "  not_before INTEGER NOT NULL,"
    "  not_after INTEGER NOT NULL,"
    "  created INTEGER NOT NULL,"
    "  own_generation INTEGER REFERENCES generation (id)"
    ") STRICT;"
    "CREATE UNIQUE INDEX certificate_serial ON certificate (generation, serial);"
    "CREATE UNIQUE INDEX certificate_issued ON certificate (name) WHERE state = 1;"
    "CREATE INDEX certificate_intended ON certificate (name) WHERE state = 0;"

    "CREATE TABLE certificate_der ("
    "  id INTEGER PRIMARY KEY REFERENCES certificate (id),"
    "  der BLOB NOT NULL"
    ") STRICT;"

    "CREATE TABLE output ("
    "  path TEXT PRIMARY KEY,"
    "  certificate INTEGER REFERENCES certificate (id),"
    "  name TEXT NOT NULL,"
    "  kind INTEGER NOT NULL,"
    "  content BLOB NOT NULL CHECK (length(content) = 32),"
    "  inputs BLOB NOT NULL CHECK (length(inputs) = 32),"
    "  size INTEGER NOT NULL,"
    "  mtime_ns INTEGER NOT NULL,"
    "  ctime_ns INTEGER NOT NULL,"
    "  inode INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX output_name ON output (name);"

    "CREATE TABLE memo ("
    "  key TEXT PRIMARY KEY,"
    "  value BLOB NOT NULL"
    ") STRICT, WITHOUT ROWID;";

/*
 * certificate  replaced says what state 2 does, for the indexes: completing an intent changes state alone, and no index is touched.
 *              Names and ends are indexed for what stands; what was replaced has an index of its own, and does not burden them.
 * revocation   in the order a CRL has them. event: the log's number of it. listed: number of the CRL that held it past the
 *              certificate's end; from then on CRLs leave it out.
 * crl          event: the last one when the number was taken.
 * generation   changed: the last event that changed its revocations.
 * event        number has no gaps. The triggers are for other programs: this one has them switched off, and no statement for it.
 */
static const char schema_2[] =
    "ALTER TABLE certificate ADD COLUMN request BLOB CHECK (request IS NULL OR length(request) = 32);"
    "ALTER TABLE certificate ADD COLUMN replaced INTEGER NOT NULL DEFAULT 0"
    "  CHECK (replaced BETWEEN 0 AND 1);"
    "UPDATE certificate SET replaced = 1 WHERE state = 2;"
    "DROP INDEX certificate_issued;"
    "DROP INDEX certificate_intended;"
    "CREATE INDEX certificate_name ON certificate (name) WHERE replaced = 0;"
    "CREATE INDEX certificate_end ON certificate (not_after) WHERE replaced = 0;"
    "CREATE INDEX certificate_replaced ON certificate (name) WHERE replaced = 1;"
    "ALTER TABLE generation ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;"

    "CREATE TABLE revocation ("
    "  generation INTEGER NOT NULL REFERENCES generation (id),"
    "  serial BLOB NOT NULL CHECK (length(serial) <= 20),"
    "  certificate INTEGER NOT NULL REFERENCES certificate (id),"
    "  revoked INTEGER NOT NULL,"
    "  reason INTEGER NOT NULL CHECK (reason BETWEEN 0 AND 10 AND reason <> 7),"
    "  invalidity INTEGER,"
    "  not_after INTEGER NOT NULL,"
    "  event INTEGER NOT NULL,"
    "  listed INTEGER,"
    "  PRIMARY KEY (generation, serial)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE UNIQUE INDEX revocation_certificate ON revocation (certificate);"

    "CREATE TABLE crl ("
    "  generation INTEGER NOT NULL REFERENCES generation (id),"
    "  number INTEGER NOT NULL CHECK (number > 0),"
    "  this_update INTEGER NOT NULL,"
    "  next_update INTEGER NOT NULL,"
    "  complete INTEGER NOT NULL CHECK (complete BETWEEN 0 AND 1),"
    "  content BLOB CHECK (content IS NULL OR length(content) = 32),"
    "  entries INTEGER NOT NULL CHECK (entries >= 0),"
    "  event INTEGER NOT NULL,"
    "  PRIMARY KEY (generation, number)"
    ") STRICT, WITHOUT ROWID;"

    "CREATE TABLE event ("
    "  number INTEGER PRIMARY KEY,"
    "  at INTEGER NOT NULL,"
    "  who TEXT NOT NULL,"
    "  what INTEGER NOT NULL,"
    "  certificate INTEGER,"
    "  request BLOB CHECK (request IS NULL OR length(request) = 32),"
    "  content BLOB CHECK (content IS NULL OR length(content) = 32),"
    "  detail TEXT NOT NULL,"
    "  hash BLOB NOT NULL CHECK (length(hash) = 32)"
    ") STRICT;"
    "CREATE INDEX event_certificate ON event (certificate) WHERE certificate IS NOT NULL;"
    "CREATE TRIGGER event_is_not_changed BEFORE UPDATE ON event"
    "  BEGIN SELECT RAISE(ABORT, 'events are only added'); END;"
    "CREATE TRIGGER event_is_not_removed BEFORE DELETE ON event"
    "  BEGIN SELECT RAISE(ABORT, 'events are only added'); END;"

    "CREATE TABLE authority ("
    "  name TEXT PRIMARY KEY,"
    "  key TEXT NOT NULL,"
    "  passphrase TEXT NOT NULL,"
    "  next_update TEXT NOT NULL"
    ") STRICT, WITHOUT ROWID;"

    "INSERT INTO memo (key, value)"
    " SELECT '" LEDGER_MEMO_BEFORE_EVENTS "', CAST(CAST(most AS TEXT) AS BLOB)"
    " FROM (SELECT max(id) AS most FROM certificate) WHERE most IS NOT NULL;";

/*
 * generation   key, passphrase: what the row of its authority said while it was current, for its lists go on when it is not; NULL where
 *              nobody said so in time.
 * certificate  names are told apart by case; that two of them differ in nothing else is found without looking at all.
 */
static const char schema_3[] =
    "ALTER TABLE generation ADD COLUMN key TEXT;"
    "ALTER TABLE generation ADD COLUMN passphrase TEXT;"
    "UPDATE generation SET key = authority.key, passphrase = authority.passphrase FROM authority"
    "  WHERE authority.name = generation.name AND current = 1;"
    "CREATE INDEX certificate_folded ON certificate (name COLLATE NOCASE) WHERE replaced = 0;";

const char *const ledger_schema_steps[LEDGER_SCHEMA_VERSION] = {
    schema_1, /* an empty database becomes version 1 */
    schema_2, /* revocations, CRLs, events, authorities */
    schema_3,
};

#define CERTIFICATE_OF(tables)                                                                               \
    "SELECT certificate.id, certificate.generation, certificate.serial, name, manifest, authority, adopted," \
    " state, spki, facets, not_before, certificate.not_after, created, own_generation, request FROM " tables
#define CERTIFICATE CERTIFICATE_OF("certificate ")
#define GENERATION  "SELECT id, name, spki, created, current FROM generation "
#define REVOCATION                                                                                           \
    "SELECT certificate, generation, serial, revoked, reason, invalidity, not_after,"                        \
    " listed IS NOT NULL FROM revocation "
#define CRL       "SELECT generation, number, this_update, next_update, complete, content, entries, event FROM crl "
#define EVENT     "SELECT number, at, who, what, certificate, request, content, detail, hash FROM event "
#define AUTHORITY "SELECT name, key, passphrase, next_update FROM authority "
#define OUTPUT                                                                                               \
    "SELECT path, certificate, name, kind, content, inputs, size, mtime_ns, ctime_ns, inode FROM output "

/* "state = 1" and the like are written out, for a parameter would keep SQLite from using an index that has it as condition. */
const struct ledger_statement_text ledger_statements[LEDGER_STATEMENT_COUNT] = {
    /* IMMEDIATE takes the right to write at once, and waits for it; a deferred BEGIN fails when it has read before. */
    [LEDGER_BEGIN] = {"", "BEGIN IMMEDIATE"},
    [LEDGER_COMMIT] = {"", "COMMIT"},
    [LEDGER_ROLLBACK] = {"", "ROLLBACK"},

    [LEDGER_GENERATION_UNSET] = {"generation",
                                 "UPDATE generation SET current = 0 WHERE name = ?1 AND current = 1"},
    [LEDGER_GENERATION_PUT] = {"generation",
                               "INSERT INTO generation (name, spki, created, current) VALUES (?1, ?2, ?3, 1)"
                               " ON CONFLICT (name, spki) DO UPDATE SET current = 1 RETURNING id, created"},
    [LEDGER_GENERATION_PUT_FOREIGN] = {"generation",
                                       "INSERT INTO generation (name, spki, created, current)"
                                       " VALUES (?1, ?2, ?3, 0) ON CONFLICT (name, spki)"
                                       " DO UPDATE SET current = current RETURNING id, created"},
    [LEDGER_GENERATION_FIND] = {"generation", GENERATION "WHERE name = ?1 AND current = 1"},
    [LEDGER_GENERATION_EACH] = {"generation", GENERATION "ORDER BY id"},
    [LEDGER_GENERATION_NAME] = {"generation", GENERATION "WHERE name = ?1 ORDER BY id"},
    [LEDGER_GENERATION_KEEP] =
        {"generation",
         "UPDATE generation SET key = authority.key, passphrase = authority.passphrase FROM authority"
         " WHERE authority.name = ?1 AND generation.name = ?1 AND current = 1"
         " AND (generation.key IS NOT authority.key OR"
         " generation.passphrase IS NOT authority.passphrase)"},
    [LEDGER_GENERATION_KEY] = {"generation", "SELECT name, key, passphrase FROM generation"
                                             " WHERE id = ?1 AND key IS NOT NULL AND passphrase IS NOT NULL"},
    [LEDGER_GENERATION_CHANGED] = {"generation", "UPDATE generation SET changed = ?2 WHERE id = ?1"},

    [LEDGER_INTENT_PUT] =
        {"certificate", "INSERT INTO certificate (generation, serial, name, manifest, authority, adopted,"
                        " spki, facets, not_before, not_after, created, own_generation, request, state,"
                        " replaced) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, 0, 0)"},
    [LEDGER_INTENT_FIND] = {"certificate", CERTIFICATE
                            "WHERE name = ?1 AND replaced = 0 AND state = 0 ORDER BY id DESC LIMIT 1"},
    /* whether anything is to be replaced is asked here, for an UPDATE that finds nothing costs three times as much */
    [LEDGER_INTENT_READ] = {"certificate",
                            "SELECT id, name, adopted, request, not_before, not_after,"
                            " EXISTS (SELECT 1 FROM certificate AS other WHERE other.name = certificate.name"
                            " AND other.replaced = 0 AND other.state = 1)"
                            " FROM certificate WHERE id = ?1 AND state = 0"},
    [LEDGER_ISSUED_RETIRE] = {"certificate", "UPDATE certificate SET state = 2, replaced = 1"
                                             " WHERE name = ?1 AND replaced = 0 AND state = 1 RETURNING id"},
    [LEDGER_ISSUED_AGAIN] = {"certificate", "UPDATE certificate SET state = 1, replaced = 0, manifest = ?2"
                                            " WHERE id = ?1 AND state = 2 RETURNING name, adopted"},
    [LEDGER_ISSUED_REPLACE] = {"certificate", "UPDATE certificate SET state = 2, replaced = 1"
                                              " WHERE name = ?1 AND replaced = 0 AND state = 1"},
    [LEDGER_ISSUED_PUT] = {"certificate", "UPDATE certificate SET state = 1 WHERE id = ?1"},
    [LEDGER_ISSUED_PUT_DATES] = {"certificate",
                                 "UPDATE certificate SET state = 1, not_before = ?2, not_after = ?3"
                                 " WHERE id = ?1"},
    [LEDGER_DER_PUT] = {"certificate_der", "INSERT INTO certificate_der (id, der) VALUES (?1, ?2)"},
    [LEDGER_DER_FIND] = {"certificate_der", "SELECT id, der FROM certificate_der WHERE id = ?1"},
    [LEDGER_FACETS_PUT] = {"certificate", "UPDATE certificate SET facets = ?2 WHERE id = ?1 AND state = 1"},
    [LEDGER_ISSUED_FIND] = {"certificate", CERTIFICATE
                            "WHERE name = ?1 AND replaced = 0 AND state = 1 ORDER BY id DESC LIMIT 1"},
    [LEDGER_ISSUED_FOLDED] = {"certificate", "SELECT name FROM certificate WHERE name = ?1 COLLATE NOCASE"
                                             " AND name <> ?1 AND replaced = 0 AND state = 1 LIMIT 1"},
    [LEDGER_ISSUED_NEXT] = {"certificate", CERTIFICATE
                            "WHERE name > ?1 AND replaced = 0 AND state = 1 ORDER BY name LIMIT 1"},
    [LEDGER_CERTIFICATE_GET] = {"certificate", CERTIFICATE "WHERE id = ?1"},
    [LEDGER_CERTIFICATE_SERIAL] = {"certificate",
                                   CERTIFICATE "WHERE generation IN (SELECT id FROM generation)"
                                               " AND serial = ?1 ORDER BY id DESC"},
    [LEDGER_CERTIFICATE_NAME] = {"certificate",
                                 CERTIFICATE "WHERE name = ?1 AND replaced = 0 UNION ALL " CERTIFICATE
                                             "WHERE name = ?1 AND replaced = 1 ORDER BY 1 DESC"},
    [LEDGER_LIST_NAME] = {"certificate",
                          CERTIFICATE "WHERE replaced = 0 AND state = 1 AND (name, id) > (?1, ?2)"
                                      " ORDER BY name, id"},
    [LEDGER_LIST_END] = {"certificate", CERTIFICATE
                         "WHERE replaced = 0 AND state = 1 AND not_after < ?1 AND (not_after, id) > (?2, ?3)"
                         " ORDER BY not_after, id"},
    [LEDGER_LIST_GENERATION] = {"certificate",
                                CERTIFICATE "WHERE generation = ?1 AND serial > ?2 ORDER BY serial"},
    [LEDGER_LIST_REVOKED] =
        {"certificate",
         CERTIFICATE_OF("revocation CROSS JOIN certificate "
                        "ON certificate.id = revocation.certificate ") "WHERE revocation.certificate > ?1 "
                                                                       "ORDER BY revocation.certificate"},
    [LEDGER_LIST_ALL] = {"certificate", CERTIFICATE "WHERE id > ?1 ORDER BY id"},
    [LEDGER_LIST_LOST] = {"certificate",
                          CERTIFICATE_OF(
                              "revocation CROSS JOIN certificate "
                              "ON certificate.id = revocation.certificate ") "WHERE reason IN (1, 2, 10)"},

    [LEDGER_REVOCATION_PUT] = {"revocation",
                               "INSERT INTO revocation (certificate, generation, serial, revoked, reason,"
                               " invalidity, not_after, event) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"},
    [LEDGER_REVOCATION_REMOVE] = {"revocation", "DELETE FROM revocation WHERE certificate = ?1"},
    [LEDGER_REVOCATION_FIND] = {"revocation", REVOCATION "WHERE certificate = ?1"},
    [LEDGER_REVOCATION_EACH] = {"revocation", REVOCATION
                                "WHERE generation = ?1 AND (?2 OR listed IS NULL) ORDER BY serial"},
    [LEDGER_REVOCATION_LISTED] = {"revocation", "UPDATE revocation SET listed = ?2 WHERE generation = ?1"
                                                " AND listed IS NULL AND not_after < ?3 AND event <= ?4"},
    [LEDGER_REVOCATION_BACK] = {"revocation", "UPDATE revocation SET listed = NULL WHERE generation = ?1"
                                              " AND listed IS NOT NULL AND not_after >= ?2"},

    [LEDGER_CRL_INTENT_PUT] = {"crl", "INSERT INTO crl (generation, number, this_update, next_update, event,"
                                      " complete, entries) VALUES (?1, ?2, ?3, ?4, ?5, 0, 0)"},
    [LEDGER_CRL_PUT] = {"crl", "UPDATE crl SET complete = 1, content = ?3, entries = ?4"
                               " WHERE generation = ?1 AND number = ?2 AND complete = 0"},
    [LEDGER_CRL_FIND] = {"crl", CRL "WHERE generation = ?1 AND number = ?2"},
    [LEDGER_CRL_NEWEST] = {"crl", CRL "WHERE generation = ?1 ORDER BY number DESC LIMIT 1"},
    [LEDGER_CRL_LAST] = {"crl", CRL "WHERE generation = ?1 AND complete = 1 ORDER BY number DESC LIMIT 1"},
    [LEDGER_CRL_EACH] = {"crl", CRL "ORDER BY generation, number"},
    [LEDGER_CRL_DUE] = {"crl", "SELECT id, changed > COALESCE((SELECT event FROM crl WHERE generation = ?1"
                               " AND complete = 1 ORDER BY number DESC LIMIT 1), 0)"
                               " FROM generation WHERE id = ?1"},

    [LEDGER_EVENT_PUT] = {"event",
                          "INSERT INTO event (number, at, who, what, certificate, request, content, detail,"
                          " hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"},
    [LEDGER_EVENT_HEAD] = {"event", "SELECT number, at, hash FROM event ORDER BY number DESC LIMIT 1"},
    [LEDGER_EVENT_EACH] = {"event", EVENT "WHERE number >= ?1 ORDER BY number"},
    [LEDGER_EVENT_OF] = {"event", EVENT "WHERE certificate = ?1 ORDER BY number"},

    [LEDGER_AUTHORITY_PUT] = {"authority",
                              "INSERT OR REPLACE INTO authority (name, key, passphrase, next_update)"
                              " VALUES (?1, ?2, ?3, ?4)"},
    [LEDGER_AUTHORITY_FIND] = {"authority", AUTHORITY "WHERE name = ?1"},
    [LEDGER_AUTHORITY_EACH] = {"authority", AUTHORITY "ORDER BY name"},

    /*
     * Two statements: what one that inserts or updates changes, SQLite copies to a file of its own first, page by page, for
     * it may have to be undone alone.
     */
    [LEDGER_OUTPUT_PUT] =
        {"output", "INSERT INTO output (path, certificate, name, kind, content, inputs,"
                   " size, mtime_ns, ctime_ns, inode) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
                   " ON CONFLICT (path) DO NOTHING"},
    [LEDGER_OUTPUT_CHANGE] = {"output",
                              "UPDATE output SET certificate = ?2, name = ?3, kind = ?4, content = ?5,"
                              " inputs = ?6, size = ?7, mtime_ns = ?8, ctime_ns = ?9, inode = ?10"
                              " WHERE path = ?1"},
    [LEDGER_OUTPUT_REMOVE] = {"output", "DELETE FROM output WHERE path = ?1"},
    [LEDGER_OUTPUT_FIND] = {"output", OUTPUT "WHERE path = ?1"},
    [LEDGER_OUTPUT_NEXT] = {"output", OUTPUT "WHERE path > ?1 ORDER BY path LIMIT 1"},
    [LEDGER_OUTPUT_EACH] = {"output", OUTPUT "ORDER BY path"},
    [LEDGER_OUTPUT_EACH_NAME] = {"output", OUTPUT "WHERE name = ?1 ORDER BY path"},
    [LEDGER_OUTPUT_STAMPS] = {"output",
                              "SELECT path, size, mtime_ns, ctime_ns, inode FROM output ORDER BY path"},

    [LEDGER_MEMO_PUT] = {"memo", "INSERT OR REPLACE INTO memo (key, value) VALUES (?1, ?2)"},
    [LEDGER_STORAGE_CHECK] = {"storage", "SELECT replace(replace(integrity_check, '*** in database main ***' "
                                         "|| char(10), ''), char(10), ', ')"
                                         " FROM pragma_integrity_check(1)"},
    [LEDGER_MEMO_FIND] = {"memo", "SELECT key, value FROM memo WHERE key = ?1"},
};
