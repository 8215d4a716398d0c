/* SPDX-License-Identifier: Apache-2.0 */
/* CKO_PRIVATE_KEY and CKO_PUBLIC_KEY, of CKK_RSA and CKK_EC. */
#include "pkcs11/helper/key_object.h"

#include <string.h>

#include "pkcs11/helper/writing.h"
#include "pkcs11/key_material.h"
#include "pkcs11/words.h"
#include "token/helper/object.h"
#include "token/helper/private_key.h"
#include "token/helper/public_key.h"
#include "x509/der.h"

/** Objects looked at that have the same id. */
#define SAME_ID_MAX 16
/** Attributes of a template. */
#define TEMPLATE_MAX 24
/** What is looked for, for refusals. */
#define WHAT "the key"

/** What a key is found by. */
struct traits {
    struct public_material material;
    struct bytes point; /* CKA_EC_POINT: in an OCTET STRING */
};

static int traits_read(struct slice spki, struct traits *traits, struct refusal *refusal)
{
    struct der writer;

    memset(traits, 0, sizeof(*traits));
    if (public_material_read(spki, &traits->material) != 0) {
        return refuse(refusal, WIRE_FAILED, "what was sent is no public key of RSA or EC");
    }
    if (!traits->material.rsa) {
        der_start(&writer, &traits->point);
        der_value(&writer, DER_OCTET_STRING, traits->material.point);
        if (der_finish(&writer) != 0) {
            return refuse(refusal, WIRE_FAILED, "memory is out");
        }
    }
    return 0;
}

/* ---- finding -------------------------------------------------------------------------------------------------------- */

static int find_by(struct session *session, CK_OBJECT_CLASS class, CK_ATTRIBUTE trait,
                   CK_OBJECT_HANDLE *found, CK_ULONG room, struct refusal *refusal)
{
    CK_ATTRIBUTE template[] = {{CKA_CLASS, &class, sizeof(class)}, trait};

    return object_find(session, template, 2, found, room, WHAT, refusal);
}

/** Whether the private key @p object has the public key @p spki. The session signs with it then. */
static bool is_same(struct session *session, CK_OBJECT_HANDLE object, struct slice spki)
{
    struct bytes own = BYTES_EMPTY;
    struct refusal unheard;
    bool same = private_key_use(session, object, &unheard) == 0 &&
                public_key_of(session, &own, &unheard) == 0 && slice_equal(slice_of(&own), spki);

    if (!same) {
        session->key = 0;
    }
    bytes_free(&own);
    return same;
}

/** The key among the private ones with an id: 1, *object; 0: none of them, *object one of the others or 0; -1. */
static int find_with_id(struct session *session, struct slice id, struct slice spki, CK_OBJECT_HANDLE *object,
                        struct refusal *refusal)
{
    CK_OBJECT_HANDLE found[SAME_ID_MAX] = {0};
    int count = find_by(session, CKO_PRIVATE_KEY, attribute_of(CKA_ID, id), found, SAME_ID_MAX, refusal);
    int i;

    *object = found[0];
    for (i = 0; i < count; i++) {
        if (is_same(session, found[i], spki)) {
            *object = found[i];
            return 1;
        }
    }
    return count < 0 ? -1 : 0;
}

/** The public object of the key: 1, *object; 0 none; -1. */
static int find_public(struct session *session, const struct traits *traits, CK_OBJECT_HANDLE *object,
                       struct refusal *refusal)
{
    return find_by(session, CKO_PUBLIC_KEY,
                   traits->material.rsa ? attribute_of(CKA_MODULUS, traits->material.modulus)
                                        : attribute_of(CKA_EC_POINT, slice_of(&traits->point)),
                   object, 1, refusal);
}

/** The key under another id: private RSA keys tell their modulus, EC keys have a public object beside them. *public: that. */
static int find_elsewhere(struct session *session, const struct traits *traits, struct slice spki,
                          CK_OBJECT_HANDLE *object, CK_OBJECT_HANDLE *public, struct refusal *refusal)
{
    CK_OBJECT_HANDLE other = 0;
    struct bytes id = BYTES_EMPTY;
    int found = 0;

    if (traits->material.rsa) {
        found = find_by(session, CKO_PRIVATE_KEY, attribute_of(CKA_MODULUS, traits->material.modulus), object,
                        1, refusal);
        if (found == 1) {
            found = is_same(session, *object, spki) ? 1 : 0;
        }
    }
    if (found == 0) {
        found = find_public(session, traits, public, refusal);
        if (found == 1) {
            found = object_read(session, *public, CKA_ID, &id) == 0
                        ? find_with_id(session, slice_of(&id), spki, &other, refusal)
                        : 0;
            *object = found == 1 ? other : *object;
        }
    }
    bytes_free(&id);
    return found;
}

