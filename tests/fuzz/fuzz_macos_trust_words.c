/* SPDX-License-Identifier: Apache-2.0 */
/* Words of trust settings: what is read and written again is the same settings, and what is refused leaves nothing. */
#include <stdint.h>
#include <stdlib.h>

#include "macos/trust_words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct trust_settings settings = {0};
    struct trust_settings again = {0};
    struct bytes words = BYTES_EMPTY;
    const char *host = NULL;

    if (trust_words_read((struct slice){data, size}, &settings) == 0) {
        require(settings.count <= TRUST_SETTINGS_MAX && settings.present == (size > 0));
        require(trust_settings_scope(&settings, &host) != SCOPE_NONE || host == NULL);
        require(trust_words_write(&settings, &words) == 0 && words.length <= TRUST_WORDS_MAX * 4);
        require(trust_words_read(slice_of(&words), &again) == 0 || words.length > TRUST_WORDS_MAX);
        require(words.length > TRUST_WORDS_MAX || trust_settings_equal(&settings, &again));
    } else {
        require(settings.all == NULL && settings.count == 0 && !settings.present);
    }
    trust_settings_free(&again);
    trust_settings_free(&settings);
    bytes_free(&words);
    return 0;
}
