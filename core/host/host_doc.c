/* host_doc: documents for plugins. A struct ouse_doc is a cJSON node.
 *
 * A node that is in no tree is loose: it is marked by a bit of its type that cJSON does not use,
 * and listed in the context, which frees it at its end. If a loose node is put into a tree, it
 * moves there and can still be filled; a node that is part of a tree is copied.
 *
 * Another bit seals a node: the documents for CHECK and later hooks have been validated and
 * indexed, and must be stored unchanged. */
#include "../base/collate.h"
#include "context.h"
#include <stdlib.h>
#include <strings.h>

#define LOOSE  (1 << 16)
#define SEALED (1 << 17)

struct ouse_doc *doc_hold(struct context *context, cJSON *tree)
{
    if (!tree)
        return NULL;
    context->loose =
        arena_more(context->arena, context->loose, context->n_loose, &context->loose_room, sizeof tree);
    tree->type |= LOOSE;
    context->loose[context->n_loose++] = tree;
    return doc_of(tree);
}

void doc_seal(struct ouse_doc *tree, int sealed)
{
    cJSON *node = json_of(tree);
    if (!node)
        return;
    node->type = sealed ? node->type | SEALED : node->type & ~SEALED;
    for (cJSON *child = node->child; child; child = child->next)
        doc_seal(doc_of(child), sealed);
}

static int is_sealed(struct ouse_ctx *ctx, const cJSON *node)
{
    if (!node || !(node->type & SEALED))
        return 0;
    context_defect(context_of(ctx), "a record may be changed in FILL only; ouse_copy gives one to change");
    return 1;
}

static cJSON *copy_of(const cJSON *node)
{
    cJSON *copy = cJSON_Duplicate(node, 1);
    doc_seal(doc_of(copy), 0);
    return copy;
}

static int lies_in(const cJSON *node, const cJSON *tree)
{
    const cJSON *child = tree->child;
    while (child && !lies_in(node, child))
        child = child->next;
    return node == tree || child;
}

/* Returns the index of a node among the loose ones; -1 if it is part of a tree. Searches from the
 * end: most nodes are put somewhere soon after they are created. */
static int64_t loose_at(const struct context *context, const cJSON *node)
{
    int64_t i = node->type & LOOSE ? (int64_t)context->n_loose - 1 : -1;
    while (i >= 0 && context->loose[i] != node)
        i--;
    return i;
}

static cJSON *release(struct context *context, int64_t at)
{
    cJSON *node = context->loose[at];
    context->loose[at] = context->loose[--context->n_loose];
    node->type &= ~LOOSE;
    return node;
}

/* The node itself, no longer loose, or a copy of one that lies in a tree; NULL where
 * it would lie in itself. */
static cJSON *take(struct context *context, const cJSON *node, const cJSON *into)
{
    int64_t at = loose_at(context, node);
    if (at < 0)
        return copy_of(node);
    if (lies_in(into, node)) {
        context_defect(context, "a value cannot be put into itself");
        return NULL;
    }
    return release(context, at);
}

cJSON *doc_give(struct context *context, const struct ouse_doc *document)
{
    int64_t at = loose_at(context, json_of(document));
    return at < 0 ? copy_of(json_of(document)) : release(context, at);
}

struct ouse_doc *host_doc_new(struct ouse_ctx *ctx, uint32_t kind)
{
    cJSON *node = kind == OUSE_JSON_OBJECT ? cJSON_CreateObject()
                  : kind == OUSE_JSON_LIST ? cJSON_CreateArray()
                                           : cJSON_CreateNull();
    return doc_hold(context_of(ctx), node);
}

struct ouse_doc *host_doc_text(struct ouse_ctx *ctx, struct ouse_str text)
{
    if (!text.p)
        return host_doc_new(ctx, OUSE_JSON_NULL);
    if (!utf8_valid(text)) {
        context_defect(context_of(ctx), "a text of a document is not UTF-8");
        return NULL;
    }
    return doc_hold(context_of(ctx), cJSON_CreateString(arena_copy(context_of(ctx)->arena, text).p));
}

struct ouse_doc *host_doc_number(struct ouse_ctx *ctx, double number)
{
    return doc_hold(context_of(ctx), cJSON_CreateNumber(number));
}

struct ouse_doc *host_doc_bool(struct ouse_ctx *ctx, int32_t truth)
{
    return doc_hold(context_of(ctx), cJSON_CreateBool(truth));
}

struct ouse_doc *host_doc_copy(struct ouse_ctx *ctx, const struct ouse_doc *value)
{
    return value ? doc_hold(context_of(ctx), copy_of(json_of(value))) : NULL;
}

uint32_t host_doc_kind(const struct ouse_doc *value)
{
    const cJSON *node = json_of(value);
    if (cJSON_IsBool(node))
        return OUSE_JSON_BOOL;
    if (cJSON_IsNumber(node))
        return OUSE_JSON_NUMBER;
    if (cJSON_IsString(node))
        return OUSE_JSON_TEXT;
    if (cJSON_IsArray(node))
        return OUSE_JSON_LIST;
    return cJSON_IsObject(node) ? OUSE_JSON_OBJECT : OUSE_JSON_NULL;
}

