/* search_service: results of a search by words, for plugins. */
#include "../../host/context.h"
#include "../features.h"
#include "search.h"
#include <math.h>

#define FOUND_MOST 100

struct listing {
    cJSON *texts;
    const struct field *field;
};

static void add_text(void *arg, struct ouse_str text, uint32_t visibility)
{
    const struct listing *listing = arg;
    cJSON *one = cJSON_CreateObject();
    (void)visibility;
    cJSON_AddStringToObject(one, "field", listing->field->is.name);
    cJSON_AddStringToObject(one, "text", text.p);
    cJSON_AddItemToArray(listing->texts, one);
}

/* All that is searched in a record, as far as its role sees it. */
static cJSON *texts_of(const struct record *record, const cJSON *document)
{
    struct listing listing = {.texts = cJSON_CreateArray()};
    for (uint32_t i = 0; (listing.field = schema_searched(record->collection, i)); i++) {
        const cJSON *value = json_member(document, listing.field->is.name);
        if (value)
            schema_texts(record->collection, listing.field, value, add_text, &listing);
    }
    return listing.texts;
}

static void add_hit(struct ouse_ctx *ctx, cJSON *list, const struct hit *hit)
{
    struct ouse_doc *document = host_document(context_of(ctx), &hit->record);
    if (!document)
        return;
    cJSON *one = cJSON_CreateObject();
    cJSON_AddStringToObject(one, "collection", hit->record.collection->is.name);
    cJSON_AddStringToObject(one, "id", arena_copy(context_of(ctx)->arena, hit->record.id).p);
    cJSON_AddStringToObject(one, "label", arena_copy(context_of(ctx)->arena, host_label(ctx, document)).p);
    cJSON_AddNumberToObject(one, "score", round(hit->score * 1000) / 1000);
    cJSON_AddItemToObject(one, "texts", texts_of(&hit->record, json_of(document)));
    cJSON_AddItemToArray(list, one);
}

/* Finds the named collection; returns 0 if the caller may not see it. */
static int find_collection(const struct context *context, struct ouse_str name,
                           const struct collection **found)
{
    *found = name.p ? schema_find(records_schema(context->records), name) : NULL;
    return !name.p || (*found && (*found)->is.visibility <= context->role);
}

static struct ouse_doc *find(struct ouse_ctx *ctx, struct ouse_str collection, struct ouse_str text,
                             uint32_t flags, uint32_t most)
{
    struct context *context = context_of(ctx);
    struct search search = {.records = context->records,
                            .role = context->role,
                            .as_of = context->as_of,
                            .deadline = context->deadline,
                            .text = text,
                            .labels = (flags & OUSE_SEARCH_LABELS) != 0};
    struct hit *hits;
    uint32_t n;
    context->search_cut = 0;
    context->consulted = OUSE_OFFICE; /* words may be found in hidden fields */
    if (!context->txn) {
        context_defect(context, "ouse_search needs a store, but none is open here");
        return NULL;
    }
    if (!find_collection(context, collection, &search.in)) {
        problem_add(context->problem, OUSE_E_REQUEST, "", "unknown_collection",
                    "There is no collection \"%.*s\"", OUSE_F(collection));
        return NULL;
    }
    ouse_rc rc = search_run(context->txn, &search, context->arena, most < FOUND_MOST ? most : FOUND_MOST,
                            &hits, &n, &context->search_cut, context->problem);
    if (rc && !context->problem->rc)
        context_stick(context, rc);
    if (rc)
        return NULL;
    cJSON *list = cJSON_CreateArray();
    for (uint32_t i = 0; i < n; i++)
        add_hit(ctx, list, &hits[i]);
    return doc_hold(context, list);
}

const struct feature feature_search = {.name = "search", .search = find};
