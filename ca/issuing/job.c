/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A job's two stages: prepare (key, serial, validity: what the ledger must know before anything is signed) and make
 * (signature and files).
 */
#include "issuing/job.h"

#include <stdlib.h>
#include <string.h>

#include "issuing/kept_key.h"
#include "x509/bundle.h"
#include "x509/pem.h"

/** Final modes of files that hold a secret, and of those that do not. */
#define MODE_SECRET 0600
#define MODE_PUBLIC 0644

/** Key makers, by algorithm. */
#define MAKERS (KEY_FOREIGN + 1)

struct job_bench {
    const struct context *context;
    struct context *seeded; /* of fixtures: the context, for this bench alone */
    struct digester *digester;
    struct facet_desk *facets;
    struct key_maker *makers[MAKERS];
    struct serial_stock serials;
};

struct job_bench *job_bench_new(const struct context *context)
{
    struct job_bench *bench = calloc(1, sizeof(*bench));

    if (bench == NULL || (bench->digester = digester_new(context)) == NULL ||
        (bench->facets = facet_desk_new(bench->digester)) == NULL ||
        (context_is_fixture(context) &&
         (bench->seeded = context_new_seeded(context, context_seed(context))) == NULL)) {
        job_bench_free(bench);
        return NULL;
    }
    bench->context = bench->seeded != NULL ? bench->seeded : context;
    return bench;
}

void job_bench_free(struct job_bench *bench)
{
    size_t i;

    if (bench == NULL) {
        return;
    }
    for (i = 0; i < MAKERS; i++) {
        key_maker_free(bench->makers[i]);
    }
    facet_desk_free(bench->facets);
    digester_free(bench->digester);
    context_free(bench->seeded);
    free(bench);
}

bool job_signs(const struct job *job)
{
    return plan_action_signs(job->step.action);
}

void job_clear(struct job *job)
{
    size_t i;

    for (i = 0; i < job->file_count; i++) {
        bytes_free(&job->files[i].path);
        bytes_free(&job->files[i].content);
    }
    free(job->files);
    free(job->bundle_passphrases);
    bytes_free(&job->existing_key);
    bytes_free(&job->existing_certificate);
    bytes_free(&job->spki);
    bytes_free(&job->certificate);
    key_free(job->key);
    faults_free(job->faults);
    entry_release(job->step.entry);
    memset(job, 0, sizeof(*job));
}

/** The key: a new one, the one on disk, or none when no file needs it. */
static int job_key(struct job *job, struct job_bench *bench)
{
    const struct entry *entry = job->step.entry;

    if (job->token != NULL) {
        job->key = key_from_spki(bench->context, signer_spki(job->token), job->faults);
    } else if (job->step.new_key) {
        struct key_maker **maker = &bench->makers[entry->key];

        if (*maker == NULL && (*maker = key_maker_new(bench->context, entry->key, job->faults)) == NULL) {
            return -1;
        }
        job->key = key_maker_make_of(*maker, entry->name, job->faults);
    } else if (job->step.request.length > 0) {
        if (bytes_append(&job->spki, job->step.request_key.data, job->step.request_key.length) != 0) {
            return -1;
        }
    } else if (job->step.renews.length > 0 && job->existing_key.length == 0) {
        struct certificate_view old;

        job->key = certificate_view_read(job->step.renews, &old) == 0
                       ? key_from_spki(bench->context, old.spki, job->faults)
                       : NULL;
    } else if (job->existing_key.length > 0) {
        job->key = kept_key_open(bench->context, entry, slice_of(&job->existing_key), job->key_passphrase,
                                 job->faults);
        bytes_free(&job->existing_key);
    } else {
        return job_signs(job) ? -1 : 0;
    }
    if (job->spki.length == 0 && (job->key == NULL || key_spki(job->key, &job->spki, job->faults) != 0)) {
        return -1;
    }
    digester_add(bench->digester, slice_of(&job->spki));
    return digester_final(bench->digester, &job->spki_digest);
}

/** A key kept on disk must be the one that was certified, when only files are written again. */
static int job_key_matches(struct job *job)
{
    struct certificate_view view;

    if (job->key == NULL || certificate_view_read(slice_of(&job->certificate), &view) != 0) {
        return job->key == NULL ? 0 : -1;
    }
    if (!slice_equal(view.spki, slice_of(&job->spki))) {
        fault_error(job->faults, NULL, NULL, "put the right key back",
                    "%s.key is not the key of its certificate", job->step.entry->name);
        return -1;
    }
    return 0;
}

