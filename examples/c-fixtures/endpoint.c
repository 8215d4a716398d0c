/* SPDX-License-Identifier: Apache-2.0 */
/* Setting up the two ends of mutual TLS. */
#include "endpoint.h"

#include <stddef.h>

/** Either end; always verifies the other. */
static SSL *endpoint(const SSL_METHOD *method, int verification, const struct endpoint_files *files)
{
    SSL_CTX *context = SSL_CTX_new(method);
    SSL *ssl = NULL;

    if (context != NULL && SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
        SSL_CTX_load_verify_file(context, files->anchors) == 1 &&
        (files->chain == NULL || (SSL_CTX_use_certificate_chain_file(context, files->chain) == 1 &&
                                  SSL_CTX_use_PrivateKey_file(context, files->key, SSL_FILETYPE_PEM) == 1 &&
                                  SSL_CTX_check_private_key(context) == 1))) {
        SSL_CTX_set_verify(context, verification, NULL);
        /* what is shown is what the files hold; whom one trusts is nobody else's business */
        (void)SSL_CTX_set_mode(context, SSL_MODE_NO_AUTO_CHAIN);
        ssl = SSL_new(context);
    }
    SSL_CTX_free(context);
    return ssl;
}

SSL *endpoint_server(const struct endpoint_files *files)
{
    SSL *ssl = endpoint(TLS_server_method(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, files);

    if (ssl != NULL) {
        SSL_set_accept_state(ssl);
    }
    return ssl;
}

SSL *endpoint_client(const struct endpoint_files *files, const char *host)
{
    SSL *ssl = endpoint(TLS_client_method(), SSL_VERIFY_PEER, files);

    if (ssl != NULL && (SSL_set1_host(ssl, host) != 1 || SSL_set_tlsext_host_name(ssl, host) != 1)) {
        SSL_free(ssl);
        return NULL;
    }
    if (ssl != NULL) {
        SSL_set_connect_state(ssl);
    }
    return ssl;
}
