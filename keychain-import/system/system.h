/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The system's CA store on Linux: the anchors of curl, OpenSSL, GnuTLS, Python, Java and all others that ask no store of their own.
 * Debian's (/usr/local/share/ca-certificates, update-ca-certificates) and Fedora's (/etc/pki/ca-trust/source, update-ca-trust).
 *
 * One file holds one certificate, named mtlskit-NAME-DIGEST; that it is there is the whole of the trust. It takes no identities.
 *
 * Scope. What reads this store checks servers by it; so an anchor in it is trusted for servers, and one for clients is refused. On
 * Fedora the file says so itself (a trusted certificate of OpenSSL's, for id-kp-serverAuth alone), and what is extracted from it follows
 * that; on Debian nothing holds back a server that checks its clients by all authorities of the system.
 */
#ifndef MTLSKIT_SYSTEM_SYSTEM_H
#define MTLSKIT_SYSTEM_SYSTEM_H

#include "store/store.h"

extern const struct store_kind store_system;

#endif
