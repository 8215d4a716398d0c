/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs of the system's CA store. */
#include "system/system.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/folder.h"
#include "base/output_file.h"
#include "system/anchor_file.h"
#include "system/layout.h"
#include "system/program.h"

struct system_store {
    struct store base;
    char *root; /**< NULL: "/" */
    const struct layout *layout;
    bool put, taken;   /**< since the last settling */
    struct bytes java; /**< lines for the hook that keeps Java's store: what is gone */
};

static struct system_store *ours(struct store *store)
{
    return (struct system_store *)store;
}

/* ---- places ----------------------------------------------------------------------------------------------------------- */

/** Whether this user can. A folder that is not there is told when something is put into it. */
static bool may_change(const char *root, const struct layout *layout)
{
    struct bytes path = BYTES_EMPTY;
    bool may = layout_path(root, layout->folder, &path) == 0 &&
               (access(bytes_text(&path), W_OK) == 0 || errno == ENOENT);

    bytes_free(&path);
    return may;
}

static int system_survey(const struct store_setting *setting, store_place_fn each, void *state,
                         struct faults *faults)
{
    const struct layout *layout = layout_find(setting->root);
    struct bytes path = BYTES_EMPTY;
    const char *why = NULL;
    int status = 0;

    if (layout == NULL) {
        return 0;
    }
    if (layout_path(setting->root, layout->folder, &path) != 0) {
        fault_memory(faults);
        status = -1;
    } else {
        if (setting->writing && !may_change(setting->root, layout)) {
            why = "only root can change it";
        }
        status = each(state, "system", bytes_text(&path), why);
    }
    bytes_free(&path);
    return status;
}

static struct store *system_open(const struct store_setting *setting, const char *place,
                                 struct faults *faults)
{
    struct system_store *store = NULL;

    if (place[0] != '\0') {
        fault_error(faults, NULL, NULL, "system, without a place",
                    "there is one system store: \"system:%s\" is none", place);
        return NULL;
    }
    store = calloc(1, sizeof(*store));
    if (store == NULL || (store->base.name = strdup("system")) == NULL ||
        (setting->root != NULL && (store->root = strdup(setting->root)) == NULL)) {
        fault_memory(faults);
        goto failed;
    }
    store->base.kind = &store_system;
    store->base.context = setting->context;
    store->layout = layout_find(setting->root);
    if (store->layout == NULL) {
        fault_error(faults, NULL, NULL, "install ca-certificates",
                    "system: neither update-ca-certificates nor update-ca-trust is on this machine");
        goto failed;
    }
    if (setting->writing && !may_change(setting->root, store->layout)) {
        fault_error(faults, NULL, NULL, "run it with sudo", "system: only root can change it");
        goto failed;
    }
    return &store->base;
failed:
    if (store != NULL) {
        free(store->base.name);
        free(store->root);
    }
    free(store);
    return NULL;
}

static void system_close(struct store *store)
{
    bytes_free(&ours(store)->java);
    free(ours(store)->root);
    free(store);
}

/* ---- looking ---------------------------------------------------------------------------------------------------------- */

/** While the files are walked. */
struct finding {
    struct slice certificate;
    struct bytes path;   /**< of the file that holds it */
    struct bytes vendor; /**< the same, of one that came with the system */
    bool alone;
    struct faults *faults;
};

static int find_file(void *state, const struct anchor_file *file)
{
    struct finding *finding = state;
    struct bytes *path = file->ours ? &finding->path : &finding->vendor;

    if (path->length > 0 || !slice_equal(file->certificate, finding->certificate)) {
        return 0;
    }
    if (file->ours) {
        finding->alone = file->alone;
    }
    if (bytes_append_text(path, file->path) != 0) {
        fault_memory(finding->faults);
        return -1;
    }
    return 0;
}

static void finding_free(struct finding *finding)
{
    bytes_free(&finding->path);
    bytes_free(&finding->vendor);
}

static int find(struct system_store *store, struct slice certificate, struct finding *finding,
                struct faults *faults)
{
    finding->certificate = certificate;
    finding->faults = faults;
    return anchor_files_each(store->root, store->layout, find_file, finding, faults);
}

static int system_look(struct store *store, const struct item *item, struct sighting *sighting,
                       struct faults *faults)
{
    struct finding finding = {.alone = false};
    int status;

