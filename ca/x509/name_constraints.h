/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Name constraints (RFC 5280 section 4.2.1.10): which names an authority may certify. They hold for everything under it: for
 * the subject as a directory name, for its e-mail addresses, and for every subject alternative name. What verifiers do is done here:
 * a kind of name that no base is given for passes; the common name of a leaf without dns names counts as one when it reads as one.
 *
 *     dns:example.com     the host and whatever is below it; .example.com only what is below it
 *     email:example.com   mailboxes at that host; .example.com at hosts below it; a@example.com that mailbox alone
 *     uri:example.com     URIs with that host; .example.com with hosts below it
 *     ip:10.0.0.0/8       addresses of that network
 *     dirname:O=Example   names that begin with these RDNs
 */
#ifndef MTLSKIT_X509_NAME_CONSTRAINTS_H
#define MTLSKIT_X509_NAME_CONSTRAINTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "x509/certificate.h"

/** The constraints of one authority: bases, GeneralName DERs one after the other; borrowed. Either may be empty. */
struct name_constraints {
    struct slice permitted;
    struct slice excluded;
};

enum name_verdict {
    NAME_FITS,
    NAME_OUTSIDE,  /**< there are permitted bases of its kind, and it lies in none */
    NAME_EXCLUDED, /**< it lies in an excluded base */
    NAME_UNJUDGED  /**< name or base has a form that cannot be held against the other: verifiers refuse it */
};

/** Where a name stands. */
enum name_origin {
    NAME_OF_SUBJECT, /**< the subject as a whole */
    NAME_OF_EMAIL,   /**< an emailAddress in the subject */
    NAME_OF_HOST,    /**< the common name, read as a host name */
    NAME_OF_SAN
};

/** A name that does not fit. */
struct name_breach {
    enum name_verdict verdict;
    enum name_origin origin;
    struct slice name; /**< GeneralName DER; valid during the call that tells of it */
    struct slice base; /**< the base that excludes it, or that cannot be judged; else empty */
};

/** Told of each breach; what it gives back other than 0 ends the walk. */
typedef int (*name_breach_fn)(void *state, const struct name_breach *breach);

/**
 * Take the extension's value (the NameConstraints inside its OCTET STRING) apart: bases are appended to @p permitted and @p excluded.
 * -1: malformed, with a minimum or maximum (which RFC 5280 rules out), or no memory; nothing was appended.
 */
int name_constraints_read(struct slice value, struct bytes *permitted, struct bytes *excluded) MUST_USE;

/** The same of a certificate; none when it has no such extension. */
int name_constraints_of(const struct certificate_view *certificate, struct bytes *permitted,
                        struct bytes *excluded) MUST_USE;

/** Hold one GeneralName DER against @p constraints. *base: as in a breach; may be NULL. Memory that is out: NAME_UNJUDGED. */
enum name_verdict name_constraints_match(const struct name_constraints *constraints, struct slice name,
                                         struct slice *base);

/**
 * Hold everything that is constrained in a certificate against @p constraints.
 * @param subject Name DER
 * @param names   its subject alternative names, GeneralName DERs one after the other
 * @param leaf    whether it is no authority
 * 0: the walk came to its end; what @p told gave back; -1: malformed, or no memory.
 * A self-issued intermediate is not held against them; the caller leaves it out (section 4.2.1.10).
 */
int name_constraints_check(const struct name_constraints *constraints, struct slice subject,
                           struct slice names, bool leaf, name_breach_fn told, void *state) MUST_USE;

/** Append a phrase that tells the breach: "dns:a.example.org is excluded by dns:example.org". */
int name_breach_text(const struct name_breach *breach, struct bytes *text) MUST_USE;

#endif
