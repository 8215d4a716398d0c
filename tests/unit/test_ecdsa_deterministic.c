/* SPDX-License-Identifier: Apache-2.0 */
/* x509/ecdsa_deterministic: the signatures that RFC 6979 prints, and that OpenSSL takes them. */
#include <criterion/criterion.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/param_build.h>

#include "base/fault.h"
#include "base/hex.h"
#include "x509/der.h"
#include "x509/ecdsa_deterministic.h"
#include "x509/key.h"

enum curve { P256, P384, P521, K163, B163, CURVES };

/*
 * RFC 6979 appendices A.2.5 to A.2.8 and A.2.13: the private keys. On K-163 and B-163 every second nonce of the stream is past the
 * order, and the next is taken.
 */
static const struct {
    const char *group, *private;
} curves[CURVES] = {
    {"prime256v1", "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721"},
    {"secp384r1", "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825f872c9ea"
                  "60d2edf5"},
    {"secp521r1", "fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75caa896eb32f1f47c70855836a6"
                  "d16fcc1466f6d8fbec67db89ec0c08b0e996b83538"},
    {"sect163k1", "09a4d6792295a7f730fc3f2b49cbc0f62e862272f"},
    {"sect163r2", "35318fc447d48d7e6bc93b48617dddedf26aa658f"},
};

