/* intake: see intake.h. */
#include "intake.h"

#define FAULTS 1000 /* the most that are told */

static const struct intake_format formats[] = {{"ndjson", "application/x-ndjson", intake_ndjson},
                                               {"csv", "text/csv", intake_csv}};
enum { FORMATS = sizeof formats / sizeof formats[0] };

const struct intake_format *intake_format_named(struct ouse_str name)
{
    for (int i = 0; i < FORMATS; i++)
        if (ouse_is(name, formats[i].name))
            return &formats[i];
    return NULL;
}

const struct intake_format *intake_format_of_type(struct ouse_str media_type)
{
    for (int i = 0; i < FORMATS; i++)
        if (ouse_is(media_type, formats[i].media_type))
            return &formats[i];
    return NULL;
}

void intake_init(struct intake *intake, struct arena *arena, const struct schema *schema)
{
    *intake = (struct intake){.arena = arena, .schema = schema};
    problem_init(&intake->faults, arena);
    intake->faults.most = FAULTS;
}

struct ouse_str intake_place(const struct intake *intake, const struct intake_source *source, uint32_t number)
{
    return source->file ? arena_printf(intake->arena, "%s:%u: ", source->file, number)
                        : arena_printf(intake->arena, "/rows/%u", number);
}

/* ---- One row ---------------------------------------------------------------------- */

static ouse_rc find_collection(const struct intake *intake, const struct intake_source *source,
                               struct row *row, struct problem *problem)
{
    const struct collection *of_file = source->collection;
    struct ouse_str named = json_text(json_member(json_member(row->document, "meta"), "collection"));
    row->collection = named.p ? schema_find(intake->schema, named) : of_file;
    if (named.p && !row->collection)
        return problem_add(problem, OUSE_E_INVALID, "/meta/collection", "not_found",
                           "There is no collection \"%.*s\"", OUSE_F(named));
    if (!row->collection)
        return problem_add(
            problem, OUSE_E_INVALID, "/meta/collection", "required",
            "This register has no collection that is named as the file is: enable its plugin (\"ouse plugin "
            "list\"), or say in meta.collection which one is meant");
    if (of_file && row->collection != of_file)
        return problem_add(problem, OUSE_E_INVALID, "/meta/collection", "mismatch",
                           "The rows are of %s, this one of %s", of_file->is.name, row->collection->is.name);
    return OUSE_OK;
}

/* A row that leaves out a field with a default means the default, whether the
 * record is new or not: so an import that is repeated finds nothing to do. */
static void set_defaults(struct row *row)
{
    for (uint32_t i = 0; i < row->collection->n_fields; i++) {
        const struct field *field = &row->collection->fields[i];
        cJSON *value = json_member(row->document, field->is.name);
        if (!field->dflt || !cJSON_IsObject(row->document) || (value && !cJSON_IsNull(value)))
            continue;
        cJSON_DeleteItemFromObjectCaseSensitive(row->document, field->is.name);
        cJSON_AddItemToObject(row->document, field->is.name, cJSON_Duplicate(field->dflt, 1));
    }
}

static void push(struct intake *intake, const struct row *row)
{
    if (intake->n == intake->room) {
        size_t room = intake->room ? intake->room * 2 : 256;
        struct row *grown = arena_alloc(intake->arena, room * sizeof *grown);
        if (intake->n)
            memcpy(grown, intake->at, intake->n * sizeof *grown);
        intake->at = grown;
        intake->room = room;
    }
    intake->at[intake->n++] = *row;
}

void intake_add(struct intake *intake, const struct intake_source *source, uint32_t number, cJSON *document,
                struct problem *problem)
{
    struct row row = {.place = intake_place(intake, source, number), .document = document};
    if (!problem->rc)
        find_collection(intake, source, &row, problem);
    if (problem->rc) {
        problem_gather(&intake->faults, OUSE_E_INVALID, problem, row.place);
        return;
    }
    set_defaults(&row);
    push(intake, &row);
}

int intake_ends(struct intake *intake, uint32_t number)
{
    intake->cut |= intake->most && number > intake->most;
    return intake->cut;
}

/* ---- NDJSON ------------------------------------------------------------------------ */

static int is_blank(struct ouse_str text)
{
    for (uint32_t i = 0; i < text.n; i++)
        if (!strchr(" \t\r", text.p[i]))
            return 0;
    return 1;
}

static void read_line(struct intake *intake, const struct intake_source *source, uint32_t number,
                      struct ouse_str text)
{
    struct problem problem;
    cJSON *document = NULL;
    problem_init(&problem, intake->arena);
    if (text.n > INTAKE_ROW_MAX)
        problem_fail(&problem, OUSE_E_TOO_LARGE, "A row has at most %u bytes", INTAKE_ROW_MAX);
    else
        json_parse(intake->arena, text, &document, &problem);
    intake_add(intake, source, number, document, &problem);
}

void intake_ndjson(struct intake *intake, const struct intake_source *source, struct ouse_str text)
{
    const char *at = text.p, *end = text.p + text.n;
    intake->bytes += text.n;
    for (uint32_t number = 1; at < end && !intake_ends(intake, number); number++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        struct ouse_str one = {at, (uint32_t)((stop ? stop : end) - at)};
        if (!is_blank(one))
            read_line(intake, source, number, one);
        at = stop ? stop + 1 : end;
    }
}
