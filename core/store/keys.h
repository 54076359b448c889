/* keys: the facts of the register as ordered keys. Numbers are big-endian, so that bytes sort as
 * numbers do.
 *
 *   records           collection(4) id                 -> head, bytes
 *   indexes           index(4) entry id 0 length-of-id(1) -> nothing
 *   references        target-collection(4) target-id 0 collection(4) field(4) id -> nothing
 *   past-indexes, past-references   the same           -> when the record lost the key last (8)
 *   revisions         collection(4) id 0 revision(4)   -> head, bytes: replaced versions
 *   journal           sequence(8)                      -> journal.h
 *
 * An id has 1 to 80 characters [a-z0-9-], so a zero byte ends it, and keys of one value are in the
 * order of ids. The length at the end of an index key gives the end of the entry. */
#ifndef STORE_KEYS_H
#define STORE_KEYS_H

#include "engine.h"

struct key {
    uint32_t n;
    char at[ENGINE_KEY_MAX];
};

static inline struct ouse_str key_str(const struct key *key)
{
    struct ouse_str s = {key->at, key->n};
    return s;
}

void key_init(struct key *key);
void key_u32(struct key *key, uint32_t value);
void key_u64(struct key *key, uint64_t value);
void key_bytes(struct key *key, struct ouse_str bytes); /* cut at ENGINE_KEY_MAX, which no caller reaches */
void key_byte(struct key *key, uint8_t value);

uint32_t key_read_u32(const char *at);
uint64_t key_read_u64(const char *at);

void key_record(struct key *key, uint32_t collection, struct ouse_str id);
void key_index(struct key *key, uint32_t index, struct ouse_str entry, struct ouse_str id);
void key_index_close(struct key *key, struct ouse_str id); /* after prefix and id */
void key_index_prefix(struct key *key, uint32_t index, struct ouse_str entry);
void key_reference(struct key *key, uint32_t target, struct ouse_str target_id, uint32_t collection,
                   uint32_t field, struct ouse_str id);
void key_revision(struct key *key, uint32_t collection, struct ouse_str id, uint32_t revision);

int key_has_prefix(struct ouse_str key, struct ouse_str prefix);

#define KEY_INDEX_END 2 /* bytes after the id of an index key */

/* The id at the end of an index key; no text when the key is damaged. */
struct ouse_str key_index_id(struct ouse_str key);

/* The entry of an index key; no text when it is damaged. */
struct ouse_str key_index_entry(struct ouse_str key);

/* Returns the db of the keys that records have lost. */
static inline enum engine_db key_past(enum engine_db db)
{
    return db == DB_INDEXES ? DB_PAST_INDEXES : DB_PAST_REFERENCES;
}

/* Takes a reference key to pieces; 0, or -1 when it is damaged. */
struct key_reference {
    uint32_t target, collection, field;
    struct ouse_str target_id, id;
};
int key_read_reference(struct ouse_str key, struct key_reference *reference);

#endif
