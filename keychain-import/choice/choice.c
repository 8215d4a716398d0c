/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of kinds, and the choice among them.
 */
#include "choice/choice.h"

#include <string.h>

#include "system/system.h"
#ifdef MTLSKIT_NSS
#include "nss/nss.h"
#endif
#ifdef MTLSKIT_PKCS11
#include "pkcs11/pkcs11.h"
#endif
#ifdef MTLSKIT_MACOS
#include "macos/macos.h"
#endif

static const struct choice_row rows[] = {
#ifdef MTLSKIT_MACOS
    {"macos", &store_macos, NULL},
#else
    {"macos", NULL, "knows the keychain on macOS alone"},
#endif
#ifdef MTLSKIT_NSS
    {"nss", &store_nss, NULL},
#else
    {"nss", NULL, "was built without NSS"},
#endif
#ifdef MTLSKIT_PKCS11
    {"pkcs11", &store_pkcs11, NULL},
#else
    {"pkcs11", NULL, "was built without p11-kit"},
#endif
#ifdef __APPLE__
    {"system", NULL, "knows the system's CA store on Linux alone; on macOS it is macos:system"},
#else
    {"system", &store_system, NULL},
#endif
    {NULL, NULL, NULL},
};

const struct choice_row *choice_rows(void)
{
    return rows;
}

void choice_free(struct choice *choice)
{
    bytes_free(&choice->place);
    choice->kind = NULL;
}

int choice_name(const struct choice *choice, struct bytes *name)
{
    return choice->place.length > 0
               ? bytes_printf(name, "%s:%s", choice->kind->word, bytes_text(&choice->place))
               : bytes_append_text(name, choice->kind->word);
}

const struct choice_row *choice_row_of(const char *into, struct faults *faults)
{
    size_t length = strcspn(into, ":");
    const struct choice_row *row = rows;

    while (row->word != NULL && (strlen(row->word) != length || memcmp(row->word, into, length) != 0)) {
        row++;
    }
    if (row->word == NULL) {
        fault_error(faults, NULL, NULL, "macos, nss, pkcs11 or system, and a place behind a colon",
                    "there is no kind of store \"%.*s\"", (int)(length < 40 ? length : 40), into);
        return NULL;
    }
    return row;
}

int choice_parse(const char *into, struct choice *choice, struct faults *faults)
{
    size_t length = strcspn(into, ":");
    const char *place = into[length] == ':' ? into + length + 1 : "";
    const struct choice_row *row = choice_row_of(into, faults);

    choice_free(choice);
    if (row == NULL) {
        return -1;
    }
    if (row->kind == NULL) {
        fault_error(faults, NULL, NULL, "keychain-import stores says what there is",
                    "\"%s\" cannot be used: this keychain-import %s", row->word, row->missing);
        return -1;
    }
    /* a token's URI begins with the word itself: "pkcs11:token=T" is one, and so is "pkcs11:pkcs11:token=T" */
    if (bytes_append_text(&choice->place, place) != 0) {
        fault_memory(faults);
        return -1;
    }
    choice->kind = row->kind;
    return 0;
}

/* ---- the one sensible choice ---------------------------------------------------------------------------------------- */

/** What a survey gathers. */
struct gathering {
    const struct choice_row *row;
    struct bytes first;  /**< the name of the first place that can be used */
    struct bytes usable; /**< all their names, "a, b" */
    struct bytes others; /**< "a (why not), b (why not)" */
    size_t count;
    bool failed;
};

static int gather(void *state, const char *name, const char *where, const char *unusable)
{
    struct gathering *all = state;

    (void)where;
    if (unusable != NULL) {
        all->failed |=
            bytes_printf(&all->others, "%s%s (%s)", all->others.length > 0 ? ", " : "", name, unusable) != 0;
        return 0;
    }
    all->count++;
    all->failed |= (all->first.length == 0 && bytes_append_text(&all->first, name) != 0) ||
                   bytes_printf(&all->usable, "%s%s", all->usable.length > 0 ? ", " : "", name) != 0;
    return 0;
}

/** Ask every kind that can do @p abilities for its places. */
static int gather_all(const struct store_setting *setting, unsigned abilities, struct gathering *all,
                      struct faults *faults)
{
    int status = 0;

    for (const struct choice_row *row = rows; status == 0 && row->word != NULL; row++) {
        if (row->kind != NULL && (row->kind->abilities & abilities) == abilities) {
            all->row = row;
            status = row->kind->survey(setting, gather, all, faults);
        }
    }
    if (status == 0 && all->failed) {
        fault_memory(faults);
        status = -1;
    }
    return status;
}

int choice_make(const struct store_setting *setting, unsigned abilities, struct choice *choice,
                struct faults *faults)
{
    struct gathering all = {NULL, BYTES_EMPTY, BYTES_EMPTY, BYTES_EMPTY, 0, false};
    int status = gather_all(setting, abilities, &all, faults);

    choice_free(choice);
    if (status != 0) {
        goto out;
    }
    status = -1;
    if (all.count == 1) {
        status = choice_parse(bytes_text(&all.first), choice, faults);
    } else if (all.count > 1) {
        fault_error(faults, NULL, NULL, NULL, "more than one store could be meant: say --into with one of %s",
                    bytes_text(&all.usable));
    } else if (all.others.length > 0) {
        fault_error(faults, NULL, NULL, "name another place with --into",
                    "no store of this machine can be used for this: %s", bytes_text(&all.others));
    } else {
        fault_error(faults, NULL, NULL, "keychain-import stores says what there is; --into names a place",
                    "no store of this machine can be used for this");
    }
out:
    bytes_free(&all.first);
    bytes_free(&all.usable);
    bytes_free(&all.others);
    return status;
}
