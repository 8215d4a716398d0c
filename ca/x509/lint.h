/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lint: what is wrong with a certificate in the eyes of the standards, of Apple, Android and Java, and of whoever has run mutual TLS
 * for a while. Rules are a table; each has an id that stays, a severity and the document it comes from. Nothing here parses with
 * OpenSSL, allocates while judging, or looks at the clock: a certificate takes a few microseconds.
 *
 * Signatures are not verified, and whether a certificate fits a purpose or a host is x509/verify.h's question.
 */
#ifndef MTLSKIT_X509_LINT_H
#define MTLSKIT_X509_LINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/bytes.h"

enum lint_severity {
    LINT_NOTICE,  /**< works, and may surprise */
    LINT_WARNING, /**< advice of a standard, or trouble in some programs */
    LINT_ERROR    /**< a standard forbids it, or a platform refuses it */
};

/** Where a rule comes from: what --only selects. */
enum lint_source {
    LINT_RFC5280,  /**< RFC 5280 and its companions for algorithms */
    LINT_APPLE,    /**< iOS, macOS and their siblings */
    LINT_ANDROID,  /**< Android, and Chrome, which has the same library */
    LINT_JAVA,     /**< Java's TLS and path validation */
    LINT_MTLS,     /**< traps of mutual TLS */
    LINT_STRENGTH, /**< hashes, keys and curves */
    LINT_SOURCES
};

struct lint_case;
struct lint_detail;

/** A rule; all texts are static. */
struct lint_rule {
    const char *id; /**< "apple-validity-825" */
    enum lint_severity severity;
    enum lint_source source;
    const char *document; /**< "RFC 5280 section 4.1.2.2" */
    const char *wrong;    /**< what is wrong, one clause without a full stop */
    const char *right;    /**< what would be right */
    bool (*broken)(const struct lint_case *c, struct lint_detail *detail); /**< x509/lint_case.h */
};

/** A set of rules, by number. */
#define LINT_RULES_MAX 128
struct lint_set {
    uint64_t words[LINT_RULES_MAX / 64];
};
bool lint_set_has(const struct lint_set *set, size_t rule);
bool lint_set_is_empty(const struct lint_set *set);
void lint_set_add(struct lint_set *set, size_t rule);
/** All of @p other, too. */
void lint_set_join(struct lint_set *set, const struct lint_set *other);

/** How many rules there are, at most LINT_RULES_MAX, and rule number @p rule. */
size_t lint_count(void);
const struct lint_rule *lint_rule(size_t rule);
/** The rule of that id: true and its number. */
bool lint_find(const char *id, size_t *rule) MUST_USE;
/** "rfc5280", "apple" ..., and back: -1 unknown. "error", "warning", "notice". */
const char *lint_source_word(enum lint_source source);
int lint_source_parse(const char *word, enum lint_source *source) MUST_USE;
const char *lint_severity_word(enum lint_severity severity);

/** Certificates above one that are looked at; further ones are left out. */
#define LINT_ABOVE_MAX 8

/** An authority that many certificates are held against, taken apart once. Opaque; once it is read, any number of threads may ask. */
struct lint_authority;
struct lint_authority *lint_authority_new(void);
void lint_authority_free(struct lint_authority *authority);
/**
 * Take apart the authority's certificate, again when it has another. @p der and @p above (the next one, NULL: none is known) are borrowed
 * for as long as anybody asks. One that cannot be read counts as not known.
 */
void lint_authority_read(struct lint_authority *authority, struct slice der,
                         const struct lint_authority *above);

/** A certificate and the authorities above it as far as they are known, the nearest first. DER; borrowed. */
struct lint_question {
    struct slice certificate;
    const struct slice *above;
    size_t above_count;
    const struct lint_authority *issuer; /**< where it is at hand: in place of above */
};

/** Hold a certificate against every rule; *found is set. -1: it is not shaped as a certificate at all. */
int lint_certificate(const struct lint_question *question, struct lint_set *found) MUST_USE;
/**
 * What a broken rule says of this certificate in particular ("1000 days"), appended as UTF-8 (base/utf8.h shows it);
 * nothing where there is no more to say.
 * -1: no certificate, or no memory.
 */
int lint_tell(const struct lint_question *question, size_t rule, struct bytes *detail) MUST_USE;

/** What is read off a certificate that may be too broken for certificate_view_read; borrowed from @p der. -1: no certificate at all. */
struct lint_names {
    struct slice subject, issuer;
    struct slice subject_key_identifier, authority_key_identifier; /**< empty when absent */
};
int lint_names_read(struct slice der, struct lint_names *names) MUST_USE;

#endif
