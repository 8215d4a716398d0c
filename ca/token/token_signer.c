/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A signer over a token: hashing and checking here, the private key's operation there.
 */
#include "token/token_signer.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "base/token_uri.h"
#include "token/token_link.h"
#include "x509/der.h"

/** Octets of randomness in what the key signs to show that it does, and in the identifier of a key made. */
#define TRIAL_LENGTH 32
#define ID_LENGTH    20

struct token {
    const struct context *context;
    char *shown;
    struct token_link *link;
    struct key *key; /* public */
    struct signer_scheme scheme;
    EVP_MD *digest;
    EVP_MD_CTX *hash;
    EVP_PKEY_CTX *check;  /* ready to verify one hash after the other */
    struct bytes content; /* of answers */
};

static const struct helper_kind helper_of_mtls_ca = {
    "mtls-ca-token",
    "say where it comes from with pin: SPEC",
    "name one with object= and id= in the URI",
};

/* DigestInfo of SHA-256 up to the digest (RFC 8017 section 9.2, note 1). */
static const unsigned char sha256_info[] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                            0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};

static void token_release(void *state)
{
    struct token *token = state;

    if (token != NULL) {
        token_link_leave(token->link);
        key_free(token->key);
        EVP_MD_free(token->digest);
        EVP_MD_CTX_free(token->hash);
        EVP_PKEY_CTX_free(token->check);
        bytes_free(&token->content);
        free(token->shown);
        free(token);
    }
}

/** What complaints call the token: by its label where the URI has one. */
static int name_token(struct token *token, const char *text, struct faults *faults)
{
    struct token_uri uri;
    struct bytes shown = BYTES_EMPTY;
    const char *why = NULL;
    int status = -1;

    if (token_uri_read(text, &uri, &why) != 0) {
        fault_error(faults, NULL, NULL, "pkcs11:token=NAME;object=NAME", "the token's URI %s",
                    why != NULL ? why : "needs more memory than there is");
        return -1;
    }
    if (bytes_append_text(&shown, uri.token.length > 0 ? "token " : "the token") == 0 &&
        bytes_append(&shown, uri.token.data, uri.token.length) == 0 &&
        (token->shown = strdup(bytes_text(&shown))) != NULL) {
        status = 0;
    } else {
        fault_memory(faults);
    }
    bytes_free(&shown);
    token_uri_free(&uri);
    return status;
}

/** A token with its first link. */
static struct token *token_start(const struct context *context, const struct token_key *key,
                                 struct faults *faults)
{
    const struct token_address address = {key->uri, key->pin, &helper_of_mtls_ca, key->program};
    struct token *token = calloc(1, sizeof(*token));

    if (token == NULL) {
        fault_memory(faults);
        return NULL;
    }
    token->context = context;
    if (name_token(token, key->uri, faults) != 0 ||
        (token->link = token_link_open(&address, token->shown, faults)) == NULL) {
        token_release(token);
        return NULL;
    }
    return token;
}

/* ---- signing -------------------------------------------------------------------------------------------------------- */

static int hash_of(struct token *token, struct slice tbs, unsigned char hash[EVP_MAX_MD_SIZE],
                   unsigned *length, struct faults *faults)
{
    if (EVP_DigestInit_ex2(token->hash, token->digest, NULL) != 1 ||
        EVP_DigestUpdate(token->hash, tbs.data, tbs.length) != 1 ||
        EVP_DigestFinal_ex(token->hash, hash, length) != 1) {
        fault_openssl(faults, "cannot hash");
        return -1;
    }
    return 0;
}

/** ECDSA-Sig-Value (RFC 3279 section 2.2.3) from r and s side by side, as PKCS#11 has them. */
static int ecdsa_value(struct slice raw, struct bytes *signature)
{
    struct der writer;
    size_t half = raw.length / 2;

    der_start(&writer, signature);
    der_begin(&writer, DER_SEQUENCE);
    der_unsigned(&writer, (struct slice){raw.data, half});
    der_unsigned(&writer, (struct slice){raw.data + half, half});
    der_end(&writer);
    return der_finish(&writer);
}

/** The signature in the form it has in a BIT STRING. */
static int signature_form(const struct token *token, struct slice raw, struct bytes *signature,
                          struct faults *faults)
{
    size_t size = ((size_t)key_bits(token->key) + 7) / 8;
    bool ec = key_family_of(token->key) == KEY_FAMILY_EC;

