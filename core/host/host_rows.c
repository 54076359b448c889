/* host_rows: reading records for plugins, through the eyes of the context. */
#include "../record/label.h"
#include "context.h"

#define GET_UNITS  5  /* of a deadline, for a record that is looked up */
#define NEXT_UNITS 20 /* for one that becomes a document */

static const struct collection *find(struct context *context, const char *collection)
{
    return schema_find_renamed(records_schema(context->records), ouse_s(collection));
}

static int readable(struct context *context, const char *what)
{
    if (context->txn)
        return 1;
    context_defect(context, "%s needs a store, but none is open here", what);
    return 0;
}

/* Returns whether the callback is a CHECK hook for the warnings of the office. */
static int is_checking(const struct context *context)
{
    return context->change && context->change->phase == OUSE_CHECK && !context->for_audience;
}

static void consult(struct context *context, uint32_t role)
{
    if (role > context->consulted)
        context->consulted = role;
}

/* Records which audiences see the record as the callback does: in a hook, which warns
 * (record/warnings.c). */
static void note_visibility(struct context *context, const struct record *record)
{
    struct record seen = *record;
    if (record->visibility > context->seen)
        context->seen = record->visibility;
    if (!is_checking(context))
        return;
    consult(context, record->whole);
    if (context->consulted < OUSE_OFFICE &&
        (record_redact(context->txn, OUSE_PUBLIC, context->arena, &seen) || seen.redacted))
        consult(context, OUSE_OFFICE);
}

/* Records which audiences find the same by a predicate: a field or a reference in it may be hidden. */
static void note_term(struct context *context, const struct query_term *term)
{
    if (!is_checking(context))
        return;
    if (term->field)
        consult(context, term->field->is.visibility);
    if (term->through || term->back || term->words || record_may_veil(context->txn, term->field))
        consult(context, OUSE_OFFICE);
}

struct ouse_doc *host_document(struct context *context, const struct record *record)
{
    struct ouse_doc *doc = doc_hold(context, cJSON_ParseWithLength(record->json.p, record->json.n));
    if (!doc)
        context_defect(context, "%s/%.*s is damaged in the store", record->collection->is.name,
                       OUSE_F(record->id));
    note_visibility(context, record);
    return doc;
}

/* Finds the record of an id, or the one that it was merged into. Returns whether it exists. */
static int find_record(struct context *context, const char *what, const char *collection, struct ouse_str id,
                       struct record *record)
{
    const struct collection *c;
    ouse_rc rc;
    if (!readable(context, what) || context_over(context, GET_UNITS) || !id.p ||
        !(c = find(context, collection)))
        return 0;
    rc = record_as_of(context->txn, c, id, context->role, context->as_of, context->arena, record);
    if (!rc)
        rc = record_survivor(context->txn, record, context->role, context->as_of, context->arena, record);
    if (rc && rc != OUSE_E_NOT_FOUND)
        context_stick(context, rc);
    return !rc;
}

/* The id of a record, or of the one that it was merged into. */
static struct ouse_str find_id(struct context *context, const struct collection *collection,
                               struct ouse_str id)
{
    struct record record;
    if (!record_get(context->txn, collection, id, &record) && record.kind == RECORD_MERGED &&
        find_record(context, "ouse_referrers", collection->is.name, id, &record))
        id = record.id;
    return arena_copy(context->arena, id);
}

struct ouse_doc *host_get(struct ouse_ctx *ctx, const char *collection, struct ouse_str id)
{
    struct record record;
    return find_record(context_of(ctx), "ouse_get", collection, id, &record)
               ? host_document(context_of(ctx), &record)
               : NULL;
}

/* Adds the terms of a filter, which is written as the query of a list. */
static ouse_rc add_terms(struct context *context, struct query *query, struct ouse_str filter)
{
    struct problem problem;
    struct http_request asked = {.arena = context->arena, .problem = &problem, .query = filter};
    struct http_parameter terms[HTTP_PARAMETERS];
    uint32_t n = 0;
    problem_init(&problem, context->arena);
    ouse_rc rc = http_query(&asked, terms, &n);
    for (uint32_t i = 0; i < n && !rc; i++)
        rc = query_add(query, context->arena, terms[i].name, terms[i].value, &problem);
    if (rc)
        context_defect(context, "the filter \"%.*s\" of %s: %.*s", OUSE_F(filter), query->collection->is.name,
                       OUSE_F(context_reason(&problem)));
    return rc;
}

static struct ouse_rows *open_rows(struct context *context)
{
    struct ouse_rows *rows = arena_zero(context->arena, sizeof *rows);
    rows->next = context->rows;
    context->rows = rows;
    return rows;
}

