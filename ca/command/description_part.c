/* SPDX-License-Identifier: Apache-2.0 */
/* What descriptions of more than one kind have: texts and names, a key, usages. */
#include "command/description_part.h"

#include <openssl/objects.h>

#include "base/digest.h"
#include "console/json.h"
#include "x509/der.h"
#include "x509/extension.h"
#include "x509/general_name.h"
#include "x509/key.h"
#include "x509/name.h"
#include "x509/oid.h"

#define KEY_USAGE_BITS 9
/* Names listed. */
#define NAMES_LISTED 1000

/* ---- refusals ------------------------------------------------------------------------------------------------------- */

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

/* ---- texts ---------------------------------------------------------------------------------------------------------- */

json_t *description_name(struct slice name)
{
    struct bytes text = BYTES_EMPTY;

    if (name_format(name, &text) != 0) {
        bytes_clear(&text);
        if (bytes_append_text(&text, "(malformed)") != 0) {
            bytes_free(&text);
            return NULL;
        }
    }
    return json_made(&text, 0);
}

json_t *description_names(struct slice names)
{
    json_t *list = json_array();
    struct der_item item;

    while (list != NULL && json_array_size(list) < NAMES_LISTED && der_read(&names, &item) == 1) {
        struct bytes text = BYTES_EMPTY;
        int status = general_name_format(item.whole, &text);

        json_add(&list, json_made(&text, status));
    }
    return list;
}

/* OpenSSL's long name of an OID, or the OID. */
json_t *description_oid(struct slice oid)
{
    struct bytes text = BYTES_EMPTY;
    int status = oid_format(oid, &text);
    int nid = status == 0 ? OBJ_txt2nid(bytes_text(&text)) : NID_undef;

    if (nid != NID_undef) {
        bytes_free(&text);
        return json_string(OBJ_nid2ln(nid));
    }
    return json_made(&text, status);
}

json_t *description_algorithm(struct slice identifier)
{
    struct der_item sequence;
    struct der_item oid;

    if (der_expect(&identifier, DER_SEQUENCE, &sequence) != 0 ||
        der_expect(&sequence.content, DER_OID, &oid) != 0) {
        return json_string("(malformed)");
    }
    return description_oid(oid.content);
}

/* ---- key ------------------------------------------------------------------------------------------------------------ */

/* "sha256//BASE64" of curl, the bare base64 of Apple's NSPinnedDomains, and a line of Android's network security configuration. */
static json_t *pins(const struct digest *digest)
{
    struct slice octets = {digest->octets, DIGEST_LENGTH};
    struct bytes base64 = BYTES_EMPTY;
    json_t *object = json_object();
    int status = bytes_append_base64(&base64, octets, 0);

    if (object == NULL || status != 0 ||
        json_put(object, "curl", json_sprintf("sha256//%s", bytes_text(&base64))) != 0 ||
        json_put(object, "apple", json_string(bytes_text(&base64))) != 0 ||
        json_put(object, "android", json_sprintf("<pin digest=\"SHA-256\">%s</pin>", bytes_text(&base64))) !=
            0) {
        json_decref(object);
        object = NULL;
    }
    bytes_free(&base64);
    return object;
}

static json_t *key_of(const struct description *description, struct slice spki)
{
    struct faults *unused = faults_new();
    struct key *key = unused == NULL ? NULL : key_from_spki(description->context, spki, unused);
    json_t *object = json_object();
    struct der_item sequence;
    struct der_item identifier;
    int status = -1;

    if (object != NULL && key != NULL) {
        const char *word = key_algorithm_text(key_algorithm_of(key));

        if (key_algorithm_of(key) == KEY_FOREIGN) {
            word = key_family_of(key) == KEY_FAMILY_RSA  ? "rsa"
                   : key_family_of(key) == KEY_FAMILY_EC ? "ec"
                                                         : "other";
        }
        status = json_put(object, "algorithm", json_string(word));
        if (status == 0 && key_bits(key) > 0) {
            status = json_put(object, "bits", json_integer(key_bits(key)));
        }
    } else if (object != NULL && der_expect(&spki, DER_SEQUENCE, &sequence) == 0 &&
               der_expect(&sequence.content, DER_SEQUENCE, &identifier) == 0) {
        status = json_put(object, "algorithm", description_algorithm(identifier.whole));
    }
    if (status != 0) {
        json_decref(object);
        object = NULL;
    }
    key_free(key);
    faults_free(unused);
    return object;
}

int description_put_public_key(const struct description *description, json_t *object, struct slice spki)
{
    struct digest digest;

    return json_put(object, "key", key_of(description, spki)) == 0 &&
                   digest_of(description->context, spki, &digest) == 0 &&
                   json_put(object, "spki_sha256", json_hex((struct slice){digest.octets, DIGEST_LENGTH})) ==
                       0 &&
                   json_put(object, "pins", pins(&digest)) == 0
               ? 0
               : -1;
}

/* ---- usages --------------------------------------------------------------------------------------------------------- */

json_t *description_key_usages(uint32_t bits)
{
    json_t *list = json_array();

    for (unsigned int bit = 0; list != NULL && bit < KEY_USAGE_BITS; bit++) {
        if ((bits & (1u << bit)) != 0 && json_append(list, json_string(extension_key_usage_name(bit))) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    return list;
}

json_t *description_extended_key_usages(struct slice rest)
{
    json_t *list = json_array();
    struct der_item item;

    while (list != NULL && der_read(&rest, &item) == 1) {
        const char *word = oid_extended_key_usage_name(item.content);

        json_add(&list, word != NULL ? json_string(word) : description_oid(item.content));
    }
    return list;
}
