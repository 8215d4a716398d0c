/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bundles written: what is refused, what goes into a P12 and under which names, and the check of what was written. The targets are
 * in bundle_target.c, the encoding is x509/pfx.h's.
 */
#include "x509/bundle.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/utf8.h"
#include "x509/certificate.h"
#include "x509/name.h"
#include "x509/pbe.h"
#include "x509/pfx.h"

/* localKeyID: SHA-1 of the leaf. */
#define LOCAL_KEY_ID_LENGTH 20
/* Longest friendlyName taken, in octets. */
#define NAME_MAX_LENGTH 1024

static bool is_3des(const struct bundle_target *target)
{
    return target->id == BUNDLE_IOS_LEGACY || target->id == BUNDLE_ANDROID_LEGACY;
}

static const char *encryption_of(const struct bundle_target *target)
{
    return is_3des(target) ? PBE_SHA1_3DES : PBE_AES_256_SHA256;
}

static const char *mac_of(const struct bundle_target *target)
{
    return is_3des(target) ? "SHA-1" : "SHA-256";
}

/* ---- what goes in ------------------------------------------------------------------------------------------------ */

/* One certificate bag. */
struct entry {
    struct slice certificate;
    struct bytes name; /* friendlyName, UTF-8; empty: none */
};

struct contents {
    struct entry *entries; /* the leaf first */
    size_t count;
    unsigned char local_key_id[LOCAL_KEY_ID_LENGTH];
};

static void contents_free(struct contents *contents)
{
    for (size_t i = 0; i < contents->count; i++) {
        bytes_free(&contents->entries[i].name);
    }
    free(contents->entries);
    contents->entries = NULL;
    contents->count = 0;
}

/* Add a certificate that is not there yet. */
static void contents_add(struct contents *contents, struct slice certificate)
{
    for (size_t i = 0; i < contents->count; i++) {
        if (slice_equal(contents->entries[i].certificate, certificate)) {
            return;
        }
    }
    contents->entries[contents->count].certificate = certificate;
    contents->count += 1;
}

/* The CN, or nothing where there is none. */
static int common_name(struct slice certificate, struct bytes *name)
{
    struct certificate_view view;

    return certificate_view_read(certificate, &view) == 0 && name_common_name(view.subject, name) >= 0 ? 0
                                                                                                       : -1;
}

/* Java keeps aliases in lower case. */
static bool same_alias(const struct bytes *one, const struct bytes *other)
{
    if (one->length != other->length) {
        return false;
    }
    for (size_t i = 0; i < one->length; i++) {
        unsigned char a = one->data[i];
        unsigned char b = other->data[i];

        a = a >= 'A' && a <= 'Z' ? (unsigned char)(a + 'a' - 'A') : a;
        b = b >= 'A' && b <= 'Z' ? (unsigned char)(b + 'a' - 'A') : b;
        if (a != b) {
            return false;
        }
    }
    return true;
}

static bool alias_is_taken(const struct contents *contents, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (same_alias(&contents->entries[i].name, &contents->entries[index].name)) {
            return true;
        }
    }
    return false;
}

/* A name for each anchor: the given one or its CN, with a number behind it where that name is taken. */
static int name_anchors(struct contents *contents, const char *given)
{
    struct bytes base = BYTES_EMPTY;
    int status = -1;

    for (size_t i = 0; i < contents->count; i++) {
        struct bytes *name = &contents->entries[i].name;
        size_t number = 1;

        bytes_clear(&base);
        if (given != NULL ? bytes_append_text(&base, given) != 0
                          : common_name(contents->entries[i].certificate, &base) != 0) {
            goto out;
        }
        if (base.length == 0 && bytes_append_text(&base, "anchor") != 0) {
            goto out;
        }
        if (bytes_append(name, base.data, base.length) != 0) {
            goto out;
        }
        while (alias_is_taken(contents, i)) {
            number += 1;
            bytes_clear(name);
            if (bytes_append(name, base.data, base.length) != 0 || bytes_printf(name, " %zu", number) != 0) {
                goto out;
            }
        }
    }
    status = 0;
out:
    bytes_free(&base);
    return status;
}

