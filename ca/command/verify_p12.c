/* SPDX-License-Identifier: Apache-2.0 */
/* A P12 put to the question. */
#include "command/verify_p12.h"

#include <string.h>

#include "console/passphrase_option.h"
#include "x509/bundle.h"
#include "x509/certificate.h"
#include "x509/path.h"

static int add_check(const struct invocation *invocation, struct verify_report *answer, const char *id,
                     const char *title, enum verify_verdict verdict, const char *detail, const char *advice)
{
    if (verify_report_add(answer, id, title, verdict, detail, advice) != 0) {
        fault_memory(invocation->faults);
        return -1;
    }
    return 0;
}

/** The certificate of the P12's key, or NULL. */
static const struct bundle_report_item *find_leaf(const struct invocation *invocation,
                                                  const struct bundle_report *report)
{
    for (size_t i = 0; report->key != NULL && i < report->item_count; i++) {
        if (report->items[i].certificate.length != 0 &&
            verify_key_matches(invocation->context, slice_of(&report->items[i].certificate), report->key)) {
            return &report->items[i];
        }
    }
    return NULL;
}

static const struct bundle_report_item *find_key(const struct bundle_report *report)
{
    for (size_t i = 0; i < report->item_count; i++) {
        if (strcmp(report->items[i].kind, "shrouded key") == 0 || strcmp(report->items[i].kind, "key") == 0) {
            return &report->items[i];
        }
    }
    return NULL;
}

/** What a P12 holds, counted. */
struct holdings {
    size_t certificates, authorities, trusted, keys;
};

static struct holdings holdings_of(const struct bundle_report *report)
{
    struct holdings holdings = {0, 0, 0, 0};
    struct certificate_view view;

    for (size_t i = 0; i < report->item_count; i++) {
        const struct bundle_report_item *item = &report->items[i];

        if (item->certificate.length == 0) {
            holdings.keys += strcmp(item->kind, "CRL") == 0 ? 0 : 1;
            continue;
        }
        holdings.certificates += 1;
        holdings.trusted += item->java_trusted ? 1 : 0;
        holdings.authorities +=
            certificate_view_read(slice_of(&item->certificate), &view) == 0 && view.ca ? 1 : 0;
    }
    return holdings;
}

/** A trust store: no key, and what is in it is marked for Java, or authorities alone. */
static bool is_trust_store(const struct holdings *holdings)
{
    return holdings->keys == 0 && holdings->certificates != 0 &&
           (holdings->trusted != 0 || holdings->authorities == holdings->certificates);
}

/** A P12 has no order: the leaf first, each issuer behind whom it issued, the rest behind them. */
static int order_certificates(const struct invocation *invocation, const struct bundle_report *report,
                              const struct bundle_report_item *leaf, struct certificate_list *chain)
{
    struct certificate_list all = {NULL, 0};
    struct certificate_view view;
    struct path path = {0};
    bool certain = false;
    size_t first = 0;
    int status = 0;

    for (size_t i = 0; status == 0 && i < report->item_count; i++) {
        const struct bundle_report_item *item = &report->items[i];

        if (item->certificate.length == 0) {
            continue;
        }
        /* without a key, the first that is no authority */
        if (!certain &&
            (item == leaf ||
             (leaf == NULL && certificate_view_read(slice_of(&item->certificate), &view) == 0 && !view.ca))) {
            certain = true;
            first = all.count;
        }
        status = certificate_list_add(&all, slice_of(&item->certificate));
    }
    if (status != 0) {
        fault_memory(invocation->faults);
    } else {
        status = path_find(invocation->context, &all, first, NULL, &path, invocation->faults);
    }
    if (status == 0 && path_order(&path, chain) != 0) {
        fault_memory(invocation->faults);
        status = -1;
    }
    path_free(&path);
    certificate_list_free(&all);
    return status;
}

static int list_anchors(const struct invocation *invocation, const struct bundle_report *report,
                        struct certificate_list *chain)
{
    for (size_t i = 0; i < report->item_count; i++) {
        if (report->items[i].certificate.length != 0 &&
            certificate_list_add(chain, slice_of(&report->items[i].certificate)) != 0) {
            fault_memory(invocation->faults);
            return -1;
        }
    }
    return 0;
}

