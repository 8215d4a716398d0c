/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Firefox's profiles on this machine, of each way it may be installed: ~/.mozilla/firefox, $XDG_CONFIG_HOME/mozilla/firefox (since 147), and
 * the homes that snap and flatpak give it.
 */
#ifndef MTLSKIT_NSS_FIREFOX_H
#define MTLSKIT_NSS_FIREFOX_H

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/fault.h"
#include "nss/owner.h"
#include "store/store.h"

/** The folder of the profile @p name; NULL: of the default one. Appended. -1 with a fault: there is none, or several could be meant; they are listed. */
int firefox_find(const struct owner *owner, const char *name, struct bytes *folder, struct faults *faults)
    MUST_USE;
/** Tell each profile as "nss:firefox:NAME". */
int firefox_survey(const struct owner *owner, store_place_fn each, void *state, struct faults *faults)
    MUST_USE;

#endif
