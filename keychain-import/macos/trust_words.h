/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trust settings of one certificate in one domain, as values, and in words: what a journal keeps of the settings there were, so that they can be
 * put back. Nothing here knows macOS.
 *
 *   macos trust 1
 *   policy=ssl-server host=6c6f63616c686f7374 result=1
 *   policy=basic result=1
 *
 * One line a setting; host is in hexadecimal, for it may be any text. A policy that has no word here is there by its OID. Settings
 * without a policy are for all.
 */
#ifndef MTLSKIT_MACOS_TRUST_WORDS_H
#define MTLSKIT_MACOS_TRUST_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "store/item.h"

/** Most settings of one certificate, longest OID and host that are kept, longest text read. */
#define TRUST_SETTINGS_MAX 64
#define TRUST_OID_MAX      128
#define TRUST_HOST_MAX     1024
#define TRUST_WORDS_MAX    ((size_t)64 * 1024)

enum trust_policy { TRUST_ALL, TRUST_SSL_SERVER, TRUST_SSL_CLIENT, TRUST_BASIC, TRUST_OTHER };

struct trust_setting {
    enum trust_policy policy;
    char oid[TRUST_OID_MAX]; /**< of TRUST_OTHER, dotted */
    bool has_host, has_result, has_usage, has_error;
    char host[TRUST_HOST_MAX]; /**< kSecTrustSettingsPolicyString */
    int32_t result;            /**< SecTrustSettingsResult; without one: trusted as root */
    int32_t usage, error;      /**< kSecTrustSettingsKeyUsage, kSecTrustSettingsAllowedError */
};

/** Starts as all zeros; trust_settings_free. */
struct trust_settings {
    bool present; /**< there are settings; without any in them, the certificate is trusted for everything */
    struct trust_setting *all;
    size_t count;
};

void trust_settings_free(struct trust_settings *settings);
/** One more, all zeros; NULL when memory is out or there are TRUST_SETTINGS_MAX. */
struct trust_setting *trust_settings_add(struct trust_settings *settings);
/** The same settings, in whatever order. */
bool trust_settings_equal(const struct trust_settings *one, const struct trust_settings *other);
/**
 * What an anchor gets (replaced): TLS in the scope, each with @p result, for @p host alone or for all; in the latter case the basic check of
 * chains (RFC 5280 section 6), which knows no host, too. -1: memory is out, or @p host too long.
 */
int trust_settings_of(enum scope scope, const char *host, int32_t result, struct trust_settings *settings)
    MUST_USE;
/** What they trust for, and the host if it is one and the same (borrowed; else NULL). */
enum scope trust_settings_scope(const struct trust_settings *settings, const char **host);

/** Append them in words; nothing for settings that are not present. -1: memory is out. */
int trust_words_write(const struct trust_settings *settings, struct bytes *words) MUST_USE;
/** Read words back (replaced); empty: not present. -1: they are none. */
int trust_words_read(struct slice words, struct trust_settings *settings) MUST_USE;

#endif
