/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The library by eight threads at once, on one context and under one authority: each makes an authority of its own below the shared
 * one, issues under both, verifies, signs a list of revoked certificates under the shared one, and has things refused whose message
 * must be its own. And in a seeded context, where eight threads make the very octets that one makes.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include <mtlskit/authority.h>
#include <mtlskit/bundle.h>
#include <mtlskit/certificate.h>
#include <mtlskit/context.h>
#include <mtlskit/crl.h>
#include <mtlskit/identity.h>
#include <mtlskit/profile.h>
#include <mtlskit/verification.h>

#define THREADS 8
#define ROUNDS  12

struct share {
    pthread_t thread;
    size_t number;
    struct mtlskit_context *context;
    struct mtlskit_authority *root;
    const struct mtlskit_profile *profile; /* of one's own, and everybody's */
    char serials[ROUNDS * 2][64];
    int status;
};

static int say(const char *what, const char *why)
{
    (void)fprintf(stderr, "%s: %s\n", what, why);
    return -1;
}

static int verify(const struct share *share, const struct mtlskit_identity *identity, const char *host)
{
    struct mtlskit_verification *check = mtlskit_verification_new(share->context);
    int status = 0;

    if (mtlskit_verification_set_identity(check, identity) != 0 ||
        mtlskit_verification_add_authority(check, share->root) != 0 ||
        mtlskit_verification_set_host(check, host) != 0 ||
        mtlskit_verification_set_purpose(check, "server") != 0 || mtlskit_verification_run(check) != 0) {
        status = say("verification", mtlskit_verification_error(check));
    }
    mtlskit_verification_free(check);
    return status;
}

/* A server under @p issuer, whose serial is kept. */
static int serve(struct share *share, struct mtlskit_authority *issuer, size_t slot)
{
    struct mtlskit_identity *server = mtlskit_identity_new(share->context, "server");
    char name[64];
    int status = -1;

    (void)snprintf(name, sizeof(name), "dns:t%zu.example.com", share->number);
    if ((slot % 4 == 0 ? mtlskit_identity_set_profile(server, share->profile)
                       : mtlskit_identity_set_profile_name(server, "server")) != 0 ||
        mtlskit_identity_add_name(server, name) != 0 || mtlskit_identity_issue(server, issuer) != 0) {
        (void)say("identity", mtlskit_identity_error(server));
    } else {
        (void)snprintf(share->serials[slot], sizeof(share->serials[slot]), "%s",
                       mtlskit_identity_serial(server));
        status = verify(share, server, name + 4);
    }
    mtlskit_identity_free(server);
    return status;
}

/* Something that the shared authority's constraints exclude: the message names this thread's name. */
static int be_refused(const struct share *share)
{
    struct mtlskit_identity *server = mtlskit_identity_new(share->context, "refused");
    char name[64];
    int status = 0;

    (void)snprintf(name, sizeof(name), "dns:t%zu.example.org", share->number);
    if (mtlskit_identity_set_profile_name(server, "server") != 0 ||
        mtlskit_identity_add_name(server, name) != 0 || mtlskit_identity_issue(server, share->root) == 0 ||
        strstr(mtlskit_identity_error(server), name + 4) == NULL) {
        status = say("not refused, or not for its name", mtlskit_identity_error(server));
    }
    mtlskit_identity_free(server);
    return status;
}

static int revoke(const struct share *share, size_t slot)
{
    struct mtlskit_crl *crl = mtlskit_crl_new(share->context);
    int status = 0;

    if (mtlskit_crl_revoke(crl, share->serials[slot], "superseded") != 0 ||
        mtlskit_crl_sign(crl, share->root) != 0 || mtlskit_crl_check(crl, share->root) != 0 ||
        mtlskit_crl_reason(crl, share->serials[slot]) == NULL) {
        status = say("CRL", mtlskit_crl_error(crl));
    }
    mtlskit_crl_free(crl);
    return status;
}

static int work(struct share *share)
{
    int status = 0;

    for (size_t i = 0; status == 0 && i < ROUNDS; i++) {
        struct mtlskit_authority *under = mtlskit_authority_new(share->context, "under");

        if (mtlskit_authority_set_subject(under, "CN=Under") != 0 ||
            mtlskit_authority_make(under, share->root) != 0) {
            status = say("authority", mtlskit_authority_error(under));
        } else if (serve(share, share->root, 2 * i) != 0 || serve(share, under, 2 * i + 1) != 0 ||
                   be_refused(share) != 0 || revoke(share, 2 * i) != 0) {
            status = -1;
        }
        mtlskit_authority_free(under);
    }
    return status;
}

static void *share_main(void *argument)
{
    struct share *share = argument;

    share->status = work(share);
    return NULL;
}

