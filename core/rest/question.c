/* question: what a list or a summary is asked: filters, and parameters that have names. */
#include "question.h"

enum { KNOWN_MAX = SCHEMA_FIELDS_MAX + 16 };

/* The fields that serve a purpose, behind names that do. */
static uint32_t add_names(const struct resource *resource, uint32_t role, field_fits fits, const char **known,
                          uint32_t n)
{
    const struct collection *collection = resource->collection;
    for (uint32_t i = 0; i < collection->n_fields; i++)
        if (fits(collection, &collection->fields[i], role))
            known[n++] = collection->fields[i].is.name;
    return n;
}

static ouse_rc unknown(const struct question *question, struct ouse_str name)
{
    const char *known[KNOWN_MAX] = {NULL};
    uint32_t n = 0;
    for (; n < question->n_names; n++)
        known[n] = question->names[n];
    for (uint32_t i = 0; i < SCHEMA_TIMES; i++)
        known[n++] = question->resource->collection->times[i].is.name;
    if (question->resource->collection->words)
        known[n++] = "q";
    n = add_names(question->resource, question->request->role, query_filters, known, n);
    return rest_unknown(question->request, name, known, n);
}

/* The field that a filter begins with: "pillar" of "pillar.hub[in]". */
static struct ouse_str field_of(struct ouse_str name)
{
    uint32_t n = 0;
    while (n < name.n && name.p[n] != '.' && name.p[n] != '[')
        n++;
    return (struct ouse_str){name.p, n};
}

/* A field that is hidden from the caller is answered like one that is not there. */
static ouse_rc add_filter(struct question *question, const struct http_parameter *parameter)
{
    const struct resource *resource = question->resource;
    struct http_request *request = question->request;
    const struct field *field = schema_asked(resource->collection, field_of(parameter->name));
    int seen = field && field->is.visibility <= request->role;
    if (!seen && !ouse_is(parameter->name, "q"))
        return unknown(question, parameter->name);
    return query_add(resource->rest->records, &question->query, request->arena, parameter->name,
                     parameter->value, request->problem);
}

static ouse_rc read_one(struct question *question, const struct http_parameter *parameter)
{
    uint32_t i = 0;
    while (i < question->n_names && !ouse_is(parameter->name, question->names[i]))
        i++;
    if (i == question->n_names)
        return add_filter(question, parameter);
    if (question->values[i].p)
        return problem_fail(question->request->problem, OUSE_E_REQUEST, "The parameter \"%s\" is given twice",
                            question->names[i]);
    question->values[i] = parameter->value;
    return OUSE_OK;
}

ouse_rc question_read(struct question *question, const struct http_parameter *parameters, uint32_t n)
{
    ouse_rc rc = OUSE_OK;
    memset(question->values, 0, sizeof question->values);
    query_init(&question->query, question->resource->collection, question->request->role);
    question->query.records = question->resource->rest->records;
    for (uint32_t i = 0; i < n && !rc; i++)
        rc = read_one(question, &parameters[i]);
    return rc;
}

ouse_rc question_enter(void *request)
{
    return http_enter(request, HTTP_QUESTIONS);
}

int question_word(struct ouse_str *list, struct ouse_str *word)
{
    const char *comma = list->n ? memchr(list->p, ',', list->n) : NULL;
    if (!list->p)
        return 0;
    *word = (struct ouse_str){list->p, comma ? (uint32_t)(comma - list->p) : list->n};
    list->p = comma ? comma + 1 : NULL;
    list->n = comma ? list->n - word->n - 1 : 0;
    return 1;
}

ouse_rc question_refuse(const struct question *question, uint32_t parameter, struct ouse_str word,
                        const char *const *known, uint32_t n)
{
    struct arena *arena = question->request->arena;
    struct ouse_str list = ouse_s("");
    for (uint32_t i = 0; i < n; i++)
        list = arena_printf(arena, "%.*s%s%s", OUSE_F(list), i ? ", " : "", known[i]);
    return problem_fail(question->request->problem, OUSE_E_REQUEST,
                        "%s: \"%.*s\" is none of what it takes%s: %.*s", question->names[parameter],
                        OUSE_F(word), problem_hint(arena, word, known, n), n ? (int)list.n : 7,
                        n ? list.p : "nothing");
}

ouse_rc question_fields(const struct question *question, uint32_t parameter, field_fits fits,
                        const struct field **fields, uint32_t room, uint32_t *n)
{
    const struct collection *collection = question->resource->collection;
    struct ouse_str list = question->values[parameter], word;
    *n = 0;
    while (question_word(&list, &word)) {
        const char *known[KNOWN_MAX] = {NULL};
        const struct field *field = schema_field(collection, word);
        if (!field || !fits(collection, field, question->request->role))
            return question_refuse(question, parameter, word, known,
                                   add_names(question->resource, question->request->role, fits, known, 0));
        for (uint32_t i = 0; i < *n; i++)
            if (fields[i] == field)
                return problem_fail(question->request->problem, OUSE_E_REQUEST, "%s has %s twice",
                                    question->names[parameter], field->is.name);
        if (*n == room)
            return problem_fail(question->request->problem, OUSE_E_REQUEST, "%s takes at most %u fields",
                                question->names[parameter], room);
        fields[(*n)++] = field;
    }
    return OUSE_OK;
}
