/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PEM (RFC 7468): written fast, read strictly and bounded.
 */
#ifndef MTLSKIT_X509_PEM_H
#define MTLSKIT_X509_PEM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/fault.h"

/** Append one PEM block with @p label ("CERTIFICATE"). */
int pem_write(struct slice der, const char *label, struct bytes *pem) MUST_USE;

/** One block read. */
struct pem_block {
    char label[64];
    struct bytes der;
    size_t line;      /**< line of its BEGIN, from 1 */
    bool has_headers; /**< RFC 1421 headers, as traditional encrypted keys have */
};
void pem_block_free(struct pem_block *block);

/**
 * Read the next block from *rest, skipping text before it (and counting *line on).
 * 1 read, 0 no further block, -1 malformed (no END, other label, bad base64, over-long) with a fault at @p shown and line. *block is
 * overwritten; it is to be freed after every 1.
 */
int pem_read(struct slice *rest, size_t *line, const char *shown, struct pem_block *block,
             struct faults *faults) MUST_USE;

#endif
