/* page: a part of a list, and the way to the next one (in the body and as Link). */
#include "cursor.h"
#include "resource.h"

enum { PAGE_LIMIT, PAGE_CURSOR, PAGE_NAMES };
static const char *const names[PAGE_NAMES] = {[PAGE_LIMIT] = "limit", [PAGE_CURSOR] = "cursor"};

int page_speaks_of(struct ouse_str name)
{
    return ouse_is(name, names[PAGE_LIMIT]) || ouse_is(name, names[PAGE_CURSOR]);
}

static void encode(struct buffer *out, struct ouse_str text)
{
    static const char unreserved[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"; /* RFC 3986 2.3 */
    for (uint32_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c && strchr(unreserved, c))
            buffer_byte(out, (char)c);
        else
            buffer_printf(out, "%%%02X", c);
    }
}

/* The parameters that say what the list is of, as a query. */
static void encode_rest(struct buffer *out, const struct page *page)
{
    for (uint32_t i = 0; i < page->n_parameters; i++) {
        const struct http_parameter *parameter = &page->parameters[i];
        if (page_speaks_of(parameter->name))
            continue;
        encode(out, parameter->name);
        buffer_byte(out, '=');
        encode(out, parameter->value);
        buffer_byte(out, '&');
    }
}

static ouse_rc pick(struct http_request *request, const struct page *page, struct ouse_str values[PAGE_NAMES])
{
    for (uint32_t i = 0; i < page->n_parameters; i++)
        for (uint32_t j = 0; j < PAGE_NAMES; j++) {
            if (!ouse_is(page->parameters[i].name, names[j]))
                continue;
            if (values[j].p)
                return problem_fail(request->problem, OUSE_E_REQUEST, "The parameter \"%s\" is given twice",
                                    names[j]);
            values[j] = page->parameters[i].value;
        }
    return OUSE_OK;
}

ouse_rc page_read(const struct rest *rest, struct http_request *request, struct ouse_str what,
                  struct page *page)
{
    struct ouse_str values[PAGE_NAMES] = {{0}};
    struct buffer *query;
    ouse_rc rc;
    page->limit = REST_LIMIT;
    page->after = page->count = (struct ouse_str){0};
    page->more_included = 0;
    page->n_parameters = 0;
    rc = request->query.n ? http_query(request, page->parameters, &page->n_parameters) : OUSE_OK;
    if (!rc)
        rc = pick(request, page, values);
    if (!rc)
        rc = rest_number(request, names[PAGE_LIMIT], values[PAGE_LIMIT], 1, REST_LIMIT_MAX, &page->limit);
    if (rc)
        return rc;
    query = rest_buffer(request->arena);
    buffer_str(query, records_secret(rest->records));
    buffer_str(query, what);
    buffer_byte(query, '?');
    encode_rest(query, page);
    page->query = cursor_hash(buffer_view(query));
    if (values[PAGE_CURSOR].p &&
        cursor_read(request->arena, values[PAGE_CURSOR], page->query, &page->after) != 0)
        return page_refuse(request);
    return OUSE_OK;
}

ouse_rc page_refuse(struct http_request *request)
{
    return problem_fail(request->problem, OUSE_E_REQUEST,
                        "The cursor is none of this list: follow page.next of the same query");
}

static struct ouse_str link_next(const struct rest *rest, const struct page *page,
                                 struct http_request *request, struct ouse_str cursor)
{
    struct buffer *link = rest_buffer(request->arena);
    buffer_printf(link, "<%s%.*s?", rest->base_path, OUSE_F(request->path));
    encode_rest(link, page);
    buffer_printf(link, "limit=%llu&cursor=%.*s>; rel=\"next\"", (unsigned long long)page->limit,
                  OUSE_F(cursor));
    return buffer_view(link);
}

void page_write(const struct rest *rest, const struct page *page, struct http_request *request,
                struct ouse_str last, struct http_reply *reply, struct buffer *out)
{
    struct ouse_str next;
    buffer_printf(out, "{\"limit\":%llu,\"next\":", (unsigned long long)page->limit);
    if (last.p) {
        next = cursor_make(request->arena, page->query, last);
        json_string(out, next);
        http_reply_header(reply, "Link", link_next(rest, page, request, next));
    } else {
        buffer_text(out, "null");
    }
    if (page->count.p)
        buffer_printf(out, ",\"count\":%.*s", OUSE_F(page->count));
    if (page->more_included)
        buffer_text(out, ",\"more_included\":true");
    buffer_byte(out, '}');
}
