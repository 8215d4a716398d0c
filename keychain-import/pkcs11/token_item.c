/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Items looked at, put, taken and proven. What a helper answers decides nothing that is not checked again where that can be: a signature is
 * held against the certificate's own key.
 */
#include "pkcs11/token_item.h"

#include <string.h>

#include "base/utf8.h"
#include "pkcs11/token_store.h"
#include "pkcs11/words.h"
#include "token/token_signer.h"
#include "x509/certificate.h"
#include "x509/extension.h"
#include "x509/name.h"

/** Shortest RSA key taken. */
#define RSA_BITS_MIN 2048

/** What is known of an item before the token is asked. */
struct subject {
    struct certificate_view view;
    struct bytes spki; /* in the form our own keys have */
    bool fit;          /* its key is of a kind that goes into tokens */
    struct bytes id;   /* CKA_ID when the token has none for it yet */
    struct bytes label;
    bool label_said; /* it was asked for */
};

/* ---- the subject ---------------------------------------------------------------------------------------------------- */

static bool key_is_fit(const struct key *key)
{
    if (key_family_of(key) == KEY_FAMILY_RSA) {
        return key_bits(key) >= RSA_BITS_MIN;
    }
    return key_family_of(key) == KEY_FAMILY_EC && key_algorithm_of(key) != KEY_FOREIGN;
}

/** The public key, written the one way; a foreign one as it is. */
static int spki_take(const struct token_store *store, struct subject *subject, struct faults *faults)
{
    struct faults *unheard = faults_new();
    struct key *key = NULL;
    int status = -1;

    if (unheard != NULL) {
        key = key_from_spki(store->store.context, subject->view.spki, unheard);
    }
    if (key != NULL) {
        subject->fit = key_is_fit(key);
        status = key_spki(key, &subject->spki, faults);
    } else if (unheard == NULL ||
               bytes_append(&subject->spki, subject->view.spki.data, subject->view.spki.length) != 0) {
        fault_memory(faults);
    } else {
        status = 0;
    }
    key_free(key);
    faults_free(unheard);
    return status;
}

/** The id: what the place says for the leaf, else the key's own. */
static int id_take(const struct token_store *store, struct subject *subject, struct faults *faults)
{
    const struct bytes *said = &store->place.uri.id;
    unsigned char own[KEY_ID_LENGTH];

    if (said->length > 0 && !subject->view.ca) {
        if (bytes_append(&subject->id, said->data, said->length) != 0) {
            fault_memory(faults);
            return -1;
        }
        return 0;
    }
    if (certificate_key_identifier(store->store.context, slice_of(&subject->spki), own) != 0) {
        fault_openssl(faults, "cannot hash a public key");
        return -1;
    }
    if (bytes_append(&subject->id, own, sizeof(own)) != 0) {
        fault_memory(faults);
        return -1;
    }
    return 0;
}

/** The label: the item's, what the place says for the leaf, the CN; without any the id. */
static int label_take(const struct token_store *store, const struct item *item, struct subject *subject,
                      struct faults *faults)
{
    const struct bytes *said = &store->place.uri.object;
    struct bytes *label = &subject->label;
    int status;

    if (item->label != NULL) {
        status = bytes_append_text(label, item->label);
        subject->label_said = true;
    } else if (said->length > 0 && !subject->view.ca) {
        status = bytes_append(label, said->data, said->length);
        subject->label_said = true;
    } else {
        status = name_common_name(subject->view.subject, label) == 1 && label->length > 0
                     ? 0
                     : bytes_append_hex(label, slice_of(&subject->id), 0);
    }
    if (status != 0) {
        fault_memory(faults);
    }
    return status;
}

static void subject_free(struct subject *subject)
{
    bytes_free(&subject->spki);
    bytes_free(&subject->id);
    bytes_free(&subject->label);
}

static int subject_read(const struct token_store *store, const struct item *item, struct subject *subject,
                        struct faults *faults)
{
    memset(subject, 0, sizeof(*subject));
    if (certificate_view_read(item->certificate, &subject->view) != 0) {
        fault_error(faults, NULL, NULL, NULL, "%s: what is meant for it is no certificate", store->shown);
        return -1;
    }
    if (spki_take(store, subject, faults) != 0 || id_take(store, subject, faults) != 0 ||
        label_take(store, item, subject, faults) != 0) {
        subject_free(subject);
        return -1;
    }
    return 0;
}