static int contents_collect(const struct context *context, const struct bundle_target *target,
                            const struct bundle_content *content, struct contents *contents,
                            struct faults *faults)
{
    struct bytes *name;

    contents->entries = calloc(content->chain_count + 1, sizeof(*contents->entries));
    if (contents->entries == NULL) {
        fault_memory(faults);
        return -1;
    }
    if (!target->anchors_only) {
        contents_add(contents, content->leaf);
    }
    for (size_t i = 0; i < content->chain_count; i++) {
        contents_add(contents, content->chain[i]);
    }
    if (target->anchors_only) {
        if (name_anchors(contents, content->name) != 0) {
            fault_memory(faults);
            return -1;
        }
        return 0;
    }
    name = &contents->entries[0].name;
    if (content->name != NULL ? bytes_append_text(name, content->name) != 0
                              : common_name(content->leaf, name) != 0) {
        fault_memory(faults);
        return -1;
    }
    if (EVP_Q_digest(context_libctx(context), "SHA1", NULL, content->leaf.data, content->leaf.length,
                     contents->local_key_id, NULL) != 1) {
        fault_openssl(faults, "SHA-1 of the certificate cannot be taken");
        return -1;
    }
    return 0;
}

/* ---- refusals ---------------------------------------------------------------------------------------------------- */

static int refuse_key(const struct context *context, const struct bundle_target *target,
                      const struct bundle_content *content, struct faults *faults)
{
    struct certificate_view view;
    struct key *certified = NULL;
    int status = -1;

    if (content->key == NULL || content->leaf.length == 0) {
        fault_error(faults, NULL, NULL, NULL, "target %s needs a certificate and its private key",
                    target->word);
        goto out;
    }
    if (certificate_view_read(content->leaf, &view) != 0) {
        fault_error(faults, NULL, NULL, NULL, "the certificate is malformed");
        goto out;
    }
    if (!key_is_private(content->key)) {
        fault_error(faults, NULL, NULL, NULL, "a public key is no identity: the private key is needed");
        goto out;
    }
    certified = key_from_spki(context, view.spki, faults);
    if (certified == NULL) {
        goto out;
    }
    if (!key_equal(certified, content->key)) {
        fault_error(faults, NULL, NULL, "give the key the certificate was made for",
                    "the private key is not the certificate's");
        goto out;
    }
    if (target->apple && !bundle_key_suits_apple(content->key)) {
        fault_error(faults, NULL, NULL, "use an RSA key, or an EC key on P-256, P-384 or P-521",
                    "target %s: Apple's import takes RSA keys and EC keys on P-192 to P-521 only, and fails "
                    "as a whole "
                    "with another one; this one is %s",
                    target->word,
                    key_algorithm_of(content->key) == KEY_FOREIGN
                        ? "of another kind, or on another curve"
                        : key_algorithm_text(key_algorithm_of(content->key)));
        goto out;
    }
    status = 0;
out:
    key_free(certified);
    return status;
}

static int refuse(const struct context *context, const struct bundle_target *target,
                  const struct bundle_content *content, struct faults *faults)
{
    struct certificate_view view;
    struct slice name;

    if (bundle_passphrase_check(target, content->passphrase, content->allow_empty_passphrase, faults) != 0) {
        return -1;
    }
    name = slice_of_text(content->name == NULL ? "" : content->name);
    if (!utf8_is_valid(name) || name.length > NAME_MAX_LENGTH) {
        fault_error(faults, NULL, NULL, NULL, "the name is not UTF-8 or longer than %d octets",
                    NAME_MAX_LENGTH);
        return -1;
    }
    for (size_t i = 0; i < content->chain_count; i++) {
        if (certificate_view_read(content->chain[i], &view) != 0) {
            fault_error(faults, NULL, NULL, NULL, "certificate %zu of the chain is malformed", i + 1);
            return -1;
        }
    }
    if (!target->anchors_only) {
        return refuse_key(context, target, content, faults);
    }
    if (content->key != NULL || content->leaf.length != 0 || content->chain_count == 0) {
        fault_error(faults, NULL, NULL, "for a key with its certificate, use target java",
                    "target %s holds trusted certificates, at least one, and no key", target->word);
        return -1;
    }
    return 0;
}