/** What the ledger keeps of what the certificate is made from. */
static int job_origin(struct job *job, struct job_bench *bench)
{
    if (job->step.renewed_request != NULL) {
        job->request = *job->step.renewed_request;
    }
    if (job->step.request.length > 0) {
        digester_add(bench->digester, job->step.request);
        if (digester_final(bench->digester, &job->request) != 0) {
            return -1;
        }
    }
    if (job->step.facets != NULL) {
        job->facets = *job->step.facets;
        return 0;
    }
    return plan_facets_of(bench->facets, job->step.entry,
                          job->issuer != NULL ? &job->issuer->identities : NULL, &job->facets, job->faults);
}

/**
 * The serial of a fixture follows from all that the certificate is made from, too: one that is made anew because something changed
 * has another than the one before, and the same as in a directory that never had that.
 */
static int job_seeded_serial(struct job *job, struct job_bench *bench)
{
    struct digest what;
    struct bytes purpose = BYTES_EMPTY;
    int status = -1;

    digester_add(bench->digester, (struct slice){(const unsigned char *)&job->facets, sizeof(job->facets)});
    digester_add(bench->digester, slice_of(&job->spki));
    digester_add_number(bench->digester, job->not_before);
    digester_add_number(bench->digester, job->not_after);
    if (digester_final(bench->digester, &what) == 0 && bytes_append_text(&purpose, "serial ") == 0 &&
        bytes_append(&purpose, what.octets, sizeof(what.octets)) == 0 &&
        context_begin(bench->context, slice_of_text(job->step.entry->name), slice_of(&purpose)) == 0) {
        status = serial_make(bench->context, &job->serial);
    }
    bytes_free(&purpose);
    return status;
}

int job_prepare(struct job *job, struct job_bench *bench, instant now)
{
    const struct entry *entry = job->step.entry;
    instant ceiling = job->issuer != NULL ? job->issuer->not_after : INSTANT_MAX;
    const char *why = NULL;

    if (job_key(job, bench) != 0) {
        goto failed;
    }
    if (!job_signs(job)) {
        bytes_move(&job->certificate, &job->existing_certificate);
        return job_key_matches(job);
    }
    if (validity_resolve(&entry->validity, &entry->backdate, now, ceiling, &job->not_before, &job->not_after,
                         &job->clipped, &why) != 0) {
        fault_error(job->faults, NULL, NULL, NULL, "%s", why);
        goto failed;
    }
    if (job_origin(job, bench) != 0) {
        goto failed;
    }
    if ((bench->seeded != NULL ? job_seeded_serial(job, bench)
                               : serial_make_from(bench->context, &bench->serials, &job->serial)) != 0) {
        fault_openssl(job->faults, "no randomness for a serial number");
        goto failed;
    }
    return 0;
failed:
    if (faults_errors(job->faults) == 0) {
        fault_openssl(job->faults, "%s: the key could not be made", entry->name);
    }
    return -1;
}

/** Signs the certificate of a job that signs. */
static int job_sign(struct job *job, struct job_bench *bench, struct issuer *issuer)
{
    const struct entry *entry = job->step.entry;
    struct issuance issuance = {
        .profile = entry->profile,
        .flaw = entry->flaw,
        .subject = slice_of(&entry->subject),
        .names = slice_of(&entry->names),
        .spki = slice_of(&job->spki),
        .family = job->key != NULL ? key_family_of(job->key) : key_family_of_spki(slice_of(&job->spki)),
        .serial = serial_slice(&job->serial),
        .not_before = job->not_before,
        .not_after = job->not_after,
        .path_length = entry->path_length,
        .permitted = slice_of(&entry->permitted),
        .excluded = slice_of(&entry->excluded),
    };
    struct signer *signer = NULL;
    int status;

    if (job->step.renews.length > 0) {
        /* a kept key stays as its old certificate writes it */
        return issuer_renew(
            issuer, job->step.renews, job->step.new_key ? slice_of(&job->spki) : (struct slice){NULL, 0},
            serial_slice(&job->serial), job->not_before, job->not_after, &job->certificate, job->faults);
    }
    if (issuer != NULL) {
        return issuer_issue(issuer, &issuance, &job->certificate, job->faults);
    }
    if (job->token != NULL) {
        return issuer_self_sign(bench->context, job->token, &issuance, &job->certificate, job->faults);
    }
    signer = signer_from_key(bench->context, job->key, job->faults);
    if (signer == NULL) {
        return -1;
    }
    status = issuer_self_sign(bench->context, signer, &issuance, &job->certificate, job->faults);
    signer_free(signer);
    return status;
}

