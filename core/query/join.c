/* join: see join.h. */
#include "join.h"

#include <stdlib.h>

/* The texts of entries that were looked up, by the hash at the end of the entry. */
struct tie_texts {
    struct tied_entry *slots;
    uint32_t n, room; /* a power of two, or 0 */
};

static struct tied_entry *slot_of(const struct tie_texts *texts, struct ouse_str entry)
{
    uint32_t hash;
    memcpy(&hash, entry.p + entry.n - sizeof hash, sizeof hash);
    uint32_t i = hash & (texts->room - 1);
    while (texts->slots[i].entry.p && !ouse_same(texts->slots[i].entry, entry))
        i = (i + 1) & (texts->room - 1);
    return &texts->slots[i];
}

static void grow(struct arena *arena, struct tie_texts *texts)
{
    struct tie_texts more = {.n = texts->n, .room = texts->room ? texts->room * 2 : 64};
    more.slots = arena_zero(arena, more.room * sizeof *more.slots);
    for (uint32_t i = 0; i < texts->room; i++)
        if (texts->slots[i].entry.p)
            *slot_of(&more, texts->slots[i].entry) = texts->slots[i];
    *texts = more;
}

/* ---- Looking up ----------------------------------------------------------------------- */

/* Reads the text of an entry from the first record in a db of keys that has the entry, as it was then. */
static ouse_rc read_text(struct reader *reader, const struct collection *collection,
                         const struct index *index, enum engine_db db, struct ouse_str entry,
                         struct ouse_str *text)
{
    struct ouse_str found, value, id = {NULL, 0};
    struct arena arena = {0};
    struct record record;
    struct cursor *cursor;
    struct key prefix;
    int64_t as_of = 0;
    key_index_prefix(&prefix, index->number, entry);
    ouse_rc rc = cursor_open(reader->txn, db, &cursor);
    if (rc)
        return rc;
    rc = cursor_seek(cursor, key_str(&prefix), &found, &value);
    if (!rc && key_has_prefix(found, key_str(&prefix))) {
        id = arena_copy(&arena, key_index_id(found));
        as_of = db == DB_INDEXES ? 0 : past_read(value) - 1;
    }
    cursor_close(cursor);
    if (!rc)
        rc = id.n ? record_find(reader->txn, collection, id, OUSE_MANAGER, as_of, &arena, &record)
                  : OUSE_E_NOT_FOUND;
    if (!rc && record.kind == RECORD_LIVE) {
        const struct field *field = index->keys[0];
        const cJSON *document = record_document(&arena, &record, NULL);
        *text = schema_text_of(reader->arena, field, json_member(document, field->is.name), entry);
    }
    arena_finish(&arena);
    return rc;
}

/* The text of an entry as it is compared; no text if the store does not know it. */
static struct ouse_str text_of(struct reader *reader, const struct collection *collection,
                               const struct index *index, struct ouse_str entry)
{
    struct ouse_str text = {NULL, 0};
    if (!schema_is_cut(entry))
        return (struct ouse_str){entry.p, entry.n - (entry.n > 0)};
    struct tie_texts *texts = reader->texts;
    if (!texts)
        texts = reader->texts = arena_zero(reader->arena, sizeof *texts);
    if (texts->n * 2 >= texts->room)
        grow(reader->arena, texts);
    struct tied_entry *slot = slot_of(texts, entry);
    if (slot->entry.p)
        return slot->text;
    if (read_text(reader, collection, index, DB_INDEXES, entry, &text) || !text.p)
        read_text(reader, collection, index, DB_PAST_INDEXES, entry, &text);
    *slot = (struct tied_entry){arena_copy(reader->arena, entry), text};
    texts->n++;
    reader_charge(reader, 1);
    return text;
}

/* ---- Comparing ------------------------------------------------------------------------ */

static int is_tie(struct ouse_str a, struct ouse_str b)
{
    return schema_is_cut(a) && schema_is_cut(b) && memcmp(a.p, b.p, SCHEMA_TEXT_HEAD) == 0;
}

int entry_order(struct reader *reader, const struct collection *collection, const struct index *index,
                struct ouse_str a, struct ouse_str b)
{
    int order = key_order(a, b);
    if (!order || !is_tie(a, b))
        return order;
    struct ouse_str of_a = text_of(reader, collection, index, a);
    struct ouse_str of_b = text_of(reader, collection, index, b);
    return of_a.p && of_b.p ? key_order(of_a, of_b) : order;
}

int tie_holds(struct reader *reader, const struct collection *collection, const struct index *index,
              const struct query_tie *tie, struct ouse_str entry)
{
    if (entry.n < SCHEMA_TEXT_HEAD || memcmp(entry.p, tie->text.p, SCHEMA_TEXT_HEAD) != 0)
        return 1; /* the ranges of the term have decided */
    struct ouse_str text = text_of(reader, collection, index, entry);
    if (!text.p)
        return 0;
    if (tie->by == TIE_BEGINS)
        return text.n >= tie->text.n && memcmp(text.p, tie->text.p, tie->text.n) == 0;
    int order = key_order(text, tie->text);
    return tie->by == TIE_BELOW   ? order < 0
           : tie->by == TIE_UP_TO ? order <= 0
           : tie->by == TIE_ABOVE ? order > 0
                                  : order >= 0;
}

/* ---- Groups ----------------------------------------------------------------------------- */

struct query_range tie_range(struct arena *arena, struct ouse_str entry)
{
    return entry_range(arena, (struct ouse_str){entry.p, SCHEMA_TEXT_HEAD + 1});
}

static int compare(const void *a, const void *b)
{
    const struct tied_entry *x = a, *y = b;
    int order = x->text.p && y->text.p ? key_order(x->text, y->text) : 0;
    return order ? order : key_order(x->entry, y->entry);
}

/* The key in front of which an entry, or the end of the index, begins. */
static void edge(const struct index *index, struct ouse_str entry, struct key *key)
{
    key_index_prefix(key, index->number + !entry.p, entry);
}

ouse_rc tied_read(struct reader *reader, const struct collection *collection, const struct index *index,
                  struct ouse_str entry, const struct query_range *within, struct tied *tied)
{
    struct query_range head = tie_range(reader->arena, entry);
    struct key_span span = {.db = DB_INDEXES};
    struct ouse_str found;
    ouse_rc rc;
    if (key_order(within->from, head.from) > 0)
        head.from = within->from;
    if (within->to.p && (!head.to.p || key_order(within->to, head.to) < 0))
        head.to = within->to;
    *tied = (struct tied){.head = arena_copy(reader->arena, (struct ouse_str){entry.p, SCHEMA_TEXT_HEAD})};
    edge(index, head.from, &span.from);
    edge(index, head.to, &span.to);
    while (!(rc = span_edge(reader, &span, 0, &found))) {
        struct ouse_str copy = arena_copy(reader->arena, key_index_entry(found));
        tied->at = arena_more(reader->arena, tied->at, tied->n, &tied->room, sizeof *tied->at);
        tied->at[tied->n++] = (struct tied_entry){copy, text_of(reader, collection, index, copy)};
        if (deadline_over(reader->deadline, 1))
            return OUSE_E_UNAVAILABLE;
        reader_charge(reader, 1);
        edge(index, entry_range(reader->arena, copy).to, &span.from);
    }
    if (tied->n > 1)
        qsort(tied->at, tied->n, sizeof *tied->at, compare);
    return rc == OUSE_E_NOT_FOUND ? OUSE_OK : rc;
}
