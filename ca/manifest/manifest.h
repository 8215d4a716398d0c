/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The manifest: which authorities, certificates and bundles should exist. Everything is checked when it is read; what
 * comes out is a row of entries, authorities before what they issue, each with all defaults applied.
 */
#ifndef MTLSKIT_MANIFEST_MANIFEST_H
#define MTLSKIT_MANIFEST_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/fault.h"
#include "base/passphrase.h"
#include "manifest/document.h"
#include "manifest/fixture.h"
#include "manifest/profile_reader.h"
#include "manifest/table.h"
#include "x509/bundle.h"
#include "x509/flaw.h"
#include "x509/profile.h"

enum entry_kind { ENTRY_AUTHORITY, ENTRY_CERTIFICATE };

/** Output formats: bits. */
#define FORMAT_PEM (1u << 0)
#define FORMAT_DER (1u << 1)

/** One bundle of an entry. */
struct entry_bundle {
    char *file; /**< output path, relative */
    const struct bundle_target *target;
    struct passphrase_spec passphrase;
    char *name; /**< friendlyName, or NULL */
    bool allow_empty_passphrase;
    struct place place;
    struct place passphrase_place;
};

/** A file of `installs:` (mtlskit-install(5)), written with the outputs of one of the entries it names: it holds no secret. */
struct entry_install {
    char *name;
    char *file; /**< output path, relative */
    struct bytes content;
};
/** Most of them that one entry has. */
#define ENTRY_INSTALLS_MAX 8

/** `revoked:` of an entry. */
struct entry_revocation {
    bool wanted;
    int reason; /**< enum crl_reason (x509/crl.h) */
    bool has_date, has_invalidity;
    instant date;       /**< when it was revoked; else when that is recorded */
    instant invalidity; /**< when the key was lost, as far as is known (RFC 5280 section 5.3.2) */
};

/** `crl:` of an authority. */
struct list_times {
    bool wanted;
    struct duration next_update; /**< how long a list stands */
};
/** When nothing is said: 30 days. */
#define LIST_NEXT_UPDATE_SECONDS (INT64_C(30) * 86400)

/**
 * One authority or certificate that should exist, all defaults applied. What a more special place says goes before: the entry's own
 * fields, then a profile of the user's own, then `defaults:`, then a built-in profile. `validity`, `renew_before` and `reuse_key` of
 * the defaults are for certificates alone. Names and output paths are ASCII, unique whatever the case of their letters.
 *
 * Of an adopted authority only name, formats and adopt_* say something: key is KEY_NONE, subject empty, issuer NULL.
 */
struct entry {
    enum entry_kind kind;
    char *name;
    struct place place;         /**< of the entry's key in the manifest */
    const struct entry *issuer; /**< NULL: self-signed, or adopted with its issuer elsewhere */
    const struct profile *profile;
    enum key_algorithm key;
    bool reuse_key;       /**< keep the key when reissued; default true */
    struct bytes subject; /**< Name DER */
    struct bytes names;   /**< SAN: GeneralName DERs */
    struct validity validity;
    struct duration backdate;
    bool renew_before_given;
    struct duration renew_before;
    int path_length;                   /**< -1: the profile's */
    struct bytes permitted, excluded;  /**< name constraints, `auto` resolved */
    struct passphrase_spec passphrase; /**< of the key file; PASSPHRASE_NONE: plain */
    enum key_kdf passphrase_kdf;       /**< how that file is encrypted */
    struct place passphrase_place;
    char *
        token_uri; /**< the key is in a PKCS#11 token (base/token_uri.h); NULL: in a file. Of adopted authorities, too */
    enum key_algorithm
        token_generate; /**< to be made there when it is absent; KEY_NONE: it exists. key is the same then */
    bool token_named;   /**< the URI has object= or id= */
    struct passphrase_spec pin; /**< of that token; PASSPHRASE_NONE: none is given */
    struct place token_place, pin_place;
    enum flaw flaw; /**< `fault:`, what is made wrong in it on purpose; FLAW_NONE but in fixtures */
    bool ephemeral; /**< an authority's key that signs in the run that makes it, and is kept nowhere */
    struct entry_revocation revoked;
    struct place revoked_place;
    struct list_times crl; /**< of an authority */
    struct lint_set
        lint_ignored; /**< rules of lint it breaks on purpose: its own, its profile's and of the defaults */
    unsigned formats; /**< FORMAT_* */
    char *k8s_secret_file;                 /**< output path of the Kubernetes TLS Secret, or NULL */
    char *k8s_secret_name, *k8s_namespace; /**< namespace may be NULL */
    struct entry_bundle *bundles;
    size_t bundle_count;
    struct entry_install *installs;
    size_t install_count;
    struct entry_hold *hold; /**< of an entry whose memory is its own, such as a fleet's: entry_keep */
    char *adopt_certificate,
        *adopt_key; /**< input paths (already joined to the manifest's folder); NULL: not adopted. adopt_key may be NULL */
    struct passphrase_spec adopt_passphrase;
    struct place adopt_certificate_place, adopt_key_place, adopt_passphrase_place;
};

