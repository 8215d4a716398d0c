/* SPDX-License-Identifier: Apache-2.0 */
/* Flaws: a TBSCertificate taken apart and written again with one thing wrong, and signed. */
#include "x509/flaw.h"

#include <string.h>

#include "x509/der.h"
#include "x509/extension.h"
#include "x509/oid.h"

/* ---- words ------------------------------------------------------------------------------------------------------- */

static const struct {
    enum flaw flaw;
    const char *word;
} words[] = {
    {FLAW_BAD_SIGNATURE, "bad-signature"},
    {FLAW_SHA1, "sha1"},
    {FLAW_MD5, "md5"},
    {FLAW_ALGORITHM_MISMATCH, "algorithm-mismatch"},
    {FLAW_ZERO_SERIAL, "zero-serial"},
    {FLAW_NEGATIVE_SERIAL, "negative-serial"},
    {FLAW_LONG_SERIAL, "long-serial"},
    {FLAW_VERSION_1, "version-1"},
    {FLAW_TIME_WITHOUT_Z, "time-without-z"},
    {FLAW_GENERALIZED_TIME, "generalized-time"},
    {FLAW_DUPLICATE_EXTENSION, "duplicate-extension"},
    {FLAW_UNKNOWN_CRITICAL, "unknown-critical"},
    {FLAW_UNKNOWN_EXTENSION, "unknown-extension"},
    {FLAW_NON_CRITICAL_SAN, "non-critical-san"},
    {FLAW_NO_BASIC_CONSTRAINTS, "no-basic-constraints"},
};
#define WORD_COUNT (sizeof(words) / sizeof(words[0]))

int flaw_parse(const char *text, enum flaw *flaw)
{
    for (size_t i = 0; i < WORD_COUNT; i++) {
        if (strcmp(words[i].word, text) == 0) {
            *flaw = words[i].flaw;
            return 0;
        }
    }
    return -1;
}

const char *flaw_text(enum flaw flaw)
{
    for (size_t i = 0; i < WORD_COUNT; i++) {
        if (words[i].flaw == flaw) {
            return words[i].word;
        }
    }
    return "none";
}

const char *flaw_words(void)
{
    return "bad-signature, sha1, md5, algorithm-mismatch, version-1, "
           "time-without-z, generalized-time, duplicate-extension, unknown-critical, unknown-extension, "
           "non-critical-san, no-basic-constraints";
}

enum flaw flaw_at(size_t index)
{
    return index < WORD_COUNT ? words[index].flaw : FLAW_NONE;
}

bool flaw_changes_serial(enum flaw flaw)
{
    return flaw == FLAW_ZERO_SERIAL || flaw == FLAW_NEGATIVE_SERIAL || flaw == FLAW_LONG_SERIAL;
}

/* ---- a TBSCertificate in parts ----------------------------------------------------------------------------------- */

struct parts {
    struct slice version, serial, algorithm, issuer; /* whole values, but serial: content */
    struct der_item not_before, not_after;
    struct slice subject, spki;
    struct slice extensions; /* content of the SEQUENCE OF */
};

/* Our own certificate_sign wrote it: version 3, no unique identifiers. */
static int split(struct slice tbs, struct parts *parts)
{
    struct der_item outer, item[7], wrapped, list;
    static const unsigned char tags[] = {
        DER_CONTEXT_CONSTRUCTED(0),
        DER_INTEGER,
        DER_SEQUENCE,
        DER_SEQUENCE,
        DER_SEQUENCE,
        DER_SEQUENCE,
        DER_SEQUENCE,
    };
    struct slice dates;

    memset(parts, 0, sizeof(*parts));
    if (der_expect(&tbs, DER_SEQUENCE, &outer) != 0 || tbs.length != 0) {
        return -1;
    }
    for (size_t i = 0; i < sizeof(tags); i++) {
        if (der_expect(&outer.content, tags[i], &item[i]) != 0) {
            return -1;
        }
    }
    parts->version = item[0].whole;
    parts->serial = item[1].content;
    parts->algorithm = item[2].whole;
    parts->issuer = item[3].whole;
    parts->subject = item[5].whole;
    parts->spki = item[6].whole;
    dates = item[4].content;
    if (der_read(&dates, &parts->not_before) != 1 || der_read(&dates, &parts->not_after) != 1) {
        return -1;
    }
    if (outer.content.length == 0) {
        return 0;
    }
    if (der_expect(&outer.content, DER_CONTEXT_CONSTRUCTED(3), &wrapped) != 0 ||
        der_expect(&wrapped.content, DER_SEQUENCE, &list) != 0) {
        return -1;
    }
    parts->extensions = list.content;
    return 0;
}

