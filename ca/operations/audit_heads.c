/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The heads of the log that lie beside the lists. NAME.crl.head may still be that of a key the authority had before, until the new one
 * has a list: the key it names tells.
 */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "operations/auditing.h"
#include "x509/certificate.h"

/* Which of the authority's keys the head names; the authority itself when none. */
static const struct audited_authority *
find_signer(const struct auditing *auditing, const struct audited_authority *authority, struct slice text)
{
    struct crl_head head;

    if (crl_head_read(text, &head) == 0) {
        for (size_t i = 0; i < auditing->authority_count; i++) {
            const struct audited_authority *other = &auditing->authorities[i];

            if (other->issuer.length != 0 && strcmp(other->name, authority->name) == 0 &&
                digest_equal(&other->spki, &head.key)) {
                return other;
            }
        }
    }
    return authority;
}

static int check_head(struct auditing *auditing, const struct audited_authority *authority, const char *path)
{
    struct bytes text = BYTES_EMPTY;
    const struct audited_authority *signer;
    struct certificate_view view;
    struct audited_head *head;
    const char *why = NULL;
    int status = -1;

    if (file_read(auditing->directory->folder, path, CRL_HEAD_MAX, &text, auditing->faults) != 0 ||
        audit_grow(auditing, (void **)&auditing->heads, auditing->head_count, sizeof(*auditing->heads)) !=
            0) {
        goto out;
    }
    signer = find_signer(auditing, authority, slice_of(&text));
    head = &auditing->heads[auditing->head_count];
    memset(head, 0, sizeof(*head));
    head->generation = signer->generation;
    (void)snprintf(head->path, sizeof(head->path), "%s", path);
    if (certificate_view_read(slice_of(&signer->der), &view) != 0) {
        status = 0; /* told of the row */
    } else if (crl_head_verify(auditing->context, slice_of(&text), view.spki, &head->head, &why) != 0) {
        status = audit_tell(auditing, "head-signature", true, path, "%s", why);
    } else {
        auditing->head_count++;
        auditing->totals->heads++;
        status = 0;
    }
out:
    bytes_free(&text);
    return status;
}

int audit_heads(struct auditing *auditing)
{
    struct bytes path = BYTES_EMPTY;
    int status = 0;

    for (size_t i = 0; i < auditing->authority_count && status == 0; i++) {
        const struct audited_authority *authority = &auditing->authorities[i];

        status = audit_list_path(auditing, authority, REVOCATION_LIST_HEAD, &path);
        if (status == 0 && !audit_seen_before(auditing, i) && audit_is_there(auditing, bytes_text(&path))) {
            status = check_head(auditing, authority, bytes_text(&path));
        }
    }
    bytes_free(&path);
    return status;
}