/** What is in its place when the key itself is not there. */
static int see_others(struct session *session, const struct key_wanted *wanted, CK_OBJECT_HANDLE with_id,
                      CK_OBJECT_HANDLE public, struct sight *sight, struct refusal *refusal)
{
    CK_OBJECT_HANDLE other = 0;
    int found = 0;

    if (with_id != 0) {
        return sight_other(session, with_id, "another private key with the same id", sight, refusal);
    }
    if (public != 0) {
        return sight_other(session, public, "its public key, without the private one", sight, refusal);
    }
    if (wanted->label.length > 0) {
        found = find_by(session, CKO_PRIVATE_KEY, attribute_of(CKA_LABEL, wanted->label), &other, 1, refusal);
    }
    if (found == 1) {
        return sight_other(session, other, "another private key", sight, refusal);
    }
    sight->letter = SIGHT_ABSENT;
    return found;
}

int key_object_see(struct session *session, const struct key_wanted *wanted, struct sight *sight,
                   struct refusal *refusal)
{
    struct traits traits;
    CK_OBJECT_HANDLE with_id = 0;
    CK_OBJECT_HANDLE public = 0;
    CK_OBJECT_HANDLE object = 0;
    int found = traits_read(wanted->spki, &traits, refusal);

    session->key = 0;
    if (found == 0) {
        found = find_with_id(session, wanted->id, wanted->spki, &with_id, refusal);
        object = with_id;
    }
    if (found == 0) {
        found = find_elsewhere(session, &traits, wanted->spki, &object, &public, refusal);
    }
    if (found == 1) {
        sight_present(session, object, sight);
    } else if (found == 0) {
        found = see_others(session, wanted, with_id, public, sight, refusal);
    }
    bytes_free(&traits.point);
    return found < 0 ? -1 : 0;
}

/* ---- putting -------------------------------------------------------------------------------------------------------- */

static bool has_use(struct slice uses, char letter)
{
    return uses.length > 0 && memchr(uses.data, letter, uses.length) != NULL;
}

/** The public object of an EC key. */
static int public_put(struct session *session, const struct key_wanted *wanted, const struct traits *traits,
                      CK_OBJECT_HANDLE *object, struct refusal *refusal)
{
    CK_OBJECT_CLASS class = CKO_PUBLIC_KEY;
    CK_KEY_TYPE type = CKK_EC;
    CK_BBOOL yes = CK_TRUE;
    CK_BBOOL no = CK_FALSE;
    CK_ATTRIBUTE template[] = {
        {CKA_CLASS, &class, sizeof(class)},
        {CKA_KEY_TYPE, &type, sizeof(type)},
        {CKA_TOKEN, &yes, sizeof(yes)},
        {CKA_PRIVATE, &no, sizeof(no)},
        {CKA_VERIFY, &yes, sizeof(yes)},
        attribute_of(CKA_LABEL, wanted->label),
        attribute_of(CKA_ID, wanted->id),
        attribute_of(CKA_EC_PARAMS, traits->material.curve),
        attribute_of(CKA_EC_POINT, slice_of(&traits->point)),
    };

    return writing_create(session, template, sizeof(template) / sizeof(template[0]), object, "the public key",
                          refusal);
}

/** The numbers of the key behind the attributes that every key has. Gives the count of all. */
static CK_ULONG numbers_add(const struct key_material *material, CK_ATTRIBUTE *template, CK_ULONG count)
{
    if (!material->rsa) {
        template[count++] = attribute_of(CKA_EC_PARAMS, material->curve);
        template[count++] = attribute_of(CKA_VALUE, material->scalar);
        return count;
    }
    template[count++] = attribute_of(CKA_MODULUS, material->modulus);
    template[count++] = attribute_of(CKA_PUBLIC_EXPONENT, material->exponent);
    template[count++] = attribute_of(CKA_PRIVATE_EXPONENT, material->private_exponent);
    template[count++] = attribute_of(CKA_PRIME_1, material->primes[0]);
    template[count++] = attribute_of(CKA_PRIME_2, material->primes[1]);
    template[count++] = attribute_of(CKA_EXPONENT_1, material->exponents[0]);
    template[count++] = attribute_of(CKA_EXPONENT_2, material->exponents[1]);
    template[count++] = attribute_of(CKA_COEFFICIENT, material->coefficient);
    return count;
}

static int private_put(struct session *session, const struct key_wanted *wanted,
                       const struct key_material *material, struct slice uses, CK_OBJECT_HANDLE *object,
                       struct refusal *refusal)
{
    CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
    CK_KEY_TYPE type = material->rsa ? CKK_RSA : CKK_EC;
    CK_BBOOL yes = CK_TRUE;
    CK_BBOOL no = CK_FALSE;
    CK_BBOOL extractable = has_use(uses, KEY_USE_EXTRACTABLE) ? CK_TRUE : CK_FALSE;
    CK_BBOOL decrypt = has_use(uses, KEY_USE_DECRYPT) && material->rsa ? CK_TRUE : CK_FALSE;
    CK_BBOOL agree = has_use(uses, KEY_USE_AGREE) && !material->rsa ? CK_TRUE : CK_FALSE;
    CK_ATTRIBUTE template[TEMPLATE_MAX] = {
        {CKA_CLASS, &class, sizeof(class)},     {CKA_KEY_TYPE, &type, sizeof(type)},
        {CKA_TOKEN, &yes, sizeof(yes)},         {CKA_PRIVATE, &yes, sizeof(yes)},
        {CKA_SENSITIVE, &yes, sizeof(yes)},     {CKA_EXTRACTABLE, &extractable, sizeof(extractable)},
        {CKA_SIGN, &yes, sizeof(yes)},          {CKA_DECRYPT, &decrypt, sizeof(decrypt)},
        {CKA_DERIVE, &agree, sizeof(agree)},    {CKA_UNWRAP, &no, sizeof(no)},
        attribute_of(CKA_LABEL, wanted->label), attribute_of(CKA_ID, wanted->id),
    };