/* ---- seeing --------------------------------------------------------------------------------------------------------- */

/** @p others: what stands in its place is looked for as well. */
static int certificate_see(struct token_store *store, const struct item *item, bool others,
                           struct token_sight *sight, struct faults *faults)
{
    const struct slice fields[] = {item->certificate, slice_of_text(others ? SEE_OTHERS : "")};

    return token_store_see(store, WIRE_SEE_CERTIFICATE, fields, 2, sight, faults);
}

/** A key of a kind that no token here has is absent. */
static int key_see(struct token_store *store, const struct subject *subject, bool with_label,
                   struct token_sight *sight, struct faults *faults)
{
    const struct slice none = {NULL, 0};
    const struct slice fields[] = {slice_of(&subject->spki), slice_of(&subject->id),
                                   with_label && subject->label_said ? slice_of(&subject->label) : none};

    if (!subject->fit) {
        *sight = (struct token_sight){SIGHT_ABSENT, none, none};
        return 0;
    }
    return token_store_see(store, WIRE_SEE_KEY, fields, 3, sight, faults);
}

static int item_see(struct token_store *store, const struct item *item, const struct subject *subject,
                    struct token_sight *sight, struct faults *faults)
{
    return item->kind == ITEM_KEY ? key_see(store, subject, true, sight, faults)
                                  : certificate_see(store, item, true, sight, faults);
}

/** The subject takes over the id of what it belongs to: a certificate that of its key, a key that of its certificate. */
static int id_of_partner(struct token_store *store, const struct item *item, struct subject *subject,
                         struct faults *faults)
{
    struct token_sight sight;

    if ((item->kind == ITEM_KEY ? certificate_see(store, item, false, &sight, faults)
                                : key_see(store, subject, false, &sight, faults)) != 0) {
        return -1;
    }
    if (sight.letter == SIGHT_PRESENT && sight.id.length > 0) {
        bytes_clear(&subject->id);
        if (bytes_append(&subject->id, sight.id.data, sight.id.length) != 0) {
            fault_memory(faults);
            return -1;
        }
    }
    return 0;
}

/** What is to be put there next would not be taken: the token says so itself. A warning, once, for some say it and take it all the same. */
static void warn_of_trouble(struct token_store *store, struct faults *faults)
{
    if (store->trouble.length > 0) {
        fault_warning(faults, NULL, NULL, NULL, "%s: the token says of itself: %s", store->shown,
                      bytes_text(&store->trouble));
        bytes_clear(&store->trouble);
    }
}

int token_item_look(struct store *base, const struct item *item, struct sighting *sighting,
                    struct faults *faults)
{
    struct token_store *store = (struct token_store *)base;
    struct subject subject;
    struct token_sight sight = {SIGHT_ABSENT, {NULL, 0}, {NULL, 0}};
    int status;

    sighting_free(sighting);
    if (item->kind == ITEM_TRUST) {
        return 0;
    }
    if (subject_read(store, item, &subject, faults) != 0) {
        return -1;
    }
    status = item->kind == ITEM_KEY ? id_of_partner(store, item, &subject, faults) : 0;
    if (status == 0) {
        status = item_see(store, item, &subject, &sight, faults);
    }
    if (status == 0) {
        sighting->presence = sight.letter == SIGHT_PRESENT ? PRESENCE_PRESENT
                             : sight.letter == SIGHT_OTHER ? PRESENCE_DIFFERENT
                                                           : PRESENCE_ABSENT;
    }
    if (status == 0 && sight.letter == SIGHT_OTHER &&
        utf8_append_printable(&sighting->reason, sight.text) != 0) {
        fault_memory(faults);
        status = -1;
    }
    if (status == 0 && sight.letter == SIGHT_ABSENT) {
        warn_of_trouble(store, faults);
    }
    subject_free(&subject);
    return status;
}

/* ---- taking --------------------------------------------------------------------------------------------------------- */

static int take(struct token_store *store, const struct item *item, const struct subject *subject,
                struct faults *faults)
{
    const struct slice fields[] = {slice_of(&subject->spki), slice_of(&subject->id)};

    if (item->kind == ITEM_CERTIFICATE) {
        return token_store_do(store, WIRE_TAKE_CERTIFICATE, &item->certificate, 1, faults);
    }
    return subject->fit ? token_store_do(store, WIRE_TAKE_KEY, fields, 2, faults) : 0;
}

