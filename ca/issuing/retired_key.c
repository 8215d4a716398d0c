/* SPDX-License-Identifier: Apache-2.0 */
/* The key of a generation that is replaced, found and given another name; and found again. */
#include "issuing/retired_key.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/token_uri.h"
#include "issuing/settings.h"
#include "ledger/ledger_directory.h"
#include "x509/certificate.h"
#include "x509/key.h"

/* What lies where the key is to be kept must be it, kept by a run that was cut off: NAME.key is then another one already. */
static int check_kept(const struct context *context, int directory, struct ledger *ledger,
                      const struct entry *entry, const char *path, struct faults *faults)
{
    struct ledger_output row = {0};
    struct bytes key = BYTES_EMPTY;
    struct bytes content = BYTES_EMPTY;
    struct digest digest;
    int status = -1;
    int found;

    if (bytes_printf(&key, "%s.key", entry->name) != 0) {
        fault_memory(faults);
        goto out;
    }
    found = ledger_find_output(ledger, bytes_text(&key), &row, faults);
    if (found < 0 || file_read(directory, path, FILE_LIMIT_KEY, &content, faults) != 0) {
        goto out;
    }
    if (digest_of(context, slice_of(&content), &digest) != 0) {
        fault_openssl(faults, "%s: SHA-256 failed", path);
    } else if (found == 1 && !digest_equal(&digest, &row.content)) {
        entry_error(faults, entry, "move it away", "%s is in the way: the key before is to be kept there",
                    path);
    } else {
        status = 0;
    }
out:
    ledger_output_free(&row);
    bytes_free(&key);
    bytes_free(&content);
    return status;
}

int retired_key_keep(const struct context *context, int directory, struct ledger *ledger,
                     const struct entry *entry, struct publisher *publisher, struct faults *faults)
{
    struct ledger_certificate row = {0};
    struct bytes path = BYTES_EMPTY;
    struct bytes content = BYTES_EMPTY;
    struct file_stamp stamp;
    const char *why = NULL;
    int found;
    int status = -1;

    found = ledger_find_certificate(ledger, entry->name, &row, faults);
    if (found <= 0) {
        return found;
    }
    if (bytes_printf(&path, "%s.key", entry->name) != 0) {
        fault_memory(faults);
        goto out;
    }
    if (file_stamp_read(directory, bytes_text(&path), &stamp, &why) == 0) {
        status = 0; /* moved away: nothing to keep */
        goto out;
    }
    if (file_read(directory, bytes_text(&path), FILE_LIMIT_KEY, &content, faults) != 0) {
        goto out;
    }
    bytes_clear(&path);
    if (bytes_printf(&path, "%s.generation-%lld.key", entry->name, (long long)row.own_generation) != 0) {
        fault_memory(faults);
        goto out;
    }
    if (file_stamp_read(directory, bytes_text(&path), &stamp, &why) != 0) {
        status = check_kept(context, directory, ledger, entry, bytes_text(&path), faults);
        goto out;
    }
    status = publisher_add(publisher, bytes_text(&path), slice_of(&content), 0600, faults);
out:
    ledger_certificate_free(&row);
    bytes_free(&content);
    bytes_free(&path);
    return status;
}

/* ---- where it is ---------------------------------------------------------------------------------------------------- */

/* What the ledger kept of it; of one that was replaced before it kept that, what its authority says now of passphrases. */
static int recall(struct ledger *ledger, const char *name, int64_t generation, struct ledger_authority *kept,
                  struct faults *faults)
{
    int found = ledger_find_kept_key(ledger, generation, kept, faults);

    if (found == 0) {
        found = ledger_find_authority(ledger, name, kept, faults);
        kept->key[0] = '\0';
    }
    return found < 0 ? -1 : 0;
}

static int place_of(const struct ledger_authority *kept, const char *name, int64_t generation,
                    struct bytes *place)
{
    if (strcmp(kept->key, SETTINGS_EPHEMERAL) == 0) {
        return 0;
    }
    if ((token_uri_is(kept->key) ? bytes_append_text(place, "a token")
         : kept->key[0] != '\0'
             ? bytes_append_text(place, kept->key)
             : bytes_printf(place, "%s.generation-%lld.key", name, (long long)generation)) != 0) {
        return -1;
    }
    return 1;
}

