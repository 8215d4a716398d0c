/* SPDX-License-Identifier: Apache-2.0 */
/* Trust settings, whose leave they want, and judgements. */
#include "object.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/x509.h>

#define OID_SSL   "kSecPolicyAppleSSL"
#define OID_BASIC "kSecPolicyAppleX509Basic"

enum apple_person apple_person;
bool apple_protected;
bool apple_networked;

/* Those that wait for a person, and the word that lets them come back. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t word = PTHREAD_COND_INITIALIZER;
static int waiting;
static bool released;

void apple_release(void)
{
    (void)pthread_mutex_lock(&lock);
    released = true;
    (void)pthread_cond_broadcast(&word);
    while (waiting > 0) {
        (void)pthread_cond_wait(&word, &lock);
    }
    released = false;
    (void)pthread_mutex_unlock(&lock);
}

static OSStatus hang(void)
{
    (void)pthread_mutex_lock(&lock);
    waiting++;
    while (!released) {
        (void)pthread_cond_wait(&word, &lock);
    }
    waiting--;
    (void)pthread_cond_broadcast(&word);
    (void)pthread_mutex_unlock(&lock);
    return errAuthorizationCanceled;
}

static OSStatus ask(void)
{
    switch (apple_person) {
    case PERSON_GRANTS:
        apple_prompts++;
        return errSecSuccess;
    case PERSON_CANCELS:
        apple_prompts++;
        return errAuthorizationCanceled;
    case PERSON_HANGS:
        return hang();
    case PERSON_ABSENT:
        break;
    }
    return errAuthorizationInteractionNotAllowed;
}

/* ---- records -------------------------------------------------------------------------------------------------------- */

static struct record *record_find(const struct object *certificate, SecTrustSettingsDomain domain)
{
    for (size_t i = 0; i < RECORDS_MAX; i++) {
        struct record *record = &apple_world.records[i];

        if (record->der != NULL && record->domain == domain && record->length == certificate->length &&
            memcmp(record->der, certificate->bytes, record->length) == 0) {
            return record;
        }
    }
    return NULL;
}

static size_t record_count(SecTrustSettingsDomain domain)
{
    size_t count = 0;

    for (size_t i = 0; i < RECORDS_MAX; i++) {
        count += apple_world.records[i].der != NULL && apple_world.records[i].domain == domain ? 1 : 0;
    }
    return count;
}

static struct record *record_new(const void *der, size_t length, SecTrustSettingsDomain domain)
{
    for (size_t i = 0; i < RECORDS_MAX; i++) {
        struct record *record = &apple_world.records[i];

        if (record->der == NULL) {
            record->der = malloc(length);
            memcpy(record->der, der, length);
            record->length = length;
            record->domain = domain;
            record->count = 0;
            return record;
        }
    }
    apple_panic("too many trust settings");
}

void apple_trust_program(const void *der, size_t length, SecTrustSettingsDomain domain)
{
    struct record *record = record_new(der, length, domain);

    record->settings[0] = (struct setting){.oid = OID_SSL, .has_program = true};
    record->count = 1;
}

void apple_trust_policy(const void *der, size_t length, SecTrustSettingsDomain domain, const char *oid,
                        int result)
{
    struct record *record = record_new(der, length, domain);

    record->settings[0] = (struct setting){.has_result = true, .result = result};
    copy_text(record->settings[0].oid, oid);
    record->count = 1;
}

void apple_trust_all(const void *der, size_t length, SecTrustSettingsDomain domain)
{
    (void)record_new(der, length, domain);
}

/* Whose leave a change of the domain wants: root's alone for what is not the last record, where the system is not protected. */
static OSStatus authorized(SecTrustSettingsDomain domain, bool empties)
{
    if (domain == kSecTrustSettingsDomainUser && apple_uid == 0) {
        return errSecInternalComponent;
    }
    if (domain == kSecTrustSettingsDomainAdmin && apple_uid == 0 && !apple_protected && !empties) {
        return errSecSuccess;
    }
    return ask();
}

static bool self_signed(const struct object *certificate)
{
    const unsigned char *bytes = certificate->bytes;
    X509 *x509 = d2i_X509(NULL, &bytes, (long)certificate->length);
    bool same = x509 != NULL && X509_NAME_cmp(X509_get_subject_name(x509), X509_get_issuer_name(x509)) == 0;

    X509_free(x509);
    return same;
}

static void read_number(const void *dictionary, CFStringRef key, bool *there, int32_t *number)
{
    const void *value = dictionary_get(dictionary, key, "SecTrustSettingsSetTrustSettings");

    *there = value != NULL;
    if (value != NULL) {
        (void)CFNumberGetValue(value, kCFNumberSInt32Type, number);
    }
}

