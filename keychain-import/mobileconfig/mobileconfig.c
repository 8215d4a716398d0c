/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration profiles with anchors. */
#include "mobileconfig/mobileconfig.h"

#include <stdlib.h>

#include "base/digest.h"
#include "x509/certificate.h"
#include "x509/name.h"

bool mobileconfig_available(void)
{
#ifdef MTLSKIT_PLIST
    return true;
#else
    return false;
#endif
}

int mobileconfig_takes(const struct item *item, struct faults *faults)
{
    if (item->host != NULL) {
        fault_error(faults, NULL, NULL, "set the trust on that Mac itself, in a session with a screen",
                    "a configuration profile cannot limit an anchor to the host \"%s\"", item->host);
        return -1;
    }
    if ((item->scope & SCOPE_SERVER) == 0) {
        fault_error(
            faults, NULL, NULL, "set the trust on that Mac itself, in a session with a screen",
            "a configuration profile cannot limit an anchor to clients: it could vouch for every server");
        return -1;
    }
    if (item->scope == SCOPE_SERVER) {
        fault_warning(faults, NULL, NULL, NULL,
                      "a configuration profile trusts an anchor for clients, too, not for servers alone");
    }
    return 0;
}

#ifdef MTLSKIT_PLIST

#include <plist/plist.h>

/* An identifier and a UUID that always come out the same for the same bytes. */
struct names {
    char identifier[96];
    char uuid[37];
};

/* A UUID of version 8 (RFC 9562 section 5.8): 122 bits of a digest. In capitals, as Apple writes them. */
static int name(const struct context *context, const char *what, const struct slice *parts, size_t count,
                struct names *names)
{
    static const char digits[] = "0123456789ABCDEF";
    struct digester *digester = digester_new(context);
    struct digest digest;
    size_t used = 0;
    int status = -1;

    if (digester == NULL) {
        return -1;
    }
    digester_add_field(digester, slice_of_text(what));
    for (size_t i = 0; i < count; i++) {
        digester_add_field(digester, parts[i]);
    }
    if (digester_final(digester, &digest) == 0) {
        digest.octets[6] = (unsigned char)((digest.octets[6] & 0x0f) | 0x80);
        digest.octets[8] = (unsigned char)((digest.octets[8] & 0x3f) | 0x80);
        for (size_t i = 0; i < 16; i++) {
            if (i == 4 || i == 6 || i == 8 || i == 10) {
                names->uuid[used++] = '-';
            }
            names->uuid[used++] = digits[digest.octets[i] >> 4];
            names->uuid[used++] = digits[digest.octets[i] & 0x0f];
        }
        names->uuid[used] = '\0';
        status = 0;
    }
    digester_free(digester);
    if (status == 0) {
        struct bytes identifier = BYTES_EMPTY;

        status = bytes_printf(&identifier, "mtlskit.%s.%s", what, names->uuid);
        for (size_t i = 0; status == 0 && i <= identifier.length && i < sizeof(names->identifier); i++) {
            names->identifier[i] = bytes_text(&identifier)[i];
        }
        bytes_free(&identifier);
    }
    return status;
}

static void put_text(plist_t dictionary, const char *key, const char *text)
{
    plist_dict_set_item(dictionary, key, plist_new_string(text));
}

/* What every payload has, the whole of them too. */
static void put_common(plist_t dictionary, const char *type, const struct names *names, const char *shown)
{
    put_text(dictionary, "PayloadType", type);
    plist_dict_set_item(dictionary, "PayloadVersion", plist_new_uint(1));
    put_text(dictionary, "PayloadIdentifier", names->identifier);
    put_text(dictionary, "PayloadUUID", names->uuid);
    put_text(dictionary, "PayloadDisplayName", shown);
}

/* What people see: the subject's CN, or all of it. XML has no control characters, not even escaped. */
static int show(const struct certificate_view *view, struct bytes *shown)
{
    int status = 0;

    if (name_common_name(view->subject, shown) != 1) {
        bytes_clear(shown);
        status = name_format(view->subject, shown);
    }
    for (size_t i = 0; i < shown->length; i++) {
        if (shown->data[i] < ' ' || shown->data[i] == 0x7f) {
            shown->data[i] = ' ';
        }
    }
    return status;
}

/* One anchor's payload. -1 with a fault. */
static int add_anchor(const struct context *context, struct slice anchor, plist_t payloads,
                      struct bytes *shown, struct faults *faults)
{
    struct certificate_view view;
    struct names names;
    plist_t payload = NULL;
    bool root = false;

    bytes_clear(shown);
    if (certificate_view_read(anchor, &view) != 0 || show(&view, shown) != 0) {
        fault_error(faults, NULL, NULL, NULL, "an anchor for the profile is no certificate");
        return -1;
    }
    if (name(context, "anchor", &anchor, 1, &names) != 0) {
        fault_memory(faults);
        return -1;
    }
    root = slice_equal(view.issuer, view.subject);
    payload = plist_new_dict();
    put_common(payload, root ? "com.apple.security.root" : "com.apple.security.pkcs1", &names,
               bytes_text(shown));
    put_text(payload, "PayloadCertificateFileName", "anchor.cer");
    plist_dict_set_item(payload, "PayloadContent",
                        plist_new_data((const char *)anchor.data, (uint64_t)anchor.length));
    plist_array_append_item(payloads, payload);
    return 0;
}

/* The list as XML; what libplist gives is malloc's. */
static int write_xml(plist_t list, struct bytes *profile)
{
    char *xml = NULL;
    uint32_t length = 0;
    int status = -1;

    plist_to_xml(list, &xml, &length);
    if (xml != NULL) {
        status = bytes_append(profile, xml, length);
    }
    free(xml);
    return status;
}

int mobileconfig_write(const struct context *context, const struct slice *anchors, size_t count,
                       struct bytes *profile, struct faults *faults)
{
    plist_t list = plist_new_dict();
    plist_t payloads = plist_new_array();
    struct bytes shown = BYTES_EMPTY;
    struct bytes title = BYTES_EMPTY;
    struct names names;
    int status = -1;

    if (count == 0 || count > MOBILECONFIG_ANCHORS_MAX) {
        fault_error(faults, NULL, NULL, NULL, "a profile carries 1 to %d anchors, not %zu",
                    MOBILECONFIG_ANCHORS_MAX, count);
        goto out;
    }
    for (size_t i = 0; i < count; i++) {
        if (add_anchor(context, anchors[i], payloads, &shown, faults) != 0) {
            goto out;
        }
    }
    if (name(context, "profile", anchors, count, &names) != 0 ||
        (count == 1 ? bytes_printf(&title, "Trust in %s", bytes_text(&shown))
                    : bytes_printf(&title, "Trust in %zu authorities", count)) != 0) {
        fault_memory(faults);
        goto out;
    }
    put_common(list, "Configuration", &names, bytes_text(&title));
    put_text(list, "PayloadScope", "System");
    plist_dict_set_item(list, "PayloadContent", payloads);
    payloads = NULL;
    status = write_xml(list, profile);
    if (status != 0) {
        fault_memory(faults);
    }
out:
    bytes_free(&title);
    bytes_free(&shown);
    plist_free(payloads);
    plist_free(list);
    return status;
}

#else

int mobileconfig_write(const struct context *context, const struct slice *anchors, size_t count,
                       struct bytes *profile, struct faults *faults)
{
    (void)context;
    (void)anchors;
    (void)count;
    (void)profile;
    fault_error(faults, NULL, NULL, "build it with libplist",
                "this build cannot write configuration profiles");
    return -1;
}

#endif
