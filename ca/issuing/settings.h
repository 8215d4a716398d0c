/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settings: what an authority needs to sign when no manifest is at hand - where its key is, and what opens it - taken from the
 * manifest into the ledger.
 */
#ifndef MTLSKIT_ISSUING_SETTINGS_H
#define MTLSKIT_ISSUING_SETTINGS_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/fault.h"
#include "ledger/ledger.h"
#include "manifest/manifest.h"

/** ledger_authority.key of an ephemeral authority, whose key was kept nowhere. */
#define SETTINGS_EPHEMERAL "ephemeral"

/** Whether the ledger lacks something of what @p manifest says of its authorities: 1, 0, -1 with a fault. */
int settings_differ(struct ledger *ledger, const struct manifest *manifest, struct faults *faults) MUST_USE;
/** Write what it lacks; next_update stays as it is. Within a group of the ledger. */
int settings_follow(struct ledger *ledger, const struct manifest *manifest, struct faults *faults) MUST_USE;

/**
 * A SPEC as it is kept: files as absolute paths, starting from @p folder (NULL: the working directory); what cannot be had a second
 * time (pass:, fd:) as "prompt"; PASSPHRASE_NONE as "". @p text is replaced.
 */
int settings_spec(const struct passphrase_spec *spec, const char *folder, struct bytes *text) MUST_USE;

#endif
