/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening, making and closing a database.
 *
 * A database's pkcs11.txt names modules, libraries that NSS loads into the process, and a file libnssckbi.so beside a database is loaded
 * for its roots. Both are somebody's code: NSS_INIT_NOMODDB and NSS_INIT_NOROOTINIT leave them alone.
 */
#include "nss/database.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nss.h>
#include <secerr.h>

/* The files of a database, and those of the form before. */
static const char *const files[] = {"cert9.db", "key4.db"};
static const char *const old_files[] = {"cert8.db", "key3.db"};
#define FILE_COUNT (sizeof(files) / sizeof(files[0]))

int nss_error_describe(PRErrorCode error, struct bytes *text)
{
    const char *words = PR_ErrorToString(error, PR_LANGUAGE_I_DEFAULT);

    if (error == 0) {
        return bytes_append_text(text, "NSS gives no reason");
    }
    if (words == NULL || *words == '\0' || strncmp(words, "Unknown code", 12) == 0) {
        return bytes_printf(text, "NSS error %d", (int)error);
    }
    /* NSS ends some with a full stop */
    return bytes_append(text, words, strlen(words) - (words[strlen(words) - 1] == '.' ? 1 : 0));
}

void nss_complain(const struct nss_database *database, struct faults *faults, const char *hint,
                  const char *format, ...)
{
    PRErrorCode error = PR_GetError();
    struct bytes reason = BYTES_EMPTY;
    char what[256];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(what, sizeof(what), format, arguments);
    va_end(arguments);
    if (nss_error_describe(error, &reason) != 0) {
        fault_memory(faults);
    } else {
        fault_error(faults, NULL, NULL, hint, "%s: %s: %s", bytes_text(&database->name), what,
                    bytes_text(&reason));
    }
    bytes_free(&reason);
}

SECItem nss_item_of(struct slice slice)
{
    SECItem item = {siBuffer, NULL, (unsigned int)slice.length};

    memcpy(&item.data, &slice.data, sizeof(item.data));
    return item;
}

struct slice nss_slice_of(const SECItem *item)
{
    return (struct slice){item->data, item->len};
}

/** Append FOLDER/NAME. */
static int join(const struct nss_database *database, const char *name, struct bytes *path)
{
    return bytes_printf(path, "%s/%s", bytes_text(&database->folder), name);
}

/** Whether one of @p names is in the folder; -1 with a fault. */
static int any_exists(const struct nss_database *database, const char *const *names, struct faults *faults)
{
    struct bytes path = BYTES_EMPTY;
    int found = 0;

    for (size_t i = 0; i < FILE_COUNT && found == 0; i++) {
        bytes_clear(&path);
        if (join(database, names[i], &path) != 0) {
            fault_memory(faults);
            found = -1;
        } else if (access(bytes_text(&path), F_OK) == 0) {
            found = 1;
        } else if (errno != ENOENT && errno != ENOTDIR) {
            fault_system(faults, errno, bytes_text(&path), NULL, "%s: cannot be looked at",
                         bytes_text(&database->name));
            found = -1;
        }
    }
    bytes_free(&path);
    return found;
}

/* NSS asks for the password with this. It wipes and frees what it gets. */
static char *give_passphrase(PK11SlotInfo *slot, PRBool again, void *argument)
{
    const struct nss_database *database = argument;

    (void)slot;
    if (again || database == NULL || !database->has_passphrase) {
        return NULL;
    }
    return PORT_Strdup(bytes_text(&database->passphrase));
}

/** The password, if it has one. */
static int log_in(struct nss_database *database, struct faults *faults)
{
    if (PK11_NeedUserInit(database->slot) || !PK11_NeedLogin(database->slot)) {
        return 0;
    }
    if (!database->has_passphrase) {
        fault_error(faults, NULL, NULL, "give it with --keychain-passphrase",
                    "%s: this database has a password, and none is at hand", bytes_text(&database->name));
        return -1;
    }
    if (PK11_Authenticate(database->slot, PR_TRUE, database) != SECSuccess) {
        fault_error(faults, NULL, NULL, NULL, "%s: the password is not that of this database",
                    bytes_text(&database->name));
        return -1;
    }
    return 0;
}

