/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A double of CoreFoundation and the Security framework, for tests: keychains, access lists and trust settings in memory, as facts about macOS 12 to
 * 26 have it, and references that are counted. It aborts, naming the call, where a reference is let go once too often, used after that, or of
 * another type than the call wants. Calls can be made to fail, each in its turn, before or after their effect.
 */
#ifndef MTLSKIT_DOUBLE_H
#define MTLSKIT_DOUBLE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <Security/Security.h>

/** All forgotten: one keychain "/Library/Keychains/System.keychain" of root's, one "/Volumes/somebody/Library/Keychains/login.keychain-db". */
void apple_start(void);
/** Frees all; aborts when references are still held, questions are still off, or a secret lay in memory given back. */
void apple_stop(void);

/** The release of macOS: 12 to 26. At first 15. */
extern int apple_version;
/** Who runs the program; at first root. */
extern uid_t apple_uid;
/** Whether the user's keychain switch for questions is on, and how many questions were put to a person. */
extern bool apple_prompting;
extern int apple_prompts;
/** Whether anything was judged with the network allowed. */
extern bool apple_networked;
/** Whether the undocumented call can be found. */
extern bool apple_undocumented;

/* The program under test and some others, and how they are signed. */
#define APPLE_SELF   "/usr/local/bin/keychain-import"
#define APPLE_CURL   "/usr/bin/curl"
#define APPLE_SAFARI "/Applications/Safari.app"
#define APPLE_CHROME "/Applications/Google Chrome.app"
#define APPLE_OWN    "/opt/own/bin/client"
#define APPLE_SYSTEM "/Library/Keychains/System.keychain"
#define APPLE_LOGIN  "/Volumes/somebody/Library/Keychains/login.keychain-db"
#define APPLE_PASS   "correct horse"

/* ---- keychains ------------------------------------------------------------------------------------------------------ */

/** A keychain more; @p partitioned as those below Library/Keychains of a user are. It joins the search list. */
void apple_keychain(const char *path, uid_t owner, bool partitioned);
void apple_lock(const char *path);
/** Put a certificate, or a private key in DER, there, as if by @p program. */
void apple_add_certificate(const char *path, const void *der, size_t length);
void apple_add_key(const char *path, const void *der, size_t length, const char *program);
/** How many certificates and keys a keychain has. */
size_t apple_certificates(const char *path);
size_t apple_keys(const char *path);
/** Of the only key of a keychain: whether @p program may use it without a question, and whether it can be read back. */
bool apple_may_use(const char *path, const char *program);
bool apple_extractable(const char *path);
/** The label of the only key, and of the only certificate; "" without. */
const char *apple_key_label(const char *path);
const char *apple_certificate_label(const char *path);

/* ---- trust ---------------------------------------------------------------------------------------------------------- */

enum apple_person { PERSON_GRANTS, PERSON_CANCELS, PERSON_ABSENT, PERSON_HANGS };
/** Who answers when macOS wants leave for a change of trust; whether System Integrity Protection is on. */
extern enum apple_person apple_person;
extern bool apple_protected;
/** Let those that hang come back (as cancelled), and wait until their threads have ended. */
void apple_release(void);
/** Trust settings as somebody else left them: one for @p program alone; one for another policy; none in it, trusted for everything. */
void apple_trust_program(const void *der, size_t length, SecTrustSettingsDomain domain);
void apple_trust_policy(const void *der, size_t length, SecTrustSettingsDomain domain, const char *oid,
                        int result);
void apple_trust_all(const void *der, size_t length, SecTrustSettingsDomain domain);
/** What SecTrustEvaluateWithError says. */
void apple_verdict(bool good, const char *reason);

/* ---- trouble -------------------------------------------------------------------------------------------------------- */

enum apple_mode { FAIL_BEFORE, FAIL_AFTER };
/** From now on: the @p nth call that can fail does (from 1), with @p status, or NULL; and when @p on, all that follow. 0: none. */
void apple_fail(long nth, enum apple_mode mode, OSStatus status, bool on);
/** How many calls that can fail there were since, and the name of the one that did, or NULL. */
long apple_calls(void);
const char *apple_failed(void);
/** References held now. */
long apple_live(void);

/** All there is, in words: keychains, items, access, trust, settings. To be freed. */
char *apple_snapshot(void);

/** Bytes that must not lie in memory that is given back. What lies there is counted. */
void apple_secret(const void *bytes, size_t length);
void apple_scan(const void *memory, size_t length);
extern int apple_spilled;

/* What the backend calls in place of the system's own (-Dgeteuid=apple_geteuid). */
uid_t apple_geteuid(void);
void *apple_dlsym(void *handle, const char *name);

#endif
