/* operators: compiles operators on a field into ranges of its encoded entries.
 *
 *     state[in]=active,closed   ──>  [active] [closed]
 *     starts[gte]=2024          ──>  [2024-01-01 …)
 *     state[ne]=active          ──>  (… active) (active …), and every entry in them
 *
 * A partial date or a quantity is the span of its possible values, and matches if the comparison
 * holds for all of the span: `lt` ends before v begins, `gte` begins no earlier than v, `lte` ends
 * no later than v, `gt` begins after v ends; equal is the same span. Only the range of exists=false
 * includes NOTHING. For `created` and `updated`, which are instants, a value may be a day: equal is
 * within it. Equal texts ("Bread", "BREAD") are neither before nor after each other, whatever their
 * order in a list. */
#include "operators.h"
#include "../base/text.h"
#include "join.h"
#include <ouse/plugin.h>
#include <stdlib.h>

#define OF(type) (1u << (type))

enum {
    TIMES = 1, /* in the place of a type 0, which there is not */
    ALL = (OF(OUSE_SERIES + 1) - 1) & ~TIMES,
    TEXTS = OF(OUSE_TEXT) | OF(OUSE_URL) | OF(OUSE_EMAIL) | OF(OUSE_LIST),
    SPANS = OF(OUSE_DATE) | OF(OUSE_PDATE) | OF(OUSE_QTY),
    ORDERED = TIMES | TEXTS | SPANS | OF(OUSE_ENUM) | OF(OUSE_INT) | OF(OUSE_MONEY),
    LISTS = OF(OUSE_REFS) | OF(OUSE_LIST) | OF(OUSE_IDS) | OF(OUSE_SERIES),
};

struct comparison {
    const char *name;
    uint32_t types;
    ouse_rc (*make)(struct asking *asking, const struct comparison *by, struct query_term *term);
    int below, behind; /* of bounds: everything before it; it is after the last possible value */
};

int field_is_list(const struct field *field)
{
    return (LISTS & OF(field->is.type)) != 0;
}

/* ---- Ranges --------------------------------------------------------------------- */

static struct ouse_str behind(struct arena *arena, struct ouse_str bytes)
{
    char *copy = arena_alloc(arena, bytes.n);
    memcpy(copy, bytes.p, bytes.n);
    return bytes_behind(copy, bytes.n);
}

struct query_range entry_range(struct arena *arena, struct ouse_str entry)
{
    return (struct query_range){entry, behind(arena, entry)};
}

static void set_ranges(struct arena *arena, struct query_term *term, const struct query_range *ranges,
                       uint32_t n)
{
    struct query_range *kept = arena_alloc(arena, n * sizeof *kept);
    memcpy(kept, ranges, n * sizeof *kept);
    term->ranges = kept;
    term->n_ranges = n;
}

/* ---- Operators -------------------------------------------------------------------- */

static ouse_rc encode(struct asking *asking, const struct field *field, struct ouse_str value,
                      struct ouse_str *entry)
{
    struct buffer bytes;
    ouse_rc rc;
    buffer_init(&bytes, SCHEMA_KEY_MAX);
    rc = schema_encode_text(field, value, &bytes, asking->problem);
    if (!rc)
        *entry = arena_copy(asking->arena, buffer_view(&bytes));
    buffer_finish(&bytes);
    return rc;
}

/* Encodes the first and the last possible value of a text. */
static ouse_rc encode_ends(struct asking *asking, const struct field *field, struct ouse_str *first,
                           struct ouse_str *last)
{
    ouse_rc rc = encode(asking, field, asking->value, first);
    if (rc)
        return rc;
    *last = *first;
    if (OF(field->is.type) & SPANS || schema_is_time(field)) {
        first->n /= 2;
        last->n = first->n;
        last->p += first->n;
    }
    return OUSE_OK;
}

/* The entries that are equal to the value. */
static ouse_rc encode_equal(struct asking *asking, const struct field *field, struct query_range *range)
{
    struct ouse_str first, last;
    ouse_rc rc = schema_is_time(field) ? encode_ends(asking, field, &first, &last)
                                       : encode(asking, field, asking->value, &first);
    if (!rc)
        *range = (struct query_range){first, behind(asking->arena, schema_is_time(field) ? last : first)};
    return rc;
}

static int compare_texts(const void *a, const void *b)
{
    return key_order(*(const struct ouse_str *)a, *(const struct ouse_str *)b);
}

