/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Places: which folder a database's name means. What is asked of the disk is asked with the owner's rights (nss/owner.h).
 */
#ifndef MTLSKIT_NSS_PLACE_H
#define MTLSKIT_NSS_PLACE_H

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/fault.h"
#include "nss/owner.h"
#include "store/store.h"

enum place_kind {
    PLACE_NONE,
    PLACE_CHROMIUM,
    PLACE_FIREFOX, /**< with the profile's name, or none for the default */
    PLACE_FOLDER   /**< sql:DIR */
};

/** What stands after "nss:". */
struct nss_place {
    enum place_kind kind;
    const char *name; /**< the profile's name, or DIR as it was given; borrowed from the text; NULL: none */
};

/** Parse; -1 with a fault that lists what there is. */
int nss_place_parse(const char *text, struct nss_place *place, struct faults *faults) MUST_USE;
/** The absolute folder of sql:DIR, without a slash at its end. Appended. -1 with a fault. */
int nss_place_absolute(const char *folder, struct bytes *absolute, struct faults *faults) MUST_USE;
/** The folder of chromium's or firefox's database. Appended. -1 with a fault, which for several profiles lists them. */
int nss_place_find(const struct nss_place *place, const struct owner *owner, struct bytes *folder,
                   struct faults *faults) MUST_USE;
/** As store_kind's survey says: chromium's database, and each profile of firefox. */
int nss_place_survey(const struct owner *owner, store_place_fn each, void *state, struct faults *faults)
    MUST_USE;

#endif
