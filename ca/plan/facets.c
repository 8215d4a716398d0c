/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a plan compares: hashes of an entry's parts and of what its files are made from.
 */
#include "plan/facets.h"

#include <string.h>

static void add_text(struct digester *digester, const char *text)
{
    digester_add_field(digester, slice_of_text(text != NULL ? text : ""));
}

static void add_duration(struct digester *digester, const struct duration *duration)
{
    digester_add_number(digester, duration->months);
    digester_add_number(digester, duration->seconds);
}

/** Ends a hash and keeps its first octets. */
static int facet_final(struct digester *digester, unsigned char facet[8])
{
    struct digest digest;

    if (digester_final(digester, &digest) != 0) {
        return -1;
    }
    memcpy(facet, digest.octets, 8);
    return 0;
}

int plan_identity(struct digester *digester, struct slice spki, struct slice subject, struct digest *identity)
{
    digester_add_field(digester, spki);
    digester_add_field(digester, subject);
    return digester_final(digester, identity);
}

int plan_chain(struct digester *digester, const struct digest *own, const struct digest *above,
               struct digest *chain)
{
    digester_add(digester, (struct slice){own->octets, DIGEST_LENGTH});
    if (above != NULL) {
        digester_add(digester, (struct slice){above->octets, DIGEST_LENGTH});
    }
    return digester_final(digester, chain);
}

/**
 * The profile's facet is what it says in a certificate, not how its YAML is written: the encoded extensions. They are
 * taken for an RSA key, where no usage is dropped.
 */
static int facet_profile(struct digester *digester, const struct entry *entry, unsigned char facet[8],
                         struct faults *faults)
{
    struct bytes extensions = BYTES_EMPTY;
    int status =
        profile_encode_extensions(entry->profile, KEY_FAMILY_RSA, entry->path_length, &extensions, faults);

    if (status == 0) {
        digester_add_field(digester, slice_of(&extensions));
        if (entry->flaw != FLAW_NONE) {
            add_text(digester, flaw_text(entry->flaw));
        }
        status = facet_final(digester, facet);
    }
    bytes_free(&extensions);
    return status;
}

int plan_facets_of(struct digester *digester, const struct entry *entry, const struct digest *above,
                   struct plan_facets *facets, struct faults *faults)
{
    const struct validity *validity = &entry->validity;

    digester_add_field(digester, slice_of(&entry->subject));
    if (facet_final(digester, facets->subject) != 0) {
        goto failed;
    }
    digester_add_field(digester, slice_of(&entry->names));
    digester_add_field(digester, slice_of(&entry->permitted));
    digester_add_field(digester, slice_of(&entry->excluded));
    if (facet_final(digester, facets->names) != 0) {
        goto failed;
    }
    /* where a key is in a token does not matter: its certificate says which it is */
    add_text(digester, entry->token_uri != NULL ? "token" : key_algorithm_text(entry->key));
    if (entry->ephemeral) {
        add_text(digester, "ephemeral");
    }
    if (facet_final(digester, facets->key) != 0) {
        goto failed;
    }
    digester_add_number(digester, validity->fixed_from ? 1 : 0);
    digester_add_number(digester, validity->fixed_from ? validity->from : 0);
    digester_add_number(digester, validity->fixed_until ? 1 : 0);
    digester_add_number(digester, validity->fixed_until ? validity->until : 0);
    add_duration(digester, &validity->duration);
    add_duration(digester, &entry->backdate);
    if (facet_final(digester, facets->validity) != 0) {
        goto failed;
    }
    if (above != NULL) {
        digester_add(digester, (struct slice){above->octets, DIGEST_LENGTH});
    }
    if (facet_final(digester, facets->issuer) != 0 ||
        facet_profile(digester, entry, facets->profile, faults) != 0) {
        goto failed;
    }
    return 0;
failed:
    if (faults_errors(faults) == 0) {
        fault_openssl(faults, "SHA-256 failed");
    }
    return -1;
}

/** How the passphrase is come by, never the passphrase: the SPEC with a literal one blotted out. */
static int add_passphrase(struct digester *digester, const struct passphrase_spec *spec)
{
    struct bytes text = BYTES_EMPTY;
    int status = passphrase_spec_describe(spec, &text);

    digester_add_field(digester, slice_of(&text));
    bytes_free(&text);
    return status;
}

int plan_key_inputs(struct digester *digester, bool locked, enum key_kdf kdf, struct digest *inputs)
{
    digester_add_number(digester, (int64_t)OUTPUT_KEY);
    digester_add_number(digester, !locked ? 0 : kdf == KEY_KDF_PBKDF2 ? 1 : 2);
    return digester_final(digester, inputs);
}

int plan_output_inputs(struct digester *digester, const struct entry *entry, const struct output *output,
                       const struct digest *certificate, const struct digest *above, struct digest *inputs)
{
    struct digest chain;
    int status = 0;

    if (output->kind == OUTPUT_KEY) {
        return plan_key_inputs(digester, entry->passphrase.source != PASSPHRASE_NONE, entry->passphrase_kdf,
                               inputs);
    }
    if (output->kind == OUTPUT_INSTALL) {
        /* it names files, and says nothing of what is in them */
        digester_add_number(digester, (int64_t)output->kind);
        digester_add_field(digester, slice_of(&output->install->content));
        return digester_final(digester, inputs);
    }
    if (plan_chain(digester, certificate, above, &chain) != 0) {
        return -1;
    }
    digester_add_number(digester, (int64_t)output->kind);
    digester_add(digester, (struct slice){chain.octets, DIGEST_LENGTH});
    if (output->kind == OUTPUT_K8S_SECRET) {
        add_text(digester, entry->k8s_secret_name);
        add_text(digester, entry->k8s_namespace);
    }
    if (output->bundle != NULL) {
        add_text(digester, output->bundle->target->word);
        add_text(digester, output->bundle->name);
        status = add_passphrase(digester, &output->bundle->passphrase);
    }
    if (digester_final(digester, inputs) != 0) {
        status = -1;
    }
    return status;
}
