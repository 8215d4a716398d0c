/* SPDX-License-Identifier: Apache-2.0 */
/* A ledger as schema version 1 left it: its tables, and two generations of "ca", one of them replaced, a leaf and an intent. */
#ifndef MTLSKIT_TESTS_SCHEMA_1_H
#define MTLSKIT_TESTS_SCHEMA_1_H

#define SCHEMA_1                                                                                             \
    "CREATE TABLE generation (id INTEGER PRIMARY KEY, name TEXT NOT NULL,"                                   \
    " spki BLOB NOT NULL CHECK (length(spki) = 32), created INTEGER NOT NULL,"                               \
    " current INTEGER NOT NULL CHECK (current BETWEEN 0 AND 1), UNIQUE (name, spki)) STRICT;"                \
    "CREATE UNIQUE INDEX generation_current ON generation (name) WHERE current = 1;"                         \
    "CREATE TABLE certificate (id INTEGER PRIMARY KEY,"                                                      \
    " generation INTEGER NOT NULL REFERENCES generation (id),"                                               \
    " serial BLOB NOT NULL CHECK (length(serial) <= 20), name TEXT NOT NULL, manifest TEXT NOT NULL,"        \
    " authority INTEGER NOT NULL CHECK (authority BETWEEN 0 AND 1),"                                         \
    " adopted INTEGER NOT NULL CHECK (adopted BETWEEN 0 AND 1),"                                             \
    " state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 2),"                                                 \
    " spki BLOB NOT NULL CHECK (length(spki) = 32), facets BLOB NOT NULL CHECK (length(facets) = 48),"       \
    " not_before INTEGER NOT NULL, not_after INTEGER NOT NULL, created INTEGER NOT NULL,"                    \
    " own_generation INTEGER REFERENCES generation (id)) STRICT;"                                            \
    "CREATE UNIQUE INDEX certificate_serial ON certificate (generation, serial);"                            \
    "CREATE UNIQUE INDEX certificate_issued ON certificate (name) WHERE state = 1;"                          \
    "CREATE INDEX certificate_intended ON certificate (name) WHERE state = 0;"                               \
    "CREATE TABLE certificate_der (id INTEGER PRIMARY KEY REFERENCES certificate (id),"                      \
    " der BLOB NOT NULL) STRICT;"                                                                            \
    "CREATE TABLE output (path TEXT PRIMARY KEY, certificate INTEGER REFERENCES certificate (id),"           \
    " name TEXT NOT NULL, kind INTEGER NOT NULL, content BLOB NOT NULL CHECK (length(content) = 32),"        \
    " inputs BLOB NOT NULL CHECK (length(inputs) = 32), size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,"   \
    " ctime_ns INTEGER NOT NULL, inode INTEGER NOT NULL) STRICT, WITHOUT ROWID;"                             \
    "CREATE INDEX output_name ON output (name);"                                                             \
    "CREATE TABLE memo (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;"                   \
    "PRAGMA application_id = 1836346483; PRAGMA user_version = 1;"                                           \
    "INSERT INTO generation VALUES (1, 'ca', zeroblob(32), 5, 0), (2, 'ca', x'" SCHEMA_1_KEY "', 6, 1);"     \
    "INSERT INTO certificate VALUES"                                                                         \
    " (1, 1, x'01', 'ca', 'm', 1, 0, 2, zeroblob(32), zeroblob(48), 10, 20, 5, 1),"                          \
    " (2, 2, x'02', 'ca', 'm', 1, 0, 1, zeroblob(32), zeroblob(48), 10, 20, 6, 2),"                          \
    " (3, 2, x'03', 'leaf', 'm', 0, 0, 1, zeroblob(32), zeroblob(48), 10, 20, 7, NULL),"                     \
    " (4, 2, x'04', 'late', 'm', 0, 0, 0, zeroblob(32), zeroblob(48), 10, 20, 8, NULL);"                     \
    "INSERT INTO certificate_der VALUES (1, x'31'), (2, x'32'), (3, x'33');"                                 \
    "INSERT INTO output VALUES ('leaf.crt', 3, 'leaf', 1, zeroblob(32), zeroblob(32), 1, 2, 3, 4);"
#define SCHEMA_1_KEY "1111111111111111111111111111111111111111111111111111111111111111"

#endif
