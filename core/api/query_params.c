/* query_params: see query_params.h. */
#include "../base/clock.h"
#include "../base/text.h"
#include "feature.h"
#include <assert.h>

enum { KNOWN_MAX = QUESTION_PARAMS + SCHEMA_TIMES + 2 + SCHEMA_FIELDS_MAX };

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

static ouse_rc limit_read(struct question *question, struct ouse_str text)
{
    return rest_number(question->request, "limit", text, 1, REST_LIMIT_MAX, &question->limit);
}

static ouse_rc sort_read(struct question *question, struct ouse_str text)
{
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

const struct api_param param_limit = {"limit", limit_read, 0, 0, NULL};
const struct api_param param_sort = {"sort", sort_read, 0, 0, NULL};
const struct api_param param_as_of = {"as_of", as_of_read, 0, 0, NULL};
const struct api_param param_dry_run = {"dry_run", dry_run_read, 0, 0, NULL};

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

static int has_field(const struct question *question, const char *name)
{
    return question->resource && schema_field(question->resource->collection, ouse_s(name));
}

static ouse_rc unknown(const struct question *question, struct ouse_str name)
{
    struct http_request *request = question->request;
    const char *known[KNOWN_MAX] = {NULL};
    uint32_t n = 0;
    for (uint32_t i = 0; i < question->n_params; i++)
        if (!question->params[i].param->word || !has_field(question, question->params[i].param->name))
            known[n++] = question->params[i].param->name;
    if (question->filters)
        n = add_filters(question, known, n);
    if (!n)
        return problem_fail(request->problem, OUSE_E_REQUEST,
                            "There is no parameter \"%.*s\"; this path accepts none", OUSE_F(name));
    return problem_fail(request->problem, OUSE_E_REQUEST,
                        "There is no parameter \"%.*s\"%s; the known ones are %.*s", OUSE_F(name),
                        problem_hint(request->arena, name, known, n),
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
    int seen = field ? field->is.visibility <= request->role
                     : ouse_is(name, "id") || memchr(came->name.p, '.', came->name.n); /* a step back */
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

static int is_parameter(const struct question *question, const struct http_parameter *came, uint32_t i)
{
    const struct api_param *param = question->params[i].param;
    if (!ouse_is(came->name, param->name))
        return 0;
    return !param->word || ouse_is(came->value, param->word) || !has_field(question, param->name);
}

static ouse_rc sort_out(struct question *question, uint32_t at)
{
    const struct http_parameter *came = &question->came[at];
    uint32_t i = 0;
    while (i < question->n_params && !is_parameter(question, came, i))
        i++;
    if (i == question->n_params)
        return question->filters ? add_filter(question, at) : unknown(question, came->name);
    if (question->params[i].value.p)
        return problem_fail(question->request->problem, OUSE_E_REQUEST, "The parameter \"%s\" is given twice",
                            question->params[i].param->name);
    question->params[i].value = came->value;
    return OUSE_OK;
}

static void take(struct question *question, const struct api_param *param)
{
    assert(question->n_params < QUESTION_PARAMS);
    question->params[question->n_params++].param = param;
}

static void take_of_features(struct question *question, uint32_t on)
{
    for (const struct feature *const *feature = question->resource->rest->features; feature && *feature;
         feature++)
        for (const struct api_param *param = (*feature)->params; param && param->name; param++)
            if (param->on & on)
                take(question, param);
}

static void take_all(struct question *question)
{
    for (const struct api_param *const *param = question->takes; param && *param; param++)
        if ((*param)->name)
            take(question, *param);
        else
            take_of_features(question, (*param)->on);
}

ouse_rc question_read(struct question *question)
{
    struct http_request *request = question->request;
    ouse_rc rc = request->query.n ? http_query(request, question->came, &question->n_came) : OUSE_OK;
    take_all(question);
    if (question->resource)
        query_init(&question->query, question->resource->collection, request->role);
    question->query.steps = REST_STEPS;
    question->query.deadline = request->deadline;
    question->limit = REST_LIMIT;
    for (uint32_t i = 0; i < question->n_came && !rc; i++)
        rc = sort_out(question, i);
    for (uint32_t i = 0; i < question->n_params && !rc; i++)
        if (question->params[i].value.p && question->params[i].param->read)
            rc = question->params[i].param->read(question, question->params[i].value);
    return rc;
}

struct ouse_str question_value(const struct question *question, const struct api_param *param)
{
    struct ouse_str none = {NULL, 0};
    for (uint32_t i = 0; i < question->n_params; i++)
        if (question->params[i].param == param)
            return question->params[i].value;
    return none;
}

ouse_rc question_none(struct http_request *request)
{
    struct question question = {.request = request};
    return request->query.n ? question_read(&question) : OUSE_OK;
}

ouse_rc question_only_json(const struct question *question, const struct rest_format *format, uint32_t where)
{
    for (uint32_t i = 0; i < question->n_params; i++)
        if (question->params[i].param->not_in & where && question->params[i].value.p)
            return problem_fail(question->request->problem, OUSE_E_REQUEST,
                                "%s cannot be had as %s, but in JSON", question->params[i].param->name,
                                format->media_type);
    return OUSE_OK;
}

/* ---- Parts of a page from features ------------------------------------------------------ */

void *question_extra(struct question *question, const struct page_part *part, size_t size)
{
    uint32_t i = 0;
    while (i < question->n_extras && question->extras[i].part != part)
        i++;
    assert(i < QUESTION_EXTRAS);
    if (i == question->n_extras) {
        question->extras[i].part = part;
        question->extras[i].state = arena_zero(question->request->arena, size);
        question->n_extras++;
    }
    return question->extras[i].state;
}

ouse_rc extras_open(struct question *question, struct txn *txn)
{
    ouse_rc rc = OUSE_OK;
    for (uint32_t i = 0; i < question->n_extras && !rc; i++)
        if (question->extras[i].part->open)
            rc = question->extras[i].part->open(question, txn, question->extras[i].state);
    return rc;
}

ouse_rc extras_record(const struct question *question, struct txn *txn, const struct record *record)
{
    ouse_rc rc = OUSE_OK;
    for (uint32_t i = 0; i < question->n_extras && !rc; i++)
        if (question->extras[i].part->record)
            rc = question->extras[i].part->record(question, txn, record, question->extras[i].state);
    return rc;
}

void extras_page(const struct question *question, struct buffer *out)
{
    for (uint32_t i = 0; i < question->n_extras; i++)
        if (question->extras[i].part->page)
            question->extras[i].part->page(question->extras[i].state, out);
}

ouse_rc extras_body(const struct question *question, struct txn *txn, struct buffer *out)
{
    ouse_rc rc = OUSE_OK;
    for (uint32_t i = 0; i < question->n_extras && !rc; i++)
        if (question->extras[i].part->body)
            rc = question->extras[i].part->body(question, txn, question->extras[i].state, out);
    return rc;
}

/* ---- Lists -------------------------------------------------------------------------- */

ouse_rc question_refuse(const struct question *question, const char *param, struct ouse_str word,
                        const char *const *known, uint32_t n)
{
    struct arena *arena = question->request->arena;
    return problem_fail(question->request->problem, OUSE_E_REQUEST,
                        "%s: \"%.*s\" is not an accepted value%s; accepted: %.*s", param, OUSE_F(word),
                        problem_hint(arena, word, known, n),
                        OUSE_F(n ? arena_join(arena, known, n) : ouse_s("nothing")));
}

ouse_rc question_fields(const struct question *question, struct ouse_str list, const char *param,
                        field_fits fits, const struct field **fields, uint32_t room, uint32_t *n)
{
    const struct collection *collection = question->resource->collection;
    struct problem *problem = question->request->problem;
    struct ouse_str word;
    *n = 0;
    while (text_cut(&list, ',', &word)) {
        const char *known[KNOWN_MAX] = {NULL};
        const struct field *field = schema_field(collection, word);
        if (!field || !fits(collection, field, question->request->role))
            return question_refuse(question, param, word, known, add_names(question, fits, known, 0));
        for (uint32_t i = 0; i < *n; i++)
            if (fields[i] == field)
                return problem_fail(problem, OUSE_E_REQUEST, "%s has %s twice", param, field->is.name);
        if (*n == room)
            return problem_fail(problem, OUSE_E_REQUEST, "%s accepts at most %u fields", param, room);
        fields[(*n)++] = field;
    }
    return OUSE_OK;
}
