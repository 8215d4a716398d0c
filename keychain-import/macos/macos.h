/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keychains and trust settings of macOS, by the Security framework's own calls: no program is run, no file of a keychain is opened by us.
 * Built with a deployment target of macOS 12.
 *
 *   macos:system   /Library/Keychains/System.keychain, which all users of the machine see; writing it is root's
 *   macos:login    the user's own keychain, as the system names it; refused for root under sudo(8), for whose it is then depends on $HOME
 *   macos:PATH     a keychain file
 *   macos          system for root, else login
 *
 * Trust is kept in a domain, not in a keychain: the administrator's when root asks, else the user's. Each of its two writes runs under a
 * time limit (macos/errand.h), for macOS may wait for a person who is not there.
 *
 * A key that comes in is not extractable unless that is asked for. It may be used, without a question, by the programs of its item and by
 * this one, which proves it, and takes it out again; so its list of programs is never left out (which would mean the same) and never empty
 * (nobody). A keychain that also checks partitions wants its passphrase for the programs of others.
 */
#ifndef MTLSKIT_MACOS_H
#define MTLSKIT_MACOS_H

#include "store/store.h"

/** Where the keychain of the machine is. */
#define MACOS_SYSTEM_KEYCHAIN "/Library/Keychains/System.keychain"
/** Seconds a person has to answer when macOS asks for leave to change trust; store_setting's patience goes before. */
#define MACOS_PATIENCE 60

extern const struct store_kind store_macos;

#endif
