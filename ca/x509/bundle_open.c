/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bundles opened: a foreign PFX (RFC 7292 section 4) walked layer by layer. Each layer is first made DER (x509/ber.h), so
 * that NSS's and Bouncy Castle's indefinite lengths are read as well; nothing is derived from parameters that were not
 * bounded before, and the MAC is checked before anything is decrypted.
 */
#include "x509/bundle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "x509/bag.h"
#include "x509/ber.h"
#include "x509/der.h"
#include "x509/form.h"
#include "x509/opening.h"
#include "x509/pbe.h"
#include "x509/pfx.h"

#define SIZE_LIMIT (16u * 1024 * 1024)

static int broken(struct reading *reading, const char *what)
{
    return opening_broken(&reading->opening, what);
}

/* ---- safes ------------------------------------------------------------------------------------------------------- */

/* EncryptedData (RFC 2315 section 13): @p content is what [0] of its ContentInfo holds. */
static int read_encrypted_safe(struct reading *reading, struct slice content)
{
    struct bytes encrypted = BYTES_EMPTY;
    struct bytes plain = BYTES_EMPTY;
    struct wrapping wrapping;
    struct der_item data;
    struct der_item version;
    struct der_item info;
    struct der_item type;
    struct der_item identifier;
    struct der_item octets;
    struct slice rest;
    const char *why = NULL;
    struct pbe pbe;
    int status = -1;

    if (der_expect(&content, DER_SEQUENCE, &data) != 0) {
        return broken(reading, "an encrypted safe is malformed");
    }
    rest = data.content;
    if (der_expect(&rest, DER_INTEGER, &version) != 0 || der_expect(&rest, DER_SEQUENCE, &info) != 0) {
        return broken(reading, "an encrypted safe is malformed");
    }
    rest = info.content;
    if (der_expect(&rest, DER_OID, &type) != 0 || der_expect(&rest, DER_SEQUENCE, &identifier) != 0 ||
        der_read(&rest, &octets) != 1 ||
        (octets.tag != DER_CONTEXT(0) && octets.tag != DER_CONTEXT_CONSTRUCTED(0))) {
        return broken(reading, "an encrypted safe is malformed");
    }
    if (pbe_read(identifier.content, &pbe, &why) != 0) {
        return broken(reading, why);
    }
    wrapping = (struct wrapping){pbe.name, pbe.derivation.iterations};
    if (reading->opening.peek) {
        return bag_add_item(reading, "encrypted safe", &wrapping) != NULL ? 0 : -1;
    }
    if (ber_append_string(octets.tag, octets.content, &encrypted) != 0) {
        broken(reading, "an encrypted safe is malformed");
    } else if (opening_decrypt(&reading->opening, &pbe, slice_of(&encrypted), &plain) == 0) {
        status = bag_read_safe(reading, slice_of(&plain), &wrapping);
    }
    bytes_free(&encrypted);
    bytes_free(&plain);
    return status;
}

static int read_content(struct reading *reading, const struct der_item *info)
{
    static const struct wrapping unencrypted = {"none", 0};
    struct slice rest = info->content;
    struct der_item type;
    struct der_item content;
    struct der_item octets;

    if (info->tag != DER_SEQUENCE || der_expect(&rest, DER_OID, &type) != 0 ||
        der_expect(&rest, DER_CONTEXT_CONSTRUCTED(0), &content) != 0) {
        return broken(reading, "one of its safes is malformed");
    }
    switch (pfx_type_of(type.content)) {
    case PFX_DATA:
        rest = content.content;
        if (der_expect(&rest, DER_OCTET_STRING, &octets) != 0) {
            return broken(reading, "one of its safes is malformed");
        }
        return bag_read_safe(reading, octets.content, &unencrypted);
    case PFX_ENCRYPTED_DATA:
        return read_encrypted_safe(reading, content.content);
    case PFX_ENVELOPED_DATA:
        fault_error(reading->opening.faults, &reading->opening.place, NULL, NULL,
                    "it is encrypted to a public key, not with a passphrase, which is not read here");
        return -1;
    default:
        return broken(reading, "one of its safes is of an unknown kind");
    }
}

/* The AuthenticatedSafe, BER. */
static int read_contents(struct reading *reading, struct slice encoded)
{
    struct bytes plain = BYTES_EMPTY;
    struct der_item safes;
    struct der_item info;
    struct slice rest;
    int status = -1;

    if (ber_read(&encoded, &plain) != 0 || encoded.length != 0) {
        broken(reading, "the list of its safes is malformed");
        goto out;
    }
    rest = slice_of(&plain);
    if (der_expect(&rest, DER_SEQUENCE, &safes) != 0) {
        broken(reading, "the list of its safes is malformed");
        goto out;
    }
    rest = safes.content;
    while ((status = der_read(&rest, &info)) == 1) {
        if (read_content(reading, &info) != 0) {
            status = -1;
            goto out;
        }
    }
    if (status != 0) {
        broken(reading, "the list of its safes is malformed");
    }
out:
    bytes_free(&plain);
    return status;
}

/* ---- PFX --------------------------------------------------------------------------------------------------------- */