int token_item_take(struct store *base, const struct item *item, struct slice before, struct faults *faults)
{
    struct token_store *store = (struct token_store *)base;
    struct subject subject;
    int status;

    (void)before;
    if (item->kind == ITEM_TRUST) {
        return 0;
    }
    if (subject_read(store, item, &subject, faults) != 0) {
        return -1;
    }
    status = take(store, item, &subject, faults);
    subject_free(&subject);
    return status;
}

/* ---- putting -------------------------------------------------------------------------------------------------------- */

/** One try to leave nothing: looks, and takes what is there. */
static int leave_nothing(struct token_store *store, const struct item *item, const struct subject *subject,
                         struct faults *unheard)
{
    struct token_sight sight;

    if ((item->kind == ITEM_KEY ? key_see(store, subject, false, &sight, unheard)
                                : certificate_see(store, item, false, &sight, unheard)) != 0) {
        return -1;
    }
    return sight.letter == SIGHT_ABSENT ? 0 : take(store, item, subject, unheard);
}

/**
 * A put failed, and may have had its effect all the same: the helper's own cleaning up may have failed, or the helper is gone. The item was
 * absent before, so whatever is there now is what the put left.
 */
static void undo(struct token_store *store, const struct item *item, const struct subject *subject,
                 struct faults *faults)
{
    struct faults *unheard = faults_new();

    if (unheard == NULL ||
        (leave_nothing(store, item, subject, unheard) != 0 &&
         (token_store_reopen(store) != 0 || leave_nothing(store, item, subject, unheard) != 0))) {
        fault_error(faults, NULL, NULL, "look again when the token works",
                    "%s: a part of the %s may be left in it", store->shown, item_kind_word(item->kind));
    }
    faults_free(unheard);
}

/** What the key is used for besides signatures, and whether it may leave. */
static void uses_of(const struct item *item, const struct subject *subject, char uses[4])
{
    const struct certificate_view *view = &subject->view;
    size_t count = 0;

    if (item->extractable == EXTRACTABLE_YES) {
        uses[count++] = KEY_USE_EXTRACTABLE;
    }
    if (view->has_key_usage &&
        (view->key_usage & (KEY_USAGE_KEY_ENCIPHERMENT | KEY_USAGE_DATA_ENCIPHERMENT)) != 0) {
        uses[count++] = KEY_USE_DECRYPT;
    }
    if (view->has_key_usage && (view->key_usage & KEY_USAGE_KEY_AGREEMENT) != 0) {
        uses[count++] = KEY_USE_AGREE;
    }
    uses[count] = 0;
}

static int key_put(struct token_store *store, const struct item *item, const struct subject *subject,
                   struct faults *faults)
{
    struct bytes pkcs8 = BYTES_EMPTY;
    char uses[4];
    int status = -1;

    if (!subject->fit) {
        fault_error(faults, NULL, NULL, "RSA of 2048 bits or more, or EC on P-256, P-384 or P-521",
                    "%s: keys of this kind are not put into tokens", store->shown);
    } else if (key_pkcs8(item->key, &pkcs8, faults) == 0) {
        uses_of(item, subject, uses);

        const struct slice fields[] = {slice_of(&pkcs8), slice_of(&subject->spki), slice_of(&subject->label),
                                       slice_of(&subject->id), slice_of_text(uses)};

        status = token_store_do(store, WIRE_PUT_KEY, fields, 5, faults);
        if (status != 0) {
            undo(store, item, subject, faults);
        }
    }
    bytes_free(&pkcs8);
    return status;
}

static int certificate_put(struct token_store *store, const struct item *item, const struct subject *subject,
                           struct faults *faults)
{
    const struct slice fields[] = {item->certificate, slice_of(&subject->label), slice_of(&subject->id)};
    int status = -1;

    if (item->certificate.length > WORDS_CERTIFICATE_MAX) {
        fault_error(faults, NULL, NULL, NULL, "%s: a certificate of %zu octets is too long for it",
                    store->shown, item->certificate.length);
        return -1;
    }
    status = token_store_do(store, WIRE_PUT_CERTIFICATE, fields, 3, faults);
    if (status != 0) {
        undo(store, item, subject, faults);
    }
    return status;
}

