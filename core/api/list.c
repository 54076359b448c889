/* list: the records of a collection that match a query, page by page. */
#include "feature.h"
#include "people.h"

static const struct api_param of_features = {.on = PARAM_ON_LIST};
static const struct api_param *const takes[] = {&param_limit, &param_cursor, &param_sort, &param_fields,
                                                &of_features, &param_as_of,  &param_for,  NULL};

enum { RECORD_UNITS = 5 }; /* units of a deadline for the output of a record */

/* One list being written. */
struct listing {
    struct question question;
    const struct rest_format *format;
    struct http_request *request;
    struct http_reply *reply;
    struct txn *txn;
    struct rows *rows;
    struct ouse_str next; /* the position after the page, if the list continues */
};

/* Reading failed; if the deadline is over, that is why. */
static ouse_rc fail(struct listing *listing, ouse_rc rc)
{
    struct http_request *request = listing->request;
    return deadline_over(request->deadline, 0)
               ? deadline_fail(request->deadline, request->problem)
               : problem_fail(request->problem, rc, "The list cannot be read");
}

/* Reads the next record of the page; OUSE_E_NOT_FOUND after the last. A list continues if there is
 * one more record, or if rows were cut before they found one. `n` and `bytes`: the size of the page
 * so far. The output of a record may cost more than the search for it, so the deadline is checked
 * between records, too. */
static ouse_rc next_record(struct listing *listing, uint64_t n, size_t bytes, struct record *record)
{
    struct arena *arena = listing->request->arena;
    int over = deadline_over(listing->request->deadline, RECORD_UNITS) && n;
    int full = n == listing->question.limit || bytes > REST_PAGE_BYTES || over;
    struct ouse_str here = {NULL, 0};
    struct record next;
    if (full)
        here = rows_position(listing->rows, arena);
    ouse_rc rc = rows_next(listing->rows, &next);
    if (rc && rc != OUSE_E_NOT_FOUND)
        return fail(listing, rc);
    if (full && (!rc || rows_cut(listing->rows)))
        listing->next = here;
    else if (rc && rows_cut(listing->rows))
        listing->next = rows_position(listing->rows, arena);
    listing->question.cut = listing->next.p && (over || !full);
    if (rc || full)
        return OUSE_E_NOT_FOUND;
    *record = next;
    return OUSE_OK;
}

static ouse_rc write_json(struct listing *listing, struct buffer *out)
{
    struct record record = {0};
    uint64_t n = 0;
    ouse_rc rc;
    buffer_text(out, "{\"data\":[");
    while (!(rc = next_record(listing, n, out->n, &record))) {
        if (n++)
            buffer_byte(out, ',');
        if (rest_write(listing->question.resource, listing->txn, &record, listing->question.selection,
                       listing->request, out) ||
            extras_record(&listing->question, listing->txn, &record))
            return listing->request->problem->rc;
    }
    if (rc != OUSE_E_NOT_FOUND)
        return rc;
    buffer_text(out, "],\"page\":");
    page_write(&listing->question, listing->next, listing->reply, out);
    rc = extras_body(&listing->question, listing->txn, out);
    buffer_byte(out, '}');
    return rc;
}

/* Returns the value of OUSE_BEGIN for a format: {"collection":…,"page":…}. */
static cJSON *describe_page(struct listing *listing)
{
    cJSON *head = json_keep(listing->request->arena, cJSON_CreateObject());
    struct buffer *page = rest_buffer(listing->request->arena);
    page_write(&listing->question, listing->next, listing->reply, page);
    cJSON_AddStringToObject(head, "collection", listing->question.resource->collection->is.name);
    cJSON_AddItemToObject(head, "page", cJSON_ParseWithLength(page->at, page->n));
    return head;
}

/* The records of the page, as trees. */
static ouse_rc gather(struct listing *listing, cJSON *items)
{
    const struct question *question = &listing->question;
    const struct rest_view view = {listing->txn, listing->request->role, listing->request->deadline,
                                   listing->request->problem};
    struct record record = {0};
    uint64_t n = 0;
    size_t bytes = 0;
    cJSON *tree;
    ouse_rc rc;
    while (!(rc = next_record(listing, n++, bytes, &record))) {
        rc = rest_tree(question->resource, &view, &record, &tree);
        if (rc)
            return rc;
        rest_select(question->selection, tree);
        bytes += record.json.n;
        cJSON_AddItemReferenceToArray(items, tree);
    }
    return rc == OUSE_E_NOT_FOUND ? OUSE_OK : rc;
}

