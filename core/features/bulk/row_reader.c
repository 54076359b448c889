/* row_reader: see row_reader.h. */
#include "row_reader.h"

#include "../../base/heap.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { READ = 64 << 10 };

/* ---- Formats ----------------------------------------------------------------------- */

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
        intake_take_json(intake, text, document, problem);
    return text.n;
}

const struct intake_format intake_ndjson = {
    .name = "ndjson", .media_type = "application/x-ndjson", .read = read_line};
static const struct intake_format csv = {
    .name = "csv", .media_type = "text/csv", .headed = 1, .read = csv_read};
static const struct intake_format json = {
    .name = "json", .media_type = "application/json", .headed = 1, .read = json_rows_read};

static const struct intake_format *const formats[] = {&intake_ndjson, &csv, &json};
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
    intake->columns = n ? arena_zero(&intake->memory, n * sizeof *intake->columns) : NULL;
    intake->line = intake->next_line = 1;
}

static void end_conversion(struct intake *intake)
{
    if (intake->converts)
        iconv_close(intake->converter);
    intake->converts = 0;
}

void intake_finish(struct intake *intake)
{
    end_conversion(intake);
    arena_finish(&intake->arena);
    arena_finish(&intake->memory);
    free(intake->window);
    intake_init(intake, NULL, NULL, 0);
}

static void begin_source(struct intake *intake, uint32_t source)
{
    end_conversion(intake);
    intake->source = source;
    intake->at = intake->n = 0;
    intake->position = 0;
    intake->number = 0;
    intake->line = intake->next_line = 1;
    intake->ended = intake->is_columned = 0;
    intake->array = ARRAY_BEFORE;
}

void intake_rewind(struct intake *intake)
{
    begin_source(intake, 0);
    intake->unreadable = 0;
}

static ouse_rc cannot_read(const struct intake *intake, struct problem *problem)
{
    const char *file = intake_source(intake)->file;
    return problem_fail(problem, OUSE_E_UNAVAILABLE, "%s cannot be read: %s", file ? file : "The body",
                        strerror(errno));
}

/* Reads up to n bytes of UTF-8 that a source in another encoding has next: -1 if it cannot be read, or has
 * bytes that are not of the encoding, which `problem` reports. */
static ssize_t read_converted(struct intake *intake, char *to, size_t n, struct problem *problem)
{
    const struct intake_source *source = intake_source(intake);
    char *raw = arena_alloc(&intake->arena, n), *from = raw, *out = to;
    size_t asked = n / 4, left, room = n;
    ssize_t got = source->read(source->arg, intake->position, raw, asked);
    if (got < 0) {
        cannot_read(intake, problem);
        return -1;
    }
    left = (size_t)got;
    int failed = iconv(intake->converter, &from, &left, &out, &room) == (size_t)-1;
    intake->position += (uint64_t)(from - raw);
    intake->ended = (size_t)got < asked;
    if (failed && (errno == EILSEQ || intake->ended)) {
        intake_refuse(intake, problem, "encoding",
                      "The file is not in %.*s: byte %llu is no part of a character; name its encoding in "
                      "the mapping",
                      OUSE_F(intake_mapping(intake)->encoding), (unsigned long long)intake->position + 1);
        return -1;
    }
    return out - to;
}

static ssize_t read_bytes(struct intake *intake, char *to, size_t n, struct problem *problem)
{
    const struct intake_source *source = intake_source(intake);
    if (intake->converts)
        return read_converted(intake, to, n, problem);
    ssize_t got = source->read(source->arg, intake->position, to, n);
    if (got < 0) {
        cannot_read(intake, problem);
        return -1;
    }
    intake->position += (uint64_t)got;
    intake->ended = (size_t)got < n;
    return got;
}