int token_item_put(struct store *base, const struct item *item, struct faults *faults)
{
    struct token_store *store = (struct token_store *)base;
    struct subject subject;
    int status = -1;

    if (subject_read(store, item, &subject, faults) != 0) {
        return -1;
    }
    if (id_of_partner(store, item, &subject, faults) == 0) {
        status = item->kind == ITEM_KEY ? key_put(store, item, &subject, faults)
                                        : certificate_put(store, item, &subject, faults);
    }
    subject_free(&subject);
    return status;
}

/* ---- proving -------------------------------------------------------------------------------------------------------- */

/** Sees an item that must be there. @p what: "certificate". */
static int must_see(struct token_store *store, int status, const struct token_sight *sight, const char *what,
                    struct faults *faults)
{
    if (status == 0 && sight->letter != SIGHT_PRESENT) {
        fault_error(faults, NULL, NULL, NULL, "%s: the %s is not in it", store->shown, what);
        status = -1;
    }
    return status;
}

static int key_prove(struct token_store *store, const struct subject *subject, struct slice id,
                     struct faults *faults)
{
    struct token_sight sight;
    int status = must_see(store, key_see(store, subject, false, &sight, faults), &sight, "key", faults);

    if (status == 0 && !slice_equal(sight.id, id)) {
        fault_error(faults, NULL, NULL, "programs match them by that",
                    "%s: key and certificate do not have the same id", store->shown);
        status = -1;
    }
    return status == 0 ? token_key_try(store->store.context, store->link, slice_of(&subject->spki),
                                       store->shown, faults)
                       : -1;
}

int token_item_prove(struct store *base, const struct item *item, struct faults *faults)
{
    struct token_store *store = (struct token_store *)base;
    struct subject subject;
    struct token_sight sight;
    int status;

    if (item->kind == ITEM_TRUST) {
        fault_error(faults, NULL, NULL, NULL, "%s: it holds no anchors", store->shown);
        return -1;
    }
    if (subject_read(store, item, &subject, faults) != 0) {
        return -1;
    }
    status =
        must_see(store, certificate_see(store, item, false, &sight, faults), &sight, "certificate", faults);
    if (status == 0 && item->kind == ITEM_KEY) {
        bytes_clear(&subject.id);
        status = bytes_append(&subject.id, sight.id.data, sight.id.length);
        if (status != 0) {
            fault_memory(faults);
        } else {
            status = key_prove(store, &subject, slice_of(&subject.id), faults);
        }
    }
    subject_free(&subject);
    return status;
}

/* ---- the URI -------------------------------------------------------------------------------------------------------- */

/** The URI of what was seen: token, id and label. Never the PIN, nor where it comes from, and not the module (token_place.h). */
static int uri_write(const struct token_store *store, const struct token_sight *sight, struct bytes *uri)
{
    const struct token_place *place = &store->place;

    if (bytes_append_text(uri, "pkcs11:") != 0) {
        return -1;
    }
    if (place->uri.token.length == 0 &&
        (token_uri_append(uri, "token", slice_of(&store->label), false) != 0 ||
         bytes_append_text(uri, place->chosen.length > 0 ? ";" : "") != 0)) {
        return -1;
    }
    if (bytes_append(uri, place->chosen.data, place->chosen.length) != 0 ||
        bytes_append_byte(uri, ';') != 0 || token_uri_append(uri, "id", sight->id, true) != 0 ||
        (sight->text.length > 0 &&
         (bytes_append_byte(uri, ';') != 0 || token_uri_append(uri, "object", sight->text, false) != 0))) {
        return -1;
    }
    return 0;
}

int token_item_reference(struct store *base, const struct item *item, struct bytes *reference,
                         struct faults *faults)
{
    struct token_store *store = (struct token_store *)base;
    struct subject subject;
    struct token_sight sight;
    int status;

    if (subject_read(store, item, &subject, faults) != 0) {
        return -1;
    }
    status = item->kind == ITEM_KEY ? id_of_partner(store, item, &subject, faults) : 0;
    if (status == 0) {
        status = must_see(store,
                          item->kind == ITEM_KEY ? key_see(store, &subject, false, &sight, faults)
                                                 : certificate_see(store, item, false, &sight, faults),
                          &sight, item_kind_word(item->kind), faults);
    }
    if (status == 0 && uri_write(store, &sight, reference) != 0) {
        fault_memory(faults);
        status = -1;
    }
    subject_free(&subject);
    return status;
}