/* The same appendices: r and s over "sample" and "test". */
static const struct vector {
    enum curve curve;
    const char *digest, *message;
    const char *r, *s;
} vectors[] = {
    {P256, "SHA1", "sample", "61340c88c3aaebeb4f6d667f672ca9759a6ccaa9fa8811313039ee4a35471d32",
     "6d7f147dac089441bb2e2fe8f7a3fa264b9c475098fdcf6e00d7c996e1b8b7eb"},
    {P256, "SHA224", "sample", "53b2fff5d1752b2c689df257c04c40a587fababb3f6fc2702f1343af7ca9aa3f",
     "b9afb64fdc03dc1a131c7d2386d11e349f070aa432a4acc918bea988bf75c74c"},
    {P256, "SHA256", "sample", "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716",
     "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"},
    {P256, "SHA384", "sample", "0eafea039b20e9b42309fb1d89e213057cbf973dc0cfc8f129edddc800ef7719",
     "4861f0491e6998b9455193e34e7b0d284ddd7149a74b95b9261f13abde940954"},
    {P256, "SHA512", "sample", "8496a60b5e9b47c825488827e0495b0e3fa109ec4568fd3f8d1097678eb97f00",
     "2362ab1adbe2b8adf9cb9edab740ea6049c028114f2460f96554f61fae3302fe"},
    {P256, "SHA1", "test", "0cbcc86fd6abd1d99e703e1ec50069ee5c0b4ba4b9ac60e409e8ec5910d81a89",
     "01b9d7b73dfaa60d5651ec4591a0136f87653e0fd780c3b1bc872ffdeae479b1"},
    {P256, "SHA224", "test", "c37edb6f0ae79d47c3c27e962fa269bb4f441770357e114ee511f662ec34a692",
     "c820053a05791e521fcaad6042d40aea1d6b1a540138558f47d0719800e18f2d"},
    {P256, "SHA256", "test", "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367",
     "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083"},
    {P256, "SHA384", "test", "83910e8b48bb0c74244ebdf7f07a1c5413d61472bd941ef3920e623fbccebeb6",
     "8ddbec54cf8cd5874883841d712142a56a8d0f218f5003cb0296b6b509619f2c"},
    {P256, "SHA512", "test", "461d93f31b6540894788fd206c07cfa0cc35f46fa3c91816fff1040ad1581a04",
     "39af9f15de0db8d97e72719c74820d304ce5226e32dedae67519e840d1194e55"},
    {P384, "SHA1", "sample",
     "ec748d839243d6fbef4fc5c4859a7dffd7f3abddf72014540c16d73309834fa37b9ba002899f6fda3a4a9386"
     "790d4eb2",
     "a3bcfa947beef4732bf247ac17f71676cb31a847b9ff0cbc9c9ed4c1a5b3facf26f49ca031d4857570ccb5ca"
     "4424a443"},
    {P384, "SHA224", "sample",
     "42356e76b55a6d9b4631c865445dbe54e056d3b3431766d0509244793c3f9366450f76ee3de43f5a125333a6"
     "be060122",
     "9da0c81787064021e78df658f2fbb0b042bf304665db721f077a4298b095e4834c082c03d83028efbf93a3c2"
     "3940ca8d"},
    {P384, "SHA256", "sample",
     "21b13d1e013c7fa1392d03c5f99af8b30c570c6f98d4ea8e354b63a21d3daa33bde1e888e63355d92fa2b3c3"
     "6d8fb2cd",
     "f3aa443fb107745bf4bd77cb3891674632068a10ca67e3d45db2266fa7d1feebefdc63eccd1ac42ec0cb8668"
     "a4fa0ab0"},
    {P384, "SHA384", "sample",
     "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e44acf96e36dd1e"
     "80fabe46",
     "99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94fa329c145786e679e7b82c71a"
     "38628ac8"},
    {P384, "SHA512", "sample",
     "ed0959d5880ab2d869ae7f6c2915c6d60f96507f9cb3e047c0046861da4a799cfe30f35cc900056d7c99cd78"
     "82433709",
     "512c8cceee3890a84058ce1e22dbc2198f42323ce8aca9135329f03c068e5112dc7cc3ef3446defceb01a45c"
     "2667fdd5"},
    {P384, "SHA1", "test",
     "4bc35d3a50ef4e30576f58cd96ce6bf638025ee624004a1f7789a8b8e43d0678acd9d29876daf46638645f7f"
     "404b11c7",
     "d5a6326c494ed3ff614703878961c0fde7b2c278f9a65fd8c4b7186201a2991695ba1c84541327e966fa7b50"
     "f7382282"},
    {P384, "SHA224", "test",
     "e8c9d0b6ea72a0e7837fea1d14a1a9557f29faa45d3e7ee888fc5bf954b5e62464a9a817c47ff78b8c11066b"
     "24080e72",
     "07041d4a7a0379ac7232ff72e6f77b6ddb8f09b16cce0ec3286b2bd43fa8c6141c53ea5abef0d8231077a045"
     "40a96b66"},
    {P384, "SHA256", "test",
     "6d6defac9ab64dabafe36c6bf510352a4cc27001263638e5b16d9bb51d451559f918eedaf2293be5b475cc8f"
     "0188636b",
     "2d46f3becbcc523d5f1a1256bf0c9b024d879ba9e838144c8ba6baeb4b53b47d51ab373f9845c0514eefb140"
     "24787265"},
    {P384, "SHA384", "test",
     "8203b63d3c853e8d77227fb377bcf7b7b772e97892a80f36ab775d509d7a5feb0542a7f0812998da8f1dd3ca"
     "3cf023db",
     "ddd0760448d42d8a43af45af836fce4de8be06b485e9b61b827c2f13173923e06a739f040649a667bf3b8282"
     "46baa5a5"},
    {P384, "SHA512", "test",
     "a0d5d090c9980faf3c2ce57b7ae951d31977dd11c775d314af55f76c676447d06fb6495cd21b4b6e340fc236"
     "584fb277",
     "976984e59b4c77b0e8e4460dca3d9f20e07b9bb1f63beefaf576f6b2e8b224634a2092cd3792e0159ad9cee3"
     "7659c736"},
    {P521, "SHA1", "sample",
     "00343b6ec45728975ea5cba6659bbb6062a5ff89eea58be3c80b619f322c87910fe092f7d45bb0f8eee01ed3"
     "f20babec079d202ae677b243ab40b5431d497c55d75d",
     "00e7b0e675a9b24413d448b8cc119d2bf7b2d2df032741c096634d6d65d0dbe3d5694625fb9e8104d3b842c1"
     "b0e2d0b98bea19341e8676aef66ae4eba3d5475d5d16"},
    {P521, "SHA224", "sample",
     "01776331cfcdf927d666e032e00cf776187bc9fdd8e69d0dabb4109ffe1b5e2a30715f4cc923a4a5e94d2503"
     "e9acfed92857b7f31d7152e0f8c00c15ff3d87e2ed2e",
     "0050cb5265417fe2320bbb5a122b8e1a32bd699089851128e360e620a30c7e17ba41a666af126ce100e5799b"
     "153b60528d5300d08489ca9178fb610a2006c254b41f"},
    {P521, "SHA256", "sample",
     "01511bb4d675114fe266fc4372b87682baecc01d3cc62cf2303c92b3526012659d16876e25c7c1e57648f23b"
     "73564d67f61c6f14d527d54972810421e7d87589e1a7",
     "004a171143a83163d6df460aaf61522695f207a58b95c0644d87e52aa1a347916e4f7a72930b1bc06dbe22ce"
     "3f58264afd23704cbb63b29b931f7de6c9d949a7ecfc"},
    {P521, "SHA384", "sample",
     "01ea842a0e17d2de4f92c15315c63ddf72685c18195c2bb95e572b9c5136ca4b4b576ad712a52be9730627d1"
     "6054ba40cc0b8d3ff035b12ae75168397f5d50c67451",
     "01f21a3cee066e1961025fb048bd5fe2b7924d0cd797babe0a83b66f1e35eeaf5fde143fa85dc394a7dee766"
     "523393784484bdf3e00114a1c857cde1aa203db65d61"},
    {P521, "SHA512", "sample",
     "00c328fafcbd79dd77850370c46325d987cb525569fb63c5d3bc53950e6d4c5f174e25a1ee9017b5d450606a"
     "dd152b534931d7d4e8455cc91f9b15bf05ec36e377fa",
     "00617cce7cf5064806c467f678d3b4080d6f1cc50af26ca209417308281b68af282623eaa63e5b5c0723d8b8"
     "c37ff0777b1a20f8ccb1dccc43997f1ee0e44da4a67a"},
    {P521, "SHA1", "test",
     "013bad9f29abe20de37ebeb823c252ca0f63361284015a3bf430a46aaa80b87b0693f0694bd88afe4e661fc3"
     "3b094cd3b7963bed5a727ed8bd6a3a202abe009d0367",
     "01e9bb81ff7944ca409ad138dbbee228e1afcc0c890fc78ec8604639cb0dbdc90f717a99ead9d272855d0016"
     "2ee9527567dd6a92cbd629805c0445282bbc916797ff"},
    {P521, "SHA224", "test",
     "01c7ed902e123e6815546065a2c4af977b22aa8eaddb68b2c1110e7ea44d42086bfe4a34b67ddc0e17e96536"
     "e358219b23a706c6a6e16ba77b65e1c595d43cae17fb",
     "0177336676304fcb343ce028b38e7b4fba76c1c1b277da18cad2a8478b2a9a9f5bec0f3ba04f35db3e426356"
     "9ec6aade8c92746e4c82f8299ae1b8f1739f8fd519a4"},
    {P521, "SHA256", "test",
     "000e871c4a14f993c6c7369501900c4bc1e9c7b0b4ba44e04868b30b41d8071042eb28c4c250411d0ce08cd1"
     "97e4188ea4876f279f90b3d8d74a3c76e6f1e4656aa8",
     "00cd52dbaa33b063c3a6cd8058a1fb0a46a4754b034fcc644766ca14da8ca5ca9fde00e88c1ad60ccba75902"
     "5299079d7a427ec3cc5b619bfbc828e7769bcd694e86"},
    {P521, "SHA384", "test",
     "014bee21a18b6d8b3c93fab08d43e739707953244fdbe924fa926d76669e7ac8c89df62ed8975c2d8397a65a"
     "49dcc09f6b0ac62272741924d479354d74ff6075578c",
     "0133330865c067a0eaf72362a65e2d7bc4e461e8c8995c3b6226a21bd1aa78f0ed94fe536a0dca35534f0cd1"
     "510c41525d163fe9d74d134881e35141ed5e8e95b979"},
    {P521, "SHA512", "test",
     "013e99020abf5cee7525d16b69b229652ab6bdf2affcaef38773b4b7d08725f10cdb93482fdcc54edcee91ec"
     "a4166b2a7c6265ef0ce2bd7051b7cef945babd47ee6d",
     "01fbd0013c674aa79cb39849527916ce301c66ea7ce8b80682786ad60f98f7e78a19ca69eff5c57400e3b3a0"
     "ad66ce0978214d13baf4e9ac60752f7b155e2de4dce3"},
    {K163, "SHA1", "sample", "030c45b80ba0e1406c4efbbb7000d6de4fa465d505",
     "038d87df89493522fc4cd7de1553bd9dbba2123011"},
    {K163, "SHA224", "sample", "038a2749f7ea13bd5da0c76c842f512d5a65ffaf32",
     "0064f841f70112b793fd773f5606bfa5ac2a04c1e8"},
    {K163, "SHA256", "sample", "0113a63990598a3828c407c0f4d2438d990df99a7f",
     "01313a2e03f5412ddb296a22e2c455335545672d9f"},
    {K163, "SHA384", "sample", "034d4de955871bb84fea4e7d068ba5e9a11bd8b6c4",
     "02baaf4d4fd57f175c405a2f39f9755d9045c820bd"},
    {K163, "SHA512", "sample", "038e487f218d696a7323b891f0ccf055d895b77adc",
     "00972d7721093f9b3835a5eb7f0442fa8dcaa873c4"},
    {K163, "SHA1", "test", "01375bef93f21582f601497036a7dc8014a99c2b79",
     "0254b7f1472fffee9002d081bb8ce819cce6e687f9"},
    {K163, "SHA224", "test", "0110f17ef209957214e35e8c2e83cbe73b3bfdee2c",
     "0057d5022392d359851b95dec2444012502a5349cb"},
    {K163, "SHA256", "test", "00354d5cd24f9c41f85d02e856fa2b0001c83af53e",
     "0020b200677731cd4fe48612a92f72a19853a82b65"},
    {K163, "SHA384", "test", "011b6a84206515495ad8dbb2e5785d6d018d75817e",
     "01a7d4c1e17d4030a5d748adea785c77a54581f6d0"},
    {K163, "SHA512", "test", "0148934745b351f6367ff5bb56b1848a2f508902a9",
     "036214b19444fab504dba61d4d6ff2d2f9640f4837"},
    {B163, "SHA1", "sample", "0153febd179a69b6122debf5bc61eb947b24c93526",
     "037ac9c670f8cf18045049bae7dd35553545c19e49"},
    {B163, "SHA224", "sample", "00a379e69c44f9c16ea3215ea39eb1a9b5d58cc955",
     "004baff5308da2a7fe2c1742769265ad3ed1d24e74"},
    {B163, "SHA256", "sample", "0134e00f78fc1cb9501675d91c401de20ddf228cdc",
     "0373273aec6c36cb7bafbb1903a5f5ea6a1d50b624"},
    {B163, "SHA384", "sample", "029430b935af8e77519b0ca4f6903b0b82e6a21a66",
     "01ea1415306e9353fa5aa54bc7c2581dfbb888440d"},
    {B163, "SHA512", "sample", "00b2f177a99f9df2d51ccaf55f015f326e4b65e7a0",
     "00df1fb4487e9b120c5e970efe48f55e406306c3a1"},
    {B163, "SHA1", "test", "0256d4079c6c7169b8bc92529d701776a269d56308",
     "0341d3ffec9f1eb6a6acbe88e3c86a1c8fdeb8b8e1"},
    {B163, "SHA224", "test", "028ecc6f1272ce80ea59dcf32f7ac2d861ba803393",
     "00ad4ae2c06e60183c1567d2b82f19421fe3053ce2"},
    {B163, "SHA256", "test", "0227df377b3fa50f90c1cb3cdcbbdba552c1d35104",
     "01f7bead92583fe920d353f368c1960d0e88b46a56"},
    {B163, "SHA384", "test", "011811dafeea441845b6118a0dfee8a0061231337d",
     "036258301865ee48c5c6f91d63f62695002ab55b57"},
    {B163, "SHA512", "test", "03b6bb95ca823be2ed8e3972ff516eb8972d765571",
     "013dc6f420628969df900c3fcc48220b38be24a541"},
};
#define VECTORS (sizeof(vectors) / sizeof(vectors[0]))

