/* labels: the labels of records, for a client that has their ids: GET -/labels?of=people/ada,hubs/a
 *
 *     {"data": {"people/ada": "Ada Example"}}
 *
 * and their revisions, for a client that has a copy of them: GET -/revisions?of=people/ada
 *
 *     {"data": {"people/ada": 3}}
 *
 * Records that do not exist, or that the caller may not see, are omitted. */
#include "site.h"

enum { LABELS_MAX = 500 };

/* Adds the data of a record under the reference to it. */
typedef void (*tell_fn)(struct ouse_ctx *ctx, struct ouse_doc *data, struct ouse_str reference);

/* The next of the references, separated by commas; 0 at the end. */
static int next(struct ouse_str *list, struct ouse_str *reference)
{
    const char *comma = list->n ? memchr(list->p, ',', list->n) : NULL;
    uint32_t n = comma ? (uint32_t)(comma - list->p) : list->n;
    if (list->n == 0)
        return 0;
    *reference = (struct ouse_str){list->p, n};
    list->p += n + (comma != NULL);
    list->n -= n + (comma != NULL);
    return 1;
}

static ouse_rc tell_all(struct ouse_ctx *ctx, tell_fn tell)
{
    struct ouse_doc *answer = ouse_object(ctx), *data = ouse_object(ctx);
    struct ouse_str list = ouse_parameter(ctx, "of"), reference;
    ouse_set(ctx, answer, "data", data);
    for (uint32_t n = 0; next(&list, &reference); n++) {
        if (n == LABELS_MAX)
            return ouse_fail(ctx, OUSE_E_REQUEST, "", "too_many", "At most %d can be asked for at a time",
                             LABELS_MAX);
        reference = ouse_format(ctx, "%.*s", OUSE_F(reference));
        if (!ouse_member(ctx, data, reference.p))
            tell(ctx, data, reference);
    }
    ouse_reply(ctx, answer);
    return OUSE_OK;
}

static void tell_label(struct ouse_ctx *ctx, struct ouse_doc *data, struct ouse_str reference)
{
    struct ouse_str label = ouse_label_of_reference(ctx, reference);
    if (label.p)
        ouse_set_text(ctx, data, reference.p, label);
}

/* Adds the revision of a record. A merged record has none: its references lead to another one. */
static void tell_revision(struct ouse_ctx *ctx, struct ouse_doc *data, struct ouse_str reference)
{
    const struct ouse_doc *record = ouse_get_reference(ctx, reference);
    if (record && ouse_is(ouse_text(ctx, record, "id"), strchr(reference.p, '/') + 1))
        ouse_set(ctx, data, reference.p, ouse_member(ctx, ouse_member(ctx, record, "meta"), "revision"));
}

ouse_rc site_labels(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    (void)request;
    return tell_all(ctx, tell_label);
}

ouse_rc site_revisions(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    (void)request;
    return tell_all(ctx, tell_revision);
}
