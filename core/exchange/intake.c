/* intake: see intake.h. */
#include "intake.h"

#include "../base/heap.h"
#include <errno.h>
#include <stdlib.h>

enum { READ = 64 << 10 };

/* ---- NDJSON ------------------------------------------------------------------------ */

static int is_blank(struct ouse_str text)
{
    for (uint32_t i = 0; i < text.n; i++)
        if (!memchr(" \t\r\n", text.p[i], 4))
            return 0;
    return 1;
}

static uint32_t read_line(struct intake *intake, struct ouse_str text, int last, cJSON **document,
                          struct problem *problem)
{
    const char *stop = memchr(text.p, '\n', text.n);
    if (!stop && !last)
        return 0;
    if (stop)
        text.n = (uint32_t)(stop + 1 - text.p);
    if (!is_blank(text))
        json_parse(&intake->arena, text, document, problem);
    return text.n;
}

const struct intake_format intake_ndjson = {
    .name = "ndjson", .media_type = "application/x-ndjson", .read = read_line};
static const struct intake_format csv = {
    .name = "csv", .media_type = "text/csv", .headed = 1, .read = csv_read};

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

/* Leaves out what the source still has. */
static void skip(struct intake *intake)
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

/* Reads the next row, as the number that the intake has. OUSE_E_NOT_FOUND at the end of
 * the source. Without its header nothing can be said of a row. */
static ouse_rc read_row(struct intake *intake, cJSON **document, struct problem *problem)
{
    const struct intake_format *format = intake_source(intake)->format;
    ouse_rc rc = intake->window ? OUSE_OK : read_on(intake, problem);
    for (; !rc; rc = read_on(intake, problem)) {
        size_t left = intake->n - intake->at;
        int first = intake->number == 1 && format->headed, last = intake->ended && left <= INTAKE_ROW_MAX;
        struct ouse_str text = {intake->window + intake->at,
                                left < INTAKE_ROW_MAX ? (uint32_t)left : INTAKE_ROW_MAX};
        if (last && !left && !first)
            return OUSE_E_NOT_FOUND;
        uint32_t n = format->read(intake, text, last, document, problem);
        if (first && problem->rc)
            skip(intake);
        else
            intake->at += n;
        if (n || last)
            return OUSE_OK;
        if (left > INTAKE_ROW_MAX) {
            skip(intake);
            return problem_fail(problem, OUSE_E_INVALID,
                                "A row has at most %u bytes; what follows this one was not looked at",
                                INTAKE_ROW_MAX);
        }
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
    *row = (struct row){0};
    intake->number++;
    ouse_rc rc = read_row(intake, &row->document, problem);
    if (rc == OUSE_E_NOT_FOUND || rc == OUSE_E_UNAVAILABLE)
        return rc;
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
