/* SPDX-License-Identifier: Apache-2.0 */
/* base/drbg: HMAC_DRBG gives what NIST published for it, and what OpenSSL's own gives. */
#include <criterion/criterion.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "base/drbg.h"
#include "base/hex.h"

/*
 * NIST CAVP, drbgvectors_no_reseed.zip, HMAC_DRBG.rsp, without prediction resistance and without additional input: the first of each hash,
 * without and with a personalization string. What is told is the second of two requests.
 */
static const struct vector {
    const char *digest;
    const char *entropy, *nonce, *personalization;
    const char *returned;
} vectors[] = {
    {"SHA1", "e91b63309e93d1d08e30e8d556906875", "f59747c468b0d0da", "",
     "b7928f9503a417110788f9d0c2585f8aee6fb73b220a626b3ab9825b7a9facc79723d7e1ba9255e40e65c249"
     "b6082a7bc5e3f129d3d8f69b04ed1183419d6c4f2a13b304d2c5743f41c8b0ee73225347"},
    {"SHA1", "49058e6773ed2b7ab309c0949fdf9c9e", "a457cb8ec0e7fd01", "dc477641d89c7fc4a30f1430197dd159",
     "4e891f4e281100453b70788929ec743a3c5edd9b81dc798bc93771368c39b612037b6f42f60c5d8924b64684"
     "8151b0c295be491d4a28d1927deed523fd04d3d2dda95ed42166312e5c3392d22893b0dc"},
    {"SHA2-224", "a76e77a969ab92645181f0157802523746c34bf321867641", "051ed6ba39368033adc93d4e", "",
     "8925987db5566e60520f09bdddab488292bed92cd385e5b6fc223e1919640b4e34e34575033e56c0a8f608be"
     "21d3d221c67d39abec98d81312f3a2653d55ffbf44c337c82bed314c211be23ec394399ba351c4687dce649e"
     "7c2a1ba7b0b5dab125671b1bcf9008da65cad612d95ddc92"},
    {"SHA2-224", "f6e68bb0585c84d7b9f17579ad9b9a8aa2666abf4e8b44a3", "a43311d57842ef096b66fa5e",
     "2f507e12d68a880fa70d6e5e54391538173297814e06d7fd",
     "10c2f93ca99a8e8ecf225400c804a7b368d93cee3bfa6f445920a6a912d268d691f1788baf013fb168501ca1"
     "56b571ba047d8d029dc1c1ee07fca50af699c5bc2f790acf278041518141e7dc9164c3e571b265fb8954261d"
     "92dbf20ae02fc2b780c018b6b54b4320f2b89d343307fbb2"},
    {"SHA2-256", "ca851911349384bffe89de1cbdc46e6831e44d34a4fb935ee285dd14b71a7488",
     "659ba96c601dc69fc902940805ec0ca8", "",
     "e528e9abf2dece54d47c7e75e5fe302149f817ea9fb4bee6f4199697d04d5b89d54fbb978a15b5c443c9ec21"
     "036d2460b6f73ebad0dc2aba6e624abf07745bc107694bb7547bb0995f70de25d6b29e2d3011bb19d27676c0"
     "7162c8b5ccde0668961df86803482cb37ed6d5c0bb8d50cf1f50d476aa0458bdaba806f48be9dcb8"},
    {"SHA2-256", "5cacc68165a2e2ee20812f35ec73a79dbf30fd475476ac0c44fc6174cdac2b55",
     "6f885496c1e63af620becd9e71ecb824", "e72dd8590d4ed5295515c35ed6199e9d211b8f069b3058caa6670b96ef1208d0",
     "f1012cf543f94533df27fedfbf58e5b79a3dc517a9c402bdbfc9a0c0f721f9d53faf4aafdc4b8f7a1b580fca"
     "a52338d4bd95f58966a243cdcd3f446ed4bc546d9f607b190dd69954450d16cd0e2d6437067d8b44d19a6af7"
     "a7cfa8794e5fbd728e8fb2f2e8db5dd4ff1aa275f35886098e80ff844886060da8b1e7137846b23b"},
    {"SHA2-384", "a1dc2dfeda4f3a1124e0e75ebfbe5f98cac11018221dda3fdcf8f9125d68447a",
     "bae5ea27166540515268a493a96b5187", "",
     "228293e59b1e4545a4ff9f232616fc5108a1128debd0f7c20ace837ca105cbf24c0dac1f9847dafd0d050072"
     "1ffad3c684a992d110a549a264d14a8911c50be8cd6a7e8fac783ad95b24f64fd8cc4c8b649eac2b15b363e3"
     "0df79541a6b8a1caac238949b46643694c85e1d5fcbcd9aaae6260acee660b8a79bea48e079ceb6a5eaf4993"
     "a82c3f1b758d7c53e3094eeac63dc255be6dcdcc2b51e5ca45d2b20684a5a8fa5806b96f8461ebf51bc515a7"
     "dd8c5475c0e70f2fd0faf7869a99ab6c"},
    {"SHA2-384", "2cd968bacda2bc314d2fb41fe43354fb761134eb19eec60431e2f36755b85126",
     "e3dedf2af9382a1e652143e952212d39", "59fa8235108821accbd3c14eaf76856d6a07f43383db4cc6038040b18810d53c",
     "06051ce6b2f1c34378e08caf8fe836201ff7ec2db8fc5a2519add2524d90470194b247af3a34a673298e5707"
     "0b256f59fd098632768e2d55137d6c17b1a53fe45d6ed0e31d49e64820db145014e2f038b69b7220e042a8ef"
     "c98985706ab9635451230a128aee801d4e3718ff59511c3f3ff1b20f109774a8ddc1fadf41afcc13d40096d9"
     "97948857a894d0ef8b3235c3213ba85c50c2f3d61b0d104eccfcf36c35fe5e49e7602cb1533de12f0bec613a"
     "0ed9633821957e5b7cb32f60b7c02fa4"},
    {"SHA2-512", "35049f389a33c0ecb1293238fd951f8ffd517dfde06041d32945b3e26914ba15",
     "f7328760be6168e6aa9fb54784989a11", "",
     "e76491b0260aacfded01ad39fbf1a66a88284caa5123368a2ad9330ee48335e3c9c9ba90e6cbc9429962d60c"
     "1a6661edcfaa31d972b8264b9d4562cf18494128a092c17a8da6f3113e8a7edfcd4427082bd390675e966240"
     "8144971717303d8dc352c9e8b95e7f35fa2ac9f549b292bc7c4bc7f01ee0a577859ef6e82d79ef23892d167c"
     "140d22aac32b64ccdfeee2730528a38763b24227f91ac3ffe47fb11538e435307e77481802b0f613f370ffb0"
     "dbeab774fe1efbb1a80d01154a9459e73ad361108bbc86b0914f095136cbe634555ce0bb263618dc5c367291"
     "ce0825518987154fe9ecb052b3f0a256fcc30cc14572531c9628973639beda456f2bddf6"},
    {"SHA2-512", "73529bba71a3d4b4fcf9a7edeed269dbdc3748b90df68c0d00e245de54698c77",
     "22e2d6e24501212b6f058e7c54138007", "e2cc19e31595d0e4de9e8bd3b236dec2d4b032c3dd5bf9891c284cd1bac67bdb",
     "1a73d58b7342c3c933e3ba15eedd8270988691c3794b45aa358570391571881c0d9c4289e5b198db5534c3cb"
     "8466ab48250fa67f24cb19b7038e46af56687bab7e5de3c82fa7312f54dc0f1dc93f5b03fcaa6003cae28d3d"
     "4707368c144a7aa46091822da292f97f32caf90ae3dd3e48e808ae12e633aa0410106e1ab56bc0a0d80f438e"
     "9b3492e4a3bc88d73a3904f7dd060c48ae8d7b12bf89a19551b53b3f55a511d2820e941640c845a8a0466432"
     "c5850c5b61bec5272602521125addf677e949b96782bc01a904491df08089bed004ad56e12f8ea1a200883ad"
     "72b3b9fae12b4eb65d5c2bacb3ce46c7c48464c9c29142fb35e7bc267ce852296ac042f9"},
};
#define VECTORS (sizeof(vectors) / sizeof(vectors[0]))