/** "authorities." or "certificates.", as it stands before its name in complaints; empty for what was read from no file. */
const char *entry_section(const struct entry *entry);
/** Whether the entry's private key is in NAME.key. */
bool entry_has_key_file(const struct entry *entry);

/** Opaque. */
struct manifest;

/**
 * Read and check a manifest.
 * @param path path of the file; profiles and input paths in it are relative to its folder. "-" reads standard input, with paths relative to the working directory
 * @param given what makes it a fixture, whatever `fixtures:` says, which must then be absent or say the same; NULL, or one without a seed: that decides
 * NULL with all complaints.
 */
struct manifest *manifest_read(const struct context *context, const char *path, const struct fixture *given,
                               struct faults *faults);
/** The same from bytes. @p folder: what input paths are relative to. */
struct manifest *manifest_parse(const struct context *context, struct slice content, const char *shown,
                                const char *folder, struct faults *faults);
/** The same of a document that is at hand, which is taken; NULL: it could not be had, and that was told. */
struct manifest *manifest_of_document(const struct context *context, struct document *document,
                                      const char *folder, struct faults *faults);
void manifest_free(struct manifest *manifest);

/** `id:` of the manifest, or NULL. */
const char *manifest_id(const struct manifest *manifest);
/** Whether nothing but its own text and its tables (manifest_table) went into it: no folder of profiles, nothing adopted. */
bool manifest_stands_alone(const struct manifest *manifest);
/** What makes it a fixture; NULL: it is none. */
const struct fixture *manifest_fixture(const struct manifest *manifest);
/** The profiles its entries could name. */
const struct profile_set *manifest_profiles(const struct manifest *manifest);
/** Folder that input paths start from. */
const char *manifest_folder(const struct manifest *manifest);

/**
 * Walks the entries in the order they must be made: issuers first, authorities before certificates, else as written. The entries of
 * a fleet (`each`, `count`) are made one at a time, in the order of its rows, and forgotten when the next one is asked for.
 */
struct manifest_cursor {
    const struct manifest *manifest;
    size_t next;
    struct table_mark row; /**< within a fleet */
    bool failed;           /**< memory is out: the walk ended before its end */
};
struct manifest_cursor manifest_entries(const struct manifest *manifest);
/** The next entry, or NULL at the end (see cursor->failed); valid until the next call (entries of an authority: as long as the manifest). */
const struct entry *manifest_next(struct manifest_cursor *cursor);
/** How many there are. */
size_t manifest_count(const struct manifest *manifest);
/** An entry by name, or NULL; valid until the next call of this function. */
const struct entry *manifest_find(const struct manifest *manifest, const char *name);
/** One that is no fleet's, for whoever has the manifest to change; valid as long as the manifest, which frees what it is given. */
struct entry *manifest_entry(struct manifest *manifest, const char *name);
/** Whether there is an entry of that name. Costs less. */
bool manifest_has(const struct manifest *manifest, const char *name);

