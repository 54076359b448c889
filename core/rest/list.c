/* list: the records of a collection that match a query, a page at a time. */
#include "resource.h"

enum { LIST_NAMES = SCHEMA_FIELDS_MAX + 2 };

static int can_filter(const struct field *field, uint32_t role)
{
    const uint32_t indexed = OUSE_INDEXED | OUSE_UNIQUE;
    const uint32_t type = field->is.type;
    return field->is.visibility <= role &&
           (field->is.flags & indexed || type == OUSE_REF || type == OUSE_REFS || type == OUSE_IDS);
}

static ouse_rc unknown(const struct collection *collection, struct http_request *request,
                       struct ouse_str name)
{
    const char *names[LIST_NAMES] = {"limit", "cursor"};
    uint32_t n = 2;
    for (uint32_t i = 0; i < collection->n_fields; i++)
        if (can_filter(&collection->fields[i], request->role))
            names[n++] = collection->fields[i].is.name;
    return rest_unknown(request, name, names, n);
}

/* A field that is hidden from the caller is answered like one that is not there. */
static ouse_rc make_query(const struct resource *resource, struct http_request *request,
                          const struct page *page, struct query *query)
{
    query_init(query, resource->collection, request->role);
    for (uint32_t i = 0; i < page->n_parameters; i++) {
        struct ouse_str name = page->parameters[i].name;
        const struct field *field = schema_field(resource->collection, name);
        if (page_speaks_of(name))
            continue;
        if (!field || field->is.visibility > request->role)
            return unknown(resource->collection, request, name);
        ouse_rc rc = query_add(resource->rest->records, query, request->arena, name,
                               page->parameters[i].value, request->problem);
        if (rc)
            return rc;
    }
    query->after = page->after;
    return OUSE_OK;
}

/* One list being written. */
struct listing {
    const struct resource *resource;
    const struct rest_format *format;
    struct http_request *request;
    struct http_reply *reply;
    const struct page *page;
    struct txn *txn;
    struct rows *rows;
    struct ouse_str last; /* id of the last record of the page, when there is a next page */
};

/* The next record of the page; OUSE_E_NOT_FOUND behind the last, which `last`
 * remembers when the list goes on. `n` and `bytes`: what the page has so far. */
static ouse_rc next_record(struct listing *listing, uint64_t n, size_t bytes, struct record *record)
{
    struct record next;
    ouse_rc rc = rows_next(listing->rows, &next);
    if (rc)
        return rc == OUSE_E_NOT_FOUND
                   ? rc
                   : problem_fail(listing->request->problem, rc, "The list cannot be read");
    if (n == listing->page->limit || bytes > REST_PAGE_BYTES) {
        listing->last = record->id;
        return OUSE_E_NOT_FOUND;
    }
    *record = next;
    record->id = arena_copy(listing->request->arena, next.id);
    return OUSE_OK;
}

static ouse_rc write_record(struct listing *listing, const struct record *record, struct buffer *out)
{
    const struct resource *resource = listing->resource;
    cJSON *tree;
    if (!resource->collection->n_derived) {
        buffer_str(out, record->json);
        return OUSE_OK;
    }
    ouse_rc rc =
        rest_tree(resource, listing->txn, record, listing->request->role, listing->request->problem, &tree);
    if (!rc)
        json_print(out, tree);
    return rc;
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
        rc = write_record(listing, &record, out);
        if (rc)
            return rc;
    }
    if (rc != OUSE_E_NOT_FOUND)
        return rc;
    buffer_text(out, "],\"page\":");
    page_write(listing->resource->rest, listing->page, listing->request, listing->last, listing->reply, out);
    buffer_byte(out, '}');
    return OUSE_OK;
}

/* What a format is told at the beginning: {"collection":…,"page":…}. */
static cJSON *describe_page(struct listing *listing)
{
    cJSON *head = json_keep(listing->request->arena, cJSON_CreateObject());
    struct buffer *page = rest_buffer(listing->request->arena);
    page_write(listing->resource->rest, listing->page, listing->request, listing->last, listing->reply, page);
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

ouse_rc rest_list(struct http_request *request, struct http_reply *reply, void *arg)
{
    const struct resource *resource = arg;
    struct ouse_str name = request->segments[request->n_segments - 1];
    struct listing listing = {.resource = resource, .request = request, .reply = reply};
    struct buffer *out;
    struct query query;
    struct page page;
    ouse_rc rc = rest_choose(request, &resource->list, &name, &listing.format);
    if (!rc)
        rc = page_read(request, ouse_s(resource->collection->is.name), &page);
    if (!rc)
        rc = make_query(resource, request, &page, &query);
    if (!rc)
        rc = rest_snapshot(resource->rest, request, &listing.txn);
    if (rc)
        return rc;
    rc = rows_open(listing.txn, &query, request->arena, &listing.rows);
    if (rc)
        return problem_fail(request->problem, rc, "The list cannot be read");
    listing.page = &page;
    out = rest_buffer(request->arena);
    rc = listing.format->write ? write_format(&listing, out) : write_json(&listing, out);
    if (!rc && out->overflow)
        rc = problem_fail(request->problem, OUSE_E_TOO_LARGE, "The page is too large; ask for a lower limit");
    if (rc)
        return rc;
    reply->content_type = ouse_s(listing.format->media_type);
    reply->body = buffer_view(out);
    return OUSE_OK;
}
