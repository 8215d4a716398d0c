/* SPDX-License-Identifier: Apache-2.0 */
/* What the ledger knows of a certificate that is taken in: its name before, then its row, its files, its event. */
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "issuing/settings.h"
#include "issuing/settled.h"
#include "issuing/twin.h"
#include "ledger/ledger_directory.h"
#include "operations/installing.h"
#include "operations/namesake.h"
#include "x509/name.h"

/* Looks for the very same certificate under another name. */
struct same {
    struct slice der;
    const char *name;
    char other[256]; /* "": none */
};

static int look_for_twin(void *state, const struct ledger_certificate *row)
{
    struct same *twin = state;

    if (!slice_equal(slice_of(&row->der), twin->der) || strcmp(row->name, twin->name) == 0) {
        return 0;
    }
    memcpy(twin->other, row->name, sizeof(twin->other));
    return 1;
}

/* A serial must mean one certificate: what has its row under another name gets no second one. */
static int check_twin(struct installing *installing)
{
    const struct certificate_view *view = &installing->steps[0];
    struct same twin = {.der = view->whole, .name = installing->order->name};
    int found = ledger_each_of_serial(installing->directory.ledger, serial_magnitude(view->serial), true,
                                      look_for_twin, &twin, installing->faults);

    if (found == 1) {
        fault_error(installing->faults, NULL, installing->order->name, NULL,
                    "the ledger has this very certificate under the name %s", twin.other);
    }
    return found == 0 ? 0 : -1;
}

/* Nor has an authority two names: each would have a list without what the other revoked. */
static int check_authority(struct installing *installing)
{
    struct twin twin;
    int found = 0;

    if (installing->report->authority) {
        found = twin_find(installing->context, installing->directory.ledger, installing->order->name,
                          &installing->steps[0], &twin, installing->faults);
    }
    if (found == 1) {
        fault_error(installing->faults, NULL, installing->order->name,
                    "install it under that name, or ask for a certificate with a key of its own",
                    "it has the key and the subject of %s, which is here", twin.name);
    }
    return found == 0 ? 0 : -1;
}

/* Whether @p row, of that name, leaves it to the certificate: it was taken in, and for an authority it has the same key. */
static bool leaves_name(const struct installing *installing, const struct ledger_certificate *row)
{
    struct digest spki;

    return row->adopted && row->authority == installing->report->authority &&
           (!row->authority || (digest_of(installing->context, installing->steps[0].spki, &spki) == 0 &&
                                digest_equal(&spki, &row->spki)));
}

int install_check_name(struct installing *installing)
{
    struct ledger_certificate *row = &installing->standing;
    int found = ledger_find_certificate(installing->directory.ledger, installing->order->name, row,
                                        installing->faults);

    if (found == 1 && !leaves_name(installing, row)) {
        install_complain(installing, "choose another name",
                         !row->adopted ? "the certificate of that name was issued here"
                         : !row->authority
                             ? "a certificate of that name that is no authority's was taken in before"
                             : "another authority of that name was taken in before");
        return -1;
    }
    installing->report->known = found == 1 && slice_equal(slice_of(&row->der), installing->steps[0].whole);
    if (found < 0 || (found == 0 && namesake_check(&installing->directory, installing->order->name,
                                                   installing->faults) != 0)) {
        return -1;
    }
    return check_twin(installing) == 0 ? check_authority(installing) : -1;
}

static int fill(char *to, size_t room, const char *text)
{
    int length = snprintf(to, room, "%s", text);

    return length >= 0 && (size_t)length < room ? 0 : -1;
}

/* The generation of an authority's own key: of it are the serials below it, and, since no other authority here signed it, its own. */
static int put_own_generation(struct installing *installing, struct ledger_generation *generation)
{
    if (fill(generation->name, sizeof(generation->name), installing->order->name) != 0 ||
        digest_of(installing->context, installing->steps[0].spki, &generation->spki) != 0) {
        fault_memory(installing->faults);
        return -1;
    }
    generation->current = true;
    return ledger_put_generation(installing->directory.ledger, generation, installing->faults);
}

/* What a certificate calls its issuer, in @p room bytes; a long name is cut. */
static int name_issuer(const struct certificate_view *view, char *to, size_t room)
{
    struct bytes text = BYTES_EMPTY;
    struct bytes shown = BYTES_EMPTY;
    size_t length;
    int status = -1;

    if ((name_is_empty(view->issuer) ? bytes_append_text(&text, "(without a name)")
                                     : name_format(view->issuer, &text)) == 0 &&
        utf8_append_printable(&shown, slice_of(&text)) == 0) {
        length = shown.length;
        if (length >= room) {
            length = room - sizeof("...");
            while (length > 0 && (shown.data[length] & 0xc0) == 0x80) {
                length--; /* not within a character */
            }
        }
        status = fill(to, room, "") == 0 && snprintf(to, room, "%.*s%s", (int)length, bytes_text(&shown),
                                                     length < shown.length ? "..." : "") >= 0
                     ? 0
                     : -1;
    }
    bytes_free(&text);
    bytes_free(&shown);
    return status;
}

/*
 * The generation of an issuer that is elsewhere. Its certificate may not be given, so what stands for its key is what every certificate
 * under it says of it: its name, and its key identifier where there is one.
 */
