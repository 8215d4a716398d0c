/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bundles: PKCS#12 (RFC 7292) for one target each, written and opened.
 *
 *   target          keys and certificates      MAC        readers
 *   ios-legacy      3DES (PBE-SHA1-3DES)       SHA-1      every iOS and macOS
 *   android-legacy  3DES                       SHA-1      Android 12 and earlier
 *   modern          PBES2 AES-256-CBC,         SHA-256    OpenSSL 3, iOS 18, macOS 15, ...
 *                   PBKDF2-HMAC-SHA256
 *   java            as modern                  SHA-256    Java KeyStore "PKCS12"
 *   java-truststore certificates alone, each with attribute 2.16.840.1.113894.746875.1.1; as modern
 *
 * Salts are 8 octets (a public report puts import failures down to longer ones), MAC iterations equal the
 * encryption's: 2,048 for the 3DES targets, 10,000 for the others. localKeyID (SHA-1 of the leaf) and friendlyName stand on the key
 * and the leaf, nothing on the certificates of the chain; anchors of a trust store have distinct friendlyNames, Java's aliases.
 */
#ifndef MTLSKIT_X509_BUNDLE_H
#define MTLSKIT_X509_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/fault.h"
#include "x509/key.h"

#define BUNDLE_ITERATIONS_MIN 2048

enum bundle_target_id {
    BUNDLE_IOS_LEGACY,
    BUNDLE_ANDROID_LEGACY,
    BUNDLE_MODERN,
    BUNDLE_JAVA,
    BUNDLE_JAVA_TRUSTSTORE
};

/** One row of the target table; static. */
struct bundle_target {
    enum bundle_target_id id;
    const char *word;        /**< "ios-legacy" */
    const char *description; /**< who reads it, one line */
    bool apple;              /**< RSA and EC keys only */
    bool ascii_passphrase;   /**< Java: "Password is not ASCII" */
    bool anchors_only;       /**< holds certificates, no key */
    int iterations;
};
/** By word, or NULL. */
const struct bundle_target *bundle_target_find(const char *word);
/** The @p index-th row, or NULL past the end. */
const struct bundle_target *bundle_target_at(size_t index);

/** Whether @p target can take @p passphrase (NULL: an empty one): not empty unless allowed, UTF-8, ASCII where the target wants it. -1 with the reason. */
int bundle_passphrase_check(const struct bundle_target *target, const struct bytes *passphrase,
                            bool allow_empty, struct faults *faults) MUST_USE;

/** What goes in; borrowed. */
struct bundle_content {
    const struct key *key; /**< NULL for anchors_only */
    struct slice leaf;     /**< DER; empty for anchors_only */
    const struct slice *
        chain; /**< DER of intermediates and roots (or anchors); duplicates and the leaf itself are left out */
    size_t chain_count;
    const char *name; /**< friendlyName of key and leaf, UTF-8; NULL: the leaf's CN */
    const struct bytes *passphrase;
    bool allow_empty_passphrase;
};

/**
 * Write; P12 DER appended. Refused with the reason: empty passphrase unless allowed, key not the leaf's, EdDSA or ML-DSA for an Apple
 * target, non-ASCII passphrase for Java, passphrase not UTF-8.
 */
int bundle_write(const struct context *context, const struct bundle_target *target,
                 const struct bundle_content *content, struct bytes *p12, struct faults *faults) MUST_USE;

/** Algorithms and contents of a P12 as far as they show. Starts as all zeros. */
struct bundle_report {
    bool has_mac;
    char mac_digest[32]; /**< "SHA-1", "SHA-256", "PBMAC1 SHA-256" */
    long mac_iterations;
    size_t mac_salt_length;
    struct bundle_report_item {
        /** "shrouded key", "key", "certificate", "CRL", "secret"; "encrypted safe" where it was not opened */
        char kind[24];
        char encryption[64]; /**< "PBE-SHA1-3DES", "PBES2 AES-256-CBC HMAC-SHA256", "none" */
        long iterations;
        struct bytes friendly_name, local_key_id; /**< UTF-8; octets */
        struct bytes certificate;                 /**< DER for certificates */
        bool java_trusted;
    } * items;
    size_t item_count;
    struct key *key; /**< the first private key, or NULL; owned */
    bool opened;     /**< bundle_open got to its end; else only what shows without a passphrase is here */
    bool empty_passphrase; /**< and it was opened with the empty passphrase */
    bool java_passphrase;  /**< and the passphrase is one Java takes: printable ASCII */
};
/**
 * Open a foreign P12: MAC checked, every bag read, the first key decrypted. DER or BER, also with indefinite lengths. Bounded before
 * anything is derived: 16 MiB, 1,000,000 iterations each and 3,000,000 in all, 10,000 bags.
 * @param passphrase may be empty (both encodings are tried)
 * A wrong passphrase is told apart from a broken file. Algorithms of the legacy provider (RC2, RC4) are named in the fault when they cannot be opened.
 * After -1 the report holds what was found till then; it is freed all the same.
 */
int bundle_open(const struct context *context, struct slice p12, const struct bytes *passphrase,
                const char *shown, struct bundle_report *report, struct faults *faults) MUST_USE;
/** What shows without the passphrase: the MAC, and algorithms and attributes of what is not in an encrypted safe. */
int bundle_peek(const struct context *context, struct slice p12, const char *shown,
                struct bundle_report *report, struct faults *faults) MUST_USE;
/** Only the MAC, which is checked; the report has no items. */
int bundle_open_mac(const struct context *context, struct slice p12, const struct bytes *passphrase,
                    const char *shown, struct bundle_report *report, struct faults *faults) MUST_USE;
void bundle_report_free(struct bundle_report *report);

/** Open what was just written and compare with what went in: key, leaf, chain, name, target's algorithms. */
int bundle_check(const struct context *context, const struct bundle_target *target,
                 const struct bundle_content *content, struct slice p12, struct faults *faults) MUST_USE;

/**
 * The quick check, a tenth of the work: the bytes are one whole P12, its MAC is of the target's kind and holds over its content with
 * @p passphrase. So nothing was damaged since it was written; that what was written is what went in, bundle_check says.
 */
int bundle_check_mac(const struct context *context, const struct bundle_target *target,
                     const struct bytes *passphrase, struct slice p12, struct faults *faults) MUST_USE;

/** Whether Apple's import takes a key: RSA, or EC on P-192 to P-521. */
bool bundle_key_suits_apple(const struct key *key);

/** One reader ("macOS 14, iOS 17 and earlier") and whether it takes the P12 that @p report describes, with the reason if not. NULL past the end. */
const char *bundle_reader_at(size_t index, const struct bundle_report *report, bool *takes,
                             const char **reason);
/**
 * Whether the @p index-th reader's answer, a no so far, is none: it hangs on what only the passphrase shows, or nobody has tried it with
 * such a key (Android and Windows, other than RSA and the NIST curves).
 */
bool bundle_reader_is_unsure(size_t index, const struct bundle_report *report);

/** Readers that a user has one of. */
enum bundle_family {
    BUNDLE_FAMILY_APPLE,
    BUNDLE_FAMILY_ANDROID,
    BUNDLE_FAMILY_JAVA,       /**< for its key */
    BUNDLE_FAMILY_JAVA_TRUST, /**< for anchors rather than for a key with its certificate */
    BUNDLE_FAMILY_OTHER
};
enum bundle_family bundle_reader_family(size_t index);
/** Whether @p target is for the @p index-th reader. */
bool bundle_reader_is_promised(size_t index, const struct bundle_target *target);

#endif
