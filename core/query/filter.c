/* filter: compiles filters by their names into predicates of a query.
 *
 *     state=open          the operator `eq` of the field state
 *     title[contains]=x   words of the field title: words.c
 *     q=x                 words of any field
 *     starts[gte]=2024    another operator: operators.c
 *     pillar.hub[in]=a,b  a predicate on pillars, the targets of the reference `pillar`
 *     partners.role=lead  a predicate on partners, which refer to the record by one field
 *     id[in]=a,b          records by their ids
 */
#include "../base/text.h"
#include "operators.h"
#include "words.h"

int query_filters(const struct collection *collection, const struct field *field, uint32_t role)
{
    return field->is.visibility <= role && (field->n_targets > 0 || field_index(collection, field) != NULL);
}

ouse_rc query_refuse(const struct collection *collection, uint32_t role, field_fits fits, const char *done,
                     const char *code, struct ouse_str name, struct arena *arena, struct problem *problem)
{
    const char *names[SCHEMA_FIELDS_MAX + SCHEMA_TIMES] = {NULL};
    uint32_t n = 0;
    for (uint32_t i = 0; i < collection->n_fields + SCHEMA_TIMES; i++)
        if (fits(collection, &collection->fields[i], role))
            names[n++] = collection->fields[i].is.name;
    return problem_add(problem, OUSE_E_REQUEST, "", code, "%s cannot be %s by \"%.*s\"%s; it can be by: %.*s",
                       collection->is.name, done, OUSE_F(name), problem_hint(arena, name, names, n),
                       OUSE_F(arena_join(arena, names, n)));
}

static ouse_rc no_such_filter(const struct asking *asking)
{
    return query_refuse(asking->collection, asking->role, query_filters, "filtered", "unknown_parameter",
                        asking->name, asking->arena, asking->problem);
}

/* Takes "[operator]" off the end of a name. */
static struct ouse_str split_operator(struct ouse_str *name)
{
    const char *bracket = name->n ? memchr(name->p, '[', name->n) : NULL;
    struct ouse_str found = ouse_s("eq");
    if (bracket && name->p[name->n - 1] == ']') {
        found.p = bracket + 1;
        found.n = (uint32_t)(name->p + name->n - 1 - found.p);
        name->n = (uint32_t)(bracket - name->p);
    }
    return found;
}

/* Adds a predicate for each word, in one field or (NULL) in all. */
static ouse_rc make_words(const struct asking *asking, const struct field *field, const char *name,
                          uint32_t *n)
{
    struct words_asked asked = {.collection = asking->collection, .role = asking->role, .field = field};
    ouse_rc rc =
        words_read(asking->collection, name, asking->value, asking->arena, &asked.phrase, asking->problem);
    return rc ? rc : words_ask(&asked, asking->arena, asking->terms, asking->room, n, asking->problem);
}

/* Adds the operator `contains`. A searchable field need not be indexed. */
static ouse_rc make_contains(const struct asking *asking, const struct field *field, uint32_t *n)
{
    if (!(field->is.flags & OUSE_SEARCHABLE))
        return problem_add(asking->problem, OUSE_E_REQUEST, "", "operator",
                           "%s[contains] is not possible: the field is not declared searchable",
                           field->is.name);
    return make_words(asking, field, field->is.name, n);
}

/* The terms of a filter: one for each word, else one. */
static ouse_rc make_terms(struct asking *asking, struct ouse_str given, uint32_t *n)
{
    const struct field *field = schema_asked(asking->collection, asking->name);
    struct query_term made = {.field = field};
    int contains = ouse_is(given, "contains"), seen = field && field->is.visibility <= asking->role;
    ouse_rc rc;
    if (!field && ouse_is(asking->name, "id")) {
        rc = operator_make_id(asking, given, &made);
        asking->terms[0] = made;
        *n = rc == OUSE_OK;
        return rc;
    }
    if (seen && contains)
        return make_contains(asking, field, n);
    if (!seen || !query_filters(asking->collection, field, asking->role))
        return no_such_filter(asking);
    made.index = field_index(asking->collection, field);
    rc = operator_make(asking, given, &made);
    if (rc)
        return rc;
    asking->terms[0] = made;
    *n = 1;
    return OUSE_OK;
}

static ouse_rc make_step(struct asking *asking, struct ouse_str given, uint32_t *n);

/* Makes the terms of the name after a step, which is one itself if it has a point. */
static ouse_rc make_inner(struct asking *inner, struct ouse_str given, uint32_t *n)
{
    return memchr(inner->name.p, '.', inner->name.n) ? make_step(inner, given, n)
                                                     : make_terms(inner, given, n);
}

/* Returns the only field by which a collection of this name refers to the queried one, or NULL, or
 * several. */
static const struct back_reference *find_back(const struct asking *asking, struct ouse_str name)
{
    const struct back_reference *found = NULL;
    for (uint32_t i = 0; i < asking->collection->n_back; i++) {
        const struct back_reference *back = &asking->collection->back[i];
        if (!ouse_is(name, back->from->is.name) || back->from->is.visibility > asking->role ||
            back->field->is.visibility > asking->role)
            continue;
        if (found)
            return NULL;
        found = back;
    }
    return found;
}

