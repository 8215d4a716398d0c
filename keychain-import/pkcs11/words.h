/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words that keychain-import and keychain-import-token have for themselves, beside those of every helper (token/wire.h):
 *
 * request                                      answer
 * TOKENS version, seconds, number              TOKEN label, what it is, serial, why it cannot be used; or ABSENT
 * WHICH                                        TOKEN, the one that is open
 * SEE_CERTIFICATE DER, SEE_OTHERS or empty     SIGHT letter, text, id
 * SEE_KEY SubjectPublicKeyInfo, id, label      SIGHT letter, text, id
 * PUT_CERTIFICATE DER, label, id               DONE
 * PUT_KEY PrivateKeyInfo, SPKI, label, id, uses   DONE
 * TAKE_CERTIFICATE DER                         DONE
 * TAKE_KEY SubjectPublicKeyInfo, id            DONE
 * LIST number                                  CERTIFICATE DER, label, marks; or ABSENT
 *
 * TOKENS asks for one token after the other of all that p11-kit knows, in place of OPEN. Numbers are decimal, from 0. The id of SEE_KEY
 * and TAKE_KEY is where the key would be; one with the same public key is found under another id as well. An empty label is not looked for. A key
 * that was seen to be present is the one that SIGN uses. Whatever is put is put whole, or what the helper made of it is destroyed again;
 * whatever is taken may be gone already.
 */
#ifndef MTLSKIT_PKCS11_WORDS_H
#define MTLSKIT_PKCS11_WORDS_H

/** The letter of a SIGHT, and what its text is. */
#define SIGHT_ABSENT  'a'
#define SIGHT_PRESENT 'p' /**< its label; and its CKA_ID */
#define SIGHT_OTHER   'o' /**< what stands in its place, a phrase */

/** What else is to be looked for when a certificate is absent: what stands in its place. Some tokens take their time for each search. */
#define SEE_OTHERS "o"

/** Letters of uses and marks; a set. */
#define KEY_USE_EXTRACTABLE 'x' /**< may be wrapped by another key and taken out of the token */
#define KEY_USE_DECRYPT     'd'
#define KEY_USE_AGREE       'a'
#define MARK_KEY            'k' /**< a private key has the certificate's CKA_ID */
#define MARK_EXTRACTABLE    'x' /**< and can be taken out as far as the token tells */

/** Longest certificate put. */
#define WORDS_CERTIFICATE_MAX 60000

/** CKA_ID when nothing else says one: SHA-1 of the public key (RFC 5280 section 4.2.1.2, method 1). */
#define KEY_ID_LENGTH 20

#endif
