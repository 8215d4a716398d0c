/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The certificates that lie in the directory: the ledger has each that one of its authorities signed. A serial is in the ledger before the
 * key signs, so one it does not have was taken out of it, or the ledger is an older copy.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "operations/auditing.h"
#include "x509/certificate.h"
#include "x509/certificate_list.h"

/* Larger files are no certificate's. */
#define CERTIFICATE_FILE_MAX (64u * 1024)

/* A certificate that is looked for in the ledger. */
struct sought {
    const struct auditing *auditing;
    const struct certificate_view *view;
    const struct audited_authority *authority;
    bool found, same;
    bool begun; /* and never completed */
};

/* Whether it is the authority's own generation, or one of the same key and name. */
static bool is_of_authority(const struct sought *sought, int64_t generation)
{
    const struct auditing *auditing = sought->auditing;
    bool is = generation == sought->authority->generation;

    for (size_t i = 0; i < auditing->authority_count && !is; i++) {
        is = auditing->authorities[i].generation == generation &&
             audit_is_twin(sought->authority, &auditing->authorities[i]);
    }
    return is;
}

static int take_same_serial(void *state, const struct ledger_certificate *row)
{
    struct sought *sought = state;
    struct bytes der = BYTES_EMPTY;
    int status = 0;

    if (is_of_authority(sought, row->generation)) {
        sought->found = true;
        status = ledger_get_der(sought->auditing->directory->ledger, row->id, &der, sought->auditing->faults);
        /* one that is only begun, or lost, has none to differ from */
        if (row->state == LEDGER_INTENDED) {
            struct ledger_revocation revocation;
            int found = ledger_find_revocation(sought->auditing->directory->ledger, row->id, &revocation,
                                               sought->auditing->faults);

            sought->begun |= found == 0;
            status = found < 0 ? -1 : status;
            ledger_revocation_free(&revocation);
        }
        sought->same |= status == 0 || slice_equal(slice_of(&der), sought->view->whole);
        status = status < 0 ? -1 : 0;
    }
    bytes_free(&der);
    return status;
}

/* Whether the ledger has the certificate, as one of @p authority's key. */
static int look_for(struct auditing *auditing, const struct audited_authority *authority,
                    const struct certificate_view *view, const char *path)
{
    struct sought sought = {auditing, view, authority, false, false, false};
    const char *why;

    if (ledger_each_of_serial(auditing->directory->ledger, serial_magnitude(view->serial), false,
                              take_same_serial, &sought, auditing->faults) != 0) {
        return -1;
    }
    if (sought.begun) {
        return audit_tell(auditing, "orphan-visible", false, path,
                          "holds a certificate that was begun and never completed: a run was cut short; the "
                          "same command again makes another, and mtls-ca revoke takes the file");
    }
    if ((sought.found && sought.same) ||
        signature_verify_by(auditing->verifier, view->signature_algorithm, authority->key, view->tbs,
                            view->signature, &why) != 0) {
        return 0;
    }
    return audit_tell(
        auditing, "certificate-unknown", true, path,
        sought.found ? "holds a certificate that \"%s\" signed with a serial the ledger gave to another"
                     : "holds a certificate that \"%s\" signed and the ledger does not have: its end was "
                       "cut off, or it is an older copy",
        authority->name);
}

static int check_certificate(struct auditing *auditing, struct slice der, const char *path)
{
    struct certificate_view view;
    int status = 0;

    if (certificate_view_read(der, &view) != 0) {
        return 0;
    }
    for (size_t i = 0; i < auditing->authority_count && status == 0; i++) {
        const struct audited_authority *authority = &auditing->authorities[i];

        if (authority->key != NULL && slice_equal(authority->issuer, view.issuer)) {
            status = look_for(auditing, authority, &view, path);
        }
    }
    return status;
}

/* A file that holds no certificate is none of ours to judge. */
static int check_path(struct auditing *auditing, const char *path)
{
    struct faults *unused = faults_new();
    struct certificate_list list = {0};
    struct bytes content = BYTES_EMPTY;
    int status = -1;

    if (unused == NULL) {
        fault_memory(auditing->faults);
        return -1;
    }
    status = 0;
    if (file_read(auditing->directory->folder, path, CERTIFICATE_FILE_MAX, &content, unused) == 0 &&
        certificate_list_read(slice_of(&content), path, &list, unused) == 0) {
        for (size_t i = 0; i < list.count && status == 0; i++) {
            status = check_certificate(auditing, slice_of(&list.items[i]), path);
        }
    }
    certificate_list_free(&list);
    bytes_free(&content);
    faults_free(unused);
    return status;
}

static bool is_certificate_file(const struct auditing *auditing, const char *name)
{
    size_t length = strlen(name);
    struct stat status;

    return length > 4 && strcmp(name + length - 4, ".crt") == 0 &&
           fstatat(auditing->directory->folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISREG(status.st_mode);
}

int audit_files(struct auditing *auditing)
{
    int again = openat(auditing->directory->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *names = again >= 0 ? fdopendir(again) : NULL;
    const struct dirent *item;
    int status = 0;

    if (names == NULL) {
        fault_system(auditing->faults, errno, auditing->directory->path, NULL, "its files cannot be listed");
        if (again >= 0) {
            (void)close(again);
        }
        return -1;
    }
    while (status == 0 && (errno = 0, item = readdir(names)) != NULL) {
        if (is_certificate_file(auditing, item->d_name)) {
            status = check_path(auditing, item->d_name);
        }
    }
    if (status == 0 && errno != 0) {
        fault_system(auditing->faults, errno, auditing->directory->path, NULL, "its files cannot be listed");
        status = -1;
    }
    (void)closedir(names);
    return status;
}
