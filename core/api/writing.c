/* writing: a representation that a format writes in parts: a beginning, items, an end.
 *
 * Its tag is weak, so that it may be compressed: it identifies the content, and not the bytes. */
#include "../base/hash.h"
#include "resource.h"

struct rest_writing rest_begin(const struct rest *rest, const struct collection *collection,
                               struct http_request *request, struct txn *txn)
{
    return (struct rest_writing){.epoch = records_epoch(rest->records),
                                 .arena = request->arena,
                                 .lasting = request->arena,
                                 .problem = request->problem,
                                 .out = rest_buffer(request->arena),
                                 .txn = txn,
                                 .deadline = request->deadline,
                                 .role = request->role,
                                 .collection = collection};
}

struct ouse_str rest_suffixed(struct arena *arena, const struct rest_format *format, struct ouse_str path)
{
    return format->suffix ? arena_printf(arena, "%.*s.%s", OUSE_F(path), format->suffix) : path;
}

struct ouse_str rest_newest(const cJSON *items, const char *within, const char *member)
{
    struct ouse_str newest = {NULL, 0};
    for (const cJSON *item = items->child; item; item = item->next) {
        struct ouse_str time = json_text(json_member(within ? json_member(item, within) : item, member));
        if (time.p && (!newest.p || strcmp(time.p, newest.p) > 0))
            newest = time;
    }
    return newest;
}

ouse_rc rest_write_all(const struct rest_format *format, struct rest_writing *writing, cJSON *head,
                       const cJSON *items, struct http_reply *reply)
{
    ouse_rc rc = format->write(format->arg, OUSE_BEGIN, head, writing);
    for (cJSON *item = items->child; item && !rc; item = item->next)
        rc = format->write(format->arg, OUSE_ITEM, item, writing);
    if (!rc)
        rc = format->write(format->arg, OUSE_END, NULL, writing);
    if (rc)
        return rc;
    if (writing->out->overflow)
        return problem_fail(writing->problem, OUSE_E_TOO_LARGE, "The page is too large; use a lower limit");
    reply->content_type = ouse_s(format->media_type);
    rest_whole_body(writing, buffer_view(writing->out), reply);
    return OUSE_OK;
}

void rest_whole_body(const struct rest_writing *writing, struct ouse_str body, struct http_reply *reply)
{
    reply->body = body;
    reply->etag =
        arena_printf(writing->lasting, "W/\"%016llx\"", (unsigned long long)(hash_of(body) + writing->epoch));
}
