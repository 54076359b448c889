/* bulk_formats: the whole of a filtered list, in a format that has no pages: rows of CSV or NDJSON,
 * or the format of a plugin.
 *
 * It is produced piece by piece while it is sent, all from one snapshot, whatever is written
 * meanwhile. The store keeps old pages for a snapshot, so none may last longer than export_ms: the
 * connection of a slower client is closed in the middle, without the last chunk. Each piece has the
 * processor time of a request, and none is produced if the client has gone. Rows are opened again
 * for each piece, after the position where the last one ended, so that their memory is freed with
 * the piece. */
#include "../../api/people.h"
#include "../../base/clock.h"
#include "../features.h"
#include "bulk.h"
#include "csv.h"
#include "csv_people.h"

enum {
    PIECE = 1 << 20,
    RECORD_UNITS = 20,      /* of a deadline, for one row */
    STEPS = 10 * REST_STEPS /* of a piece: to open rows again costs more than a page's */
};

struct export
{
    const struct resource *resource;
    const struct rest_format *format;
    const struct selection *selection;   /* of fields; NULL: all */
    const struct collection *collection; /* with the fields that are columns */
    struct query query;                  /* its `after` is `position` */
    char position[QUERY_POSITION];
    int begun;
    struct txn *txn;
    int64_t until; /* monotonic */
    struct http_stream stream;
    struct problem *problem;
    struct rest_writing writing; /* of a plugin's format */
    struct buffer *first;        /* its first piece, when that is made and not sent yet */
    int more;                    /* whether another piece follows it */
    int for_people;
    struct people people;
};

/* Writes a part of a plugin's format. Memory of the plugin is freed after it. */
static ouse_rc write_part(struct export *export, uint32_t part, cJSON *value, struct arena *arena,
                          struct problem *problem, struct buffer *out)
{
    export->writing.arena = arena;
    export->writing.problem = problem;
    export->writing.out = out;
    return export->format->write(export->format->arg, part, value, &export->writing);
}

static ouse_rc write_row(struct export *export, const struct record *record, struct buffer *out)
{
    struct arena arena = {0}; /* of one record, so that memory does not grow with the list */
    struct problem problem;
    cJSON *tree;
    problem_init(&problem, &arena);
    const struct rest_view view = {export->txn, export->query.role, export->query.deadline, &problem};
    ouse_rc rc = rest_tree(export->resource, &view, record, &tree);
    if (!rc)
        rest_select(export->selection, tree);
    if (!rc && export->for_people) {
        struct label_source labels = people_labels(&export->people, &arena);
        export->format->people_row(&labels, export->collection, export->query.role, tree, out);
    } else if (!rc && export->format->row)
        export->format->row(export->collection, export->query.role, tree, out);
    else if (!rc)
        rc = write_part(export, OUSE_ITEM, tree, &arena, &problem, out);
    if (rc)
        problem_fail(export->problem, rc, "%.*s", OUSE_F(problem.detail));
    arena_finish(&arena);
    return rc;
}

/* {"collection":…,"page":{"limit":null,"next":null}} */
static ouse_rc write_begin(struct export *export, struct arena *arena, struct buffer *out)
{
    if (export->for_people) {
        struct label_source labels = people_labels(&export->people, arena);
        export->format->people_head(&labels, export->collection, export->query.role, out);
    } else if (export->format->head)
        export->format->head(export->collection, export->query.role, out);
    if (!export->format->write)
        return OUSE_OK;
    cJSON *head = json_keep(arena, cJSON_CreateObject()), *page;
    cJSON_AddStringToObject(head, "collection", export->resource->collection->is.name);
    page = cJSON_AddObjectToObject(head, "page");
    cJSON_AddNullToObject(page, "limit");
    cJSON_AddNullToObject(page, "next");
    return write_part(export, OUSE_BEGIN, head, arena, export->problem, out);
}

/* One piece, and where the next one begins. */
static ouse_rc write_piece(struct export *export, struct rows *rows, struct arena *arena, struct buffer *out,
                           int *more)
{
    struct record record;
    struct ouse_str position;
    ouse_rc rc = OUSE_OK;
    while (out->n < PIECE && !(rc = rows_next(rows, &record))) {
        rc = write_row(export, &record, out);
        if (rc)
            return rc;
        if (deadline_over(export->query.deadline, RECORD_UNITS))
            break;
    }
    if (rc && rc != OUSE_E_NOT_FOUND)
        return rc;
    *more = !rc || rows_cut(rows);
    if (!*more)
        return export->format->write ? write_part(export, OUSE_END, NULL, arena, export->problem, out)
                                     : OUSE_OK;
    position = rows_position(rows, arena);
    memcpy(export->position, position.p, position.n);
    export->query.after = (struct ouse_str){export->position, position.n};
    return OUSE_OK;
}

static ouse_rc fail(const struct export *export, ouse_rc rc)
{
    struct deadline *deadline = export->query.deadline;
    return deadline_over(deadline, 0) ? deadline_fail(deadline, export->problem)
                                      : problem_fail(export->problem, rc, "The list cannot be read");
}

