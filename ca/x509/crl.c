/* SPDX-License-Identifier: Apache-2.0 */
/* CRLs written, and the reasons for which something is revoked. */
#include "x509/crl.h"

#include <ctype.h>
#include <stdlib.h>

#include "x509/certificate.h"
#include "x509/der.h"
#include "x509/extension.h"
#include "x509/instant.h"

/* ---- reasons ----------------------------------------------------------------------------------------------------- */

/* By number; 7 is not used. */
static const char *const reasons[] = {
    "unspecified",   "keyCompromise",        "cACompromise",    "affiliationChanged",
    "superseded",    "cessationOfOperation", "certificateHold", NULL,
    "removeFromCRL", "privilegeWithdrawn",   "aACompromise"};
#define REASON_COUNT ((int)(sizeof(reasons) / sizeof(reasons[0])))

/* Letters alone, whatever their case: "cACompromise" is "ca-compromise". */
static bool same_word(const char *text, const char *word)
{
    for (;;) {
        while (*text == '-') {
            text += 1;
        }
        if (tolower((unsigned char)*text) != tolower((unsigned char)*word)) {
            return false;
        }
        if (*word == '\0') {
            return true;
        }
        text += 1;
        word += 1;
    }
}

int crl_reason_parse(const char *text, enum crl_reason *reason)
{
    for (int i = 0; i < REASON_COUNT; i++) {
        if (reasons[i] != NULL && i != CRL_REMOVE_FROM_CRL && same_word(text, reasons[i])) {
            *reason = (enum crl_reason)i;
            return 0;
        }
    }
    return -1;
}

const char *crl_reason_text(int reason)
{
    return reason >= 0 && reason < REASON_COUNT ? reasons[reason] : NULL;
}

const char *crl_reason_words(void)
{
    return "unspecified, keyCompromise, cACompromise, affiliationChanged, superseded, cessationOfOperation, "
           "certificateHold, privilegeWithdrawn, aACompromise";
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

struct crl_writer {
    struct bytes entries; /* their DERs, one after the other */
    size_t count;
};

/* Extension types of id-ce (2.5.29.n). */
static const struct oid crl_number = {{0x55, 0x1d, 20}, 3};
static const struct oid reason_code = {{0x55, 0x1d, 21}, 3};
static const struct oid invalidity_date = {{0x55, 0x1d, 24}, 3};

struct crl_writer *crl_writer_new(struct faults *faults)
{
    struct crl_writer *writer = calloc(1, sizeof(*writer));

    if (writer == NULL) {
        fault_memory(faults);
    }
    return writer;
}

void crl_writer_free(struct crl_writer *writer)
{
    if (writer != NULL) {
        bytes_free(&writer->entries);
        free(writer);
    }
}

size_t crl_writer_count(const struct crl_writer *writer)
{
    return writer->count;
}

/* Extension with one small value: INTEGER, ENUMERATED or a time. Not critical. */
static void begin_extension(struct der *der, const struct oid *type)
{
    der_begin(der, DER_SEQUENCE);
    der_value(der, DER_OID, oid_slice(type));
    der_begin(der, DER_OCTET_STRING);
}

static void end_extension(struct der *der)
{
    der_end(der);
    der_end(der);
}

static void write_entry(struct der *der, const struct crl_entry *entry)
{
    const unsigned char code = (unsigned char)entry->reason;

    der_begin(der, DER_SEQUENCE);
    der_unsigned(der, entry->serial);
    der_time(der, entry->revoked);
    if (entry->reason != CRL_UNSPECIFIED || entry->has_invalidity) {
        der_begin(der, DER_SEQUENCE);
        if (entry->reason != CRL_UNSPECIFIED) {
            begin_extension(der, &reason_code);
            der_value(der, DER_ENUMERATED, (struct slice){&code, 1});
            end_extension(der);
        }
        if (entry->has_invalidity) {
            begin_extension(der, &invalidity_date);
            der_generalized_time(der, entry->invalidity);
            end_extension(der);
        }
        der_end(der);
    }
    der_end(der);
}

static bool can_be_written(instant value)
{
    return value >= INSTANT_MIN && value <= INSTANT_MAX;
}

int crl_writer_add(struct crl_writer *writer, const struct crl_entry *entry, struct faults *faults)
{
    struct der der;

    if (entry->serial.length == 0 || entry->serial.length > SERIAL_MAX) {
        fault_error(faults, NULL, NULL, NULL,
                    "a serial number of %zu octets cannot be revoked: 1 to %d are allowed",
                    entry->serial.length, SERIAL_MAX);
        return -1;
    }
    if (!can_be_written(entry->revoked) || (entry->has_invalidity && !can_be_written(entry->invalidity)) ||
        crl_reason_text(entry->reason) == NULL) {
        fault_error(faults, NULL, NULL, NULL, "a date or reason of a revocation is none that a CRL can hold");
        return -1;
    }
    der_start(&der, &writer->entries);
    write_entry(&der, entry);
    if (der_finish(&der) != 0) {
        fault_memory(faults);
        return -1;
    }
    writer->count += 1;
    return 0;
}

static int write_tbs(const struct crl_writer *writer, const struct crl_fields *fields,
                     const struct signer *signer, struct bytes *tbs)
{
    struct der der;

    der_start(&der, tbs);
    der_begin(&der, DER_SEQUENCE);
    der_number(&der, 1); /* v2 */
    der_raw(&der, signer_algorithm(signer));
    der_raw(&der, fields->issuer);
    der_time(&der, fields->this_update);
    der_time(&der, fields->next_update);
    if (writer->count != 0) {
        der_begin(&der, DER_SEQUENCE);
        der_raw(&der, slice_of(&writer->entries));
        der_end(&der);
    }
    der_begin(&der, DER_CONTEXT_CONSTRUCTED(0));
    der_begin(&der, DER_SEQUENCE);
    extension_write_authority_key_identifier(&der, fields->authority_key_identifier);
    begin_extension(&der, &crl_number);
    der_number(&der, fields->number);
    end_extension(&der);
    if (signer_is_fixture(signer)) {
        extension_write_fixture_mark(&der);
    }
    der_end(&der);
    der_end(&der);
    der_end(&der);
    return der_finish(&der);
}

int crl_writer_sign(struct crl_writer *writer, const struct crl_fields *fields, struct signer *signer,
                    struct bytes *der, struct faults *faults)
{
    struct bytes tbs = BYTES_EMPTY;
    int status = -1;

    if (!can_be_written(fields->this_update) || !can_be_written(fields->next_update) ||
        fields->next_update <= fields->this_update || fields->authority_key_identifier.length == 0) {
        fault_error(faults, NULL, NULL, NULL,
                    "a CRL needs an authority with a key identifier, and a next update after its own date");
        return -1;
    }
    if (bytes_reserve(&tbs, writer->entries.length + fields->issuer.length + 256) != 0 ||
        write_tbs(writer, fields, signer, &tbs) != 0) {
        fault_memory(faults);
    } else {
        status = signer_assemble(signer, slice_of(&tbs), der, faults);
    }
    bytes_free(&tbs);
    bytes_clear(&writer->entries);
    writer->count = 0;
    return status;
}