/* Sorts entries and keeps each once. */
static uint32_t sort_entries(struct ouse_str *entries, uint32_t n)
{
    uint32_t kept = 0;
    if (n > 1)
        qsort(entries, n, sizeof *entries, compare_texts);
    for (uint32_t i = 0; i < n; i++)
        if (!kept || !ouse_same(entries[kept - 1], entries[i]))
            entries[kept++] = entries[i];
    return kept;
}

void term_set_named(struct arena *arena, struct query_term *term, const struct ouse_str *entries, uint32_t n)
{
    struct ouse_str *named = arena_alloc(arena, n * sizeof *named);
    struct query_range *ranges = arena_alloc(arena, (n + 1) * sizeof *ranges);
    memcpy(named, entries, n * sizeof *named);
    term->named = named;
    term->n_named = n = sort_entries(named, n);
    term->ranges = ranges;
    term->n_ranges = n + (term->every != 0);
    term->exact = !term->every;
    for (uint32_t i = 0; i < n && !term->every; i++)
        ranges[i] = entry_range(arena, named[i]);
    for (uint32_t i = 0; i <= n && term->every; i++) {
        ranges[i].from = i ? behind(arena, named[i - 1]) : (struct ouse_str){"", 0};
        ranges[i].to = i < n ? named[i] : NOTHING;
    }
}

static const struct query_tie tie_same = {.by = TIE_SAME}, tie_other = {.by = TIE_OTHER};

/* Matches the texts that are equal to those of some entries, or all others. */
static void set_texts(struct arena *arena, struct query_term *term, const struct ouse_str *entries,
                      uint32_t n)
{
    struct ouse_str *named = arena_alloc(arena, n * sizeof *named);
    struct query_range *ranges = arena_alloc(arena, (n + 1) * sizeof *ranges);
    for (uint32_t i = 0; i < n; i++) {
        struct text_class class;
        schema_text_class(entries[i], &class);
        named[i] = arena_copy(arena, (struct ouse_str){class.at, class.n});
        ranges[i] = entry_range(arena, (struct ouse_str){named[i].p, class.n_letters});
    }
    term->named = named;
    term->n_named = sort_entries(named, n);
    term->tie = term->every ? &tie_other : &tie_same;
    if (term->every)
        ranges[n = 0] = (struct query_range){{"", 0}, NOTHING};
    else
        ranges_sort(ranges, &n);
    term->ranges = ranges;
    term->n_ranges = n + (term->every != 0);
}

static void set_equal(struct arena *arena, struct query_term *term, const struct ouse_str *entries,
                      uint32_t n)
{
    if (schema_orders_text(term->field))
        set_texts(arena, term, entries, n);
    else
        term_set_named(arena, term, entries, n);
}

/* Of times, which have no entries that are equal to a text, the range is that of the instants meant. */
static ouse_rc make_eq(struct asking *asking, const struct comparison *by, struct query_term *term)
{
    struct query_range equal;
    (void)by;
    ouse_rc rc = encode_equal(asking, term->field, &equal);
    if (rc)
        return rc;
    if (schema_is_time(term->field))
        set_ranges(asking->arena, term, &equal, 1);
    else
        set_equal(asking->arena, term, &equal.from, 1);
    return OUSE_OK;
}

static ouse_rc make_ne(struct asking *asking, const struct comparison *by, struct query_term *term)
{
    struct query_range equal;
    (void)by;
    ouse_rc rc = encode_equal(asking, term->field, &equal);
    if (rc)
        return rc;
    struct query_range others[] = {{{"", 0}, equal.from}, {equal.to, NOTHING}};
    term->every = 1;
    if (schema_is_time(term->field))
        set_ranges(asking->arena, term, others, 2);
    else
        set_equal(asking->arena, term, &equal.from, 1);
    return OUSE_OK;
}

/* The texts before or after an entry, in a range that has all equal ones. */
static void set_text_bound(struct asking *asking, const struct comparison *by, struct ouse_str entry,
                           struct query_term *term)
{
    struct query_tie *tie = arena_alloc(asking->arena, sizeof *tie);
    struct text_class class;
    schema_text_class(entry, &class);
    uint32_t n = class.n_letters < SCHEMA_TEXT_HEAD ? class.n_letters : SCHEMA_TEXT_HEAD;
    struct query_range range = entry_range(asking->arena, (struct ouse_str){entry.p, n});
    *tie = (struct query_tie){.text = schema_text_order(asking->arena, asking->value),
                              .by = by->below ? (by->behind ? TIE_UP_TO : TIE_BELOW)
                                              : (by->behind ? TIE_ABOVE : TIE_FROM)};
    set_texts(asking->arena, term, &entry, 1);
    if (by->below)
        range.from = (struct ouse_str){"", 0};
    else
        range.to = NOTHING;
    set_ranges(asking->arena, term, &range, 1);
    term->tie = tie;
}

