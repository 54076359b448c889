/* hash: see hash.h. */
#include "hash.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

static_assert(HASH_BYTES == crypto_shorthash_BYTES, "a short hash has 8 bytes");

void hash_write(uint64_t key, struct ouse_str text, unsigned char hash[HASH_BYTES])
{
    unsigned char whole[crypto_shorthash_KEYBYTES] = {0};
    memcpy(whole, &key, sizeof key);
    crypto_shorthash(hash, (const unsigned char *)text.p, text.n, whole);
}

uint64_t hash_of(struct ouse_str text)
{
    unsigned char hash[HASH_BYTES];
    uint64_t value;
    hash_write(0, text, hash);
    memcpy(&value, hash, sizeof value);
    return value;
}
