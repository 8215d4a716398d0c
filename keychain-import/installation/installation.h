/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An installation: what is wanted on a machine, as install.yaml says it (mtlskit-install(5)) or the options of a command.
 *
 *     mtlskit-install: 1
 *     into: nss:chromium
 *     trust:
 *       - {files: [server-ca.crt], for: server, host: api.example.com}
 *     identities:
 *       - {p12: client.p12, passphrase: "file:client.p12.pass", label: client}
 *       - {certificate: device.crt, key: device.key}
 *     extractable: false
 *     allow: [/usr/bin/curl]
 *
 * Read as strictly as a manifest: unknown keys are named with the nearest one, and everything wrong is told in one run. Nothing here opens
 * what is named, nor asks for a passphrase.
 */
#ifndef MTLSKIT_INSTALLATION_INSTALLATION_H
#define MTLSKIT_INSTALLATION_INSTALLATION_H

#include <stddef.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/fault.h"
#include "base/passphrase.h"
#include "store/item.h"

/** Longest file, in bytes. */
#define INSTALLATION_SIZE_MAX (1024u * 1024)
/** Most entries of a list, and most files in all. */
#define INSTALLATION_LIST_MAX 1000
/** How long parsing a file may take. */
#define INSTALLATION_SECONDS_MAX 30

/** Anchors. */
struct installation_trust {
    char *
        *files; /**< paths, from where the program runs; "-" is standard input, and comes of options alone */
    size_t file_count;
    enum scope scope; /**< SCOPE_SERVER or SCOPE_CLIENT */
    char *host;       /**< in A-labels, or an IP address; NULL: every one */
    struct place place;
};

/** An identity: a P12, or a certificate and a key. */
struct installation_identity {
    char *p12; /**< paths, as above; NULL: */
    char *certificate;
    char *key;
    struct passphrase_spec
        passphrase; /**< PASSPHRASE_NONE: none; a relative file:PATH starts from the folder */
    char *label;    /**< what it is called in the store; NULL: its own name */
    struct place place;
};

/** All owned. Starts as all zeros; installation_free. The files of places belong to it. */
struct installation {
    char *shown; /**< the file's name, for complaints; "" for options */
    char *
        folder; /**< that relative paths of passphrases start from, for passphrase_obtain; "": the working directory */
    char *into; /**< "nss:chromium", to be judged by choice/choice.h; NULL: the one sensible store */
    struct place into_place;
    struct installation_trust *trust;
    size_t trust_count;
    struct installation_identity *identities;
    size_t identity_count;
    enum extractable extractable;
    char **allow; /**< absolute paths of programs */
    size_t allow_count;
};
void installation_free(struct installation *installation);

/**
 * Read the file @p path ("-": standard input): it is opened here, and parsed by a confined child (base/confined_call.h says what that asks of a
 * program with threads), which as root has first become whoever called sudo, or nobody. -1 with all that is wrong, be it a child that crashed
 * or takes longer than INSTALLATION_SECONDS_MAX. @p installation is replaced, and empty then.
 */
int installation_read(const char *path, struct installation *installation, struct faults *faults) MUST_USE;
/** Parse @p content, in this process. -1 and @p installation as above. @p folder: where its paths start; "" or NULL: the working directory. */
int installation_parse(struct slice content, const char *shown, const char *folder,
                       struct installation *installation, struct faults *faults) MUST_USE;

/** An installation as options of a command say it. All borrowed; NULL where nothing was said; starts as all zeros. */
struct installation_options {
    const char *into;
    const char *p12; /**< of the one identity */
    const char *certificate;
    const char *key;
    const char *passphrase; /**< SPEC */
    const char *label;
    const char *extractable;  /**< a word */
    const char *const *trust; /**< files, all for */
    size_t trust_count;
    const char *scope; /**< this: "server" or "client", and for */
    const char *host;  /**< this */
    const char *const *allow;
    size_t allow_count;
};
/** The options become a document of one entry, so that every word is judged by the same rules. As installation_parse. */
int installation_of_options(const struct installation_options *options, struct installation *installation,
                            struct faults *faults) MUST_USE;

#endif
