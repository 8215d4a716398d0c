/* SPDX-License-Identifier: Apache-2.0 */
/* The URLs of a profile: `crl_url:`, `ocsp_url:` and `ca_issuers_url:`. */
#include "manifest/url_fields.h"

#include <stdlib.h>
#include <string.h>

#include "manifest/value.h"
#include "x509/general_name.h"
#include "x509/profile.h"

#define LIST_MAX 64
#define URL_MAX  2000

/** Whether @p text is a URL that may stand in a certificate; else a complaint. -1 when memory is out. */
static int check_url(const char *text, const struct node *node, const struct path *path, bool *good,
                     struct faults *faults)
{
    struct bytes san = BYTES_EMPTY, der = BYTES_EMPTY;
    const char *why = NULL;
    int status = -1;

    *good = false;
    if (strlen(text) > URL_MAX) {
        field_error(faults, node, path, NULL, "has more than %d bytes", URL_MAX);
        return 0;
    }
    if (bytes_printf(&san, "uri:%s", text) == 0) {
        *good = general_name_parse(bytes_text(&san), NULL, &der, &why) == 0;
        if (!*good) {
            field_error(faults, node, path, "http://example.com/ca.crl", "%s %s", field_quoted(text).text,
                        why != NULL ? why : "is not a URI");
        }
        status = 0;
    } else {
        fault_memory(faults);
    }
    bytes_free(&san);
    bytes_free(&der);
    return status;
}

static int add_crl_url(void *state, const char *text, const struct node *node, const struct path *path,
                       struct faults *faults)
{
    struct profile *profile = state;
    char **grown, *copy;
    bool good = false;

    if (check_url(text, node, path, &good, faults) != 0) {
        return -1;
    }
    if (!good) {
        return 0;
    }
    if (profile->crl_url_count == LIST_MAX) {
        field_error(faults, node, path, NULL, "more than %d items", LIST_MAX);
        return 0;
    }
    copy = strdup(text);
    grown = realloc(profile->crl_urls, (profile->crl_url_count + 1) * sizeof(*grown));
    if (grown != NULL) {
        profile->crl_urls = grown;
    }
    if (copy == NULL || grown == NULL) {
        free(copy);
        fault_memory(faults);
        return -1;
    }
    grown[profile->crl_url_count++] = copy;
    return 0;
}

int url_fields_read_crl(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    struct profile *profile = target;

    while (profile->crl_url_count > 0) {
        free(profile->crl_urls[--profile->crl_url_count]);
    }
    return value_each_text(node, path, true, add_crl_url, profile, faults);
}

static int read_url(const struct node *node, const struct path *path, char **url, struct faults *faults)
{
    const char *text = NULL;
    bool good = false;
    int status = field_text(node, path, &text, faults);

    if (status == 0) {
        status = check_url(text, node, path, &good, faults);
    }
    if (good) {
        status = field_string(node, path, url, faults);
    }
    return status < 0 ? -1 : 0;
}

int url_fields_read_ocsp(const struct node *node, const struct path *path, void *target,
                         struct faults *faults)
{
    return read_url(node, path, &((struct profile *)target)->ocsp_url, faults);
}

int url_fields_read_ca_issuers(const struct node *node, const struct path *path, void *target,
                               struct faults *faults)
{
    return read_url(node, path, &((struct profile *)target)->ca_issuers_url, faults);
}
