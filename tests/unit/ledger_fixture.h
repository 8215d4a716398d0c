/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the ledger share: a folder of their own, rows to put in, faults to look at. */
#ifndef MTLSKIT_TESTS_LEDGER_FIXTURE_H
#define MTLSKIT_TESTS_LEDGER_FIXTURE_H

#include <stddef.h>

#include "ledger/ledger.h"

/** The test's folder: made by fixture_start, removed with all in it by fixture_stop. */
extern char fixture_folder[64];
/** Its ledger.db, and what SQLite puts beside it. */
extern char fixture_file[80];
extern char fixture_wal[96];
extern char fixture_shm[96];
/** The test's context; its clock stands at fixture_now. */
extern struct context *fixture_context;
extern instant fixture_now;
/** The test's list of faults. */
extern struct faults *fixture_faults;

void fixture_start(void);
void fixture_stop(void);

/** Opens, for "tester" to write; the test fails when it cannot. */
struct ledger *fixture_open(enum ledger_mode mode);
/** What a ledger opened otherwise needs before it is written. */
void fixture_attribute(struct ledger *ledger);
/** A new generation of @p name whose key's digest is made of @p key; its id. */
int64_t fixture_generation(struct ledger *ledger, const char *name, unsigned char key);
/** An intent whose serial is @p serial in 8 octets; its id, or -1 with a fault. */
int64_t fixture_intent(struct ledger *ledger, int64_t generation, const char *name, uint64_t serial);
/** A certificate issued in one go: the DER says "der of NAME SERIAL". */
int64_t fixture_issued(struct ledger *ledger, int64_t generation, const char *name, uint64_t serial);
int fixture_output(struct ledger *ledger, int64_t certificate, const char *name, const char *path);
/** A new ledger with generation "ca" and its certificate (serial 1) in it, closed. */
void fixture_ledger(void);

/** How many issued certificates (outputs) there are. -1: fault. */
int fixture_certificates(struct ledger *ledger);
int fixture_outputs(struct ledger *ledger);

/** The newest fault; "" for none. */
const char *fixture_fault(void);
/** Expects one new fault with @p part in it, and forgets it. */
void fixture_expect_fault(const char *part);
/** Run @p sql on the file behind the ledger's back, checks of the schema off. */
void fixture_sql(const char *sql);
/** Run @p child in a process of its own, which then kills itself the hard way; waits for its end. */
void fixture_killed(void (*child)(void));
/** How many names the folder holds. */
size_t fixture_names(void);

#endif
