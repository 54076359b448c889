/* list: the records of a collection that match a query, a page at a time. */
#include "resource.h"

enum { LIST_SORT, LIST_PARAMETERS };
static const char *const names[LIST_PARAMETERS] = {[LIST_SORT] = "sort"};

/* What a parameter is of a list; LIST_PARAMETERS: a filter. */
static uint32_t parameter_of(struct ouse_str name)
{
    uint32_t i = 0;
    while (i < LIST_PARAMETERS && !ouse_is(name, names[i]))
        i++;
    return i;
}

static ouse_rc unknown(const struct collection *collection, struct http_request *request,
                       struct ouse_str name)
{
    const char *known[SCHEMA_FIELDS_MAX + 2 + LIST_PARAMETERS] = {"limit", "cursor"};
    uint32_t n = 2;
    for (uint32_t i = 0; i < LIST_PARAMETERS; i++)
        known[n++] = names[i];
    for (uint32_t i = 0; i < collection->n_fields; i++)
        if (query_filters(collection, &collection->fields[i], request->role))
            known[n++] = collection->fields[i].is.name;
    return rest_unknown(request, name, known, n);
}

/* The field that a filter begins with: "pillar" of "pillar.hub[in]". */
static struct ouse_str field_of(struct ouse_str name)
{
    uint32_t n = 0;
    while (n < name.n && name.p[n] != '.' && name.p[n] != '[')
        n++;
    return (struct ouse_str){name.p, n};
}

/* A field that is hidden from the caller is answered like one that is not there. */
static ouse_rc add_filter(const struct resource *resource, struct http_request *request,
                          const struct http_parameter *parameter, struct query *query)
{
    const struct field *field = schema_field(resource->collection, field_of(parameter->name));
    if (!field || field->is.visibility > request->role)
        return unknown(resource->collection, request, parameter->name);
    return query_add(resource->rest->records, query, request->arena, parameter->name, parameter->value,
                     request->problem);
}

static ouse_rc make_query(const struct resource *resource, struct http_request *request,
                          const struct page *page, struct query *query)
{
    struct ouse_str values[LIST_PARAMETERS] = {{0}};
    query_init(query, resource->collection, request->role);
    for (uint32_t i = 0; i < page->n_parameters; i++) {
        const struct http_parameter *parameter = &page->parameters[i];
        uint32_t at = parameter_of(parameter->name);
        ouse_rc rc = OUSE_OK;
        if (page_speaks_of(parameter->name))
            continue;
        if (at == LIST_PARAMETERS)
            rc = add_filter(resource, request, parameter, query);
        else if (values[at].p)
            rc = problem_fail(request->problem, OUSE_E_REQUEST, "The parameter \"%s\" is given twice",
                              names[at]);
        else
            values[at] = parameter->value;
        if (rc)
            return rc;
    }
    query->after = page->after;
    query->steps = REST_STEPS;
    return values[LIST_SORT].p ? query_sort(query, request->arena, values[LIST_SORT], request->problem)
                               : OUSE_OK;
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
    struct ouse_str next; /* behind what the page ends with, when the list goes on */
};

/* The next record of the page; OUSE_E_NOT_FOUND behind the last. A list goes on
 * where there is one more record, or rows were cut before they found one. `n` and
 * `bytes`: what the page has so far. */
static ouse_rc next_record(struct listing *listing, uint64_t n, size_t bytes, struct record *record)
{
    struct arena *arena = listing->request->arena;
    int full = n == listing->page->limit || bytes > REST_PAGE_BYTES;
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
    page_write(listing->resource->rest, listing->page, listing->request, listing->next, listing->reply, out);
    buffer_byte(out, '}');
    return OUSE_OK;
}

/* What a format is told at the beginning: {"collection":…,"page":…}. */
static cJSON *describe_page(struct listing *listing)
{
    cJSON *head = json_keep(listing->request->arena, cJSON_CreateObject());
    struct buffer *page = rest_buffer(listing->request->arena);
    page_write(listing->resource->rest, listing->page, listing->request, listing->next, listing->reply, page);
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
    if (!rc && listing.format->row)
        return rest_export(resource, listing.format, &page, &query, request, reply);
    if (!rc)
        rc = rest_snapshot(resource->rest, request, &listing.txn);
    if (rc)
        return rc;
    rc = rows_open(listing.txn, &query, request->arena, &listing.rows);
    if (rc == OUSE_E_REQUEST)
        return page_refuse(request);
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