/** Keep @p entry beyond the next call, at most as long as the manifest: for every entry_keep one entry_release. Gives it back. */
const struct entry *entry_keep(const struct entry *entry);
/**
 * A certificate's entry like @p model but for these, which are copied: @p subject is Name DER, @p names GeneralName DERs. Its memory is
 * its own, as a fleet's entries have it: released once, and once for every entry_keep. It is all that goes into a certificate; bundles,
 * installations, passphrases and what an authority has besides it does not have. NULL: memory is out.
 */
const struct entry *entry_like(const struct entry *model, const char *name, struct slice subject,
                               struct slice names);
/** An entry of a fleet has another issuer than its manifest says; of others, nothing happens. */
void entry_issued_by(const struct entry *entry, const struct entry *issuer);
/** Whether it is one of a fleet's, or like such a one (entry_like). */
bool entry_is_of_fleet(const struct entry *entry);
/** NULL is taken. */
void entry_release(const struct entry *entry);

/** The tables that fleets were read from: path as written (from manifest_folder) and content; NULL past the last. */
const char *manifest_table(const struct manifest *manifest, size_t index, struct slice *content);

/** One output file an entry has, in the order they are written. */
enum output_kind {
    OUTPUT_KEY, /* NAME.key; not of an adopted authority, whose key stays where it is, nor of one in a token, nor an ephemeral one */
    OUTPUT_CERTIFICATE, /* NAME.crt: leaf, then intermediates, never the root; an authority: itself alone */
    OUTPUT_DER,         /* NAME.cer */
    OUTPUT_TRUST,       /* NAME.trust.pem: an intermediate, its issuers up to and with the root */
    OUTPUT_K8S_SECRET,
    OUTPUT_BUNDLE,
    OUTPUT_BUNDLE_PASSPHRASE, /* FILE.pass of a generated passphrase */
    OUTPUT_CRL,               /* of an authority, made by steps of its own: never among entry_output_at's */
    OUTPUT_INSTALL
};
const char *output_kind_word(enum output_kind kind);
/** Whether it is for its owner alone (0600): it holds a private key or a passphrase. */
bool output_is_secret(enum output_kind kind);
struct output {
    enum output_kind kind;
    const struct entry_bundle *bundle;   /**< for the bundle kinds */
    const struct entry_install *install; /**< for OUTPUT_INSTALL */
};
/** Number of outputs of @p entry, and the @p index-th; its path is appended to @p path (a fresh text each call). */
size_t entry_output_count(const struct entry *entry);
int entry_output_at(const struct entry *entry, size_t index, struct output *output, struct bytes *path)
    MUST_USE;

/** What of an entry a complaint is about. */
enum entry_field {
    ENTRY_WHOLE,
    ENTRY_PASSPHRASE,
    ENTRY_KEY, /**< in a token; also to adopt */
    ENTRY_PIN,
    ENTRY_ADOPT_CERTIFICATE,
    ENTRY_ADOPT_KEY,
    ENTRY_ADOPT_PASSPHRASE,
    ENTRY_REVOKED,
    ENTRY_CRL,
    ENTRY_BUNDLE,
    ENTRY_BUNDLE_PASSPHRASE
};
struct entry_spot {
    enum entry_field field;
    const struct entry_bundle *bundle; /**< for the bundle's fields */
};
/**
 * Complaints that come up after the manifest was read, with the place and the path of what they are about:
 * "pki.yaml:12:7: certificates.client.bundles[0].passphrase: ...". @p hint may be NULL.
 */
void entry_error(struct faults *faults, const struct entry *entry, const char *hint, const char *format, ...)
    PRINTF_LIKE(4, 5);
void entry_warning(struct faults *faults, const struct entry *entry, const char *hint, const char *format,
                   ...) PRINTF_LIKE(4, 5);
void entry_error_at(struct faults *faults, const struct entry *entry, struct entry_spot spot,
                    const char *hint, const char *format, ...) PRINTF_LIKE(5, 6);
void entry_warning_at(struct faults *faults, const struct entry *entry, struct entry_spot spot,
                      const char *hint, const char *format, ...) PRINTF_LIKE(5, 6);
/** Move all of @p from to @p faults, each under that place and path. */
void entry_faults_move(struct faults *faults, const struct entry *entry, struct entry_spot spot,
                       struct faults *from);

#endif