/** What to do about a database that NSS does not open. */
static const char *unopened_hint(const struct nss_database *database)
{
    return database->made ? NULL
                          : "another program may keep it locked: close the browser that uses it; or it is "
                            "damaged, or none";
}

static int start(struct nss_database *database, struct faults *faults)
{
    struct bytes where = BYTES_EMPTY;
    PRUint32 flags = NSS_INIT_NOMODDB | NSS_INIT_NOROOTINIT;
    int result = -1;

    if (!database->writing) {
        flags |= NSS_INIT_READONLY;
    }
    if (bytes_printf(&where, "sql:%s", bytes_text(&database->folder)) != 0) {
        fault_memory(faults);
        goto done;
    }
    if (NSS_Initialize(bytes_text(&where), "", "", "secmod.db", flags) != SECSuccess) {
        nss_complain(database, faults, unopened_hint(database), "this database cannot be opened");
        goto done;
    }
    database->open = true;
    PK11_SetPasswordFunc(give_passphrase);
    database->slot = PK11_GetInternalKeySlot();
    if (database->slot == NULL) {
        nss_complain(database, faults, unopened_hint(database), "this database cannot be opened");
        goto done;
    }
    result = log_in(database, faults);

done:
    bytes_free(&where);
    return result;
}

/** Where no database is, one can be made as far as the name goes: -1 with a fault when it, or one above it, is something else than a folder. */
static int check_folder(const struct nss_database *database, struct faults *faults)
{
    struct stat status;
    int error = 0;

    if (stat(bytes_text(&database->folder), &status) != 0) {
        error = errno == ENOTDIR ? ENOTDIR : 0;
    } else if (!S_ISDIR(status.st_mode)) {
        error = ENOTDIR;
    }
    if (error != 0) {
        fault_system(faults, error, NULL, "name a folder: nss:sql:DIR", "%s: no database can be there",
                     bytes_text(&database->name));
    }
    return error == 0 ? 0 : -1;
}

int nss_database_open(struct nss_database *database, const char *folder, const struct bytes *passphrase,
                      bool writing, struct faults *faults)
{
    int there;

    memset(database, 0, sizeof(*database));
    database->writing = writing;
    if (bytes_append_text(&database->folder, folder) != 0 ||
        bytes_printf(&database->name, "nss:sql:%s", folder) != 0 ||
        (passphrase != NULL &&
         bytes_append(&database->passphrase, passphrase->data, passphrase->length) != 0)) {
        fault_memory(faults);
        return -1;
    }
    database->has_passphrase = passphrase != NULL;
    if (passphrase != NULL && strlen(bytes_text(passphrase)) != passphrase->length) {
        fault_error(faults, NULL, NULL, NULL, "%s: a password with a NUL in it is none that NSS takes",
                    bytes_text(&database->name));
        return -1;
    }
    there = any_exists(database, files, faults);
    if (there == 0) {
        there = any_exists(database, old_files, faults);
        if (there > 0) {
            fault_error(faults, NULL, NULL, "bring it to the new form first: certutil -L -d sql:DIR -X",
                        "%s: in this folder is a database of NSS's old form (cert8.db, key3.db)",
                        bytes_text(&database->name));
            there = -1;
        }
        return there == 0 ? check_folder(database, faults) : there;
    }
    return there < 0 ? -1 : start(database, faults);
}

/** Make the folder and those above it that are missing. */
static int make_folders(struct nss_database *database, struct faults *faults)
{
    struct bytes path = BYTES_EMPTY;
    const char *whole = bytes_text(&database->folder);
    int result = -1;

    for (const char *end = whole; end != NULL;) {
        end = strchr(end + 1, '/');
        bytes_clear(&path);
        if (bytes_append(&path, whole, end != NULL ? (size_t)(end - whole) : strlen(whole)) != 0) {
            fault_memory(faults);
            goto done;
        }
        if (mkdir(bytes_text(&path), 0700) == 0) {
            database->folders_made++;
        } else if (errno != EEXIST) {
            fault_system(faults, errno, bytes_text(&path), NULL,
                         "%s: a folder for the database cannot be made", bytes_text(&database->name));
            goto done;
        }
    }
    result = 0;

done:
    bytes_free(&path);
    return result;
}

