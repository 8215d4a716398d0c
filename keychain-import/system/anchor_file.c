/* SPDX-License-Identifier: Apache-2.0 */
/* Files of one anchor each. */
#include "system/anchor_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/objects.h>
#include <openssl/x509.h>

#include "base/digest.h"
#include "base/file.h"
#include "x509/certificate.h"
#include "x509/name.h"
#include "x509/pem.h"

/** Folders in folders that are looked into. */
#define DEPTH_MAX 4
/** Letters of a subject that stand in a file's name. */
#define NAME_LETTERS_MAX 40
/** Octets of the digest that stand in it. */
#define NAME_DIGEST_OCTETS 8
#define VENDOR_LIST_MAX    (1024u * 1024)

/* ---- reading ---------------------------------------------------------------------------------------------------------- */

/** While files are walked. */
struct walk {
    const struct layout *layout;
    anchor_file_fn each;
    void *state;
    bool ours;
    struct faults *unread; /**< complaints of what cannot be read, which nobody is told */
};

/** The certificate at the front of @p der: a trusted certificate of OpenSSL's has its uses behind it. Empty: there is none. */
static struct slice front_of(const struct bytes *der)
{
    const unsigned char *end = der->data;
    struct slice front = {NULL, 0};
    X509 *certificate = der->length > 0 ? d2i_X509(NULL, &end, (long)der->length) : NULL;

    if (certificate != NULL) {
        front = (struct slice){der->data, (size_t)(end - der->data)};
    }
    X509_free(certificate);
    return front;
}

/** Tell all certificates of a file: PEM, or DER. */
static int visit_file(const struct walk *walk, const char *path, const char *name)
{
    struct anchor_file file = {.path = path, .name = name, .alone = true, .ours = walk->ours};
    struct pem_block block = {.line = 0};
    struct bytes content = BYTES_EMPTY;
    struct slice rest;
    size_t line = 1;
    int status = 0;

    if (file_read(AT_FDCWD, path, FILE_LIMIT_CERTIFICATES, &content, walk->unread) != 0) {
        goto out;
    }
    rest = slice_of(&content);
    while (status == 0 && pem_read(&rest, &line, path, &block, walk->unread) == 1) {
        struct slice after = rest;
        struct pem_block next = {.line = 0};
        size_t next_line = line;

        if (file.alone && pem_read(&after, &next_line, path, &next, walk->unread) == 1) {
            file.alone = false;
            pem_block_free(&next);
        }
        file.certificate = front_of(&block.der);
        if (file.certificate.length > 0) {
            status = walk->each(walk->state, &file);
        }
        pem_block_free(&block);
    }
    if (line == 1 && status == 0 && file.certificate.length == 0) {
        file.certificate = front_of(&content);
        status = file.certificate.length > 0 ? walk->each(walk->state, &file) : 0;
    }
out:
    bytes_free(&content);
    return status;
}

static bool ends_with(const char *text, const char *ending)
{
    size_t length = strlen(text);
    size_t ending_length = strlen(ending);

    return length > ending_length && strcmp(text + length - ending_length, ending) == 0;
}

/** Whether the tool reads a file of this name. Debian's wants ".crt"; Fedora's takes any. */
static bool is_read(const struct layout *layout, const char *name)
{
    return name[0] != '.' && (layout->marked ? strcmp(name, "README") != 0 : ends_with(name, layout->ending));
}

/** Tell the files of a folder, and those of the folders in it. One that is missing has none. */
static int visit_folder(const struct walk *walk, const char *path,
                        int depth) // NOLINT(misc-no-recursion): depth is bounded
{
    DIR *folder = opendir(path);
    const struct dirent *entry;
    struct bytes below = BYTES_EMPTY;
    int status = 0;

    while (folder != NULL && status == 0 && (entry = readdir(folder)) != NULL) {
        struct stat found;

        bytes_clear(&below);
        if (entry->d_name[0] == '.' || bytes_printf(&below, "%s/%s", path, entry->d_name) != 0 ||
            stat(bytes_text(&below), &found) != 0) {
            continue;
        }
        if (S_ISDIR(found.st_mode) && depth < DEPTH_MAX) {
            status = visit_folder(walk, bytes_text(&below), depth + 1);
        } else if (S_ISREG(found.st_mode) && is_read(walk->layout, entry->d_name)) {
            status = visit_file(walk, bytes_text(&below), entry->d_name);
        }
    }
    if (folder != NULL) {
        (void)closedir(folder);
    }
    bytes_free(&below);
    return status;
}