    if (item->kind == ITEM_KEY) {
        return 0;
    }
    status = find(ours(store), item->certificate, &finding, faults);
    if (status == 0 && (finding.path.length > 0 || finding.vendor.length > 0)) {
        sighting->scope = SCOPE_SERVER;
        sighting->presence = PRESENCE_PRESENT;
        if (item->kind == ITEM_TRUST && (item->scope != SCOPE_SERVER || item->host != NULL)) {
            sighting->presence = PRESENCE_DIFFERENT;
            if (bytes_append_text(&sighting->reason, "it is trusted for servers") != 0) {
                fault_memory(faults);
                status = -1;
            }
        }
    }
    finding_free(&finding);
    return status;
}

/* ---- changing --------------------------------------------------------------------------------------------------------- */

/** The path of our file for a certificate. */
static int own_path(const struct system_store *store, struct slice certificate, struct bytes *path,
                    struct faults *faults)
{
    if (layout_path(store->root, store->layout->folder, path) != 0 || bytes_append_byte(path, '/') != 0) {
        fault_memory(faults);
        return -1;
    }
    return anchor_file_name(store->base.context, store->layout, certificate, path, faults);
}

static int system_put(struct store *store, const struct item *item, struct faults *faults)
{
    struct system_store *opened = ours(store);
    struct bytes path = BYTES_EMPTY;
    struct bytes content = BYTES_EMPTY;
    int status = -1;

    if (item->kind != ITEM_TRUST || item->scope != SCOPE_SERVER || item->host != NULL) {
        fault_error(faults, NULL, NULL, NULL,
                    "system: this store trusts authorities for servers, and nothing else");
        return -1;
    }
    if (own_path(opened, item->certificate, &path, faults) == 0 &&
        anchor_file_content(store->context, opened->layout, item->certificate, &content, faults) == 0) {
        opened->put = true;
        status = output_file_publish(store->context, bytes_text(&path), slice_of(&content), 0644, faults);
    }
    bytes_free(&path);
    bytes_free(&content);
    return status;
}

/** Remove the file at @p path and flush its folder. One that is gone is no failure. */
static int remove_file(const char *path, struct faults *faults)
{
    const char *leaf = NULL;
    int folder = folder_open_named(path, &leaf);
    int status = 0;

    if (folder < 0) {
        if (errno == ENOENT) {
            return 0;
        }
        fault_system(faults, errno, path, NULL, "cannot be removed");
        return -1;
    }
    if ((unlinkat(folder, leaf, 0) != 0 && errno != ENOENT) || folder_flush(folder) != 0) {
        fault_system(faults, errno, path, errno == EACCES || errno == EPERM ? "run it with sudo" : NULL,
                     "cannot be removed");
        status = -1;
    }
    (void)close(folder);
    return status;
}

/** Remember to tell Java's hook that the certificate of this file is gone: it keeps it otherwise. */
static int remember_java(struct system_store *store, const char *path)
{
    const char *name = strrchr(path, '/') + 1;
    size_t length = strlen(name);
    size_t ending = strlen(store->layout->ending);

    if (store->layout->java_hook == NULL || length <= ending) {
        return 0;
    }
    return bytes_printf(&store->java, "-%s/%.*s.pem\n", store->layout->links, (int)(length - ending), name);
}

static int system_take(struct store *store, const struct item *item, struct slice before,
                       struct faults *faults)
{
    struct system_store *opened = ours(store);
    struct finding finding = {.alone = true};
    const struct place place = {"system", 0, 0};
    int status = -1;

    (void)before;
    if (item->kind != ITEM_TRUST) {
        return 0;
    }
    if (find(opened, item->certificate, &finding, faults) != 0 ||
        (finding.path.length == 0 && own_path(opened, item->certificate, &finding.path, faults) != 0)) {
        goto out;
    }
    if (!finding.alone) {
        fault_error(faults, &place, NULL, "take it out of that file yourself",
                    "%s holds other certificates besides this one", bytes_text(&finding.path));
        goto out;
    }
    opened->taken = true;
    if (remember_java(opened, bytes_text(&finding.path)) != 0) {
        fault_memory(faults);
        goto out;
    }
    status = remove_file(bytes_text(&finding.path), faults);
    if (status == 0 && finding.vendor.length > 0) {
        fault_warning(faults, &place, NULL, "dpkg-reconfigure ca-certificates deselects it",
                      "it is still trusted: it came with the system, as %s", bytes_text(&finding.vendor));
    }
out:
    finding_free(&finding);
    return status;
}

/* ---- settling --------------------------------------------------------------------------------------------------------- */

