/* SPDX-License-Identifier: Apache-2.0 */
/* Databases of NSS. */
#include "nss_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "nss/closing.h"
#include "nss/nss.h"
#include "program.h"
#include "scratch.h"
#include "told.h"

struct nss_fixture nss_fixture;

void nss_fixture_start(const char *key)
{
    const struct recipe authority = {.name = "Authority",
                                     .extensions = "basicConstraints=critical,CA:TRUE; "
                                                   "keyUsage=critical,keyCertSign,cRLSign"};
    struct recipe leaf = {.name = "server",
                          .key = key,
                          .extensions =
                              "extendedKeyUsage=serverAuth; subjectAltName=DNS:localhost,IP:127.0.0.1"};

    scratch_start();
    nss_fixture.context = foreign_context();
    nss_fixture.faults = faults_new();
    nss_fixture.authority = foreign_make(&authority);
    leaf.issuer = nss_fixture.authority;
    nss_fixture.server = foreign_make(&leaf);
    leaf.name = "client";
    leaf.extensions = "extendedKeyUsage=clientAuth";
    nss_fixture.client = foreign_make(&leaf);
    (void)snprintf(nss_fixture.folder, sizeof(nss_fixture.folder), "%s/deep/db", scratch_folder);
    (void)snprintf(nss_fixture.place, sizeof(nss_fixture.place), "sql:%s", nss_fixture.folder);
}

void nss_fixture_stop(void)
{
    foreign_free(nss_fixture.client);
    foreign_free(nss_fixture.server);
    foreign_free(nss_fixture.authority);
    faults_free(nss_fixture.faults);
    context_free(nss_fixture.context);
    scratch_stop();
}

const char *nss_fixture_told(void)
{
    static char kept[2048];
    struct bytes text = BYTES_EMPTY;

    (void)snprintf(kept, sizeof(kept), "%s", told(nss_fixture.faults, &text));
    bytes_free(&text);
    faults_free(nss_fixture.faults);
    nss_fixture.faults = faults_new();
    return kept;
}

struct store *nss_fixture_open(void)
{
    const struct store_setting setting = {.context = nss_fixture.context, .writing = true};
    struct store *store = store_open(&store_nss, &setting, nss_fixture.place, nss_fixture.faults);

    cr_assert(store != NULL, "%s", nss_fixture_told());
    return store;
}

void nss_fixture_close(struct store *store)
{
    char *name = store->name;

    cr_assert_eq(nss_close_telling(store, nss_fixture.faults), 0, "%s", nss_fixture_told());
    free(name);
}

enum presence nss_fixture_look(struct store *store, const struct item *item)
{
    struct sighting sighting = {.presence = PRESENCE_DIFFERENT};
    enum presence presence;

    cr_assert_eq(store_look(store, item, &sighting, nss_fixture.faults), 0, "%s", nss_fixture_told());
    presence = sighting.presence;
    sighting_free(&sighting);
    return presence;
}

void nss_fixture_put(struct store *store, const struct item *item)
{
    cr_assert_eq(nss_fixture_look(store, item), PRESENCE_ABSENT);
    cr_assert_eq(store_put(store, item, nss_fixture.faults), 0, "%s", nss_fixture_told());
    cr_assert_eq(nss_fixture_look(store, item), PRESENCE_PRESENT);
}

void nss_fixture_put_identity(struct store *store, const struct foreign *whose, const char *label)
{
    struct item item = {
        .kind = ITEM_CERTIFICATE, .certificate = foreign_der(whose), .label = label, .key = whose->key};

    nss_fixture_put(store, &item);
    item.kind = ITEM_KEY;
    nss_fixture_put(store, &item);
}

const char *nss_fixture_flags(const char *nickname)
{
    static char flags[32];
    char *list = program_line(NULL, "certutil -L -d %s", nss_fixture.place);
    char *rest = list;

    flags[0] = '\0';
    for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n")) {
        size_t length = strlen(nickname);

        if (strncmp(line, nickname, length) == 0 && line[length] == ' ') {
            (void)sscanf(line + 60, "%31s", flags);
        }
    }
    free(list);
    return flags;
}

size_t nss_fixture_keys(void)
{
    int status;
    char *list = program_line(&status, "certutil -K -d %s", nss_fixture.place);
    size_t count = 0;

    for (const char *line = list; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n' ? 1 : 0;
        count += *line == '<' ? 1 : 0;
    }
    free(list);
    return count;
}
