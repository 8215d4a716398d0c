/* SPDX-License-Identifier: Apache-2.0 */
/* What a key says: of an encrypted one without its passphrase, how it is encrypted. */
#include <string.h>

#include "command/description_kind.h"
#include "console/json.h"
#include "x509/der.h"
#include "x509/key.h"
#include "x509/pbe.h"
#include "x509/pem.h"

static int put_scrypt(json_t *object, const struct derivation *derivation)
{
    json_t *cost = json_object();
    int status = json_put(cost, "n", json_integer(derivation->scrypt.n)) == 0 &&
                         json_put(cost, "r", json_integer(derivation->scrypt.r)) == 0 &&
                         json_put(cost, "p", json_integer(derivation->scrypt.p)) == 0
                     ? json_put(object, "scrypt", json_incref(cost))
                     : -1;

    json_decref(cost);
    return status;
}

/* What an EncryptedPrivateKeyInfo says of its encryption; the traditional form says it in headers of its own. */
static int put_encryption(json_t *object, const struct input_object *input)
{
    struct slice rest = slice_of(&input->bytes);
    struct pem_block block;
    struct der_item info;
    struct der_item identifier;
    const char *why = NULL;
    struct pbe pbe;
    size_t line = 1;
    int status = 0;
    struct faults *unused = faults_new();

    memset(&block, 0, sizeof(block));
    if (unused != NULL && input->label[0] != '\0' && pem_read(&rest, &line, "", &block, unused) == 1) {
        rest = slice_of(&block.der);
    }
    if (!block.has_headers && der_expect(&rest, DER_SEQUENCE, &info) == 0 &&
        der_expect(&info.content, DER_SEQUENCE, &identifier) == 0 &&
        pbe_read(identifier.content, &pbe, &why) == 0) {
        status = json_put(object, "encryption", json_string(pbe.name));
        if (status == 0 && pbe.derivation.iterations > 0) {
            status = json_put(object, "iterations", json_integer(pbe.derivation.iterations));
        }
        if (status == 0 && pbe.derivation.scrypt.n > 0) {
            status = put_scrypt(object, &pbe.derivation);
        }
    }
    pem_block_free(&block);
    faults_free(unused);
    return status;
}

json_t *description_private_key(const struct description *description, const struct input_object *input)
{
    bool encrypted = input->kind == INPUT_ENCRYPTED_KEY;
    json_t *object = json_object();
    struct bytes spki = BYTES_EMPTY;
    struct key *key = NULL;
    int status;

    status = json_put(object, "type", json_string("private-key"));
    if (status == 0) {
        status = json_put(object, "encrypted", json_boolean(encrypted));
    }
    if (status == 0 && encrypted) {
        status = put_encryption(object, input);
    }
    if (status != 0) {
        return description_memory_is_out(description, object);
    }
    if (encrypted && description->passphrase == NULL) {
        return object;
    }
    key = key_read(description->context, slice_of(&input->bytes), description->passphrase, description->shown,
                   description->faults);
    if (key == NULL || key_spki(key, &spki, description->faults) != 0) {
        json_decref(object);
        object = NULL;
    } else if (description_put_public_key(description, object, slice_of(&spki)) != 0) {
        object = description_memory_is_out(description, object);
    }
    bytes_free(&spki);
    key_free(key);
    return object;
}

json_t *description_public_key(const struct description *description, const struct input_object *input)
{
    json_t *object = json_object();

    if (!der_is_well_formed(slice_of(&input->bytes))) {
        json_decref(object);
        return description_unreadable(description, "the public key is malformed");
    }
    if (json_put(object, "type", json_string("public-key")) != 0 ||
        description_put_public_key(description, object, slice_of(&input->bytes)) != 0) {
        return description_memory_is_out(description, object);
    }
    return object;
}