    if (raw.length != (ec ? 2 * size : size)) {
        fault_error(faults, NULL, NULL, NULL, "%s: a signature of %zu octets is none of its key",
                    token->shown, raw.length);
        return -1;
    }
    if ((ec ? ecdsa_value(raw, signature) : bytes_append(signature, raw.data, raw.length)) != 0) {
        fault_memory(faults);
        return -1;
    }
    return 0;
}

static int token_sign(void *state, struct slice tbs, struct bytes *signature, struct faults *faults)
{
    struct token *token = state;
    bool ec = key_family_of(token->key) == KEY_FAMILY_EC;
    unsigned char input[sizeof(sha256_info) + EVP_MAX_MD_SIZE];
    size_t prefix = ec ? 0 : sizeof(sha256_info);
    size_t before = signature->length;
    unsigned length = 0;
    struct wire_message answer;

    memcpy(input, sha256_info, sizeof(sha256_info));
    if (hash_of(token, tbs, input + prefix, &length, faults) != 0) {
        return -1;
    }

    const struct slice fields[] = {slice_of_text(ec ? "ec" : "rsa"), {input, prefix + length}};

    if (token_link_ask(token->link, WIRE_SIGN, fields, 2, WIRE_SIGNATURE, WIRE_SIGNATURE, &token->content,
                       &answer, faults) != 0 ||
        signature_form(token, answer.fields[0], signature, faults) != 0) {
        return -1;
    }
    if (EVP_PKEY_verify(token->check, signature->data + before, signature->length - before, input + prefix,
                        length) != 1) {
        fault_error(faults, NULL, NULL, "nothing is made with it",
                    "%s: its signature does not fit its public key", token->shown);
        return -1;
    }
    return 0;
}

/** Everything for hashing and checking. */
static int prepare(struct token *token, struct faults *faults)
{
    OSSL_LIB_CTX *libctx = context_libctx(token->context);

    token->digest = EVP_MD_fetch(libctx, token->scheme.digest, NULL);
    token->hash = EVP_MD_CTX_new();
    token->check = EVP_PKEY_CTX_new_from_pkey(libctx, key_pkey(token->key), NULL);
    if (token->digest == NULL || token->hash == NULL || token->check == NULL ||
        EVP_PKEY_verify_init(token->check) != 1 ||
        (key_family_of(token->key) == KEY_FAMILY_RSA &&
         EVP_PKEY_CTX_set_rsa_padding(token->check, RSA_PKCS1_PADDING) != 1) ||
        EVP_PKEY_CTX_set_signature_md(token->check, token->digest) != 1) {
        fault_openssl(faults, "cannot prepare a token's public key");
        return -1;
    }
    return 0;
}

/** Takes the public key the helper tells. */
static int take_key(struct token *token, struct slice spki, struct faults *faults)
{
    struct faults *why = faults_new();
    int status = -1;

    if (why == NULL) {
        fault_memory(faults);
        return -1;
    }
    token->key = key_from_spki(token->context, spki, why);
    if (token->key == NULL) {
        fault_error(faults, NULL, NULL, NULL, "%s: its public key cannot be read", token->shown);
    } else if ((key_family_of(token->key) != KEY_FAMILY_RSA && key_family_of(token->key) != KEY_FAMILY_EC) ||
               signer_scheme_of(token->key, &token->scheme) != 0 || token->scheme.digest == NULL ||
               (key_family_of(token->key) == KEY_FAMILY_EC && key_algorithm_of(token->key) == KEY_FOREIGN)) {
        fault_error(faults, NULL, NULL, "RSA, or EC on P-256, P-384 or P-521",
                    "%s: keys of this kind are not signed with in tokens", token->shown);
    } else if (key_family_of(token->key) == KEY_FAMILY_RSA && key_bits(token->key) < 2048) {
        fault_error(faults, NULL, NULL, NULL, "%s: an RSA key of %d bits is too short to sign with",
                    token->shown, key_bits(token->key));
    } else {
        status = prepare(token, faults);
    }
    faults_free(why);
    return status;
}

/* ---- duplicates ----------------------------------------------------------------------------------------------------- */

/** A link of its own to the same key; NULL when there is none to be had. */
static struct token_link *own_link(const struct token *token, struct bytes *content)
{
    struct token_link *link = token_link_another(token->link);
    struct faults *unheard = faults_new();
    struct wire_message answer;
    struct key *key = NULL;

    /* it finds the key, for what it signs with; another key, or none, and the first link serves both */
    if (link != NULL && unheard != NULL &&
        token_link_ask(link, WIRE_FIND, NULL, 0, WIRE_KEY, WIRE_ABSENT, content, &answer, unheard) == 0 &&
        answer.kind == WIRE_KEY) {
        key = key_from_spki(token->context, answer.fields[0], unheard);
    }
    if (key == NULL || !key_equal(token->key, key)) {
        token_link_leave(link);
        link = NULL;
    }
    key_free(key);
    faults_free(unheard);
    return link;
}