/* From the beginning to a bound, or from there on. */
static ouse_rc make_bound(struct asking *asking, const struct comparison *by, struct query_term *term)
{
    struct ouse_str first, last, bound;
    struct query_range range;
    ouse_rc rc = encode_ends(asking, term->field, &first, &last);
    if (rc)
        return rc;
    if (schema_orders_text(term->field)) {
        set_text_bound(asking, by, first, term);
        return OUSE_OK;
    }
    bound = by->behind ? behind(asking->arena, last) : first;
    range = by->below ? (struct query_range){{"", 0}, bound} : (struct query_range){bound, NOTHING};
    set_ranges(asking->arena, term, &range, 1);
    if (by->below && OF(term->field->is.type) & SPANS)
        term->below = bound;
    return OUSE_OK;
}

static int compare_ranges(const void *a, const void *b)
{
    const struct query_range *x = a, *y = b;
    return key_order(x->from, y->from);
}

void ranges_sort(struct query_range *ranges, uint32_t *n)
{
    uint32_t kept = 0;
    if (*n > 1)
        qsort(ranges, *n, sizeof *ranges, compare_ranges);
    for (uint32_t i = 0; i < *n; i++)
        if (!kept || !ouse_same(ranges[kept - 1].from, ranges[i].from))
            ranges[kept++] = ranges[i];
    *n = kept;
}

/* Takes a value in quotes off a list: in it, two quotes are one. */
static int cut_quoted(struct arena *arena, struct ouse_str *list, struct ouse_str *value)
{
    char *text = arena_alloc(arena, list->n);
    uint32_t at = 1, n = 0;
    for (; at < list->n && (list->p[at] != '"' || (at + 1 < list->n && list->p[at + 1] == '"')); at++) {
        at += list->p[at] == '"';
        text[n++] = list->p[at];
    }
    struct ouse_str rest = {list->p + at + 1, list->n - at - 1};
    if (at >= list->n || (rest.n && *rest.p != ','))
        return -1;
    *value = (struct ouse_str){text, n};
    *list = rest.n ? (struct ouse_str){rest.p + 1, rest.n - 1} : (struct ouse_str){NULL, 0};
    return 0;
}

/* The values of a list: each that was given if there are several, else those between the commas. */
static ouse_rc list_values(const struct asking *asking, const char *name, struct ouse_str values[QUERY_IN],
                           uint32_t *n)
{
    struct ouse_str rest = asking->value;
    uint32_t given = asking->n_values > 1 ? asking->n_values : 0;
    for (*n = 0; *n < given || (!given && rest.p); (*n)++) {
        if (*n == QUERY_IN)
            return problem_add(asking->problem, OUSE_E_REQUEST, "", "too_many",
                               "%s[in] accepts at most %d values", name, QUERY_IN);
        if (given)
            values[*n] = asking->values[*n];
        else if (!rest.n || *rest.p != '"')
            text_cut(&rest, ',', &values[*n]);
        else if (cut_quoted(asking->arena, &rest, &values[*n]))
            return problem_add(
                asking->problem, OUSE_E_REQUEST, "", "value",
                "%s[in]: a value that begins with a quote must end with one, before a comma or the end; "
                "write a quote in it twice, or repeat the parameter: %s[in]=…&%s[in]=…",
                name, name, name);
    }
    return OUSE_OK;
}

static ouse_rc make_in(struct asking *asking, const struct comparison *by, struct query_term *term)
{
    struct ouse_str values[QUERY_IN], entries[QUERY_IN];
    uint32_t n = 0;
    (void)by;
    ouse_rc rc = list_values(asking, term->field->is.name, values, &n);
    for (uint32_t i = 0; i < n && !rc; i++) {
        asking->value = values[i];
        rc = encode(asking, term->field, values[i], &entries[i]);
    }
    if (!rc)
        set_equal(asking->arena, term, entries, n);
    return rc;
}