static struct context *context;
static struct faults *faults;

static void set_up(void)
{
    context = context_new(NULL);
    faults = faults_new();
}

static void tear_down(void)
{
    context_free(context);
    faults_free(faults);
}

TestSuite(ecdsa_deterministic, .init = set_up, .fini = tear_down);

/* The key on @p group whose private number is @p digits. */
static EVP_PKEY *key_of(const char *group, const char *digits)
{
    EC_GROUP *curve = EC_GROUP_new_by_curve_name(OBJ_txt2nid(group));
    EC_POINT *point = EC_POINT_new(curve);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *making = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    BIGNUM *private = NULL;
    unsigned char encoded[200];
    OSSL_PARAM *parameters;
    EVP_PKEY *pkey = NULL;
    size_t length;

    cr_assert_gt(BN_hex2bn(&private, digits), 0);
    cr_assert_eq(EC_POINT_mul(curve, point, private, NULL, NULL, NULL), 1);
    length = EC_POINT_point2oct(curve, point, POINT_CONVERSION_UNCOMPRESSED, encoded, sizeof(encoded), NULL);
    cr_assert_eq(OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, group, 0), 1);
    cr_assert_eq(OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, encoded, length), 1);
    cr_assert_eq(OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, private), 1);
    parameters = OSSL_PARAM_BLD_to_param(builder);
    cr_assert_eq(EVP_PKEY_fromdata_init(making), 1);
    cr_assert_eq(EVP_PKEY_fromdata(making, &pkey, EVP_PKEY_KEYPAIR, parameters), 1);
    OSSL_PARAM_free(parameters);
    OSSL_PARAM_BLD_free(builder);
    EVP_PKEY_CTX_free(making);
    BN_free(private);
    EC_POINT_free(point);
    EC_GROUP_free(curve);
    return pkey;
}