/* ---- structure ------------------------------------------------------------------------------------------------------ */

static int check_trust_store(const struct invocation *invocation, struct verify_report *answer,
                             const struct holdings *holdings, bool identity)
{
    static const char title[] = "the P12 holds anchors that Java trusts";
    static const char make[] = "make it with mtls-ca bundle --target java-truststore --chain FILE";
    struct bytes detail = BYTES_EMPTY;
    enum verify_verdict verdict = VERIFY_PASS;
    const char *advice = NULL;
    int status;

    if (identity) {
        verdict = VERIFY_FAIL;
        advice = "an identity is made with mtls-ca bundle --cert FILE --key FILE; without --key, --host and "
                 "--purpose, a trust store is verified as such";
        status = bytes_printf(&detail, "there is no private key in it: it is a trust store, not an identity");
    } else if (holdings->trusted == holdings->certificates) {
        status = bytes_printf(&detail,
                              holdings->certificates == 1 ? "a trust store with %zu anchor"
                                                          : "a trust store with %zu anchors",
                              holdings->certificates);
    } else {
        verdict = VERIFY_WARN;
        advice = make;
        status = bytes_printf(&detail,
                              "authorities alone, of which Java does not see those without its trust "
                              "attribute: %zu of %zu",
                              holdings->certificates - holdings->trusted, holdings->certificates);
    }
    if (status != 0) {
        fault_memory(invocation->faults);
    } else {
        status = add_check(invocation, answer, "p12-structure", title, verdict, bytes_text(&detail), advice);
    }
    bytes_free(&detail);
    return status;
}

static int check_structure(const struct invocation *invocation, struct verify_report *answer,
                           const struct bundle_report *report, const struct holdings *holdings,
                           const struct bundle_report_item *leaf)
{
    static const char title[] = "the P12 holds a certificate and its private key";
    const char *lack = NULL;
    struct bytes detail = BYTES_EMPTY;
    int status;

    if (holdings->certificates == 0) {
        lack = "there is no certificate in it";
    } else if (report->key == NULL) {
        lack = holdings->keys != 0 ? "there is no private key in it that can be read"
                                   : "there is no private key in it";
    } else if (leaf == NULL) {
        lack = "no certificate in it belongs to the private key";
    }
    if (lack != NULL) {
        return add_check(invocation, answer, "p12-structure", title, VERIFY_FAIL, lack,
                         "make it again with mtls-ca bundle --cert FILE --key FILE");
    }
    status = bytes_printf(&detail, "a key and %zu %s", holdings->certificates,
                          holdings->certificates == 1 ? "certificate" : "certificates");
    if (status != 0) {
        fault_memory(invocation->faults);
    } else {
        status =
            add_check(invocation, answer, "p12-structure", title, VERIFY_PASS, bytes_text(&detail), NULL);
    }
    bytes_free(&detail);
    return status;
}

/** Key and certificate find one another by localKeyID, else by friendlyName. */
static int check_pairing(const struct invocation *invocation, struct verify_report *answer,
                         const struct bundle_report *report, const struct bundle_report_item *leaf)
{
    static const char title[] = "key and certificate are marked as belonging together";
    const struct bundle_report_item *key = find_key(report);
    bool by_id = key->local_key_id.length != 0 &&
                 slice_equal(slice_of(&key->local_key_id), slice_of(&leaf->local_key_id));
    bool by_name = key->local_key_id.length == 0 && leaf->local_key_id.length == 0 &&
                   key->friendly_name.length != 0 &&
                   slice_equal(slice_of(&key->friendly_name), slice_of(&leaf->friendly_name));

    if (by_id || by_name) {
        return add_check(invocation, answer, "p12-pairing", title, VERIFY_PASS,
                         by_id ? "the same localKeyID" : "the same friendlyName", NULL);
    }
    return add_check(
        invocation, answer, "p12-pairing", title, VERIFY_WARN,
        "neither localKeyID nor friendlyName of key and certificate agree; macOS and iOS then import no "
        "identity",
        "make it again with mtls-ca bundle, which sets both");
}

