/* labels: the labels of records, for a client that has their ids: GET -/labels?of=people/ada,hubs/a
 *
 *     {"data": {"people/ada": "Ada Example"}}
 *
 * their contexts, which distinguish records of the same name: GET -/contexts?of=sites/bedford,people/ada
 *
 *     {"data": {"sites/bedford": "Site of Bedford Hospital", "people/ada": "Director, North Hub"}}
 *
 * the ends of joins: GET -/ends?of=appointments/ada-dean
 *
 *     {"data": {"appointments/ada-dean": ["people/ada", "organisations/north"]}}
 *
 * and revisions, for a client that has copies of records: GET -/revisions?of=people/ada
 *
 *     {"data": {"people/ada": 3}}
 *
 * Records that do not exist, or that the caller may not see, are omitted.
 */
#include "view.h"

enum { LABELS_MAX = 500, HELD_MAX = 100 /* rows of a record that are read for its context */ };

/* Adds the data of a record under the reference to it. */
typedef void (*tell_fn)(struct ouse_ctx *ctx, const struct model *model, struct ouse_doc *data,
                        struct ouse_str reference);

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
    const struct model *model = models_get(ctx, site_of(ctx)->models, ouse_role(ctx));
    struct ouse_doc *answer = ouse_object(ctx), *data = ouse_object(ctx);
    struct ouse_str list = ouse_parameter(ctx, "of"), reference;
    ouse_set(ctx, answer, "data", data);
    for (uint32_t n = 0; model && next(&list, &reference); n++) {
        if (n == LABELS_MAX)
            return ouse_fail(ctx, OUSE_E_REQUEST, "", "too_many", "At most %d can be asked for at a time",
                             LABELS_MAX);
        reference = ouse_format(ctx, "%.*s", OUSE_F(reference));
        if (!ouse_member(ctx, data, reference.p))
            tell(ctx, model, data, reference);
    }
    ouse_reply(ctx, answer);
    return OUSE_OK;
}

static const struct collection *collection_of(const struct model *model, struct ouse_str reference)
{
    char name[OUSE_COLLECTION_MAX + 1];
    return ouse_split(reference, name).p ? model_collection(model, ouse_s(name)) : NULL;
}

static int is_date(const struct field *field)
{
    return strcmp(field->type, "date") == 0 || strcmp(field->type, "pdate") == 0;
}

/* Returns a label with a date in words: "Course, 2027-01-15" becomes "Course, 15 January 2027". */
static struct ouse_str date_in_words(struct ouse_ctx *ctx, struct ouse_str label, struct ouse_str date)
{
    const char *at = date.n && label.n ? memmem(label.p, label.n, date.p, date.n) : NULL;
    if (!at)
        return label;
    return ouse_format(ctx, "%.*s%.*s%.*s", (int)(at - label.p), label.p, OUSE_F(value_date(ctx, date)),
                       (int)(label.p + label.n - at - date.n), at + date.n);
}

struct ouse_str label_in_words(struct ouse_ctx *ctx, const struct collection *collection,
                               const struct ouse_doc *record, struct ouse_str label)
{
    for (uint32_t i = 0; i < collection->labels.n; i++) {
        const struct field *field = model_field(collection, ouse_s(collection->labels.at[i]));
        if (field && is_date(field))
            label = date_in_words(ctx, label, ouse_text(ctx, record, field->name));
    }
    return label;
}

static int has_date(const struct collection *collection)
{
    for (uint32_t i = 0; collection && i < collection->labels.n; i++) {
        const struct field *field = model_field(collection, ouse_s(collection->labels.at[i]));
        if (field && is_date(field))
            return 1;
    }
    return 0;
}

static void tell_label(struct ouse_ctx *ctx, const struct model *model, struct ouse_doc *data,
                       struct ouse_str reference)
{
    const struct collection *collection = collection_of(model, reference);
    struct ouse_str label = ouse_label_of_reference(ctx, reference);
    if (label.p && has_date(collection))
        label = label_in_words(ctx, collection, ouse_get_reference(ctx, reference), label);
    if (label.p)
        ouse_set_text(ctx, data, reference.p, label);
}

/* Adds the revision of a record. A merged record has none: its references lead to another one. */
static void tell_revision(struct ouse_ctx *ctx, const struct model *model, struct ouse_doc *data,
                          struct ouse_str reference)
{
    const struct ouse_doc *record = ouse_get_reference(ctx, reference);
    (void)model;
    if (record && ouse_is(ouse_text(ctx, record, "id"), strchr(reference.p, '/') + 1))
        ouse_set(ctx, data, reference.p, ouse_member(ctx, ouse_member(ctx, record, "meta"), "revision"));
}

/* ---- Contexts -------------------------------------------------------------------------------------- */

static struct ouse_str label_of(struct ouse_ctx *ctx, const struct field *field, struct ouse_str reference)
{
    return field->qualified ? ouse_label_of_reference(ctx, reference)
                            : ouse_label_of(ctx, field->targets.at[0], reference);
}

/* Returns the context that one field gives: "Site of Bedford Hospital", "NHS trust", "15 January 2027". */
static struct ouse_str context_by(struct ouse_ctx *ctx, const struct collection *collection,
                                  const struct field *field, struct ouse_str value)
{
    struct ouse_str of;
    if (!field_refers(field))
        return is_date(field) ? value_date(ctx, value) : field->choices.n ? ouse_title(ctx, value) : value;
    of = label_of(ctx, field, value);
    return of.p ? ouse_format(ctx, "%.*s of %.*s", OUSE_F(ouse_title(ctx, ouse_s(collection->singular))),
                              OUSE_F(of))
                : of;
}

