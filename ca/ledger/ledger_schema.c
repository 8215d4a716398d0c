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

const char *const ledger_schema_steps[LEDGER_SCHEMA_VERSION] = {
    schema_1, /* an empty database becomes version 1 */
};

#define CERTIFICATE                                                                                          \
    "SELECT id, generation, serial, name, manifest, authority, adopted, state, spki, facets, not_before,"    \
    " not_after, created, own_generation FROM certificate "
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
    [LEDGER_GENERATION_FIND] = {"generation", "SELECT id, name, spki, created, current FROM generation"
                                              " WHERE name = ?1 AND current = 1"},

    [LEDGER_INTENT_PUT] = {"certificate",
                           "INSERT INTO certificate (generation, serial, name, manifest, authority, adopted,"
                           " spki, facets, not_before, not_after, created, own_generation, state)"
                           " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 0)"},
    [LEDGER_INTENT_FIND] = {"certificate",
                            CERTIFICATE "WHERE name = ?1 AND state = 0 ORDER BY id DESC LIMIT 1"},
    [LEDGER_ISSUED_RETIRE] = {"certificate",
                              "UPDATE certificate SET state = 2 WHERE name = ?1 AND state = 1"},
    [LEDGER_ISSUED_REPLACE] = {"certificate",
                               "UPDATE certificate SET state = 2 WHERE state = 1"
                               " AND name = (SELECT name FROM certificate WHERE id = ?1 AND state = 0)"},
    [LEDGER_ISSUED_PUT] = {"certificate", "UPDATE certificate SET state = 1, not_before = ?2, not_after = ?3"
                                          " WHERE id = ?1 AND state = 0"},
    [LEDGER_DER_PUT] = {"certificate_der", "INSERT INTO certificate_der (id, der) VALUES (?1, ?2)"},
    [LEDGER_DER_FIND] = {"certificate_der", "SELECT id, der FROM certificate_der WHERE id = ?1"},
    [LEDGER_FACETS_PUT] = {"certificate", "UPDATE certificate SET facets = ?2 WHERE id = ?1 AND state = 1"},
    [LEDGER_ISSUED_FIND] = {"certificate", CERTIFICATE "WHERE name = ?1 AND state = 1"},
    [LEDGER_ISSUED_EACH] = {"certificate", CERTIFICATE "WHERE state = 1 ORDER BY name"},
    [LEDGER_ISSUED_NEXT] = {"certificate", CERTIFICATE "WHERE name > ?1 AND state = 1 ORDER BY name LIMIT 1"},

    [LEDGER_OUTPUT_PUT] =
        {"output", "INSERT INTO output (path, certificate, name, kind, content, inputs,"
                   " size, mtime_ns, ctime_ns, inode) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
                   " ON CONFLICT (path) DO UPDATE SET certificate = ?2, name = ?3, kind = ?4, content = ?5,"
                   " inputs = ?6, size = ?7, mtime_ns = ?8, ctime_ns = ?9, inode = ?10"},
    [LEDGER_OUTPUT_REMOVE] = {"output", "DELETE FROM output WHERE path = ?1"},
    [LEDGER_OUTPUT_FIND] = {"output", OUTPUT "WHERE path = ?1"},
    [LEDGER_OUTPUT_NEXT] = {"output", OUTPUT "WHERE path > ?1 ORDER BY path LIMIT 1"},
    [LEDGER_OUTPUT_EACH] = {"output", OUTPUT "ORDER BY path"},
    [LEDGER_OUTPUT_EACH_NAME] = {"output", OUTPUT "WHERE name = ?1 ORDER BY path"},

    [LEDGER_MEMO_PUT] = {"memo", "INSERT OR REPLACE INTO memo (key, value) VALUES (?1, ?2)"},
    [LEDGER_MEMO_FIND] = {"memo", "SELECT key, value FROM memo WHERE key = ?1"},
};