/* ---- readers -------------------------------------------------------------------------------------------------------- */

/** Those readers of the table that one check is about. */
struct reader_check {
    const char *id, *title;
    enum bundle_family family;
    const char *advice; /**< for when none of them takes it; NULL: that is no matter */
};

static const struct reader_check identity_readers[] = {
    {"p12-apple", "an iPhone, iPad or Mac takes it", BUNDLE_FAMILY_APPLE,
     "for Apple's devices: mtls-ca bundle --target ios-legacy, with an RSA or EC key and a passphrase"},
    {"p12-android", "an Android takes it", BUNDLE_FAMILY_ANDROID,
     "for Android: mtls-ca bundle --target android-legacy"},
    {"p12-java", "Java takes its key", BUNDLE_FAMILY_JAVA,
     "for Java: mtls-ca bundle --target java, with an ASCII passphrase"},
    {"p12-readers", "other readers take it", BUNDLE_FAMILY_OTHER, NULL},
};

static const struct reader_check anchor_readers[] = {
    {"p12-java", "Java takes it as a trust store", BUNDLE_FAMILY_JAVA_TRUST,
     "for Java: mtls-ca bundle --target java-truststore, with an ASCII passphrase"},
};

/** "not NAME: REASON", "NAME: REASON" where nobody knows, behind what is there. */
static int append_reader(struct bytes *detail, const char *name, const char *reason, bool unsure)
{
    return bytes_printf(detail, "%s%s%s: %s", detail->length == 0 ? "" : "; ", unsure ? "" : "not ", name,
                        reason);
}

/** A no is a warning when all of a family say it: nobody asked for one of them by name. */
static int check_family(const struct invocation *invocation, struct verify_report *answer,
                        const struct bundle_report *report, const struct reader_check *check)
{
    struct bytes detail = BYTES_EMPTY;
    const char *reason = NULL;
    const char *name;
    bool takes = false;
    bool any = check->advice == NULL;
    int status = 0;

    for (size_t i = 0; (name = bundle_reader_at(i, report, &takes, &reason)) != NULL && status == 0; i++) {
        bool unsure = !takes && bundle_reader_is_unsure(i, report);

        if (bundle_reader_family(i) != check->family) {
            continue;
        }
        any |= takes || unsure;
        if (!takes) {
            status = append_reader(&detail, name, reason, unsure);
        }
    }
    if (status != 0) {
        fault_memory(invocation->faults);
    } else {
        status = add_check(invocation, answer, check->id, check->title, any ? VERIFY_PASS : VERIFY_WARN,
                           detail.length == 0 ? NULL : bytes_text(&detail), any ? NULL : check->advice);
    }
    bytes_free(&detail);
    return status;
}

/** Whom --target names must take it. */
static int check_target(const struct invocation *invocation, struct verify_report *answer,
                        const struct bundle_report *report, const struct bundle_target *target)
{
    struct bytes detail = BYTES_EMPTY;
    struct bytes advice = BYTES_EMPTY;
    const char *reason = NULL;
    const char *name;
    bool takes = false;
    bool all = true;
    int status = bytes_printf(&advice, "make it again with mtls-ca bundle --target %s", target->word);

    for (size_t i = 0; (name = bundle_reader_at(i, report, &takes, &reason)) != NULL && status == 0; i++) {
        if (bundle_reader_is_promised(i, target) && !takes) {
            bool unsure = bundle_reader_is_unsure(i, report);

            all &= unsure;
            status = append_reader(&detail, name, reason, unsure);
        }
    }
    if (status == 0 && detail.length == 0) {
        status = bytes_printf(&detail, "%s: %s", target->word, target->description);
    }
    if (status != 0) {
        fault_memory(invocation->faults);
    } else {
        status =
            add_check(invocation, answer, "p12-target", "those it is for take it",
                      all ? VERIFY_PASS : VERIFY_FAIL, bytes_text(&detail), all ? NULL : bytes_text(&advice));
    }
    bytes_free(&detail);
    bytes_free(&advice);
    return status;
}