/* Opens the conversion of a source that is in another encoding. */
static ouse_rc begin_conversion(struct intake *intake, struct problem *problem)
{
    struct ouse_str encoding = intake_mapping(intake)->encoding;
    if (!encoding.n || intake->converts)
        return OUSE_OK;
    intake->converter = iconv_open("UTF-8", arena_copy(&intake->arena, encoding).p);
    intake->converts = intake->converter != (iconv_t)-1;
    if (!intake->converts)
        intake_refuse(intake, problem, "encoding",
                      "The encoding \"%.*s\" is unknown; known are, for example, utf-8, utf-16, windows-1252 "
                      "and iso-8859-1",
                      OUSE_F(encoding));
    return problem->rc;
}

/* Reads on, so far that a row which did not end in the window has twice the room: so a
 * row is looked at over and over only a few times, however long it is. */
static ouse_rc read_on(struct intake *intake, struct problem *problem)
{
    size_t begun = intake->n - intake->at, room = begun * 2 < READ ? READ : begun * 2;
    int first = intake->position == 0;
    if (first && begin_conversion(intake, problem))
        return problem->rc;
    if (intake->at)
        memmove(intake->window, intake->window + intake->at, begun);
    if (room > intake->room)
        intake->window = heap_grow(intake->window, intake->room = room);
    intake->at = 0;
    intake->n = begun;
    ssize_t n = read_bytes(intake, intake->window + begun, room - begun, problem);
    if (n < 0)
        return problem->rc;
    intake->n += (size_t)n;
    if (first)
        intake_check_kind(intake, (struct ouse_str){intake->window, (uint32_t)intake->n}, problem);
    return problem->rc;
}

/* Goes past the bytes of a row; its line is the one on which it begins. */
static void pass(struct intake *intake, uint32_t n)
{
    const char *from = intake->window + intake->at;
    for (uint32_t i = 0; i < n; i++) {
        if (i == intake->led)
            intake->line = intake->next_line;
        intake->next_line += from[i] == '\n';
    }
    intake->at += n;
}

/* Makes the columns of JSON rows, which have no header, from the mapping. */
static ouse_rc read_mapping(struct intake *intake, struct problem *problem)
{
    const struct intake_source *source = intake_source(intake);
    const struct mapping *mapping = intake_mapping(intake);
    if (intake->is_columned || source->format->read == csv_read)
        return OUSE_OK;
    intake->is_columned = 1;
    intake->columns[intake->source] = NULL;
    if (!mapping->fields && !mapping->constants)
        return OUSE_OK;
    if (!source->collection) {
        intake_refuse(
            intake, problem, "required",
            "A mapping must name the collection (\"collection\"), as the name of the file does not");
        return problem->rc;
    }
    struct columns *columns = arena_zero(&intake->memory, sizeof *columns);
    if (columns_make(&intake->memory, source->collection, mapping, NULL, 0, columns, problem))
        intake_skip(intake);
    else if (mapping->fields)
        intake->columns[intake->source] = columns;
    return problem->rc;
}

/* Reads the next row, with the number of the intake. Returns OUSE_E_NOT_FOUND at the end of the
 * source. Without its header, a row cannot be checked. */
static ouse_rc read_row(struct intake *intake, cJSON **document, struct problem *problem)
{
    const struct intake_format *format = intake_source(intake)->format;
    ouse_rc rc = intake->position || intake->ended ? OUSE_OK : read_on(intake, problem);
    intake->line = intake->next_line;
    if (!rc)
        rc = read_mapping(intake, problem);
    for (; !rc; rc = read_on(intake, problem)) {
        size_t left = intake->n - intake->at;
        int first = intake->number == 1 && format->headed, last = intake->ended && left <= INTAKE_ROW_MAX;
        struct ouse_str text = {intake->window + intake->at,
                                left < INTAKE_ROW_MAX ? (uint32_t)left : INTAKE_ROW_MAX};
        if (last && !left && !first && (intake->array == ARRAY_BEFORE || intake->array == ARRAY_AFTER))
            return OUSE_E_NOT_FOUND;
        intake->led = 0;
        uint32_t n = format->read(intake, text, last, document, problem);
        if (intake->n - intake->at == left) /* else the source was skipped */
            pass(intake, n);
        if (n || last || problem->rc)
            return OUSE_OK;
        if (left > INTAKE_ROW_MAX) {
            intake_skip(intake);
            return problem_fail(problem, OUSE_E_INVALID,
                                "A row has at most %u bytes; the rows after this one were not checked",
                                INTAKE_ROW_MAX);
        }
    }
    return rc;
}