/* Whether the next INTEGER of *rest is the number @p digits, as DER has it. */
static void number_is(struct slice *rest, const char *digits, const struct vector *vector)
{
    struct der_item item;
    BIGNUM *expected = NULL;
    BIGNUM *got;

    cr_assert_eq(der_expect(rest, DER_INTEGER, &item), 0);
    cr_assert_eq(item.content.data[0] & 0x80, 0);
    got = BN_bin2bn(item.content.data, (int)item.content.length, NULL);
    cr_assert_gt(BN_hex2bn(&expected, digits), 0);
    cr_assert_eq(BN_cmp(got, expected), 0, "%s, %s, \"%s\"", curves[vector->curve].group, vector->digest,
                 vector->message);
    BN_free(expected);
    BN_free(got);
}

static bool verifies(EVP_PKEY *pkey, const char *digest, const char *message, const struct bytes *signature)
{
    EVP_MD_CTX *verification = EVP_MD_CTX_new();
    bool valid = EVP_DigestVerifyInit_ex(verification, NULL, digest, NULL, NULL, pkey, NULL) == 1 &&
                 EVP_DigestVerify(verification, signature->data, signature->length,
                                  (const unsigned char *)message, strlen(message)) == 1;

    EVP_MD_CTX_free(verification);
    return valid;
}

