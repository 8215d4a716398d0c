/* SPDX-License-Identifier: Apache-2.0 */
/* The store in memory. */
#include "store_double.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "x509/certificate.h"

struct double_machine *double_machine;

void double_start(unsigned abilities)
{
    double_machine =
        mmap(NULL, sizeof(*double_machine), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    cr_assert_neq(double_machine, MAP_FAILED);
    double_machine->abilities = abilities;
}

void double_stop(void)
{
    (void)munmap(double_machine, sizeof(*double_machine));
    double_machine = NULL;
}

void double_plan(unsigned at, enum double_failing failing, bool forever)
{
    double_machine->calls = 0;
    double_machine->at = at;
    double_machine->failing = failing;
    double_machine->forever = forever;
}

bool double_failed(void)
{
    return double_machine->at != 0 && double_machine->calls >= double_machine->at;
}

/** Whether the verb that begins here fails, and how. */
static enum double_failing begin(void)
{
    unsigned call = ++double_machine->calls;
    bool now = double_machine->at != 0 &&
               (call == double_machine->at || (double_machine->forever && call > double_machine->at));

    if (now && double_machine->failing == DOUBLE_KILLED_BEFORE) {
        (void)raise(SIGKILL);
    }
    return now ? double_machine->failing : DOUBLE_WELL;
}

/** The end of a verb that did what it was to do, or failed with @p status. */
static int end(enum double_failing failing, int status, struct faults *faults)
{
    if (failing == DOUBLE_KILLED_AFTER) {
        (void)raise(SIGKILL);
    }
    if (failing != DOUBLE_WELL) {
        fault_error(faults, NULL, NULL, NULL, "the double fails");
        return -1;
    }
    return status;
}

/* ---- content ------------------------------------------------------------------------------------------------------ */

static struct double_item *find(enum item_kind kind, struct slice certificate)
{
    struct double_item *found = NULL;

    for (size_t i = 0; found == NULL && i < DOUBLE_ITEMS_MAX; i++) {
        struct double_item *one = &double_machine->content.items[i];

        if (one->length > 0 && one->kind == kind &&
            slice_equal((struct slice){one->der, one->length}, certificate)) {
            found = one;
        }
    }
    return found;
}

static int by_content(const void *one, const void *other)
{
    const struct double_item *first = one;
    const struct double_item *second = other;

    /* free ones last */
    if ((first->length == 0) != (second->length == 0)) {
        return first->length == 0 ? 1 : -1;
    }
    return memcmp(first, second, sizeof(*first));
}

static void sort(void)
{
    qsort(double_machine->content.items, DOUBLE_ITEMS_MAX, sizeof(struct double_item), by_content);
}

void double_set(const struct item *item)
{
    struct double_item *place = find(item->kind, item->certificate);

    for (size_t i = 0; place == NULL && i < DOUBLE_ITEMS_MAX; i++) {
        if (double_machine->content.items[i].length == 0) {
            place = &double_machine->content.items[i];
        }
    }
    cr_assert_not_null(place);
    cr_assert_leq(item->certificate.length, DOUBLE_OCTETS_MAX);
    memset(place, 0, sizeof(*place));
    place->kind = item->kind;
    place->length = item->certificate.length;
    memcpy(place->der, item->certificate.data, item->certificate.length);
    (void)snprintf(place->label, sizeof(place->label), "%s", item->label != NULL ? item->label : "");
    (void)snprintf(place->host, sizeof(place->host), "%s", item->host != NULL ? item->host : "");
    (void)snprintf(place->program, sizeof(place->program), "%s",
                   item->program_count > 0 ? item->programs[0] : "");
    place->scope = item->kind == ITEM_TRUST ? item->scope : SCOPE_NONE;
    sort();
}

bool double_has(const struct item *item)
{
    const struct double_item *found = find(item->kind, item->certificate);

    return found != NULL && (item->kind != ITEM_TRUST || found->scope == item->scope);
}

size_t double_count(void)
{
    size_t count = 0;

    while (count < DOUBLE_ITEMS_MAX && double_machine->content.items[count].length > 0) {
        count++;
    }
    return count;
}

static void drop(struct double_item *item)
{
    memset(item, 0, sizeof(*item));
    sort();
}

/* ---- verbs -------------------------------------------------------------------------------------------------------- */

static int double_survey(const struct store_setting *setting, store_place_fn each, void *state,
                         struct faults *faults)
{
    (void)setting;
    (void)faults;
    return each(state, "double", "in memory", NULL);
}

/** Its abilities are those of the machine. */
struct double_store {
    struct store base;
    struct store_kind kind;
};

static struct store *double_open(const struct store_setting *setting, const char *place,
                                 struct faults *faults)
{
    struct double_store *store = calloc(1, sizeof(*store));

    (void)place;
    (void)faults;
    cr_assert_not_null(store);
    store->kind = store_double;
    store->kind.abilities = double_machine->abilities;
    store->base.kind = &store->kind;
    store->base.context = setting->context;
    store->base.name = strdup("double");
    return &store->base;
}

static void double_close(struct store *store)
{
    free(store);
}

/** Whether a certificate of the same issuer and serial number, but other content, is there. */
static bool is_another(struct slice certificate)
{
    struct certificate_view wanted;
    struct certificate_view view;
    bool another = false;

    cr_assert_eq(certificate_view_read(certificate, &wanted), 0);
    for (size_t i = 0; !another && i < DOUBLE_ITEMS_MAX; i++) {
        const struct double_item *one = &double_machine->content.items[i];
        struct slice der = {one->der, one->length};

        another = one->length > 0 && one->kind == ITEM_CERTIFICATE &&
                  certificate_view_read(der, &view) == 0 && slice_equal(view.issuer, wanted.issuer) &&
                  slice_equal(view.serial, wanted.serial) && !slice_equal(der, certificate);
    }
    return another;
}

static int double_look(struct store *store, const struct item *item, struct sighting *sighting,
                       struct faults *faults)
{
    enum double_failing failing = begin();
    const struct double_item *found = find(item->kind, item->certificate);

    (void)store;
    if (failing == DOUBLE_BEFORE) {
        return end(failing, -1, faults);
    }
    if (found != NULL) {
        sighting->presence = PRESENCE_PRESENT;
        sighting->scope = found->scope;
        if (item->kind == ITEM_TRUST) {
            bool same =
                found->scope == item->scope && strcmp(found->host, item->host != NULL ? item->host : "") == 0;

            sighting->presence = same ? PRESENCE_PRESENT : PRESENCE_DIFFERENT;
            cr_assert_eq(bytes_printf(&sighting->reason, "it is trusted for %s", scope_word(found->scope)),
                         0);
            cr_assert_eq(bytes_printf(&sighting->before, "%d,%s", (int)found->scope, found->host), 0);
        }
    } else if (item->kind == ITEM_CERTIFICATE && is_another(item->certificate)) {
        sighting->presence = PRESENCE_DIFFERENT;
        cr_assert_eq(bytes_append_text(&sighting->reason, "another certificate has its serial number"), 0);
    }
    return end(failing, 0, faults);
}

static int double_put(struct store *store, const struct item *item, struct faults *faults)
{
    enum double_failing failing = begin();

    (void)store;
    cr_assert(item->kind == ITEM_TRUST || find(item->kind, item->certificate) == NULL,
              "what is there is put once more");
    cr_assert(item->kind != ITEM_KEY || item->key != NULL, "a key is put without a key");
    if (failing != DOUBLE_BEFORE) {
        double_set(item);
        double_machine->unsettled = true;
    }
    return end(failing, 0, faults);
}

static int double_take(struct store *store, const struct item *item, struct slice before,
                       struct faults *faults)
{
    enum double_failing failing = begin();
    struct double_item *found = find(item->kind, item->certificate);

    (void)store;
    if (failing == DOUBLE_BEFORE) {
        return end(failing, -1, faults);
    }
    double_machine->unsettled = true;
    if (item->kind == ITEM_TRUST && before.length > 0) {
        struct item old = *item;
        char text[80] = "";

        cr_assert_lt(before.length, sizeof(text));
        memcpy(text, before.data, before.length);
        old.scope = (enum scope)(text[0] - '0');
        old.host = text[2] != '\0' ? text + 2 : NULL;
        double_set(&old);
    } else if (found != NULL) {
        drop(found);
    }
    return end(failing, 0, faults);
}

static int double_prove(struct store *store, const struct item *item, struct faults *faults)
{
    enum double_failing failing = begin();

    (void)store;
    cr_assert_not(double_machine->unsettled, "what is proved does not count yet");
    double_machine->proved++;
    return end(failing, find(item->kind, item->certificate) != NULL ? 0 : -1, faults);
}

static int double_each(struct store *store, store_entry_fn each, void *state, struct faults *faults)
{
    enum double_failing failing = begin();
    int status = failing == DOUBLE_BEFORE ? -1 : 0;

    (void)store;
    for (size_t i = 0; status == 0 && i < DOUBLE_ITEMS_MAX; i++) {
        const struct double_item *one = &double_machine->content.items[i];
        struct slice der = {one->der, one->length};
        const struct double_item *trust = one->length > 0 ? find(ITEM_TRUST, der) : NULL;
        const struct store_entry entry = {
            .certificate = der,
            .label = one->label[0] != '\0' ? one->label : NULL,
            .has_key = one->length > 0 && find(ITEM_KEY, der) != NULL,
            .scope = trust != NULL ? trust->scope : SCOPE_NONE,
            .host = trust != NULL && trust->host[0] != '\0' ? trust->host : NULL,
        };

        if (one->length > 0 && one->kind == ITEM_CERTIFICATE) {
            status = each(state, &entry);
        }
    }
    return end(failing, status, faults);
}

static int double_allow(struct store *store, const struct item *item, const char *program,
                        struct faults *faults)
{
    enum double_failing failing = begin();
    struct double_item *found = find(ITEM_KEY, item->certificate);

    (void)store;
    if (failing != DOUBLE_BEFORE && found != NULL) {
        (void)snprintf(found->program, sizeof(found->program), "%s", program);
    }
    return end(failing, found != NULL ? 0 : -1, faults);
}

static int double_settle(struct store *store, struct faults *faults)
{
    enum double_failing failing = begin();

    (void)store;
    if (failing != DOUBLE_BEFORE) {
        double_machine->unsettled = false;
        double_machine->settled++;
    }
    return end(failing, 0, faults);
}

static int double_reference(struct store *store, const struct item *item, struct bytes *reference,
                            struct faults *faults)
{
    (void)store;
    (void)item;
    if (bytes_append_text(reference, "double:") != 0) {
        fault_memory(faults);
        return -1;
    }
    return 0;
}

const struct store_kind store_double = {
    .word = "double",
    .summary = "a store in memory",
    .abilities = STORE_IDENTITIES | STORE_ANCHORS | STORE_SCOPE_SERVER | STORE_SCOPE_CLIENT | STORE_HOSTS |
                 STORE_UNEXTRACTABLE | STORE_PROGRAMS | STORE_TRUST_APART | STORE_SIGNS,
    .survey = double_survey,
    .open = double_open,
    .close = double_close,
    .look = double_look,
    .put = double_put,
    .take = double_take,
    .prove = double_prove,
    .each = double_each,
    .allow = double_allow,
    .settle = double_settle,
    .reference = double_reference,
};
