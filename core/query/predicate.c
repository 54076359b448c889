/* predicate: one term of a query, as keys of the store and as a test of a record. */
#include "../base/json_slice.h"
#include "join.h"
#include <assert.h>

static int has_nothing(const struct query_term *term)
{
    return term->n_ranges && ouse_same(term->ranges[term->n_ranges - 1].from, NOTHING);
}

int term_drives(const struct query_term *term)
{
    if (term->through || (term->veiled && has_nothing(term)))
        return 0;
    return term->words || term->index || term->of_ids || (term->field->n_targets && term->exact);
}

int term_walks(const struct query_term *term)
{
    return term_drives(term) && term->exact;
}

/* ---- Keys ------------------------------------------------------------------- */

struct ouse_str reference_entry(struct arena *arena, const struct field *field, uint32_t target,
                                struct ouse_str id)
{
    const char *name = field->targets[target].collection;
    struct ouse_str entry =
        field->qualified ? arena_printf(arena, "%s/%.*s", name, OUSE_F(id)) : arena_copy(arena, id);
    entry.n++; /* the zero after it, which ends entries of text */
    return entry;
}

uint32_t reference_named(const struct field *field, struct ouse_str entry, struct ouse_str *id)
{
    const char *slash = memchr(entry.p, '/', entry.n);
    struct ouse_str name = {entry.p, slash ? (uint32_t)(slash - entry.p) : 0};
    uint32_t i = 0;
    *id = (struct ouse_str){slash ? slash + 1 : entry.p, entry.n - name.n - (slash ? 2 : 1)};
    while (slash && i < field->n_targets && !ouse_is(name, field->targets[i].collection))
        i++;
    return i;
}

struct referring {
    const struct field *field;
    void (*fn)(void *arg, const struct collection *to, struct ouse_str id);
    void *arg;
};

static void refer(void *arg, struct ouse_str entry)
{
    const struct referring *referring = arg;
    struct ouse_str id;
    uint32_t i = reference_named(referring->field, entry, &id);
    if (i < referring->field->n_targets && id.n)
        referring->fn(referring->arg, referring->field->targets[i].to, id);
}

void record_references(const struct record *record, const struct field *field,
                       void (*fn)(void *arg, const struct collection *to, struct ouse_str id), void *arg)
{
    struct referring referring = {field, fn, arg};
    record_entries(record, field, refer, &referring);
}

/* Builds the prefix of the references to the target of an entry. */
static void reference_prefix(const struct collection *collection, const struct field *field,
                             struct ouse_str entry, struct key *key)
{
    const struct ouse_str none = {"", 0};
    struct ouse_str id;
    uint32_t i = reference_named(field, entry, &id);
    uint32_t number = i < field->n_targets ? field->targets[i].number : 0;
    key_reference(key, number, id, collection->number, field->number, none);
}

void term_span(const struct collection *collection, const struct query_term *term, uint32_t range,
               struct key_span *span)
{
    const struct query_range *of = &term->ranges[range];
    uint32_t index = term->words ? term->words->number : term->index ? term->index->number : 0;
    if (term->of_ids) {
        span->db = DB_RECORDS;
        key_record(&span->from, collection->number, of->from);
        span->to = span->from;
        key_byte(&span->to, 0); /* the least key after it */
        return;
    }
    span->db = index ? DB_INDEXES : DB_REFERENCES;
    if (!index) {
        reference_prefix(collection, term->field, of->from, &span->from);
        span->to = span->from;
        span->to.n = bytes_behind(span->to.at, span->to.n).n;
        return;
    }
    key_index_prefix(&span->from, index, of->from);
    key_index_prefix(&span->to, index + !of->to.p, of->to);
}

static ouse_rc id_each(struct reader *reader, const struct collection *collection,
                       ouse_rc (*fn)(void *arg, struct ouse_str id), void *arg)
{
    struct key_span span = {.db = DB_RECORDS};
    key_record(&span.from, collection->number, ouse_s(""));
    span.to = span.from;
    span.to.n = bytes_behind(span.to.at, span.to.n).n;
    return span_each(reader, &span, fn, arg);
}

ouse_rc term_each(struct reader *reader, const struct collection *collection, const struct query_term *term,
                  ouse_rc (*fn)(void *arg, struct ouse_str id), void *arg)
{
    struct key_span span;
    ouse_rc rc = OUSE_OK;
    if (!term)
        return id_each(reader, collection, fn, arg);
    for (uint32_t i = 0; i < term->n_ranges && !rc; i++) {
        term_span(collection, term, i, &span);
        rc = span_each(reader, &span, fn, arg);
    }
    return rc;
}

/* ---- Records ---------------------------------------------------------------- */

struct testing {
    struct reader *reader;
    const struct collection *collection;
    const struct query_term *term;
    uint32_t n, inside;
};

static int is_below(struct ouse_str entry, struct ouse_str bound)
{
    struct ouse_str half = {entry.p + entry.n / 2, entry.n / 2};
    return key_order(half, bound) < 0;
}

