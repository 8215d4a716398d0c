/* SPDX-License-Identifier: Apache-2.0 */
/* An install.yaml written. */
#include "manifest/install_text.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "manifest/quoting.h"

void install_text_free(struct install_text *text)
{
    for (size_t i = 0; i < text->trust_count; i++) {
        free(text->trust[i].authorities);
        free(text->trust[i].host);
    }
    for (size_t i = 0; i < text->allow_count; i++) {
        free(text->allow[i]);
    }
    free(text->trust);
    free(text->identities);
    free(text->allow);
    free(text->file);
    free(text->into);
    free(text->label);
    *text = (struct install_text){.name = NULL};
}

/* ---- paths ---------------------------------------------------------------------------------------------------------- */

/** Append the way from the folder of output @p from to output @p to. */
static int append_way(const char *from, const char *to, struct bytes *way)
{
    const char *slash;
    size_t common = 0;

    /* folders that both are in */
    for (size_t i = 0; from[i] != '\0' && from[i] == to[i]; i++) {
        common = from[i] == '/' ? i + 1 : common;
    }
    for (slash = strchr(from + common, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        if (bytes_append_text(way, "../") != 0) {
            return -1;
        }
    }
    return bytes_append_text(way, to + common);
}

/** Append "key: way", the way quoted. */
static int add_way(const struct install_text *text, const char *key, const char *to, struct bytes *yaml)
{
    struct bytes way = BYTES_EMPTY;
    int status = -1;

    if (append_way(text->file, to, &way) == 0 && bytes_append_text(yaml, key) == 0) {
        status = quoting_append(yaml, bytes_text(&way));
    }
    bytes_free(&way);
    return status;
}

/** The file of an entry's certificate. */
static int certificate_file(const struct entry *entry, struct bytes *file)
{
    return bytes_printf(file, "%s%s", entry->name, (entry->formats & FORMAT_PEM) != 0 ? ".crt" : ".cer");
}

/* ---- passphrases ---------------------------------------------------------------------------------------------------- */

/** Append where a file: SPEC's path leads, absolute. */
static int append_absolute(const char *folder, const char *path, struct bytes *absolute)
{
    char *real;
    int status;

    if (path[0] == '/') {
        return bytes_append_text(absolute, path);
    }
    real = realpath(folder != NULL && folder[0] != '\0' ? folder : ".", NULL);
    status = file_join(real != NULL ? real : folder, path, absolute);
    free(real);
    return status;
}

/** Append the SPEC, quoted, behind its key; nothing where there is none. */
static int add_spec(const struct install_text *text, const struct install_identity *identity,
                    const char *folder, struct bytes *yaml)
{
    const struct passphrase_spec *spec =
        identity->bundle != NULL ? &identity->bundle->passphrase : &identity->entry->passphrase;
    struct bytes word = BYTES_EMPTY;
    struct bytes path = BYTES_EMPTY;
    int status = 0;

    switch (spec->source) {
    case PASSPHRASE_NONE:
        return 0;
    case PASSPHRASE_GENERATE:
        /* of bundles alone */
        status = identity->bundle != NULL ? bytes_printf(&path, "%s.pass", identity->bundle->file) : -1;
        status = status != 0 ? status : bytes_append_text(&word, "file:");
        status = status != 0 ? status : append_way(text->file, bytes_text(&path), &word);
        break;
    case PASSPHRASE_FILE:
        status = append_absolute(folder, spec->argument, &path);
        status = status != 0 ? status : bytes_printf(&word, "file:%s", bytes_text(&path));
        break;
    case PASSPHRASE_TEXT:
        status = bytes_append_text(&word, "prompt");
        break;
    case PASSPHRASE_ENV:
    case PASSPHRASE_FD:
    case PASSPHRASE_PROMPT:
    case PASSPHRASE_KEYCHAIN:
        status = passphrase_spec_describe(spec, &word);
        break;
    }
    status = status != 0 ? status : bytes_append_text(yaml, ", passphrase: ");
    status = status != 0 ? status : quoting_append(yaml, bytes_text(&word));
    bytes_free(&word);
    bytes_free(&path);
    return status;
}

/* ---- the document --------------------------------------------------------------------------------------------------- */

static int add_line(const char *key, const char *value, struct bytes *yaml)
{
    if (value == NULL) {
        return 0;
    }
    if (bytes_printf(yaml, "%s: ", key) != 0 || quoting_append(yaml, value) != 0) {
        return -1;
    }
    return bytes_append_byte(yaml, '\n');
}

static int add_trust(const struct install_text *text, const struct install_trust *trust,
                     const struct entry *entries, struct bytes *yaml)
{
    struct bytes file = BYTES_EMPTY;
    int status = bytes_append_text(yaml, "  - {files: [");

    for (size_t i = 0; status == 0 && i < trust->authority_count; i++) {
        bytes_clear(&file);
        status = certificate_file(&entries[trust->authorities[i]], &file);
        status = status != 0 ? status : add_way(text, i > 0 ? ", " : "", bytes_text(&file), yaml);
    }
    status = status != 0 ? status : bytes_printf(yaml, "], for: %s", trust->scope);
    if (status == 0 && trust->host != NULL) {
        status = bytes_append_text(yaml, ", host: ");
        status = status != 0 ? status : quoting_append(yaml, trust->host);
    }
    bytes_free(&file);
    return status != 0 ? status : bytes_append_text(yaml, "}\n");
}

static int add_identity(const struct install_text *text, const struct install_identity *identity,
                        const char *folder, struct bytes *yaml)
{
    struct bytes file = BYTES_EMPTY;
    int status;

    if (identity->bundle != NULL) {
        status = add_way(text, "  - {p12: ", identity->bundle->file, yaml);
    } else {
        status = certificate_file(identity->entry, &file);
        status = status != 0 ? status : add_way(text, "  - {certificate: ", bytes_text(&file), yaml);
        bytes_clear(&file);
        status = status != 0 ? status : bytes_printf(&file, "%s.key", identity->entry->name);
        status = status != 0 ? status : add_way(text, ", key: ", bytes_text(&file), yaml);
    }
    status = status != 0 ? status : add_spec(text, identity, folder, yaml);
    bytes_free(&file);
    return status != 0 ? status : bytes_append_text(yaml, "}\n");
}

int install_text_write(const struct install_text *text, const struct entry *entries, const char *folder,
                       struct bytes *yaml)
{
    int status = bytes_printf(yaml,
                              "# %s: written by mtls-ca apply, for keychain-import install -f\n"
                              "mtlskit-install: 1\n",
                              text->name);

    status = status != 0 ? status : add_line("into", text->into, yaml);
    for (size_t i = 0; status == 0 && i < text->trust_count; i++) {
        status = i == 0 ? bytes_append_text(yaml, "trust:\n") : 0;
        status = status != 0 ? status : add_trust(text, &text->trust[i], entries, yaml);
    }
    for (size_t i = 0; status == 0 && i < text->identity_count; i++) {
        status = i == 0 ? bytes_append_text(yaml, "identities:\n") : 0;
        status = status != 0 ? status : add_identity(text, &text->identities[i], folder, yaml);
    }
    status = status != 0 ? status : add_line("label", text->label, yaml);
    if (status == 0 && text->extractable != NULL) {
        status = bytes_printf(yaml, "extractable: %s\n", text->extractable);
    }
    if (status == 0 && text->allow_count > 0) {
        status = bytes_append_text(yaml, "allow: ");
        status = status != 0 ? status
                             : quoting_append_list(yaml, (const char *const *)text->allow, text->allow_count);
        status = status != 0 ? status : bytes_append_byte(yaml, '\n');
    }
    return status;
}