int retired_key_place(struct ledger *ledger, const char *name, int64_t generation, struct bytes *place,
                      struct faults *faults)
{
    struct ledger_authority kept;
    int found;

    if (recall(ledger, name, generation, &kept, faults) != 0) {
        return -1;
    }
    found = place_of(&kept, name, generation, place);
    if (found < 0) {
        fault_memory(faults);
    }
    return found;
}

int retired_key_is_there(int directory, struct ledger *ledger, const char *name, int64_t generation,
                         struct faults *faults)
{
    struct ledger_authority kept;
    struct bytes place = BYTES_EMPTY;
    int found;

    if (recall(ledger, name, generation, &kept, faults) != 0) {
        return -1;
    }
    found = place_of(&kept, name, generation, &place);
    if (found < 0) {
        fault_memory(faults);
    } else if (found == 1 && !token_uri_is(kept.key)) {
        found = faccessat(directory, bytes_text(&place), F_OK, 0) == 0 ? 1 : 0;
    }
    bytes_free(&place);
    return found;
}

/* ---- opening it ----------------------------------------------------------------------------------------------------- */

/* Held against the certificate; freed when it is another. */
static struct signer *check_signer(const struct retired_key *key, struct signer *signer, const char *place,
                                   struct faults *faults)
{
    struct certificate_view view;

    if (signer != NULL && (certificate_view_read(key->certificate, &view) != 0 ||
                           !slice_equal(view.spki, signer_spki(signer)))) {
        fault_error(faults, NULL, key->name, "put the right key back", "%s is not the key of generation %lld",
                    place, (long long)key->generation);
        signer_free(signer);
        signer = NULL;
    }
    return signer;
}

static struct signer *open_file(const struct retired_key *key, const char *path,
                                const struct passphrase_spec *spec, struct faults *faults)
{
    const struct bytes *passphrase = NULL;
    struct bytes content = BYTES_EMPTY;
    struct key *private_key = NULL;
    struct signer *signer = NULL;

    if (file_read(path[0] == '/' ? AT_FDCWD : key->directory, path, FILE_LIMIT_KEY, &content, faults) == 0 &&
        (!key_is_encrypted(slice_of(&content)) ||
         (passphrase = passphrases_get(key->passphrases, spec, path, false, faults)) != NULL) &&
        (private_key = key_read(key->context, slice_of(&content), passphrase, path, faults)) != NULL) {
        signer = signer_from_key(key->context, private_key, faults);
    }
    key_free(private_key);
    bytes_free(&content);
    return signer;
}

static struct signer *open_token(const struct retired_key *key, const char *uri,
                                 const struct passphrase_spec *pin, struct faults *faults)
{
    const struct entry entry = {
        .kind = ENTRY_AUTHORITY, .name = (char *)key->name, .token_uri = (char *)uri, .pin = *pin};

    return tokens_open(key->tokens, &entry, false, faults) == 1 ? tokens_take(key->tokens, &entry) : NULL;
}

struct signer *retired_key_open(const struct retired_key *key, struct faults *faults)
{
    struct ledger_authority kept;
    struct passphrase_spec spec = {.source = PASSPHRASE_NONE};
    struct bytes place = BYTES_EMPTY;
    struct signer *signer = NULL;
    const char *text;
    int found;

    if (recall(key->ledger, key->name, key->generation, &kept, faults) != 0) {
        return NULL;
    }
    found = place_of(&kept, key->name, key->generation, &place);
    if (found < 0) {
        fault_memory(faults);
    } else if (found == 0) {
        fault_error(faults, NULL, key->name, NULL, "the key of generation %lld was ephemeral, and is gone",
                    (long long)key->generation);
    }
    text = key->passphrase != NULL ? key->passphrase : kept.passphrase;
    if (text[0] == '\0' && !token_uri_is(kept.key)) {
        text = "prompt";
    }
    if (found == 1 && (text[0] == '\0' || passphrase_spec_parse(text, NULL, NULL, &spec, faults) == 0)) {
        signer = token_uri_is(kept.key) ? open_token(key, kept.key, &spec, faults)
                                        : open_file(key, bytes_text(&place), &spec, faults);
        signer = check_signer(key, signer, bytes_text(&place), faults);
    }
    passphrase_spec_free(&spec);
    bytes_free(&place);
    return signer;
}
