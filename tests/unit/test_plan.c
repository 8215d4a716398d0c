/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goal: the plan says what is to be done and why, for every change a manifest, a ledger or a folder can have, without a
 * key or a file. A first manifest is remembered as if it had been carried out; a second one, or a changed state, is
 * planned against it, and the steps are compared with golden text: "action name: reasons [files]".
 */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/context.h"
#include "base/digest.h"
#include "base/fault.h"
#include "manifest/manifest.h"
#include "plan/plan.h"

#define DAY  INT64_C(86400)
#define NOW  INT64_C(1800000000)
#define ROOM 64
#define OURS "pki.yaml"

static const char first_manifest[] =
    "mtlskit: 1\n"
    "authorities:\n"
    "  root: {subject: {CN: Root}, validity: 3650d}\n"
    "  middle: {subject: {CN: Middle}, issuer: root, validity: 1825d}\n"
    "  other: {subject: {CN: Other}, validity: 3650d}\n"
    "certificates:\n"
    "  server: {issuer: middle, profile: server, san: [dns:localhost], validity: 90d}\n"
    "  client:\n"
    "    issuer: other\n"
    "    profile: client\n"
    "    subject: {CN: client}\n"
    "    validity: 90d\n"
    "    bundles: [{file: client.p12, target: modern, passphrase: generate}]\n";

struct remembered {
    char name[256];
    bool authority;
    struct plan_record record;
};

struct remembered_file {
    char path[256];
    char name[256];
    struct digest inputs;
    enum output_state state;
    bool exposed;
};

/** The world a plan is made in. */
struct world {
    struct context *context;
    struct digester *digester;
    struct facet_desk *facets;
    struct remembered entries[ROOM];
    size_t entry_count;
    struct remembered_file files[ROOM];
    size_t file_count;
    bool adopt_key_gone;
    struct plan_crl crl; /* of every authority */
    bool has_old;        /* root had other keys before, */
    struct plan_crl old_crls[2];
    bool warnings; /* are compared, too */
    instant due;   /* what the last plan said, */
    size_t claims; /* and how many steps in it claim a revocation */
    instant now;
};

static instant world_clock(void *state)
{
    return ((struct world *)state)->now;
}

static struct remembered *remembered_find(struct world *world, const char *name)
{
    for (size_t i = 0; i < world->entry_count; i++) {
        if (strcmp(world->entries[i].name, name) == 0) {
            return &world->entries[i];
        }
    }
    return NULL;
}

static struct remembered_file *file_find(struct world *world, const char *path)
{
    for (size_t i = 0; i < world->file_count; i++) {
        if (strcmp(world->files[i].path, path) == 0) {
            return &world->files[i];
        }
    }
    return NULL;
}

static void text_digest(struct world *world, const char *kind, const char *name, struct digest *digest)
{
    digester_add_field(world->digester, slice_of_text(kind));
    digester_add_field(world->digester, slice_of_text(name));
    cr_assert_eq(digester_final(world->digester, digest), 0);
}

/** Chains of an authority, as they come out of its made-up digests. */
static void chains(struct world *world, const struct entry *entry, struct digest *identities,
                   struct digest *certificates)
{
    struct digest own;
    struct digest above_identities;
    struct digest above_certificates;
    bool above = entry->issuer != NULL;

    if (above) {
        chains(world, entry->issuer, &above_identities, &above_certificates);
    }
    text_digest(world, "identity", entry->name, &own);
    cr_assert_eq(plan_chain(world->digester, &own, above ? &above_identities : NULL, identities), 0);
    text_digest(world, "certificate", entry->name, &own);
    cr_assert_eq(plan_chain(world->digester, &own, above ? &above_certificates : NULL, certificates), 0);
}

static struct manifest *parse(struct world *world, const char *text)
{
    struct faults *faults = faults_new();
    struct manifest *manifest = manifest_parse(world->context, slice_of_text(text), "pki.yaml", ".", faults);

    for (size_t i = 0; i < faults_count(faults); i++) {
        fprintf(stderr, "%s\n", faults_text(faults, i));
    }
    cr_assert_not_null(manifest);
    faults_free(faults);
    return manifest;
}

/** Remember @p text as if it had been carried out at world->now. */
static void remember(struct world *world, const char *text)
{
    struct manifest *manifest = parse(world, text);
    struct manifest_cursor cursor = manifest_entries(manifest);
    struct faults *faults = faults_new();
    const struct entry *entry;

    while ((entry = manifest_next(&cursor)) != NULL) {
        struct remembered *row = &world->entries[world->entry_count++];
        struct digest identities;
        struct digest certificates;

        snprintf(row->name, sizeof(row->name), "%s", entry->name);
        snprintf(row->record.manifest, sizeof(row->record.manifest), OURS);
        row->authority = entry->kind == ENTRY_AUTHORITY;
        row->record.issued = true;
        row->record.not_before = world->now;
        row->record.not_after = instant_add(world->now, &entry->validity.duration);
        text_digest(world, "identity", entry->name, &row->record.identity);
        text_digest(world, "certificate", entry->name, &row->record.certificate);
        if (entry->issuer != NULL) {
            chains(world, entry->issuer, &identities, &certificates);
        }
        cr_assert_eq(plan_facets_of(world->facets, entry, entry->issuer != NULL ? &identities : NULL,
                                    &row->record.facets, faults),
                     0);
        for (size_t i = 0; i < entry_output_count(entry); i++) {
            struct remembered_file *file = &world->files[world->file_count++];
            struct bytes path = BYTES_EMPTY;
            struct output output;

            cr_assert_eq(entry_output_at(entry, i, &output, &path), 0);
            snprintf(file->path, sizeof(file->path), "%s", bytes_text(&path));
            cr_assert_eq(plan_output_inputs(world->digester, entry, &output, &row->record.certificate,
                                            entry->issuer != NULL ? &certificates : NULL, &file->inputs),
                         0);
            file->state = OUTPUT_SAME;
            snprintf(file->name, sizeof(file->name), "%s", entry->name);
            bytes_free(&path);
        }
    }
    cr_assert_eq(faults_errors(faults), 0);
    faults_free(faults);
    manifest_free(manifest);
}

