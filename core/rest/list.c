/* list: the records of a collection that match a query, a page at a time. */
#include "expand.h"
#include "facets.h"

enum { LIMIT, CURSOR, SORT, COUNT, FIELDS, FACET, EXPAND, AS_OF, NAMES };
static const char *const names[NAMES] = {
    [LIMIT] = "limit",   [CURSOR] = "cursor", [SORT] = "sort",     [COUNT] = "count",
    [FIELDS] = "fields", [FACET] = "facet",   [EXPAND] = "expand", [AS_OF] = "as_of",
};

/* One list being written. */
struct listing {
    const struct resource *resource;
    const struct rest_format *format;
    struct http_request *request;
    struct http_reply *reply;
    struct page page;
    struct question question;
    struct facets facets;
    struct expansion expansion;
    struct selection *selection; /* NULL: all fields */
    struct txn *txn;
    struct rows *rows;
    struct ouse_str next; /* behind what the page ends with, when the list goes on */
};

/* The next record of the page; OUSE_E_NOT_FOUND behind the last. A list goes on
 * where there is one more record, or rows were cut before they found one. `n` and
 * `bytes`: what the page has so far. */
static ouse_rc next_record(struct listing *listing, uint64_t n, size_t bytes, struct record *record)
{
    struct arena *arena = listing->request->arena;
    int full = n == listing->page.limit || bytes > REST_PAGE_BYTES;
    struct ouse_str here = {NULL, 0};
    struct record next;
    if (full)
        here = rows_position(listing->rows, arena);
    ouse_rc rc = rows_next(listing->rows, &next);
    if (rc && rc != OUSE_E_NOT_FOUND)
        return problem_fail(listing->request->problem, rc, "The list cannot be read");
    if (full && (!rc || rows_cut(listing->rows)))
        listing->next = here;
    else if (rc && rows_cut(listing->rows))
        listing->next = rows_position(listing->rows, arena);
    if (rc || full)
        return OUSE_E_NOT_FOUND;
    *record = next;
    return OUSE_OK;
}

/* What goes with the page: facets, and what was expanded. */
static ouse_rc write_beside(struct listing *listing, struct buffer *out)
{
    if (listing->facets.n) {
        buffer_text(out, ",\"facets\":");
        facets_write(&listing->facets, out);
    }
    if (!listing->expansion.n_paths)
        return OUSE_OK;
    buffer_text(out, ",\"included\":");
    return expand_write(&listing->expansion, out);
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
        rc = rest_write(listing->resource, listing->txn, &record, listing->selection, listing->request, out);
        if (!rc)
            rc = expand_add(&listing->expansion, &record);
        if (rc)
            return rc;
    }
    if (rc != OUSE_E_NOT_FOUND)
        return rc;
    buffer_text(out, "],\"page\":");
    listing->page.more_included = listing->expansion.cut;
    page_write(listing->resource->rest, &listing->page, listing->request, listing->next, listing->reply, out);
    rc = write_beside(listing, out);
    buffer_byte(out, '}');
    return rc;
}

/* What a format is told at the beginning: {"collection":…,"page":…}. */
static cJSON *describe_page(struct listing *listing)
{
    cJSON *head = json_keep(listing->request->arena, cJSON_CreateObject());
    struct buffer *page = rest_buffer(listing->request->arena);
    page_write(listing->resource->rest, &listing->page, listing->request, listing->next, listing->reply,
               page);
    cJSON_AddStringToObject(head, "collection", listing->resource->collection->is.name);
    cJSON_AddItemToObject(head, "page", cJSON_ParseWithLength(page->at, page->n));
    return head;
}

/* A format is told of the next page before the records, so they are gathered first. */
static ouse_rc write_format(struct listing *listing, struct buffer *out)
{
    const struct rest_format *format = listing->format;
    struct problem *problem = listing->request->problem;
    cJSON *items = json_keep(listing->request->arena, cJSON_CreateArray());
    struct record record = {0};
    uint64_t n = 0;
    size_t bytes = 0;
    cJSON *tree;
    ouse_rc rc;
    while (!(rc = next_record(listing, n++, bytes, &record))) {
        rc = rest_tree(listing->resource, listing->txn, &record, listing->request->role, problem, &tree);
        if (rc)
            return rc;
        rest_select(listing->selection, tree);
        bytes += record.json.n;
        cJSON_AddItemReferenceToArray(items, tree);
    }
    if (rc != OUSE_E_NOT_FOUND)
        return rc;
    rc = format->write(format->arg, OUSE_BEGIN, describe_page(listing), out, problem);
    for (cJSON *item = items->child; item && !rc; item = item->next)
        rc = format->write(format->arg, OUSE_ITEM, item, out, problem);
    return rc ? rc : format->write(format->arg, OUSE_END, NULL, out, problem);
}

