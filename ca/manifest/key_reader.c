/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The key of an entry: an algorithm, or for an authority a place in a PKCS#11 token, or none that stays.
 */
#include <stdlib.h>
#include <string.h>

#include "base/token_uri.h"
#include "manifest/reading.h"
#include "manifest/value.h"

/** What a token can generate, for hints. */
#define GENERATED "rsa-2048, rsa-3072, rsa-4096, ec-p256, ec-p384"

/** Takes a URI. What is refused is not shown: it may hold a PIN. */
static int take_uri(struct entry *entry, const char *text, const struct node *node, const struct path *path,
                    struct faults *faults)
{
    struct token_uri uri;
    const char *why = NULL;

    if (entry->kind != ENTRY_AUTHORITY) {
        field_error(faults, node, path, "an algorithm",
                    "keys in tokens are for authorities: a certificate's key goes to who uses it");
        return 0;
    }
    if (token_uri_read(text, &uri, &why) != 0) {
        if (why == NULL) {
            fault_memory(faults);
            return -1;
        }
        field_error(faults, node, path, "pkcs11:token=NAME;object=NAME", "the URI %s", why);
        return 0;
    }
    free(entry->token_uri);
    entry->token_uri = strdup(text);
    entry->token_place = node_place(node);
    entry->token_named = uri.object.length > 0 || uri.id.length > 0;
    if (entry->token_uri != NULL && uri.pin_source.length > 0 && entry->pin.source == PASSPHRASE_NONE) {
        entry->pin_place = node_place(node);
        entry->pin.argument = strdup(bytes_text(&uri.pin_source));
        entry->pin.source = entry->pin.argument != NULL ? PASSPHRASE_FILE : PASSPHRASE_NONE;
    }
    token_uri_free(&uri);
    if (entry->token_uri == NULL) {
        fault_memory(faults);
        return -1;
    }
    return 0;
}

static int read_uri(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    const char *text = NULL;
    int status = field_text(node, path, &text, faults);

    return status != 0 ? (status < 0 ? -1 : 0) : take_uri(target, text, node, path, faults);
}

static int read_generate(const struct node *node, const struct path *path, void *target,
                         struct faults *faults)
{
    struct entry *entry = target;
    enum key_algorithm algorithm = KEY_NONE;

    if (value_key_algorithm(node, path, &algorithm, faults) != 0) {
        return -1;
    }
    entry->token_generate = algorithm;
    if (algorithm != KEY_NONE && algorithm != KEY_RSA_2048 && algorithm != KEY_RSA_3072 &&
        algorithm != KEY_RSA_4096 && algorithm != KEY_EC_P256 && algorithm != KEY_EC_P384) {
        field_error(faults, node, path, GENERATED, "%s keys are not generated in tokens",
                    key_algorithm_text(algorithm));
    }
    return 0;
}

static const struct field token_fields[] = {
    {"uri", read_uri, true},
    {"generate", read_generate, false},
    {NULL, NULL, false},
};

int reading_key(const struct node *node, const struct path *path, struct entry *entry, struct faults *faults)
{
    const char *text = NULL;
    int status;

    if (node_kind(node) == NODE_MAPPING) {
        return fields_read(node, path, "a key in a token", token_fields, entry, faults);
    }
    status = field_text(node, path, &text, faults);
    if (status != 0) {
        return status < 0 ? -1 : 0;
    }
    return token_uri_is(text) ? take_uri(entry, text, node, path, faults)
                              : value_key_algorithm(node, path, &entry->key, faults);
}

int reading_pin(const struct node *node, const struct path *path, struct entry *entry, struct faults *faults)
{
    entry->pin_place = node_place(node);
    passphrase_spec_free(&entry->pin); /* a pin-source in the URI gives way */
    return value_passphrase(node, path, false, &entry->pin, faults);
}

int reading_passphrase_kdf(const struct node *node, const struct path *path, struct entry *entry,
                           struct faults *faults)
{
    const char *text = NULL;
    int status = field_text(node, path, &text, faults);

    if (status != 0) {
        return status < 0 ? -1 : 0;
    }
    if (key_kdf_parse(text, &entry->passphrase_kdf) != 0) {
        field_error(faults, node, path, "pbkdf2 or scrypt", "\"%s\" derives no key here", text);
    }
    return 0;
}

/** Complains of @p field, where it is written, that it does not go with how the key is kept. */
static void refuse_beside(const struct entry_reading *entry, const char *field, const char *hint,
                          const char *why)
{
    const struct node *node = reading_value(entry->draft->node, field);
    struct path path = {entry->path, field, 0};

    if (node != NULL) {
        field_error(entry->reading->faults, node, &path, hint, "%s", why);
    }
}

void reading_check_key_place(struct entry_reading *entry)
{
    struct entry *made = entry->entry;
    const struct node *node = reading_value(entry->draft->node, "key");
    struct path path = {entry->path, "key", 0};

    if (made->token_uri != NULL) {
        made->key = made->token_generate;
        if (made->token_generate != KEY_NONE && !made->token_named) {
            field_error(entry->reading->faults, node, &path, "add object=NAME to the URI",
                        "a key to be generated needs a name");
        }
        refuse_beside(entry, "passphrase", "pin: SPEC is the token's",
                      "the key is in a token, so there is no key file to encrypt");
        if (made->ephemeral) {
            refuse_beside(entry, "ephemeral", NULL, "a key in a token stays there");
        }
    } else {
        refuse_beside(entry, "pin", "passphrase: SPEC encrypts a key file",
                      "only a key in a token has a PIN");
    }
    if (made->ephemeral) {
        refuse_beside(entry, "passphrase", NULL, "an ephemeral key has no file to encrypt");
        refuse_beside(entry, "adopt", NULL, "an adopted authority has its key already");
    }
    if (reading_value(entry->draft->node, "passphrase") == NULL) {
        refuse_beside(entry, "passphrase_kdf", "passphrase: SPEC",
                      "there is no passphrase to derive a key from");
    }
}
