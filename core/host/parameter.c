/* parameter: the parameters of a route's query, as declared and as requested. A route receives only
 * declared parameters, with values of their types. */
#include "instance.h"

typedef int (*fits_fn)(const struct ouse_parameter *parameter, struct ouse_str value);

static int fits_text(const struct ouse_parameter *parameter, struct ouse_str value)
{
    (void)parameter;
    return value.n > 0;
}

static int fits_enum(const struct ouse_parameter *parameter, struct ouse_str value)
{
    return ouse_is_one(value, parameter->choices);
}

static int fits_bool(const struct ouse_parameter *parameter, struct ouse_str value)
{
    (void)parameter;
    return ouse_is(value, "true") || ouse_is(value, "false");
}

/* At most 18 characters: it fits an int64_t. */
static int fits_int(const struct ouse_parameter *parameter, struct ouse_str value)
{
    uint32_t i = value.n && value.p[0] == '-' ? 1 : 0;
    (void)parameter;
    if (value.n == i || value.n > 18)
        return 0;
    while (i < value.n && value.p[i] >= '0' && value.p[i] <= '9')
        i++;
    return i == value.n;
}

static int fits_pdate(const struct ouse_parameter *parameter, struct ouse_str value)
{
    int32_t first, last;
    (void)parameter;
    return schema_span(value, &first, &last) == 0;
}

static int fits_date(const struct ouse_parameter *parameter, struct ouse_str value)
{
    return value.n == sizeof "YYYY-MM-DD" - 1 && fits_pdate(parameter, value);
}

static int fits_ref(const struct ouse_parameter *parameter, struct ouse_str value)
{
    (void)parameter;
    return schema_id_valid(value);
}

static const struct parameter_type {
    uint32_t type;
    const char *name;
    fits_fn fits;
    const char *wanted; /* NULL: one of the choices */
} types[] = {
    {OUSE_TEXT, "text", fits_text, "some text"},
    {OUSE_ENUM, "enum", fits_enum, NULL},
    {OUSE_BOOL, "bool", fits_bool, "true or false"},
    {OUSE_INT, "int", fits_int, "a whole number"},
    {OUSE_DATE, "date", fits_date, "a date, YYYY-MM-DD"},
    {OUSE_PDATE, "pdate", fits_pdate, "a date: YYYY, YYYY-MM or YYYY-MM-DD"},
    {OUSE_REF, "ref", fits_ref, "an id"},
};

static const struct parameter_type *find_type(uint32_t type)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].type == type)
            return &types[i];
    return NULL;
}

const char *parameter_type_name(uint32_t type)
{
    const struct parameter_type *found = find_type(type);
    return found ? found->name : NULL;
}

static const struct ouse_parameter dry_run = {
    .name = "dry_run", .type = OUSE_BOOL, .doc = "Checks and answers everything, and stores nothing."};

static const struct ouse_parameter as_of = {
    .name = "as_of",
    .type = OUSE_TEXT,
    .doc = "The answer of then: a date (YYYY-MM-DD, its end in UTC) or an instant (YYYY-MM-DDThh:mm:ssZ)."};

const struct ouse_parameter *parameter_besides(const struct ouse_route *route)
{
    if (route->access == OUSE_WRITE)
        return &dry_run;
    return route->access == OUSE_READ && route->method && strcmp(route->method, "GET") == 0 ? &as_of : NULL;
}

static int makes_sense(const struct ouse_parameter *parameter)
{
    return parameter->name && find_type(parameter->type) &&
           (parameter->type != OUSE_ENUM || parameter->choices);
}

ouse_rc parameters_declare(struct worker *worker, const struct ouse_route *route, const char *label,
                           struct parameters *parameters, struct problem *problem)
{
    uint32_t n = route->parameters.n;
    struct ouse_parameter *rows = arena_alloc(&worker->runtime->memory, (n + 1) * sizeof *rows);
    memcpy(rows, arena_rows(problem->arena, route->parameters.at, n, route->parameters.stride, sizeof *rows),
           n * sizeof *rows);
    for (uint32_t i = 0; i < n; i++)
        if (!makes_sense(&rows[i]))
            return plugin_refuse(worker->plugin, problem,
                                 "parameter %u of the route %s needs a name and a type of OUSE_TEXT "
                                 "ENUM (with choices) BOOL INT DATE PDATE REF",
                                 i, label);
    if (parameter_besides(route))
        rows[n++] = *parameter_besides(route);
    *parameters = (struct parameters){rows, n};
    return OUSE_OK;
}

static const struct ouse_parameter *find(const struct parameters *declared, struct ouse_str name)
{
    for (uint32_t i = 0; i < declared->n; i++)
        if (ouse_is(name, declared->at[i].name))
            return &declared->at[i];
    return NULL;
}

struct ouse_str parameter_given(const struct http_parameter *given, uint32_t n, const char *name)
{
    uint32_t i = 0;
    while (i < n && !ouse_is(given[i].name, name))
        i++;
    return i < n ? given[i].value : ouse_s(NULL);
}

static void refuse_unknown(const struct parameters *declared, struct ouse_str name, struct problem *problem)
{
    const char *names[HTTP_PARAMETERS];
    uint32_t n = 0;
    for (; n < declared->n && n < HTTP_PARAMETERS; n++)
        names[n] = declared->at[n].name;
    problem_add(problem, OUSE_E_REQUEST, "", "unknown_parameter",
                "There is no parameter \"%.*s\" here%s; known: %s", OUSE_F(name),
                problem_hint(problem->arena, name, names, n),
                n ? arena_join(problem->arena, names, n).p : "none");
}

static void refuse_value(const struct ouse_parameter *parameter, struct ouse_str value,
                         struct problem *problem)
{
    const char *wanted = find_type(parameter->type)->wanted;
    problem_add(problem, OUSE_E_REQUEST, "", "value", "%s: \"%.*s\" is not %s%s", parameter->name,
                OUSE_F(value), wanted ? wanted : "one of ", wanted ? "" : parameter->choices);
}

static void check_given(const struct parameters *declared, const struct http_parameter *given, uint32_t i,
                        struct problem *problem)
{
    const struct ouse_parameter *parameter = find(declared, given[i].name);
    if (!parameter && !find(declared, ouse_s("*")))
        refuse_unknown(declared, given[i].name, problem);
    else if (parameter && parameter_given(given, i, parameter->name).p)
        problem_add(problem, OUSE_E_REQUEST, "", "value", "The parameter %s is given twice", parameter->name);
    else if (parameter && !find_type(parameter->type)->fits(parameter, given[i].value))
        refuse_value(parameter, given[i].value, problem);
}

ouse_rc parameters_read(const struct parameters *declared, struct http_request *request,
                        struct http_parameter given[HTTP_PARAMETERS], uint32_t *n)
{
    struct problem *problem = request->problem;
    if (http_query(request, given, n))
        return problem->rc;
    for (uint32_t i = 0; i < *n; i++)
        check_given(declared, given, i, problem);
    for (uint32_t i = 0; i < declared->n; i++)
        if (declared->at[i].flags & OUSE_REQUIRED && !parameter_given(given, *n, declared->at[i].name).p)
            problem_add(problem, OUSE_E_REQUEST, "", "required", "The parameter %s is required",
                        declared->at[i].name);
    return problem->rc;
}
