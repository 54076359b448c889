/* totp: see totp.h. libsodium has no SHA-1 (FIPS 180-4), which RFC 6238 builds on: it is here. */
#include "totp.h"

#include "../../base/clock.h"
#include <ctype.h>
#include <sodium.h>
#include <stdlib.h>

enum { SHA1_BLOCK = 64, SHA1_BYTES = 20, STEP_MS = 30000, DIGITS = 6, CODE_LETTERS = 16 };

static const char base32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/* ---- SHA-1, HMAC ------------------------------------------------------------------------ */

static uint32_t rotate(uint32_t word, int n)
{
    return word << n | word >> (32 - n);
}

static void sha1_block(uint32_t state[5], const unsigned char block[SHA1_BLOCK])
{
    uint32_t w[80], a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
               (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
    for (int i = 16; i < 80; i++)
        w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    for (int i = 0; i < 80; i++) {
        uint32_t f = i < 20   ? (b & c) | (~b & d)
                     : i < 40 ? b ^ c ^ d
                     : i < 60 ? (b & c) | (b & d) | (c & d)
                              : b ^ c ^ d;
        static const uint32_t k[] = {0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6};
        uint32_t next = rotate(a, 5) + f + e + k[i / 20] + w[i];
        e = d, d = c, c = rotate(b, 30), b = a, a = next;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d, state[4] += e;
}

/* The hash of one block and at most 55 bytes more: all that HMAC needs. */
static void sha1_of_two(const unsigned char first[SHA1_BLOCK], const unsigned char *rest, size_t n,
                        unsigned char hash[SHA1_BYTES])
{
    uint32_t state[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    unsigned char last[SHA1_BLOCK] = {0};
    uint32_t bits = (uint32_t)(SHA1_BLOCK + n) * 8;
    memcpy(last, rest, n);
    last[n] = 0x80;
    for (int i = 0; i < 4; i++)
        last[SHA1_BLOCK - 1 - i] = (unsigned char)(bits >> 8 * i);
    sha1_block(state, first);
    sha1_block(state, last);
    for (int i = 0; i < SHA1_BYTES; i++)
        hash[i] = (unsigned char)(state[i / 4] >> (24 - 8 * (i % 4)));
}

/* HMAC-SHA-1 of eight bytes; the key has at most SHA1_BLOCK bytes. */
static void hmac(const unsigned char *key, size_t n, const unsigned char message[8],
                 unsigned char hash[SHA1_BYTES])
{
    unsigned char inner[SHA1_BLOCK] = {0}, outer[SHA1_BLOCK];
    memcpy(inner, key, n);
    for (int i = 0; i < SHA1_BLOCK; i++) {
        outer[i] = inner[i] ^ 0x5c;
        inner[i] ^= 0x36;
    }
    sha1_of_two(inner, message, 8, hash);
    sha1_of_two(outer, hash, SHA1_BYTES, hash);
    sodium_memzero(inner, sizeof inner);
    sodium_memzero(outer, sizeof outer);
}

/* ---- Codes ------------------------------------------------------------------------------- */

void accounts_totp_key(const unsigned char secret[ACCOUNT_TOTP_SECRET], char key[ACCOUNT_TOTP_KEY + 1])
{
    uint32_t bits = 0, n = 0;
    char *at = key;
    for (int i = 0; i < ACCOUNT_TOTP_SECRET; i++) {
        bits = (bits << 8 | secret[i]) & 0xffff;
        for (n += 8; n >= 5; n -= 5)
            *at++ = base32[bits >> (n - 5) & 31];
    }
    *at = '\0';
}

uint32_t accounts_totp_code(const unsigned char *secret, size_t n, uint64_t step, uint32_t digits)
{
    unsigned char message[8], hash[SHA1_BYTES];
    uint32_t power = 1;
    for (int i = 0; i < 8; i++)
        message[i] = (unsigned char)(step >> (56 - 8 * i));
    hmac(secret, n, message, hash);
    const unsigned char *at = hash + (hash[SHA1_BYTES - 1] & 15);
    for (uint32_t i = 0; i < digits; i++)
        power *= 10;
    return ((uint32_t)(at[0] & 0x7f) << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3]) % power;
}

/* Returns the number of a code, ignoring its spaces; UINT32_MAX if it does not have DIGITS digits. */
static uint32_t read_code(struct ouse_str code)
{
    uint32_t number = 0, n = 0;
    for (uint32_t i = 0; i < code.n; i++) {
        if (code.p[i] == ' ')
            continue;
        if (!isdigit((unsigned char)code.p[i]) || ++n > DIGITS)
            return UINT32_MAX;
        number = number * 10 + (uint32_t)(code.p[i] - '0');
    }
    return n == DIGITS ? number : UINT32_MAX;
}

int accounts_totp_accept(struct account_totp *totp, struct ouse_str code, int64_t now)
{
    uint32_t given = read_code(code);
    int64_t step = now / STEP_MS, found = -1;
    for (int64_t at = step - 1; at <= step + 1; at++) /* all of them, however early one is right */
        if (accounts_totp_code(totp->secret, sizeof totp->secret, (uint64_t)at, DIGITS) == given)
            found = at;
    if (found <= totp->step)
        return 0;
    totp->step = found;
    return 1;
}

/* ---- Recovery codes ------------------------------------------------------------------------ */

/* The hash of the letters and digits of a code, in lower case. */
static void hash_code(struct ouse_str code, unsigned char hash[ACCOUNT_CODE_HASH])
{
    char letters[CODE_LETTERS];
    size_t n = 0;
    for (uint32_t i = 0; i < code.n && n < sizeof letters; i++)
        if (isalnum((unsigned char)code.p[i]))
            letters[n++] = (char)tolower((unsigned char)code.p[i]);
    crypto_generichash(hash, ACCOUNT_CODE_HASH, (const unsigned char *)letters, n, NULL, 0);
}

void accounts_codes_make(struct account_totp *totp, char codes[ACCOUNT_CODES][ACCOUNT_CODE_TEXT + 1])
{
    for (int i = 0; i < ACCOUNT_CODES; i++) {
        unsigned char random[CODE_LETTERS];
        char *at = codes[i];
        random_fill(random, sizeof random);
        for (int k = 0; k < CODE_LETTERS; k++) {
            if (k && k % 4 == 0)
                *at++ = '-';
            *at++ = (char)tolower(base32[random[k] % 32]);
        }
        *at = '\0';
        hash_code(ouse_s(codes[i]), totp->codes[i]);
    }
    totp->n_codes = ACCOUNT_CODES;
}

int accounts_code_accept(struct account_totp *totp, struct ouse_str code)
{
    unsigned char hash[ACCOUNT_CODE_HASH];
    uint32_t found = ACCOUNT_CODES;
    hash_code(code, hash);
    for (uint32_t i = 0; i < totp->n_codes; i++)
        if (sodium_memcmp(hash, totp->codes[i], sizeof hash) == 0)
            found = i;
    if (found == ACCOUNT_CODES)
        return 0;
    memmove(totp->codes[found], totp->codes[found + 1], (--totp->n_codes - found) * sizeof totp->codes[0]);
    return 1;
}