static int check_readers(const struct invocation *invocation, struct verify_report *answer,
                         const struct bundle_report *report, const struct bundle_target *target, bool anchors)
{
    const struct reader_check *checks = anchors ? anchor_readers : identity_readers;
    size_t count = anchors ? sizeof(anchor_readers) / sizeof(anchor_readers[0])
                           : sizeof(identity_readers) / sizeof(identity_readers[0]);
    int status = target == NULL ? 0 : check_target(invocation, answer, report, target);

    for (size_t i = 0; status == 0 && i < count; i++) {
        status = check_family(invocation, answer, report, &checks[i]);
    }
    return status;
}

/* ---- the whole ------------------------------------------------------------------------------------------------------ */

/** The passphrase is wrong, or an algorithm is not to be had: it is a P12, and the answer is no. */
static int refuse(const struct invocation *invocation, struct verify_report *answer, const char *path,
                  const struct faults *why)
{
    const char *text = faults_count(why) > 0 ? faults_text(why, 0) : "it cannot be opened";
    size_t prefix = strlen(path);

    /* the place is told already */
    if (strncmp(text, path, prefix) == 0 && strncmp(text + prefix, ": ", 2) == 0) {
        text += prefix + 2;
    }
    return add_check(invocation, answer, "p12-opens", "the passphrase opens the P12", VERIFY_FAIL, text,
                     "mtls-ca inspect shows its algorithms without a passphrase");
}

/** All checks of an open P12, and what is to be gone on with. */
static int check_all(const struct invocation *invocation, struct verify_report *answer,
                     const struct bundle_report *report, const struct bundle_target *target, bool identity,
                     struct certificate_list *chain, enum verify_p12_content *found)
{
    const struct bundle_report_item *leaf = find_leaf(invocation, report);
    struct holdings holdings = holdings_of(report);
    bool anchors = is_trust_store(&holdings);

    if (add_check(invocation, answer, "p12-opens", "the passphrase opens the P12", VERIFY_PASS, NULL, NULL) !=
            0 ||
        (anchors ? check_trust_store(invocation, answer, &holdings, identity)
                 : check_structure(invocation, answer, report, &holdings, leaf)) != 0 ||
        (leaf != NULL && check_pairing(invocation, answer, report, leaf) != 0) ||
        check_readers(invocation, answer, report, target, anchors) != 0) {
        return -1;
    }
    if (holdings.certificates == 0) {
        return 0;
    }
    *found = anchors ? VERIFY_P12_ANCHORS : VERIFY_P12_IDENTITY;
    return anchors ? list_anchors(invocation, report, chain)
                   : order_certificates(invocation, report, leaf, chain);
}

int verify_p12(const struct invocation *invocation, struct slice content, const char *path,
               const struct bundle_target *target, bool identity, struct verify_report *answer,
               struct certificate_list *chain, struct key **key, enum verify_p12_content *found)
{
    struct passphrase_option passphrase = {false, false, BYTES_EMPTY};
    struct bundle_report report;
    struct faults *why = faults_new();
    int status = -1;

    memset(&report, 0, sizeof(report));
    *found = VERIFY_P12_NOTHING;
    if (why == NULL) {
        fault_memory(invocation->faults);
        goto out;
    }
    /* what is broken is so without a passphrase, too */
    if (bundle_peek(invocation->context, content, path, &report, invocation->faults) != 0 ||
        passphrase_option_fetch(invocation, "passphrase", path, false, &passphrase) != 0) {
        goto out;
    }
    bundle_report_free(&report);
    if (bundle_open(invocation->context, content, &passphrase.secret, path, &report, why) != 0) {
        status = refuse(invocation, answer, path, why);
        goto out;
    }
    status = check_all(invocation, answer, &report, target, identity, chain, found);
    if (*key == NULL) {
        *key = report.key;
        report.key = NULL;
    }
out:
    bundle_report_free(&report);
    passphrase_option_free(&passphrase);
    faults_free(why);
    return status;
}
