/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A certificate that is being taken in, for the parts of operations/install.c.
 */
#ifndef MTLSKIT_OPERATIONS_INSTALLING_H
#define MTLSKIT_OPERATIONS_INSTALLING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/publisher.h"
#include "issuing/directory.h"
#include "issuing/passphrases.h"
#include "issuing/tokens.h"
#include "ledger/ledger.h"
#include "ledger/ledger_directory.h"
#include "manifest/manifest.h"
#include "operations/install.h"
#include "x509/certificate.h"
#include "x509/certificate_list.h"

/** No chain of authorities is longer. */
#define INSTALL_CHAIN_MAX 32

struct installing {
    const struct context *context;
    const struct install_order *order;
    struct install_report *report;
    struct faults *faults;
    struct directory directory;
    struct passphrases *passphrases;
    struct passphrase_spec spec;
    struct certificate_list list;
    struct ledger_authority settings; /* as the ledger has them; name "": it has none */
    struct entry
        token; /* stands for the authority whose key is in a token; token_uri NULL: it is in a file */
    struct tokens *tokens;
    struct bytes spki;                                /* of the key */
    bool locked;                                      /* its file is encrypted */
    struct certificate_view steps[INSTALL_CHAIN_MAX]; /* the certificate first */
    size_t length;
    struct ledger_certificate standing; /* of that name in the ledger; id 0: none */
    struct publisher *publisher;
    struct bytes paths[2], contents[2];
    size_t file_count;
};

/** A complaint about the NAME; @p hint may be NULL. */
void install_complain(const struct installing *installing, const char *hint, const char *what);

/** Walk up from steps[0] among the certificates that are given; a signature that is wrong, and a fixture on the way, is a fault. */
int install_climb(struct installing *installing) MUST_USE;

/** Whether NAME is free, or the certificate before it the ledger took in under that name too. -1 with a fault. */
int install_check_name(struct installing *installing) MUST_USE;
/** What the ledger is told once the files are on disk. */
int install_record(struct installing *installing) MUST_USE;

#endif
