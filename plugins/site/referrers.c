/* referrers: the referrers of a record: GET -/referrers?of=people/ada
 *
 *     {"data": [{"collection": "projects", "field": "leads", "more": false,
 *                "records": [{"id": "ageing-well", "label": "Ageing well"}]},
 *               {"collection": "appointments", "field": "person", "more": false,
 *                "records": [{"id": "ada-dean", "label": "Ada, dean", "fields": {"body": "hubs/north",
 * …}}]}]}
 *
 * A few of each field; the rest is a filtered list: projects?leads=ada. A join has the fields of its row,
 * and its rows are in order: those of today first.
 */
#include "model.h"

enum {
    FEW = 10,
    SORTED_MAX = 500 /* rows of a join that are put in order; of more than that, the first by id */
};

static void add_name(struct ouse_ctx *ctx, struct ouse_str *names, const char *name)
{
    if (name)
        *names = ouse_format(ctx, "%.*s %s", OUSE_F(*names), name);
}

/* The names of the fields that a row shows. */
static const char *names_of(struct ouse_ctx *ctx, const struct join *join)
{
    const char *const single[] = {join->of, join->from, join->to, join->amount, join->text};
    struct ouse_str names = ouse_s("currency");
    for (size_t i = 0; i < sizeof single / sizeof *single; i++)
        add_name(ctx, &names, single[i]);
    for (uint32_t i = 0; i < join->with.n; i++)
        add_name(ctx, &names, join->with.at[i]);
    for (uint32_t i = 0; i < join->role.n; i++)
        add_name(ctx, &names, join->role.at[i]);
    return ouse_format(ctx, "%.*s", OUSE_F(names)).p;
}

/* The place of the role of a row among the choices; after all of them if it is not a choice. */
static uint32_t rank_of(struct ouse_ctx *ctx, const struct collection *collection,
                        const struct ouse_doc *record)
{
    const struct words *roles = &collection->join.role;
    const struct field *field = roles->n ? model_field(collection, ouse_s(roles->at[roles->n - 1])) : NULL;
    uint32_t i = 0;
    while (field && i < field->choices.n &&
           !ouse_is(ouse_text(ctx, record, field->name), field->choices.at[i]))
        i++;
    return i;
}

/* A row of a join as it is sorted by "past -when rank": rows of today, the latest first, then those of the
 * past, the last that ended first; at the same time, by the order of the roles. */
static struct ouse_doc *row_of(struct ouse_ctx *ctx, const struct collection *collection,
                               const struct ouse_doc *record, const char *names)
{
    const struct join *join = &collection->join;
    struct ouse_doc *row = ouse_pick(ctx, record, "id");
    struct ouse_str to = join->to ? ouse_text(ctx, record, join->to) : ouse_s(NULL);
    int32_t first, last;
    int past = ouse_span(ctx, to, &first, &last) && last < ouse_today(ctx);
    ouse_set_number(ctx, row, "past", past);
    if (join->order)
        ouse_set(ctx, row, "when", ouse_member(ctx, record, join->order));
    else
        ouse_set_text(ctx, row, "when", past || !join->from ? to : ouse_text(ctx, record, join->from));
    ouse_set_number(ctx, row, "rank", rank_of(ctx, collection, record));
    ouse_set(ctx, row, "fields", ouse_pick(ctx, record, names));
    return row;
}

/* The first rows of a join, in order. Returns whether there are more. */
static int add_rows(struct ouse_ctx *ctx, struct ouse_doc *records, const struct collection *collection,
                    struct ouse_rows *rows, const struct ouse_doc *record)
{
    const struct join *join = &collection->join;
    struct ouse_doc *all = ouse_list(ctx);
    const char *names = names_of(ctx, join);
    for (uint32_t n = 0; record && n < SORTED_MAX; n++, record = ouse_next(ctx, rows))
        ouse_add(ctx, all, row_of(ctx, collection, record, names));
    ouse_sort(ctx, all, join->order ? "when" : "past -when rank");
    for (uint32_t i = 0; i < ouse_count(ctx, all) && i < FEW; i++) {
        struct ouse_doc *one = ouse_pick(ctx, ouse_at(ctx, all, i), "id fields");
        ouse_set_text(ctx, one, "label", ouse_label_of(ctx, collection->name, ouse_text(ctx, one, "id")));
        ouse_add(ctx, records, one);
    }
    return ouse_count(ctx, all) > FEW;
}

static int add_few(struct ouse_ctx *ctx, struct ouse_doc *records, struct ouse_rows *rows,
                   const struct ouse_doc *record)
{
    for (uint32_t n = 0; record && n < FEW; n++, record = ouse_next(ctx, rows)) {
        struct ouse_doc *one = ouse_pick(ctx, record, "id");
        ouse_set_text(ctx, one, "label", ouse_label(ctx, record));
        ouse_add(ctx, records, one);
    }
    return record != NULL;
}

static void add_field(struct ouse_ctx *ctx, struct ouse_doc *data, const struct collection *collection,
                      const struct field *field, const char *target, struct ouse_str id)
{
    struct ouse_rows *rows = ouse_referrers(ctx, target, id, collection->name, field->name);
    struct ouse_doc *group = ouse_object(ctx), *records = ouse_list(ctx);
    const struct ouse_doc *record = ouse_next(ctx, rows);
    int more;
    if (!record)
        return;
    more = collection->join.of ? add_rows(ctx, records, collection, rows, record)
                               : add_few(ctx, records, rows, record);
    ouse_set_text(ctx, group, "collection", ouse_s(collection->name));
    ouse_set_text(ctx, group, "field", ouse_s(field->name));
    ouse_set_bool(ctx, group, "more", more);
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