static int state_record(void *state, const char *name, struct plan_record *record, struct faults *faults)
{
    struct remembered *row = remembered_find(state, name);

    (void)faults;
    if (row != NULL) {
        *record = row->record;
    }
    return 0;
}

static int state_output(void *state, const struct entry *entry, const struct output *output, const char *path,
                        const struct digest *inputs, struct output_standing *standing, struct faults *faults)
{
    struct remembered_file *file = file_find(state, path);

    (void)entry;
    (void)output;
    (void)faults;
    standing->state = file != NULL ? file->state : OUTPUT_UNRECORDED;
    standing->same_inputs = file != NULL && digest_equal(&file->inputs, inputs);
    standing->exposed = file != NULL && file->exposed;
    return 0;
}

static int state_adoptee(void *state, const struct entry *entry, struct digest *identity,
                         struct digest *certificate, bool *key, struct faults *faults)
{
    (void)faults;
    *key = entry->adopt_key != NULL && !((struct world *)state)->adopt_key_gone;
    text_digest(state, "identity", entry->adopt_certificate, identity);
    text_digest(state, "certificate", entry->adopt_certificate, certificate);
    return 0;
}

static int state_crl(void *state, const struct entry *entry, struct plan_crl *crl, struct faults *faults)
{
    (void)entry;
    (void)faults;
    *crl = ((struct world *)state)->crl;
    return 0;
}

/** Every authority named "root" had the keys 7 and 9 before, when there are old lists. */
static int state_old_crl(void *state, const struct entry *entry, int64_t after, int64_t *generation,
                         struct plan_crl *crl, struct faults *faults)
{
    struct world *known = state;
    size_t index = after < 7 ? 0 : 1;

    (void)faults;
    if (!known->has_old || after >= 9 || strcmp(entry->name, "root") != 0) {
        return 0;
    }
    *generation = index == 0 ? 7 : 9;
    *crl = known->old_crls[index];
    return 1;
}

static int state_next(void *state, const char *after, char name[256], char manifest[1024], bool *authority,
                      struct faults *faults)
{
    struct world *world = state;
    struct remembered *best = NULL;

    (void)faults;
    for (size_t i = 0; i < world->entry_count; i++) {
        struct remembered *row = &world->entries[i];

        if (row->record.issued && strcmp(row->name, after) > 0 &&
            (best == NULL || strcmp(row->name, best->name) < 0)) {
            best = row;
        }
    }
    if (best == NULL) {
        return 0;
    }
    memcpy(name, best->name, 256);
    memcpy(manifest, best->record.manifest, 1024);
    *authority = best->authority;
    return 1;
}

static int state_next_file(void *state, const char *after, struct bytes *path, char name[256], bool *key,
                           struct faults *faults)
{
    struct world *known = state;
    struct remembered_file *best = NULL;

    (void)faults;
    for (size_t i = 0; i < known->file_count; i++) {
        struct remembered_file *file = &known->files[i];

        if (strcmp(file->path, after) > 0 && (best == NULL || strcmp(file->path, best->path) < 0)) {
            best = file;
        }
    }
    if (best == NULL) {
        return 0;
    }
    bytes_clear(path);
    cr_assert_eq(bytes_append_text(path, best->path), 0);
    memcpy(name, best->name, 256);
    *key = strstr(best->path, ".key") != NULL;
    return 1;
}

static void step_text(const struct plan_step *step, struct bytes *text)
{
    bool first = true;

    cr_assert_eq(bytes_printf(text, "%s %s", plan_action_word(step->action), step->name), 0);
    if (step->reasons != 0) {
        cr_assert_eq(bytes_append_text(text, ": "), 0);
        cr_assert_eq(plan_reasons_text(step->reasons, text), 0);
    }
    if (step->generation != 0) {
        cr_assert_eq(bytes_printf(text, " (generation %lld)", (long long)step->generation), 0);
    }
    if (step->new_key) {
        cr_assert_eq(bytes_append_text(text, " (new key)"), 0);
    }
    for (size_t i = 0; step->entry != NULL && i < entry_output_count(step->entry); i++) {
        struct bytes path = BYTES_EMPTY;
        struct output output;

        if ((step->outputs & (UINT64_C(1) << i)) != 0) {
            cr_assert_eq(entry_output_at(step->entry, i, &output, &path), 0);
            cr_assert_eq(bytes_printf(text, "%s%s", first ? " [" : " ", bytes_text(&path)), 0);
            first = false;
        }
        bytes_free(&path);
    }
    cr_assert_eq(bytes_append_text(text, first ? "" : "]"), 0);
    first = true;
    for (size_t i = 0; step->entry != NULL && i < entry_output_count(step->entry); i++) {
        struct bytes path = BYTES_EMPTY;
        struct output output;

        if ((step->exposed & (UINT64_C(1) << i)) != 0) {
            cr_assert_eq(entry_output_at(step->entry, i, &output, &path), 0);
            cr_assert_eq(bytes_printf(text, "%s%s", first ? " exposed: " : " ", bytes_text(&path)), 0);
            first = false;
        }
        bytes_free(&path);
    }
    cr_assert_eq(bytes_append_text(text, "\n"), 0);
}

