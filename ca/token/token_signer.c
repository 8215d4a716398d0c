/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A signer over a token: hashing and checking here, the private key's operation there.
 */
#include "token/token_signer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pthread.h>

#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "base/token_uri.h"
#include "token/helper_process.h"
#include "x509/der.h"

/** Octets of randomness in what the key signs to show that it does, and in the identifier of a key made. */
#define TRIAL_LENGTH 32
#define ID_LENGTH    20

/** What a signer and its duplicates share. They open the token one after the other: some modules write when a user logs in, and whoever looks at that moment finds no token. */
struct door {
    pthread_mutex_t lock; /* of users, too */
    size_t users;
};

struct token {
    const struct context *context;
    struct door *door;
    char *uri, *program, *shown;
    struct bytes pin;
    bool has_pin;
    struct helper_process *helper;
    struct key *key; /* public */
    struct signer_scheme scheme;
    EVP_MD *digest;
    EVP_MD_CTX *hash;
    EVP_PKEY_CTX *check;  /* ready to verify one hash after the other */
    struct bytes content; /* of answers */
};

/* DigestInfo of SHA-256 up to the digest (RFC 8017 section 9.2, note 1). */
static const unsigned char sha256_info[] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                            0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};

static struct door *door_new(void)
{
    struct door *door = calloc(1, sizeof(*door));

    if (door != NULL && pthread_mutex_init(&door->lock, NULL) != 0) {
        free(door);
        door = NULL;
    }
    if (door != NULL) {
        door->users = 1;
    }
    return door;
}

static struct door *door_share(struct door *door)
{
    (void)pthread_mutex_lock(&door->lock);
    door->users++;
    (void)pthread_mutex_unlock(&door->lock);
    return door;
}

static void door_leave(struct door *door)
{
    size_t left = 0;

    if (door != NULL) {
        (void)pthread_mutex_lock(&door->lock);
        left = --door->users;
        (void)pthread_mutex_unlock(&door->lock);
    }
    if (door != NULL && left == 0) {
        (void)pthread_mutex_destroy(&door->lock);
        free(door);
    }
}

static void token_release(void *state)
{
    struct token *token = state;

    if (token != NULL) {
        helper_process_free(token->helper);
        key_free(token->key);
        EVP_MD_free(token->digest);
        EVP_MD_CTX_free(token->hash);
        EVP_PKEY_CTX_free(token->check);
        bytes_free(&token->pin);
        bytes_free(&token->content);
        door_leave(token->door);
        free(token->uri);
        free(token->program);
        free(token->shown);
        free(token);
    }
}

/** What complaints call the token: by its label where the URI has one. */
static int name_token(struct token *token, struct faults *faults)
{
    struct token_uri uri;
    struct bytes shown = BYTES_EMPTY;
    const char *why = NULL;
    int status = -1;

    if (token_uri_read(token->uri, &uri, &why) != 0) {
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

/** The request that opens the token, alone at its door. */
static int token_enter(struct token *token, struct faults *faults)
{
    struct wire_message answer;
    char seconds[16];
    int status;

    (void)snprintf(seconds, sizeof(seconds), "%u", helper_process_seconds(token->helper));

    const struct slice fields[] = {slice_of_text(WIRE_VERSION), slice_of_text(seconds),
                                   slice_of_text(token->uri), slice_of(&token->pin)};

    (void)pthread_mutex_lock(&token->door->lock);
    status = helper_process_ask(token->helper, WIRE_OPEN, fields, token->has_pin ? 4 : 3, WIRE_DONE,
                                WIRE_DONE, &token->content, &answer, faults);
    (void)pthread_mutex_unlock(&token->door->lock);
    return status;
}

/** A token with a process that has opened it. @p door NULL: the first of its kind. */
static struct token *token_start(const struct context *context, const struct token_key *key,
                                 struct door *door, struct faults *faults)
{
    struct token *token = calloc(1, sizeof(*token));

    if (token == NULL || (token->uri = strdup(key->uri)) == NULL ||
        (key->program != NULL && (token->program = strdup(key->program)) == NULL) ||
        (key->pin != NULL && bytes_append(&token->pin, key->pin->data, key->pin->length) != 0) ||
        (token->door = door != NULL ? door_share(door) : door_new()) == NULL) {
        fault_memory(faults);
        goto failed;
    }
    token->context = context;
    token->has_pin = key->pin != NULL;
    if (name_token(token, faults) != 0) {
        goto failed;
    }
    token->helper = helper_process_start(token->program, token->shown, faults);
    if (token->helper == NULL || token_enter(token, faults) != 0) {
        goto failed;
    }
    return token;
failed:
    token_release(token);
    return NULL;
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

    if (helper_process_ask(token->helper, WIRE_SIGN, fields, 2, WIRE_SIGNATURE, WIRE_SIGNATURE,
                           &token->content, &answer, faults) != 0 ||
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
        fault_error(faults, NULL, NULL, NULL, "%s: an RSA key of %d bits is too short for an authority",
                    token->shown, key_bits(token->key));
    } else {
        status = prepare(token, faults);
    }
    faults_free(why);
    return status;
}

/* ---- duplicates ----------------------------------------------------------------------------------------------------- */

static void *token_duplicate(void *state, struct faults *faults)
{
    struct token *token = state;
    const struct token_key same = {token->uri, token->has_pin ? &token->pin : NULL, KEY_NONE, NULL,
                                   token->program};
    struct token *twin = token_start(token->context, &same, token->door, faults);
    struct wire_message answer;

    if (twin == NULL) {
        return NULL;
    }
    if (helper_process_ask(twin->helper, WIRE_FIND, NULL, 0, WIRE_KEY, WIRE_ABSENT, &twin->content, &answer,
                           faults) != 0) {
        goto failed;
    }
    if (answer.kind == WIRE_ABSENT) {
        fault_error(faults, NULL, NULL, NULL, "%s: its key is gone", twin->shown);
        goto failed;
    }
    if (take_key(twin, answer.fields[0], faults) != 0) {
        goto failed;
    }
    if (!key_equal(token->key, twin->key)) {
        fault_error(faults, NULL, NULL, NULL, "%s: its key was exchanged for another", twin->shown);
        goto failed;
    }
    return twin;
failed:
    token_release(twin);
    return NULL;
}

static const struct signer_methods token_methods = {token_sign, token_duplicate, token_release};

/* ---- opening -------------------------------------------------------------------------------------------------------- */

bool token_key_can_generate(enum key_algorithm algorithm)
{
    return algorithm == KEY_RSA_2048 || algorithm == KEY_RSA_3072 || algorithm == KEY_RSA_4096 ||
           algorithm == KEY_EC_P256 || algorithm == KEY_EC_P384;
}

/** Finds the key, or makes it: 1 there, 0 absent, -1. */
static int locate(struct token *token, const struct token_key *key, struct faults *faults)
{
    unsigned char id[ID_LENGTH];
    struct wire_message answer;

    if (helper_process_ask(token->helper, WIRE_FIND, NULL, 0, WIRE_KEY, WIRE_ABSENT, &token->content, &answer,
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

        if (helper_process_ask(token->helper, WIRE_GENERATE, fields, 3, WIRE_KEY, WIRE_KEY, &token->content,
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

int token_signer_open(const struct context *context, const struct token_key *key, struct signer **signer,
                      struct faults *faults)
{
    struct token *token = token_start(context, key, NULL, faults);
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
