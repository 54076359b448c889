/* hash: see hash.h. */
#include "hash.h"

#include <assert.h>
#include <endian.h>
#include <sodium.h>
#include <string.h>

static_assert(HASH_BYTES == crypto_shorthash_BYTES, "a short hash has 8 bytes");

void hash_write(uint64_t key, struct ouse_str text, unsigned char hash[HASH_BYTES])
{
    unsigned char whole[crypto_shorthash_KEYBYTES] = {0};
    memcpy(whole, &key, sizeof key);
    crypto_shorthash(hash, (const unsigned char *)text.p, text.n, whole);
}

/* ---- Without a key ------------------------------------------------------------ */

#define SEED  0x9e3779b97f4a7c15u
#define PRIME 0xd6e8feb86659fd93u

__extension__ typedef unsigned __int128 wide;

static uint64_t word(const char *at)
{
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return htole64(value);
}

/* The two halves of the product of two words, folded into one. */
static uint64_t fold(uint64_t a, uint64_t b)
{
    wide product = (wide)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* In two lanes of sixteen bytes: a tag is computed for each record that is read. */
uint64_t hash_of(struct ouse_str text)
{
    uint64_t hash = SEED ^ text.n, other = PRIME;
    char rest[16] = {0};
    for (; text.n >= 2 * sizeof rest; text.p += 2 * sizeof rest, text.n -= 2 * (uint32_t)sizeof rest) {
        hash = fold(word(text.p) ^ PRIME, word(text.p + 8) ^ hash);
        other = fold(word(text.p + 16) ^ SEED, word(text.p + 24) ^ other);
    }
    hash ^= other;
    for (; text.n >= sizeof rest; text.p += sizeof rest, text.n -= (uint32_t)sizeof rest)
        hash = fold(word(text.p) ^ PRIME, word(text.p + 8) ^ hash);
    if (text.n)
        memcpy(rest, text.p, text.n);
    return fold(fold(word(rest) ^ PRIME, word(rest + 8) ^ hash), PRIME);
}
