/* query_params: see query_params.h. */
#include "query_params.h"
#include "../base/clock.h"
#include "../base/text.h"

enum { KNOWN_MAX = ASK_PARAMETERS + SCHEMA_TIMES + 2 + SCHEMA_FIELDS_MAX };

/* ---- Values ----------------------------------------------------------------------- */

ouse_rc rest_number(struct http_request *request, const char *name, struct ouse_str text, uint64_t least,
                    uint64_t most, uint64_t *number)
{
    uint64_t value = 0;
    int valid = text.n > 0 && text.n < 19;
    for (uint32_t i = 0; i < text.n; i++) {
        valid = valid && text.p[i] >= '0' && text.p[i] <= '9';
        value = value * 10 + (uint64_t)(text.p[i] - '0');
    }
    if (!valid || value < least || value > most)
        return problem_fail(request->problem, OUSE_E_REQUEST,
                            "%s is a whole number from %llu to %llu, not \"%.*s\"", name,
                            (unsigned long long)least, (unsigned long long)most, OUSE_F(text));
    *number = value;
    return OUSE_OK;
}

ouse_rc rest_as_of(struct http_request *request, struct ouse_str text, int64_t *as_of)
{
    static const char end_of_day[] = "T23:59:59.999Z";
    struct ouse_str instant = text;
    struct clock_instant read = {0};
    if (text.n == sizeof "2026-01-31" - 1)
        instant = arena_printf(request->arena, "%.*s%s", OUSE_F(text), end_of_day);
    if (text.p && clock_parse(instant, &read) != 0)
        return problem_fail(request->problem, OUSE_E_REQUEST,
                            "as_of is a date, such as 2026-01-31, or an instant, such as "
                            "2026-01-31T12:00:00Z, not \"%.*s\"",
                            OUSE_F(text));
    *as_of = text.p && read.ms < clock_now() ? read.ms : 0;
    return OUSE_OK;
}

static ouse_rc since_read(struct question *question, struct ouse_str text)
{
    return rest_number(question->request, "since", text, 0, INT64_MAX, &question->since);
}

static ouse_rc before_read(struct question *question, struct ouse_str text)
{
    return rest_number(question->request, "before", text, 1, INT64_MAX, &question->before);
}

static ouse_rc limit_read(struct question *question, struct ouse_str text)
{
    return rest_number(question->request, "limit", text, 1, REST_LIMIT_MAX, &question->limit);
}

static ouse_rc diff_read(struct question *question, struct ouse_str text)
{
    return rest_number(question->request, "diff", text, 1, UINT32_MAX, &question->diff);
}

static ouse_rc sort_read(struct question *question, struct ouse_str text)
{
    if (!question->resource) /* then it is the handler's to read */
        return OUSE_OK;
    return query_sort(&question->query, question->request->arena, text, question->request->problem);
}

static ouse_rc as_of_read(struct question *question, struct ouse_str text)
{
    return rest_as_of(question->request, text, &question->query.as_of);
}

static ouse_rc dry_run_read(struct question *question, struct ouse_str text)
{
    question->dry_run = ouse_is(text, "true");
    if (question->dry_run || ouse_is(text, "false"))
        return OUSE_OK;
    return problem_fail(question->request->problem, OUSE_E_REQUEST, "dry_run is true or false, not \"%.*s\"",
                        OUSE_F(text));
}

/* Every parameter of the API that is no filter; one without a reader is read by the handler. */
static const struct {
    const char *name;
    ouse_rc (*read)(struct question *question, struct ouse_str text);
} parameters[ASK_PARAMETERS] = {
    [ASK_SINCE] = {"since", since_read},
    [ASK_BEFORE] = {"before", before_read},
    [ASK_LIMIT] = {"limit", limit_read},
    [ASK_CURSOR] = {"cursor", page_read},
    [ASK_SORT] = {"sort", sort_read},
    [ASK_COUNT] = {"count", count_read},
    [ASK_FIELDS] = {"fields", selection_read},
    [ASK_FACET] = {"facet", facet_read},
    [ASK_EXPAND] = {"expand", expansion_read},
    [ASK_GROUP] = {"group", group_read},
    [ASK_SUM] = {"sum", sum_read},
    [ASK_AS_OF] = {"as_of", as_of_read},
    [ASK_FOR] = {"for", people_read},
    [ASK_COLLECTION] = {"collection", NULL},
    [ASK_MODE] = {"mode", NULL},
    [ASK_MATCH] = {"match", NULL},
    [ASK_REFERENCES] = {"references", NULL},
    [ASK_MAP] = {"map", NULL},
    [ASK_DIFF] = {"diff", diff_read},
    [ASK_DRY_RUN] = {"dry_run", dry_run_read},
    [ASK_FROM] = {"since", NULL},
    [ASK_UNTIL] = {"until", NULL},
    [ASK_TYPE] = {"type", NULL},
    [ASK_COUNTS] = {"count", NULL},
};

