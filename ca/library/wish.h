/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A wish: what a certificate is to say, as it is told piece by piece - for an authority, an identity or a request. The rules are those
 * of a manifest: a subject stands alone or is the profile's; names are of kinds that the profile allows, none twice; a key, a validity
 * and a path length that are given go before the profile's.
 *
 * What is told wrongly is refused with a fault of the handle and changes nothing. All functions that give int: 0, or -1 with a fault.
 */
#ifndef MTLSKIT_LIBRARY_WISH_H
#define MTLSKIT_LIBRARY_WISH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "library/handle.h"
#include "x509/instant.h"
#include "x509/key.h"
#include "x509/name.h"
#include "x509/profile.h"

struct mtlskit_profile;

struct wish {
    struct handle *handle;
    char *name;                    /* whose it is */
    const struct profile *profile; /* one of the context's, or own; NULL: none was told */
    struct profile own;
    bool profile_gives; /* the profile is own and was told its validity */
    struct name subject;
    bool has_subject;
    struct bytes names; /* SAN: GeneralName DERs */
    uint32_t kinds;     /* of them, as profile_san_bit has it */
    size_t name_count;
    enum key_algorithm algorithm; /* KEY_NONE: the profile's */
    struct key *key;              /* an existing one, or NULL */
    bool has_validity;
    struct validity validity;
    int path_length; /* -1: the profile's */
    struct bytes permitted, excluded;
};

/** @p handle is borrowed. -1 when memory is out or @p name is NULL; wish_end is to be called all the same. */
int wish_start(struct wish *wish, struct handle *handle, const char *name) MUST_USE;
void wish_end(struct wish *wish);

int wish_set_profile_name(struct wish *wish, const char *name) MUST_USE;
/** Copied. */
int wish_set_profile(struct wish *wish, const struct mtlskit_profile *profile) MUST_USE;
int wish_set_subject(struct wish *wish, const char *subject) MUST_USE;
int wish_add_name(struct wish *wish, const char *name) MUST_USE;
int wish_set_key_algorithm(struct wish *wish, const char *algorithm) MUST_USE;
int wish_set_key(struct wish *wish, const void *key, size_t length, const char *passphrase) MUST_USE;
int wish_set_validity(struct wish *wish, const char *duration) MUST_USE;
int wish_set_dates(struct wish *wish, int64_t not_before, int64_t not_after) MUST_USE;
int wish_add_constraint(struct wish *wish, const char *name, struct bytes *constraints) MUST_USE;

/** When, at @p now, under @p profile and with an issuer that ends at @p ceiling: what outlives it ends with it, a fixed end is refused. Where nothing has a time (library_is_timeless) what a built-in profile says is not looked at. */
int wish_dates(const struct wish *wish, const struct profile *profile, instant now, instant ceiling,
               instant *not_before, instant *not_after) MUST_USE;
/** Whether the names, whose kinds are @p kinds, are what @p profile allows and requires. */
int wish_check_names(const struct wish *wish, const struct profile *profile, uint32_t kinds) MUST_USE;
/** Append the subject's Name DER under @p profile, which has what the profile requires. */
int wish_subject(const struct wish *wish, const struct profile *profile, struct bytes *der) MUST_USE;
/** Whether the subject @p der has what @p profile requires. */
int wish_check_subject(const struct wish *wish, const struct profile *profile, struct slice der) MUST_USE;

/** A private key read from @p content; NULL with a fault. @p passphrase may be NULL. */
struct key *wish_read_key(struct handle *handle, const void *content, size_t length, const char *passphrase);

#endif