/** There is none. */
static int state_stray(void *state, const struct manifest *manifest, const char *manifest_id, size_t index,
                       const char **path, bool *authority, struct faults *faults)
{
    (void)state;
    (void)manifest;
    (void)manifest_id;
    (void)index;
    (void)path;
    (void)authority;
    (void)faults;
    return 0;
}

/** Plan @p text and compare steps that are not "unchanged", then complaints, with @p golden. */
static void expect_with(struct world *world, const char *text, struct plan_options options,
                        const char *golden)
{
    struct plan_state state = {world,         state_record, state_output,    state_adoptee, state_crl,
                               state_old_crl, state_next,   state_next_file, state_stray};
    struct manifest *manifest = parse(world, text);
    struct faults *faults = faults_new(), *retold = faults_new();
    struct bytes got = BYTES_EMPTY;
    struct bytes again = BYTES_EMPTY;
    struct plan_step step;
    struct plan *plan;
    int found = 0;

    options.manifest_id = OURS;
    plan = plan_new(world->context, manifest, &state, &options, faults);
    if (plan != NULL) {
        world->claims = 0;
        while ((found = plan_next(plan, &step, faults)) == 1) {
            world->claims += step.claims ? 1 : 0;
            if (step.action != PLAN_UNCHANGED) {
                step_text(&step, &got);
            }
        }
        cr_expect_eq(found, 0);
        world->due = plan_totals(plan)->due;
        if (faults_errors(faults) == 0) {
            /* the walk that acts sees the same steps */
            plan_rewind(plan);
            while (plan_next(plan, &step, retold) == 1) {
                if (step.action != PLAN_UNCHANGED) {
                    step_text(&step, &again);
                }
            }
            cr_expect_str_eq(bytes_text(&again), bytes_text(&got));
        }
    }
    for (size_t i = 0; i < faults_count(faults) && (world->warnings || faults_errors(faults) > 0); i++) {
        cr_assert_eq(bytes_printf(&got, "! %s\n", faults_text(faults, i)), 0);
    }
    cr_expect_str_eq(bytes_text(&got), golden, "planned:\n%s---\nexpected:\n%s", bytes_text(&got), golden);
    plan_free(plan);
    bytes_free(&got);
    bytes_free(&again);
    faults_free(retold);
    faults_free(faults);
    manifest_free(manifest);
}

static void expect(struct world *world, const char *text, const char *golden)
{
    expect_with(world, text, (struct plan_options){0}, golden);
}

/** first_manifest with the first @p from replaced by @p to; freed by the caller. */
static char *edited(const char *from, const char *to)
{
    const char *at = strstr(first_manifest, from);
    struct bytes text = BYTES_EMPTY;
    char *copy;

    cr_assert_not_null(at, "%s", from);
    cr_assert_eq(bytes_append(&text, first_manifest, (size_t)(at - first_manifest)), 0);
    cr_assert_eq(bytes_append_text(&text, to), 0);
    cr_assert_eq(bytes_append_text(&text, at + strlen(from)), 0);
    copy = strdup(bytes_text(&text));
    bytes_free(&text);
    return copy;
}

static void expect_edited(struct world *world, const char *from, const char *to, const char *golden)
{
    char *text = edited(from, to);

    expect(world, text, golden);
    free(text);
}

static struct world *world;

static void begin(void)
{
    world = calloc(1, sizeof(*world));
    world->now = NOW;
    world->context = context_new(NULL);
    context_set_clock(world->context, world_clock, world);
    world->digester = digester_new(world->context);
    world->facets = facet_desk_new(world->digester);
}

static void end(void)
{
    facet_desk_free(world->facets);
    digester_free(world->digester);
    context_free(world->context);
    free(world);
}

TestSuite(plan, .init = begin, .fini = end);

/* Puts @p text over what stands at @p at, without its end. */
static void overwrite(char *at, const char *text)
{
    while (*text != '\0') {
        *at++ = *text++;
    }
}

Test(plan, everything_is_made_in_an_empty_directory)
{
    expect(world, first_manifest,
           "create root (new key) [root.key root.crt]\n"
           "create middle (new key) [middle.key middle.crt middle.trust.pem]\n"
           "create other (new key) [other.key other.crt]\n"
           "create server (new key) [server.key server.crt]\n"
           "create client (new key) [client.key client.crt client.p12 client.p12.pass]\n");
}

Test(plan, the_same_manifest_again_is_no_work)
{
    remember(world, first_manifest);
    expect(world, first_manifest, "");
}

Test(plan, a_changed_san_reissues_with_the_key_kept)
{
    remember(world, first_manifest);
    expect_edited(world, "dns:localhost", "dns:localhost, dns:example.com",
                  "reissue server: SAN changed [server.crt]\n");
}

Test(plan, a_changed_subject_profile_or_validity_reissues)
{
    remember(world, first_manifest);
    expect_edited(world, "{CN: client}", "{CN: other}",
                  "reissue client: subject changed [client.crt client.p12 client.p12.pass]\n");
    expect_edited(world, "profile: client", "profile: ocsp-responder",
                  "reissue client: profile changed [client.crt client.p12 client.p12.pass]\n");
    expect_edited(world, "validity: 90d}", "validity: 91d}",
                  "reissue server: validity changed [server.crt]\n");
}

Test(plan, another_key_type_needs_a_new_key)
{
    remember(world, first_manifest);
    expect_edited(world, "profile: server,", "profile: server, key: ec-p384,",
                  "reissue server: key type changed (new key) [server.key server.crt]\n");
}

Test(plan, a_key_that_is_not_to_be_reused_is_new_at_every_reissue)
{
    char *text = edited("san: [dns:localhost]", "reuse_key: false, san: [dns:other]");

    remember(world, first_manifest);
    expect(world, text, "reissue server: SAN changed (new key) [server.key server.crt]\n");
    free(text);
}