Test(ecdsa_deterministic, published_vectors)
{
    cr_assert_eq(VECTORS, 50);
    for (size_t i = 0; i < VECTORS; i++) {
        const struct vector *vector = &vectors[i];
        EVP_PKEY *pkey = key_of(curves[vector->curve].group, curves[vector->curve].private);
        struct ecdsa_deterministic *ecdsa = ecdsa_deterministic_new(context, pkey, vector->digest, faults);
        struct bytes signature = BYTES_EMPTY;
        struct der_item outer;
        struct slice rest;

        cr_assert_not_null(ecdsa, "%s", faults_text(faults, 0));
        cr_assert_eq(ecdsa_deterministic_sign(ecdsa, slice_of_text(vector->message), &signature, faults), 0);
        rest = slice_of(&signature);
        cr_assert(der_is_well_formed(rest));
        cr_assert_eq(der_expect(&rest, DER_SEQUENCE, &outer), 0);
        cr_assert_eq(rest.length, 0);
        number_is(&outer.content, vector->r, vector);
        number_is(&outer.content, vector->s, vector);
        cr_assert_eq(outer.content.length, 0);
        cr_assert(verifies(pkey, vector->digest, vector->message, &signature));
        bytes_free(&signature);
        ecdsa_deterministic_free(ecdsa);
        EVP_PKEY_free(pkey);
    }
}

