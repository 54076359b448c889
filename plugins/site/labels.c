/* labels: what people call records, for who has their ids: GET -/labels?of=people/ada,hubs/a
 *
 *     {"data": {"people/ada": "Ada Example"}}
 *
 * What the caller may not see, or is not there, is left out.
 */
#include "site.h"

enum { LABELS_MAX = 500 };

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

ouse_rc site_labels(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    struct ouse_doc *answer = ouse_object(ctx), *labels = ouse_object(ctx);
    struct ouse_str list = ouse_parameter(ctx, "of"), reference;
    (void)request;
    ouse_set(ctx, answer, "data", labels);
    for (uint32_t n = 0; next(&list, &reference); n++) {
        const char *name = ouse_format(ctx, "%.*s", OUSE_F(reference)).p;
        struct ouse_doc *record;
        if (n == LABELS_MAX)
            return ouse_fail(ctx, OUSE_E_REQUEST, "", "too_many",
                             "At most %d labels can be asked for at a time", LABELS_MAX);
        if (ouse_member(ctx, labels, name))
            continue;
        record = ouse_get_reference(ctx, reference);
        if (record)
            ouse_set_text(ctx, labels, name, ouse_label(ctx, record));
    }
    ouse_reply(ctx, answer);
    return OUSE_OK;
}