static void append_hex(struct bytes *bytes, const char *text)
{
    for (; *text != '\0'; text += 2) {
        cr_assert_eq(bytes_append_byte(bytes, (unsigned char)hex_octet(text)), 0);
    }
}

Test(drbg, published_vectors)
{
    for (size_t i = 0; i < VECTORS; i++) {
        struct drbg *drbg = drbg_new(NULL, vectors[i].digest);
        struct bytes material = BYTES_EMPTY;
        struct bytes expected = BYTES_EMPTY;
        unsigned char got[256];

        cr_assert_not_null(drbg);
        append_hex(&material, vectors[i].entropy);
        append_hex(&material, vectors[i].nonce);
        append_hex(&material, vectors[i].personalization);
        append_hex(&expected, vectors[i].returned);
        cr_assert_leq(expected.length, sizeof(got));
        cr_assert_eq(drbg_begin(drbg, slice_of(&material)), 0);
        cr_assert_eq(drbg_generate(drbg, got, expected.length), 0);
        cr_assert_eq(drbg_generate(drbg, got, expected.length), 0);
        cr_assert_arr_eq(got, expected.data, expected.length, "row %zu, %s", i, vectors[i].digest);
        bytes_free(&material);
        bytes_free(&expected);
        drbg_free(drbg);
    }
}