Test(plan, another_issuer_reissues)
{
    remember(world, first_manifest);
    expect_edited(world, "issuer: middle", "issuer: other", "reissue server: issuer changed [server.crt]\n");
}

Test(plan, a_renewal_comes_at_a_third_of_the_life_left)
{
    remember(world, first_manifest);
    world->now = NOW + 59 * DAY;
    expect(world, first_manifest, "");
    world->now = NOW + 61 * DAY;
    expect(world, first_manifest,
           "renew server: expires soon [server.crt]\n"
           "renew client: expires soon [client.crt client.p12 client.p12.pass]\n");
    world->now = NOW + 100 * DAY;
    expect(world, first_manifest,
           "renew server: expired [server.crt]\n"
           "renew client: expired [client.crt client.p12 client.p12.pass]\n");
}

Test(plan, renew_before_is_heard)
{
    char *text = edited("validity: 90d}", "validity: 90d, renew_before: 80d}");

    remember(world, first_manifest);
    world->now = NOW + 11 * DAY;
    expect(world, text, "renew server: expires soon [server.crt]\n");
    free(text);
}

Test(plan, fixed_dates_are_not_renewed)
{
    char *text = edited("validity: 90d}", "validity: {from: 2001-01-01, until: 2002-01-01}}");

    remember(world, text);
    remembered_find(world, "server")->record.not_after = INT64_C(1009843200);
    expect(world, text, "");
    free(text);
}

Test(plan, a_duration_from_a_fixed_beginning_is_a_fixed_end)
{
    char *text = edited("validity: 90d}", "validity: {from: 2001-01-01, duration: 1y}}");

    world->warnings = true;
    remember(world, text);
    remembered_find(world, "server")->record.not_after = INT64_C(1009843200);
    expect(world, text, "");
    free(text);
}

Test(plan, what_lives_as_long_as_its_issuer_is_not_renewed_for_ever)
{
    remember(world, first_manifest);
    remembered_find(world, "server")->record.not_after = NOW + 5 * DAY;
    remembered_find(world, "middle")->record.not_after = NOW + 5 * DAY;
    expect(world, first_manifest, "");
}

Test(plan, deleted_files_are_restored)
{
    remember(world, first_manifest);
    file_find(world, "server.crt")->state = OUTPUT_MISSING;
    file_find(world, "root.crt")->state = OUTPUT_MISSING;
    file_find(world, "client.p12")->state = OUTPUT_MISSING;
    expect(world, first_manifest,
           "rewrite root: file is missing [root.crt]\n"
           "rewrite server: file is missing [server.crt]\n"
           "rewrite client: file is missing [client.p12 client.p12.pass]\n");
}

Test(plan, files_open_to_others_are_closed_whatever_else_is_done)
{
    remember(world, first_manifest);
    file_find(world, "server.key")->exposed = true;
    file_find(world, "client.p12")->exposed = true;
    file_find(world, "client.p12.pass")->exposed = true;
    expect(world, first_manifest,
           "protect server: readable by others exposed: server.key\n"
           "protect client: readable by others exposed: client.p12 client.p12.pass\n");
    /* the key stays, and its file is not written again */
    expect_edited(world, "dns:localhost", "dns:other",
                  "reissue server: SAN changed, readable by others [server.crt] exposed: server.key\n"
                  "protect client: readable by others exposed: client.p12 client.p12.pass\n");
    /* what is written again is closed with that */
    file_find(world, "server.key")->exposed = false;
    file_find(world, "client.p12")->state = OUTPUT_MISSING;
    expect(world, first_manifest,
           "rewrite client: file is missing, readable by others [client.p12 client.p12.pass]\n");
}

Test(plan, an_authoritys_key_open_to_others_stays_with_a_warning)
{
    remember(world, first_manifest);
    file_find(world, "root.key")->exposed = true;
    world->warnings = true;
    expect(
        world, first_manifest,
        "protect root: readable by others exposed: root.key\n"
        "! pki.yaml:3:3: authorities.root: others than its owner could read root.key: its permissions "
        "are put right, the key stays (if somebody may have copied it, --replace-authority root makes a new "
        "one)\n");
}

Test(plan, a_lost_passphrase_file_takes_its_bundle_along)
{
    remember(world, first_manifest);
    file_find(world, "client.p12.pass")->state = OUTPUT_MISSING;
    expect(world, first_manifest, "rewrite client: file is missing [client.p12 client.p12.pass]\n");
}

Test(plan, a_file_changed_by_hand_is_restored)
{
    remember(world, first_manifest);
    file_find(world, "server.crt")->state = OUTPUT_CHANGED;
    expect(world, first_manifest, "rewrite server: file changed [server.crt]\n");
}

Test(plan, a_lost_leaf_key_is_made_anew_and_a_changed_one_certified)
{
    remember(world, first_manifest);
    file_find(world, "server.key")->state = OUTPUT_MISSING;
    expect(world, first_manifest, "reissue server: key file is missing (new key) [server.key server.crt]\n");
    file_find(world, "server.key")->state = OUTPUT_CHANGED;
    expect(world, first_manifest, "reissue server: key file changed [server.key server.crt]\n");
}

Test(plan, a_missing_authority_key_matters_when_a_signature_is_needed)
{
    remember(world, first_manifest);
    file_find(world, "middle.key")->state = OUTPUT_MISSING;
    expect(world, first_manifest, "");
    expect_edited(world, "dns:localhost", "dns:new",
                  "reissue server: SAN changed [server.crt]\n"
                  "! pki.yaml:4:3: authorities.middle: middle.key is missing, and server must be signed with "
                  "it (put middle.key "
                  "back; --replace-authority middle makes a new authority)\n");
}

