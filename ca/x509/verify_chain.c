/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of the chain: its order, where it leads, signatures, authorities, strength, and OpenSSL's own opinion. */
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "x509/extension.h"
#include "x509/inquiry.h"
#include "x509/key.h"

/* The least that TLS stacks take today: 112 bits of strength (NIST SP 800-57). */
#define RSA_BITS_MIN   2048
#define EC_BITS_MIN    224
#define ANCHORS_LISTED 3
/* Certificates out of order that are named. */
#define STRAYS_LISTED 5

static bool has_name(const struct certificate_view *view, struct slice name)
{
    return slice_equal(view->subject, name);
}

/* ---- chain-order ------------------------------------------------------------------------------------------------- */

static void judge_order(const struct inquiry *inquiry, struct finding *finding)
{
    const struct path_certificate *all = inquiry->path.all;
    struct bytes name = BYTES_EMPTY;
    size_t strays = 0;

    for (size_t i = 1; i < inquiry->path.file_count; i++) {
        bool issues_another = false;

        if (has_name(&all[i].view, all[i - 1].view.issuer)) {
            continue;
        }
        if (strays++ == STRAYS_LISTED) {
            finding_say(finding, "and more");
            break;
        }
        for (size_t j = 0; j < inquiry->path.file_count; j++) {
            issues_another |= j != i && has_name(&all[i].view, all[j].view.issuer);
        }
        finding_raise(finding, VERIFY_WARN);
        finding_say(finding, "certificate %zu, %s, %s", i + 1,
                    finding_name(finding, all[i].view.subject, &name),
                    issues_another ? "is not the issuer of the one before it"
                                   : "belongs to no certificate of the file");
        finding_advise(finding,
                       "put the certificate first, then its issuer, then that one's, and leave out the "
                       "rest: that is what mtls-ca apply writes into NAME.crt");
    }
    bytes_free(&name);
}

void check_chain_order(const struct inquiry *inquiry, struct finding *finding)
{
    const struct path_certificate *all = inquiry->path.all;
    const struct path_certificate *last = &all[inquiry->path.file_count - 1];
    struct bytes name = BYTES_EMPTY;

    if (inquiry->leaf != &all[0]) {
        finding_raise(finding, VERIFY_FAIL);
        finding_say(finding, "certificate %zu, %s, should be the first", inquiry->leaf->position + 1,
                    finding_name(finding, inquiry->leaf->view.subject, &name));
        finding_advise(finding,
                       "servers and clients take the first certificate as their own: put it before its "
                       "issuers, as mtls-ca apply does");
    } else {
        judge_order(inquiry, finding);
    }
    if (finding->verdict == VERIFY_PASS) {
        finding_say(finding, inquiry->path.file_count == 1 ? "one certificate" : "%zu certificates",
                    inquiry->path.file_count);
        if (inquiry->path.file_count > 1 && path_is_self_issued(&last->view)) {
            finding_say(finding, "the last one is a root, which need not be sent");
        }
    }
    bytes_free(&name);
}

/* ---- chain ------------------------------------------------------------------------------------------------------- */

/* "given: CN=..., CN=... and 3 more" */
static void list_anchors(const struct inquiry *inquiry, struct finding *finding)
{
    const struct path *path = &inquiry->path;
    struct bytes names = BYTES_EMPTY;
    struct bytes name = BYTES_EMPTY;
    size_t count = path->count - path->file_count;

    for (size_t i = 0; i < count && i < ANCHORS_LISTED; i++) {
        const char *text = finding_name(finding, path->all[path->file_count + i].view.subject, &name);

        if (bytes_printf(&names, "%s%s", i == 0 ? "" : ", ", text) != 0) {
            finding->failed = true;
        }
    }
    if (count > ANCHORS_LISTED) {
        finding_say(finding, "given: %s and %zu more", bytes_text(&names), count - ANCHORS_LISTED);
    } else {
        finding_say(finding, "given: %s", bytes_text(&names));
    }
    bytes_free(&names);
    bytes_free(&name);
}

/* The way that was found: "CN=a, issued by CN=b, issued by CN=c". */
static void tell_path(const struct inquiry *inquiry, struct finding *finding)
{
    struct bytes names = BYTES_EMPTY;
    struct bytes name = BYTES_EMPTY;

    for (size_t i = 0; i < inquiry->path.length; i++) {
        const char *text = finding_name(finding, inquiry->path.steps[i]->view.subject, &name);

        if (bytes_printf(&names, "%s%s", i == 0 ? "" : ", issued by ", text) != 0) {
            finding->failed = true;
        }
    }
    finding_say(finding, "%s", bytes_text(&names));
    bytes_free(&names);
    bytes_free(&name);
}