static int join(const struct parts *parts, struct bytes *tbs)
{
    struct der der;

    der_start(&der, tbs);
    der_begin(&der, DER_SEQUENCE);
    der_raw(&der, parts->version);
    der_value(&der, DER_INTEGER, parts->serial);
    der_raw(&der, parts->algorithm);
    der_raw(&der, parts->issuer);
    der_begin(&der, DER_SEQUENCE);
    der_value(&der, parts->not_before.tag, parts->not_before.content);
    der_value(&der, parts->not_after.tag, parts->not_after.content);
    der_end(&der);
    der_raw(&der, parts->subject);
    der_raw(&der, parts->spki);
    if (parts->extensions.length != 0) {
        der_begin(&der, DER_CONTEXT_CONSTRUCTED(3));
        der_value(&der, DER_SEQUENCE, parts->extensions);
        der_end(&der);
    }
    der_end(&der);
    return der_finish(&der);
}

/* ---- what is made wrong ------------------------------------------------------------------------------------------ */

/* Octets that a part is written to anew; one of each is enough. */
struct room {
    struct bytes octets, other;
};

#define LONG_SERIAL 22

static int spoil_serial(enum flaw flaw, struct parts *parts, struct room *room)
{
    static const unsigned char zero[] = {0};

    switch (flaw) {
    case FLAW_ZERO_SERIAL:
        parts->serial = (struct slice){zero, sizeof(zero)};
        return 0;
    case FLAW_NEGATIVE_SERIAL:
        if (bytes_append(&room->octets, parts->serial.data, parts->serial.length) != 0) {
            return -1;
        }
        /* 0xff behind a zero octet would be no shortest form, and neither would nine ones in front */
        room->octets.data[0] = 0x80 | (room->octets.data[0] & 0x3f);
        break;
    default:
        while (room->octets.length + parts->serial.length < LONG_SERIAL) {
            if (bytes_append_byte(&room->octets, 0x5a) != 0) {
                return -1;
            }
        }
        if (bytes_append(&room->octets, parts->serial.data, parts->serial.length) != 0) {
            return -1;
        }
        break;
    }
    parts->serial = slice_of(&room->octets);
    return 0;
}

/* A UTCTime as GeneralizedTime: the century that RFC 5280 section 4.1.2.5.1 gives its year. */
static int generalize(struct der_item *time, struct bytes *octets)
{
    if (time->tag != DER_UTC_TIME) {
        return 0;
    }
    if (bytes_append_text(octets, time->content.data[0] < '5' ? "20" : "19") != 0 ||
        bytes_append(octets, time->content.data, time->content.length) != 0) {
        return -1;
    }
    time->tag = DER_GENERALIZED_TIME;
    time->content = slice_of(octets);
    return 0;
}

/* Another algorithm than the signer's own: ecdsa-with-SHA384, or with SHA256 (RFC 5758 section 3.2). */
static void spoil_algorithm(struct parts *parts)
{
    static const unsigned char sha384[] = {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86,
                                           0x48, 0xce, 0x3d, 0x04, 0x03, 0x03};
    static const unsigned char sha256[] = {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86,
                                           0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};
    struct slice other = {sha384, sizeof(sha384)};

    if (slice_equal(parts->algorithm, other)) {
        other = (struct slice){sha256, sizeof(sha256)};
    }
    parts->algorithm = other;
}

/* 1.3.6.1.4.1.32473.1, of the arc for documentation (RFC 5612): no number in it is too long for anybody. Its value is NULL. */
static int add_unknown(struct parts *parts, bool critical, struct room *room)
{
    static const struct oid type = {{0x2b, 0x06, 0x01, 0x04, 0x01, 0x81, 0xfd, 0x59, 0x01}, 9};
    static const unsigned char null[] = {DER_NULL, 0};
    struct der der;

    der_start(&der, &room->octets);
    der_raw(&der, parts->extensions);
    extension_write(&der, &type, critical, (struct slice){null, sizeof(null)});
    if (der_finish(&der) != 0) {
        return -1;
    }
    parts->extensions = slice_of(&room->octets);
    return 0;
}

/* The type and the value of @p extension, whole; a critical in between is left out. -1 malformed. */
static int open_extension(struct slice extension, struct der_item *type, struct der_item *value)
{
    return der_expect(&extension, DER_OID, type) == 0 &&
                   (der_read(&extension, value) == 1 && value->tag == DER_BOOLEAN
                        ? der_expect(&extension, DER_OCTET_STRING, value) == 0
                        : value->tag == DER_OCTET_STRING)
               ? 0
               : -1;
}