/* OpenSSL's HMAC_DRBG over @p digest below TEST-RAND, which gives what it is told to. */
static EVP_RAND_CTX *openssl_drbg(const char *digest, unsigned char *entropy, size_t entropy_length,
                                  unsigned char *nonce, size_t nonce_length)
{
    EVP_RAND *test = EVP_RAND_fetch(NULL, "TEST-RAND", NULL);
    EVP_RAND *kind = EVP_RAND_fetch(NULL, "HMAC-DRBG", NULL);
    EVP_RAND_CTX *parent = EVP_RAND_CTX_new(test, NULL);
    EVP_RAND_CTX *drbg = EVP_RAND_CTX_new(kind, parent);
    unsigned int strength = 256;
    char name[16];
    char mac[] = "HMAC";
    int length =
        snprintf(name, sizeof(name), "%s", digest); /* OpenSSL would ask for its length before it is there */
    OSSL_PARAM source[] = {
        OSSL_PARAM_construct_octet_string(OSSL_RAND_PARAM_TEST_ENTROPY, entropy, entropy_length),
        OSSL_PARAM_construct_octet_string(OSSL_RAND_PARAM_TEST_NONCE, nonce, nonce_length),
        OSSL_PARAM_construct_uint(OSSL_RAND_PARAM_STRENGTH, &strength), OSSL_PARAM_construct_end()};
    OSSL_PARAM settings[] = {OSSL_PARAM_construct_utf8_string(OSSL_DRBG_PARAM_DIGEST, name, (size_t)length),
                             OSSL_PARAM_construct_utf8_string(OSSL_DRBG_PARAM_MAC, mac, 0),
                             OSSL_PARAM_construct_end()};

    cr_assert_eq(EVP_RAND_CTX_set_params(parent, source), 1);
    cr_assert_eq(EVP_RAND_CTX_set_params(drbg, settings), 1);
    cr_assert_eq(EVP_RAND_instantiate(drbg, 0, 0, (const unsigned char *)"purpose", 7, NULL), 1);
    EVP_RAND_CTX_free(parent);
    EVP_RAND_free(kind);
    EVP_RAND_free(test);
    return drbg;
}