static ouse_rc next(void *arg, struct buffer *out, int *more)
{
    struct export *export = arg;
    struct arena arena = {0};
    struct rows *rows;
    deadline_renew(export->query.deadline);
    if (export->begun && clock_monotonic() > export->until)
        return problem_fail(export->problem, OUSE_E_UNAVAILABLE, "It took longer than export_timeout");
    ouse_rc rc = export->begun ? OUSE_OK : write_begin(export, &arena, out);
    export->begun = 1;
    if (!rc)
        rc = rows_open(export->txn, &export->query, &arena, &rows);
    if (!rc) {
        rc = write_piece(export, rows, &arena, out, more);
        rows_close(rows);
    }
    arena_finish(&arena);
    return rc && !export->problem->rc ? fail(export, rc) : rc;
}

/* The first piece of a plugin's format is made before it is known whether more follows. */
static ouse_rc next_of_plugin(void *arg, struct buffer *out, int *more)
{
    struct export *export = arg;
    if (!export->first)
        return next(export, out, more);
    buffer_str(out, buffer_view(export->first));
    *more = export->more;
    export->first = NULL;
    return OUSE_OK;
}

/* A list that is one piece is answered as a page is, with its tag; a longer one is sent while it is made. */
static ouse_rc begin_plugin(struct export *export, const struct question *question, struct http_reply *reply)
{
    struct http_request *request = question->request;
    const struct resource *resource = question->resource;
    struct arena *arena = request->arena;
    struct ouse_str path = rest_suffixed(
        arena, export->format,
        arena_printf(arena, "%s" REST_API "/%s", resource->rest->base_path, resource->collection->is.name));
    export->writing = rest_begin(resource->rest, resource->collection, request, export->txn);
    export->writing.as_of = question->query.as_of;
    export->writing.query = page_query(question);
    export->writing.self = page_address(question, path, (struct ouse_str){NULL, 0});
    export->stream.next = next_of_plugin;
    struct buffer *first = rest_buffer(arena);
    ouse_rc rc = next(export, first, &export->more);
    if (rc)
        return rc;
    if (first->overflow)
        return problem_fail(request->problem, OUSE_E_TOO_LARGE, "A record is too large in this format");
    if (!export->more) {
        rest_whole_body(&export->writing, buffer_view(first), reply);
        return OUSE_OK;
    }
    export->first = first;
    reply->stream = &export->stream;
    return http_enter(request, HTTP_EXPORTS);
}

static ouse_rc export_list(const struct question *question, const struct rest_format *format,
                           struct http_reply *reply)
{
    struct http_request *request = question->request;
    struct export *export = arena_zero(request->arena, sizeof *export);
    export->resource = question->resource;
    export->format = format;
    export->selection = question->selection;
    export->collection = selection_columns(question);
    export->query = question->query;
    export->query.steps = STEPS;
    export->problem = request->problem;
    export->stream = (struct http_stream){next, export, 0};
    reply->content_type = ouse_s(format->media_type);
    export->until = clock_monotonic() + question->resource->rest->export_ms;
    int limited = question_value(question, &param_limit).p != NULL;
    if (limited || question_value(question, &param_cursor).p)
        return problem_fail(request->problem, OUSE_E_REQUEST,
                            "This format has the whole list: %s is for pages", limited ? "limit" : "cursor");
    ouse_rc rc = format->write ? OUSE_OK : http_enter(request, HTTP_EXPORTS);
    rc = rc ? rc : rest_snapshot(question->resource->rest, request, &export->txn);
    export->for_people = question_value(question, &param_for).p != NULL;
    export->people = (struct people){question->resource->rest->records, export->txn, request->role,
                                     export->query.as_of, NULL};
    people_name(question, ouse_s(question->resource->collection->is.name), reply);
    rc = rc ? rc : query_resolve(export->txn, &export->query, request->arena, request->problem);
    if (!rc && format->write)
        return begin_plugin(export, question, reply);
    reply->stream = &export->stream;
    return rc;
}

/* ---- The core's own formats --------------------------------------------------------- */

static void ndjson_row(const struct collection *collection, uint32_t role, const cJSON *record,
                       struct buffer *out)
{
    (void)collection, (void)role;
    json_print(out, record);
    buffer_byte(out, '\n');
}

static const struct rest_format csv = {.media_type = "text/csv",
                                       .suffix = "csv",
                                       .applies_to = OUSE_OF_RECORD | OUSE_OF_LIST,
                                       .head = csv_header,
                                       .row = csv_record,
                                       .people_head = csv_people_header,
                                       .people_row = csv_people_record};
static const struct rest_format ndjson = {.media_type = "application/x-ndjson",
                                          .suffix = "ndjson",
                                          .applies_to = OUSE_OF_RECORD | OUSE_OF_LIST,
                                          .row = ndjson_row};

static const struct rest_format *const formats[] = {&csv, &ndjson, NULL};

static const struct api_route routes[] = {
    {.method = HTTP_POST | HTTP_CHUNKED, .path = "/-/import", .kind = "import", .handler = bulk_import},
    {.path = NULL},
};

const struct feature feature_bulk = {
    .name = "bulk", .api_routes = routes, .formats = formats, .whole_list = export_list};