static void *token_duplicate(void *state, struct faults *faults)
{
    struct token *token = state;
    struct token *twin = calloc(1, sizeof(*twin));
    struct bytes spki = BYTES_EMPTY;

    if (twin == NULL || (twin->shown = strdup(token->shown)) == NULL) {
        fault_memory(faults);
        goto failed;
    }
    twin->context = token->context;
    if (key_spki(token->key, &spki, faults) != 0 || take_key(twin, slice_of(&spki), faults) != 0) {
        goto failed;
    }
    twin->link = own_link(token, &twin->content);
    if (twin->link == NULL) {
        twin->link = token_link_share(token->link);
    }
    bytes_free(&spki);
    return twin;
failed:
    bytes_free(&spki);
    token_release(twin);
    return NULL;
}

static const struct signer_methods token_methods = {token_sign, token_duplicate, token_release};

/* ---- opening -------------------------------------------------------------------------------------------------------- */

/** Finds the key, or makes it: 1 there, 0 absent, -1. */
static int locate(struct token *token, const struct token_key *key, struct faults *faults)
{
    unsigned char id[ID_LENGTH];
    struct wire_message answer;

    if (token_link_ask(token->link, WIRE_FIND, NULL, 0, WIRE_KEY, WIRE_ABSENT, &token->content, &answer,
                       faults) != 0) {
        return -1;
    }
    if (answer.kind == WIRE_ABSENT) {
        if (key->generate == KEY_NONE) {
            return 0;
        }
        if (context_random(token->context, id, sizeof(id)) != 0) {
            fault_openssl(faults, "no randomness for a key's identifier");
            return -1;
        }

        const struct slice fields[] = {slice_of_text(key_algorithm_text(key->generate)),
                                       slice_of_text(key->label != NULL ? key->label : ""),
                                       {id, sizeof(id)}};

        if (token_link_ask(token->link, WIRE_GENERATE, fields, 3, WIRE_KEY, WIRE_KEY, &token->content,
                           &answer, faults) != 0) {
            return -1;
        }
    }
    if (take_key(token, answer.fields[0], faults) != 0) {
        return -1;
    }
    if (key->generate != KEY_NONE && key_algorithm_of(token->key) != key->generate) {
        fault_error(faults, NULL, NULL, "name another object=, or say generate: as it is",
                    "%s: its key is no %s", token->shown, key_algorithm_text(key->generate));
        return -1;
    }
    return 1;
}

/** A signature over something that is no certificate, to see that one comes that fits. */
static int try_out(struct token *token, struct faults *faults)
{
    unsigned char trial[TRIAL_LENGTH];
    struct bytes signature = BYTES_EMPTY;
    int status = -1;

    /* a certificate, request or list begins with 0x30 */
    if (context_random(token->context, trial, sizeof(trial)) != 0) {
        fault_openssl(faults, "no randomness for a trial of the token");
        return -1;
    }
    trial[0] = 0;
    status = token_sign(token, (struct slice){trial, sizeof(trial)}, &signature, faults);
    bytes_free(&signature);
    return status;
}

int token_key_try(const struct context *context, struct token_link *link, struct slice spki,
                  const char *shown, struct faults *faults)
{
    struct token *token = calloc(1, sizeof(*token));
    int status = -1;

    if (token == NULL || (token->shown = strdup(shown)) == NULL) {
        fault_memory(faults);
        token_release(token);
        return -1;
    }
    token->context = context;
    token->link = token_link_share(link);
    if (take_key(token, spki, faults) == 0) {
        status = try_out(token, faults);
    }
    token_release(token);
    return status;
}

int token_signer_open(const struct context *context, const struct token_key *key, struct signer **signer,
                      struct faults *faults)
{
    struct token *token = token_start(context, key, faults);
    struct bytes spki = BYTES_EMPTY;
    int found = -1;

    *signer = NULL;
    if (token == NULL) {
        return -1;
    }
    found = locate(token, key, faults);
    if (found == 1 && (try_out(token, faults) != 0 || key_spki(token->key, &spki, faults) != 0)) {
        found = -1;
    }
    if (found == 1) {
        *signer = signer_new(&token_methods, token, token->scheme.identifier, slice_of(&spki), faults);
        found = *signer != NULL ? 1 : -1;
    } else {
        token_release(token);
    }
    bytes_free(&spki);
    return found;
}
