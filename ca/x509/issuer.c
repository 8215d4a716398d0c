/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An issuer. What is the same from one certificate to the next - the profile's extensions, the digest behind key identifiers, the
 * memory they are written to - is kept between them.
 */
#include "x509/issuer.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "x509/der.h"
#include "x509/extension.h"
#include "x509/part.h"

#define IDENTIFIER_LENGTH 20
/* Encoded extensions kept; with more kinds of certificates than this the oldest give way. */
#define KEPT 32

/* The extensions of one profile for one kind of key. */
struct kept {
    const struct profile *profile; /* NULL: free */
    enum key_family family;
    int path_length;
    struct bytes extensions;
};

/* What writing extensions needs, with or without an issuer above. */
struct composer {
    const struct context *context;
    EVP_MD *sha1;
    EVP_MD_CTX *hash;
    struct bytes extensions; /* of the certificate at hand */
    struct kept kept[KEPT];
    size_t next; /* the one to be used next */
};

struct issuer {
    const struct context *context;
    struct bytes certificate;
    struct certificate_view view; /* of certificate */
    unsigned char identifier[IDENTIFIER_LENGTH];
    struct slice authority; /* key identifier: of the certificate, or the one above */
    struct signer *signer;
    struct composer composer;
};

/* ---- extensions -------------------------------------------------------------------------------------------------- */

static int composer_start(struct composer *composer, const struct context *context, struct faults *faults)
{
    memset(composer, 0, sizeof(*composer));
    composer->context = context;
    composer->sha1 = EVP_MD_fetch(context_libctx(context), "SHA1", NULL);
    composer->hash = EVP_MD_CTX_new();
    if (composer->sha1 == NULL || composer->hash == NULL) {
        fault_openssl(faults, "cannot compute key identifiers");
        return -1;
    }
    return 0;
}

static void composer_end(struct composer *composer)
{
    for (size_t i = 0; i < KEPT; i++) {
        bytes_free(&composer->kept[i].extensions);
    }
    bytes_free(&composer->extensions);
    EVP_MD_CTX_free(composer->hash);
    EVP_MD_free(composer->sha1);
}

/* As certificate_key_identifier, with the digest fetched once. */
static int composer_identifier(struct composer *composer, struct slice spki,
                               unsigned char identifier[IDENTIFIER_LENGTH], struct faults *faults)
{
    struct slice public_key;

    if (!der_is_well_formed(spki) || certificate_public_key(spki, &public_key) != 0) {
        fault_error(faults, NULL, NULL, NULL, "the public key is not a well-formed SubjectPublicKeyInfo");
        return -1;
    }
    if (EVP_DigestInit_ex2(composer->hash, composer->sha1, NULL) != 1 ||
        EVP_DigestUpdate(composer->hash, public_key.data, public_key.length) != 1 ||
        EVP_DigestFinal_ex(composer->hash, identifier, NULL) != 1) {
        fault_openssl(faults, "cannot compute a key identifier");
        return -1;
    }
    return 0;
}

/* The profile's own extensions, encoded now or before; *extensions is borrowed. */
static int composer_profile(struct composer *composer, const struct issuance *issuance,
                            struct slice *extensions, struct faults *faults)
{
    struct kept *kept;

    for (size_t i = 0; i < KEPT; i++) {
        kept = &composer->kept[i];
        if (kept->profile == issuance->profile && kept->family == issuance->family &&
            kept->path_length == issuance->path_length) {
            *extensions = slice_of(&kept->extensions);
            return 0;
        }
    }
    kept = &composer->kept[composer->next];
    kept->profile = NULL;
    bytes_clear(&kept->extensions);
    if (profile_encode_extensions(issuance->profile, issuance->family, issuance->path_length,
                                  &kept->extensions, faults) != 0) {
        return -1;
    }
    kept->profile = issuance->profile;
    kept->family = issuance->family;
    kept->path_length = issuance->path_length;
    composer->next = (composer->next + 1) % KEPT;
    *extensions = slice_of(&kept->extensions);
    return 0;
}

/* The fixture mark, where it belongs and does not stand already. */
static void write_mark(struct der *der, const struct composer *composer, bool marked)
{
    if (context_is_fixture(composer->context) && !marked) {
        extension_write_fixture_mark(der);
    }
}

static bool has_mark(struct slice extensions)
{
    struct part_extension found;

    return part_extension_find(extensions, certificate_fixture_mark(), &found) == 1;
}

