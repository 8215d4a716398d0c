/* SPDX-License-Identifier: Apache-2.0 */
/* PFX written, from the inside out: bags, safes, the authenticated safe, its MAC. */
#include "x509/pfx.h"

#include <string.h>

#include "x509/bmp.h"
#include "x509/der.h"

#define OCTETS(text)                                                                                         \
    {                                                                                                        \
        (const unsigned char *)(text), sizeof(text) - 1                                                      \
    }
#define RSADSI "\x2a\x86\x48\x86\xf7\x0d"
#define PKCS7  RSADSI "\x01\x07"
#define PKCS9  RSADSI "\x01\x09"
#define BAG    RSADSI "\x01\x0c\x0a\x01"

static const struct {
    enum pfx_type type;
    struct slice oid;
} types[] = {
    {PFX_DATA, OCTETS(PKCS7 "\x01")},
    {PFX_SIGNED_DATA, OCTETS(PKCS7 "\x02")},
    {PFX_ENVELOPED_DATA, OCTETS(PKCS7 "\x03")},
    {PFX_ENCRYPTED_DATA, OCTETS(PKCS7 "\x06")},
    {PFX_KEY_BAG, OCTETS(BAG "\x01")},
    {PFX_SHROUDED_KEY_BAG, OCTETS(BAG "\x02")},
    {PFX_CERTIFICATE_BAG, OCTETS(BAG "\x03")},
    {PFX_CRL_BAG, OCTETS(BAG "\x04")},
    {PFX_SECRET_BAG, OCTETS(BAG "\x05")},
    {PFX_SAFE_CONTENTS_BAG, OCTETS(BAG "\x06")},
    {PFX_X509_CERTIFICATE, OCTETS(PKCS9 "\x16\x01")},
    {PFX_FRIENDLY_NAME, OCTETS(PKCS9 "\x14")},
    {PFX_LOCAL_KEY_ID, OCTETS(PKCS9 "\x15")},
    {PFX_JAVA_TRUSTED, OCTETS("\x60\x86\x48\x01\x86\xf9\x66\xad\xca\x7b\x01\x01")},
};
#define TYPE_COUNT (sizeof(types) / sizeof(types[0]))

/* The value of Java's attribute: anyExtendedKeyUsage, trusted for everything. */
static const struct slice oid_any_usage = OCTETS("\x55\x1d\x25\x00");

static const struct slice nothing = {NULL, 0};

enum pfx_type pfx_type_of(struct slice oid)
{
    for (size_t i = 0; i < TYPE_COUNT; i++) {
        if (slice_equal(oid, types[i].oid)) {
            return types[i].type;
        }
    }
    return PFX_UNKNOWN;
}

static struct slice oid_of(enum pfx_type type)
{
    size_t i = 0;

    while (types[i].type != type) {
        i++;
    }
    return types[i].oid;
}

/* ---- attributes -------------------------------------------------------------------------------------------------- */

/* The order of a SET OF (X.690 section 11.6). */
static int compare_encodings(const struct bytes *one, const struct bytes *other)
{
    size_t common = one->length < other->length ? one->length : other->length;
    int order = common == 0 ? 0 : memcmp(one->data, other->data, common);

    if (order == 0) {
        order = one->length < other->length ? -1 : one->length > other->length;
    }
    return order;
}

static int encode_attribute(enum pfx_type type, unsigned char tag, struct slice value, struct bytes *encoded)
{
    struct der der;

    der_start(&der, encoded);
    der_begin(&der, DER_SEQUENCE);
    der_value(&der, DER_OID, oid_of(type));
    der_begin(&der, DER_SET);
    der_value(&der, tag, value);
    der_end(&der);
    der_end(&der);
    return der_finish(&der);
}

