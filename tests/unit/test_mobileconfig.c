/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration profiles: read back by another reader of property lists (Python's), the same each time, and refused where they would say too much. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "foreign.h"
#include "mobileconfig/mobileconfig.h"
#include "scratch.h"
#include "told.h"

static struct context *context;
static struct faults *faults;
static struct bytes text;

static void set_up(void)
{
    if (!mobileconfig_available()) {
        cr_skip_test("built without libplist");
    }
    context = foreign_context();
    faults = faults_new();
    scratch_start();
}

static void tear_down(void)
{
    bytes_free(&text);
    scratch_stop();
    faults_free(faults);
    context_free(context);
}

TestSuite(mobileconfig, .init = set_up, .fini = tear_down, .timeout = 60);

/* The profile of these, in the file @p name of the scratch folder. */
static void write_profile(const struct slice *anchors, size_t count, const char *name)
{
    struct bytes profile = BYTES_EMPTY;

    cr_assert_eq(mobileconfig_write(context, anchors, count, &profile, faults), 0, "%s", told(faults, &text));
    scratch_write(name, bytes_text(&profile), 0600);
    bytes_free(&profile);
}

/* Exit status of a Python program that sees the profile as p and the DER files as arguments. */
static int python(const char *program)
{
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        if (chdir(scratch_folder) == 0) {
            execlp("python3", "python3", "-c", program, (char *)NULL);
        }
        _exit(127);
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void write_der(const struct foreign *foreign, const char *name)
{
    char path[128];
    FILE *file = NULL;

    (void)snprintf(path, sizeof(path), "%s/%s", scratch_folder, name);
    file = fopen(path, "wb");
    cr_assert_not_null(file);
    cr_assert_eq(fwrite(foreign->der.data, 1, foreign->der.length, file), foreign->der.length);
    cr_assert_eq(fclose(file), 0);
}

static const char reader[] =
    "import plistlib, uuid\n"
    "p = plistlib.load(open('profile', 'rb'))\n"
    "assert p['PayloadType'] == 'Configuration' and p['PayloadVersion'] == 1 and p['PayloadScope'] == "
    "'System'\n"
    "assert p['PayloadDisplayName'] == 'Trust in 2 authorities'\n"
    "root, other = p['PayloadContent']\n"
    "assert root['PayloadType'] == 'com.apple.security.root'\n"
    "assert root['PayloadContent'] == open('ca.der', 'rb').read()\n"
    "assert root['PayloadDisplayName'] == 'A <&> B \\u00e4 '\n"
    "assert other['PayloadType'] == 'com.apple.security.pkcs1'\n"
    "assert other['PayloadContent'] == open('below.der', 'rb').read()\n"
    "for each in (p, root, other):\n"
    "    assert each['PayloadVersion'] == 1\n"
    "    assert uuid.UUID(each['PayloadUUID']).variant == uuid.RFC_4122 and each['PayloadUUID'][14] == '8'\n"
    "    assert each['PayloadIdentifier'].startswith('mtlskit.')\n"
    "assert len({each['PayloadUUID'] for each in (p, root, other)}) == 3\n"
    "assert open('profile', 'rb').read() == open('again', 'rb').read()\n";

Test(mobileconfig, read_back_by_python)
{
    struct foreign *ca = foreign_make(&(struct recipe){.name = "A <&> B \xc3\xa4\x01"});
    struct foreign *below = foreign_make(&(struct recipe){.name = "below", .issuer = ca});
    struct slice anchors[] = {foreign_der(ca), foreign_der(below)};
    int status = 0;

    write_der(ca, "ca.der");
    write_der(below, "below.der");
    write_profile(anchors, 2, "profile");
    write_profile(anchors, 2, "again");
    foreign_free(ca);
    foreign_free(below);
    status = python(reader);
    if (status == 127) {
        cr_skip_test("there is no python3");
    }
    cr_assert_eq(status, 0);
}

Test(mobileconfig, one_anchor_gives_its_name)
{
    struct foreign *ca = foreign_make(&(struct recipe){.name = "testServerCA"});
    struct slice anchor = foreign_der(ca);
    char *profile = NULL;

    write_profile(&anchor, 1, "profile");
    profile = scratch_text("profile");
    cr_assert_not_null(strstr(profile, "<string>Trust in testServerCA</string>"), "%s", profile);
    free(profile);
    foreign_free(ca);
}

Test(mobileconfig, what_is_none)
{
    struct slice nothing = slice_of_text("no certificate");
    struct bytes profile = BYTES_EMPTY;

    cr_assert_eq(mobileconfig_write(context, &nothing, 1, &profile, faults), -1);
    cr_assert_eq(mobileconfig_write(context, &nothing, 0, &profile, faults), -1);
    cr_assert_str_eq(told(faults, &text), "an anchor for the profile is no certificate\n"
                                          "a profile carries 1 to 100 anchors, not 0\n");
    cr_assert_eq(profile.length, 0);
}

Test(mobileconfig, what_it_cannot_limit)
{
    struct item item = {.kind = ITEM_TRUST, .scope = SCOPE_CLIENT};

    cr_assert_eq(mobileconfig_takes(&item, faults), -1);
    item.scope = SCOPE_SERVER;
    item.host = "localhost";
    cr_assert_eq(mobileconfig_takes(&item, faults), -1);
    item.host = NULL;
    cr_assert_eq(mobileconfig_takes(&item, faults), 0);
    item.scope = SCOPE_ANY;
    cr_assert_eq(mobileconfig_takes(&item, faults), 0);
    cr_assert_str_eq(
        told(faults, &text),
        "a configuration profile cannot limit an anchor to clients: it could vouch for every server (set the "
        "trust on "
        "that Mac itself, in a session with a screen)\n"
        "a configuration profile cannot limit an anchor to the host \"localhost\" (set the trust on that Mac "
        "itself, in a "
        "session with a screen)\n"
        "warning: a configuration profile trusts an anchor for clients, too, not for servers alone\n");
}