/* Write the extensions again with one of @p kind left out, or not critical. 1: it was there, 0: it was not. */
static int change_extension(struct parts *parts, enum extension_kind kind, bool keep, struct room *room)
{
    struct slice rest = parts->extensions;
    struct der_item extension, type, value;
    struct der der;
    int found = 0, status;

    der_start(&der, &room->octets);
    while ((status = der_read(&rest, &extension)) == 1) {
        if (open_extension(extension.content, &type, &value) != 0) {
            return -1;
        }
        if (!oid_equal(extension_type(kind), type.content)) {
            der_raw(&der, extension.whole);
            continue;
        }
        found = 1;
        if (keep) {
            extension_write(&der, extension_type(kind), false, value.content);
        }
    }
    if (status != 0 || der_finish(&der) != 0) {
        return -1;
    }
    parts->extensions = slice_of(&room->octets);
    return found;
}

/* The first extension once more, right behind itself. 0: there is none. */
static int duplicate_extension(struct parts *parts, struct room *room)
{
    struct slice rest = parts->extensions;
    struct der_item first;

    if (der_read(&rest, &first) != 1) {
        return 0;
    }
    if (bytes_append(&room->octets, first.whole.data, first.whole.length) != 0 ||
        bytes_append(&room->octets, parts->extensions.data, parts->extensions.length) != 0) {
        return -1;
    }
    parts->extensions = slice_of(&room->octets);
    return 1;
}

/* 1: done; 0: what is to be made wrong is not there; -1: no memory. */
static int spoil(enum flaw flaw, struct parts *parts, struct room *room)
{
    static const unsigned char empty[] = {DER_SEQUENCE, 0};

    switch (flaw) {
    case FLAW_ZERO_SERIAL:
    case FLAW_NEGATIVE_SERIAL:
    case FLAW_LONG_SERIAL:
        return spoil_serial(flaw, parts, room) == 0 ? 1 : -1;
    case FLAW_ALGORITHM_MISMATCH:
        spoil_algorithm(parts);
        return 1;
    case FLAW_VERSION_1:
        parts->version.length = 0;
        return parts->extensions.length != 0;
    case FLAW_TIME_WITHOUT_Z:
        parts->not_before.content.length -= 1;
        return 1;
    case FLAW_GENERALIZED_TIME:
        return generalize(&parts->not_before, &room->octets) == 0 &&
                       generalize(&parts->not_after, &room->other) == 0
                   ? 1
                   : -1;
    case FLAW_DUPLICATE_EXTENSION:
        return duplicate_extension(parts, room);
    case FLAW_UNKNOWN_CRITICAL:
    case FLAW_UNKNOWN_EXTENSION:
        return add_unknown(parts, flaw == FLAW_UNKNOWN_CRITICAL, room) == 0 ? 1 : -1;
    case FLAW_NON_CRITICAL_SAN:
        parts->subject = (struct slice){empty, sizeof(empty)};
        return change_extension(parts, EXTENSION_SUBJECT_ALTERNATIVE_NAME, true, room);
    case FLAW_NO_BASIC_CONSTRAINTS:
        return change_extension(parts, EXTENSION_BASIC_CONSTRAINTS, false, room);
    case FLAW_NONE:
    case FLAW_BAD_SIGNATURE:
    case FLAW_SHA1:
    case FLAW_MD5:
        break;
    }
    return 1;
}

/* ---- signing ----------------------------------------------------------------------------------------------------- */

int flaw_assemble(enum flaw flaw, struct signer *signer, struct slice tbs, struct bytes *der,
                  struct faults *faults)
{
    struct room room = {BYTES_EMPTY, BYTES_EMPTY};
    struct bytes flawed = BYTES_EMPTY;
    struct signer *weak = NULL;
    struct parts parts;
    int status = -1, done;

    if (flaw == FLAW_SHA1 || flaw == FLAW_MD5) {
        weak = signer_weaken(signer, flaw == FLAW_SHA1 ? "SHA1" : "MD5", faults);
        if (weak == NULL) {
            return -1;
        }
    }
    if (split(tbs, &parts) != 0) {
        fault_error(faults, NULL, NULL, NULL, "a certificate that is to be flawed is not one of ours");
        goto out;
    }
    if (weak != NULL) {
        parts.algorithm = signer_algorithm(weak);
    }
    done = spoil(flaw, &parts, &room);
    if (done == 0) {
        fault_error(faults, NULL, NULL, NULL,
                    "the flaw %s needs an extension that the certificate does not have", flaw_text(flaw));
        goto out;
    }
    if (done < 0 || join(&parts, &flawed) != 0) {
        fault_memory(faults);
        goto out;
    }
    status = signer_assemble(weak != NULL ? weak : signer, slice_of(&flawed), der, faults);
    if (status == 0 && flaw == FLAW_BAD_SIGNATURE) {
        /* the signature comes last */
        der->data[der->length - 1] ^= 1;
    }
out:
    signer_free(weak);
    bytes_free(&room.octets);
    bytes_free(&room.other);
    bytes_free(&flawed);
    return status;
}
