/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From identities and anchors to items.
 */
#include "steps/wanted.h"

#include <stdlib.h>
#include <string.h>

#include "x509/certificate.h"
#include "x509/name.h"
#include "x509/path.h"

void wanted_free(struct wanted *wanted)
{
    for (size_t i = 0; i < wanted->count; i++) {
        bytes_free(&wanted->items[i].shown);
    }
    free(wanted->items);
    *wanted = (struct wanted){NULL, 0};
}

int wanted_subject(struct slice certificate, struct bytes *text)
{
    struct certificate_view view;

    if (certificate_view_read(certificate, &view) != 0) {
        return bytes_append_text(text, "a certificate that cannot be read");
    }
    if (!name_is_empty(view.subject) && name_format(view.subject, text) == 0) {
        return 0;
    }
    return bytes_append_text(text, "a certificate without a subject, serial number ") == 0 &&
                   bytes_append_hex(text, view.serial, ':') == 0
               ? 0
               : -1;
}

/** The item of this kind and certificate, wanted for the same owner; NULL when there is none. */
static struct wanted_item *find(const struct wanted *wanted, const struct item *item,
                                const struct digest *owner)
{
    struct wanted_item *found = NULL;

    for (size_t i = 0; found == NULL && i < wanted->count; i++) {
        struct wanted_item *one = &wanted->items[i];

        if (one->item.kind == item->kind && slice_equal(one->item.certificate, item->certificate) &&
            digest_equal(&one->owner, owner)) {
            found = one;
        }
    }
    return found;
}

/** Add @p item unless it is there. */
static int add(struct wanted *wanted, const struct item *item, const struct digest *owner,
               struct faults *faults)
{
    struct wanted_item one = {*item, *owner, BYTES_EMPTY, false};
    struct wanted_item *more;

    if (find(wanted, item, owner) != NULL) {
        return 0;
    }
    more = realloc(wanted->items, (wanted->count + 1) * sizeof(*more));
    if (more == NULL || wanted_subject(item->certificate, &one.shown) != 0) {
        wanted->items = more != NULL ? more : wanted->items;
        bytes_free(&one.shown);
        fault_memory(faults);
        return -1;
    }
    wanted->items = more;
    wanted->items[wanted->count++] = one;
    return 0;
}

static int owner_of(const struct context *context, struct slice certificate, struct digest *owner,
                    struct faults *faults)
{
    if (digest_of(context, certificate, owner) != 0) {
        fault_openssl(faults, "a certificate cannot be hashed");
        return -1;
    }
    return 0;
}

/** Whether the certificate issued itself, as roots do. */
static bool is_root(struct slice certificate)
{
    struct certificate_view view;

    return certificate_view_read(certificate, &view) == 0 && path_is_self_issued(&view);
}

int wanted_add_identity(const struct context *context, struct wanted *wanted, const struct identity *identity,
                        const struct wanted_manner *manner, struct faults *faults)
{
    const char *label = manner->label;
    struct wanted_item *added;
    struct slice leaf = slice_of(&identity->chain.items[0]);
    struct item item = {.kind = ITEM_CERTIFICATE};
    struct digest owner;

    if (label == NULL && identity->name.length > 0) {
        label = bytes_text(&identity->name);
    }
    if (owner_of(context, leaf, &owner, faults) != 0) {
        return -1;
    }
    for (size_t i = identity->chain.count; i-- > 1;) {
        item.certificate = slice_of(&identity->chain.items[i]);
        if (!is_root(item.certificate) && add(wanted, &item, &owner, faults) != 0) {
            return -1;
        }
    }
    item.certificate = leaf;
    item.label = label;
    if (add(wanted, &item, &owner, faults) != 0) {
        return -1;
    }
    added = find(wanted, &item, &owner);
    if (added != NULL && manner->label != NULL) {
        added->labelled = true;
    }
    item.kind = ITEM_KEY;
    item.key = identity->key;
    item.extractable = manner->extractable;
    item.programs = manner->programs;
    item.program_count = manner->program_count;
    return add(wanted, &item, &owner, faults);
}

static bool hosts_equal(const char *one, const char *other)
{
    return one == other || (one != NULL && other != NULL && strcmp(one, other) == 0);
}

int wanted_add_anchor(const struct context *context, struct wanted *wanted, struct slice certificate,
                      enum scope scope, const char *host, bool apart, bool insecure_for_any,
                      struct faults *faults)
{
    struct item item = {.kind = ITEM_CERTIFICATE, .certificate = certificate};
    struct wanted_item *before;
    struct digest owner;

    if (owner_of(context, certificate, &owner, faults) != 0 ||
        (apart && add(wanted, &item, &owner, faults) != 0)) {
        return -1;
    }
    item.kind = ITEM_TRUST;
    item.scope = scope;
    item.host = host;
    before = find(wanted, &item, &owner);
    if (before == NULL || (before->item.scope == scope && hosts_equal(before->item.host, host))) {
        return add(wanted, &item, &owner, faults);
    }
    if (before->item.scope != scope && insecure_for_any && hosts_equal(before->item.host, host)) {
        before->item.scope = SCOPE_ANY;
        return 0;
    }
    fault_error(faults, NULL, NULL,
                before->item.scope != scope
                    ? "an authority of clients that is trusted for servers could impersonate every site; "
                      "--insecure-for-any takes that"
                    : "name it once",
                "%s is to be trusted twice, for %s%s%s and for %s%s%s", bytes_text(&before->shown),
                scope_word(before->item.scope), before->item.host != NULL ? " of " : "",
                before->item.host != NULL ? before->item.host : "", scope_word(scope),
                host != NULL ? " of " : "", host != NULL ? host : "");
    return -1;
}