/* MacData, if there is one: reported, and checked unless this is a peek. */
static int read_mac(struct reading *reading, struct slice rest, struct slice content)
{
    struct bundle_report *report = reading->report;
    struct der_item mac_data;
    const char *why = NULL;
    struct pbe_mac mac;

    if (rest.length == 0) {
        return 0;
    }
    if (der_expect(&rest, DER_SEQUENCE, &mac_data) != 0 || rest.length != 0) {
        return broken(reading, "its MAC is malformed");
    }
    if (pbe_mac_read(mac_data.content, &mac, &why) != 0) {
        return broken(reading, why);
    }
    report->has_mac = true;
    snprintf(report->mac_digest, sizeof(report->mac_digest), "%s", mac.name);
    report->mac_iterations = mac.derivation.iterations;
    report->mac_salt_length = mac.derivation.salt.length;
    return reading->opening.peek ? 0 : opening_check_mac(&reading->opening, &mac, content);
}

/* The ContentInfo whose content is the AuthenticatedSafe: *octets is what it holds. */
static int read_authenticated(struct reading *reading, struct slice info, struct der_item *octets)
{
    struct der_item type;
    struct der_item content;
    struct slice rest;

    if (der_expect(&info, DER_OID, &type) != 0 ||
        der_expect(&info, DER_CONTEXT_CONSTRUCTED(0), &content) != 0) {
        return broken(reading, "its content is malformed");
    }
    rest = content.content;
    if (pfx_type_of(type.content) == PFX_SIGNED_DATA) {
        fault_error(reading->opening.faults, &reading->opening.place, NULL, NULL,
                    "it is protected by a signature, not with a passphrase, which is not read here");
        return -1;
    }
    if (pfx_type_of(type.content) != PFX_DATA || der_expect(&rest, DER_OCTET_STRING, octets) != 0) {
        return broken(reading, "its content is malformed");
    }
    return 0;
}

static int read_pfx(struct reading *reading, struct slice p12)
{
    struct bytes plain = BYTES_EMPTY;
    struct der_item pfx;
    struct der_item version;
    struct der_item info;
    struct der_item octets = {0};
    struct slice rest;
    int status = -1;

    if (p12.length > SIZE_LIMIT) {
        fault_error(reading->opening.faults, &reading->opening.place, NULL, NULL, "it is larger than 16 MiB");
        goto out;
    }
    if (!form_is_p12(p12)) {
        fault_error(reading->opening.faults, &reading->opening.place, NULL, NULL,
                    "this is not a P12 (PKCS#12) file");
        goto out;
    }
    if (ber_read(&p12, &plain) != 0) {
        broken(reading, "it is cut off, or not well-formed");
        goto out;
    }
    if (p12.length != 0) {
        broken(reading, "something follows its end");
        goto out;
    }
    rest = slice_of(&plain);
    if (der_expect(&rest, DER_SEQUENCE, &pfx) != 0) {
        broken(reading, "it is not well-formed");
        goto out;
    }
    rest = pfx.content;
    if (der_expect(&rest, DER_INTEGER, &version) != 0 || der_expect(&rest, DER_SEQUENCE, &info) != 0) {
        broken(reading, "it is not well-formed");
        goto out;
    }
    if (read_authenticated(reading, info.content, &octets) == 0 &&
        read_mac(reading, rest, octets.content) == 0) {
        status = reading->mac_alone ? 0 : read_contents(reading, octets.content);
    }
out:
    bytes_free(&plain);
    return status;
}

static bool is_printable_ascii(struct slice text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] < 0x20 || text.data[i] > 0x7e) {
            return false;
        }
    }
    return true;
}

static void begin(struct reading *reading, const struct context *context, const char *shown,
                  struct faults *faults)
{
    memset(reading->report, 0, sizeof(*reading->report));
    reading->opening.context = context;
    reading->opening.faults = faults;
    reading->opening.place.file = shown;
}

/* Read with the passphrase. */
static int read_with(struct reading *reading, const struct context *context, struct slice p12,
                     const struct bytes *passphrase, const char *shown, struct faults *faults)
{
    int status = -1;

    begin(reading, context, shown, faults);
    reading->opening.form_settled = passphrase->length != 0;
    if (passphrase_forms_set(&reading->opening.passphrase, slice_of(passphrase)) != 0) {
        fault_error(faults, &reading->opening.place, NULL, NULL, "the passphrase is not UTF-8");
    } else {
        status = read_pfx(reading, p12);
    }
    passphrase_forms_free(&reading->opening.passphrase);
    return status;
}

int bundle_open_mac(const struct context *context, struct slice p12, const struct bytes *passphrase,
                    const char *shown, struct bundle_report *report, struct faults *faults)
{
    struct reading reading = {.report = report, .mac_alone = true};

    return read_with(&reading, context, p12, passphrase, shown, faults);
}

int bundle_open(const struct context *context, struct slice p12, const struct bytes *passphrase,
                const char *shown, struct bundle_report *report, struct faults *faults)
{
    struct reading reading = {.report = report};
    int status = read_with(&reading, context, p12, passphrase, shown, faults);

    report->opened = status == 0;
    report->empty_passphrase = passphrase->length == 0;
    report->java_passphrase = is_printable_ascii(slice_of(passphrase));
    return status;
}

int bundle_peek(const struct context *context, struct slice p12, const char *shown,
                struct bundle_report *report, struct faults *faults)
{
    struct reading reading = {.report = report};

    begin(&reading, context, shown, faults);
    reading.opening.peek = true;
    return read_pfx(&reading, p12);
}

void bundle_report_free(struct bundle_report *report)
{
    for (size_t i = 0; i < report->item_count; i++) {
        bytes_free(&report->items[i].friendly_name);
        bytes_free(&report->items[i].local_key_id);
        bytes_free(&report->items[i].certificate);
    }
    free(report->items);
    key_free(report->key);
    memset(report, 0, sizeof(*report));
}
