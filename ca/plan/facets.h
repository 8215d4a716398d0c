/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hashes a plan compares, for whoever records them after making what was planned.
 */
#ifndef MTLSKIT_PLAN_FACETS_H
#define MTLSKIT_PLAN_FACETS_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "base/fault.h"
#include "manifest/manifest.h"
#include "plan/step.h"

/** Hash of a key (DER SubjectPublicKeyInfo) and a subject (DER Name): what an authority is. */
int plan_identity(struct digester *digester, struct slice spki, struct slice subject, struct digest *identity)
    MUST_USE;
/** Hash of @p own and, when not NULL, the chain hash above it. Serves for identities and for certificates. */
int plan_chain(struct digester *digester, const struct digest *own, const struct digest *above,
               struct digest *chain) MUST_USE;
/**
 * What facets are computed with, one entry after the other: of the entry before most are the same, and those are not hashed again. One
 * thread.
 */
struct facet_desk;
/** NULL: no memory. @p digester is borrowed. */
struct facet_desk *facet_desk_new(struct digester *digester);
/** NULL is taken. */
void facet_desk_free(struct facet_desk *desk);
/** Facets of @p entry. @p above: chain of identities of its issuer, NULL for a root. */
int plan_facets_of(struct facet_desk *desk, const struct entry *entry, const struct digest *above,
                   struct plan_facets *facets, struct faults *faults) MUST_USE;
/** The same of a private key's file, which outlives its certificates: only whether and how it is encrypted counts. */
int plan_key_inputs(struct digester *digester, bool locked, enum key_kdf kdf, struct digest *inputs) MUST_USE;
/** What an output is made from: definition, certificate, and the chain of certificates above it (NULL for a root); of an installation its text alone. */
int plan_output_inputs(struct digester *digester, const struct entry *entry, const struct output *output,
                       const struct digest *certificate, const struct digest *above, struct digest *inputs)
    MUST_USE;

#endif