static OSStatus read_setting(const void *dictionary, bool root, struct setting *setting)
{
    const char *call = "SecTrustSettingsSetTrustSettings";
    const void *policy = dictionary_get(dictionary, kSecTrustSettingsPolicy, call);
    const void *host = dictionary_get(dictionary, kSecTrustSettingsPolicyString, call);

    memset(setting, 0, sizeof(*setting));
    if (policy != NULL) {
        const struct object *object = object_check(policy, TYPE_POLICY, call);

        copy_text(setting->oid, (const char *)object->bytes);
        setting->client = object->number != 0;
    }
    setting->has_host = host != NULL;
    if (host != NULL) {
        copy_text(setting->host, text_of(host, call));
    }
    read_number(dictionary, kSecTrustSettingsResult, &setting->has_result, &setting->result);
    read_number(dictionary, kSecTrustSettingsKeyUsage, &setting->has_usage, &setting->usage);
    read_number(dictionary, kSecTrustSettingsAllowedError, &setting->has_error, &setting->error);
    return setting->has_result && setting->result == kSecTrustSettingsResultTrustRoot && !root
               ? errSecParam
               : errSecSuccess;
}

OSStatus SecTrustSettingsSetTrustSettings(SecCertificateRef certificate, SecTrustSettingsDomain domain,
                                          CFTypeRef settings)
{
    struct turn turn = apple_turn("SecTrustSettingsSetTrustSettings");
    const struct object *object =
        object_check(certificate, TYPE_CERTIFICATE, "SecTrustSettingsSetTrustSettings");
    const struct object *array = object_check(settings, TYPE_ARRAY, "SecTrustSettingsSetTrustSettings");
    struct setting read[SETTINGS_MAX];
    struct record *record = NULL;
    OSStatus status = turn.before ? turn.status : errSecSuccess;

    for (size_t i = 0; status == errSecSuccess && i < array->count; i++) {
        status = read_setting(array->values[i], self_signed(object), &read[i]);
    }
    if (status == errSecSuccess) {
        status = authorized(domain, false);
    }
    if (status != errSecSuccess) {
        return status;
    }
    record = record_find(object, domain);
    if (record == NULL) {
        record = record_new(object->bytes, object->length, domain);
    }
    memcpy(record->settings, read, array->count * sizeof(read[0]));
    record->count = array->count;
    return turn.status;
}

OSStatus SecTrustSettingsRemoveTrustSettings(SecCertificateRef certificate, SecTrustSettingsDomain domain)
{
    struct turn turn = apple_turn("SecTrustSettingsRemoveTrustSettings");
    const struct object *object =
        object_check(certificate, TYPE_CERTIFICATE, "SecTrustSettingsRemoveTrustSettings");
    struct record *record = record_find(object, domain);
    OSStatus status = turn.before ? turn.status : record == NULL ? errSecItemNotFound : errSecSuccess;

    if (status == errSecSuccess) {
        status = authorized(domain, record_count(domain) == 1);
    }
    if (status == errSecSuccess) {
        free(record->der);
        memset(record, 0, sizeof(*record));
        status = turn.status;
    }
    return status;
}

/* ---- reading back --------------------------------------------------------------------------------------------------- */

static struct object *policy_create(const char *oid, bool client)
{
    struct object *object = object_of_bytes(TYPE_POLICY, oid, strlen(oid));

    object->number = client ? 1 : 0;
    return object;
}

static void put(struct object *dictionary, CFStringRef key, CFTypeRef value)
{
    dictionary->values[dictionary->count++] = key;
    dictionary->values[dictionary->count++] = value;
}

static void put_number(struct object *dictionary, CFStringRef key, bool there, int32_t number)
{
    if (there) {
        struct object *object = object_new(TYPE_NUMBER);

        object->number = number;
        put(dictionary, key, object);
    }
}

static struct object *setting_create(const struct setting *setting)
{
    struct object *dictionary = object_new(TYPE_DICTIONARY);

    dictionary->values = calloc(20, sizeof(*dictionary->values));
    if (setting->oid[0] != '\0') {
        put(dictionary, kSecTrustSettingsPolicy,
            policy_create(setting->oid, setting->client && apple_version < 13));
        /* Newer releases say by a name which side of TLS is meant. */
        if (strcmp(setting->oid, OID_SSL) == 0 && apple_version >= 13) {
            put(dictionary, CFSTR("kSecTrustSettingsPolicyName"),
                text_create(setting->client ? "sslClient" : "sslServer"));
        }
    }
    if (setting->has_program) {
        put(dictionary, kSecTrustSettingsApplication,
            object_of_bytes(TYPE_APPLICATION, APPLE_CURL, strlen(APPLE_CURL)));
    }
    if (setting->has_host) {
        put(dictionary, kSecTrustSettingsPolicyString, text_create(setting->host));
    }
    put_number(dictionary, kSecTrustSettingsResult, setting->has_result, setting->result);
    put_number(dictionary, kSecTrustSettingsKeyUsage, setting->has_usage, setting->usage);
    put_number(dictionary, kSecTrustSettingsAllowedError, setting->has_error, setting->error);
    return dictionary;
}

