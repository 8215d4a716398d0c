/* SPDX-License-Identifier: Apache-2.0 */
/* From when to when a certificate is valid. */
#include "x509/issuer.h"

int validity_resolve(const struct validity *validity, const struct duration *backdate, instant now,
                     instant ceiling, instant *not_before, instant *not_after, bool *clipped,
                     const char **why)
{
    instant from = validity->fixed_from ? validity->from : instant_subtract(now, backdate);
    instant until = validity->fixed_until
                        ? validity->until
                        : instant_add(validity->fixed_from ? validity->from : now, &validity->duration);
    bool clip = !validity->fixed_until && until > ceiling;

    if (validity->fixed_until && until > ceiling) {
        *why = "ends after its issuer's certificate does";
        return -1;
    }
    if (clip) {
        until = ceiling;
    }
    if (until < from) {
        *why = clip ? "would begin after its issuer's certificate has ended" : "ends before it begins";
        return -1;
    }
    *not_before = from;
    *not_after = until;
    *clipped = clip;
    return 0;
}