Test(drbg, agrees_with_openssls)
{
    static const char *const digests[] = {"SHA2-256", "SHA2-384", "SHA2-512"};
    static const size_t lengths[] = {1, 31, 32, 33, 64, 65, 200, 16384};

    for (size_t i = 0; i < 3; i++) {
        unsigned char entropy[32]; /* what it asks for at a strength of 256 bits */
        unsigned char nonce[16];
        unsigned char ours[16384];
        unsigned char theirs[16384];
        struct bytes material = BYTES_EMPTY;
        struct drbg *drbg = drbg_new(NULL, digests[i]);
        EVP_RAND_CTX *other;

        memset(entropy, (int)(0x10 + i), sizeof(entropy));
        memset(nonce, (int)(0xa0 + i), sizeof(nonce));
        other = openssl_drbg(digests[i], entropy, sizeof(entropy), nonce, sizeof(nonce));
        cr_assert_eq(bytes_append(&material, entropy, sizeof(entropy)), 0);
        cr_assert_eq(bytes_append(&material, nonce, sizeof(nonce)), 0);
        cr_assert_eq(bytes_append_text(&material, "purpose"), 0);
        cr_assert_eq(drbg_begin(drbg, slice_of(&material)), 0);
        for (size_t j = 0; j < sizeof(lengths) / sizeof(lengths[0]); j++) {
            cr_assert_eq(drbg_generate(drbg, ours, lengths[j]), 0);
            cr_assert_eq(EVP_RAND_generate(other, theirs, lengths[j], 0, 0, NULL, 0), 1);
            cr_assert_arr_eq(ours, theirs, lengths[j], "%s, %zu octets", digests[i], lengths[j]);
        }
        EVP_RAND_CTX_free(other);
        drbg_free(drbg);
        bytes_free(&material);
    }
}

/* More than one request may give is cut into requests (2^19 bits). */
Test(drbg, long_requests_are_cut)
{
    static unsigned char whole[65536 + 100];
    static unsigned char parts[65536 + 100];
    struct drbg *drbg = drbg_new(NULL, "SHA2-256");

    cr_assert_eq(drbg_begin(drbg, slice_of_text("material")), 0);
    cr_assert_eq(drbg_generate(drbg, whole, sizeof(whole)), 0);
    cr_assert_eq(drbg_begin(drbg, slice_of_text("material")), 0);
    cr_assert_eq(drbg_generate(drbg, parts, 65536), 0);
    cr_assert_eq(drbg_generate(drbg, parts + 65536, 100), 0);
    cr_assert_arr_eq(whole, parts, sizeof(whole));
    drbg_free(drbg);
}

Test(drbg, begins_anew)
{
    struct drbg *drbg = drbg_new(NULL, "SHA2-512");
    unsigned char first[40];
    unsigned char again[40];

    cr_assert_eq(drbg_begin(drbg, slice_of_text("one")), 0);
    cr_assert_eq(drbg_generate(drbg, first, sizeof(first)), 0);
    cr_assert_eq(drbg_generate(drbg, again, sizeof(again)), 0);
    cr_assert_arr_neq(first, again, sizeof(first));
    cr_assert_eq(drbg_begin(drbg, slice_of_text("two")), 0);
    cr_assert_eq(drbg_generate(drbg, again, sizeof(again)), 0);
    cr_assert_arr_neq(first, again, sizeof(first));
    cr_assert_eq(drbg_begin(drbg, slice_of_text("one")), 0);
    cr_assert_eq(drbg_generate(drbg, again, sizeof(again)), 0);
    cr_assert_arr_eq(first, again, sizeof(first));
    drbg_free(drbg);
}

Test(drbg, no_such_hash)
{
    cr_assert_null(drbg_new(NULL, "SHA2-257"));
    drbg_free(NULL);
}