/* All extensions of one certificate, to composer->extensions. @p authority is empty for a root. */
static int composer_compose(struct composer *composer, const struct issuance *issuance,
                            struct slice authority, bool subject_empty, struct faults *faults)
{
    unsigned char identifier[IDENTIFIER_LENGTH];
    struct slice fixed;
    struct der der;

    if (composer_identifier(composer, issuance->spki, identifier, faults) != 0 ||
        composer_profile(composer, issuance, &fixed, faults) != 0) {
        return -1;
    }
    bytes_clear(&composer->extensions);
    der_start(&der, &composer->extensions);
    der_raw(&der, fixed);
    extension_write_subject_key_identifier(&der, (struct slice){identifier, sizeof(identifier)});
    if (authority.length != 0) {
        extension_write_authority_key_identifier(&der, authority);
    }
    if (issuance->names.length != 0) {
        extension_write_subject_alternative_name(&der, issuance->names, subject_empty);
    }
    if (issuance->permitted.length != 0 || issuance->excluded.length != 0) {
        extension_write_name_constraints(&der, issuance->permitted, issuance->excluded);
    }
    write_mark(&der, composer, has_mark(fixed));
    if (der_finish(&der) != 0) {
        fault_error(faults, NULL, NULL, NULL,
                    "the extensions cannot be written: malformed names, or no memory");
        return -1;
    }
    return 0;
}

/* ---- what is asked for ------------------------------------------------------------------------------------------- */

static bool is_name(struct slice name)
{
    return name.length >= 2 && name.data[0] == DER_SEQUENCE && der_is_well_formed(name);
}

/* The empty Name: a SEQUENCE of nothing. */
static bool is_empty_name(struct slice name)
{
    return name.length == 2;
}

/* Well-formed values one after the other, or none. */
static bool are_values(struct slice values)
{
    struct der_item value;
    int status;

    while ((status = der_read(&values, &value)) == 1) {
        if (!der_is_well_formed(value.whole)) {
            return false;
        }
    }
    return status == 0;
}

/* Positive and at most 20 octets as an INTEGER (RFC 5280 section 4.1.2.2). */
static bool is_serial(struct slice serial)
{
    while (serial.length != 0 && serial.data[0] == 0) {
        serial.data += 1;
        serial.length -= 1;
    }
    return serial.length != 0 &&
           (serial.length < SERIAL_MAX || (serial.length == SERIAL_MAX && (serial.data[0] & 0x80) == 0));
}

static int check(const struct issuance *issuance, struct faults *faults)
{
    const char *complaint = NULL;

    if (!is_name(issuance->subject)) {
        complaint = "the subject is not a well-formed Name";
    } else if (is_empty_name(issuance->subject) && issuance->profile->ca) {
        complaint = "an authority needs a subject";
    } else if (is_empty_name(issuance->subject) && issuance->names.length == 0) {
        complaint = "a certificate needs a subject or a subject alternative name";
    } else if (!are_values(issuance->names) || !are_values(issuance->permitted) ||
               !are_values(issuance->excluded)) {
        complaint = "the subject alternative names or name constraints are not well-formed GeneralNames";
    } else if (!is_serial(issuance->serial)) {
        complaint = "the serial number is not positive, or longer than 20 octets";
    } else if (issuance->not_after < issuance->not_before) {
        complaint = "the validity ends before it begins";
    }
    if (complaint != NULL) {
        fault_error(faults, NULL, NULL, NULL, "%s", complaint);
        return -1;
    }
    return 0;
}

static int sign(const struct issuance *issuance, struct slice issuer, const struct composer *composer,
                struct signer *signer, struct bytes *der, struct faults *faults)
{
    struct certificate_fields fields = {
        .serial = issuance->serial,
        .issuer = issuer,
        .subject = issuance->subject,
        .spki = issuance->spki,
        .not_before = issuance->not_before,
        .not_after = issuance->not_after,
        .extensions = slice_of(&composer->extensions),
        .flaw = issuance->flaw,
    };

    return certificate_sign(&fields, signer, der, faults);
}

/* ---- the issuer -------------------------------------------------------------------------------------------------- */

/* Whether two public keys are the same, be they encoded differently (a compressed point, say). */
static bool same_key(const struct context *context, struct slice one, struct slice other)
{
    struct faults *unheard;
    struct key *left = NULL;
    struct key *right = NULL;
    bool same = slice_equal(one, other);

    if (same) {
        return true;
    }
    unheard = faults_new();
    if (unheard != NULL) {
        left = key_from_spki(context, one, unheard);
        right = key_from_spki(context, other, unheard);
        same = left != NULL && right != NULL && key_equal(left, right);
    }
    key_free(left);
    key_free(right);
    faults_free(unheard);
    return same;
}

