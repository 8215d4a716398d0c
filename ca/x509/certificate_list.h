/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists of certificates, as chains, anchors and intermediates come: read from PEM or DER, bounded.
 */
#ifndef MTLSKIT_X509_CERTIFICATE_LIST_H
#define MTLSKIT_X509_CERTIFICATE_LIST_H

#include <stddef.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/fault.h"

/** A list of DER certificates. Starts as all zeros. */
struct certificate_list {
    struct bytes *items;
    size_t count;
};
/** Most certificates read from one file. */
#define CERTIFICATE_LIST_MAX 10000
/**
 * Append all certificates of PEM (CERTIFICATE, X509 CERTIFICATE, TRUSTED CERTIFICATE refused) or one DER certificate; at least one or a
 * fault. Each is checked by certificate_view_read. On failure the list is as it was before.
 */
int certificate_list_read(struct slice content, const char *shown, struct certificate_list *list,
                          struct faults *faults) MUST_USE;
int certificate_list_add(struct certificate_list *list, struct slice der) MUST_USE;
void certificate_list_free(struct certificate_list *list);

#endif
