/* search: see search.h.
 *
 * The score is about where the words are: three quarters for the fields (a word in
 * the label or an identifier counts twice as much as one in a short field, and that
 * twice as much as one in a long one), a quarter for how much of the label the words
 * are: all of it if the question is an identifier.
 */
#include "search.h"
#include "../../base/json_slice.h"
#include "../../query/words.h"
#include <stdlib.h>
#include <strings.h>

/* The words of the question in some fields of one collection. */
struct asked {
    struct query_term terms[QUERY_TERMS];
    uint32_t n;
};

struct searching {
    const struct search *search;
    const struct phrase *phrase; /* NULL: not read yet */
    struct arena *arena;
    struct reader reader;                  /* to look for words, and to test records with */
    uint32_t share;                        /* of a collection */
    struct asked label, named, brief, all; /* named: by the label of a record that the label names */
    struct hit *hits;
    uint32_t n, room;
    int full; /* the collection has its share, and there is more */
    int cut;  /* some records were not examined */
};

/* ---- Scores ------------------------------------------------------------------------- */

/* How many of the words are in some fields of a record. */
static uint64_t find(struct searching *at, const struct asked *asked, const struct record *record)
{
    const struct query_term *terms[QUERY_TERMS];
    for (uint32_t i = 0; i < asked->n; i++)
        terms[i] = &asked->terms[i];
    return terms_test_words(&at->reader, terms, asked->n, record);
}

/* Returns the sum of the weights of the words, by their places. */
static double weigh(struct searching *at, const struct record *record)
{
    uint64_t in_label = find(at, &at->label, record), in_brief = find(at, &at->brief, record);
    double weight = 0;
    for (uint32_t i = 0; i < at->label.n; i++)
        weight += in_label >> i & 1 ? 1 : in_brief >> i & 1 ? 0.5 : 0.25;
    return weight;
}

/* How much of the label the question is. */
static double share_of_label(const struct searching *at, const struct record *record)
{
    const struct collection *collection = record->collection;
    for (uint32_t i = 0; i < collection->n_labels; i++) {
        struct ouse_str label = json_slice(record->json, collection->labels[i]->is.name);
        if (label.n > 2) /* the quotes */
            return at->search->text.n < label.n - 2 ? (double)at->search->text.n / (label.n - 2) : 1;
    }
    return 0;
}

struct coding {
    struct ouse_str text; /* the question */
    int same;
};

static void compare_code(void *arg, struct ouse_str code, uint32_t visibility)
{
    struct coding *coding = arg;
    (void)visibility;
    coding->same |= code.n == coding->text.n && strncasecmp(code.p, coding->text.p, code.n) == 0;
}

/* Returns whether the question is an identifier of the record that the role may see. */
static int is_code_of(const struct searching *at, const struct record *record)
{
    struct coding coding = {.text = at->search->text};
    const struct field *field;
    for (uint32_t i = 0; !coding.same && (field = schema_searched(record->collection, i)); i++) {
        struct ouse_str text = {NULL, 0};
        if (schema_is_code(field) && field->is.visibility <= at->search->role)
            text = json_slice(record->json, field->is.name);
        cJSON *value = text.p ? cJSON_ParseWithLength(text.p, text.n) : NULL;
        if (value)
            schema_texts(record->collection, field, value, compare_code, &coding);
        cJSON_Delete(value);
    }
    return coding.same;
}

/* How much of the name of a record the question is. */
static double share_of_name(const struct searching *at, const struct record *record)
{
    return is_code_of(at, record) ? 1 : share_of_label(at, record);
}

/* Returns the score. `asked` is the query by which the record was found: its words need no second
 * look-up. */
static double score_of(struct searching *at, const struct asked *asked, const struct record *record)
{
    if (asked == &at->named)
        return 0.75;
    double n = asked->n, weight = asked == &at->label ? n : weigh(at, record);
    return 0.75 * weight / n + (weight >= n ? 0.25 * share_of_name(at, record) : 0);
}

