/* keys: see keys.h. */
#include "keys.h"

void key_init(struct key *key)
{
    key->n = 0;
}

void key_bytes(struct key *key, struct ouse_str bytes)
{
    uint32_t room = ENGINE_KEY_MAX - key->n;
    uint32_t n = bytes.n < room ? bytes.n : room;
    if (n)
        memcpy(key->at + key->n, bytes.p, n);
    key->n += n;
}

void key_byte(struct key *key, uint8_t value)
{
    struct ouse_str s = {(const char *)&value, 1};
    key_bytes(key, s);
}

void key_u32(struct key *key, uint32_t value)
{
    unsigned char b[4] = {(unsigned char)(value >> 24), (unsigned char)(value >> 16),
                          (unsigned char)(value >> 8), (unsigned char)value};
    struct ouse_str s = {(const char *)b, sizeof b};
    key_bytes(key, s);
}

void key_u64(struct key *key, uint64_t value)
{
    key_u32(key, (uint32_t)(value >> 32));
    key_u32(key, (uint32_t)value);
}

uint32_t key_read_u32(const char *at)
{
    const unsigned char *b = (const unsigned char *)at;
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

uint64_t key_read_u64(const char *at)
{
    return (uint64_t)key_read_u32(at) << 32 | key_read_u32(at + 4);
}

void key_record(struct key *key, uint32_t collection, struct ouse_str id)
{
    key_init(key);
    key_u32(key, collection);
    key_bytes(key, id);
}

void key_index_prefix(struct key *key, uint32_t index, struct ouse_str entry)
{
    key_init(key);
    key_u32(key, index);
    key_bytes(key, entry);
}

void key_index(struct key *key, uint32_t index, struct ouse_str entry, struct ouse_str id)
{
    key_index_prefix(key, index, entry);
    key_bytes(key, id);
    key_index_close(key, id);
}

void key_index_close(struct key *key, struct ouse_str id)
{
    key_byte(key, 0);
    key_byte(key, (uint8_t)id.n);
}

void key_reference(struct key *key, uint32_t target, struct ouse_str target_id, uint32_t collection,
                   uint32_t field, struct ouse_str id)
{
    key_init(key);
    key_u32(key, target);
    key_bytes(key, target_id);
    key_byte(key, 0);
    key_u32(key, collection);
    key_u32(key, field);
    key_bytes(key, id);
}

void key_revision(struct key *key, uint32_t collection, struct ouse_str id, uint32_t revision)
{
    key_init(key);
    key_u32(key, collection);
    key_bytes(key, id);
    key_byte(key, 0);
    key_u32(key, revision);
}

int key_has_prefix(struct ouse_str key, struct ouse_str prefix)
{
    return key.n >= prefix.n && memcmp(key.p, prefix.p, prefix.n) == 0;
}

struct ouse_str key_index_id(struct ouse_str key)
{
    struct ouse_str id = {NULL, 0};
    uint8_t n = key.n ? (uint8_t)key.p[key.n - 1] : 0;
    if (n > 0 && key.n >= 4u + n + KEY_INDEX_END) {
        id.p = key.p + key.n - KEY_INDEX_END - n;
        id.n = n;
    }
    return id;
}

struct ouse_str key_index_entry(struct ouse_str key)
{
    struct ouse_str id = key_index_id(key), none = {NULL, 0};
    return id.p ? (struct ouse_str){key.p + 4, (uint32_t)(id.p - key.p) - 4} : none;
}

int key_read_reference(struct ouse_str key, struct key_reference *reference)
{
    const char *end = key.n > 4 ? memchr(key.p + 4, 0, key.n - 4) : NULL;
    if (!end || key.p + key.n < end + 10)
        return -1;
    reference->target = key_read_u32(key.p);
    reference->target_id.p = key.p + 4;
    reference->target_id.n = (uint32_t)(end - key.p - 4);
    reference->collection = key_read_u32(end + 1);
    reference->field = key_read_u32(end + 5);
    reference->id.p = end + 9;
    reference->id.n = (uint32_t)(key.p + key.n - end - 9);
    return 0;
}