Test(plan, an_authority_is_not_replaced_by_an_edit)
{
    remember(world, first_manifest);
    expect_edited(world, "{CN: Other}", "{CN: Another}",
                  "! pki.yaml:5:3: authorities.other: subject changed: an authority is not replaced unless "
                  "you ask for it (undo "
                  "the change, or --replace-authority other to make it and all under it anew)\n");
    expect_edited(world, "{CN: Other}", "{CN: Other}, key: rsa-2048",
                  "! pki.yaml:5:3: authorities.other: key type changed: an authority is not replaced unless "
                  "you ask for it (undo "
                  "the change, or --replace-authority other to make it and all under it anew)\n");
}

Test(plan, an_authority_with_another_validity_stays_with_a_warning)
{
    remember(world, first_manifest);
    expect_edited(world, "{CN: Other}, validity: 3650d", "{CN: Other}, validity: 365d", "");
}

Test(plan, replacing_an_authority_reissues_all_under_it_and_nothing_else)
{
    const char *names[] = {"root"};

    remember(world, first_manifest);
    expect_with(world, first_manifest, (struct plan_options){.replace = names, .replace_count = 1},
                "replace root: asked for (new key) [root.key root.crt]\n"
                "reissue middle: issuer changed [middle.crt middle.trust.pem]\n"
                "reissue server: issuer changed [server.crt]\n");
}

Test(plan, a_replaced_certificate_file_of_an_authority_is_refused)
{
    const char *names[] = {"other"};

    remember(world, first_manifest);
    file_find(world, "other.crt")->state = OUTPUT_CHANGED;
    expect(world, first_manifest,
           "! pki.yaml:5:3: authorities.other: other.crt is not the certificate that was issued under "
           "(--rewrite other "
           "restores "
           "it; to use another authority, adopt it)\n");
    expect_with(world, first_manifest, (struct plan_options){.rewrite = names, .rewrite_count = 1},
                "rewrite other: file changed, asked for [other.crt]\n");
}

Test(plan, an_authority_cut_off_between_key_and_certificate_is_finished)
{
    struct remembered *row;

    remember(world, first_manifest);
    row = remembered_find(world, "other");
    row->record.unfinished = true;
    row->record.key_ahead = true;
    file_find(world, "other.key")->state = OUTPUT_CHANGED;
    expect(world, first_manifest,
           "replace other: an earlier run was cut off [other.key other.crt]\n"
           "reissue client: issuer changed [client.crt client.p12 client.p12.pass]\n");
}

Test(plan, files_of_a_cut_off_run_are_not_foreign)
{
    remember(world, first_manifest);
    remembered_find(world, "server")->record.issued = false;
    remembered_find(world, "server")->record.unfinished = true;
    remembered_find(world, "server")->record.visible = true;
    file_find(world, "server.key")->state = OUTPUT_FOREIGN;
    file_find(world, "server.crt")->state = OUTPUT_FOREIGN;
    expect(world, first_manifest,
           "create server: an earlier run was cut off (new key) [server.key server.crt]\n");
}

/* Nothing of it has come into view: what is there is somebody else's. */
Test(plan, a_cut_off_run_does_not_excuse_foreign_files)
{
    remember(world, first_manifest);
    remembered_find(world, "server")->record.issued = false;
    remembered_find(world, "server")->record.unfinished = true;
    file_find(world, "server.key")->state = OUTPUT_FOREIGN;
    file_find(world, "server.crt")->state = OUTPUT_UNRECORDED;
    expect(world, first_manifest,
           "create server: an earlier run was cut off (new key) [server.key server.crt]\n"
           "! pki.yaml:7:3: certificates.server: server.key exists, and this PKI directory's ledger does not "
           "know it (move it away, or overwrite it with --rewrite server)\n");
}

Test(plan, foreign_files_are_not_overwritten)
{
    const char *names[] = {"server"};

    remember(world, first_manifest);
    remembered_find(world, "server")->record.issued = false;
    file_find(world, "server.key")->state = OUTPUT_FOREIGN;
    file_find(world, "server.crt")->state = OUTPUT_BLOCKED;
    expect(world, first_manifest,
           "create server (new key) [server.key server.crt]\n"
           "! pki.yaml:7:3: certificates.server: server.key exists, and this PKI directory's ledger does not "
           "know it "
           "(move it away, "
           "or overwrite it with --rewrite server)\n"
           "! pki.yaml:7:3: certificates.server: server.crt is in the way and is not a regular file (move it "
           "away)\n");
    file_find(world, "server.crt")->state = OUTPUT_FOREIGN;
    expect_with(world, first_manifest, (struct plan_options){.rewrite = names, .rewrite_count = 1},
                "create server (new key) [server.key server.crt]\n");
}

Test(plan, a_new_or_changed_bundle_is_written_and_nothing_else)
{
    remember(world, first_manifest);
    expect_edited(world, "target: modern", "target: java",
                  "rewrite client: output definition changed [client.p12 client.p12.pass]\n");
    expect_edited(world, "file: client.p12", "file: new.p12",
                  "rewrite client: output definition changed [new.p12 new.p12.pass]\n"
                  "orphan client.p12\n"
                  "orphan client.p12.pass\n");
}

Test(plan, a_file_that_its_entry_does_not_write_any_more_is_pruned_but_no_key)
{
    char *text = edited("    bundles: [{file: client.p12, target: modern, passphrase: generate}]\n", "");

    remember(world, first_manifest);
    expect_with(world, text, (struct plan_options){.prune = true},
                "remove client.p12\n"
                "remove client.p12.pass\n");
    free(text);
}

