/* SPDX-License-Identifier: Apache-2.0 */
/* The system's CA store below a root of the test's own: files put, found, taken; both layouts; the tools are scripts that write down how they were called. */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "foreign.h"
#include "scratch.h"
#include "system/system.h"
#include "told.h"

#define DEBIAN "usr/local/share/ca-certificates"
#define FEDORA "etc/pki/ca-trust/source"

static struct context *context;
static struct faults *faults;
static struct bytes text;
static struct foreign *authority;
static struct store *store;
static struct item trust;

static void make_folder(const char *path)
{
    char part[256];

    for (size_t i = 1; i <= strlen(path); i++) {
        if (path[i] == '/' || path[i] == '\0') {
            (void)snprintf(part, sizeof(part), "%s/%.*s", scratch_folder, (int)i, path);
            (void)mkdir(part, 0755);
        }
    }
}

static void open_store(void)
{
    const struct store_setting setting = {.context = context, .root = scratch_folder, .writing = true};

    store = store_open(&store_system, &setting, "", faults);
    cr_assert_not_null(store, "%s", told(faults, &text));
}

static void start(void)
{
    scratch_start();
    context = foreign_context();
    faults = faults_new();
    authority = foreign_make(
        &(struct recipe){.name = "Test CA, Ltd.", .extensions = "basicConstraints=critical,CA:TRUE"});
    trust = (struct item){.kind = ITEM_TRUST, .certificate = foreign_der(authority), .scope = SCOPE_SERVER};
}

static void start_debian(void)
{
    start();
    make_folder("usr/sbin");
    make_folder(DEBIAN);
    make_folder("usr/share/ca-certificates/mozilla");
    make_folder("etc/ca-certificates/update.d");
    scratch_write("etc/ca-certificates.conf", "# a list\nmozilla/in.crt\n!mozilla/out.crt\n", 0644);
    scratch_write("usr/sbin/update-ca-certificates", "#!/bin/sh\necho \"$@\" >> \"${0%/usr/*}/calls\"\n",
                  0755);
    scratch_write("etc/ca-certificates/update.d/jks-keystore", "#!/bin/sh\ncat >> \"${0%/etc/*}/java\"\n",
                  0755);
    open_store();
}

static void start_fedora(void)
{
    start();
    make_folder("usr/bin");
    make_folder(FEDORA);
    scratch_write("usr/bin/update-ca-trust", "#!/bin/sh\necho \"$@\" >> \"${0%/usr/*}/calls\"\n", 0755);
    open_store();
}

static void stop(void)
{
    store_close(store);
    foreign_free(authority);
    bytes_free(&text);
    faults_free(faults);
    context_free(context);
    scratch_stop();
}

TestSuite(system_debian, .init = start_debian, .fini = stop, .timeout = 60);
TestSuite(system_fedora, .init = start_fedora, .fini = stop, .timeout = 60);

static enum presence look(const struct item *item)
{
    struct sighting sighting = {.presence = PRESENCE_ABSENT};
    enum presence presence;

    cr_assert_eq(store_look(store, item, &sighting, faults), 0, "%s", told(faults, &text));
    presence = sighting.presence;
    sighting_free(&sighting);
    return presence;
}

static void put(void)
{
    cr_assert_eq(look(&trust), PRESENCE_ABSENT);
    cr_assert_eq(store_put(store, &trust, faults), 0, "%s", told(faults, &text));
    cr_assert_eq(look(&trust), PRESENCE_PRESENT);
    cr_assert_eq(store_settle(store, faults), 0, "%s", told(faults, &text));
    cr_assert_eq(store_prove(store, &trust, faults), 0);
}

static void take(void)
{
    cr_assert_eq(store_take(store, &trust, (struct slice){NULL, 0}, faults), 0, "%s", told(faults, &text));
    cr_assert_eq(store_settle(store, faults), 0, "%s", told(faults, &text));
}

/** The PEM of the authority at @p path, as openssl writes it. */
static void write_foreign(const char *path, int times)
{
    BIO *memory = BIO_new(BIO_s_mem());
    struct bytes content = BYTES_EMPTY;
    char *pem = NULL;
    long length;

    for (int i = 0; i < times; i++) {
        cr_assert_eq(PEM_write_bio_X509(memory, authority->x509), 1);
    }
    length = BIO_get_mem_data(memory, &pem);
    cr_assert_eq(bytes_append(&content, pem, (size_t)length), 0);
    scratch_write(path, bytes_text(&content), 0644);
    bytes_free(&content);
    BIO_free(memory);
}

