/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a plan compares: hashes of an entry's parts and of what its files are made from.
 */
#include "plan/facets.h"

#include <stdlib.h>
#include <string.h>

static void add_text(struct digester *digester, const char *text)
{
    digester_add_field(digester, slice_of_text(text != NULL ? text : ""));
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

/* ---- facets ---------------------------------------------------------------------------------------------------------- */

enum facet { FACET_SUBJECT, FACET_NAMES, FACET_KEY, FACET_VALIDITY, FACET_ISSUER, FACET_PROFILE, FACETS };

#define FACET_LENGTH 8

/** What a facet was made from last, and what it was. */
struct facet_memory {
    struct bytes origin;
    unsigned char facet[FACET_LENGTH];
    bool known;
};

struct facet_desk {
    struct digester *digester;
    struct facet_memory memories[FACETS];
    struct bytes origin; /* of the facet that is being made */
    struct bytes extensions;
    bool failed;
};

struct facet_desk *facet_desk_new(struct digester *digester)
{
    struct facet_desk *desk = calloc(1, sizeof(*desk));

    if (desk != NULL) {
        desk->digester = digester;
    }
    return desk;
}

void facet_desk_free(struct facet_desk *desk)
{
    if (desk != NULL) {
        for (size_t i = 0; i < FACETS; i++) {
            bytes_free(&desk->memories[i].origin);
        }
        bytes_free(&desk->origin);
        bytes_free(&desk->extensions);
        free(desk);
    }
}

static void put(struct facet_desk *desk, struct slice slice)
{
    desk->failed = desk->failed || bytes_append(&desk->origin, slice.data, slice.length) != 0;
}

/** As digester_add_number and digester_add_field have it. */
static void put_number(struct facet_desk *desk, int64_t number)
{
    unsigned char octets[DIGEST_NUMBER_LENGTH];

    digest_encode_number(number, octets);
    put(desk, (struct slice){octets, sizeof(octets)});
}

static void put_field(struct facet_desk *desk, struct slice slice)
{
    put_number(desk, (int64_t)slice.length);
    put(desk, slice);
}

static void put_duration(struct facet_desk *desk, const struct duration *duration)
{
    put_number(desk, duration->months);
    put_number(desk, duration->seconds);
}

/** The first octets of the hash of what was put. */
static void end_facet(struct facet_desk *desk, enum facet which, unsigned char facet[FACET_LENGTH])
{
    struct facet_memory *memory = &desk->memories[which];
    struct bytes spare = memory->origin;
    struct digest digest;

    if (!memory->known || !slice_equal(slice_of(&memory->origin), slice_of(&desk->origin))) {
        memory->known = false;
        digester_add(desk->digester, slice_of(&desk->origin));
        if (digester_final(desk->digester, &digest) != 0) {
            desk->failed = true;
        } else {
            memcpy(memory->facet, digest.octets, FACET_LENGTH);
            memory->origin = desk->origin;
            desk->origin = spare;
            memory->known = !desk->failed;
        }
    }
    bytes_clear(&desk->origin);
    memcpy(facet, memory->facet, FACET_LENGTH);
}

/**
 * The profile's facet is what it says in a certificate, not how its YAML is written: the encoded extensions. They are
 * taken for an RSA key, where no usage is dropped.
 */
static void put_profile(struct facet_desk *desk, const struct entry *entry, struct faults *faults)
{
    bytes_clear(&desk->extensions);
    if (profile_encode_extensions(entry->profile, KEY_FAMILY_RSA, entry->path_length, &desk->extensions,
                                  faults) != 0) {
        desk->failed = true;
    }
    put_field(desk, slice_of(&desk->extensions));
    if (entry->flaw != FLAW_NONE) {
        put_field(desk, slice_of_text(flaw_text(entry->flaw)));
    }
}

int plan_facets_of(struct facet_desk *desk, const struct entry *entry, const struct digest *above,
                   struct plan_facets *facets, struct faults *faults)
{
    const struct validity *validity = &entry->validity;
    /* where a key is in a token does not matter: its certificate says which it is */
    const char *key = entry->token_uri != NULL ? "token" : key_algorithm_text(entry->key);

    desk->failed = false;
    put_field(desk, slice_of(&entry->subject));
    end_facet(desk, FACET_SUBJECT, facets->subject);
    put_field(desk, slice_of(&entry->names));
    put_field(desk, slice_of(&entry->permitted));
    put_field(desk, slice_of(&entry->excluded));
    end_facet(desk, FACET_NAMES, facets->names);
    put_field(desk, slice_of_text(key != NULL ? key : ""));
    if (entry->ephemeral) {
        put_field(desk, slice_of_text("ephemeral"));
    }
    end_facet(desk, FACET_KEY, facets->key);
    put_number(desk, validity->fixed_from ? 1 : 0);
    put_number(desk, validity->fixed_from ? validity->from : 0);
    put_number(desk, validity->fixed_until ? 1 : 0);
    put_number(desk, validity->fixed_until ? validity->until : 0);
    put_duration(desk, &validity->duration);
    put_duration(desk, &entry->backdate);
    end_facet(desk, FACET_VALIDITY, facets->validity);
    if (above != NULL) {
        put(desk, (struct slice){above->octets, DIGEST_LENGTH});
    }
    end_facet(desk, FACET_ISSUER, facets->issuer);
    put_profile(desk, entry, faults);
    end_facet(desk, FACET_PROFILE, facets->profile);
    if (desk->failed && faults_errors(faults) == 0) {
        fault_openssl(faults, "SHA-256 failed");
    }
    return desk->failed ? -1 : 0;
}

/* ---- outputs --------------------------------------------------------------------------------------------------------- */

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