/* ---- a seeded context: what comes out does not depend on how many make it ---------------------------------------------- */

#define SEED      "threads make what one of them makes"
#define THINGS    32
#define THING_MAX 4096

struct seeded {
    pthread_t thread;
    struct mtlskit_context *context;
    struct mtlskit_authority *root;
    char (*things)[THING_MAX]; /* of all threads; each has its own */
    size_t first, step;
    int status;
};

static void *make_seeded(void *argument)
{
    struct seeded *seeded = argument;

    for (size_t i = seeded->first; i < THINGS; i += seeded->step) {
        char name[32];
        struct mtlskit_identity *identity;

        (void)snprintf(name, sizeof(name), "thing-%zu", i);
        identity = mtlskit_identity_new(seeded->context, name);
        if (mtlskit_identity_set_profile_name(identity, "client") != 0 ||
            mtlskit_identity_set_subject(identity, "CN=thing") != 0 ||
            mtlskit_identity_issue(identity, seeded->root) != 0) {
            seeded->status = say("seeded", mtlskit_identity_error(identity));
        } else {
            (void)snprintf(seeded->things[i], THING_MAX, "%s%s", mtlskit_identity_chain_pem(identity),
                           mtlskit_identity_key_pem(identity));
        }
        mtlskit_identity_free(identity);
    }
    return NULL;
}

static int make_things(size_t threads, char (*things)[THING_MAX])
{
    static struct seeded seeded[THREADS];
    struct mtlskit_context *context = mtlskit_context_new(NULL);
    struct mtlskit_authority *root = mtlskit_authority_new(context, "root");
    int status = 0;

    if (mtlskit_context_set_insecure_seed(context, SEED, sizeof(SEED) - 1) != 0 ||
        mtlskit_authority_set_subject(root, "CN=Root") != 0 || mtlskit_authority_make(root, NULL) != 0) {
        return say("seeded", mtlskit_authority_error(root));
    }
    for (size_t i = 0; i < threads; i++) {
        seeded[i] = (struct seeded){
            .context = context, .root = root, .things = things, .first = i, .step = threads, .status = 0};
        if (pthread_create(&seeded[i].thread, NULL, make_seeded, &seeded[i]) != 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < threads; i++) {
        (void)pthread_join(seeded[i].thread, NULL);
        status |= seeded[i].status;
    }
    mtlskit_authority_free(root);
    mtlskit_context_free(context);
    return status;
}

static int seeded_alike(void)
{
    static char by_one[THINGS][THING_MAX], by_many[THINGS][THING_MAX];

    if (make_things(1, by_one) != 0 || make_things(THREADS, by_many) != 0) {
        return -1;
    }
    for (size_t i = 0; i < THINGS; i++) {
        if (by_one[i][0] == '\0' || strcmp(by_one[i], by_many[i]) != 0) {
            return say("made otherwise by many threads", by_many[i]);
        }
    }
    return 0;
}

/* No two certificates of the shared authority have one serial. */
static int all_differ(const struct share *shares)
{
    for (size_t one = 0; one < THREADS * ROUNDS; one++) {
        for (size_t other = 0; other < one; other++) {
            if (strcmp(shares[one / ROUNDS].serials[one % ROUNDS * 2],
                       shares[other / ROUNDS].serials[other % ROUNDS * 2]) == 0) {
                return say("a serial came twice", shares[one / ROUNDS].serials[one % ROUNDS * 2]);
            }
        }
    }
    return 0;
}

int main(void)
{
    static struct share shares[THREADS];
    struct mtlskit_context *context = mtlskit_context_new(NULL);
    struct mtlskit_authority *root = mtlskit_authority_new(context, "root");
    struct mtlskit_profile *profile = mtlskit_profile_new(context, "own");
    int status = 0;

    if (mtlskit_authority_set_subject(root, "CN=Root") != 0 ||
        mtlskit_authority_permit_name(root, "dns:example.com") != 0 ||
        mtlskit_authority_make(root, NULL) != 0 || mtlskit_profile_extend(profile, "server") != 0 ||
        mtlskit_profile_set_validity(profile, "1d") != 0) {
        return 1;
    }
    for (size_t i = 0; i < THREADS; i++) {
        shares[i].number = i;
        shares[i].context = context;
        shares[i].root = root;
        shares[i].profile = profile;
        if (pthread_create(&shares[i].thread, NULL, share_main, &shares[i]) != 0) {
            return 1;
        }
    }
    for (size_t i = 0; i < THREADS; i++) {
        (void)pthread_join(shares[i].thread, NULL);
        status |= shares[i].status;
    }
    status |= all_differ(shares);
    mtlskit_profile_free(profile);
    mtlskit_authority_free(root);
    mtlskit_context_free(context);
    status |= seeded_alike();
    return status == 0 ? 0 : 1;
}
