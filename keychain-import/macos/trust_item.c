/* SPDX-License-Identifier: Apache-2.0 */
/* Trust in certificates as items. */
#include "macos/opened.h"

#include <string.h>

#include "macos/value.h"
#include "x509/certificate.h"

/* The settings an item asks for. A root is trusted as one; what is none has to be trusted as if it were. */
static int want(const struct item *item, struct trust_settings *settings)
{
    struct certificate_view view;

    if (certificate_view_read(item->certificate, &view) != 0) {
        return -1;
    }
    return trust_settings_of(item->scope, item->host,
                             slice_equal(view.issuer, view.subject) ? kSecTrustSettingsResultTrustRoot
                                                                    : kSecTrustSettingsResultTrustAsRoot,
                             settings);
}

/* Why another trust that is there is in the way. */
static int explain(const struct trust_settings *now, bool foreign, struct bytes *reason)
{
    const char *host = NULL;
    enum scope scope = trust_settings_scope(now, &host);

    if (foreign) {
        return bytes_append_text(reason, "trust settings of a kind that could not be put back");
    }
    if (scope == SCOPE_NONE) {
        return bytes_append_text(reason, "trust settings for something else, or against it");
    }
    return bytes_printf(reason, "trust for %s%s%s",
                        scope == SCOPE_ANY ? "servers and clients" : scope_word(scope),
                        host != NULL ? " on " : "", host != NULL ? host : "");
}

int trust_item_look(struct opened *opened, const struct item *item, struct sighting *sighting,
                    struct faults *faults)
{
    SecCertificateRef certificate = opened_create_certificate(opened, item->certificate, faults);
    struct trust_settings now = {0};
    struct trust_settings wanted = {0};
    const char *host = NULL;
    bool foreign = false;
    int status = -1;

    if (certificate == NULL || trust_read(&opened->trust, certificate, &now, &foreign, faults) != 0) {
        goto out;
    }
    sighting->scope = trust_settings_scope(&now, &host);
    if (want(item, &wanted) != 0 || (!foreign && trust_words_write(&now, &sighting->before) != 0)) {
        fault_memory(faults);
        goto out;
    }
    sighting->presence = !now.present                                      ? PRESENCE_ABSENT
                         : !foreign && trust_settings_equal(&now, &wanted) ? PRESENCE_PRESENT
                                                                           : PRESENCE_DIFFERENT;
    status = 0;
    if (sighting->presence == PRESENCE_DIFFERENT && explain(&now, foreign, &sighting->reason) != 0) {
        fault_memory(faults);
        status = -1;
    }
out:
    trust_settings_free(&wanted);
    trust_settings_free(&now);
    value_release(certificate);
    return status;
}

/* Whether the trust is now just @p settings: 1, 0, or -1 when it cannot be read. Asked twice, since all hangs on it. */
static int is_now(struct opened *opened, SecCertificateRef certificate, const struct trust_settings *settings)
{
    int found = -1;

    for (int attempt = 0; found < 0 && attempt < 2; attempt++) {
        struct faults *unheard = faults_new();
        struct trust_settings now = {0};
        bool foreign = false;

        if (unheard != NULL && trust_read(&opened->trust, certificate, &now, &foreign, unheard) == 0) {
            found = !foreign && trust_settings_equal(&now, settings) ? 1 : 0;
        }
        trust_settings_free(&now);
        faults_free(unheard);
    }
    return found;
}

/* From @p before to @p after. An error may have had its effect; then it is done all the same. */
static int change(struct opened *opened, SecCertificateRef certificate, const struct trust_settings *before,
                  const struct trust_settings *after, struct faults *faults)
{
    struct faults *heard = faults_new();
    int status = -1;

    if (heard == NULL) {
        fault_memory(faults);
        return -1;
    }
    status = trust_write(&opened->trust, certificate, after, heard);
    if (status != 0 && !opened->trust.lost) {
        if (is_now(opened, certificate, after) == 1) {
            status = 0;
        } else if (is_now(opened, certificate, before) != 1) {
            fault_error(heard, NULL, NULL, "keychain-import recover",
                        "%s: something of the change may be left in the trust settings", opened->store.name);
        }
    }
    if (status != 0) {
        faults_move(faults, heard);
    }
    faults_free(heard);
    return status;
}

/* To @p after, from whatever there is, provided that it could be put back. */
static int change_to(struct opened *opened, const struct item *item, const struct trust_settings *after,
                     struct faults *faults)
{
    SecCertificateRef certificate = opened_create_certificate(opened, item->certificate, faults);
    struct trust_settings now = {0};
    bool foreign = false;
    int status = -1;

    if (certificate == NULL || trust_read(&opened->trust, certificate, &now, &foreign, faults) != 0) {
        goto out;
    }
    if (foreign) {
        fault_error(faults, NULL, NULL, "take them away in Keychain Access",
                    "%s: the certificate has trust settings of a kind that could not be put back",
                    opened->store.name);
    } else if (trust_settings_equal(&now, after)) {
        status = 0;
    } else {
        status = change(opened, certificate, &now, after, faults);
    }
out:
    trust_settings_free(&now);
    value_release(certificate);
    return status;
}

int trust_item_put(struct opened *opened, const struct item *item, struct faults *faults)
{
    struct trust_settings wanted = {0};
    int status = -1;

    if (want(item, &wanted) != 0) {
        fault_error(faults, NULL, NULL, NULL,
                    "%s: the certificate is malformed, or the name of the host too long", opened->store.name);
    } else {
        status = change_to(opened, item, &wanted, faults);
    }
    trust_settings_free(&wanted);
    return status;
}

int trust_item_take(struct opened *opened, const struct item *item, struct slice before,
                    struct faults *faults)
{
    struct trust_settings settings = {0};
    int status = -1;

    if (trust_words_read(before, &settings) != 0) {
        fault_error(faults, NULL, NULL, NULL, "%s: what is kept of the earlier trust settings cannot be read",
                    opened->store.name);
    } else {
        status = change_to(opened, item, &settings, faults);
    }
    trust_settings_free(&settings);
    return status;
}

int trust_item_prove(struct opened *opened, const struct item *item, struct faults *faults)
{
    struct sighting sighting = {0};
    int status = trust_item_look(opened, item, &sighting, faults);

    if (status == 0 && sighting.presence != PRESENCE_PRESENT) {
        fault_error(faults, NULL, NULL, NULL, "%s: the certificate is not trusted as it should be%s%s",
                    opened->store.name, sighting.reason.length > 0 ? ": there is " : "",
                    bytes_text(&sighting.reason));
        status = -1;
    }
    sighting_free(&sighting);
    return status;
}