/** PEM of the certificate and what stands above it: up to the root, with it or without. */
static int render_chain(const struct job *job, bool chain, bool root, struct bytes *content)
{
    const struct authority_at_work *above = job->issuer;
    int status = pem_write(slice_of(&job->certificate), "CERTIFICATE", content);

    for (; chain && status == 0 && above != NULL; above = above->above) {
        if (above->above != NULL || above->below_another || root) {
            status = pem_write(slice_of(&above->certificate), "CERTIFICATE", content);
        }
    }
    return status;
}

static int render_base64_field(const char *name, const struct bytes *value, struct bytes *content)
{
    if (bytes_append_text(content, "  ") != 0 || bytes_append_text(content, name) != 0 ||
        bytes_append_text(content, ": ") != 0 || bytes_append_base64(content, slice_of(value), 0) != 0) {
        return -1;
    }
    return bytes_append_text(content, "\n");
}

/** A Secret of type kubernetes.io/tls, with the root as ca.crt as cert-manager has it. */
static int render_k8s_secret(const struct job *job, struct bytes *content)
{
    const struct entry *entry = job->step.entry;
    const struct authority_at_work *root = job->issuer;
    struct bytes part = BYTES_EMPTY;
    int status = -1;

    while (root != NULL && root->above != NULL) {
        root = root->above;
    }
    if (bytes_printf(content, "apiVersion: v1\nkind: Secret\nmetadata:\n  name: %s\n",
                     entry->k8s_secret_name != NULL ? entry->k8s_secret_name : entry->name) != 0 ||
        (entry->k8s_namespace != NULL &&
         bytes_printf(content, "  namespace: %s\n", entry->k8s_namespace) != 0) ||
        bytes_append_text(content, "type: kubernetes.io/tls\ndata:\n") != 0) {
        goto out;
    }
    if (root != NULL && (pem_write(slice_of(&root->certificate), "CERTIFICATE", &part) != 0 ||
                         render_base64_field("ca.crt", &part, content) != 0)) {
        goto out;
    }
    bytes_clear(&part);
    if (render_chain(job, true, false, &part) != 0 || render_base64_field("tls.crt", &part, content) != 0) {
        goto out;
    }
    bytes_clear(&part);
    if (key_pkcs8_pem(job->key, &part, job->faults) != 0 ||
        render_base64_field("tls.key", &part, content) != 0) {
        goto out;
    }
    status = 0;
out:
    bytes_free(&part);
    return status;
}

/** The passphrase of one of the entry's bundles. */
static const struct bytes *bundle_passphrase(const struct job *job, const struct entry_bundle *bundle)
{
    return job->bundle_passphrases[bundle - job->step.entry->bundles];
}

/** A P12, checked before it counts. */
static int render_bundle(const struct job *job, struct job_bench *bench, const struct entry_bundle *bundle,
                         struct bytes *content)
{
    struct slice *chain = NULL;
    size_t count = 0;
    size_t depth = 1;
    const struct authority_at_work *above;
    struct bundle_content what = {0};
    int status = -1;

    for (above = job->issuer; above != NULL; above = above->above) {
        depth++;
    }
    chain = calloc(depth, sizeof(*chain));
    if (chain == NULL) {
        fault_memory(job->faults);
        return -1;
    }
    if (bundle->target->anchors_only && job->step.entry->kind == ENTRY_AUTHORITY) {
        chain[count++] = slice_of(&job->certificate);
    }
    for (above = job->issuer; above != NULL; above = above->above) {
        chain[count++] = slice_of(&above->certificate);
    }
    what.chain = chain;
    what.chain_count = count;
    what.name = bundle->name;
    what.passphrase = bundle_passphrase(job, bundle);
    what.allow_empty_passphrase = bundle->allow_empty_passphrase;
    if (!bundle->target->anchors_only) {
        what.key = job->key;
        what.leaf = slice_of(&job->certificate);
    }
    if (bundle_write(bench->context, bundle->target, &what, content, job->faults) == 0) {
        status = job->bundles_by_mac
                     ? bundle_check_mac(bench->context, bundle->target, what.passphrase, slice_of(content),
                                        job->faults)
                     : bundle_check(bench->context, bundle->target, &what, slice_of(content), job->faults);
    }
    free(chain);
    return status;
}

