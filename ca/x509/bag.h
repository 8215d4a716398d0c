/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bags of a P12 (RFC 7292 section 4.2) being opened: keys, certificates and what else there is, put into the report. For
 * bundle_open alone.
 */
#ifndef MTLSKIT_X509_BAG_H
#define MTLSKIT_X509_BAG_H

#include "base/attributes.h"
#include "base/bytes.h"
#include "x509/bundle.h"
#include "x509/opening.h"

/** What goes along while a P12 is read. */
struct reading {
    struct opening opening;
    struct bundle_report *report;
    bool mac_alone; /**< stop behind the MAC */
};

/** The encryption that what is being read lies in. */
struct wrapping {
    const char *name;
    long iterations;
};

/** An item added to the report; NULL with a fault. */
struct bundle_report_item *bag_add_item(struct reading *reading, const char *kind,
                                        const struct wrapping *wrapping);
/** Read SafeContents, BER: every bag in it, also of SafeContents inside it. */
int bag_read_safe(struct reading *reading, struct slice encoded, const struct wrapping *wrapping) MUST_USE;

#endif
