/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CRLs read:
 *
 *   CertificateList ::= SEQUENCE { TBSCertList, AlgorithmIdentifier, BIT STRING }               RFC 5280 section 5.1
 *   TBSCertList     ::= SEQUENCE { version OPTIONAL, signature, issuer, thisUpdate, nextUpdate OPTIONAL,
 *                                  SEQUENCE OF { userCertificate, revocationDate, Extensions OPTIONAL } OPTIONAL,
 *                                  [0] EXPLICIT Extensions OPTIONAL }
 */
#include <string.h>

#include "x509/certificate.h"
#include "x509/crl.h"
#include "x509/instant.h"
#include "x509/part.h"
#include "x509/signature.h"

/* A content of INTEGER or ENUMERATED as an unsigned octet; a longer or negative one is no reason anybody has named. */
static int read_reason(struct slice value, int *reason)
{
    struct slice content;

    if (part_only(value, DER_ENUMERATED, &content) != 0 || content.length == 0 ||
        (content.data[0] & 0x80) != 0 || content.length > 2 ||
        (content.length == 2 && content.data[0] != 0)) {
        return -1;
    }
    *reason = content.data[content.length - 1];
    return 0;
}

static int read_entry_extensions(struct slice rest, struct crl_entry *entry)
{
    struct part_extension extension;
    struct der_item outer;
    int status;

    if (der_expect(&rest, DER_SEQUENCE, &outer) != 0 || rest.length != 0) {
        return -1;
    }
    while ((status = part_extension_read(&outer.content, &extension)) == 1) {
        struct slice value = extension.value;
        int number = part_extension_number(&extension);

        if ((number == 21 && (entry->has_reason || read_reason(value, &entry->reason) != 0)) ||
            (number == 24 && (entry->has_invalidity || part_time(&value, &entry->invalidity) != 0))) {
            return -1;
        }
        entry->has_reason |= number == 21;
        entry->has_invalidity |= number == 24;
    }
    return status;
}

int crl_entry_read(struct slice *rest, struct crl_entry *entry)
{
    struct der_item outer;
    struct der_item serial;

    memset(entry, 0, sizeof(*entry));
    if (rest->length == 0) {
        return 0;
    }
    if (der_expect(rest, DER_SEQUENCE, &outer) != 0 ||
        der_expect(&outer.content, DER_INTEGER, &serial) != 0 || serial.content.length == 0 ||
        part_time(&outer.content, &entry->revoked) != 0 ||
        (outer.content.length != 0 && read_entry_extensions(outer.content, entry) != 0)) {
        return -1;
    }
    entry->serial = serial.content;
    return 1;
}

static int read_entries(struct slice content, struct crl_view *view)
{
    struct crl_entry entry;
    int status;

    view->entries = content;
    while ((status = crl_entry_read(&content, &entry)) == 1) {
        view->count += 1;
    }
    return status;
}

static int take_extension(const struct part_extension *extension, struct crl_view *view)
{
    switch (part_extension_number(extension)) {
    case 20:
        return view->number.length == 0 && part_only(extension->value, DER_INTEGER, &view->number) == 0 &&
                       view->number.length != 0
                   ? 0
                   : -1;
    case 27:
        view->delta = true;
        return 0;
    case 28:
        view->partial = true;
        return 0;
    case 35:
        return part_authority_key_identifier(extension->value, &view->authority_key_identifier);
    default:
        view->fixture |= certificate_is_fixture_mark(extension->type);
        return 0;
    }
}

static int read_extensions(struct slice rest, struct crl_view *view)
{
    struct part_extension extension;
    struct der_item outer;
    int status;

    if (der_expect(&rest, DER_CONTEXT_CONSTRUCTED(0), &outer) != 0 || rest.length != 0 ||
        part_only(outer.content, DER_SEQUENCE, &view->extensions) != 0) {
        return -1;
    }
    rest = view->extensions;
    while ((status = part_extension_read(&rest, &extension)) == 1) {
        if (take_extension(&extension, view) != 0) {
            return -1;
        }
    }
    return status;
}

static bool begins_with(struct slice rest, unsigned char tag)
{
    return rest.length != 0 && rest.data[0] == tag;
}

static int read_tbs(struct slice rest, struct crl_view *view)
{
    struct slice algorithm;
    struct der_item item;

    view->version = 1;
    if (begins_with(rest, DER_INTEGER)) {
        if (der_expect(&rest, DER_INTEGER, &item) != 0 || item.content.length != 1 ||
            item.content.data[0] > 1) {
            return -1;
        }
        view->version = item.content.data[0] + 1; /* some write version 1 out, which should be absent */
    }
    if (part_algorithm(&rest, &algorithm) != 0 || !slice_equal(algorithm, view->signature_algorithm) ||
        part_name(&rest, &view->issuer) != 0 || part_time(&rest, &view->this_update) != 0) {
        return -1;
    }
    if (begins_with(rest, DER_UTC_TIME) || begins_with(rest, DER_GENERALIZED_TIME)) {
        view->has_next_update = true;
        if (part_time(&rest, &view->next_update) != 0) {
            return -1;
        }
    }
    if (begins_with(rest, DER_SEQUENCE) &&
        (der_expect(&rest, DER_SEQUENCE, &item) != 0 || read_entries(item.content, view) != 0)) {
        return -1;
    }
    return rest.length == 0 ? 0 : read_extensions(rest, view);
}

int crl_view_read(struct slice der, struct crl_view *view)
{
    struct part_signed parts;

    memset(view, 0, sizeof(*view));
    view->whole = der;
    if (part_signed_read(der, &parts) != 0) {
        return -1;
    }
    view->tbs = parts.tbs.whole;
    view->signature_algorithm = parts.algorithm;
    view->signature = parts.signature;
    return read_tbs(parts.tbs.content, view);
}

int crl_find(const struct crl_view *view, struct slice serial, struct crl_entry *entry)
{
    struct slice rest = view->entries;
    struct crl_entry next;
    int found = 0;

    serial = serial_magnitude(serial);
    while (crl_entry_read(&rest, &next) == 1) {
        if (slice_equal(serial_magnitude(next.serial), serial)) {
            *entry = next;
            found = 1;
        }
    }
    return found;
}

int crl_verify(const struct context *context, const struct crl_view *view, struct slice spki,
               const char **why)
{
    return signature_verify(context, view->signature_algorithm, spki, view->tbs, view->signature, why);
}