/** Debian's tool, which is told where things are when the root is another one. */
static int run_debian(const struct system_store *store, struct faults *faults)
{
    static const char *const named[] = {"--localcertsdir", "--certsdir", "--certsconf", "--etccertsdir",
                                        "--hooksdir"};
    const char *const folders[] = {store->layout->folder, store->layout->vendor, store->layout->vendor_list,
                                   store->layout->links, store->layout->hooks};
    struct bytes paths[6] = {BYTES_EMPTY};
    const char *arguments[16] = {NULL};
    size_t count = 1;
    int status = layout_path(store->root, store->layout->tool, &paths[5]);

    for (size_t i = 0; status == 0 && store->root != NULL && i < 5; i++) {
        status = layout_path(store->root, folders[i], &paths[i]);
        arguments[count++] = named[i];
        arguments[count++] = bytes_text(&paths[i]);
    }
    /* what was removed leaves links behind unless all are made anew */
    if (store->taken) {
        arguments[count++] = "--fresh";
    }
    arguments[0] = bytes_text(&paths[5]);
    if (status != 0) {
        fault_memory(faults);
    } else {
        status = system_program_run(arguments, (struct slice){NULL, 0}, faults);
    }
    for (size_t i = 0; i < 6; i++) {
        bytes_free(&paths[i]);
    }
    return status;
}

/** Tell the hook that keeps Java's store what is gone. */
static int run_java(struct system_store *store, struct faults *faults)
{
    struct bytes hook = BYTES_EMPTY;
    const char *arguments[2] = {NULL, NULL};
    int status = 0;

    if (store->layout->java_hook == NULL || store->java.length == 0) {
        return 0;
    }
    if (layout_path(store->root, store->layout->java_hook, &hook) != 0) {
        fault_memory(faults);
        status = -1;
    } else if (access(bytes_text(&hook), X_OK) == 0) {
        arguments[0] = bytes_text(&hook);
        status = system_program_run(arguments, slice_of(&store->java), faults);
    }
    bytes_free(&hook);
    return status;
}

static int run_fedora(const struct system_store *store, struct faults *faults)
{
    struct bytes tool = BYTES_EMPTY;
    const char *arguments[3] = {NULL, "extract", NULL};
    int status = -1;

    if (layout_path(store->root, store->layout->tool, &tool) != 0) {
        fault_memory(faults);
    } else {
        arguments[0] = bytes_text(&tool);
        status = system_program_run(arguments, (struct slice){NULL, 0}, faults);
    }
    bytes_free(&tool);
    return status;
}

static int system_settle(struct store *store, struct faults *faults)
{
    struct system_store *opened = ours(store);

    if (!opened->put && !opened->taken) {
        return 0;
    }
    if (opened->layout->marked) {
        if (run_fedora(opened, faults) != 0) {
            return -1;
        }
    } else if (run_debian(opened, faults) != 0 || run_java(opened, faults) != 0) {
        return -1;
    }
    opened->put = false;
    opened->taken = false;
    bytes_clear(&opened->java);
    return 0;
}

/* ---- proving and listing ---------------------------------------------------------------------------------------------- */

static int system_prove(struct store *store, const struct item *item, struct faults *faults)
{
    struct finding finding = {.alone = false};
    int status = find(ours(store), item->certificate, &finding, faults);

    if (status == 0 && finding.path.length == 0 && finding.vendor.length == 0) {
        fault_error(faults, NULL, NULL, NULL, "system: what was put there is not there");
        status = -1;
    }
    finding_free(&finding);
    return status;
}

/** While entries are told. */
struct listing {
    store_entry_fn each;
    void *state;
};

static int list_file(void *state, const struct anchor_file *file)
{
    const struct listing *listing = state;
    const struct store_entry entry = {
        .certificate = file->certificate, .label = file->name, .scope = SCOPE_SERVER};

    return listing->each(listing->state, &entry);
}

static int system_each(struct store *store, store_entry_fn each, void *state, struct faults *faults)
{
    struct listing listing = {each, state};

    return anchor_files_each(ours(store)->root, ours(store)->layout, list_file, &listing, faults);
}

const struct store_kind store_system = {
    .word = "system",
    .summary = "the system's CA store: curl, OpenSSL, GnuTLS, Python, Java",
    .caveat =
        "a program that checks clients by all authorities of the system takes those of its anchors, too",
    .abilities = STORE_ANCHORS | STORE_SCOPE_SERVER | STORE_SHARED_BY_ALL,
    .survey = system_survey,
    .open = system_open,
    .close = system_close,
    .look = system_look,
    .put = system_put,
    .take = system_take,
    .prove = system_prove,
    .each = system_each,
    .judge = NULL,
    .allow = NULL,
    .settle = system_settle,
    .reference = NULL,
};