/* ---- Candidates ------------------------------------------------------------------------ */

static void add_hit(struct searching *at, const struct asked *asked, const struct record *record)
{
    at->hits = arena_more(at->arena, at->hits, at->n, &at->room, sizeof *at->hits);
    struct hit *hit = &at->hits[at->n++];
    *hit = (struct hit){*record, score_of(at, asked, record)};
    hit->record.id = arena_copy(at->arena, record->id);
    if (record->as_of || record->redacted) /* rows lend it until the next one only */
        hit->record.json = arena_copy(at->arena, record->json);
}

static int compare_ids(const void *a, const void *b)
{
    const struct hit *x = a, *y = b;
    return key_order(x->record.id, y->record.id);
}

/* Whether a record is among hits that ascend by id. */
static int is_among(const struct hit *hits, uint32_t n, struct ouse_str id)
{
    uint32_t low = 0, high = n;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (key_order(hits[middle].record.id, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n && ouse_same(hits[low].record.id, id);
}

/* Looks for the words that there are of each; whether there may be records that have all of them. */
static ouse_rc find_words(struct searching *at, struct query_term *terms, uint32_t n, int *any)
{
    ouse_rc rc = OUSE_OK;
    *any = 1;
    for (uint32_t i = 0; i < n && *any && !rc; i++) {
        if (terms[i].through)
            continue;
        rc = words_resolve(&at->reader, &terms[i]);
        *any = terms[i].n_ranges > 0;
    }
    return rc;
}

/* Adds the records of a collection that match, up to its share; `first` is its first hit. */
static ouse_rc gather(struct searching *at, const struct collection *collection, const struct asked *asked,
                      uint32_t first)
{
    uint32_t before = at->n;
    struct query query;
    struct record record;
    struct rows *rows;
    int any;
    query_init(&query, collection, at->search->role);
    memcpy(query.terms, asked->terms, asked->n * sizeof *asked->terms);
    query.n_terms = asked->n;
    query.as_of = at->search->as_of;
    query.deadline = at->search->deadline;
    query.steps = SEARCH_STEPS / (SEARCH_MOST / at->share);
    if (before > first)
        qsort(at->hits + first, before - first, sizeof *at->hits, compare_ids);
    ouse_rc rc = find_words(at, query.terms, query.n_terms, &any);
    if (rc || !any)
        return rc;
    rc = rows_open(at->reader.txn, &query, at->arena, &rows);
    while (!rc && !at->full && !(rc = rows_next(rows, &record))) {
        if (is_among(at->hits + first, before - first, record.id))
            continue;
        if (at->n - first < at->share)
            add_hit(at, asked, &record);
        else
            at->full = 1;
    }
    if (rc && rc != OUSE_E_NOT_FOUND)
        return rc;
    at->cut |= at->full || rows_cut(rows);
    rows_close(rows);
    return OUSE_OK;
}

static ouse_rc ask(const struct searching *at, const struct collection *collection, uint32_t scope,
                   struct asked *asked, struct problem *problem)
{
    struct words_asked words = {
        .phrase = at->phrase, .collection = collection, .role = at->search->role, .scope = scope};
    return words_ask(&words, at->arena, asked->terms, QUERY_TERMS, &asked->n, problem);
}

/* Adds records with a label that names others, if those have all words in their own label: `any` is
 * 0 if no collection has the words. */
static ouse_rc ask_through(struct searching *at, const struct field *field, int *any, struct problem *problem)
{
    struct query_through *through = arena_zero(at->arena, field->n_targets * sizeof *through);
    ouse_rc rc = OUSE_OK;
    *any = 0;
    for (uint32_t i = 0; i < field->n_targets && !rc; i++) {
        const struct collection *to = field->targets[i].to;
        struct asked *asked;
        int some;
        if (!to || to->is.visibility > at->search->role)
            continue;
        asked = arena_zero(at->arena, sizeof *asked);
        rc = ask(at, to, WORDS_LABEL, asked, problem);
        if (!rc)
            rc = find_words(at, asked->terms, asked->n, &some);
        if (rc || !some)
            continue;
        through[i] = (struct query_through){to, asked->terms, asked->n};
        *any = 1;
    }
    at->named.terms[0] = (struct query_term){.field = field, .through = through};
    at->named.n = 1;
    return rc;
}

/* Adds the records that are called after others: "Research skills, 2027" after its scheme. */
static ouse_rc gather_named(struct searching *at, const struct collection *collection, uint32_t first,
                            struct problem *problem)
{
    ouse_rc rc = OUSE_OK;
    for (uint32_t i = 0; i < collection->n_labels && !at->full && !rc; i++) {
        int any;
        if (!collection->labels[i]->n_targets)
            continue;
        rc = ask_through(at, collection->labels[i], &any, problem);
        if (!rc && any)
            rc = gather(at, collection, &at->named, first);
    }
    return rc;
}

static ouse_rc search_in(struct searching *at, const struct collection *collection, struct problem *problem)
{
    uint32_t first = at->n;
    ouse_rc rc = OUSE_OK;
    at->full = 0;
    if (!at->phrase)
        rc = words_read(collection, "q", at->search->text, at->arena, &at->phrase, problem);
    if (!rc)
        rc = ask(at, collection, WORDS_LABEL, &at->label, problem);
    if (!rc)
        rc = gather(at, collection, &at->label, first);
    if (!rc && !at->full)
        rc = gather_named(at, collection, first, problem);
    if (rc || at->full || at->search->labels)
        return rc;
    rc = ask(at, collection, WORDS_SHORT, &at->brief, problem);
    if (!rc)
        rc = ask(at, collection, WORDS_SOME, &at->all, problem);
    return rc ? rc : gather(at, collection, &at->all, first);
}

/* ---- All of them --------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    const struct hit *x = a, *y = b;
    int order = (x->score < y->score) - (x->score > y->score);
    if (!order)
        order = strcmp(x->record.collection->is.name, y->record.collection->is.name);
    return order ? order : key_order(x->record.id, y->record.id);
}

static int is_searched(const struct search *search, const struct collection *collection)
{
    return collection->is.visibility <= search->role && (!search->in || search->in == collection);
}

ouse_rc search_run(struct txn *txn, const struct search *search, struct arena *arena, uint32_t most,
                   struct hit **hits, uint32_t *n, int *cut, struct problem *problem)
{
    struct schema *schema = records_schema(search->records);
    struct searching *at = arena_zero(arena, sizeof *at);
    uint32_t collections = 0;
    ouse_rc rc = OUSE_OK;
    at->search = search;
    at->arena = arena;
    at->reader = (struct reader){.txn = txn,
                                 .arena = arena,
                                 .role = search->role,
                                 .as_of = search->as_of,
                                 .deadline = search->deadline};
    for (uint32_t i = 0; i < schema_count(schema); i++)
        collections += (uint32_t)is_searched(search, schema_at(schema, i));
    at->share = SEARCH_MOST / (collections ? collections : 1);
    at->share = at->share ? at->share : 1;
    for (uint32_t i = 0; i < schema_count(schema) && !rc; i++)
        if (is_searched(search, schema_at(schema, i)))
            rc = search_in(at, schema_at(schema, i), problem);
    reader_close(&at->reader);
    if (!rc && deadline_over(search->deadline, 0))
        rc = OUSE_E_UNAVAILABLE;
    if (rc)
        return rc;
    *cut = at->cut;
    if (at->n)
        qsort(at->hits, at->n, sizeof *at->hits, compare);
    *hits = at->hits;
    *n = at->n < most ? at->n : most;
    return OUSE_OK;
}
