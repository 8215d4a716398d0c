/* SPDX-License-Identifier: Apache-2.0 */
/* The two ends of mutual TLS, as a program of yours may set them up. */
#ifndef ENDPOINT_H
#define ENDPOINT_H

#include <openssl/ssl.h>

/** What an end shows and whom it trusts: PEM files. */
struct endpoint_files {
    const char *chain, *key; /* NULL: it shows nothing */
    const char *anchors;
};

/** A server that lets in whoever has a certificate below its anchors, and nobody else. NULL: the files are no good. */
SSL *endpoint_server(const struct endpoint_files *files);
/** A client that speaks to @p host alone. NULL: the files are no good. */
SSL *endpoint_client(const struct endpoint_files *files, const char *host);

#endif