Test(system_debian, an_anchor_is_one_file_and_goes_again)
{
    char *calls;
    char *java;

    put();
    cr_assert_eq(scratch_names(DEBIAN, "mtlskit-test-ca--ltd--"), 1);
    take();
    cr_assert_eq(scratch_names(DEBIAN, ""), 0);
    cr_assert_eq(look(&trust), PRESENCE_ABSENT);
    take();

    calls = scratch_text("calls");
    cr_assert_not_null(calls);
    /* nothing is made anew when one is added, everything when one was removed */
    cr_assert_null(memmem(calls, strcspn(calls, "\n"), "--fresh", 7));
    cr_assert_not_null(strstr(calls, "--fresh"));
    cr_assert_not_null(strstr(calls, "--localcertsdir"));
    java = scratch_text("java");
    cr_assert_eq(strncmp(java, "-/etc/ssl/certs/mtlskit-test-ca--ltd--", 38), 0, "%s", java);
    cr_assert_not_null(strstr(java, ".pem\n"));
    free(calls);
    free(java);
}

Test(system_debian, one_that_somebody_else_put_there_is_found_and_can_be_named)
{
    write_foreign(DEBIAN "/theirs.crt", 1);
    cr_assert_eq(look(&trust), PRESENCE_PRESENT);
    take();
    cr_assert_eq(scratch_names(DEBIAN, ""), 0);
}

Test(system_debian, a_file_with_more_than_one_is_not_removed)
{
    write_foreign(DEBIAN "/theirs.crt", 2);
    cr_assert_eq(store_take(store, &trust, (struct slice){NULL, 0}, faults), -1);
    cr_assert_not_null(strstr(told(faults, &text), "holds other certificates besides this one"));
    cr_assert_eq(scratch_names(DEBIAN, ""), 1);
}

Test(system_debian, what_comes_with_the_system_counts_unless_it_is_deselected)
{
    write_foreign("usr/share/ca-certificates/mozilla/out.crt", 1);
    cr_assert_eq(look(&trust), PRESENCE_ABSENT);
    write_foreign("usr/share/ca-certificates/mozilla/in.crt", 1);
    cr_assert_eq(look(&trust), PRESENCE_PRESENT);
    take();
    cr_assert_not_null(strstr(told(faults, &text), "it is still trusted: it came with the system"));
    cr_assert_eq(scratch_names("usr/share/ca-certificates/mozilla", ""), 2);
}

Test(system_debian, what_is_not_asked_of_it_is_refused)
{
    struct item item = trust;

    item.scope = SCOPE_CLIENT;
    cr_assert_eq(store_put(store, &item, faults), -1);
    item.kind = ITEM_KEY;
    cr_assert_eq(store_put(store, &item, faults), -1);
    cr_assert_not_null(strstr(told(faults, &text), "takes no keys"));
    cr_assert_eq(scratch_names(DEBIAN, ""), 0);
    cr_assert_not(store_can(store, STORE_SCOPE_CLIENT));
}

Test(system_debian, a_tool_that_fails_is_told_with_what_it_said)
{
    scratch_write("usr/sbin/update-ca-certificates", "#!/bin/sh\necho no room >&2\nexit 3\n", 0755);
    cr_assert_eq(store_put(store, &trust, faults), 0);
    cr_assert_eq(store_settle(store, faults), -1);
    cr_assert_not_null(strstr(told(faults, &text), "update-ca-certificates: failed: no room"), "%s",
                       bytes_text(&text));
    scratch_write("usr/sbin/update-ca-certificates", "#!/bin/sh\n", 0755);
    cr_assert_eq(store_settle(store, faults), 0, "it can be repeated");
}

Test(system_fedora, an_anchor_says_that_it_is_for_servers_alone)
{
    char pattern[200];
    glob_t found;
    char *calls;
    char *pem;
    BIO *memory;
    X509 *read;

    put();
    cr_assert_eq(scratch_names(FEDORA, "mtlskit-"), 1);
    calls = scratch_text("calls");
    cr_assert_str_eq(calls, "extract\n");
    free(calls);
    (void)snprintf(pattern, sizeof(pattern), "%s/" FEDORA "/mtlskit-*.pem", scratch_folder);
    cr_assert_eq(glob(pattern, 0, NULL, &found), 0);
    pem = scratch_text(found.gl_pathv[0] + strlen(scratch_folder) + 1);
    globfree(&found);
    memory = BIO_new_mem_buf(pem, -1);
    read = PEM_read_bio_X509_AUX(memory, NULL, NULL, NULL);
    cr_assert_not_null(read);
    cr_assert_eq(X509_check_trust(read, X509_TRUST_SSL_SERVER, 0), X509_TRUST_TRUSTED);
    cr_assert_neq(X509_check_trust(read, X509_TRUST_SSL_CLIENT, 0), X509_TRUST_TRUSTED);
    X509_free(read);
    BIO_free(memory);
    free(pem);
    take();
    cr_assert_eq(scratch_names(FEDORA, ""), 0);
}