static void tell_dead_end(const struct inquiry *inquiry, struct finding *finding)
{
    const struct path *path = &inquiry->path;
    const struct path_certificate *last = path->steps[path->length - 1];
    struct bytes subject = BYTES_EMPTY;
    struct bytes issuer = BYTES_EMPTY;

    (void)finding_name(finding, last->view.subject, &subject);
    (void)finding_name(finding, last->view.issuer, &issuer);
    switch (path->end) {
    case PATH_ISSUER_MISSING:
        finding_say(finding, "%s was issued by %s, which is neither in the file nor among the authorities",
                    bytes_text(&subject), bytes_text(&issuer));
        finding_advise(
            finding,
            "if %s is an intermediate, add its certificate to the file, behind the leaf; if it is the "
            "authority to trust, give it with --ca",
            bytes_text(&issuer));
        break;
    case PATH_OTHER_KEY:
        finding_say(
            finding,
            "an authority named %s is there, but another key signed %s: it was issued by an earlier or "
            "another authority of that name",
            bytes_text(&issuer), bytes_text(&subject));
        finding_advise(
            finding,
            "give the certificate of the authority that issued it, or issue it anew with mtls-ca apply");
        break;
    case PATH_ALTERED:
        finding_say(finding, "%s names the key of %s as its issuer's, but the signature is not right",
                    bytes_text(&subject), bytes_text(&issuer));
        finding_advise(
            finding, "the file was altered or damaged: fetch it again, or issue it anew with mtls-ca apply");
        break;
    case PATH_UNTRUSTED_ROOT:
        finding_say(finding,
                    path->length == 1 ? "%s is self-signed, and is not one of the authorities"
                                      : "the chain ends at the root %s, which is not one of the authorities",
                    bytes_text(&subject));
        finding_advise(finding, path->length == 1
                                    ? "have it issued by an authority (mtls-ca apply), or trust the "
                                      "certificate itself by giving it with --ca"
                                    : "give this root with --ca, if it is the one to trust");
        break;
    default:
        finding_say(finding, "the chain is longer than %d certificates", PATH_LENGTH_MAX);
        break;
    }
    bytes_free(&subject);
    bytes_free(&issuer);
}

void check_chain(const struct inquiry *inquiry, struct finding *finding)
{
    const struct path *path = &inquiry->path;

    if (path->end == PATH_ANCHORED) {
        tell_path(inquiry, finding);
        if (!path_is_self_issued(&path->steps[path->length - 1]->view)) {
            finding_raise(finding, VERIFY_WARN);
            finding_say(finding, "that authority is an intermediate");
            finding_advise(finding,
                           "nginx, curl and OpenSSL want the chain up to the root: use NAME.trust.pem, which "
                           "mtls-ca apply writes for every intermediate");
        }
        return;
    }
    if (path->count == path->file_count) {
        finding->verdict = VERIFY_SKIPPED;
        finding_say(finding, "no authority was given");
        finding_advise(finding, "give the one to trust with --ca");
        return;
    }
    finding->verdict = VERIFY_FAIL;
    tell_dead_end(inquiry, finding);
    list_anchors(inquiry, finding);
}

/* ---- signature --------------------------------------------------------------------------------------------------- */

void check_signature(const struct inquiry *inquiry, struct finding *finding)
{
    const struct path *path = &inquiry->path;
    size_t count = path->length - 1;
    struct bytes name = BYTES_EMPTY;

    if (path->end == PATH_UNTRUSTED_ROOT ||
        (path->end == PATH_ANCHORED && path_is_self_issued(&path->steps[path->length - 1]->view))) {
        count += 1;
    }
    if (path->end == PATH_ALTERED || path->end == PATH_OTHER_KEY) {
        finding->verdict = VERIFY_FAIL;
        finding_say(finding, "the signature on %s is not by the key of the issuer at hand",
                    finding_name(finding, path->steps[path->length - 1]->view.subject, &name));
        finding_advise(finding, "see the check of the chain");
    } else if (count == 0) {
        finding->verdict = VERIFY_SKIPPED;
        finding_say(finding, "no issuer is at hand");
    } else {
        finding_say(finding, count == 1 ? "%zu signature" : "%zu signatures", count);
    }
    bytes_free(&name);
}

/* ---- authority --------------------------------------------------------------------------------------------------- */

