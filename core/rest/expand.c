/* expand: see expand.h. */
#include "expand.h"

/* ---- Paths ------------------------------------------------------------------------- */

static int is_reference(const struct collection *collection, const struct field *field, uint32_t role)
{
    (void)collection;
    return field->n_targets > 0 && field->is.visibility <= role;
}

/* The references by the name of a collection; it may be one of several targets. */
static const struct field *reference(const struct collection *collection, struct ouse_str name, uint32_t role)
{
    const struct field *field = collection ? schema_field(collection, name) : NULL;
    return field && is_reference(collection, field, role) ? field : NULL;
}

static uint32_t list_references(const struct collection *collection, uint32_t role, const char **known,
                                uint32_t n)
{
    for (uint32_t i = 0; collection && i < collection->n_fields && n < SCHEMA_FIELDS_MAX; i++)
        if (is_reference(collection, &collection->fields[i], role))
            known[n++] = collection->fields[i].is.name;
    return n;
}

/* That a target has the field of the second step. */
static ouse_rc check_then(const struct question *question, uint32_t parameter, const struct expand_path *path)
{
    const char *known[SCHEMA_FIELDS_MAX] = {NULL};
    uint32_t role = question->request->role, n = 0;
    for (uint32_t i = 0; i < path->field->n_targets; i++)
        if (reference(path->field->targets[i].to, path->then, role))
            return OUSE_OK;
    for (uint32_t i = 0; i < path->field->n_targets; i++)
        n = list_references(path->field->targets[i].to, role, known, n);
    return question_refuse(question, parameter, path->then, known, n);
}

static ouse_rc read_path(const struct question *question, uint32_t parameter, struct ouse_str word,
                         struct expand_path *path)
{
    const struct collection *collection = question->resource->collection;
    const char *known[SCHEMA_FIELDS_MAX] = {NULL}, *dot = word.n ? memchr(word.p, '.', word.n) : NULL;
    struct ouse_str first = {word.p, dot ? (uint32_t)(dot - word.p) : word.n};
    path->then = dot ? (struct ouse_str){dot + 1, word.n - first.n - 1} : (struct ouse_str){NULL, 0};
    path->field = reference(collection, first, question->request->role);
    if (!path->field)
        return question_refuse(question, parameter, first, known,
                               list_references(collection, question->request->role, known, 0));
    if (dot && memchr(path->then.p, '.', path->then.n))
        return problem_fail(question->request->problem, OUSE_E_REQUEST,
                            "expand goes two steps at most: \"%.*s\" is one too many", OUSE_F(word));
    return dot ? check_then(question, parameter, path) : OUSE_OK;
}

ouse_rc expand_read(const struct question *question, uint32_t parameter, struct expansion *expansion)
{
    struct ouse_str list = question->values[parameter], word;
    expansion->question = question;
    while (question_word(&list, &word)) {
        if (expansion->n_paths == EXPAND_PATHS)
            return problem_fail(question->request->problem, OUSE_E_REQUEST, "expand takes at most %d paths",
                                EXPAND_PATHS);
        ouse_rc rc = read_path(question, parameter, word, &expansion->paths[expansion->n_paths]);
        if (rc)
            return rc;
        expansion->n_paths++;
    }
    return OUSE_OK;
}

/* ---- Records -------------------------------------------------------------------------- */

/* One step from a record; where `then` is said, another one follows. */
struct step {
    struct expansion *expansion;
    const struct expand_path *path;
    struct ouse_str then;
    ouse_rc rc;
};

static struct expanded *find(struct expansion *expansion, const struct collection *collection,
                             struct ouse_str id)
{
    for (uint32_t i = 0; i < expansion->n; i++)
        if (expansion->included[i].record.collection == collection &&
            ouse_same(expansion->included[i].record.id, id))
            return &expansion->included[i];
    return NULL;
}

/* Adds a record that is live and seen; NULL where there is none, or no room. */
static struct expanded *add(struct step *step, const struct collection *collection, struct ouse_str id)
{
    struct expansion *expansion = step->expansion;
    struct http_request *request = expansion->question->request;
    struct record record;
    ouse_rc rc = record_as_of(expansion->txn, collection, id, request->role, expansion->question->query.as_of,
                              request->arena, &record);
    if (rc || record.kind != RECORD_LIVE) {
        step->rc = rc == OUSE_OK || rc == OUSE_E_NOT_FOUND ? step->rc : rc;
        return NULL;
    }
    if (expansion->n == EXPAND_RECORDS) {
        expansion->cut = 1;
        return NULL;
    }
    record.id = arena_copy(request->arena, id);
    expansion->included[expansion->n] = (struct expanded){record, 0};
    return &expansion->included[expansion->n++];
}

/* A record that several refer to is looked up once, and once walked on from. */
static void include(void *arg, const struct collection *to, struct ouse_str id)
{
    struct step *step = arg, next = {.expansion = step->expansion, .path = step->path};
    struct expanded *found = to ? find(step->expansion, to, id) : NULL;
    uint32_t walk = 1u << (step->path - step->expansion->paths);
    const struct field *field;
    if (!found && to)
        found = add(step, to, id);
    if (!found || !step->then.p || found->walked & walk)
        return;
    found->walked |= walk;
    field = reference(to, step->then, step->expansion->question->request->role);
    if (field)
        record_references(&found->record, field, include, &next);
    step->rc = step->rc ? step->rc : next.rc;
}

ouse_rc expand_add(struct expansion *expansion, const struct record *record)
{
    struct step step = {.expansion = expansion};
    for (uint32_t i = 0; i < expansion->n_paths && !expansion->cut; i++) {
        step.path = &expansion->paths[i];
        step.then = step.path->then;
        record_references(record, step.path->field, include, &step);
    }
    return step.rc ? problem_fail(expansion->question->request->problem, step.rc,
                                  "What the page refers to cannot be read")
                   : OUSE_OK;
}

/* ---- Writing ---------------------------------------------------------------------------- */

static const struct resource *resource_of(const struct rest *rest, const struct collection *collection)
{
    const struct resource *resource = rest->resources;
    while (resource->collection != collection)
        resource++;
    return resource;
}

ouse_rc expand_write(const struct expansion *expansion, struct buffer *out)
{
    const struct rest *rest = expansion->question->resource->rest;
    ouse_rc rc = OUSE_OK;
    buffer_byte(out, '{');
    for (uint32_t i = 0; i < expansion->n && !rc; i++) {
        const struct record *record = &expansion->included[i].record;
        buffer_printf(out, "%s\"%s/%.*s\":", i ? "," : "", record->collection->is.name, OUSE_F(record->id));
        rc = rest_write(resource_of(rest, record->collection), expansion->txn, record, NULL,
                        expansion->question->request, out);
    }
    buffer_byte(out, '}');
    return rc;
}
