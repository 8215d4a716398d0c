/* SPDX-License-Identifier: Apache-2.0 */
/* Trust settings of macOS. */
#include "macos/trust.h"

#include <stdlib.h>
#include <string.h>

#include "macos/errand.h"
#include "macos/status.h"
#include "macos/value.h"

/* Where newer releases write which side of TLS is meant; the key has no name in the headers. */
#define POLICY_NAME CFSTR("kSecTrustSettingsPolicyName")

/* ---- reading ------------------------------------------------------------------------------------------------------ */

/* A text into a field of @p size; -1: it is none, or too long. */
static int read_text(CFTypeRef value, char *field, size_t size)
{
    struct bytes text = BYTES_EMPTY;
    int status = -1;

    if (value_text(value, &text) == 0 && text.length < size) {
        memcpy(field, bytes_text(&text), text.length + 1);
        status = 0;
    }
    bytes_free(&text);
    return status;
}

static int read_policy(CFTypeRef dictionary, struct trust_setting *setting)
{
    CFTypeRef policy = value_get(dictionary, kSecTrustSettingsPolicy);
    CFTypeRef name = value_get(dictionary, POLICY_NAME);
    CFTypeRef client = NULL;
    CFDictionaryRef told = NULL;
    CFTypeRef oid = NULL;
    int status = 0;

    if (policy == NULL) {
        setting->policy = TRUST_ALL;
        return 0;
    }
    told = value_is(policy, SecPolicyGetTypeID()) ? SecPolicyCopyProperties((SecPolicyRef)policy) : NULL;
    oid = value_get(told, kSecPolicyOid);
    client = value_get(told, kSecPolicyClient);
    if (oid == NULL) {
        status = -1;
    } else if (CFEqual(oid, kSecPolicyAppleX509Basic)) {
        setting->policy = TRUST_BASIC;
    } else if (CFEqual(oid, kSecPolicyAppleSSL)) {
        setting->policy = (value_is(client, CFBooleanGetTypeID()) && CFBooleanGetValue(client)) ||
                                  (name != NULL && CFEqual(name, CFSTR("sslClient")))
                              ? TRUST_SSL_CLIENT
                              : TRUST_SSL_SERVER;
    } else {
        setting->policy = TRUST_OTHER;
        status = read_text(oid, setting->oid, sizeof(setting->oid));
    }
    value_release(told);
    return status;
}

static int read_number(CFTypeRef dictionary, CFStringRef key, bool *there, int32_t *number)
{
    CFTypeRef value = value_get(dictionary, key);

    *there = value != NULL;
    return value == NULL ? 0 : value_number(value, number);
}

/* -1: something in it cannot be told. */
static int read_setting(CFTypeRef dictionary, struct trust_setting *setting)
{
    CFStringRef const known[] = {kSecTrustSettingsPolicy,   POLICY_NAME,
                                 kSecTrustSettingsResult,   kSecTrustSettingsPolicyString,
                                 kSecTrustSettingsKeyUsage, kSecTrustSettingsAllowedError};
    CFTypeRef host = value_get(dictionary, kSecTrustSettingsPolicyString);
    CFIndex count = 0;

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        count += value_get(dictionary, known[i]) != NULL ? 1 : 0;
    }
    if (!value_is(dictionary, CFDictionaryGetTypeID()) || CFDictionaryGetCount(dictionary) != count ||
        read_policy(dictionary, setting) != 0 ||
        read_number(dictionary, kSecTrustSettingsResult, &setting->has_result, &setting->result) != 0 ||
        read_number(dictionary, kSecTrustSettingsKeyUsage, &setting->has_usage, &setting->usage) != 0 ||
        read_number(dictionary, kSecTrustSettingsAllowedError, &setting->has_error, &setting->error) != 0) {
        return -1;
    }
    setting->has_host = host != NULL;
    return host == NULL ? 0 : read_text(host, setting->host, sizeof(setting->host));
}

/* The settings of @p certificate; NULL with errSecItemNotFound when there are none. */
static CFArrayRef copy_settings(SecCertificateRef certificate, SecTrustSettingsDomain domain,
                                OSStatus *status)
{
    CFArrayRef settings = NULL;

    *status = SecTrustSettingsCopyTrustSettings(certificate, domain, &settings);
    if (*status != errSecSuccess) {
        value_release(settings);
        settings = NULL;
    }
    return settings;
}

int trust_read(const struct trust_domain *domain, SecCertificateRef certificate,
               struct trust_settings *settings, bool *foreign, struct faults *faults)
{
    OSStatus status = errSecSuccess;
    CFArrayRef all = copy_settings(certificate, domain->domain, &status);
    int done = -1;

    trust_settings_free(settings);
    *foreign = false;
    if (status == errSecItemNotFound || status == errSecNoTrustSettings) {
        return 0;
    }
    if (status != errSecSuccess) {
        status_fault(faults, domain->store, status, NULL, "the trust in the certificate cannot be read");
        return -1;
    }
    settings->present = true;
    for (size_t i = 0; i < value_count(all); i++) {
        struct trust_setting *setting = trust_settings_add(settings);

        if (setting == NULL && settings->count < TRUST_SETTINGS_MAX) {
            fault_memory(faults);
            goto out;
        }
        if (setting == NULL || read_setting(value_at(all, i), setting) != 0) {
            *foreign = true;
            settings->count -= setting == NULL ? 0 : 1;
        }
    }
    done = 0;
out:
    value_release(all);
    return done;
}