/* One issuer of the path. */
static void judge_issuer(const struct inquiry *inquiry, size_t step, struct finding *finding)
{
    const struct certificate_view *view = &inquiry->path.steps[step]->view;
    struct bytes text = BYTES_EMPTY;
    const char *name = finding_name(finding, view->subject, &text);
    int below = 0;

    for (size_t i = 1; i < step; i++) {
        below += path_is_self_issued(&inquiry->path.steps[i]->view) ? 0 : 1;
    }
    if (view->version == 1 && path_is_self_issued(view)) {
        finding_raise(finding, VERIFY_WARN);
        finding_say(finding, "%s is of version 1, which cannot say that it is an authority", name);
        finding_advise(finding,
                       "OpenSSL takes such a root, others do not: make a new one with mtls-ca apply");
    } else if (!view->ca) {
        finding_raise(finding, VERIFY_FAIL);
        finding_say(finding, "%s is no authority: basicConstraints %s", name,
                    view->has_basic_constraints ? "says CA:FALSE" : "is absent");
        finding_advise(
            finding,
            "certificates are issued by a CA certificate; give that one, or make one with mtls-ca apply");
    }
    if (view->has_key_usage && (view->key_usage & KEY_USAGE_KEY_CERT_SIGN) == 0) {
        finding_raise(finding, VERIFY_FAIL);
        finding_say(finding, "%s may not sign certificates: keyUsage lacks keyCertSign", name);
        finding_advise(finding, "make the authority with profile root-ca or intermediate-ca");
    }
    if (view->path_length >= 0 && below > view->path_length) {
        finding_raise(finding, VERIFY_FAIL);
        finding_say(finding, "%s allows %d intermediates under it, and there are %d", name, view->path_length,
                    below);
        finding_advise(finding, "raise path_length of that authority");
    }
    bytes_free(&text);
}

void check_authority(const struct inquiry *inquiry, struct finding *finding)
{
    const struct path *path = &inquiry->path;
    struct bytes name = BYTES_EMPTY;

    for (size_t i = 1; i < path->length; i++) {
        judge_issuer(inquiry, i, finding);
    }
    for (size_t i = path->file_count; path->end != PATH_ANCHORED && i < path->count; i++) {
        const struct certificate_view *view = &path->all[i].view;

        if (!view->ca && !(view->version == 1 && path_is_self_issued(view))) {
            finding_raise(finding, VERIFY_FAIL);
            finding_say(finding, "%s, given as an authority, is none",
                        finding_name(finding, view->subject, &name));
            finding_advise(finding, "--ca takes the certificate of the authority, not one that it issued");
            break;
        }
    }
    if (finding->verdict == VERIFY_PASS && path->length == 1) {
        finding->verdict = VERIFY_SKIPPED;
        finding_say(finding, "no issuer is at hand");
    }
    bytes_free(&name);
}

/* ---- key-strength ------------------------------------------------------------------------------------------------ */

void inquiry_judge_key(const struct inquiry *inquiry, const struct certificate_view *view,
                       const char *subject, struct finding *finding)
{
    struct faults *unused = faults_new();
    struct key *key = unused == NULL ? NULL : key_from_spki(inquiry->context, view->spki, unused);

    if (key == NULL) {
        finding_raise(finding, VERIFY_FAIL);
        finding_say(finding, "the public key of %s cannot be read", subject);
    } else if (key_family_of(key) == KEY_FAMILY_RSA && key_bits(key) < RSA_BITS_MIN) {
        finding_raise(finding, VERIFY_FAIL);
        finding_say(finding, "%s has an RSA key of %d bits", subject, key_bits(key));
        finding_advise(finding,
                       "nginx, Apple and others refuse less than 2048 bits: use ec-p256 or rsa-2048");
    } else if (key_family_of(key) == KEY_FAMILY_EC && key_bits(key) < EC_BITS_MIN) {
        finding_raise(finding, VERIFY_FAIL);
        finding_say(finding, "%s has an EC key of %d bits", subject, key_bits(key));
        finding_advise(finding, "use ec-p256");
    }
    key_free(key);
    faults_free(unused);
}

/* The hash of a signature that counts: a root's own does not. */
static void judge_hash(const struct inquiry *inquiry, size_t step, const char *subject,
                       struct finding *finding)
{
    X509 *x509 = path_x509(inquiry->context, inquiry->path.steps[step]);
    int digest = NID_undef;