struct ouse_rows *host_vquery(struct ouse_ctx *ctx, const char *collection, const char *filter, va_list args)
{
    struct context *context = context_of(ctx);
    const struct collection *c;
    struct query query;
    if (!readable(context, "ouse_query") || !(c = find(context, collection)))
        return NULL;
    query_init(&query, c, context->role);
    query.as_of = context->as_of;
    query.deadline = context->deadline;
    if (filter && add_terms(context, &query, arena_vprintf(context->arena, filter, args)))
        return NULL;
    for (uint32_t i = 0; i < query.n_terms; i++)
        note_term(context, &query.terms[i]);
    struct ouse_rows *rows = open_rows(context);
    ouse_rc rc = query_resolve(context->txn, &query, context->arena, NULL);
    if (!rc)
        rc = rows_open(context->txn, &query, context->arena, &rows->query);
    return context_stick(context, rc) ? NULL : rows;
}

struct ouse_rows *host_referrers(struct ouse_ctx *ctx, const char *target, struct ouse_str id,
                                 const char *collection, const char *field)
{
    struct context *context = context_of(ctx);
    const struct collection *to, *from = NULL;
    const struct field *through = NULL;
    if (!readable(context, "ouse_referrers") || !id.p || !(to = find(context, target)))
        return NULL;
    if (collection && !(from = find(context, collection)))
        return NULL;
    if (field && !(through = from ? schema_field(from, ouse_s(field)) : NULL)) {
        context_defect(context, "ouse_referrers: %s has no field %s", collection ? collection : "(any)",
                       field);
        return NULL;
    }
    struct ouse_rows *rows = open_rows(context);
    rows->target = to->number;
    rows->target_id = find_id(context, to, id);
    rows->any_field = !field;
    ouse_rc rc = referrers_open(context->records, context->txn, to->number, rows->target_id, from, through,
                                context->as_of, context->arena, &rows->referrers);
    return context_stick(context, rc) ? NULL : rows;
}

/* Returns whether a record is due in the walk of referrers: it appears with the first of the fields
 * by which it refers. A record that referred at other times only, or refers only to hidden records,
 * does not appear. */
static int is_its_turn(const struct context *context, const struct ouse_rows *rows,
                       const struct referrer *referrer, const struct record *record)
{
    if (!rows->any_field && !context->as_of && !record->redacted)
        return 1;
    return record_refers(record, rows->any_field ? NULL : referrer->field, rows->target, rows->target_id) ==
           referrer->field;
}

static ouse_rc next_referrer(struct context *context, struct ouse_rows *rows, struct record *record)
{
    struct referrer referrer;
    ouse_rc rc;
    while (!(rc = referrers_next(rows->referrers, &referrer))) {
        if (context_over(context, 1))
            return OUSE_E_UNAVAILABLE;
        if (!referrer.field || referrer.field->is.visibility > context->role)
            continue;
        rc = record_as_of(context->txn, referrer.collection, referrer.id, context->role, context->as_of,
                          context->arena, record);
        if (!rc && (record->kind != RECORD_LIVE || !is_its_turn(context, rows, &referrer, record)))
            rc = OUSE_E_NOT_FOUND;
        if (!rc)
            consult(context, referrer.field->is.visibility);
        if (rc != OUSE_E_NOT_FOUND)
            return rc;
    }
    return rc;
}

struct ouse_doc *host_next(struct ouse_ctx *ctx, struct ouse_rows *rows)
{
    struct context *context = context_of(ctx);
    struct record record;
    if (!rows || context->sticky || context_over(context, NEXT_UNITS))
        return NULL;
    ouse_rc rc = rows->query ? rows_next(rows->query, &record) : next_referrer(context, rows, &record);
    if (!rc)
        return host_document(context, &record);
    if (rc != OUSE_E_NOT_FOUND)
        context_stick(context, rc);
    return NULL;
}

/* ---- Labels ------------------------------------------------------------------------ */

struct ouse_str host_title(struct ouse_ctx *ctx, struct ouse_str name)
{
    struct context *context = context_of(ctx);
    if (!context->records) {
        context_defect(context, "ouse_title: nothing is loaded yet");
        return name;
    }
    return schema_title(records_schema(context->records), context->arena, name);
}

/* Finds the record of an id for a label. */
static int find_named(void *arg, const char *collection, struct ouse_str id, struct record *record)
{
    struct context *context = arg;
    if (!find_record(context, "ouse_label", collection, id, record))
        return 0;
    note_visibility(context, record);
    return 1;
}

static struct label_source labels(struct context *context)
{
    return (struct label_source){context->records ? records_schema(context->records) : NULL, context->arena,
                                 find_named, context};
}

struct ouse_str host_label(struct ouse_ctx *ctx, const struct ouse_doc *record)
{
    struct context *context = context_of(ctx);
    struct ouse_str name = json_text(json_member(json_member(json_of(record), "meta"), "collection"));
    struct label_source source = labels(context);
    const struct collection *collection = source.schema ? schema_find_renamed(source.schema, name) : NULL;
    return label_of_record(&source, collection, json_of(record), (struct ouse_str){NULL, 0});
}

struct ouse_str host_label_of(struct ouse_ctx *ctx, const char *collection, struct ouse_str id)
{
    struct label_source source = labels(context_of(ctx));
    return label_of_id(&source, collection, id);
}