static int put_foreign_generation(struct installing *installing, struct ledger_generation *generation)
{
    const struct certificate_view *view = &installing->steps[0];
    struct digester *digester = digester_new(installing->context);
    int status = -1;

    if (digester != NULL) {
        digester_add_field(digester, view->issuer);
        digester_add_field(digester, view->authority_key_identifier);
        if (digester_final(digester, &generation->spki) == 0 &&
            name_issuer(view, generation->name, sizeof(generation->name)) == 0) {
            status = 0;
        }
    }
    digester_free(digester);
    if (status != 0) {
        fault_memory(installing->faults);
        return -1;
    }
    return ledger_put_foreign_generation(installing->directory.ledger, generation, installing->faults);
}

/* The certificate's row. *id is the row's. */
static int put_certificate(struct installing *installing, int64_t *id)
{
    const struct certificate_view *view = &installing->steps[0];
    struct ledger *ledger = installing->directory.ledger;
    const struct slice serial = serial_magnitude(view->serial);
    bool authority = installing->report->authority;
    struct ledger_generation generation = {.created = context_now(installing->context)};
    struct ledger_certificate row = {.authority = authority,
                                     .adopted = true,
                                     .not_before = view->not_before,
                                     .not_after = view->not_after,
                                     .created = generation.created};
    int status = -1;

    if (installing->report->known) {
        *id = installing->standing.id;
        return 0;
    }
    if (fill(row.name, sizeof(row.name), installing->order->name) != 0 ||
        digest_of(installing->context, view->spki, &row.spki) != 0 ||
        bytes_append(&row.serial, serial.data, serial.length) != 0) {
        fault_memory(installing->faults);
        goto out;
    }
    if ((authority ? put_own_generation(installing, &generation)
                   : put_foreign_generation(installing, &generation)) != 0) {
        goto out;
    }
    row.generation = generation.id;
    row.own_generation = authority ? generation.id : 0;
    if (ledger_put_intent(ledger, &row, installing->faults) == 0 &&
        ledger_put_issued(ledger, row.id, view->whole, row.not_before, row.not_after, installing->faults) ==
            0) {
        *id = row.id;
        status = 0;
    }
out:
    ledger_certificate_free(&row);
    return status;
}

/* Where its key is and what opens it is kept for whoever signs with it. */
static int put_settings(struct installing *installing)
{
    struct ledger_authority settings = installing->settings;
    const struct passphrase_spec *spec = installing->tokens != NULL ? &installing->token.pin
                                         : installing->locked       ? &installing->spec
                                                                    : NULL;
    struct bytes text = BYTES_EMPTY;
    int status = -1;

    if (installing->tokens == NULL) {
        settings.key[0] = '\0';
    }
    if (fill(settings.name, sizeof(settings.name), installing->order->name) != 0 ||
        (spec != NULL && (settings_spec(spec, NULL, &text) != 0 ||
                          fill(settings.passphrase, sizeof(settings.passphrase), bytes_text(&text)) != 0))) {
        fault_memory(installing->faults);
    } else {
        status = ledger_put_authority(installing->directory.ledger, &settings, installing->faults);
    }
    bytes_free(&text);
    return status;
}

static int put_output(struct installing *installing, int64_t id, size_t index)
{
    struct ledger_output output = {
        .certificate = id,
        .kind = (int)(index == 0 ? OUTPUT_CERTIFICATE : OUTPUT_TRUST),
        .path = (char *)installing->paths[index].data,
    };

    if (fill(output.name, sizeof(output.name), installing->order->name) != 0 ||
        digest_of(installing->context, slice_of(&installing->contents[index]), &output.content) != 0 ||
        publisher_stamp(installing->publisher, index, &output.stamp) != 0) {
        fault_error(installing->faults, NULL, NULL, NULL, "%s cannot be recorded", output.path);
        return -1;
    }
    return ledger_put_output(installing->directory.ledger, &output, installing->faults);
}

static int put_event(struct installing *installing, int64_t id)
{
    const struct certificate_view *view = &installing->steps[0];
    struct ledger_event event = {.what = LEDGER_EVENT_INSTALLED, .certificate = id};

    if (fill(event.detail, sizeof(event.detail), installing->order->name) != 0 ||
        digest_of(installing->context, view->whole, &event.content) != 0) {
        fault_memory(installing->faults);
        return -1;
    }
    return ledger_put_event(installing->directory.ledger, &event, installing->faults);
}

static int record_rows(struct installing *installing)
{
    int64_t id = 0;

    if (put_certificate(installing, &id) != 0 ||
        (installing->report->authority && put_settings(installing) != 0)) {
        return -1;
    }
    for (size_t i = 0; i < installing->file_count; i++) {
        if (put_output(installing, id, i) != 0) {
            return -1;
        }
    }
    if (!installing->report->known && put_event(installing, id) != 0) {
        return -1;
    }
    return settled_forget(installing->directory.ledger, installing->faults);
}

int install_record(struct installing *installing)
{
    if (ledger_begin(installing->directory.ledger, installing->faults) != 0) {
        return -1;
    }
    if (record_rows(installing) != 0) {
        ledger_rollback(installing->directory.ledger);
        return -1;
    }
    return ledger_commit(installing->directory.ledger, installing->faults);
}