Test(plan, rewrite_writes_everything_but_the_key)
{
    const char *names[] = {"client"};

    remember(world, first_manifest);
    expect_with(world, first_manifest, (struct plan_options){.rewrite = names, .rewrite_count = 1},
                "rewrite client: asked for [client.crt client.p12 client.p12.pass]\n");
}

Test(plan, what_left_the_manifest_is_reported_and_pruned_when_asked)
{
    char *text =
        edited("  server: {issuer: middle, profile: server, san: [dns:localhost], validity: 90d}\n", "");

    remember(world, first_manifest);
    expect(world, text, "orphan server\n");
    expect_with(world, text, (struct plan_options){.prune = true}, "remove server\n");
    free(text);
}

Test(plan, two_manifests_share_a_directory)
{
    remember(world, first_manifest);
    snprintf(remembered_find(world, "server")->record.manifest, 1024, "other.yaml");
    char *text =
        edited("  server: {issuer: middle, profile: server, san: [dns:localhost], validity: 90d}\n", "");

    expect_with(world, text, (struct plan_options){.prune = true}, "not ours server\n");
    free(text);
    expect(world, first_manifest,
           "! pki.yaml:7:3: certificates.server: this name is taken in the PKI directory by manifest "
           "\"other.yaml\" (if "
           "this is the "
           "same manifest under a new name, give it id: \"other.yaml\")\n");
}

Test(plan, names_in_options_must_exist)
{
    const char *names[] = {"nobody"};
    const char *leaf[] = {"server"};

    expect_with(world, first_manifest, (struct plan_options){.rewrite = names, .rewrite_count = 1},
                "! --rewrite nobody: the manifest has no such entry\n");
    expect_with(world, first_manifest, (struct plan_options){.replace = leaf, .replace_count = 1},
                "! --replace-authority server: not an authority (--rewrite is for certificates)\n");
}

static const char adopting[] =
    "mtlskit: 1\n"
    "authorities:\n"
    "  ca: {adopt: {certificate: CERT, key: ca.key}}\n"
    "certificates:\n"
    "  server: {issuer: ca, profile: server, san: [dns:localhost], validity: 90d}\n";

Test(plan, an_authority_is_adopted_once)
{
    struct remembered *row;

    expect(world, adopting,
           "adopt ca [ca.crt]\n"
           "create server (new key) [server.key server.crt]\n");
    remember(world, adopting);
    row = remembered_find(world, "ca");
    row->record.adopted = true;
    row->record.not_after = NOW + 3650 * DAY;
    text_digest(world, "identity", "./CERT", &row->record.identity);
    text_digest(world, "certificate", "another", &row->record.certificate);
    text_digest(world, "identity", "another", &row->record.identity);
    expect(world, adopting,
           "reissue server: issuer changed [server.crt]\n"
           "! pki.yaml:3:3: authorities.ca: key file changed: an authority is not replaced unless you ask "
           "for it (undo "
           "the change, "
           "or --replace-authority ca to make it and all under it anew)\n");
}

Test(plan, an_adopted_authority_without_its_key_signs_nothing)
{
    world->adopt_key_gone = true;
    expect(
        world, adopting,
        "adopt ca [ca.crt]\n"
        "create server (new key) [server.key server.crt]\n"
        "! pki.yaml:3:40: authorities.ca.adopt.key: ./ca.key is missing, and server must be signed with it "
        "(put it back)\n");
}

/* ---- revocation -------------------------------------------------------------------------------------------------- */

#define REVOKING(server, crl)                                                                                \
    "mtlskit: 1\n"                                                                                           \
    "authorities:\n"                                                                                         \
    "  root: {subject: {CN: Root}, validity: 3650d" crl "}\n"                                                \
    "certificates:\n"                                                                                        \
    "  server: {issuer: root, profile: server, san: [dns:localhost], validity: 90d" server "}\n"

static const char revoking_none[] = REVOKING("", "");
static const char revoking_lost[] = REVOKING(", revoked: keyCompromise", "");
static const char revoking_changed[] =
    REVOKING(", subject: {CN: other}, key: rsa-2048, revoked: keyCompromise", "");

Test(plan, a_certificate_is_revoked_once_and_never_made_again)
{
    struct plan_record *record;

    world->warnings = true;
    /* never issued: nothing to revoke, and nothing to make */
    expect(world, revoking_lost,
           "create root (new key) [root.key root.crt]\n"
           "! pki.yaml:5:89: certificates.server.revoked: no certificate of it was issued here: there is "
           "nothing "
           "to revoke\n");
    remember(world, revoking_none);
    expect(world, revoking_none, "");
    expect(world, revoking_lost, "revoke server\n");
    expect(world, revoking_changed, "revoke server\n");
    /* nothing but the files' own complaints counts beside it */
    file_find(world, "server.crt")->state = OUTPUT_MISSING;
    file_find(world, "server.key")->state = OUTPUT_MISSING;
    expect(world, revoking_lost, "revoke server\n");
    record = &remembered_find(world, "server")->record;
    record->revoked = record->revoked_here = true;
    record->revoked_reason = 1;
    expect(world, revoking_lost, "");
    expect(world, revoking_changed, "");
    world->now += 400 * DAY;
    expect(world, revoking_lost, "");
    expect(
        world, REVOKING(", revoked: superseded", ""),
        "! pki.yaml:5:89: certificates.server.revoked: it was revoked for keyCompromise, and that cannot be "
        "changed\n");
}

