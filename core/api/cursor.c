/* cursor: see cursor.h. */
#include "cursor.h"

#include "../base/hash.h"

#include <assert.h>
#include <sodium.h>

enum {
    HASH = HASH_BYTES,
    BYTES_MAX = HASH + CURSOR_POSITION_MAX,
    TEXT_MAX = sodium_base64_ENCODED_LEN(BYTES_MAX, sodium_base64_VARIANT_URLSAFE_NO_PADDING)
};

/* Seals a position, or opens it: the two are the same. */
static void seal(uint64_t query, const unsigned char hash[HASH], unsigned char *position, size_t n)
{
    static_assert(HASH == crypto_stream_chacha20_NONCEBYTES, "the hash is the nonce");
    unsigned char key[crypto_stream_chacha20_KEYBYTES];
    crypto_generichash(key, sizeof key, (const unsigned char *)&query, sizeof query, NULL, 0);
    crypto_stream_chacha20_xor(position, position, n, hash, key);
}

struct ouse_str cursor_make(struct arena *arena, uint64_t query, struct ouse_str position)
{
    unsigned char bytes[BYTES_MAX];
    char *text = arena_alloc(arena, TEXT_MAX);
    hash_write(query, position, bytes);
    memcpy(bytes + HASH, position.p, position.n);
    seal(query, bytes, bytes + HASH, position.n);
    sodium_bin2base64(text, TEXT_MAX, bytes, HASH + position.n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return ouse_s(text);
}

int cursor_read(struct arena *arena, struct ouse_str cursor, uint64_t query, struct ouse_str *position)
{
    unsigned char bytes[BYTES_MAX], expected[HASH];
    size_t n;
    if (sodium_base642bin(bytes, sizeof bytes, cursor.p, cursor.n, NULL, &n, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        n <= HASH)
        return -1;
    struct ouse_str found = {(const char *)bytes + HASH, (uint32_t)n - HASH};
    seal(query, bytes, bytes + HASH, found.n);
    hash_write(query, found, expected);
    if (memcmp(expected, bytes, HASH) != 0)
        return -1;
    *position = arena_copy(arena, found);
    return 0;
}
