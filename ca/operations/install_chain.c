/* SPDX-License-Identifier: Apache-2.0 */
/* The way up from a certificate that is taken in: each issuer is found among those given, and must have signed. */
#include "operations/installing.h"
#include "x509/name.h"
#include "x509/signature.h"

static bool is_root(const struct certificate_view *view)
{
    return slice_equal(view->subject, view->issuer);
}

/* The issuer of the last step among those given: 1 with its signature right, 0 none given, -1 one that did not sign it. */
static int find_issuer(const struct installing *installing, struct certificate_view *issuer, const char **why)
{
    const struct certificate_view *last = &installing->steps[installing->length - 1];
    struct certificate_view view;
    int status = 0;

    for (size_t i = 0; i < installing->list.count; i++) {
        if (certificate_view_read(slice_of(&installing->list.items[i]), &view) != 0 ||
            !slice_equal(view.subject, last->issuer)) {
            continue;
        }
        if (signature_verify(installing->context, last->signature_algorithm, view.spki, last->tbs,
                             last->signature, why) == 0) {
            *issuer = view;
            return 1;
        }
        status = -1;
    }
    return status;
}

static int tell_step(struct installing *installing, const struct certificate_view *view)
{
    struct bytes *chain = &installing->report->chain;

    if (name_is_empty(view->subject) ? bytes_append_text(chain, "(without a subject)") != 0
                                     : name_format(view->subject, chain) != 0) {
        fault_memory(installing->faults);
        return -1;
    }
    return bytes_append_byte(chain, '\n');
}

/* Whoever has the key of a fixture, which is everybody, certifies what they like: what is under one vouches for nothing. */
static int refuse_fixture(const struct installing *installing, const struct certificate_view *issuer)
{
    struct bytes name = BYTES_EMPTY;

    if (!issuer->fixture) {
        return 0;
    }
    (void)!name_format(issuer->subject, &name);
    fault_error(installing->faults, NULL, installing->order->name, "have it signed by another authority",
                "%s, which it comes under, carries the fixture mark: its key is public", bytes_text(&name));
    bytes_free(&name);
    return -1;
}

int install_climb(struct installing *installing)
{
    const char *why = NULL;
    int found = 1;

    while (found == 1) {
        const struct certificate_view *last = &installing->steps[installing->length - 1];

        if (tell_step(installing, last) != 0) {
            return -1;
        }
        if (is_root(last) || installing->length == INSTALL_CHAIN_MAX) {
            installing->report->whole = is_root(last);
            return 0;
        }
        found = find_issuer(installing, &installing->steps[installing->length], &why);
        if (found == 1 && refuse_fixture(installing, &installing->steps[installing->length]) != 0) {
            return -1;
        }
        installing->length += found == 1 ? 1 : 0;
    }
    if (found < 0) {
        struct bytes name = BYTES_EMPTY;

        (void)!name_format(installing->steps[installing->length - 1].subject, &name);
        fault_error(installing->faults, NULL, installing->order->name, "give the issuer that signed it",
                    "the signature of %s %s, by the issuer that is given", bytes_text(&name), why);
        bytes_free(&name);
    }
    return found;
}
