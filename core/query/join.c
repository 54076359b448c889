/* join: see join.h. */
#include "join.h"

#include <assert.h>
#include <stdlib.h>

/* The sort keys of entries that were looked up, by the hash at the end of the entry. */
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

/* Reads the sort key of an entry from the first record in a db of keys that has the entry, as it was then. */
static ouse_rc read_order(struct reader *reader, const struct collection *collection,
                          const struct index *index, enum engine_db db, struct ouse_str entry,
                          struct ouse_str *order)
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
        *order = schema_order_of(reader->arena, field, json_member(document, field->is.name), entry);
    }
    arena_finish(&arena);
    return rc;
}

/* The whole sort key of an entry; no text if no record has the entry. */
static struct ouse_str order_of(struct reader *reader, const struct collection *collection,
                                const struct index *index, struct ouse_str entry)
{
    struct ouse_str order = {NULL, 0};
    assert(schema_is_cut(entry));
    struct tie_texts *texts = reader->texts;
    if (!texts)
        texts = reader->texts = arena_zero(reader->arena, sizeof *texts);
    if (texts->n * 2 >= texts->room)
        grow(reader->arena, texts);
    struct tied_entry *slot = slot_of(texts, entry);
    if (slot->entry.p)
        return slot->order;
    if (read_order(reader, collection, index, DB_INDEXES, entry, &order) || !order.p)
        read_order(reader, collection, index, DB_PAST_INDEXES, entry, &order);
    *slot = (struct tied_entry){arena_copy(reader->arena, entry), order};
    texts->n++;
    reader_charge(reader, 1);
    return order;
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
    struct ouse_str of_a = order_of(reader, collection, index, a);
    struct ouse_str of_b = order_of(reader, collection, index, b);
    int whole = of_a.p && of_b.p ? key_order(of_a, of_b) : 0;
    return whole ? whole : order;
}

/* Sets the order of the text of an entry to a sort key; fails if no record has the entry. */
static int order_to(struct reader *reader, const struct collection *collection, const struct index *index,
                    struct ouse_str entry, struct ouse_str key, int *order)
{
    int is_tie =
        schema_is_cut(entry) && key.n > SCHEMA_TEXT_HEAD && memcmp(entry.p, key.p, SCHEMA_TEXT_HEAD) == 0;
    struct ouse_str of_entry =
        is_tie ? order_of(reader, collection, index, entry) : schema_entry_order(entry);
    if (!of_entry.p)
        return -1;
    *order = key_order(of_entry, key);
    return 0;
}

/* Compares the text of an entry with the only named one. */
static int compares(struct reader *reader, const struct collection *collection, const struct query_term *term,
                    struct ouse_str entry)
{
    enum tie_by by = term->tie->by;
    int order = 0;
    if (!tie_is_named(term, entry) &&
        order_to(reader, collection, term->index, entry, term->tie->text, &order))
        return 0;
    return by == TIE_BELOW   ? order < 0
           : by == TIE_UP_TO ? order <= 0
           : by == TIE_ABOVE ? order > 0
                             : order >= 0;
}

int tie_is_named(const struct query_term *term, struct ouse_str entry)
{
    struct text_class class;
    uint32_t low = 0, high = term->n_named;
    schema_text_class(entry, &class);
    struct ouse_str wanted = {class.at, class.n};
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (key_order(term->named[middle], wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < term->n_named && ouse_same(term->named[low], wanted);
}

int tie_begins(const struct query_term *term, struct ouse_str text)
{
    struct arena arena = {0};
    struct ouse_str folded = schema_text_folded(&arena, text), begin = term->tie->text;
    int begins = folded.n >= begin.n && memcmp(folded.p, begin.p, begin.n) == 0;
    arena_finish(&arena);
    return begins;
}

int tie_holds(struct reader *reader, const struct collection *collection, const struct query_term *term,
              struct ouse_str entry)
{
    assert(term->tie->by != TIE_BEGINS);
    if (term->tie->by == TIE_SAME || term->tie->by == TIE_OTHER)
        return tie_is_named(term, entry) == (term->tie->by == TIE_SAME);
    return compares(reader, collection, term, entry);
}

/* ---- Equal texts --------------------------------------------------------------------------- */

struct named_entries {
    struct query_range *at;
    uint32_t n, room;
};

/* The key before which an entry, or the end of the index, begins. */
static void edge(const struct index *index, struct ouse_str entry, struct key *key)
{
    key_index_prefix(key, index->number + !entry.p, entry);
}

/* Adds the entries in a range that equal texts have. OUSE_E_TOO_LARGE if it has many entries. */
static ouse_rc list_named(struct reader *reader, const struct query_term *term,
                          const struct query_range *range, uint32_t *seen, struct named_entries *named)
{
    struct key_span rest = {.db = DB_INDEXES};
    struct ouse_str found;
    ouse_rc rc;
    edge(term->index, range->from, &rest.from);
    edge(term->index, range->to, &rest.to);
    while (!(rc = span_edge(reader, &rest, 0, &found))) {
        struct query_range one =
            entry_range(reader->arena, arena_copy(reader->arena, key_index_entry(found)));
        if ((*seen)++ == TIE_ENTRIES)
            return OUSE_E_TOO_LARGE;
        edge(term->index, one.to, &rest.from);
        if (!tie_is_named(term, one.from))
            continue;
        named->at = arena_more(reader->arena, named->at, named->n, &named->room, sizeof *named->at);
        named->at[named->n++] = one;
    }
    return rc == OUSE_E_NOT_FOUND ? OUSE_OK : rc;
}

ouse_rc tie_resolve(struct reader *reader, struct query_term *term)
{
    struct named_entries named = {NULL, 0, 0};
    uint32_t seen = 0;
    ouse_rc rc = OUSE_OK;
    if (!term->tie || term->tie->by != TIE_SAME)
        return OUSE_OK;
    for (uint32_t i = 0; i < term->n_ranges && !rc; i++)
        rc = list_named(reader, term, &term->ranges[i], &seen, &named);
    if (rc)
        return rc == OUSE_E_TOO_LARGE ? OUSE_OK : rc;
    reader_charge(reader, seen - (seen > 0));
    term->ranges = named.at;
    term->n_ranges = named.n;
    term->exact = 1;
    term->tie = NULL;
    return OUSE_OK;
}

/* ---- Groups ----------------------------------------------------------------------------- */

struct query_range tie_range(struct arena *arena, struct ouse_str entry)
{
    return entry_range(arena, (struct ouse_str){entry.p, SCHEMA_TEXT_HEAD});
}

static int compare(const void *a, const void *b)
{
    const struct tied_entry *x = a, *y = b;
    int order = x->order.p && y->order.p ? key_order(x->order, y->order) : 0;
    return order ? order : key_order(x->entry, y->entry);
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
        tied->at[tied->n++] = (struct tied_entry){copy, order_of(reader, collection, index, copy)};
        if (deadline_over(reader->deadline, 1))
            return OUSE_E_UNAVAILABLE;
        reader_charge(reader, 1);
        edge(index, entry_range(reader->arena, copy).to, &span.from);
    }
    if (tied->n > 1)
        qsort(tied->at, tied->n, sizeof *tied->at, compare);
    return rc == OUSE_E_NOT_FOUND ? OUSE_OK : rc;
}
