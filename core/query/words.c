/* words: compiles searches for words into predicates of a query.
 *
 *     q=frail elders    ──>  [1 frail] [2 frail] …  and  [1 elder…) [2 elder…) …
 *
 * Each word gives a predicate over all of its forms (stem, whole of a compound) in all requested
 * fields. The last word is a beginning, unless a character that is no part of a word follows it.
 * Common words count only if there are no others. */
#include "words.h"
#include <stdlib.h>

enum { FORMS = 128 }; /* of all words of a question */

struct form {
    struct ouse_str text;
    uint32_t flags, from, to;
};

struct phrase {
    const char *name; /* the name of the parameter */
    struct arena *arena;
    struct ouse_str text;
    struct form forms[FORMS];
    uint32_t n;
    uint32_t words[FORMS]; /* those of the forms that are words to look for */
    uint32_t n_words;
    int overflow;
};

static void take_form(void *arg, struct ouse_str form, uint32_t flags, uint32_t from, uint32_t to)
{
    struct phrase *phrase = arg;
    if (form.n < 1 || form.n > OUSE_WORD_MAX || memchr(form.p, 0, form.n) ||
        !(flags & (OUSE_WORD_WHOLE | OUSE_WORD_BEGINS)))
        return;
    if (phrase->n == FORMS)
        phrase->overflow = 1;
    else
        phrase->forms[phrase->n++] = (struct form){arena_copy(phrase->arena, form), flags, from, to};
}

static int is_within(const struct form *inner, const struct form *outer)
{
    return outer->from <= inner->from && inner->to <= outer->to;
}

/* Whether no other word lies within this one, and no form of it came before. */
static int is_word(const struct phrase *phrase, uint32_t i)
{
    const struct form *form = &phrase->forms[i];
    for (uint32_t k = 0; k < phrase->n; k++) {
        const struct form *other = &phrase->forms[k];
        int same = is_within(form, other) && is_within(other, form);
        if (k != i && is_within(other, form) && (!same || k < i))
            return 0;
    }
    return 1;
}

static int is_common(const struct phrase *phrase, uint32_t i)
{
    return (phrase->forms[i].flags & OUSE_WORD_COMMON) != 0;
}

/* The words, or of them those that are common. */
static void choose_words(struct phrase *phrase, int common)
{
    for (uint32_t i = 0; i < phrase->n; i++)
        if (is_word(phrase, i) && is_common(phrase, i) == common)
            phrase->words[phrase->n_words++] = i;
}

ouse_rc words_read(const struct collection *collection, const char *name, struct ouse_str text,
                   struct arena *arena, const struct phrase **phrase, struct problem *problem)
{
    struct phrase *read = arena_alloc(arena, sizeof *read);
    if (!collection->words)
        return problem_add(problem, OUSE_E_REQUEST, "", "not_searchable",
                           "%s needs the plugin \"search\", which is not enabled here", name);
    read->name = name;
    read->arena = arena;
    read->text = text;
    read->n = read->n_words = 0;
    read->overflow = 0;
    schema_read_words(collection->words->analyser, text, take_form, read);
    if (read->overflow)
        return problem_add(problem, OUSE_E_REQUEST, "", "too_many", "%s has too many words", name);
    if (!read->n)
        return problem_add(problem, OUSE_E_REQUEST, "", "value", "%s has no word to look for", name);
    choose_words(read, 0);
    if (!read->n_words)
        choose_words(read, 1);
    *phrase = read;
    return OUSE_OK;
}

/* ---- Ranges ------------------------------------------------------------------------ */

struct ranging {
    struct arena *arena;
    struct query_range *at;
    uint32_t n, room;
};

static void add_range(struct ranging *ranging, const char place[SCHEMA_WORD_PLACE], struct ouse_str form,
                      int begins)
{
    char *entry = arena_alloc(ranging->arena, SCHEMA_WORD_PLACE + form.n + 1);
    memcpy(entry, place, SCHEMA_WORD_PLACE);
    memcpy(entry + SCHEMA_WORD_PLACE, form.p, form.n);
    entry[SCHEMA_WORD_PLACE + form.n] = 0;
    struct ouse_str from = {entry, SCHEMA_WORD_PLACE + form.n + !begins};
    ranging->at = arena_more(ranging->arena, ranging->at, ranging->n, &ranging->room, sizeof *ranging->at);
    ranging->at[ranging->n++] = entry_range(ranging->arena, from);
}

/* A form in a field: of quotations in all places that the role may see. */
static void add_places(struct ranging *ranging, const struct field *field, uint32_t role,
                       struct ouse_str form, int begins)
{
    static const uint32_t roles[] = {OUSE_PUBLIC, OUSE_PARTNER, OUSE_OFFICE};
    char place[SCHEMA_WORD_PLACE];
    size_t n = schema_is_sources(field) ? sizeof roles / sizeof *roles : 1;
    for (size_t i = 0; i < n && roles[i] <= role; i++) {
        schema_word_place(field, roles[i], place);
        add_range(ranging, place, form, begins);
    }
}

static int compare_ranges(const void *a, const void *b)
{
    const struct query_range *x = a, *y = b;
    int order = key_order(x->from, y->from);
    return order ? order : -key_order(x->to, y->to);
}

