/* export: the whole of a filtered list, as rows of a format that has no pages.
 *
 * It is made piece by piece while it is sent. A piece is from one snapshot, which
 * is over before the client gets it; the next one goes on behind the position
 * where it ended. So memory is bounded, no slow client holds a snapshot, and a
 * list of up to PIECE bytes is from a single moment. In a longer one each record
 * is as it was when its turn came: none that stays is left out or there twice.
 */
#include "../exchange/csv.h"
#include "resource.h"

enum { PIECE = 1 << 20 };

struct export
{
    const struct resource *resource;
    const struct rest_format *format;
    struct query query; /* its `after` is `position` */
    char position[QUERY_POSITION];
    int begun;
    struct http_stream stream;
    struct problem *problem;
};

static ouse_rc write_row(const struct export *export, struct txn *txn, const struct record *record,
                         struct buffer *out)
{
    struct arena arena = {0}; /* of one record, so that memory does not grow with the list */
    struct problem problem;
    cJSON *tree;
    problem_init(&problem, &arena);
    ouse_rc rc = rest_tree(export->resource, txn, record, export->query.role, &problem, &tree);
    if (!rc)
        export->format->row(export->resource->collection, export->query.role, tree, out);
    arena_finish(&arena);
    return rc;
}

/* One piece, and where the next one begins. */
static ouse_rc write_piece(struct export *export, struct txn *txn, struct arena *arena, struct buffer *out,
                           int *more)
{
    struct rows *rows;
    struct record record;
    struct ouse_str position;
    ouse_rc rc = rows_open(txn, &export->query, arena, &rows);
    if (rc)
        return rc;
    while (out->n < PIECE && !(rc = rows_next(rows, &record))) {
        rc = write_row(export, txn, &record, out);
        if (rc)
            return rc;
    }
    if (rc && rc != OUSE_E_NOT_FOUND)
        return rc;
    *more = !rc || rows_cut(rows);
    if (!*more)
        return OUSE_OK;
    position = rows_position(rows, arena);
    memcpy(export->position, position.p, position.n);
    export->query.after = (struct ouse_str){export->position, position.n};
    return OUSE_OK;
}

static ouse_rc next(void *arg, struct buffer *out, int *more)
{
    struct export *export = arg;
    struct arena arena = {0};
    struct txn *txn;
    if (!export->begun && export->format->head)
        export->format->head(export->resource->collection, export->query.role, out);
    export->begun = 1;
    ouse_rc rc = engine_read(records_engine(export->resource->rest->records), &txn);
    if (rc)
        return problem_fail(export->problem, rc, "The store cannot be read at present");
    rc = write_piece(export, txn, &arena, out, more);
    txn_end(txn);
    arena_finish(&arena);
    return rc ? problem_fail(export->problem, rc, "The list cannot be read") : OUSE_OK;
}

static ouse_rc refuse_pages(struct http_request *request, const struct page *page)
{
    for (uint32_t i = 0; i < page->n_parameters; i++)
        if (page_speaks_of(page->parameters[i].name))
            return problem_fail(request->problem, OUSE_E_REQUEST,
                                "This format has the whole list: %.*s is for pages",
                                OUSE_F(page->parameters[i].name));
    return OUSE_OK;
}

ouse_rc rest_export(const struct resource *resource, const struct rest_format *format,
                    const struct page *page, const struct query *query, struct http_request *request,
                    struct http_reply *reply)
{
    struct export *export = arena_zero(request->arena, sizeof *export);
    export->resource = resource;
    export->format = format;
    export->query = *query;
    export->problem = request->problem;
    export->stream = (struct http_stream){next, export, 0};
    reply->stream = &export->stream;
    reply->content_type = ouse_s(format->media_type);
    ouse_rc rc = refuse_pages(request, page);
    return rc ? rc : http_enter(request, HTTP_EXPORTS);
}

/* ---- The core's own formats --------------------------------------------------------- */

static void ndjson_row(const struct collection *collection, uint32_t role, const cJSON *record,
                       struct buffer *out)
{
    (void)collection, (void)role;
    json_print(out, record);
    buffer_byte(out, '\n');
}

const struct rest_format rest_csv = {.media_type = "text/csv",
                                     .suffix = "csv",
                                     .applies_to = OUSE_OF_RECORD | OUSE_OF_LIST,
                                     .head = csv_header,
                                     .row = csv_record};
const struct rest_format rest_ndjson = {.media_type = "application/x-ndjson",
                                        .suffix = "ndjson",
                                        .applies_to = OUSE_OF_RECORD | OUSE_OF_LIST,
                                        .row = ndjson_row};