/* Orders below and above the hash, and not of whole octets; r and s of all lengths. */
Test(ecdsa_deterministic, other_curves_and_many_messages)
{
    static const char *const groups[] = {"secp112r1",       "secp224r1", "secp256k1",
                                         "brainpoolP384r1", "sect571r1", "prime256v1"};

    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        EVP_PKEY *pkey = key_of(groups[i], "0123456789abcdef0123456789ab");
        struct ecdsa_deterministic *ecdsa = ecdsa_deterministic_new(context, pkey, "SHA512", faults);

        cr_assert_not_null(ecdsa, "%s: %s", groups[i], faults_text(faults, 0));
        for (int j = 0; j < 20; j++) {
            struct bytes signature = BYTES_EMPTY;
            struct bytes again = BYTES_EMPTY;
            char message[32];

            (void)snprintf(message, sizeof(message), "message %d", j);
            cr_assert_eq(ecdsa_deterministic_sign(ecdsa, slice_of_text(message), &signature, faults), 0);
            cr_assert_eq(ecdsa_deterministic_sign(ecdsa, slice_of_text(message), &again, faults), 0);
            cr_assert(slice_equal(slice_of(&signature), slice_of(&again)));
            cr_assert(der_is_well_formed(slice_of(&signature)));
            cr_assert(verifies(pkey, "SHA512", message, &signature), "%s", groups[i]);
            bytes_free(&signature);
            bytes_free(&again);
        }
        ecdsa_deterministic_free(ecdsa);
        EVP_PKEY_free(pkey);
    }
}

Test(ecdsa_deterministic, refused)
{
    EVP_PKEY *pkey = key_of("prime256v1", "1234");
    EVP_PKEY *other = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    struct bytes spki = BYTES_EMPTY;
    struct key *key = key_from_pkey(pkey, faults);
    struct key *public;

    cr_assert_null(ecdsa_deterministic_new(context, pkey, "SHA2-257", faults));
    cr_assert_null(ecdsa_deterministic_new(context, other, "SHA256", faults));
    cr_assert_eq(key_spki(key, &spki, faults), 0);
    public = key_from_spki(context, slice_of(&spki), faults);
    cr_assert_null(ecdsa_deterministic_new(context, key_pkey(public), "SHA256", faults));
    cr_assert_eq(faults_errors(faults), 3);
    ecdsa_deterministic_free(NULL);
    key_free(public);
    key_free(key);
    bytes_free(&spki);
    EVP_PKEY_free(other);
    EVP_PKEY_free(pkey);
}