OSStatus SecTrustSettingsCopyTrustSettings(SecCertificateRef certificate, SecTrustSettingsDomain domain,
                                           CFArrayRef *settings)
{
    struct turn turn = apple_turn("SecTrustSettingsCopyTrustSettings");
    const struct record *record =
        record_find(object_check(certificate, TYPE_CERTIFICATE, "SecTrustSettingsCopyTrustSettings"), domain);
    const void *all[SETTINGS_MAX];

    if (turn.before || record == NULL) {
        return turn.before ? turn.status : errSecItemNotFound;
    }
    for (size_t i = 0; i < record->count; i++) {
        all[i] = setting_create(&record->settings[i]);
    }
    *settings = array_create(all, record->count);
    for (size_t i = 0; i < record->count; i++) {
        CFRelease(all[i]);
    }
    return turn.status;
}

/* ---- policies and judgements ---------------------------------------------------------------------------------------- */

CFTypeID SecPolicyGetTypeID(void)
{
    return TYPE_POLICY;
}

SecPolicyRef SecPolicyCreateSSL(Boolean server, CFStringRef host)
{
    if (host != NULL) {
        (void)text_of(host, "SecPolicyCreateSSL");
    }
    return apple_turn("SecPolicyCreateSSL").status != 0 ? NULL
                                                        : (SecPolicyRef)policy_create(OID_SSL, !server);
}

SecPolicyRef SecPolicyCreateBasicX509(void)
{
    return apple_turn("SecPolicyCreateBasicX509").status != 0 ? NULL
                                                              : (SecPolicyRef)policy_create(OID_BASIC, false);
}

SecPolicyRef SecPolicyCreateWithProperties(CFTypeRef oid, CFDictionaryRef properties)
{
    (void)properties;
    if (apple_turn("SecPolicyCreateWithProperties").status != 0) {
        return NULL;
    }
    return (SecPolicyRef)policy_create(text_of(oid, "SecPolicyCreateWithProperties"), false);
}

CFDictionaryRef SecPolicyCopyProperties(SecPolicyRef policy)
{
    const struct object *object = object_check(policy, TYPE_POLICY, "SecPolicyCopyProperties");
    struct object *dictionary = NULL;

    if (apple_turn("SecPolicyCopyProperties").status != 0) {
        return NULL;
    }
    dictionary = object_new(TYPE_DICTIONARY);
    dictionary->values = calloc(4, sizeof(*dictionary->values));
    put(dictionary, kSecPolicyOid, text_create((const char *)object->bytes));
    if (object->number != 0) {
        put(dictionary, kSecPolicyClient, kCFBooleanTrue);
    }
    return (CFDictionaryRef)dictionary;
}

void apple_verdict(bool good, const char *reason)
{
    apple_world.verdict = good;
    copy_text(apple_world.reason, reason);
}

OSStatus SecTrustCreateWithCertificates(CFTypeRef certificates, CFTypeRef policies, SecTrustRef *trust)
{
    struct turn turn = apple_turn("SecTrustCreateWithCertificates");
    struct object *object = NULL;

    if (turn.before) {
        return turn.status;
    }
    object = object_new(TYPE_TRUST);
    object->number = 1; /* the network is allowed until it is not */
    object->values = calloc(2, sizeof(*object->values));
    object->values[0] = CFRetain(object_check(certificates, TYPE_ARRAY, "SecTrustCreateWithCertificates"));
    object->values[1] = CFRetain(object_check(policies, TYPE_POLICY, "SecTrustCreateWithCertificates"));
    object->count = 2;
    *trust = (SecTrustRef)object;
    return turn.status;
}

OSStatus SecTrustSetNetworkFetchAllowed(SecTrustRef trust, Boolean allowed)
{
    struct turn turn = apple_turn("SecTrustSetNetworkFetchAllowed");

    if (!turn.before) {
        object_check(trust, TYPE_TRUST, "SecTrustSetNetworkFetchAllowed")->number = allowed;
    }
    return turn.status;
}

bool SecTrustEvaluateWithError(SecTrustRef trust, CFErrorRef *error)
{
    struct turn turn = apple_turn("SecTrustEvaluateWithError");

    if (object_check(trust, TYPE_TRUST, "SecTrustEvaluateWithError")->number != 0) {
        apple_networked = true;
    }
    if (turn.status != 0 || !apple_world.verdict) {
        if (error != NULL) {
            *error = (CFErrorRef)object_of_bytes(TYPE_ERROR, apple_world.reason, strlen(apple_world.reason));
        }
        return false;
    }
    return true;
}