/* ---- writing ------------------------------------------------------------------------------------------------------ */

/* Everything is settled: the key's PKCS#8 and the certificates' names are put into a PFX. */
static int encode(const struct context *context, const struct bundle_target *target,
                  const struct bundle_content *content, const struct contents *contents, struct bytes *p12,
                  struct faults *faults)
{
    struct pfx_certificate *certificates = calloc(contents->count, sizeof(*certificates));
    struct passphrase_forms passphrase = {BYTES_EMPTY, BYTES_EMPTY};
    struct slice utf8 = {NULL, 0};
    struct bytes pkcs8 = BYTES_EMPTY;
    struct bytes der = BYTES_EMPTY;
    struct pfx pfx = {0};
    int status = -1;

    if (certificates == NULL) {
        fault_memory(faults);
        goto out;
    }
    for (size_t i = 0; i < contents->count; i++) {
        certificates[i].der = contents->entries[i].certificate;
        certificates[i].friendly_name = slice_of(&contents->entries[i].name);
    }
    if (content->key != NULL && key_pkcs8(content->key, &pkcs8, faults) != 0) {
        goto out;
    }
    if (content->passphrase != NULL) {
        utf8 = slice_of(content->passphrase);
    }
    pfx.certificates = certificates;
    pfx.count = contents->count;
    pfx.java_trusted = target->anchors_only;
    pfx.key = slice_of(&pkcs8);
    pfx.encryption = encryption_of(target);
    pfx.mac = mac_of(target);
    pfx.iterations = target->iterations;
    if (!target->anchors_only) {
        pfx.local_key_id = (struct slice){contents->local_key_id, LOCAL_KEY_ID_LENGTH};
    }
    if (passphrase_forms_set(&passphrase, utf8) != 0 || pfx_encode(context, &pfx, &passphrase, &der) != 0 ||
        bytes_append(p12, der.data, der.length) != 0) {
        fault_error(faults, NULL, NULL, NULL,
                    "the bundle could not be written: an algorithm is missing, or memory is out");
        goto out;
    }
    status = 0;
out:
    free(certificates);
    bytes_free(&pkcs8);
    bytes_free(&der);
    passphrase_forms_free(&passphrase);
    return status;
}

int bundle_write(const struct context *context, const struct bundle_target *target,
                 const struct bundle_content *content, struct bytes *p12, struct faults *faults)
{
    struct contents contents = {NULL, 0, {0}};
    int status = -1;

    if (refuse(context, target, content, faults) == 0 &&
        contents_collect(context, target, content, &contents, faults) == 0) {
        status = encode(context, target, content, &contents, p12, faults);
    }
    contents_free(&contents);
    return status;
}

/* ---- check ------------------------------------------------------------------------------------------------------- */

static bool same_bytes(const struct bytes *one, struct slice other)
{
    return slice_equal(slice_of(one), other);
}

/* What differs between one item read back and what went in, or NULL. */
static const char *compare_certificate(const struct bundle_target *target, const struct contents *contents,
                                       size_t index, const struct bundle_report_item *item)
{
    const struct entry *entry = &contents->entries[index];
    bool leaf = index == 0 && !target->anchors_only;
    struct slice id = {contents->local_key_id, leaf ? (size_t)LOCAL_KEY_ID_LENGTH : 0};

    if (strcmp(item->kind, "certificate") != 0 || !same_bytes(&item->certificate, entry->certificate)) {
        return "a certificate is missing or another one stands in its place";
    }
    if (!same_bytes(&item->friendly_name, slice_of(&entry->name)) || !same_bytes(&item->local_key_id, id) ||
        item->java_trusted != target->anchors_only) {
        return "a certificate's attributes differ";
    }
    return NULL;
}

