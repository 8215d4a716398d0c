/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Judgement: all complaints in one run. What stands in the certificates is asked here; who signed whom, of x509/path.h.
 */
#include "identity/judgement.h"

#include <string.h>

#include "x509/certificate.h"
#include "x509/extension.h"
#include "x509/instant.h"
#include "x509/name.h"
#include "x509/path.h"
#include "x509/verify.h"

/* A certificate that ends within this many seconds is warned of. */
#define SOON_DAYS 30
#define DAY       86400

/** One judgement while it goes on. */
struct judging {
    const struct context *context;
    const struct judgement *exceptions;
    struct place place;
    instant now;
    struct faults *faults;
};

static struct judging judging_begin(const struct context *context, const struct bytes *shown,
                                    const struct judgement *exceptions, struct faults *faults)
{
    return (struct judging){context, exceptions, {.file = bytes_text(shown)}, context_now(context), faults};
}

/** The subject as text, in *text; "a certificate without a subject". */
static const char *name_of(struct slice subject, struct bytes *text)
{
    bytes_clear(text);
    if (name_is_empty(subject) || name_format(subject, text) != 0) {
        return "a certificate without a subject";
    }
    return bytes_text(text);
}

static void judge_dates(const struct judging *judging, const struct certificate_view *view, const char *name)
{
    struct bytes when = BYTES_EMPTY;

    if (instant_format(judging->now < view->not_before ? view->not_before : view->not_after, &when) != 0) {
        fault_memory(judging->faults);
    } else if (judging->now < view->not_before) {
        fault_error(judging->faults, &judging->place, NULL, "is this machine's clock right?",
                    "%s is not valid before %s", name, bytes_text(&when));
    } else if (judging->now > view->not_after) {
        fault_error(judging->faults, &judging->place, NULL, "have a new one issued", "%s expired at %s", name,
                    bytes_text(&when));
    } else if (view->not_after - judging->now < (instant)SOON_DAYS * DAY) {
        fault_warning(judging->faults, &judging->place, NULL, NULL, "%s expires soon, at %s", name,
                      bytes_text(&when));
    }
    bytes_free(&when);
}

static void judge_fixture(const struct judging *judging, const struct certificate_view *view,
                          const char *name)
{
    if (!view->fixture) {
        return;
    }
    if (judging->exceptions->insecure_trust_fixture) {
        fault_warning(judging->faults, &judging->place, NULL, NULL,
                      "%s carries the fixture mark: its key is public", name);
    } else {
        fault_error(judging->faults, &judging->place, NULL,
                    "for a machine that is there for tests: --insecure-trust-fixture",
                    "%s carries the fixture mark: it was made from a seed, and its key counts as public",
                    name);
    }
}

/** What a certificate of the list is asked alone. -1: it is none. */
static int judge_certificate(const struct judging *judging, struct slice der, struct certificate_view *view,
                             struct bytes *name)
{
    if (certificate_view_read(der, view) != 0) {
        fault_error(judging->faults, &judging->place, NULL, NULL, "a certificate in it is malformed");
        return -1;
    }
    judge_dates(judging, view, name_of(view->subject, name));
    judge_fixture(judging, view, name_of(view->subject, name));
    return 0;
}

/* ---- identities ----------------------------------------------------------------------------------------------------- */

/** Each certificate was issued by the one behind it. */
static void judge_chain(const struct judging *judging, const struct certificate_list *chain)
{
    struct path path = {0};
    struct bytes below = BYTES_EMPTY;
    struct bytes above = BYTES_EMPTY;
    struct certificate_view view;

    if (path_find(judging->context, chain, 0, NULL, &path, judging->faults) != 0) {
        goto out;
    }
    for (size_t i = 1; i < chain->count; i++) {
        bool linked = i < path.length && slice_equal(path.steps[i]->der, slice_of(&chain->items[i]));

        if (!linked) {
            fault_error(
                judging->faults, &judging->place, NULL, NULL, "%s was not issued by what follows it, %s",
                certificate_view_read(slice_of(&chain->items[i - 1]), &view) == 0
                    ? name_of(view.subject, &below)
                    : "a certificate",
                certificate_view_read(slice_of(&chain->items[i]), &view) == 0 ? name_of(view.subject, &above)
                                                                              : "a certificate");
            break;
        }
        if (!path.steps[i]->view.ca) {
            fault_error(judging->faults, &judging->place, NULL, NULL,
                        "%s issued a certificate of the chain, and is no authority",
                        name_of(path.steps[i]->view.subject, &above));
        }
    }
out:
    path_free(&path);
    bytes_free(&below);
    bytes_free(&above);
}