/* Two ranges are apart, or one lies in the other: then the larger is enough. */
static void set_ranges(struct query_term *term, struct ranging *ranging)
{
    uint32_t kept = 0;
    if (ranging->n > 1)
        qsort(ranging->at, ranging->n, sizeof *ranging->at, compare_ranges);
    for (uint32_t i = 0; i < ranging->n; i++)
        if (!kept || key_order(ranging->at[i].from, ranging->at[kept - 1].to) >= 0)
            ranging->at[kept++] = ranging->at[i];
    term->ranges = ranging->at;
    term->n_ranges = kept;
    term->exact = 1;
    for (uint32_t i = 0; i < kept; i++)
        term->exact &= ranging->at[i].from.p[ranging->at[i].from.n - 1] == 0;
}

/* ---- Terms --------------------------------------------------------------------------- */

static int is_asked(const struct words_asked *asked, const struct field *field)
{
    if (field->is.visibility > asked->role || (asked->field && field != asked->field))
        return 0;
    if (!(asked->scope & WORDS_LABEL) && !(asked->scope & WORDS_SHORT))
        return 1;
    if (schema_is_code(field))
        return 1;
    for (uint32_t i = 0; i < asked->collection->n_labels; i++)
        if (asked->collection->labels[i] == field)
            return 1;
    return asked->scope & WORDS_SHORT && field->is.type != OUSE_LONG && field != asked->collection->sources;
}

/* Builds the ranges of entries for the forms of a word. */
static void make_term(const struct words_asked *asked, uint32_t word, struct arena *arena,
                      struct query_term *term)
{
    const struct phrase *phrase = asked->phrase;
    struct ranging ranging = {.arena = arena};
    const struct field *field;
    for (uint32_t i = 0; i < phrase->n; i++) {
        const struct form *form = &phrase->forms[i];
        int last = form->to == phrase->text.n, begins = last && form->flags & OUSE_WORD_BEGINS;
        if (!is_within(&phrase->forms[word], form) || !(begins || form->flags & OUSE_WORD_WHOLE))
            continue;
        for (uint32_t k = 0; (field = schema_searched(asked->collection, k)); k++)
            if (is_asked(asked, field))
                add_places(&ranging, field, asked->role, form->text, begins);
    }
    *term = (struct query_term){.words = asked->collection->words, .some = asked->scope != 0};
    set_ranges(term, &ranging);
}

ouse_rc words_ask(const struct words_asked *asked, struct arena *arena, struct query_term *terms,
                  uint32_t room, uint32_t *n, struct problem *problem)
{
    const struct phrase *phrase = asked->phrase;
    if (phrase->n_words > room)
        return problem_add(problem, OUSE_E_REQUEST, "", "too_many",
                           "At most %d filters, each word of %s being one", QUERY_TERMS, phrase->name);
    for (uint32_t i = 0; i < phrase->n_words; i++)
        make_term(asked, phrase->words[i], arena, &terms[i]);
    *n = phrase->n_words;
    return OUSE_OK;
}

/* ---- Beginnings ------------------------------------------------------------------------ */

struct begun {
    struct query_range *at;
    uint32_t n, room;
};

/* Adds the entries with the prefix of a range. Returns OUSE_E_TOO_LARGE if there are more than
 * `most` in all. */
static ouse_rc list_entries(struct reader *reader, uint32_t index, const struct query_range *range,
                            uint32_t most, struct begun *begun)
{
    struct key_span rest = {.db = DB_INDEXES};
    struct ouse_str found;
    ouse_rc rc;
    key_index_prefix(&rest.from, index, range->from);
    key_index_prefix(&rest.to, index, range->to);
    while (!(rc = span_edge(reader, &rest, 0, &found))) {
        struct ouse_str entry = key_index_entry(found);
        if (!entry.p)
            return OUSE_E_INTERNAL;
        if (begun->n == most)
            return OUSE_E_TOO_LARGE;
        begun->at = arena_more(reader->arena, begun->at, begun->n, &begun->room, sizeof *begun->at);
        begun->at[begun->n] = entry_range(reader->arena, arena_copy(reader->arena, entry));
        key_index_prefix(&rest.from, index, begun->at[begun->n++].to);
    }
    return rc == OUSE_E_NOT_FOUND ? OUSE_OK : rc;
}

ouse_rc words_resolve(struct reader *reader, struct query_term *term)
{
    struct begun begun = {NULL, 0, 0};
    ouse_rc rc = OUSE_OK;
    if (term->exact)
        return OUSE_OK;
    for (uint32_t i = 0; i < term->n_ranges; i++) {
        uint32_t most = term->some ? WORDS_BEGUN / term->n_ranges * (i + 1) : WORDS_BEGUN;
        rc = list_entries(reader, term->words->number, &term->ranges[i], most, &begun);
        if (rc && !(rc == OUSE_E_TOO_LARGE && term->some))
            return rc == OUSE_E_TOO_LARGE ? OUSE_OK : rc;
    }
    term->ranges = begun.at;
    term->n_ranges = begun.n;
    term->exact = 1;
    return OUSE_OK;
}