/** Tell the files of the vendor that the list names. */
static int visit_vendor(const struct walk *walk, const char *root, struct bytes *list, struct faults *faults)
{
    struct bytes path = BYTES_EMPTY;
    char *line;
    char *next = list->length > 0 ? (char *)list->data : NULL;
    int status = 0;

    while (status == 0 && (line = strsep(&next, "\n")) != NULL) {
        if (line[0] == '\0' || line[0] == '#' || line[0] == '!' || strstr(line, "..") != NULL) {
            continue;
        }
        if (layout_path(root, walk->layout->vendor, &path) != 0 || bytes_printf(&path, "/%s", line) != 0) {
            fault_memory(faults);
            status = -1;
        } else {
            status = visit_file(walk, bytes_text(&path), strrchr(bytes_text(&path), '/') + 1);
        }
    }
    bytes_free(&path);
    return status;
}

int anchor_files_each(const char *root, const struct layout *layout, anchor_file_fn each, void *state,
                      struct faults *faults)
{
    struct walk walk = {layout, each, state, true, faults_new()};
    struct bytes path = BYTES_EMPTY;
    struct bytes list = BYTES_EMPTY;
    int status = -1;

    if (walk.unread == NULL || layout_path(root, layout->folder, &path) != 0) {
        fault_memory(faults);
        goto out;
    }
    status = visit_folder(&walk, bytes_text(&path), 0);
    if (status == 0 && layout->vendor != NULL) {
        walk.ours = false;
        status = layout_path(root, layout->vendor_list, &path);
        if (status != 0) {
            fault_memory(faults);
        } else if (file_read(AT_FDCWD, bytes_text(&path), VENDOR_LIST_MAX, &list, walk.unread) == 0) {
            status = visit_vendor(&walk, root, &list, faults);
        }
    }
out:
    faults_free(walk.unread);
    bytes_free(&path);
    bytes_free(&list);
    return status;
}

/* ---- writing ---------------------------------------------------------------------------------------------------------- */

/** Append the letters of a certificate's name that may stand in a file's. */
static int append_letters(struct slice certificate, struct bytes *name)
{
    struct certificate_view view;
    struct bytes common = BYTES_EMPTY;
    int status = 0;

    if (certificate_view_read(certificate, &view) == 0 && name_common_name(view.subject, &common) == 1) {
        for (size_t i = 0; status == 0 && i < common.length && i < NAME_LETTERS_MAX; i++) {
            unsigned char letter = common.data[i];
            bool upper = letter >= 'A' && letter <= 'Z';
            bool taken = (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || upper;

            status =
                bytes_append_byte(name, upper ? (unsigned char)(letter - 'A' + 'a') : (taken ? letter : '-'));
        }
    }
    bytes_free(&common);
    return status;
}

int anchor_file_name(const struct context *context, const struct layout *layout, struct slice certificate,
                     struct bytes *name, struct faults *faults)
{
    struct digest digest;

    if (digest_of(context, certificate, &digest) != 0) {
        fault_openssl(faults, "a certificate cannot be hashed");
        return -1;
    }
    if (bytes_append_text(name, "mtlskit-") != 0 || append_letters(certificate, name) != 0 ||
        bytes_append_byte(name, '-') != 0 ||
        bytes_append_hex(name, (struct slice){digest.octets, NAME_DIGEST_OCTETS}, 0) != 0 ||
        bytes_append_text(name, layout->ending) != 0) {
        fault_memory(faults);
        return -1;
    }
    return 0;
}

/** Append the DER of a trusted certificate, whose one use is to check servers. */
static int append_marked(const struct context *context, struct slice certificate, struct bytes *der)
{
    const unsigned char *end = certificate.data;
    X509 *read = X509_new_ex(context_libctx(context), NULL);
    unsigned char *octets = NULL;
    int length = -1;
    int status = -1;

    if (read != NULL && d2i_X509(&read, &end, (long)certificate.length) != NULL &&
        X509_add1_trust_object(read, OBJ_nid2obj(NID_server_auth)) == 1) {
        length = i2d_X509_AUX(read, &octets);
    }
    if (length > 0) {
        status = bytes_append(der, octets, (size_t)length);
    }
    OPENSSL_free(octets);
    X509_free(read);
    return status;
}

int anchor_file_content(const struct context *context, const struct layout *layout, struct slice certificate,
                        struct bytes *content, struct faults *faults)
{
    struct bytes marked = BYTES_EMPTY;
    int status;

    if (!layout->marked) {
        status = pem_write(certificate, "CERTIFICATE", content);
    } else {
        status = append_marked(context, certificate, &marked) == 0
                     ? pem_write(slice_of(&marked), "TRUSTED CERTIFICATE", content)
                     : -1;
    }
    if (status != 0) {
        fault_openssl(faults, "a certificate cannot be written");
    }
    bytes_free(&marked);
    return status;
}