/* bagAttributes, each where it is asked for; nothing at all when none is. */
static int write_attributes(struct der *der, struct slice name, struct slice local_key_id, bool java_trusted)
{
    struct bytes attributes[3] = {BYTES_EMPTY, BYTES_EMPTY, BYTES_EMPTY};
    struct bytes bmp = BYTES_EMPTY;
    size_t count = 0;
    int status = -1;

    if (name.length != 0 &&
        (bmp_from_utf8(name, &bmp) != 0 ||
         encode_attribute(PFX_FRIENDLY_NAME, DER_BMP_STRING, slice_of(&bmp), &attributes[count++]) != 0)) {
        goto out;
    }
    if (local_key_id.length != 0 &&
        encode_attribute(PFX_LOCAL_KEY_ID, DER_OCTET_STRING, local_key_id, &attributes[count++]) != 0) {
        goto out;
    }
    if (java_trusted &&
        encode_attribute(PFX_JAVA_TRUSTED, DER_OID, oid_any_usage, &attributes[count++]) != 0) {
        goto out;
    }
    for (size_t i = 1; i < count; i++) {
        for (size_t j = i; j > 0 && compare_encodings(&attributes[j - 1], &attributes[j]) > 0; j--) {
            struct bytes swap = attributes[j];

            attributes[j] = attributes[j - 1];
            attributes[j - 1] = swap;
        }
    }
    if (count > 0) {
        der_begin(der, DER_SET);
        for (size_t i = 0; i < count; i++) {
            der_raw(der, slice_of(&attributes[i]));
        }
        der_end(der);
    }
    status = 0;
out:
    for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
        bytes_free(&attributes[i]);
    }
    bytes_free(&bmp);
    return status;
}

/* ---- safes ------------------------------------------------------------------------------------------------------- */

/* SafeContents with a CertBag for each certificate. */
static int encode_certificates(const struct pfx *pfx, struct bytes *safe)
{
    struct der der;

    der_start(&der, safe);
    der_begin(&der, DER_SEQUENCE);
    for (size_t i = 0; i < pfx->count; i++) {
        der_begin(&der, DER_SEQUENCE);
        der_value(&der, DER_OID, oid_of(PFX_CERTIFICATE_BAG));
        der_begin(&der, DER_CONTEXT_CONSTRUCTED(0));
        der_begin(&der, DER_SEQUENCE);
        der_value(&der, DER_OID, oid_of(PFX_X509_CERTIFICATE));
        der_begin(&der, DER_CONTEXT_CONSTRUCTED(0));
        der_value(&der, DER_OCTET_STRING, pfx->certificates[i].der);
        der_end(&der);
        der_end(&der);
        der_end(&der);
        if (write_attributes(&der, pfx->certificates[i].friendly_name, i == 0 ? pfx->local_key_id : nothing,
                             pfx->java_trusted) != 0) {
            return -1;
        }
        der_end(&der);
    }
    der_end(&der);
    return der_finish(&der);
}

/* Fresh parameters for one encryption, and @p plain encrypted with them. */
static int encrypt(const struct context *context, const struct pfx *pfx,
                   const struct passphrase_forms *passphrase, struct slice plain, struct pbe_nonce *nonce,
                   struct pbe *pbe, struct bytes *encrypted)
{
    if (pbe_prepare(context, pfx->encryption, pfx->iterations, nonce, pbe) != 0 ||
        pbe_crypt(context, pbe, passphrase, true, plain, encrypted) != PBE_DONE) {
        return -1;
    }
    return 0;
}

/* A ContentInfo of EncryptedData (RFC 2315 section 13) around @p safe. */
static int write_encrypted_safe(const struct context *context, const struct pfx *pfx,
                                const struct passphrase_forms *passphrase, struct slice safe, struct der *der)
{
    struct bytes encrypted = BYTES_EMPTY;
    struct pbe_nonce nonce;
    struct pbe pbe;
    int status = encrypt(context, pfx, passphrase, safe, &nonce, &pbe, &encrypted);

    if (status == 0) {
        der_begin(der, DER_SEQUENCE);
        der_value(der, DER_OID, oid_of(PFX_ENCRYPTED_DATA));
        der_begin(der, DER_CONTEXT_CONSTRUCTED(0));
        der_begin(der, DER_SEQUENCE);
        der_number(der, 0);
        der_begin(der, DER_SEQUENCE);
        der_value(der, DER_OID, oid_of(PFX_DATA));
        pbe_write(der, &pbe);
        der_value(der, DER_CONTEXT(0), slice_of(&encrypted));
        der_end(der);
        der_end(der);
        der_end(der);
        der_end(der);
    }
    bytes_free(&encrypted);
    return status;
}