/* ---- Names ------------------------------------------------------------------------ */

/* Appends the fields that serve a purpose to the names that do. */
static uint32_t add_names(const struct question *question, field_fits fits, const char **known, uint32_t n)
{
    const struct collection *collection = question->resource->collection;
    for (uint32_t i = 0; i < collection->n_fields; i++)
        if (fits(collection, &collection->fields[i], question->request->role))
            known[n++] = collection->fields[i].is.name;
    return n;
}

static uint32_t add_filters(const struct question *question, const char **known, uint32_t n)
{
    const struct collection *collection = question->resource->collection;
    for (uint32_t i = 0; i < SCHEMA_TIMES; i++)
        known[n++] = collection->times[i].is.name;
    known[n++] = "id";
    if (collection->words)
        known[n++] = "q";
    return add_names(question, query_filters, known, n);
}

static int takes(const struct question *question, uint32_t parameter)
{
    return (question->takes >> parameter & 1) != 0;
}

static int has_field(const struct question *question, const char *name)
{
    return question->resource && schema_field(question->resource->collection, ouse_s(name));
}

static ouse_rc unknown(const struct question *question, struct ouse_str name)
{
    struct http_request *request = question->request;
    const char *known[KNOWN_MAX] = {NULL};
    uint32_t n = 0;
    for (uint32_t i = 0; i < ASK_PARAMETERS; i++)
        if (takes(question, i) && !(i == ASK_FOR && has_field(question, parameters[i].name)))
            known[n++] = parameters[i].name;
    if (takes(question, ASK_FILTERS))
        n = add_filters(question, known, n);
    if (!n)
        return problem_fail(request->problem, OUSE_E_REQUEST,
                            "There is no parameter \"%.*s\"; none is known here", OUSE_F(name));
    return problem_fail(request->problem, OUSE_E_REQUEST, "There is no parameter \"%.*s\"%s; known are %.*s",
                        OUSE_F(name), problem_hint(request->arena, name, known, n),
                        OUSE_F(arena_join(request->arena, known, n)));
}

/* ---- The query --------------------------------------------------------------------- */

/* The field that a filter begins with: "pillar" of "pillar.hub[in]". */
static struct ouse_str field_of(struct ouse_str name)
{
    uint32_t n = 0;
    while (n < name.n && name.p[n] != '.' && name.p[n] != '[')
        n++;
    return (struct ouse_str){name.p, n};
}

static int is_list_filter(struct ouse_str name)
{
    static const char operator[] = "[in]";
    uint32_t n = sizeof operator- 1;
    return name.n > n && memcmp(name.p + name.n - n, operator, n) == 0;
}

/* Adds a filter. A field that is hidden from the caller is answered like an unknown one. The values
 * of a repeated `in` are one list. */
static ouse_rc add_filter(struct question *question, uint32_t at)
{
    const struct http_parameter *came = &question->came[at];
    const struct resource *resource = question->resource;
    struct http_request *request = question->request;
    struct ouse_str values[HTTP_PARAMETERS], name = field_of(came->name);
    const struct field *field = schema_asked(resource->collection, name);
    uint32_t n = 0;
    int seen = field ? field->is.visibility <= request->role : ouse_is(name, "id");
    if (!seen && !ouse_is(came->name, "q"))
        return unknown(question, came->name);
    if (!is_list_filter(came->name))
        return query_add(&question->query, request->arena, came->name, came->value, request->problem);
    for (uint32_t i = 0; i < question->n_came; i++) {
        if (i < at && ouse_same(question->came[i].name, came->name))
            return OUSE_OK; /* the first of them has added all */
        if (ouse_same(question->came[i].name, came->name))
            values[n++] = question->came[i].value;
    }
    return query_add_values(&question->query, request->arena, came->name, values, n, request->problem);
}

