/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Browsers' certificate databases, through libnss3. Places:
 *
 *     chromium         ~/.pki/nssdb where that folder exists, even empty; otherwise $XDG_DATA_HOME/pki/nssdb, which is
 *                      ~/.local/share/pki/nssdb. The first is never made beside the second: it would hide it.
 *     firefox          the default profile; where several could be meant, a fault that lists them
 *     firefox:NAME     the profile NAME
 *     sql:DIR          the database in the folder DIR
 *
 * Each open store is a process of its own (nss/keeper.h): NSS keeps its state in globals, reads files that another user may have
 * written, and must not do so with root's rights. Of a database's own list of modules (pkcs11.txt) nothing is loaded.
 *
 * A database that is not there yet is made by the first put (folders 0700, files 0600). It gets no password, for Chromium can use none
 * that has one; with a passphrase in the setting, sql:DIR and Firefox get that one, and chromium is refused. When nothing is in it at
 * the end (the put failed, or everything was taken again), and nobody else has used it, store_close removes it again, with the folders
 * that were made in the same session.
 *
 * NSS lets whoever can open a database read its keys, whatever their attributes say: EXTRACTABLE_NO is refused. Keys are RSA and ECDSA.
 * Without a label a certificate gets the nickname its subject has there, or one made of its common name that no other subject has.
 *
 * store_judge goes by the anchors of the database alone: the roots that a browser brings along are no part of it. store_reference:
 * "nss:sql:DIR?nickname=NAME", both with all but letters, digits and "-._~/" as %XX.
 */
#ifndef MTLSKIT_NSS_NSS_H
#define MTLSKIT_NSS_NSS_H

#include "store/store.h"

extern const struct store_kind store_nss;

#endif
