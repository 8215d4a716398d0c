/* SPDX-License-Identifier: Apache-2.0 */
/* The double's own business: counted objects, and the state all of them are about. */
#ifndef MTLSKIT_DOUBLE_OBJECT_H
#define MTLSKIT_DOUBLE_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>

#include "double.h"

#define NAME_LENGTH    20
#define LIST_MAX       16
#define TEXT_MAX       300
#define ITEMS_MAX      32
#define KEYCHAINS_MAX  8
#define RECORDS_MAX    16
#define SETTINGS_MAX   8
#define SELF_PARTITION "teamid:OURSELVES1"

enum type {
    TYPE_TEXT = 101,
    TYPE_DATA,
    TYPE_NUMBER,
    TYPE_BOOLEAN,
    TYPE_ARRAY,
    TYPE_DICTIONARY,
    TYPE_URL,
    TYPE_ERROR,
    TYPE_KEYCHAIN,
    TYPE_CERTIFICATE,
    TYPE_KEY,
    TYPE_ACCESS,
    TYPE_ACL,
    TYPE_APPLICATION,
    TYPE_POLICY,
    TYPE_TRUST,
    TYPE_CODE
};

/* Texts in a row; @p nobody_said: there is no list, which is not an empty one. */
struct list {
    char texts[LIST_MAX][TEXT_MAX];
    size_t count;
    bool nobody_said;
};

/* Who may use a key. */
struct rights {
    char description[TEXT_MAX];
    struct list programs;
    struct list partitions;
    bool partitioned;
};

/* One item of a keychain. */
struct kept {
    long id; /* 0: free */
    bool key;
    unsigned char *der;
    size_t length;
    char label[TEXT_MAX];
    /* keys */
    unsigned char name[NAME_LENGTH];
    EVP_PKEY *pkey;
    bool extractable;
    char owner[TEXT_MAX];
    struct rights rights;
};

struct keychain {
    char path[TEXT_MAX];
    uid_t owner;
    bool partitioned;
    bool locked;
    struct kept items[ITEMS_MAX];
};

struct setting {
    char oid[TEXT_MAX]; /* "": no policy */
    bool client;
    bool has_host, has_result, has_usage, has_error, has_program;
    char host[TEXT_MAX];
    int32_t result, usage, error;
};

struct record {
    unsigned char *der; /* NULL: free */
    size_t length;
    SecTrustSettingsDomain domain;
    struct setting settings[SETTINGS_MAX];
    size_t count;
};

struct world {
    struct keychain keychains[KEYCHAINS_MAX];
    size_t keychain_count;
    struct record records[RECORDS_MAX];
    long next_id;
    bool verdict;
    char reason[TEXT_MAX];
};
extern struct world apple_world;

struct object {
    uint32_t mark;
    enum type type;
    long references;
    bool immortal;
    struct object *next; /* of all there are, dead ones too */
    /* content, as the type has it */
    const unsigned char *
        bytes; /* text, data, application (path), url (path), error (reason), code (path), policy (oid), certificate (DER) */
    size_t length;
    bool borrowed; /* bytes are somebody else's */
    int64_t
        number; /* number, boolean; policy: client; keychain: index; key, certificate: id or 0; acl: 1 partitions */
    const void **values; /* array; dictionary: key, value, ...; trust: chain and policy; acl: its access */
    size_t count;
    EVP_PKEY *pkey;
    struct rights *rights; /* access */
};

/* A call that can fail takes its turn. */
struct turn {
    bool before, after;
    OSStatus status;
};
struct turn apple_turn(const char *call);

_Noreturn void apple_panic(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A new object with one reference. */
struct object *object_new(enum type type);
struct object *object_of_bytes(enum type type, const void *bytes, size_t length);
/* @p reference as an object of @p type, or an abort that names @p call. */
struct object *object_check(const void *reference, enum type type, const char *call);
/* The same for any type. */
struct object *object_any(const void *reference, const char *call);
CFStringRef text_create(const char *text);
/* A text object's content. */
const char *text_of(const void *reference, const char *call);
CFTypeRef array_create(const void *const *values, size_t count);
/* What a dictionary has, or NULL. */
const void *dictionary_get(const void *dictionary, CFStringRef key, const char *call);
void copy_text(char field[TEXT_MAX], const char *text);

void list_add(struct list *list, const char *text);
bool list_has(const struct list *list, const char *text);

struct keychain *keychain_find(const char *path);
/* The item behind a certificate or key that came out of a keychain; NULL when it is none, or gone. */
struct kept *kept_find(long id, struct keychain **keychain);
/* Partition of a program, and whether there is such a program. */
bool program_known(const char *path);
const char *program_partition(const char *path);

#endif
