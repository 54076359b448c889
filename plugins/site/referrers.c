/* referrers: the referrers of a record: GET -/referrers?of=people/ada
 *
 *     {"data": [{"collection": "projects", "field": "leads", "more": false,
 *                "records": [{"id": "ageing-well", "label": "Ageing well"}]}]}
 *
 * A few of each field; the rest is a filtered list: projects?leads=ada. So the cost depends on the
 * number shown, not on the number of references. */
#include "model.h"

enum { FEW = 10 };

static void add_field(struct ouse_ctx *ctx, struct ouse_doc *data, const struct collection *collection,
                      const struct field *field, const char *target, struct ouse_str id)
{
    struct ouse_rows *rows = ouse_referrers(ctx, target, id, collection->name, field->name);
    struct ouse_doc *group = ouse_object(ctx), *records = ouse_list(ctx), *record = ouse_next(ctx, rows);
    if (!record)
        return;
    for (uint32_t n = 0; record && n < FEW; n++, record = ouse_next(ctx, rows)) {
        struct ouse_doc *one = ouse_pick(ctx, record, "id");
        ouse_set_text(ctx, one, "label", ouse_label(ctx, record));
        ouse_add(ctx, records, one);
    }
    ouse_set_text(ctx, group, "collection", ouse_s(collection->name));
    ouse_set_text(ctx, group, "field", ouse_s(field->name));
    ouse_set_bool(ctx, group, "more", record != NULL);
    ouse_set(ctx, group, "records", records);
    ouse_add(ctx, data, group);
}

ouse_rc site_referrers(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    const struct model *model = models_get(ctx, site_of(ctx)->models, ouse_role(ctx));
    struct ouse_doc *answer = ouse_object(ctx), *data = ouse_list(ctx);
    struct ouse_str of = ouse_parameter(ctx, "of");
    struct ouse_doc *record = ouse_get_reference(ctx, of);
    struct ouse_str collection = ouse_text(ctx, ouse_member(ctx, record, "meta"), "collection");
    const char *target = ouse_format(ctx, "%.*s", OUSE_F(collection)).p;
    (void)request;
    if (!record || !model)
        return ouse_fail(ctx, OUSE_E_NOT_FOUND, "", "not_found", "There is no %.*s", OUSE_F(of));
    for (uint32_t i = 0; i < model->n_collections; i++)
        for (uint32_t k = 0; k < model->collections[i].n_fields; k++)
            if (field_refers_to(&model->collections[i].fields[k], target))
                add_field(ctx, data, &model->collections[i], &model->collections[i].fields[k], target,
                          ouse_text(ctx, record, "id"));
    ouse_set(ctx, answer, "data", data);
    ouse_reply(ctx, answer);
    return OUSE_OK;
}
