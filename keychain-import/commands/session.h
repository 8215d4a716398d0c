/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session: what a command's options say of the store, the journal beside it, and the run that the steps get. Everything a command opens is
 * closed by session_close.
 */
#ifndef MTLSKIT_COMMANDS_SESSION_H
#define MTLSKIT_COMMANDS_SESSION_H

#include <stdbool.h>

#include "base/attributes.h"
#include "choice/choice.h"
#include "commands/report.h"
#include "console/command.h"
#include "console/passphrase_option.h"
#include "installation/installation.h"
#include "journal/journal.h"
#include "steps/run.h"
#include "store/store.h"

/** Rows of a table of options: the store. */
#define SESSION_OPTIONS                                                                                      \
    {"into", 0, "STORE", false, "the store: macos:login, nss:chromium, pkcs11:token=T, system, ..."},        \
    {                                                                                                        \
        "keychain-passphrase", 0, "SPEC", false,                                                             \
            "the passphrase of the keychain or database, or the PIN of the token"                            \
    }

/** How a store is opened. */
enum session_mode {
    SESSION_LOOK,  /**< nothing is changed, as by --dry-run; a journal that is missing is not made */
    SESSION_CHANGE /**< other runs are kept out, and what killed ones left in this store is undone first */
};

/** Starts as all zeros; session_close. */
struct session {
    const struct invocation *invocation;
    struct store_setting setting;
    struct passphrase_option passphrase;
    struct choice choice;
    struct store *store;
    struct journal *journal;
    struct journal_records records;
    struct report *report; /**< borrowed */
    struct run run;
};

/** Whether the options that SESSION_OPTIONS has are well-formed; else usage faults. */
bool session_options_are_good(const struct invocation *invocation) MUST_USE;
/**
 * Open the store of --into, or that of @p wish (may be NULL), or the one that can do all of @p abilities (enum store_ability), which is
 * named then. @p report gets the steps; may be NULL.
 */
int session_open(struct session *session, const struct invocation *invocation,
                 const struct installation *wish, unsigned abilities, enum session_mode mode,
                 struct report *report) MUST_USE;
void session_close(struct session *session);

/** What opening any store of this machine takes, by the options. */
int session_settings(struct session *session, const struct invocation *invocation, bool writing) MUST_USE;

#endif