/* ---- writing ------------------------------------------------------------------------------------------------------ */

static SecPolicyRef create_policy(const struct trust_setting *setting)
{
    CFStringRef oid = NULL;
    SecPolicyRef policy = NULL;

    switch (setting->policy) {
    case TRUST_SSL_SERVER:
        return SecPolicyCreateSSL(true, NULL);
    case TRUST_SSL_CLIENT:
        return SecPolicyCreateSSL(false, NULL);
    case TRUST_BASIC:
        return SecPolicyCreateBasicX509();
    case TRUST_OTHER:
        oid = value_create_text(setting->oid);
        policy = oid == NULL ? NULL : SecPolicyCreateWithProperties(oid, NULL);
        value_release(oid);
        break;
    case TRUST_ALL:
        break;
    }
    return policy;
}

/* One setting as macOS wants it. Values made are held in @p made until the dictionary has its own references. */
static CFDictionaryRef create_setting(const struct trust_setting *setting)
{
    const void *pairs[10];
    CFTypeRef made[5] = {NULL, NULL, NULL, NULL, NULL};
    bool there[5] = {setting->policy != TRUST_ALL, setting->has_host, setting->has_result, setting->has_usage,
                     setting->has_error};
    CFStringRef const keys[5] = {kSecTrustSettingsPolicy, kSecTrustSettingsPolicyString,
                                 kSecTrustSettingsResult, kSecTrustSettingsKeyUsage,
                                 kSecTrustSettingsAllowedError};
    CFDictionaryRef dictionary = NULL;
    size_t count = 0;

    made[0] = there[0] ? create_policy(setting) : NULL;
    made[1] = there[1] ? value_create_text(setting->host) : NULL;
    made[2] = there[2] ? value_create_number(setting->result) : NULL;
    made[3] = there[3] ? value_create_number(setting->usage) : NULL;
    made[4] = there[4] ? value_create_number(setting->error) : NULL;
    for (size_t i = 0; i < 5; i++) {
        if (there[i]) {
            pairs[2 * count] = keys[i];
            pairs[2 * count + 1] = made[i];
            count++;
        }
    }
    dictionary = value_create_dictionary(pairs, count);
    for (size_t i = 0; i < 5; i++) {
        value_release(made[i]);
    }
    return dictionary;
}

static CFArrayRef create_settings(const struct trust_settings *settings)
{
    const void *all[TRUST_SETTINGS_MAX];
    CFArrayRef array = NULL;
    size_t made = 0;

    while (made < settings->count && (all[made] = create_setting(&settings->all[made])) != NULL) {
        made++;
    }
    if (made == settings->count) {
        array = value_create_array(all, made);
    }
    for (size_t i = 0; i < made; i++) {
        value_release(all[i]);
    }
    return array;
}

/* One write, with references of its own: the thread that does it may outlive who asked for it. */
struct writing {
    SecCertificateRef certificate;
    SecTrustSettingsDomain domain;
    CFArrayRef settings; /* NULL: take all away */
};

static int32_t write_settings(void *state)
{
    const struct writing *writing = state;

    return writing->settings == NULL
               ? SecTrustSettingsRemoveTrustSettings(writing->certificate, writing->domain)
               : SecTrustSettingsSetTrustSettings(writing->certificate, writing->domain, writing->settings);
}

static void free_writing(void *state)
{
    struct writing *writing = state;

    value_release(writing->settings);
    value_release(writing->certificate);
    free(writing);
}

/* Send it off; @p settings are given away. The answer counts unless the write got lost (domain->lost). */
static OSStatus send(struct trust_domain *domain, SecCertificateRef certificate,
                     CFArrayRef VALUE_CONSUMED settings)
{
    struct writing *writing = calloc(1, sizeof(*writing));
    int32_t answer = errSecAllocate;

    if (writing == NULL) {
        value_release(settings);
        return errSecAllocate;
    }
    writing->certificate = (SecCertificateRef)CFRetain(certificate);
    writing->domain = domain->domain;
    writing->settings = settings;
    switch (errand_run(write_settings, free_writing, writing, domain->seconds, &answer)) {
    case 1:
        break;
    case 0:
        domain->lost = true;
        break;
    default:
        answer = errSecAllocate;
        break;
    }
    return answer;
}

int trust_write(struct trust_domain *domain, SecCertificateRef certificate,
                const struct trust_settings *settings, struct faults *faults)
{
    CFArrayRef array = NULL;
    OSStatus status = errSecSuccess;

    if (domain->lost) {
        fault_error(faults, NULL, NULL, STATUS_TRUST_HINT,
                    "%s: macOS still has an earlier change of trust before it; no other is begun",
                    domain->store);
        return -1;
    }
    if (settings->present) {
        array = create_settings(settings);
        if (array == NULL) {
            fault_memory(faults);
            return -1;
        }
    }
    status = send(domain, certificate, array);
    if (domain->lost) {
        fault_error(
            faults, NULL, NULL, STATUS_TRUST_HINT,
            "%s: macOS did not answer within %u seconds; it waits for a person, and whether the trust was "
            "changed is not known",
            domain->store, domain->seconds);
        return -1;
    }
    if (status != errSecSuccess) {
        status_fault(faults, domain->store, status, STATUS_TRUST_HINT,
                     settings->present ? "the trust in the certificate cannot be set"
                                       : "the trust in the certificate cannot be taken away");
        return -1;
    }
    return 0;
}
