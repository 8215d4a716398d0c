/* SPDX-License-Identifier: Apache-2.0 */
/* Complaints about an entry after the manifest was read. */
#include <stdarg.h>
#include <stdio.h>

#include "manifest/field.h"
#include "manifest/manifest.h"

/** The place of @p spot, as near as it is known. */
static struct place spot_place(const struct entry *entry, struct entry_spot spot)
{
    struct place place = entry->place;

    switch (spot.field) {
    case ENTRY_WHOLE:
        break;
    case ENTRY_PASSPHRASE:
        place = entry->passphrase_place;
        break;
    case ENTRY_KEY:
        place = entry->token_place;
        break;
    case ENTRY_PIN:
        place = entry->pin_place;
        break;
    case ENTRY_ADOPT_CERTIFICATE:
        place = entry->adopt_certificate_place;
        break;
    case ENTRY_ADOPT_KEY:
        place = entry->adopt_key_place;
        break;
    case ENTRY_ADOPT_PASSPHRASE:
        place = entry->adopt_passphrase_place;
        break;
    case ENTRY_REVOKED:
        place = entry->revoked_place;
        break;
    case ENTRY_CRL:
        break;
    case ENTRY_BUNDLE_PASSPHRASE:
        place = spot.bundle->passphrase_place;
        if (place.line != 0) {
            break;
        }
        /* fall through */
    case ENTRY_BUNDLE:
        place = spot.bundle->place;
        break;
    }
    if (place.line == 0) {
        return entry->place;
    }
    /* of a fleet some is said in the table and some in the manifest, both of which are kept as long as it is */
    if (!entry_is_of_fleet(entry)) {
        place.file = entry->place.file;
    }
    return place;
}

/** An entry that was read from no file has no way to it but its name. */
static int spot_path(const struct entry *entry, struct entry_spot spot, struct bytes *text)
{
    struct path top = {NULL, entry->kind == ENTRY_AUTHORITY ? "authorities" : "certificates", 0};
    struct path name = {entry_section(entry)[0] != '\0' ? &top : NULL, entry->name, 0};
    struct path first = {&name, "adopt", 0}, second = {&first, NULL, 0}, third = {&second, "passphrase", 0};

    switch (spot.field) {
    case ENTRY_WHOLE:
        return path_render(&name, text);
    case ENTRY_PASSPHRASE:
        first.key = "passphrase";
        return path_render(&first, text);
    case ENTRY_KEY:
        first.key = entry->adopt_certificate != NULL ? "adopt" : "key";
        second.key = "key";
        return path_render(entry->adopt_certificate != NULL ? &second : &first, text);
    case ENTRY_PIN:
        first.key = "pin";
        return path_render(&first, text);
    case ENTRY_ADOPT_CERTIFICATE:
    case ENTRY_ADOPT_KEY:
    case ENTRY_ADOPT_PASSPHRASE:
        second.key = spot.field == ENTRY_ADOPT_CERTIFICATE ? "certificate"
                     : spot.field == ENTRY_ADOPT_KEY       ? "key"
                                                           : "passphrase";
        return path_render(&second, text);
    case ENTRY_REVOKED:
    case ENTRY_CRL:
        first.key = spot.field == ENTRY_REVOKED ? "revoked" : "crl";
        return path_render(&first, text);
    case ENTRY_BUNDLE:
    case ENTRY_BUNDLE_PASSPHRASE:
        break;
    }
    first.key = "bundles";
    second.index = (size_t)(spot.bundle - entry->bundles);
    return path_render(spot.field == ENTRY_BUNDLE ? &second : &third, text);
}

PRINTF_LIKE(6, 0)
static void complain(struct faults *faults, bool error, const struct entry *entry, struct entry_spot spot,
                     const char *hint, const char *format, va_list values)
{
    struct place place = spot_place(entry, spot);
    struct bytes path = BYTES_EMPTY;
    char sentence[FAULT_TEXT_MAX + 1];

    (void)vsnprintf(sentence, sizeof(sentence), format, values);
    if (spot_path(entry, spot, &path) != 0) {
        fault_memory(faults);
    } else {
        (error ? fault_error : fault_warning)(faults, &place, bytes_text(&path), hint, "%s", sentence);
    }
    bytes_free(&path);
}

static const struct entry_spot whole = {ENTRY_WHOLE, NULL};

void entry_error(struct faults *faults, const struct entry *entry, const char *hint, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    complain(faults, true, entry, whole, hint, format, values);
    va_end(values);
}

void entry_warning(struct faults *faults, const struct entry *entry, const char *hint, const char *format,
                   ...)
{
    va_list values;

    va_start(values, format);
    complain(faults, false, entry, whole, hint, format, values);
    va_end(values);
}

void entry_error_at(struct faults *faults, const struct entry *entry, struct entry_spot spot,
                    const char *hint, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    complain(faults, true, entry, spot, hint, format, values);
    va_end(values);
}

void entry_warning_at(struct faults *faults, const struct entry *entry, struct entry_spot spot,
                      const char *hint, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    complain(faults, false, entry, spot, hint, format, values);
    va_end(values);
}

void entry_faults_move(struct faults *faults, const struct entry *entry, struct entry_spot spot,
                       struct faults *from)
{
    struct place place = spot_place(entry, spot);
    struct bytes path = BYTES_EMPTY;

    if (faults_errors(from) + faults_warnings(from) == 0) {
        return;
    }
    if (spot_path(entry, spot, &path) != 0) {
        fault_memory(faults);
        faults_move(faults, from);
    } else {
        faults_move_under(faults, from, &place, bytes_text(&path));
    }
    bytes_free(&path);
}