/* A fixture is as a whole what its manifest says, in one run; and its key files follow from the seed. */
Test(plan, a_fixture_is_made_revoked_and_its_files_come_back)
{
    const struct plan_options seeded = {.seeded = true};
    const struct plan_options replacing = {
        .seeded = true, .replace = (const char *const[]){"root"}, .replace_count = 1};
    struct plan_record *record;

    world->warnings = true;
    expect_with(world, REVOKING(", revoked: keyCompromise", ", crl: true"), seeded,
                "create root (new key) [root.key root.crt]\n"
                "create server (new key) [server.key server.crt]\n"
                "revoke server\n"
                "crl root: revocation list is missing, something was revoked or released since\n");
    remember(world, revoking_none);
    expect_with(world, revoking_none, seeded, "");
    file_find(world, "server.key")->state = OUTPUT_MISSING;
    file_find(world, "root.key")->state = OUTPUT_CHANGED;
    expect_with(world, revoking_none, seeded,
                "rewrite root: key file changed (new key) [root.key]\n"
                "rewrite server: key file is missing (new key) [server.key]\n");
    file_find(world, "server.key")->state = OUTPUT_SAME;
    file_find(world, "root.key")->state = OUTPUT_SAME;
    expect_with(
        world, revoking_none, replacing,
        "! pki.yaml:3:3: authorities.root: it follows from the seed, and nothing of it has changed: a new "
        "one would be the same (another seed makes other authorities, in a directory of its own)\n");
    record = &remembered_find(world, "server")->record;
    record->revoked = record->revoked_here = true;
    record->revoked_reason = 1;
    file_find(world, "server.key")->state = OUTPUT_MISSING;
    expect_with(world, revoking_lost, seeded, "rewrite server: key file is missing (new key) [server.key]\n");
    /* what was revoked is not made anew, whatever the manifest says of it now */
    expect_with(world, revoking_changed, seeded, "");
    file_find(world, "server.key")->state = OUTPUT_SAME;
    file_find(world, "server.crt")->state = OUTPUT_MISSING;
    expect_with(world, revoking_lost, seeded, "rewrite server: file is missing [server.crt]\n");
    expect_with(
        world, revoking_none, seeded,
        "! pki.yaml:5:3: certificates.server: its certificate was revoked (keyCompromise), and nothing "
        "undoes "
        "that (put revoked: keyCompromise back, or delete the PKI directory: a fixture is quickly made "
        "anew)\n");
}

Test(plan, a_revocation_is_not_undone)
{
    struct plan_record *record;

    world->warnings = true;
    remember(world, revoking_none);
    record = &remembered_find(world, "server")->record;
    record->revoked = record->revoked_here = true;
    record->revoked_reason = 4;
    expect(world, revoking_none,
           "! pki.yaml:5:3: certificates.server: its certificate was revoked (superseded), and nothing "
           "undoes that "
           "(put revoked: superseded back; mtls-ca renew server --new-key makes another certificate)\n");
    /* on hold it is */
    record->revoked_reason = 6;
    expect(world, revoking_none, "release server\n");
    expect(world, REVOKING(", revoked: certificateHold", ""), "");
    expect(world, REVOKING(", revoked: keyCompromise", ""), "revoke server\n");
    /* by hand: told, and left */
    record->revoked_here = false;
    expect(world, revoking_none,
           "! pki.yaml:5:3: certificates.server: its certificate was revoked by hand (certificateHold): it "
           "stays "
           "as it is (say revoked: certificateHold here; mtls-ca renew server --new-key makes another "
           "certificate)\n");
    world->now += 80 * DAY;
    record->revoked_reason = 1;
    expect(
        world, revoking_none,
        "! pki.yaml:5:3: certificates.server: its certificate was revoked by hand (keyCompromise): it stays "
        "as it is (say revoked: keyCompromise here; mtls-ca renew server --new-key makes another "
        "certificate)\n");
    /* said in the manifest after that, it is the manifest's */
    expect(world, revoking_lost, "");
    cr_expect_eq(world->claims, 1);
    record->revoked_here = true;
    expect(world, revoking_lost, "");
    cr_expect_eq(world->claims, 0);
    record->revoked_here = false;
    /* a certificate that came after the one that was revoked is not taken for it */
    record->revoked = false;
    record->revoked_other = true;
    expect(world, revoking_lost,
           "! pki.yaml:5:89: certificates.server.revoked: the certificate that this revoked was followed by "
           "another one (take revoked out, if the new one is to stay)\n");
}

Test(plan, nothing_is_issued_under_a_revoked_authority)
{
    static const char middle[] = "  middle: {subject: {CN: Middle}, issuer: root, validity: 1825d}\n";
    char *text = edited(
        middle, "  middle: {subject: {CN: Middle}, issuer: root, validity: 1825d, revoked: cACompromise}\n");
    char *other;

    world->warnings = true;
    remember(world, first_manifest);
    expect(world, text, "revoke middle\n");
    remembered_find(world, "middle")->record.revoked = true;
    remembered_find(world, "middle")->record.revoked_here = true;
    remembered_find(world, "middle")->record.revoked_reason = 2;
    expect(world, text, "");
    other = strstr(text, "dns:localhost");
    overwrite(other, "dns:otherhost");
    expect(
        world, text,
        "reissue server: SAN changed [server.crt]\n"
        "! pki.yaml:4:3: authorities.middle: its certificate is revoked, and server would have to be issued "
        "under it (name another issuer, or take out what is under it)\n");
    overwrite(other, "dns:localhost");
    /* renewals wait */
    world->now += 75 * DAY;
    remembered_find(world, "client")->record.not_after += 400 * DAY;
    expect(world, text,
           "! pki.yaml:7:3: certificates.server: due for renewal, but its issuer middle is revoked\n");
    free(text);
}

