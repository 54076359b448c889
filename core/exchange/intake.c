/* intake: see intake.h. */
#include "intake.h"

#include "../base/heap.h"
#include <errno.h>
#include <stdlib.h>

enum { READ = 64 << 10 };

/* ---- NDJSON ------------------------------------------------------------------------ */

static const char *line_end(const char *at, const char *end)
{
    const char *stop = memchr(at, '\n', (size_t)(end - at));
    return stop ? stop + 1 : NULL;
}

static int is_blank(struct ouse_str text)
{
    for (uint32_t i = 0; i < text.n; i++)
        if (!memchr(" \t\r\n", text.p[i], 4))
            return 0;
    return 1;
}

static void read_line(struct intake *intake, struct ouse_str text, cJSON **document, struct problem *problem)
{
    if (!is_blank(text))
        json_parse(&intake->arena, text, document, problem);
}

const struct intake_format intake_ndjson = {
    .name = "ndjson", .media_type = "application/x-ndjson", .row_end = line_end, .read = read_line};
static const struct intake_format csv = {
    .name = "csv", .media_type = "text/csv", .headed = 1, .row_end = csv_row_end, .read = csv_read};

static const struct intake_format *const formats[] = {&intake_ndjson, &csv};
enum { FORMATS = sizeof formats / sizeof formats[0] };

const struct intake_format *intake_format_named(struct ouse_str name)
{
    for (int i = 0; i < FORMATS; i++)
        if (ouse_is(name, formats[i]->name))
            return formats[i];
    return NULL;
}

const struct intake_format *intake_format_of_type(struct ouse_str media_type)
{
    for (int i = 0; i < FORMATS; i++)
        if (ouse_is(media_type, formats[i]->media_type))
            return formats[i];
    return NULL;
}

/* ---- Sources ----------------------------------------------------------------------- */

void intake_init(struct intake *intake, const struct schema *schema, const struct intake_source *sources,
                 uint32_t n)
{
    *intake = (struct intake){.schema = schema, .sources = sources, .n_sources = n};
}

void intake_finish(struct intake *intake)
{
    arena_finish(&intake->arena);
    free(intake->window);
    intake_init(intake, NULL, NULL, 0);
}

static void begin_source(struct intake *intake, uint32_t source)
{
    intake->source = source;
    intake->at = intake->n = 0;
    intake->position = 0;
    intake->number = intake->n_columns = 0;
    intake->ended = 0;
}

void intake_rewind(struct intake *intake)
{
    begin_source(intake, 0);
}

void intake_skip(struct intake *intake)
{
    intake->at = intake->n;
    intake->ended = 1;
}

/* Reads on, so far that a row which did not end in the window has twice the room: so a
 * row is looked at over and over only a few times, however long it is. */
static ouse_rc read_on(struct intake *intake, struct problem *problem)
{
    const struct intake_source *source = intake_source(intake);
    size_t begun = intake->n - intake->at, room = begun * 2 < READ ? READ : begun * 2;
    if (intake->at)
        memmove(intake->window, intake->window + intake->at, begun);
    if (room > intake->room)
        intake->window = heap_grow(intake->window, intake->room = room);
    ssize_t n = source->read(source->arg, intake->position, intake->window + begun, room - begun);
    if (n < 0)
        return problem_fail(problem, OUSE_E_UNAVAILABLE, "%s cannot be read: %s",
                            source->file ? source->file : "The body", strerror(errno));
    intake->at = 0;
    intake->n = begun + (size_t)n;
    intake->position += (uint64_t)n;
    intake->ended = (size_t)n < room - begun;
    return OUSE_OK;
}

/* The bytes of the next row; OUSE_E_NOT_FOUND at the end of the source. */
static ouse_rc next_text(struct intake *intake, struct ouse_str *text, struct problem *problem)
{
    const struct intake_format *format = intake_source(intake)->format;
    ouse_rc rc = intake->window ? OUSE_OK : read_on(intake, problem);
    while (!rc) {
        const char *at = intake->window + intake->at, *end = intake->window + intake->n;
        const char *stop = intake->at < intake->n ? format->row_end(at, end) : NULL;
        if (!stop && intake->ended)
            stop = end;
        if (stop && stop == at && (intake->number || !format->headed))
            return OUSE_E_NOT_FOUND;
        if ((size_t)((stop ? stop : end) - at) > INTAKE_ROW_MAX) {
            intake_skip(intake);
            return problem_fail(problem, OUSE_E_INVALID,
                                "A row has at most %u bytes; what follows this one was not looked at",
                                INTAKE_ROW_MAX);
        }
        if (stop) {
            *text = (struct ouse_str){at, (uint32_t)(stop - at)};
            intake->at += text->n;
            return OUSE_OK;
        }
        rc = read_on(intake, problem);
    }
    return rc;
}

/* ---- Rows -------------------------------------------------------------------------- */

static struct ouse_str place_of(struct intake *intake)
{
    const struct intake_source *source = intake_source(intake);
    return source->file ? arena_printf(&intake->arena, "%s:%u: ", source->file, intake->number)
                        : arena_printf(&intake->arena, "/rows/%u", intake->number);
}

static ouse_rc find_collection(const struct intake *intake, struct row *row, struct problem *problem)
{
    const struct collection *of_file = intake_source(intake)->collection;
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

/* An export has what the register computes, too; here it will be computed anew. */
static void take_computed_out(struct row *row)
{
    for (uint32_t i = 0; i < row->collection->n_derived; i++)
        cJSON_DeleteItemFromObjectCaseSensitive(row->document, row->collection->derived[i].name);
}

/* The next row of the source: none where it has nothing in it. */
static ouse_rc next_row(struct intake *intake, struct row *row, struct problem *problem)
{
    struct ouse_str text;
    ouse_rc rc = next_text(intake, &text, problem);
    if (rc == OUSE_E_NOT_FOUND || rc == OUSE_E_UNAVAILABLE)
        return rc;
    intake->number++;
    *row = (struct row){0};
    if (!rc)
        intake_source(intake)->format->read(intake, text, &row->document, problem);
    if (row->document || problem->rc)
        row->place = place_of(intake);
    if (row->document && !problem->rc && !find_collection(intake, row, problem))
        take_computed_out(row);
    return OUSE_OK;
}

ouse_rc intake_next(struct intake *intake, struct row *row, struct problem *problem)
{
    struct row next = {0};
    while (!next.place.p) {
        if (intake->source == intake->n_sources)
            return OUSE_E_NOT_FOUND;
        arena_finish(&intake->arena);
        problem_init(problem, &intake->arena);
        ouse_rc rc = next_row(intake, &next, problem);
        if (rc == OUSE_E_NOT_FOUND)
            begin_source(intake, intake->source + 1);
        else if (rc)
            return rc;
    }
    *row = next;
    return OUSE_OK;
}