int nss_database_prepare(struct nss_database *database, struct faults *faults)
{
    const char *passphrase = database->has_passphrase ? bytes_text(&database->passphrase) : "";

    if (!database->open) {
        database->made = true;
        if (make_folders(database, faults) != 0 || start(database, faults) != 0) {
            return -1;
        }
    }
    /* Without a password, even an empty one, NSS can keep no key and vouch for no trust. */
    if (PK11_NeedUserInit(database->slot) && PK11_InitPin(database->slot, NULL, passphrase) != SECSuccess) {
        nss_complain(database, faults, NULL, "its password cannot be set");
        return -1;
    }
    return log_in(database, faults);
}

/** Neither certificates nor keys are in it; of keys, neither private ones nor those that Firefox locks its passwords with. */
static bool is_empty(const struct nss_database *database)
{
    CERTCertList *certificates = PK11_ListCertsInSlot(database->slot);
    SECKEYPrivateKeyList *keys = PK11_ListPrivateKeysInSlot(database->slot);
    PK11SymKey *secret = PK11_ListFixedKeysInSlot(database->slot, NULL, NULL);
    bool empty = certificates != NULL && CERT_LIST_EMPTY(certificates) && secret == NULL &&
                 (keys == NULL || PRIVKEY_LIST_END(PRIVKEY_LIST_HEAD(keys), keys));

    if (certificates != NULL) {
        CERT_DestroyCertList(certificates);
    }
    if (keys != NULL) {
        SECKEY_DestroyPrivateKeyList(keys);
    }
    while (secret != NULL) {
        PK11SymKey *next = PK11_GetNextSymKey(secret);

        PK11_FreeSymKey(secret);
        secret = next;
    }
    return empty;
}

/**
 * Whether the database is to go: it was made now, or emptied now, and nobody else has used it: browsers and certutil put a pkcs11.txt beside
 * every database that they make or open for writing, and we do not. One that was there with a password is somebody's work, and stays.
 */
static bool is_superfluous(const struct nss_database *database)
{
    struct bytes list = BYTES_EMPTY;
    bool ours = database->made || (database->taken && !PK11_NeedLogin(database->slot));
    bool superfluous = ours && join(database, "pkcs11.txt", &list) == 0 &&
                       access(bytes_text(&list), F_OK) != 0 && errno == ENOENT && is_empty(database);

    bytes_free(&list);
    return superfluous;
}

/** Remove the database, and the folders that nss_database_prepare made. */
static int unmake(struct nss_database *database, struct faults *faults)
{
    struct bytes path = BYTES_EMPTY;
    char *folder = (char *)database->folder.data;
    int result = 0;

    for (size_t i = 0; i < FILE_COUNT && result == 0; i++) {
        bytes_clear(&path);
        if (join(database, files[i], &path) != 0) {
            fault_memory(faults);
            result = -1;
        } else if (unlink(bytes_text(&path)) != 0 && errno != ENOENT) {
            fault_system(faults, errno, bytes_text(&path), NULL, "cannot be removed again");
            result = -1;
        }
    }
    /* from the last part upwards; what somebody else put there keeps its folder */
    for (size_t i = 0; i < database->folders_made && result == 0; i++) {
        if (rmdir(folder) != 0) {
            break;
        }
        *strrchr(folder, '/') = '\0';
    }
    bytes_free(&path);
    return result;
}

int nss_database_close(struct nss_database *database, struct faults *faults)
{
    bool remove = database->made;
    int result = 0;

    if (database->slot != NULL) {
        remove = is_superfluous(database);
        PK11_FreeSlot(database->slot);
        database->slot = NULL;
    }
    if (database->open && NSS_Shutdown() != SECSuccess) {
        nss_complain(database, faults, NULL, "it was not closed cleanly");
        result = -1;
    }
    if (remove && unmake(database, faults) != 0) {
        result = -1;
    }
    bytes_free(&database->folder);
    bytes_free(&database->name);
    bytes_free(&database->passphrase);
    memset(database, 0, sizeof(*database));
    return result;
}