Test(plan, a_revocation_list_is_made_when_it_is_due)
{
    static const char listing[] = REVOKING("", ", crl: {next_update: 30d}");
    static const char listing_lost[] = REVOKING(", revoked: keyCompromise", ", crl: {next_update: 30d}");

    world->warnings = true;
    expect(world, listing,
           "create root (new key) [root.key root.crt]\n"
           "create server (new key) [server.key server.crt]\n"
           "crl root: revocation list is missing\n");
    remember(world, listing);
    expect(world, listing, "crl root: revocation list is missing\n");
    cr_expect_eq(world->due, NOW + 20 * DAY);
    world->crl = (struct plan_crl){.made = true, .this_update = NOW, .next_update = NOW + 30 * DAY};
    expect(world, listing, "");
    cr_expect_eq(world->due, NOW + 20 * DAY);
    /* in the same run as the revocation, after it */
    expect(world, listing_lost,
           "revoke server\n"
           "crl root: something was revoked or released since\n");
    world->crl.lacking = true;
    expect(world, listing, "crl root: something was revoked or released since\n");
    world->crl.lacking = false;
    world->crl.missing = true;
    expect(world, listing, "crl root: revocation list is missing\n");
    world->crl.missing = false;
    world->crl.changed = true;
    expect(world, listing, "crl root: revocation list changed\n");
    world->crl.changed = false;
    world->now = NOW + 20 * DAY - 1;
    expect(world, listing, "");
    world->now = NOW + 20 * DAY;
    expect(world, listing, "crl root: revocation list grows old\n");
    /* it must be signed */
    file_find(world, "root.key")->state = OUTPUT_MISSING;
    expect(world, listing,
           "crl root: revocation list grows old\n"
           "! pki.yaml:3:3: authorities.root: root.key is missing, and its revocation list must be signed "
           "with it "
           "(put root.key back; --replace-authority root makes a new authority)\n");
    /* nobody looks at the lists of an authority that has expired */
    world->now = NOW + 4000 * DAY;
    remembered_find(world, "server")->record.not_after = NOW + 8000 * DAY;
    world->warnings = false;
    expect(world, listing, "");
}

Test(plan, lists_of_keys_before_go_on_until_these_end)
{
    static const char listing[] = REVOKING("", ", crl: {next_update: 30d}");
    static const char plain[] = REVOKING("", "");

    remember(world, listing);
    world->warnings = true;
    world->crl = (struct plan_crl){.made = true, .this_update = NOW, .next_update = NOW + 30 * DAY};
    world->has_old = true;
    world->old_crls[0] = (struct plan_crl){.made = true, .this_update = NOW, .next_update = NOW + 15 * DAY};
    world->old_crls[1] = world->crl;
    expect(world, listing, "");
    cr_expect_eq(world->due, NOW + 10 * DAY);
    world->old_crls[0].lacking = true;
    world->old_crls[1].missing = true;
    expect(world, listing,
           "crl root: something was revoked or released since (generation 7)\n"
           "crl root: revocation list is missing (generation 9)\n");
    world->now = NOW + 10 * DAY;
    world->old_crls[0].lacking = false;
    world->old_crls[1].missing = false;
    expect(world, listing, "crl root: revocation list grows old (generation 7)\n");
    /* without its key it is said, and the rest goes on */
    world->old_crls[0].keyless = true;
    expect(world, listing,
           "! pki.yaml:3:3: authorities.root: the list of its key before, generation 7, is due, and that key "
           "is not at "
           "hand (put the key back, or let its certificates run out)\n");
    /* where the manifest wants no lists, there are none */
    expect(world, plain, "");
}

Test(plan, a_replaced_authoritys_list_is_looked_at_again_when_it_is_due)
{
    static const char listing[] = REVOKING("", ", crl: {next_update: 30d}");
    static const char *const root[] = {"root"};
    const struct plan_options options = {.replace = root, .replace_count = 1};

    remember(world, listing);
    world->crl =
        (struct plan_crl){.made = true, .this_update = NOW - 12 * DAY, .next_update = NOW + 18 * DAY};
    expect_with(world, listing, options,
                "replace root: asked for (new key) [root.key root.crt]\n"
                "reissue server: issuer changed [server.crt]\n"
                "crl root: revocation list is missing\n");
    cr_expect_eq(world->due, NOW + 8 * DAY);
}

/* ---- facets ------------------------------------------------------------------------------------------------------ */

Test(plan, facets_do_not_depend_on_what_the_desk_had_before)
{
    static const char *const variants[][2] = {
        {"dns:localhost", "dns:localhost"},
        {"dns:localhost", "dns:localhost, dns:example.com"},
        {"{CN: client}", "{CN: other}"},
        {"    profile: client", "    key: rsa-2048\n    profile: client"},
        {"    validity: 90d", "    validity: 7d"},
        {"dns:localhost", "ip:192.0.2.1"},
    };
    size_t count = sizeof(variants) / sizeof(variants[0]);

    for (size_t i = 0; i < 2 * count; i++) {
        char *text = edited(variants[i % count][0], variants[i % count][1]);
        struct manifest *manifest = parse(world, text);
        struct manifest_cursor cursor = manifest_entries(manifest);
        struct faults *faults = faults_new();
        const struct entry *entry;

        while ((entry = manifest_next(&cursor)) != NULL) {
            struct facet_desk *fresh = facet_desk_new(world->digester);
            struct plan_facets facets[2];
            struct digest above;

            text_digest(world, "above", i % 3 == 0 ? "one" : "other", &above);
            cr_assert_eq(plan_facets_of(world->facets, entry, &above, &facets[0], faults), 0);
            cr_assert_eq(plan_facets_of(fresh, entry, &above, &facets[1], faults), 0);
            cr_assert_arr_eq(&facets[0], &facets[1], sizeof(facets[0]), "%s of variant %zu", entry->name, i);
            facet_desk_free(fresh);
        }
        faults_free(faults);
        manifest_free(manifest);
        free(text);
    }
}