/* Compiles a predicate on the referrers of the record: query_resolve finds them. */
static ouse_rc make_back(struct asking *asking, const struct back_reference *from, struct asking *inner,
                         struct ouse_str given, uint32_t *n)
{
    struct query_back *back = arena_zero(asking->arena, sizeof *back);
    inner->collection = from->from;
    inner->terms = arena_alloc(asking->arena, QUERY_TERMS * sizeof *inner->terms);
    back->from = from->from;
    back->field = from->field;
    back->terms = inner->terms;
    ouse_rc rc = make_inner(inner, given, &back->n_terms);
    asking->terms[0] = (struct query_term){.field = &schema_id_field, .of_ids = 1, .back = back};
    *n = rc == OUSE_OK;
    return rc;
}

/* Adds a predicate on the target of a reference: one for each target collection that has the field
 * and can have the value. */
static ouse_rc make_through(struct asking *asking, struct asking inner, struct ouse_str given, uint32_t *n)
{
    struct query_term made = {.field = schema_field(asking->collection, asking->name)};
    struct query_through *through;
    struct problem problem;
    uint32_t known = 0;
    if (!made.field || !query_filters(asking->collection, made.field, asking->role))
        return no_such_filter(asking);
    if (!made.field->n_targets)
        return problem_add(asking->problem, OUSE_E_REQUEST, "", "unknown_parameter",
                           "%s is not a reference, so \"%.*s\" cannot follow it", made.field->is.name,
                           OUSE_F(inner.name));
    inner.problem = &problem;
    problem_init(&problem, asking->arena);
    through = arena_zero(asking->arena, made.field->n_targets * sizeof *through);
    for (uint32_t i = 0; i < made.field->n_targets; i++) {
        inner.collection = made.field->targets[i].to;
        inner.terms = arena_alloc(asking->arena, QUERY_TERMS * sizeof *inner.terms);
        through[i].terms = inner.terms;
        if (!inner.collection || inner.collection->is.visibility > asking->role ||
            make_inner(&inner, given, &through[i].n_terms))
            continue;
        through[i].to = inner.collection;
        known++;
    }
    made.through = through;
    if (!known)
        return problem_add(asking->problem, OUSE_E_REQUEST, "", "unknown_parameter", "%s.%.*s: %.*s",
                           made.field->is.name, OUSE_F(inner.name),
                           OUSE_F(problem.n_errors ? problem.errors[0].detail : problem.detail));
    asking->terms[0] = made;
    *n = 1;
    return OUSE_OK;
}

/* Makes the term of a name that begins with a step: "pillar.hub", "partners.role". */
static ouse_rc make_step(struct asking *asking, struct ouse_str given, uint32_t *n)
{
    struct asking inner = *asking;
    text_cut(&inner.name, '.', &asking->name);
    inner.room = QUERY_TERMS;
    inner.steps = asking->steps + 1;
    if (inner.steps > QUERY_PATH)
        return problem_add(asking->problem, OUSE_E_REQUEST, "", "too_many", "A filter has at most %d steps",
                           QUERY_PATH);
    const struct back_reference *back =
        schema_field(asking->collection, asking->name) ? NULL : find_back(asking, asking->name);
    return back ? make_back(asking, back, &inner, given, n) : make_through(asking, inner, given, n);
}

void query_init(struct query *query, const struct collection *collection, uint32_t role)
{
    memset(query, 0, sizeof *query);
    query->collection = collection;
    query->role = role;
}

ouse_rc query_add_values(struct query *query, struct arena *arena, struct ouse_str name,
                         const struct ouse_str *values, uint32_t n_values, struct problem *problem)
{
    struct asking asking = {.collection = query->collection,
                            .role = query->role,
                            .arena = arena,
                            .problem = problem,
                            .name = name,
                            .value = values[0],
                            .values = values,
                            .n_values = n_values,
                            .terms = &query->terms[query->n_terms],
                            .room = QUERY_TERMS - query->n_terms};
    struct ouse_str given = split_operator(&asking.name);
    uint32_t n = 0;
    ouse_rc rc;
    if (!asking.room)
        return problem_add(problem, OUSE_E_REQUEST, "", "too_many", "At most %d filters", QUERY_TERMS);
    if (ouse_is(name, "q"))
        rc = make_words(&asking, NULL, "q", &n);
    else if (asking.name.n && memchr(asking.name.p, '.', asking.name.n))
        rc = make_step(&asking, given, &n);
    else
        rc = make_terms(&asking, given, &n);
    query->n_terms += n;
    return rc;
}

ouse_rc query_add(struct query *query, struct arena *arena, struct ouse_str name, struct ouse_str value,
                  struct problem *problem)
{
    return query_add_values(query, arena, name, &value, 1, problem);
}