/* What has its place in JSON only, and what formats of rows have none for either. */
static ouse_rc check_format(const struct listing *listing)
{
    static const uint32_t parts[] = {FACET, EXPAND, COUNT, FIELDS};
    size_t n = listing->format->row ? 4 : listing->format->write ? 2 : 0;
    for (size_t i = 0; i < n; i++)
        if (listing->question.values[parts[i]].p)
            return problem_fail(listing->request->problem, OUSE_E_REQUEST,
                                "%s cannot be had as %s, but in JSON", names[parts[i]],
                                listing->format->media_type);
    return OUSE_OK;
}

static ouse_rc read_question(struct listing *listing)
{
    struct question *question = &listing->question;
    struct http_request *request = listing->request;
    ouse_rc rc = page_read(listing->resource->rest, request, ouse_s(listing->resource->collection->is.name),
                           &listing->page);
    *question = (struct question){
        .resource = listing->resource, .request = request, .names = names, .n_names = NAMES};
    if (!rc)
        rc = question_read(question, listing->page.parameters, listing->page.n_parameters);
    if (!rc)
        rc = rest_as_of(request, question->values[AS_OF], &question->query.as_of);
    if (!rc && question->values[SORT].p)
        rc = query_sort(&question->query, request->arena, question->values[SORT], request->problem);
    if (!rc)
        rc = facets_read(question, FACET, COUNT, &listing->facets);
    if (!rc)
        rc = expand_read(question, EXPAND, &listing->expansion);
    if (!rc)
        rc = selection_read(question, FIELDS, &listing->selection);
    question->query.after = listing->page.after;
    question->query.steps = REST_STEPS;
    return rc ? rc : check_format(listing);
}

/* Opens the rows of the page, and counts where that is asked for, in one snapshot. */
static ouse_rc open_list(struct listing *listing)
{
    struct http_request *request = listing->request;
    ouse_rc rc = rest_snapshot(listing->resource->rest, request, &listing->txn);
    if (rc)
        return rc;
    listing->expansion.txn = listing->txn;
    rc = rows_open(listing->txn, &listing->question.query, request->arena, &listing->rows);
    if (rc)
        return rc == OUSE_E_REQUEST ? page_refuse(request)
                                    : problem_fail(request->problem, rc, "The list cannot be read");
    if (!listing->facets.wanted)
        return OUSE_OK;
    rc = facets_count(&listing->question, listing->txn, &listing->facets);
    if (!rc && listing->question.values[COUNT].p)
        listing->page.count =
            arena_printf(request->arena, "%llu", (unsigned long long)facets_all(&listing->facets));
    return rc;
}

ouse_rc rest_list(struct http_request *request, struct http_reply *reply, void *arg)
{
    const struct resource *resource = arg;
    struct ouse_str name = request->segments[request->n_segments - 1];
    struct listing *listing = arena_zero(request->arena, sizeof *listing);
    struct buffer *out = rest_buffer(request->arena);
    listing->resource = resource;
    listing->request = request;
    listing->reply = reply;
    ouse_rc rc = rest_choose(request, &resource->list, &name, &listing->format);
    if (!rc)
        rc = read_question(listing);
    rest_keep(request, listing->question.query.as_of, reply);
    if (!rc && listing->format->row)
        return rest_export(resource, listing->format, &listing->page, &listing->question.query, request,
                           reply);
    if (!rc)
        rc = open_list(listing);
    if (!rc)
        rc = listing->format->write ? write_format(listing, out) : write_json(listing, out);
    if (!rc && out->overflow)
        rc = problem_fail(request->problem, OUSE_E_TOO_LARGE, "The page is too large; ask for a lower limit");
    if (rc)
        return rc;
    reply->content_type = ouse_s(listing->format->media_type);
    reply->body = buffer_view(out);
    return OUSE_OK;
}