int identity_judge(const struct context *context, const struct identity *identity,
                   const struct judgement *exceptions, struct faults *faults)
{
    const struct judging judging = judging_begin(context, &identity->shown, exceptions, faults);
    size_t errors = faults_errors(faults);
    struct bytes name = BYTES_EMPTY;
    struct certificate_view view;

    if (identity->key == NULL || !key_is_private(identity->key) || identity->chain.count == 0) {
        fault_error(faults, &judging.place, NULL, NULL, "it is no identity: key and certificate are wanted");
        return -1;
    }
    if (!verify_key_matches(context, slice_of(&identity->chain.items[0]), identity->key)) {
        fault_error(faults, &judging.place, NULL, NULL, "the private key is not that of %s",
                    certificate_view_read(slice_of(&identity->chain.items[0]), &view) == 0
                        ? name_of(view.subject, &name)
                        : "the certificate");
    }
    for (size_t i = 0; i < identity->chain.count; i++) {
        (void)judge_certificate(&judging, slice_of(&identity->chain.items[i]), &view, &name);
    }
    judge_chain(&judging, &identity->chain);
    bytes_free(&name);
    return faults_errors(faults) == errors ? 0 : -1;
}

/* ---- anchors -------------------------------------------------------------------------------------------------------- */

static void judge_authority(const struct judging *judging, const struct certificate_view *view,
                            const char *name)
{
    if (judging->exceptions->leaf_trust) {
        return;
    }
    if (!view->ca) {
        fault_error(
            judging->faults, &judging->place, NULL,
            "name the certificate of the authority that issued it; or, if just this one is to be trusted, "
            "--allow-leaf-trust",
            "%s is no authority", name);
    } else if (view->has_key_usage && (view->key_usage & KEY_USAGE_KEY_CERT_SIGN) == 0) {
        fault_error(judging->faults, &judging->place, NULL, NULL,
                    "%s may not sign certificates: its key usage lacks keyCertSign", name);
    }
}

/** A certificate that names itself as issuer was signed by its own key. */
static void judge_own_signature(const struct judging *judging, const struct certificate_list *anchors,
                                size_t index, const char *name)
{
    const struct certificate_list single = {&anchors->items[index], 1};
    struct path path = {0};

    if (path_find(judging->context, &single, 0, NULL, &path, judging->faults) == 0 &&
        path_is_self_issued(&path.all[0].view) && path.end != PATH_UNTRUSTED_ROOT) {
        fault_error(judging->faults, &judging->place, NULL,
                    "the certificate was altered or damaged: fetch it again",
                    "the signature of %s is not by its own key", name);
    }
    path_free(&path);
}

int anchors_judge(const struct context *context, const struct anchors *anchors,
                  const struct judgement *exceptions, struct faults *faults)
{
    const struct judging judging = judging_begin(context, &anchors->shown, exceptions, faults);
    size_t errors = faults_errors(faults);
    struct bytes name = BYTES_EMPTY;
    struct certificate_view view;

    if (anchors->certificates.count == 0) {
        fault_error(faults, &judging.place, NULL, NULL, "holds no certificate");
    }
    for (size_t i = 0; i < anchors->certificates.count; i++) {
        if (judge_certificate(&judging, slice_of(&anchors->certificates.items[i]), &view, &name) == 0) {
            judge_authority(&judging, &view, name_of(view.subject, &name));
            judge_own_signature(&judging, &anchors->certificates, i, name_of(view.subject, &name));
        }
    }
    bytes_free(&name);
    return faults_errors(faults) == errors ? 0 : -1;
}