/* Returns whether a row is valid today and began after another one (NULL: no other). */
static int is_better(struct ouse_ctx *ctx, const struct join *join, const struct ouse_doc *row,
                     const struct ouse_doc *than)
{
    int32_t first, last, starts = INT32_MIN, other = INT32_MIN;
    if (ouse_span(ctx, ouse_text(ctx, row, join->to), &first, &last) && last < ouse_today(ctx))
        return 0;
    ouse_span(ctx, ouse_text(ctx, row, join->from), &starts, &last);
    ouse_span(ctx, ouse_text(ctx, than, join->from), &other, &last);
    return !than || starts > other;
}

static struct ouse_str role_of(struct ouse_ctx *ctx, const struct collection *from,
                               const struct ouse_doc *row)
{
    struct ouse_str role = ouse_s(NULL);
    for (uint32_t i = 0; i < from->join.role.n && !role.p; i++) {
        const struct field *field = model_field(from, ouse_s(from->join.role.at[i]));
        role = field ? ouse_text(ctx, row, field->name) : role;
        if (role.p && field->choices.n)
            role = ouse_title(ctx, role);
    }
    return role;
}

/* Returns the latest row that is valid today, of the first join that has one: "Director, North Hub". */
static struct ouse_str context_by_rows(struct ouse_ctx *ctx, const struct model *model,
                                       const struct collection *collection, struct ouse_str id)
{
    for (uint32_t i = 0; i < model->n_collections; i++) {
        const struct collection *from = &model->collections[i];
        const struct field *of = from->join.of ? model_field(from, ouse_s(from->join.of)) : NULL;
        const struct field *with =
            from->join.with.n == 1 ? model_field(from, ouse_s(from->join.with.at[0])) : NULL;
        struct ouse_doc *best = NULL;
        uint32_t n = 0;
        if (!of || !with || !from->join.to || !field_refers_to(of, collection->name))
            continue;
        OUSE_EACH(ctx, row, ouse_referrers(ctx, collection->name, id, from->name, of->name)) {
            if (is_better(ctx, &from->join, row, best))
                best = row;
            if (++n == HELD_MAX)
                break;
        }
        if (best)
            return ouse_format(ctx, "%.*s, %.*s", OUSE_F(role_of(ctx, from, best)),
                               OUSE_F(label_of(ctx, with, ouse_text(ctx, best, with->name))));
    }
    return ouse_s(NULL);
}

static void tell_context(struct ouse_ctx *ctx, const struct model *model, struct ouse_doc *data,
                         struct ouse_str reference)
{
    const struct collection *collection = collection_of(model, reference);
    const struct ouse_doc *record = collection ? ouse_get_reference(ctx, reference) : NULL;
    struct ouse_str context = ouse_s(NULL);
    if (!record)
        return;
    for (uint32_t i = 0; i < collection->context.n && !context.p; i++) {
        const struct field *field = model_field(collection, ouse_s(collection->context.at[i]));
        struct ouse_str value = field ? ouse_text(ctx, record, field->name) : context;
        if (value.p)
            context = context_by(ctx, collection, field, value);
    }
    if (collection->context.n == 0)
        context = context_by_rows(ctx, model, collection, ouse_text(ctx, record, "id"));
    if (context.p)
        ouse_set_text(ctx, data, reference.p, context);
}

/* ---- Joins ------------------------------------------------------------------------------------------ */

/* Adds the references of a field of a row, as "collection/id". */
static void add_ends(struct ouse_ctx *ctx, struct ouse_doc *ends, const struct collection *collection,
                     const struct ouse_doc *record, const char *name)
{
    const struct field *field = model_field(collection, ouse_s(name));
    const struct ouse_doc *value = field ? ouse_member(ctx, record, name) : NULL;
    int many = ouse_kind(ctx, value) == OUSE_JSON_LIST;
    for (uint32_t i = 0; i < (many ? ouse_count(ctx, value) : 1); i++) {
        struct ouse_str id = ouse_as_text(ctx, many ? ouse_at(ctx, value, i) : value);
        if (id.p && field->qualified)
            ouse_add_text(ctx, ends, id);
        else if (id.p)
            ouse_add_text(ctx, ends, ouse_format(ctx, "%s/%.*s", field->targets.at[0], OUSE_F(id)));
    }
}

static void tell_ends(struct ouse_ctx *ctx, const struct model *model, struct ouse_doc *data,
                      struct ouse_str reference)
{
    const struct collection *collection = collection_of(model, reference);
    const struct ouse_doc *record =
        collection && collection->join.of ? ouse_get_reference(ctx, reference) : NULL;
    struct ouse_doc *ends = ouse_list(ctx);
    if (!record)
        return;
    add_ends(ctx, ends, collection, record, collection->join.of);
    for (uint32_t i = 0; i < collection->join.with.n; i++)
        add_ends(ctx, ends, collection, record, collection->join.with.at[i]);
    ouse_set(ctx, data, reference.p, ends);
}

ouse_rc site_ends(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    (void)request;
    return tell_all(ctx, tell_ends);
}

ouse_rc site_labels(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    (void)request;
    return tell_all(ctx, tell_label);
}

ouse_rc site_contexts(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    (void)request;
    return tell_all(ctx, tell_context);
}

ouse_rc site_revisions(struct ouse_ctx *ctx, const struct ouse_request *request)
{
    (void)request;
    return tell_all(ctx, tell_revision);
}
