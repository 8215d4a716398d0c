/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Identities and anchors as they come out of files: the private key with its certificate and chain, and certificates to be trusted. What
 * reads them is identity/reading.h; what judges them before anything is changed, identity/judgement.h.
 */
#ifndef MTLSKIT_IDENTITY_IDENTITY_H
#define MTLSKIT_IDENTITY_IDENTITY_H

#include <stddef.h>

#include "base/bytes.h"
#include "x509/certificate_list.h"
#include "x509/key.h"

/** Starts as all zeros. */
struct identity {
    struct key *key; /**< private; owned */
    struct certificate_list
        chain; /**< the leaf first, then what came with it, in path order, without duplicates; a root may be its end */
    struct bytes name;  /**< the friendlyName of a P12, else the leaf's CN; may be empty. UTF-8 */
    struct bytes shown; /**< the file it came from, for complaints */
};
/** Wipes, frees, and sets to zeros. */
void identity_free(struct identity *identity);

/** Certificates of one file. Starts as all zeros. */
struct anchors {
    struct certificate_list certificates;
    struct bytes shown;
};
void anchors_free(struct anchors *anchors);

#endif
