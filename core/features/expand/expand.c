/* expand: the targets of the references of a page, one or two steps away.
 *
 *     expand=leads,pillar.hub   ──>  "included":{"people/ann":{…},"pillars/p":{…},"hubs/h":{…}}
 *
 * Each once, at most RECORDS_MAX, in the order in which they appear. Records that the caller may
 * not see are omitted; a hidden field counts as unknown. */
#include "../../base/text.h"
#include "../features.h"

enum { PATHS_MAX = 8, RECORDS_MAX = 100 };

struct path {
    const struct field *field;
    struct ouse_str then; /* the field of the second step; no text: one step only */
};

struct expanded {
    struct record record;
    uint32_t walked; /* bits of the paths that took their second step from it */
};

struct expansion {
    struct path paths[PATHS_MAX];
    uint32_t n_paths;
    struct expanded included[RECORDS_MAX];
    uint32_t n;
    int cut; /* there were more */
};

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
static ouse_rc check_then(const struct question *question, const struct path *path)
{
    const char *known[SCHEMA_FIELDS_MAX] = {NULL};
    uint32_t role = question->request->role, n = 0;
    for (uint32_t i = 0; i < path->field->n_targets; i++)
        if (reference(path->field->targets[i].to, path->then, role))
            return OUSE_OK;
    for (uint32_t i = 0; i < path->field->n_targets; i++)
        n = list_references(path->field->targets[i].to, role, known, n);
    return question_refuse(question, "expand", path->then, known, n);
}

static ouse_rc read_path(const struct question *question, struct ouse_str word, struct path *path)
{
    const struct collection *collection = question->resource->collection;
    const char *known[SCHEMA_FIELDS_MAX] = {NULL};
    struct ouse_str first;
    path->then = word;
    text_cut(&path->then, '.', &first);
    path->field = reference(collection, first, question->request->role);
    if (!path->field)
        return question_refuse(question, "expand", first, known,
                               list_references(collection, question->request->role, known, 0));
    if (path->then.p && memchr(path->then.p, '.', path->then.n))
        return problem_fail(question->request->problem, OUSE_E_REQUEST,
                            "expand follows at most two references: \"%.*s\" has more", OUSE_F(word));
    return path->then.p ? check_then(question, path) : OUSE_OK;
}

static const struct page_part expand_part;

static ouse_rc expansion_read(struct question *question, struct ouse_str text)
{
    struct expansion *expansion = question_extra(question, &expand_part, sizeof *expansion);
    struct ouse_str word;
    while (text_cut(&text, ',', &word)) {
        if (expansion->n_paths == PATHS_MAX)
            return problem_fail(question->request->problem, OUSE_E_REQUEST, "expand accepts at most %d paths",
                                PATHS_MAX);
        if (read_path(question, word, &expansion->paths[expansion->n_paths++]))
            return question->request->problem->rc;
    }
    return OUSE_OK;
}

/* ---- Records -------------------------------------------------------------------------- */

/* One step from a record; if `then` is set, another one follows. */
struct step {
    const struct question *question;
    struct expansion *expansion;
    struct txn *txn;
    const struct path *path;
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

/* Adds a record that is live and visible. Returns NULL if it is not, or if there is no room. */
static struct expanded *add(struct step *step, const struct collection *collection, struct ouse_str id)
{
    struct expansion *expansion = step->expansion;
    struct http_request *request = step->question->request;
    struct record record;
    ouse_rc rc = record_as_of(step->txn, collection, id, request->role, step->question->query.as_of,
                              request->arena, &record);
    if (rc || record.kind != RECORD_LIVE) {
        step->rc = rc == OUSE_OK || rc == OUSE_E_NOT_FOUND ? step->rc : rc;
        return NULL;
    }
    if (expansion->n == RECORDS_MAX) {
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
    struct step *step = arg, next = *step;
    struct expanded *found = to ? find(step->expansion, to, id) : NULL;
    uint32_t walk = 1u << (step->path - step->expansion->paths);
    const struct field *field;
    if (!found && to)
        found = add(step, to, id);
    if (!found || !step->then.p || found->walked & walk)
        return;
    found->walked |= walk;
    field = reference(to, step->then, step->question->request->role);
    next.then = ouse_s(NULL);
    if (field)
        record_references(&found->record, field, include, &next);
    step->rc = step->rc ? step->rc : next.rc;
}

/* Adds the targets of one record of the page. */
static ouse_rc expand_add(const struct question *question, struct txn *txn, const struct record *record,
                          void *state)
{
    struct expansion *expansion = state;
    struct step step = {.question = question, .expansion = expansion, .txn = txn};
    for (uint32_t i = 0; i < expansion->n_paths && !expansion->cut; i++) {
        step.path = &expansion->paths[i];
        step.then = step.path->then;
        record_references(record, step.path->field, include, &step);
    }
    return step.rc ? problem_fail(question->request->problem, step.rc,
                                  "The references of the page cannot be read")
                   : OUSE_OK;
}

static void expand_page(const void *state, struct buffer *out)
{
    const struct expansion *expansion = state;
    buffer_text(out, expansion->cut ? ",\"more_included\":true" : "");
}

/* ---- Writing ---------------------------------------------------------------------------- */

static const struct resource *resource_of(const struct rest *rest, const struct collection *collection)
{
    const struct resource *resource = rest->resources;
    while (resource->collection != collection)
        resource++;
    return resource;
}

/* ,"included":{"people/ann":{…}, …} */
static ouse_rc expand_write(const struct question *question, struct txn *txn, void *state, struct buffer *out)
{
    const struct expansion *expansion = state;
    ouse_rc rc = OUSE_OK;
    buffer_text(out, ",\"included\":{");
    for (uint32_t i = 0; i < expansion->n && !rc; i++) {
        const struct record *record = &expansion->included[i].record;
        buffer_printf(out, "%s\"%s/%.*s\":", i ? "," : "", record->collection->is.name, OUSE_F(record->id));
        rc = rest_write(resource_of(question->resource->rest, record->collection), txn, record, NULL,
                        question->request, out);
    }
    buffer_byte(out, '}');
    return rc;
}

static const struct page_part expand_part = {.record = expand_add, .page = expand_page, .body = expand_write};

static const struct api_param params[] = {
    {"expand", expansion_read, PARAM_ON_LIST | PARAM_ON_RECORD,
     PARAM_NOT_IN_PAGES | PARAM_NOT_IN_WHOLE | PARAM_NOT_IN_RECORDS, NULL},
    {NULL, NULL, 0, 0, NULL},
};

const struct feature feature_expand = {.name = "expand", .params = params};