static const char *compare_key(const struct contents *contents, const struct bundle_content *content,
                               const struct bundle_report *report, const struct bundle_report_item *item)
{
    const struct slice id = {contents->local_key_id, LOCAL_KEY_ID_LENGTH};
    struct faults *unused = faults_new();
    struct bytes written = BYTES_EMPTY;
    struct bytes given = BYTES_EMPTY;
    const char *difference = NULL;

    if (strcmp(item->kind, "shrouded key") != 0 || report->key == NULL || unused == NULL ||
        key_pkcs8(report->key, &written, unused) != 0 || key_pkcs8(content->key, &given, unused) != 0 ||
        !slice_equal(slice_of(&written), slice_of(&given))) {
        difference = "the private key differs";
    } else if (!same_bytes(&item->friendly_name, slice_of(&contents->entries[0].name)) ||
               !same_bytes(&item->local_key_id, id)) {
        difference = "the key's attributes differ";
    }
    bytes_free(&written);
    bytes_free(&given);
    faults_free(unused);
    return difference;
}

static bool mac_is_of(const struct bundle_target *target, const struct bundle_report *report)
{
    return report->has_mac && strcmp(report->mac_digest, mac_of(target)) == 0 &&
           report->mac_iterations == target->iterations && report->mac_salt_length == PBE_SALT_LENGTH;
}

static const char *compare(const struct bundle_target *target, const struct bundle_content *content,
                           const struct contents *contents, const struct bundle_report *report)
{
    const char *difference = NULL;
    size_t keys = content->key != NULL ? 1 : 0;

    if (!mac_is_of(target, report)) {
        return "its MAC is not the target's";
    }
    if (report->item_count != contents->count + keys) {
        return "the number of its entries differs";
    }
    for (size_t i = 0; i < report->item_count && difference == NULL; i++) {
        const struct bundle_report_item *item = &report->items[i];

        if (strcmp(item->encryption, encryption_of(target)) != 0 || item->iterations != target->iterations) {
            difference = "its encryption is not the target's";
        } else if (i < contents->count) {
            difference = compare_certificate(target, contents, i, item);
        } else {
            difference = compare_key(contents, content, report, item);
        }
    }
    return difference;
}

int bundle_check(const struct context *context, const struct bundle_target *target,
                 const struct bundle_content *content, struct slice p12, struct faults *faults)
{
    struct contents contents = {NULL, 0, {0}};
    const struct bytes none = BYTES_EMPTY;
    struct bundle_report report;
    const char *difference;
    int status = -1;

    memset(&report, 0, sizeof(report));
    if (contents_collect(context, target, content, &contents, faults) != 0 ||
        bundle_open(context, p12, content->passphrase == NULL ? &none : content->passphrase, "the bundle",
                    &report, faults) != 0) {
        goto out;
    }
    difference = compare(target, content, &contents, &report);
    if (difference != NULL) {
        fault_error(faults, NULL, NULL, NULL, "the bundle does not hold what went in: %s", difference);
        goto out;
    }
    status = 0;
out:
    bundle_report_free(&report);
    contents_free(&contents);
    return status;
}

int bundle_check_mac(const struct context *context, const struct bundle_target *target,
                     const struct bytes *passphrase, struct slice p12, struct faults *faults)
{
    const struct bytes none = BYTES_EMPTY;
    struct bundle_report report;
    int status = -1;

    memset(&report, 0, sizeof(report));
    if (bundle_open_mac(context, p12, passphrase == NULL ? &none : passphrase, "the bundle", &report,
                        faults) == 0) {
        if (mac_is_of(target, &report)) {
            status = 0;
        } else {
            fault_error(faults, NULL, NULL, NULL,
                        "the bundle does not hold what went in: its MAC is not the target's");
        }
    }
    bundle_report_free(&report);
    return status;
}