/* If the collection has a field `for`, the parameter of that name is a filter unless it has its one word. */
static int is_parameter(const struct question *question, const struct http_parameter *came, uint32_t i)
{
    if (!takes(question, i) || !ouse_is(came->name, parameters[i].name))
        return 0;
    return i != ASK_FOR || ouse_is(came->value, "people") || !has_field(question, parameters[i].name);
}

static ouse_rc sort_out(struct question *question, uint32_t at)
{
    const struct http_parameter *came = &question->came[at];
    uint32_t i = 0;
    while (i < ASK_PARAMETERS && !is_parameter(question, came, i))
        i++;
    if (i == ASK_PARAMETERS)
        return takes(question, ASK_FILTERS) ? add_filter(question, at) : unknown(question, came->name);
    if (question->values[i].p)
        return problem_fail(question->request->problem, OUSE_E_REQUEST, "The parameter \"%s\" is given twice",
                            parameters[i].name);
    question->values[i] = came->value;
    return OUSE_OK;
}

ouse_rc question_read(struct question *question)
{
    struct http_request *request = question->request;
    ouse_rc rc = request->query.n ? http_query(request, question->came, &question->n_came) : OUSE_OK;
    if (question->resource)
        query_init(&question->query, question->resource->collection, request->role);
    question->query.steps = REST_STEPS;
    question->query.deadline = request->deadline;
    question->limit = REST_LIMIT;
    for (uint32_t i = 0; i < question->n_came && !rc; i++)
        rc = sort_out(question, i);
    for (uint32_t i = 0; i < ASK_PARAMETERS && !rc; i++)
        if (question->values[i].p && parameters[i].read)
            rc = parameters[i].read(question, question->values[i]);
    return rc;
}

ouse_rc question_none(struct http_request *request)
{
    struct question question = {.request = request};
    return request->query.n ? question_read(&question) : OUSE_OK;
}

ouse_rc question_only_json(const struct question *question, const struct rest_format *format, uint32_t bits)
{
    for (uint32_t i = 0; i < ASK_PARAMETERS; i++)
        if (bits >> i & 1 && question->values[i].p)
            return problem_fail(question->request->problem, OUSE_E_REQUEST,
                                "%s cannot be had as %s, but in JSON", parameters[i].name,
                                format->media_type);
    return OUSE_OK;
}

/* ---- Lists -------------------------------------------------------------------------- */

ouse_rc question_refuse(const struct question *question, enum parameter parameter, struct ouse_str word,
                        const char *const *known, uint32_t n)
{
    struct arena *arena = question->request->arena;
    return problem_fail(question->request->problem, OUSE_E_REQUEST,
                        "%s: \"%.*s\" is none of what it takes%s: %.*s", parameters[parameter].name,
                        OUSE_F(word), problem_hint(arena, word, known, n),
                        OUSE_F(n ? arena_join(arena, known, n) : ouse_s("nothing")));
}

ouse_rc question_fields(const struct question *question, enum parameter parameter, field_fits fits,
                        const struct field **fields, uint32_t room, uint32_t *n)
{
    const struct collection *collection = question->resource->collection;
    struct problem *problem = question->request->problem;
    struct ouse_str list = question->values[parameter], word;
    *n = 0;
    while (text_cut(&list, ',', &word)) {
        const char *known[KNOWN_MAX] = {NULL};
        const struct field *field = schema_field(collection, word);
        if (!field || !fits(collection, field, question->request->role))
            return question_refuse(question, parameter, word, known, add_names(question, fits, known, 0));
        for (uint32_t i = 0; i < *n; i++)
            if (fields[i] == field)
                return problem_fail(problem, OUSE_E_REQUEST, "%s has %s twice", parameters[parameter].name,
                                    field->is.name);
        if (*n == room)
            return problem_fail(problem, OUSE_E_REQUEST, "%s takes at most %u fields",
                                parameters[parameter].name, room);
        fields[(*n)++] = field;
    }
    return OUSE_OK;
}