uint32_t host_doc_count(const struct ouse_doc *value)
{
    const cJSON *node = json_of(value);
    return cJSON_IsArray(node) || cJSON_IsObject(node) ? (uint32_t)cJSON_GetArraySize(node) : 0;
}

struct ouse_doc *host_doc_member(const struct ouse_doc *object, const char *name)
{
    return doc_of(json_member(json_of(object), name));
}

struct ouse_doc *host_doc_at(const struct ouse_doc *value, uint32_t i)
{
    const cJSON *node = json_of(value);
    return cJSON_IsArray(node) || cJSON_IsObject(node) ? doc_of(cJSON_GetArrayItem(node, (int)i)) : NULL;
}

struct ouse_str host_doc_name(const struct ouse_doc *value)
{
    return ouse_s(value ? json_of(value)->string : NULL);
}

struct ouse_str host_doc_as_text(const struct ouse_doc *value)
{
    return json_text(json_of(value));
}

double host_doc_as_number(const struct ouse_doc *value, double otherwise)
{
    const cJSON *node = json_of(value);
    if (cJSON_IsBool(node))
        return cJSON_IsTrue(node);
    return cJSON_IsNumber(node) ? node->valuedouble : otherwise;
}

void host_doc_set(struct ouse_ctx *ctx, struct ouse_doc *object, const char *name, struct ouse_doc *value)
{
    cJSON *node = json_of(object), *taken;
    if (!value || !cJSON_IsObject(node) || is_sealed(ctx, node))
        return;
    taken = take(context_of(ctx), json_of(value), node);
    if (!taken)
        return;
    if (cJSON_GetObjectItemCaseSensitive(node, name))
        cJSON_ReplaceItemInObjectCaseSensitive(node, name, taken);
    else
        cJSON_AddItemToObject(node, name, taken);
}

void host_doc_add(struct ouse_ctx *ctx, struct ouse_doc *list, struct ouse_doc *value)
{
    cJSON *node = json_of(list), *taken;
    if (!value || !cJSON_IsArray(node) || is_sealed(ctx, node))
        return;
    taken = take(context_of(ctx), json_of(value), node);
    if (taken)
        cJSON_AddItemToArray(node, taken);
}

int32_t host_doc_equal(const struct ouse_doc *a, const struct ouse_doc *b)
{
    return host_doc_kind(a) == OUSE_JSON_NULL || host_doc_kind(b) == OUSE_JSON_NULL
               ? host_doc_kind(a) == host_doc_kind(b)
               : json_equal(json_of(a), json_of(b));
}

#define SORT_KEYS 8

struct sort_key {
    const char *name;
    int descends;
};

struct sorted {
    cJSON *node;
    uint32_t position; /* makes the order total, and the sort stable */
    const struct sort_key *keys;
    uint32_t n_keys;
};

static uint32_t parse_keys(struct arena *arena, const char *text, struct sort_key keys[SORT_KEYS])
{
    char *rest = NULL, *copy = (char *)(uintptr_t)arena_copy(arena, ouse_s(text)).p;
    uint32_t n = 0;
    for (char *word = strtok_r(copy, " ", &rest); word && n < SORT_KEYS; word = strtok_r(NULL, " ", &rest))
        keys[n++] = (struct sort_key){word + (*word == '-'), *word == '-'};
    return n;
}

/* Compares two values. Missing values sort last in both directions; numbers before texts. */
static int compare_values(const cJSON *a, const cJSON *b, int descends)
{
    int has_a = cJSON_IsNumber(a) || cJSON_IsString(a), has_b = cJSON_IsNumber(b) || cJSON_IsString(b), order;
    if (!has_a || !has_b)
        return has_b - has_a;
    if (cJSON_IsNumber(a) && cJSON_IsNumber(b))
        order = (a->valuedouble > b->valuedouble) - (a->valuedouble < b->valuedouble);
    else if (cJSON_IsString(a) && cJSON_IsString(b))
        order = collate_order(ouse_s(a->valuestring), ouse_s(b->valuestring));
    else
        order = cJSON_IsNumber(a) ? -1 : 1;
    return descends ? -order : order;
}

static int compare_rows(const void *a, const void *b)
{
    const struct sorted *x = a, *y = b;
    int order = 0;
    for (uint32_t i = 0; i < x->n_keys && !order; i++)
        order = compare_values(json_member(x->node, x->keys[i].name), json_member(y->node, y->keys[i].name),
                               x->keys[i].descends);
    return order ? order : x->position < y->position ? -1 : 1;
}

void host_doc_sort(struct ouse_ctx *ctx, struct ouse_doc *list, const char *keys)
{
    cJSON *node = json_of(list);
    struct sort_key parsed[SORT_KEYS];
    uint32_t n_keys = parse_keys(context_of(ctx)->arena, keys, parsed), n = 0;
    struct sorted *rows;
    if (!cJSON_IsArray(node) || is_sealed(ctx, node))
        return;
    rows = arena_alloc(context_of(ctx)->arena, ((size_t)cJSON_GetArraySize(node) + 1) * sizeof *rows);
    while (node->child) {
        rows[n] = (struct sorted){cJSON_DetachItemViaPointer(node, node->child), n, parsed, n_keys};
        n++;
    }
    if (n > 1)
        qsort(rows, n, sizeof *rows, compare_rows);
    for (uint32_t i = 0; i < n; i++)
        cJSON_AddItemToArray(node, rows[i].node);
}