    if (step > 0 && path_is_self_issued(&inquiry->path.steps[step]->view)) {
        return;
    }
    ERR_set_mark();
    if (x509 != NULL && X509_get_signature_info(x509, &digest, NULL, NULL, NULL) == 1 &&
        (digest == NID_sha1 || digest == NID_md5 || digest == NID_md5_sha1 || digest == NID_md4 ||
         digest == NID_md2)) {
        finding_raise(finding, VERIFY_FAIL);
        finding_say(finding, "%s is signed with %s", subject, digest == NID_sha1 ? "SHA-1" : "MD5 or older");
        finding_advise(
            finding, "TLS stacks refuse such signatures: issue it anew with mtls-ca apply, which uses SHA-2");
    }
    ERR_pop_to_mark();
}

void check_key_strength(const struct inquiry *inquiry, struct finding *finding)
{
    struct bytes name = BYTES_EMPTY;

    for (size_t i = 0; i < inquiry->path.length; i++) {
        const char *subject = finding_name(finding, inquiry->path.steps[i]->view.subject, &name);

        inquiry_judge_key(inquiry, &inquiry->path.steps[i]->view, subject, finding);
        judge_hash(inquiry, i, subject, finding);
    }
    bytes_free(&name);
}

/* ---- openssl ----------------------------------------------------------------------------------------------------- */

/* Set up @p state to judge the path; -1 when memory is out. */
static int prepare(const struct inquiry *inquiry, X509_STORE *store, STACK_OF(X509) * untrusted,
                   X509_STORE_CTX *state)
{
    const struct path *path = &inquiry->path;
    X509_VERIFY_PARAM *parameters;

    for (size_t i = 0; i < path->length; i++) {
        X509 *x509 = path_x509(inquiry->context, path->steps[i]);

        if (x509 == NULL || (path->steps[i]->anchor ? X509_STORE_add_cert(store, x509) != 1
                                                    : sk_X509_push(untrusted, x509) <= 0)) {
            return -1;
        }
    }
    if (X509_STORE_CTX_init(state, store, path_x509(inquiry->context, inquiry->leaf), untrusted) != 1) {
        return -1;
    }
    parameters = X509_STORE_CTX_get0_param(state);
    X509_VERIFY_PARAM_set_time(parameters, (time_t)inquiry->at);
    if (!path_is_self_issued(&path->steps[path->length - 1]->view)) {
        (void)X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN);
    }
    if (inquiry->question->purpose != VERIFY_ANY_PURPOSE) {
        return X509_STORE_CTX_set_purpose(state, inquiry->question->purpose == VERIFY_SERVER
                                                     ? X509_PURPOSE_SSL_SERVER
                                                     : X509_PURPOSE_SSL_CLIENT) == 1
                   ? 0
                   : -1;
    }
    return 0;
}

/* What to do, also where no other check looks. */
static const char *openssl_advice(int error)
{
    switch (error) {
    case X509_V_ERR_PERMITTED_VIOLATION:
    case X509_V_ERR_EXCLUDED_VIOLATION:
        return "the name constraints of an issuer, which mtls-ca inspect shows, do not allow a name of it: "
               "have "
               "it issued with other names, or under another authority";
    case X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION:
        return "it has a critical extension that OpenSSL does not know; mtls-ca inspect -v lists them: have "
               "it "
               "issued without, or with one that is not critical";
    default:
        return "what the other checks found is the likely reason";
    }
}

void check_openssl(const struct inquiry *inquiry, struct finding *finding)
{
    X509_STORE *store = X509_STORE_new();
    STACK_OF(X509) *untrusted = sk_X509_new_null();
    X509_STORE_CTX *state = X509_STORE_CTX_new_ex(context_libctx(inquiry->context), NULL);

    ERR_set_mark();
    if (inquiry->path.end != PATH_ANCHORED) {
        finding->verdict = VERIFY_SKIPPED;
        finding_say(finding, "there is no whole chain to ask about");
    } else if (store == NULL || untrusted == NULL || state == NULL ||
               prepare(inquiry, store, untrusted, state) != 0) {
        finding->verdict = VERIFY_FAIL;
        finding_say(finding, "OpenSSL cannot read one of the certificates");
    } else if (X509_verify_cert(state) != 1) {
        finding->verdict = VERIFY_FAIL;
        finding_say(finding, "%s (certificate %d of the chain)",
                    X509_verify_cert_error_string(X509_STORE_CTX_get_error(state)),
                    X509_STORE_CTX_get_error_depth(state) + 1);
        finding_advise(finding, "%s", openssl_advice(X509_STORE_CTX_get_error(state)));
    }
    ERR_pop_to_mark();
    X509_STORE_CTX_free(state);
    sk_X509_free(untrusted);
    X509_STORE_free(store);
}
