/* part: see part.h. */
#include "part.h"

enum { FIELDS, EXPAND, AS_OF, NAMES };
static const char *const names[NAMES] = {[FIELDS] = "fields", [EXPAND] = "expand", [AS_OF] = "as_of"};

ouse_rc part_read(const struct resource *resource, const struct rest_format *format,
                  struct http_request *request, struct part **part, int64_t *as_of)
{
    struct part *read;
    *part = NULL;
    *as_of = 0;
    if (!request->query.n)
        return OUSE_OK;
    read = arena_zero(request->arena, sizeof *read);
    read->question =
        (struct question){.resource = resource, .request = request, .names = names, .n_names = NAMES};
    ouse_rc rc = rest_parameters(request, names, NAMES, read->question.values);
    for (uint32_t i = 0; i < AS_OF && !rc && (format->row || format->write); i++)
        if (read->question.values[i].p)
            rc = problem_fail(request->problem, OUSE_E_REQUEST, "%s cannot be had as %s, but in JSON",
                              names[i], format->media_type);
    if (!rc)
        rc = rest_as_of(request, read->question.values[AS_OF], &read->question.query.as_of);
    if (!rc)
        rc = selection_read(&read->question, FIELDS, &read->selection);
    if (!rc)
        rc = expand_read(&read->question, EXPAND, &read->expansion);
    if (!rc && (read->selection || read->expansion.n_paths))
        *part = read;
    *as_of = read->question.query.as_of;
    return rc;
}

static ouse_rc write_included(struct part *part, const struct record *record, struct buffer *out)
{
    struct expansion *expansion = &part->expansion;
    ouse_rc rc = expand_add(expansion, record);
    if (rc)
        return rc;
    out->n--; /* the record's closing brace */
    buffer_text(out, expansion->cut ? ",\"more_included\":true,\"included\":" : ",\"included\":");
    rc = expand_write(expansion, out);
    buffer_byte(out, '}');
    return rc;
}

ouse_rc part_represent(struct part *part, struct txn *txn, const struct record *record,
                       struct representation *representation)
{
    struct http_request *request = part->question.request;
    struct buffer *out = rest_buffer(request->arena);
    part->expansion.txn = txn;
    ouse_rc rc = rest_write(part->question.resource, txn, record, part->selection, request, out);
    if (!rc && part->expansion.n_paths)
        rc = write_included(part, record, out);
    if (rc)
        return rc;
    if (out->overflow)
        return problem_fail(request->problem, OUSE_E_TOO_LARGE,
                            "The record is too large with what it refers to");
    *representation = (struct representation){.body = buffer_view(out),
                                              .etag = rest_tag(request->arena, record, buffer_view(out))};
    return OUSE_OK;
}