/* ---- Rows -------------------------------------------------------------------------- */

#define PLACE_MARK '\x1f' /* begins and ends a place; no pointer has it, as no name does */

static struct ouse_str place_of(struct intake *intake)
{
    return arena_printf(&intake->arena, "%c%u:%u:%u%c", PLACE_MARK, intake->source, intake->number,
                        intake->line, PLACE_MARK);
}

static void locate(const struct intake *intake, struct problem_error *error, struct arena *arena)
{
    uint32_t source, row, line;
    const char *end = memchr(error->pointer.p + 1, PLACE_MARK, error->pointer.n - 1);
    if (!end || sscanf(error->pointer.p + 1, "%u:%u:%u", &source, &row, &line) != 3)
        return;
    struct ouse_str rest = {end + 1, (uint32_t)(error->pointer.p + error->pointer.n - end - 1)};
    error->file =
        arena_copy(arena, ouse_s(intake->sources[source].file ? intake->sources[source].file : "body"));
    error->row = row;
    error->line = line;
    error->column = arena_copy(arena, columns_named(intake->columns[source], rest, arena));
    error->pointer = arena_printf(arena, "/rows/%u%.*s", row, OUSE_F(rest));
}

void intake_locate(const struct intake *intake, struct problem *problem)
{
    for (uint32_t i = 0; i < problem_told(problem); i++)
        if (problem->errors[i].pointer.n && problem->errors[i].pointer.p[0] == PLACE_MARK)
            locate(intake, &problem->errors[i], problem->arena);
}

static ouse_rc find_collection(const struct intake *intake, struct row *row, struct problem *problem)
{
    const struct collection *of_file = intake_source(intake)->collection;
    struct ouse_str named = json_text(json_member(json_member(row->document, "meta"), "collection"));
    row->collection = named.p ? schema_find_renamed(intake->schema, named) : of_file;
    if (named.p && !row->collection)
        return problem_add(problem, OUSE_E_INVALID, "/meta/collection", "not_found",
                           "There is no collection \"%.*s\"", OUSE_F(named));
    if (!row->collection)
        return problem_add(
            problem, OUSE_E_INVALID, "/meta/collection", "required",
            "This register has no collection that is named as the file is: enable its plugin (\"ouse plugin "
            "list\"), or name the collection in meta.collection");
    if (of_file && row->collection != of_file)
        return problem_add(problem, OUSE_E_INVALID, "/meta/collection", "mismatch",
                           "The rows are of %s, this one of %s", of_file->is.name, row->collection->is.name);
    return OUSE_OK;
}

/* Removes computed fields. An export contains them, and the import computes them again. */
static void take_computed_out(struct row *row)
{
    for (uint32_t i = 0; i < row->collection->n_derived; i++)
        cJSON_DeleteItemFromObjectCaseSensitive(row->document, row->collection->derived[i].name);
}

/* Reads the next row of the source; skips empty rows. */
static ouse_rc next_row(struct intake *intake, struct row *row, struct problem *problem)
{
    *row = (struct row){.source = intake->source};
    intake->number++;
    ouse_rc rc = read_row(intake, &row->document, problem);
    if (rc == OUSE_E_NOT_FOUND || rc == OUSE_E_UNAVAILABLE)
        return rc;
    row->number = intake->number;
    row->line = intake->line;
    row->columns = intake->columns[intake->source];
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