    return writing_create(session, template, numbers_add(material, template, 12), object, "the private key",
                          refusal);
}

/** Whether the token keeps the key as it was asked to. */
static int kept_check(struct session *session, CK_OBJECT_HANDLE object, struct slice uses,
                      struct refusal *refusal)
{
    if (!object_says(session, object, CKA_SENSITIVE, false)) {
        return refuse(refusal, WIRE_FAILED, "it does not keep the private key as sensitive");
    }
    if (!has_use(uses, KEY_USE_EXTRACTABLE) && object_says(session, object, CKA_EXTRACTABLE, true)) {
        return refuse(refusal, WIRE_FAILED, "it does not keep the private key as not extractable");
    }
    if (object_says(session, object, CKA_UNWRAP, false)) {
        return refuse(refusal, WIRE_FAILED, "it lets the private key unwrap others");
    }
    return 0;
}

/** Destroys what a put that failed had created. What does not go is found by whoever looks again. */
static void forget(struct session *session, CK_OBJECT_HANDLE object, const char *what)
{
    struct refusal unheard;

    if (object != 0 && writing_destroy(session, object, what, &unheard) != 0) {
        session->key = 0;
    }
}

int key_object_put(struct session *session, const struct key_wanted *wanted, struct slice pkcs8,
                   struct slice uses, struct refusal *refusal)
{
    struct key_material material;
    struct traits traits;
    CK_OBJECT_HANDLE public = 0;
    CK_OBJECT_HANDLE private = 0;
    int status = traits_read(wanted->spki, &traits, refusal);

    if (status == 0 && (key_material_read(pkcs8, &material) != 0 || material.rsa != traits.material.rsa)) {
        status = refuse(refusal, WIRE_FAILED, "what was sent is no private key of RSA or EC");
    }
    if (status == 0) {
        status = writing_begin(session, refusal);
    }
    if (status == 0 && !material.rsa) {
        status = public_put(session, wanted, &traits, &public, refusal);
    }
    if (status == 0) {
        status = private_put(session, wanted, &material, uses, &private, refusal);
    }
    if (status == 0) {
        status = kept_check(session, private, uses, refusal);
    }
    if (status != 0) {
        forget(session, private, "the private key");
        forget(session, public, "the public key");
    }
    bytes_free(&traits.point);
    return status;
}

/* ---- taking --------------------------------------------------------------------------------------------------------- */

/** Destroys the private objects: 0, or -1. */
static int private_take(struct session *session, const struct key_wanted *wanted, struct refusal *refusal)
{
    const struct key_wanted any = {wanted->spki, wanted->id, {NULL, 0}};
    size_t i;

    for (i = 0; i < WRITING_COPIES_MAX; i++) {
        struct sight sight;
        int status;
        bool present;

        memset(&sight, 0, sizeof(sight));
        status = key_object_see(session, &any, &sight, refusal);
        present = sight.letter == SIGHT_PRESENT;
        if (status == 0 && present && (status = writing_begin(session, refusal)) == 0) {
            status = writing_destroy(session, sight.object, "the private key", refusal);
        }
        sight_free(&sight);
        session->key = 0;
        if (status != 0 || !present) {
            return status;
        }
    }
    return refuse(refusal, WIRE_FAILED, "the private key does not go away");
}

int key_object_take(struct session *session, const struct key_wanted *wanted, struct refusal *refusal)
{
    struct traits traits;
    CK_OBJECT_HANDLE public = 0;
    int found = traits_read(wanted->spki, &traits, refusal);
    size_t i;

    if (found == 0) {
        found = private_take(session, wanted, refusal);
    }
    if (found == 0) {
        found = find_public(session, &traits, &public, refusal);
    }
    for (i = 0; found == 1 && i < WRITING_COPIES_MAX; i++) {
        found = writing_begin(session, refusal);
        if (found == 0) {
            found = writing_destroy(session, public, "the public key", refusal);
        }
        if (found == 0) {
            found = find_public(session, &traits, &public, refusal);
        }
    }
    if (found == 1) {
        found = refuse(refusal, WIRE_FAILED, "the public key does not go away");
    }
    bytes_free(&traits.point);
    return found;
}