/*
 * What was made from a seed and what was not never mix: whoever trusts the one must not come to trust the other.
 * NULL, or why @p context does not go with an authority that is marked, or not.
 */
static const char *check_mark(const struct context *context, bool public, bool marked)
{
    if (public && !context_is_fixture(context)) {
        return "the issuer is a fixture, made from a seed: its key is public, and nothing but fixtures of "
               "the "
               "same seed is issued with it";
    }
    if (!marked && context_is_fixture(context)) {
        return "the issuer's certificate does not carry the fixture mark: what is made from a seed is issued "
               "by "
               "an authority made from a seed, and by no other";
    }
    return NULL;
}

static int check_authority(const struct context *context, const struct certificate_view *view,
                           const struct signer *signer, struct faults *faults)
{
    const char *complaint = NULL;

    if (!view->has_basic_constraints || !view->ca) {
        complaint = "the issuer's certificate is no CA: its basicConstraints do not say cA";
    } else if (view->has_key_usage && (view->key_usage & KEY_USAGE_KEY_CERT_SIGN) == 0) {
        complaint = "the issuer's certificate may not sign certificates: its keyUsage lacks keyCertSign";
    } else if (is_empty_name(view->subject)) {
        complaint = "the issuer's certificate has an empty subject";
    } else if (!same_key(context, view->spki, signer_spki(signer))) {
        complaint = "the issuer's key is not the key of its certificate";
    } else {
        complaint = check_mark(context, view->fixture || signer_is_fixture(signer), view->fixture);
    }
    if (complaint != NULL) {
        fault_error(faults, NULL, NULL, NULL, "%s", complaint);
        return -1;
    }
    return 0;
}

/* The identifier that goes into AKI. */
static int find_authority(struct issuer *issuer, struct faults *faults)
{
    issuer->authority = issuer->view.subject_key_identifier;
    if (issuer->authority.length != 0) {
        return 0;
    }
    issuer->authority = (struct slice){issuer->identifier, sizeof(issuer->identifier)};
    return composer_identifier(&issuer->composer, issuer->view.spki, issuer->identifier, faults);
}

struct issuer *issuer_new(const struct context *context, struct slice certificate, struct signer *signer,
                          struct faults *faults)
{
    struct issuer *issuer = calloc(1, sizeof(*issuer));

    if (issuer == NULL) {
        fault_memory(faults);
        signer_free(signer);
        return NULL;
    }
    issuer->context = context;
    issuer->signer = signer;
    if (composer_start(&issuer->composer, context, faults) != 0) {
        goto fail;
    }
    if (bytes_append(&issuer->certificate, certificate.data, certificate.length) != 0) {
        fault_memory(faults);
        goto fail;
    }
    if (certificate_view_read(slice_of(&issuer->certificate), &issuer->view) != 0) {
        fault_error(faults, NULL, NULL, NULL, "the issuer's certificate is not well formed");
        goto fail;
    }
    if (check_authority(context, &issuer->view, signer, faults) != 0 || find_authority(issuer, faults) != 0) {
        goto fail;
    }
    if (context_is_fixture(context)) {
        signer_mark_fixture(signer);
    }
    return issuer;
fail:
    issuer_free(issuer);
    return NULL;
}

struct issuer *issuer_duplicate(const struct issuer *issuer, struct faults *faults)
{
    struct signer *signer = signer_duplicate(issuer->signer, faults);

    return signer == NULL ? NULL
                          : issuer_new(issuer->context, slice_of(&issuer->certificate), signer, faults);
}

void issuer_free(struct issuer *issuer)
{
    if (issuer != NULL) {
        composer_end(&issuer->composer);
        signer_free(issuer->signer);
        bytes_free(&issuer->certificate);
        free(issuer);
    }
}

struct slice issuer_certificate(const struct issuer *issuer)
{
    return slice_of(&issuer->certificate);
}

struct signer *issuer_signer(const struct issuer *issuer)
{
    return issuer->signer;
}

int issuer_issue(struct issuer *issuer, const struct issuance *issuance, struct bytes *der,
                 struct faults *faults)
{
    if (check(issuance, faults) != 0 || composer_compose(&issuer->composer, issuance, issuer->authority,
                                                         is_empty_name(issuance->subject), faults) != 0) {
        return -1;
    }
    return sign(issuance, issuer->view.subject, &issuer->composer, issuer->signer, der, faults);
}