/* The last range that begins no later than an entry, or NULL. */
static const struct query_range *range_before(const struct query_term *term, struct ouse_str entry)
{
    uint32_t low = 0, high = term->n_ranges;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (key_order(term->ranges[middle].from, entry) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? &term->ranges[low - 1] : NULL;
}

static int is_inside(const struct query_term *term, struct ouse_str entry)
{
    const struct query_range *range = range_before(term, entry);
    return range && (!range->to.p || key_order(entry, range->to) < 0) &&
           (!term->below.p || is_below(entry, term->below));
}

static void test_entry(void *arg, struct ouse_str entry)
{
    struct testing *testing = arg;
    const struct query_term *term = testing->term;
    int inside = is_inside(term, entry);
    if (inside && term->tie)
        inside = tie_holds(testing->reader, testing->collection, term, entry);
    testing->n++;
    testing->inside += (uint32_t)inside;
}

static void test_text(void *arg, struct ouse_str entry, struct ouse_str text)
{
    struct testing *testing = arg;
    testing->inside += is_inside(testing->term, entry) && tie_begins(testing->term, text);
}

/* Terms about words, and which of them were found so far. */
struct finding {
    const struct query_term *const *terms;
    uint32_t n;
    uint64_t missing;
};

static void find_word(void *arg, struct ouse_str entry)
{
    struct finding *finding = arg;
    for (uint32_t i = 0; i < finding->n; i++)
        if (finding->missing >> i & 1 && is_inside(finding->terms[i], entry))
            finding->missing &= ~(UINT64_C(1) << i);
}

static int is_looked_through(const struct finding *finding, const struct field *field)
{
    for (uint32_t i = 0; i < finding->n; i++)
        if (finding->missing >> i & 1 && term_asks_in(finding->terms[i], field))
            return 1;
    return 0;
}

uint64_t terms_test_words(struct reader *reader, const struct query_term *const *terms, uint32_t n,
                          const struct record *record)
{
    const struct field *field;
    uint64_t all = ~UINT64_C(0) >> (64 - n);
    struct finding finding = {terms, n, all};
    assert(n >= 1 && n <= 64);
    for (uint32_t i = 0; finding.missing && (field = schema_searched(record->collection, i)); i++) {
        struct ouse_str text = {NULL, 0};
        if (is_looked_through(&finding, field))
            text = json_slice(record->json, field->is.name);
        cJSON *value = text.p ? cJSON_ParseWithLength(text.p, text.n) : NULL;
        if (value)
            schema_word_entries(record->collection, field, value, find_word, &finding);
        cJSON_Delete(value);
        reader_charge(reader, text.n / TEXT_STEP);
    }
    return all & ~finding.missing;
}

struct following {
    struct reader *reader;
    const struct query_term *term;
    ouse_rc rc;
};

/* Tests whether the target of an entry matches. */
static void follow(void *arg, struct ouse_str entry)
{
    struct following *following = arg;
    struct reader *reader = following->reader;
    const struct field *field = following->term->field;
    struct record record;
    struct ouse_str id;
    uint32_t i = reference_named(field, entry, &id);
    const struct query_through *through = i < field->n_targets ? &following->term->through[i] : NULL;
    struct arena arena = {0};
    ouse_rc rc;
    if (!through || !through->to || following->rc != OUSE_E_NOT_FOUND)
        return;
    rc = reader_get(reader, through->to, id, &arena, &record);
    if (!rc && record.kind != RECORD_LIVE)
        rc = OUSE_E_NOT_FOUND;
    for (uint32_t k = 0; k < through->n_terms && !rc; k++)
        rc = term_test(reader, &through->terms[k], &record);
    arena_finish(&arena);
    following->rc = rc;
    reader_charge(reader, 1);
}

/* Whether a record is sorted by the entry that the term is about. */
static int is_led(struct reader *reader, const struct query_term *term, const struct record *record)
{
    struct arena arena = {0};
    int led = ouse_same(order_entry(reader, term->led, record, &arena), term->ranges[0].from);
    arena_finish(&arena);
    return led;
}

ouse_rc term_test(struct reader *reader, const struct query_term *term, const struct record *record)
{
    struct testing testing = {.reader = reader, .collection = record->collection, .term = term};
    struct following following = {reader, term, OUSE_E_NOT_FOUND};
    if (term->through) {
        record_entries(record, term->field, follow, &following);
        return following.rc;
    }
    if (term->of_ids) {
        const struct query_range *range = range_before(term, record->id);
        return range && ouse_same(range->from, record->id) ? OUSE_OK : OUSE_E_NOT_FOUND;
    }
    if (term->led)
        return is_led(reader, term, record) ? OUSE_OK : OUSE_E_NOT_FOUND;
    if (term->words)
        return terms_test_words(reader, &term, 1, record) ? OUSE_OK : OUSE_E_NOT_FOUND;
    if (term->tie && term->tie->by == TIE_BEGINS)
        record_texts(record, term->field, test_text, &testing);
    else
        record_entries(record, term->field, test_entry, &testing);
    return (term->every ? testing.inside == testing.n : testing.inside > 0) ? OUSE_OK : OUSE_E_NOT_FOUND;
}
