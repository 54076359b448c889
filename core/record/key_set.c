/* key_set: the index and reference keys of a document in the store.
 *
 * A change computes the footprints of the document before and after, and writes only the
 * difference. An unchanged entry is not touched, which keeps random updates cheap in a
 * copy-on-write tree. */
#include "internal.h"
#include <stdlib.h>

struct collecting {
    struct footprint *keys;
    const struct collection *collection;
    uint32_t index;
    struct ouse_str id;
};

static void add(struct footprint *keys, const struct key *key)
{
    keys->at = arena_more(keys->arena, keys->at, keys->n, &keys->room, sizeof *keys->at);
    keys->at[keys->n++] = arena_copy(keys->arena, key_str(key));
}

int key_order(struct ouse_str a, struct ouse_str b)
{
    int order = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);
    return order ? order : (a.n > b.n) - (a.n < b.n);
}

static int compare(const void *a, const void *b)
{
    const struct ouse_str *x = a, *y = b;
    return key_order(*x, *y);
}

static void sort(struct footprint *keys)
{
    uint32_t kept = 0;
    if (keys->n > 1)
        qsort(keys->at, keys->n, sizeof *keys->at, compare);
    for (uint32_t i = 0; i < keys->n; i++)
        if (kept == 0 || key_order(keys->at[kept - 1], keys->at[i]))
            keys->at[kept++] = keys->at[i];
    keys->n = kept;
}

static void add_entry(void *arg, struct ouse_str entry)
{
    struct collecting *to = arg;
    struct key key;
    key_index(&key, to->index, entry, to->id);
    add(to->keys, &key);
}

int index_is_own(const struct index *index)
{
    return index->n_keys == 1 && strcmp(index->name, index->keys[0]->is.name) == 0;
}

/* Adds the words of the texts in which the document differs from `beside`. */
static void add_words(struct collecting *to, const cJSON *document, const cJSON *beside)
{
    const struct field *field;
    if (!to->collection->words)
        return;
    to->index = to->collection->words->number;
    for (uint32_t i = 0; (field = schema_searched(to->collection, i)); i++) {
        const cJSON *value = json_member(document, field->is.name);
        if (value && !json_equal(value, json_member(beside, field->is.name)))
            schema_word_entries(to->collection, field, value, add_entry, to);
    }
}

void footprint_words(struct footprint *keys, struct arena *arena, const struct collection *collection,
                     struct ouse_str id, const cJSON *document)
{
    struct collecting to = {.keys = keys, .collection = collection, .id = id};
    *keys = (struct footprint){.arena = arena};
    add_words(&to, document, NULL);
    sort(keys);
}

/* The entries of a document in an index. Its own index has every record. */
static void add_index(struct collecting *to, const struct index *index, const cJSON *document,
                      const struct schema_times *times)
{
    uint32_t before = to->keys->n;
    to->index = index->number;
    schema_index_entries(index, document, times, add_entry, to);
    if (to->keys->n == before && index_is_own(index))
        add_entry(to, NOTHING);
}

void footprint_indexes(struct footprint *keys, struct arena *arena, const struct collection *collection,
                       struct ouse_str id, const cJSON *document, const cJSON *beside,
                       const struct schema_times *times)
{
    struct collecting to = {.keys = keys, .collection = collection, .id = id};
    *keys = (struct footprint){.arena = arena};
    if (!document)
        return;
    add_words(&to, document, beside);
    for (uint32_t i = 0; i < collection->n_indexes; i++)
        add_index(&to, &collection->indexes[i], document, times);
    sort(keys);
    for (int i = 0; i < 2; i++)
        if (times->others[i])
            footprint_add_time(keys, collection, id, times->others[i]);
}

int index_is_of_text(const struct index *index)
{
    return index->n_keys == 1 && schema_orders_text(index->keys[0]);
}

void footprint_texts(struct footprint *keys, struct arena *arena, const struct collection *collection,
                     struct ouse_str id, const cJSON *document)
{
    struct collecting to = {.keys = keys, .collection = collection, .id = id};
    *keys = (struct footprint){.arena = arena};
    for (uint32_t i = 0; i < collection->n_indexes; i++)
        if (index_is_of_text(&collection->indexes[i]))
            add_index(&to, &collection->indexes[i], document, NULL);
    sort(keys);
}

void footprint_add_time(struct footprint *keys, const struct collection *collection, struct ouse_str id,
                        int64_t updated)
{
    const struct field *field = schema_asked(collection, ouse_s("updated"));
    const struct schema_times times = {.updated = updated};
    const cJSON time = schema_time(field, &times);
    struct collecting to = {.keys = keys,
                            .collection = collection,
                            .id = id,
                            .index = schema_index(collection, ouse_s("updated"))->number};
    schema_field_entries(field, &time, add_entry, &to);
    sort(keys);
}

static void add_reference(void *arg, const struct field *field, int entry, const struct target *target,
                          struct ouse_str id)
{
    struct collecting *to = arg;
    struct key key;
    (void)entry;
    if (!target->number)
        return;
    key_reference(&key, target->number, id, to->collection->number, field->number, to->id);
    add(to->keys, &key);
}

void footprint_references(struct footprint *keys, struct arena *arena, const struct collection *collection,
                          struct ouse_str id, const cJSON *document)
{
    struct collecting to = {.keys = keys, .collection = collection, .id = id};
    *keys = (struct footprint){.arena = arena};
    if (!document)
        return;
    schema_references(collection, document, add_reference, &to);
    sort(keys);
}

int footprint_has(const struct footprint *keys, struct ouse_str key)
{
    return keys->n && bsearch(&key, keys->at, keys->n, sizeof key, compare) != NULL;
}

static ouse_rc drop(struct txn *txn, enum engine_db db, struct ouse_str key, int64_t now)
{
    ouse_rc rc = txn_delete(txn, db, key);
    return rc ? rc : past_put(txn, key_past(db), key, now);
}

ouse_rc footprint_apply(struct txn *txn, enum engine_db db, const struct footprint *before,
                        const struct footprint *after, int64_t now)
{
    struct ouse_str nothing = {"", 0};
    uint32_t b = 0, a = 0;
    ouse_rc rc = OUSE_OK;
    while (!rc && (b < before->n || a < after->n)) {
        int order = b == before->n ? 1 : a == after->n ? -1 : key_order(before->at[b], after->at[a]);
        if (order < 0)
            rc = drop(txn, db, before->at[b++], now);
        else if (order > 0)
            rc = txn_put(txn, db, after->at[a++], nothing);
        else
            a++, b++;
    }
    return rc;
}

int64_t past_read(struct ouse_str value)
{
    return value.n == sizeof(int64_t) ? (int64_t)key_read_u64(value.p) : INT64_MAX;
}

ouse_rc past_put(struct txn *txn, enum engine_db past, struct ouse_str key, int64_t lost)
{
    struct key value;
    key_init(&value);
    key_u64(&value, (uint64_t)lost);
    return txn_put(txn, past, key, key_str(&value));
}