void issuer_forget(struct issuer *issuer, const struct profile *profile)
{
    for (size_t i = 0; i < KEPT; i++) {
        if (issuer->composer.kept[i].profile == profile) {
            issuer->composer.kept[i].profile = NULL;
        }
    }
}

/* The extensions of @p old in their order, with the identifiers of the keys at hand. */
static int composer_copy(struct composer *composer, const struct certificate_view *old, struct slice spki,
                         struct slice authority, struct faults *faults)
{
    unsigned char identifier[IDENTIFIER_LENGTH];
    struct slice rest = old->extensions;
    bool same_key_again = slice_equal(spki, old->spki);
    bool has_authority = false;
    struct der_item extension;
    struct der_item type;
    struct der der;
    int status;

    if (composer_identifier(composer, spki, identifier, faults) != 0) {
        return -1;
    }
    bytes_clear(&composer->extensions);
    der_start(&der, &composer->extensions);
    while ((status = der_read(&rest, &extension)) == 1) {
        struct slice inside = extension.content;

        if (der_read(&inside, &type) != 1) {
            status = -1;
            break;
        }
        if (oid_equal(extension_type(EXTENSION_AUTHORITY_KEY_IDENTIFIER), type.content)) {
            extension_write_authority_key_identifier(&der, authority);
            has_authority = true;
        } else if (!same_key_again &&
                   oid_equal(extension_type(EXTENSION_SUBJECT_KEY_IDENTIFIER), type.content)) {
            extension_write_subject_key_identifier(&der, (struct slice){identifier, sizeof(identifier)});
        } else {
            der_raw(&der, extension.whole);
        }
    }
    if (!has_authority) {
        extension_write_authority_key_identifier(&der, authority);
    }
    write_mark(&der, composer, old->fixture);
    if (status != 0 || der_finish(&der) != 0) {
        fault_error(faults, NULL, NULL, NULL, "the extensions of the old certificate cannot be taken over");
        return -1;
    }
    return 0;
}

int issuer_renew(struct issuer *issuer, struct slice old, struct slice spki, struct slice serial,
                 instant not_before, instant not_after, struct bytes *der, struct faults *faults)
{
    struct certificate_view view;
    struct certificate_fields fields = {0};

    if (certificate_view_read(old, &view) != 0 || view.version != 3) {
        fault_error(faults, NULL, NULL, NULL,
                    "the old certificate is not a well-formed X.509 v3 certificate");
        return -1;
    }
    if (view.fixture && !context_is_fixture(issuer->context)) {
        fault_error(
            faults, NULL, NULL, NULL,
            "the old certificate carries the fixture mark: its key is public, and only the seed it was "
            "made from renews it");
        return -1;
    }
    spki = spki.length != 0 ? spki : view.spki;
    if (!is_serial(serial) || not_after < not_before) {
        fault_error(faults, NULL, NULL, NULL, "%s",
                    not_after < not_before ? "the validity ends before it begins"
                                           : "the serial number is not positive, or longer than 20 octets");
        return -1;
    }
    if (composer_copy(&issuer->composer, &view, spki, issuer->authority, faults) != 0) {
        return -1;
    }
    fields.serial = serial;
    fields.issuer = issuer->view.subject;
    fields.subject = view.subject;
    fields.spki = spki;
    fields.not_before = not_before;
    fields.not_after = not_after;
    fields.extensions = slice_of(&issuer->composer.extensions);
    return certificate_sign(&fields, issuer->signer, der, faults);
}

int issuer_self_sign(const struct context *context, struct signer *signer, const struct issuance *issuance,
                     struct bytes *der, struct faults *faults)
{
    struct composer composer;
    struct slice none = {NULL, 0};
    int status = -1;

    if (composer_start(&composer, context, faults) != 0 || check(issuance, faults) != 0) {
        goto out;
    }
    if (is_empty_name(issuance->subject)) {
        fault_error(faults, NULL, NULL, NULL,
                    "a self-signed certificate needs a subject, which is its issuer too");
        goto out;
    }
    if (!slice_equal(issuance->spki, signer_spki(signer))) {
        fault_error(faults, NULL, NULL, NULL,
                    "a self-signed certificate is signed by its own key, not by another");
        goto out;
    }
    if (signer_is_fixture(signer) && !context_is_fixture(context)) {
        fault_error(faults, NULL, NULL, NULL,
                    "the key was made from a seed and is public: it becomes the root of fixtures alone");
        goto out;
    }
    if (composer_compose(&composer, issuance, none, false, faults) == 0) {
        status = sign(issuance, issuance->subject, &composer, signer, der, faults);
    }
out:
    composer_end(&composer);
    return status;
}