/* A beginning need not have the form of a whole address, so it is checked as plain text. */
static ouse_rc make_prefix(struct asking *asking, const struct comparison *by, struct query_term *term)
{
    (void)by;
    struct field text = *term->field;
    struct query_tie *tie = arena_alloc(asking->arena, sizeof *tie);
    struct ouse_str entry;
    text.is.type = OUSE_TEXT;
    text.type = schema_id_field.type;
    ouse_rc rc = encode(asking, &text, asking->value, &entry);
    if (rc)
        return rc;
    *tie = (struct query_tie){schema_text_folded(asking->arena, asking->value), TIE_BEGINS};
    struct ouse_str letters = schema_text_beginning(asking->arena, tie->text);
    struct query_range begins = {letters, letters.n ? behind(asking->arena, letters) : NOTHING};
    if (!begins.to.p)
        begins.to = NOTHING;
    set_ranges(asking->arena, term, &begins, 1);
    term->tie = tie;
    return OUSE_OK;
}

static ouse_rc make_exists(struct asking *asking, const struct comparison *by, struct query_term *term)
{
    (void)by;
    int is = ouse_is(asking->value, "true");
    if (!is && !ouse_is(asking->value, "false"))
        return problem_add(asking->problem, OUSE_E_REQUEST, "", "value",
                           "%s[exists] is true or false, not \"%.*s\"", term->field->is.name,
                           OUSE_F(asking->value));
    struct query_range with = {{"", 0}, NOTHING}, without = {NOTHING, {NULL, 0}};
    set_ranges(asking->arena, term, is ? &with : &without, 1);
    term->exact = !is && term->index;
    return OUSE_OK;
}

static const struct comparison operators[] = {
    {"eq", TIMES | ALL, make_eq, 0, 0},
    {"ne", TIMES | ALL, make_ne, 0, 0},
    {"lt", ORDERED, make_bound, .below = 1, .behind = 0},
    {"lte", ORDERED, make_bound, .below = 1, .behind = 1},
    {"gt", ORDERED, make_bound, .below = 0, .behind = 1},
    {"gte", ORDERED, make_bound, .below = 0, .behind = 0},
    {"in", ALL, make_in, 0, 0},
    {"prefix", TEXTS, make_prefix, 0, 0},
    {"exists", ALL, make_exists, 0, 0},
};
enum { OPERATORS = sizeof operators / sizeof operators[0] };

/* A list of choices is compared as a choice is. */
static uint32_t kind_of(const struct field *field)
{
    if (schema_is_time(field))
        return TIMES;
    return OF(field->is.type == OUSE_LIST && field->n_choices ? OUSE_ENUM : field->is.type);
}

/* Reports an unknown operator `given`, with the operators of the field. */
static ouse_rc no_such_operator(const struct asking *asking, const struct field *field, struct ouse_str given)
{
    const char *names[OPERATORS + 1] = {NULL};
    uint32_t n = 0;
    for (size_t i = 0; i < OPERATORS; i++)
        if (operators[i].types & kind_of(field))
            names[n++] = operators[i].name;
    if (asking->collection->words && field->is.flags & OUSE_SEARCHABLE)
        names[n++] = "contains";
    return problem_add(asking->problem, OUSE_E_REQUEST, "", "unknown_operator",
                       "%s has no operator \"%.*s\"%s; it accepts: %.*s", field->is.name, OUSE_F(given),
                       problem_hint(asking->arena, given, names, n),
                       OUSE_F(arena_join(asking->arena, names, n)));
}

ouse_rc operator_make(struct asking *asking, struct ouse_str given, struct query_term *term)
{
    for (size_t i = 0; i < OPERATORS; i++)
        if (ouse_is(given, operators[i].name) && operators[i].types & kind_of(term->field))
            return operators[i].make(asking, &operators[i], term);
    return no_such_operator(asking, term->field, given);
}

/* ---- Ids --------------------------------------------------------------------------- */

ouse_rc operator_make_id(struct asking *asking, struct ouse_str given, struct query_term *term)
{
    struct ouse_str ids[QUERY_IN];
    uint32_t n = 0;
    if (!ouse_is(given, "in"))
        return problem_add(asking->problem, OUSE_E_REQUEST, "", "unknown_operator",
                           "id has no operator \"%.*s\" (one record is at /%s/{id}); it accepts: in",
                           OUSE_F(given), asking->collection->is.name);
    ouse_rc rc = list_values(asking, "id", ids, &n);
    for (uint32_t i = 0; i < n && !rc; i++)
        if (!schema_id_valid(ids[i]))
            rc = problem_add(asking->problem, OUSE_E_REQUEST, "", "value",
                             "id: \"%.*s\" is no id; an id has 1 to %d characters: a to z, 0 to 9 and single "
                             "hyphens between them",
                             OUSE_F(ids[i]), SCHEMA_ID_MAX);
    term->field = &schema_id_field;
    term->of_ids = 1;
    if (!rc)
        term_set_named(asking->arena, term, ids, n);
    return rc;
}