/* SafeContents with the shrouded key. */
static int encode_key(const struct context *context, const struct pfx *pfx,
                      const struct passphrase_forms *passphrase, struct bytes *safe)
{
    struct bytes encrypted = BYTES_EMPTY;
    struct pbe_nonce nonce;
    struct pbe pbe;
    struct der der;
    int status = encrypt(context, pfx, passphrase, pfx->key, &nonce, &pbe, &encrypted);

    der_start(&der, safe);
    if (status == 0) {
        der_begin(&der, DER_SEQUENCE);
        der_begin(&der, DER_SEQUENCE);
        der_value(&der, DER_OID, oid_of(PFX_SHROUDED_KEY_BAG));
        der_begin(&der, DER_CONTEXT_CONSTRUCTED(0));
        der_begin(&der, DER_SEQUENCE);
        pbe_write(&der, &pbe);
        der_value(&der, DER_OCTET_STRING, slice_of(&encrypted));
        der_end(&der);
        der_end(&der);
        status = write_attributes(&der, pfx->count > 0 ? pfx->certificates[0].friendly_name : nothing,
                                  pfx->local_key_id, false);
        der_end(&der);
        der_end(&der);
    }
    bytes_free(&encrypted);
    return status == 0 ? der_finish(&der) : -1;
}

/* A ContentInfo of Data around @p content. */
static void write_data(struct der *der, struct slice content)
{
    der_begin(der, DER_SEQUENCE);
    der_value(der, DER_OID, oid_of(PFX_DATA));
    der_begin(der, DER_CONTEXT_CONSTRUCTED(0));
    der_value(der, DER_OCTET_STRING, content);
    der_end(der);
    der_end(der);
}

/* The AuthenticatedSafe. */
static int encode_safes(const struct context *context, const struct pfx *pfx,
                        const struct passphrase_forms *passphrase, struct bytes *safes)
{
    struct bytes certificates = BYTES_EMPTY;
    struct bytes key = BYTES_EMPTY;
    struct der der;
    int status = -1;

    der_start(&der, safes);
    der_begin(&der, DER_SEQUENCE);
    if (encode_certificates(pfx, &certificates) != 0 ||
        write_encrypted_safe(context, pfx, passphrase, slice_of(&certificates), &der) != 0) {
        goto out;
    }
    if (pfx->key.length != 0) {
        if (encode_key(context, pfx, passphrase, &key) != 0) {
            goto out;
        }
        write_data(&der, slice_of(&key));
    }
    der_end(&der);
    status = der_finish(&der);
out:
    bytes_free(&certificates);
    bytes_free(&key);
    return status;
}

int pfx_encode(const struct context *context, const struct pfx *pfx,
               const struct passphrase_forms *passphrase, struct bytes *der)
{
    unsigned char value[PBE_DIGEST_MAX];
    struct bytes safes = BYTES_EMPTY;
    size_t length = 0;
    struct pbe_nonce nonce;
    struct pbe_mac mac;
    struct der writer;
    int status = -1;

    if (encode_safes(context, pfx, passphrase, &safes) != 0 ||
        (pfx->mac != NULL &&
         (pbe_mac_prepare(context, pfx->mac, pfx->iterations, &nonce, &mac) != 0 ||
          pbe_mac_compute(context, &mac, passphrase, slice_of(&safes), value, &length) != PBE_DONE))) {
        goto out;
    }
    der_start(&writer, der);
    der_begin(&writer, DER_SEQUENCE);
    der_number(&writer, PFX_VERSION);
    write_data(&writer, slice_of(&safes));
    if (pfx->mac != NULL) {
        pbe_mac_write(&writer, &mac, (struct slice){value, length});
    }
    der_end(&writer);
    status = der_finish(&writer);
out:
    bytes_free(&safes);
    return status;
}