/* Answers in a format. It receives the next page before the records, so they are collected first. */
static ouse_rc answer_format(struct listing *listing)
{
    const struct question *question = &listing->question;
    const struct resource *resource = question->resource;
    struct arena *arena = listing->request->arena;
    cJSON *items = json_keep(arena, cJSON_CreateArray());
    struct ouse_str path = rest_suffixed(
        arena, listing->format,
        arena_printf(arena, "%s" REST_API "/%s", resource->rest->base_path, resource->collection->is.name));
    if (gather(listing, items))
        return listing->request->problem->rc;
    struct rest_writing writing =
        rest_begin(resource->rest, resource->collection, listing->request, listing->txn);
    struct ouse_str next = page_next(question, listing->next);
    writing.as_of = question->query.as_of;
    writing.query = page_query(question);
    writing.self = page_address(question, path, question_value(question, &param_cursor));
    writing.next = next.p ? page_address(question, path, next) : next;
    writing.updated = rest_newest(items, "meta", "updated");
    return rest_write_all(listing->format, &writing, describe_page(listing), items, listing->reply);
}

/* Opens the rows of the page, and counts if requested, in one snapshot. */
static ouse_rc open_list(struct listing *listing)
{
    struct http_request *request = listing->request;
    struct question *question = &listing->question;
    if (rest_snapshot(question->resource->rest, request, &listing->txn))
        return request->problem->rc;
    if (query_resolve(listing->txn, &question->query, request->arena, request->problem))
        return request->problem->rc;
    ouse_rc rc = rows_open(listing->txn, &question->query, request->arena, &listing->rows);
    if (rc == OUSE_E_REQUEST)
        return page_refuse(request);
    if (rc)
        return fail(listing, rc);
    return extras_open(question, listing->txn);
}

static ouse_rc answer_json(struct listing *listing)
{
    struct http_request *request = listing->request;
    struct buffer *out = rest_buffer(request->arena);
    ouse_rc rc = write_json(listing, out);
    if (!rc && out->overflow)
        rc = problem_fail(request->problem, OUSE_E_TOO_LARGE, "The page is too large; use a lower limit");
    listing->reply->content_type = ouse_s(listing->format->media_type);
    listing->reply->body = buffer_view(out);
    return rc;
}

static ouse_rc answer_page(struct listing *listing)
{
    ouse_rc rc = open_list(listing);
    if (rc)
        return rc;
    return listing->format->write ? answer_format(listing) : answer_json(listing);
}

/* The feature that answers with whole lists, or NULL. */
static const struct feature *whole_lists(const struct rest *rest)
{
    const struct feature *const *feature = rest->features;
    while (feature && *feature && !(*feature)->whole_list)
        feature++;
    return feature ? *feature : NULL;
}

/* Returns whether the format receives all records. A format without a flag receives a page if the
 * request has `limit` or `cursor`. */
static int is_whole(const struct listing *listing)
{
    const struct question *question = &listing->question;
    const struct rest_format *format = listing->format;
    if (!format->write || format->flags & OUSE_PAGED)
        return format->row != NULL;
    return format->flags & OUSE_WHOLE ||
           (!question_value(question, &param_limit).p && !question_value(question, &param_cursor).p);
}

ouse_rc rest_list(struct http_request *request, struct http_reply *reply, void *arg)
{
    const struct resource *resource = arg;
    struct ouse_str name = request->segments[request->n_segments - 1];
    struct listing *listing = arena_zero(request->arena, sizeof *listing);
    struct question *question = &listing->question;
    question->request = listing->request = request;
    question->resource = resource;
    question->takes = takes;
    question->filters = 1;
    listing->reply = reply;
    if (rest_choose(request, &resource->list, &name, &listing->format) || question_read(question))
        return request->problem->rc;
    const struct feature *whole = is_whole(listing) ? whole_lists(resource->rest) : NULL;
    uint32_t where = whole ? PARAM_NOT_IN_WHOLE : listing->format->write ? PARAM_NOT_IN_PAGES : 0;
    if (question_only_json(question, listing->format, where) || people_choose(question, listing->format))
        return request->problem->rc;
    rest_keep(request, question->query.as_of, reply);
    return whole ? whole->whole_list(question, listing->format, reply) : answer_page(listing);
}
