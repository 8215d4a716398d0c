/* SPDX-License-Identifier: Apache-2.0 */
/* All certificates, held against all private keys by their ids. */
#include "pkcs11/helper/listing.h"

#include <stdlib.h>
#include <string.h>

#include "pkcs11/words.h"
#include "token/helper/object.h"

/** Most objects of a class that are looked at. */
#define OBJECTS_MAX 100000

/** All objects of a class, in an array to be freed. */
static int collect(struct session *session, CK_OBJECT_CLASS class, const char *what, CK_OBJECT_HANDLE **found,
                   size_t *count, struct refusal *refusal)
{
    CK_ATTRIBUTE template = {CKA_CLASS, &class, sizeof(class)};
    int number;

    *found = calloc(OBJECTS_MAX, sizeof(**found));
    *count = 0;
    if (*found == NULL) {
        return refuse(refusal, WIRE_FAILED, "memory is out");
    }
    number = object_find(session, &template, 1, *found, OBJECTS_MAX, what, refusal);
    if (number == OBJECTS_MAX) {
        return refuse(refusal, WIRE_FAILED, "it has more than %d objects", OBJECTS_MAX);
    }
    *count = number > 0 ? (size_t)number : 0;
    return number < 0 ? -1 : 0;
}

static int keys_collect(struct listing *listing, struct session *session, struct refusal *refusal)
{
    CK_OBJECT_HANDLE *found = NULL;
    size_t count = 0;
    size_t i;
    int status = collect(session, CKO_PRIVATE_KEY, "private keys", &found, &count, refusal);

    if (status == 0 && count > 0 && (listing->keys = calloc(count, sizeof(*listing->keys))) == NULL) {
        status = refuse(refusal, WIRE_FAILED, "memory is out");
    }
    for (i = 0; status == 0 && listing->keys != NULL && i < count; i++) {
        struct listed_key *key = &listing->keys[listing->key_count];

        if (object_read(session, found[i], CKA_ID, &key->id) == 0) {
            key->extractable = object_says(session, found[i], CKA_EXTRACTABLE, true) ||
                               !object_says(session, found[i], CKA_SENSITIVE, false);
            listing->key_count++;
        }
    }
    free(found);
    return status;
}

/** The marks of a certificate with this id. */
static int marks_of(const struct listing *listing, const struct bytes *id, struct bytes *marks)
{
    size_t i;

    for (i = 0; i < listing->key_count; i++) {
        const struct listed_key *key = &listing->keys[i];

        if (slice_equal(slice_of(&key->id), slice_of(id))) {
            return bytes_append_byte(marks, MARK_KEY) == 0 &&
                           (!key->extractable || bytes_append_byte(marks, MARK_EXTRACTABLE) == 0)
                       ? 0
                       : -1;
        }
    }
    return 0;
}

static int describe(const struct listing *listing, struct session *session, CK_OBJECT_HANDLE object,
                    struct bytes facts[LISTING_FACTS], struct refusal *refusal)
{
    struct bytes id = BYTES_EMPTY;
    int status = 0;

    if (object_read(session, object, CKA_VALUE, &facts[0]) != 0) {
        bytes_clear(&facts[0]);
    }
    if (object_read(session, object, CKA_LABEL, &facts[1]) != 0) {
        bytes_clear(&facts[1]);
    }
    if (object_read(session, object, CKA_ID, &id) == 0 && marks_of(listing, &id, &facts[2]) != 0) {
        status = refuse(refusal, WIRE_FAILED, "memory is out");
    }
    bytes_free(&id);
    return status;
}

int listing_read(struct listing *listing, struct session *session, unsigned number,
                 struct bytes facts[LISTING_FACTS], struct refusal *refusal)
{
    if (number == 0) {
        listing_free(listing);
        if (keys_collect(listing, session, refusal) != 0 ||
            collect(session, CKO_CERTIFICATE, "certificates", &listing->certificates,
                    &listing->certificate_count, refusal) != 0) {
            return -1;
        }
    }
    if (number >= listing->certificate_count) {
        return 0;
    }
    return describe(listing, session, listing->certificates[number], facts, refusal) == 0 ? 1 : -1;
}

void listing_free(struct listing *listing)
{
    size_t i;

    for (i = 0; i < listing->key_count; i++) {
        bytes_free(&listing->keys[i].id);
    }
    free(listing->keys);
    free(listing->certificates);
    memset(listing, 0, sizeof(*listing));
}
