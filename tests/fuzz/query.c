/* query: the query of a list, as it comes decoded ("state[in]=a,b&q=soup&sort=-name"),
 * against a collection with one of everything. What is taken is ranges in order, that
 * keys can be made of; what is not says why, and leaves the query as it was. */
#include "../../plugins/search/words.c"
#include "../plugins/kitchen/kitchen.c"

#include "fuzz.h"
#include "record/record.h"

static struct schema *schema;

int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const struct analyser words = {search_words, ANALYSIS, "search"};
    struct arena arena = {0};
    struct problem problem;
    (void)argc, (void)argv;
    problem_init(&problem, &arena);
    schema = schema_create();
    for (size_t i = 0; i < sizeof collections / sizeof *collections; i++)
        must(!schema_add(schema, "kitchen", &collections[i], sizeof *collections, &problem));
    schema_analyse(schema, &words);
    must(!schema_link(schema, &problem));
    for (uint32_t i = 0, number = 1; i < schema_count(schema); i++)
        for (uint32_t k = 0; k < schema_at(schema, i)->n_fields; k++)
            schema_at(schema, i)->fields[k].number = number++;
    arena_finish(&arena);
    return 0;
}

static int before(struct ouse_str a, struct ouse_str b)
{
    int order = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);
    return order < 0 || (order == 0 && a.n < b.n);
}

static void must_be_terms(const struct query_term *terms, uint32_t n)
{
    must(n <= QUERY_TERMS);
    for (uint32_t i = 0; i < n; i++) {
        const struct query_term *term = &terms[i];
        must(term->words || term->field);
        for (uint32_t k = 0; k < term->n_ranges; k++) {
            const struct query_range *range = &term->ranges[k];
            must(range->from.p && range->from.n <= SCHEMA_KEY_MAX && range->to.n <= SCHEMA_KEY_MAX);
            must(!range->to.p || !before(range->to, range->from));
            must(k == 0 || !before(range->from, term->ranges[k - 1].to));
        }
        for (uint32_t k = 0; term->through && k < term->field->n_targets; k++)
            if (term->through[k].to)
                must_be_terms(term->through[k].terms, term->through[k].n_terms);
    }
}

/* Takes what stands in front of a character, and the character, off a text. */
static struct ouse_str cut(struct ouse_str *text, char at)
{
    const char *end = text->n ? memchr(text->p, at, text->n) : NULL;
    struct ouse_str part = {text->p, end ? (uint32_t)(end - text->p) : text->n};
    text->p += part.n + (end != NULL);
    text->n -= part.n + (end != NULL);
    return part;
}

static void try(struct ouse_str text, struct arena *arena, struct problem *problem)
{
    static const uint32_t roles[] = {OUSE_PUBLIC, OUSE_PARTNER, OUSE_OFFICE, OUSE_MANAGER};
    struct query query;
    query_init(&query, schema_find(schema, ouse_s("dishes")), roles[text.n % 4]);
    while (text.n) {
        struct ouse_str value = cut(&text, '&'), name = cut(&value, '=');
        uint32_t terms = query.n_terms, orders = query.n_orders;
        ouse_rc rc;
        problem_init(problem, arena);
        rc = ouse_is(name, "sort") ? query_sort(&query, arena, value, problem)
                                   : query_add(&query, arena, name, value, problem);
        must(rc == problem->rc && (rc == OUSE_OK || rc == OUSE_E_REQUEST));
        must(rc || query.n_terms > terms || ouse_is(name, "sort"));
        must(!rc || query.n_terms == terms);
        must(query.n_orders >= orders && query.n_orders <= QUERY_SORTS);
        must_be_terms(query.terms, query.n_terms);
    }
}
