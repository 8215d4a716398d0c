/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys and signature algorithms of a certificate, read for lint: their kind and size, without OpenSSL. Internal to the lint_*.c files.
 */
#ifndef MTLSKIT_X509_LINT_KEY_H
#define MTLSKIT_X509_LINT_KEY_H

#include "x509/lint_case.h"

/** Fill c->key from c->spki; what cannot be read sets key.malformed. */
void lint_key_read(struct lint_case *c);
/** Fill c->hash and c->parameters from c->outer_algorithm. */
void lint_algorithm_read(struct lint_case *c);
/** The parts of an AlgorithmIdentifier: -1 malformed. *parameters is empty when absent. */
int lint_algorithm_split(struct slice whole, struct slice *type, struct slice *parameters) MUST_USE;

#endif