static int render_key(const struct job *job, struct job_bench *bench, struct bytes *content)
{
    if (job->step.entry->passphrase.source == PASSPHRASE_NONE) {
        return key_pkcs8_pem(job->key, content, job->faults);
    }
    return key_pkcs8_encrypted_pem(bench->context, job->key, job->step.entry->passphrase_kdf,
                                   job->key_passphrase, content, job->faults);
}

static int render_passphrase(const struct job *job, const struct entry_bundle *bundle, struct bytes *content)
{
    const struct bytes *passphrase = bundle_passphrase(job, bundle);

    if (bytes_append(content, passphrase->data, passphrase->length) != 0) {
        return -1;
    }
    return bytes_append_text(content, "\n");
}

static int render(const struct job *job, struct job_bench *bench, struct job_file *file)
{
    file->mode = output_is_secret(file->output.kind) ? MODE_SECRET : MODE_PUBLIC;
    switch (file->output.kind) {
    case OUTPUT_KEY:
        return render_key(job, bench, &file->content);
    case OUTPUT_CERTIFICATE:
        return render_chain(job, job->step.entry->kind == ENTRY_CERTIFICATE, false, &file->content);
    case OUTPUT_DER:
        return bytes_append(&file->content, job->certificate.data, job->certificate.length);
    case OUTPUT_TRUST:
        return render_chain(job, true, true, &file->content);
    case OUTPUT_K8S_SECRET:
        return render_k8s_secret(job, &file->content);
    case OUTPUT_BUNDLE:
        return render_bundle(job, bench, file->output.bundle, &file->content);
    case OUTPUT_BUNDLE_PASSPHRASE:
        return render_passphrase(job, file->output.bundle, &file->content);
    case OUTPUT_INSTALL:
        return bytes_append(&file->content, file->output.install->content.data,
                            file->output.install->content.length);
    case OUTPUT_CRL:
        break;
    }
    return -1;
}

/** Renders the step's outputs, with the hashes the ledger keeps of them. */
static int job_files(struct job *job, struct job_bench *bench)
{
    const struct entry *entry = job->step.entry;
    size_t count = entry_output_count(entry);
    struct digest certificate;
    size_t i;

    if (job->step.outputs == 0) {
        return 0;
    }
    job->files = calloc(count, sizeof(*job->files));
    if (job->files == NULL) {
        return -1;
    }
    digester_add(bench->digester, slice_of(&job->certificate));
    if (digester_final(bench->digester, &certificate) != 0) {
        return -1;
    }
    for (i = 0; i < count; i++) {
        struct job_file *file = &job->files[job->file_count];

        if ((job->step.outputs & (UINT64_C(1) << i)) == 0) {
            continue;
        }
        job->file_count++;
        if (entry_output_at(entry, i, &file->output, &file->path) != 0 ||
            context_begin(bench->context, slice_of_text(entry->name), slice_of(&file->path)) != 0 ||
            render(job, bench, file) != 0 ||
            plan_output_inputs(bench->digester, entry, &file->output, &certificate,
                               job->issuer != NULL ? &job->issuer->certificates : NULL, &file->inputs) != 0) {
            return -1;
        }
        if (file->output.kind != OUTPUT_BUNDLE_PASSPHRASE) {
            digester_add(bench->digester, slice_of(&file->content));
            if (digester_final(bench->digester, &file->digest) != 0) {
                return -1;
            }
        }
    }
    return 0;
}

int job_make(struct job *job, struct job_bench *bench, struct issuer *issuer)
{
    const struct entry *entry = job->step.entry;

    if (job_signs(job) && job_sign(job, bench, issuer) != 0) {
        goto failed;
    }
    if (job_files(job, bench) != 0) {
        goto failed;
    }
    return 0;
failed:
    if (faults_errors(job->faults) == 0) {
        fault_openssl(job->faults, "%s: a file could not be made", entry->name);
    }
    return -1;
}
