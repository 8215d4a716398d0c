/* SPDX-License-Identifier: Apache-2.0 */
/* What keys say, and which description is for which object. */
#include "command/description.h"

#include <string.h>

#include "command/json.h"
#include "x509/der.h"
#include "x509/key.h"
#include "x509/pbe.h"
#include "x509/pem.h"

json_t *description_unreadable(const struct description *description, const char *what)
{
    const struct place place = {description->shown, 0, 0};

    fault_error(description->faults, &place, NULL, NULL, "%s", what);
    return NULL;
}

json_t *description_memory_is_out(const struct description *description, json_t *object)
{
    json_decref(object);
    fault_memory(description->faults);
    return NULL;
}

/* ---- keys ----------------------------------------------------------------------------------------------------------- */

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
    }
    pem_block_free(&block);
    faults_free(unused);
    return status;
}

static json_t *private_key(const struct description *description, const struct input_object *input)
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

static json_t *public_key(const struct description *description, const struct input_object *input)
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

/* ---- which is which ------------------------------------------------------------------------------------------------- */

json_t *description_of(const struct description *description, const struct input_object *object)
{
    json_t *other;

    switch (object->kind) {
    case INPUT_CERTIFICATE:
        return description_certificate(description, slice_of(&object->bytes));
    case INPUT_REQUEST:
        return description_request(description, slice_of(&object->bytes));
    case INPUT_CRL:
        return description_crl(description, slice_of(&object->bytes));
    case INPUT_PRIVATE_KEY:
    case INPUT_ENCRYPTED_KEY:
        return private_key(description, object);
    case INPUT_PUBLIC_KEY:
        return public_key(description, object);
    case INPUT_P12:
        return description_p12(description, slice_of(&object->bytes));
    case INPUT_OTHER:
        break;
    }
    other = json_object();
    if (json_put(other, "type", json_string("other")) != 0 ||
        json_put(other, "label", description_text(slice_of_text(object->label))) != 0) {
        return description_memory_is_out(description, other);
    }
    return other;
}
