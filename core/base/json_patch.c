/* json_patch: see json_patch.h.
 *
 * An operation is one row of a table: the members it needs, and its function. A path is resolved to
 * the container of its last token (struct place), so that add, remove and replace work on objects
 * and arrays alike. */
#include "json_patch.h"
#include <stdio.h>
#include <stdlib.h>

#define TOKEN_MAX 256

_Static_assert(JSON_DEPTH == 32 && JSON_PATCH_GROWTH == 16u << 20, "messages name these caps");

cJSON *json_merge_patch(cJSON *target, const cJSON *patch)
{
    if (!cJSON_IsObject(patch)) {
        cJSON_Delete(target);
        return cJSON_Duplicate(patch, 1);
    }
    if (!cJSON_IsObject(target)) {
        cJSON_Delete(target);
        target = cJSON_CreateObject();
    }
    for (const cJSON *member = patch->child; member; member = member->next) {
        cJSON *old = cJSON_DetachItemFromObjectCaseSensitive(target, member->string);
        if (cJSON_IsNull(member))
            cJSON_Delete(old);
        else
            cJSON_AddItemToObject(target, member->string, json_merge_patch(old, member));
    }
    return target;
}

/* ---- Pointers ------------------------------------------------------------------ */

/* The next token of a pointer, unescaped (~1 is "/", ~0 is "~"). Returns 0, or -1
 * when the pointer is malformed or the token too long. */
static int next_token(struct ouse_str *pointer, char token[TOKEN_MAX])
{
    size_t n = 0;
    uint32_t i = 1;
    if (!pointer->n || pointer->p[0] != '/')
        return -1;
    for (; i < pointer->n && pointer->p[i] != '/'; i++) {
        char c = pointer->p[i];
        if (c == '~') {
            c = ++i < pointer->n ? pointer->p[i] : 0;
            if (c != '0' && c != '1')
                return -1;
            c = c == '0' ? '~' : '/';
        }
        if (n + 1 >= TOKEN_MAX)
            return -1;
        token[n++] = c;
    }
    token[n] = 0;
    pointer->p += i;
    pointer->n -= i;
    return 0;
}

/* Returns an array index by RFC 6901: digits without a leading zero; -1 if the token is not an
 * index. */
static int array_index(const char *token)
{
    char *end;
    long i = strtol(token, &end, 10);
    int digits = token[0] >= '0' && token[0] <= '9' && (token[0] != '0' || !token[1]);
    return digits && !*end && i < 1000000 ? (int)i : -1;
}

static cJSON *child(cJSON *container, const char *token)
{
    if (cJSON_IsObject(container))
        return cJSON_GetObjectItemCaseSensitive(container, token);
    if (cJSON_IsArray(container) && array_index(token) >= 0)
        return cJSON_GetArrayItem(container, array_index(token));
    return NULL;
}

/* The value that a pointer leads to, or NULL. */
static cJSON *value_at(cJSON *root, struct ouse_str pointer)
{
    char token[TOKEN_MAX];
    while (root && pointer.n)
        root = next_token(&pointer, token) ? NULL : child(root, token);
    return root;
}

/* The end of a path: the last token and its container; container NULL is the whole document. */
struct place {
    cJSON *container;
    int depth; /* containers around it */
    char token[TOKEN_MAX];
};

static int find_place(cJSON *root, struct ouse_str pointer, struct place *place)
{
    place->container = NULL;
    for (place->depth = 0; pointer.n; place->depth++) {
        place->container = place->container ? child(place->container, place->token) : root;
        if (!place->container || next_token(&pointer, place->token))
            return -1;
    }
    return place->container && !cJSON_IsObject(place->container) && !cJSON_IsArray(place->container) ? -1 : 0;
}

/* Takes the value at a place out of the document; NULL when nothing is there. */
static cJSON *detach(cJSON **document, const struct place *place)
{
    cJSON *value = place->container ? child(place->container, place->token) : *document;
    if (value && place->container)
        cJSON_DetachItemViaPointer(place->container, value);
    else if (value)
        *document = NULL;
    return value;
}

/* Inserts a value before `behind`. cJSON_InsertItemInArray of some versions (1.7.17, and its fixes)
 * rejects every position except the first. The `prev` of the first item is the last one. */
static void insert(cJSON *array, cJSON *behind, cJSON *value)
{
    value->next = behind;
    value->prev = behind->prev;
    behind->prev = value;
    if (behind == array->child)
        array->child = value;
    else
        value->prev->next = value;
}

/* Puts a value at a place; takes it over in any case. 0, or -1. */
static int attach(cJSON **document, const struct place *place, cJSON *value)
{
    int i = array_index(place->token), n;
    if (!place->container) {
        cJSON_Delete(*document);
        *document = value;
        return 0;
    }
    if (cJSON_IsObject(place->container)) {
        cJSON_DeleteItemFromObjectCaseSensitive(place->container, place->token);
        return cJSON_AddItemToObject(place->container, place->token, value) ? 0 : -1;
    }
    n = cJSON_GetArraySize(place->container);
    if (!strcmp(place->token, "-"))
        i = n;
    if (i < 0 || i > n) {
        cJSON_Delete(value);
        return -1;
    }
    if (i == n)
        return cJSON_AddItemToArray(place->container, value) ? 0 : -1;
    insert(place->container, cJSON_GetArrayItem(place->container, i), value);
    return 0;
}

/* ---- Operations ------------------------------------------------------------------ */

struct operation {
    cJSON **document;
    size_t *room; /* bytes that may still be added to the document */
    struct ouse_str path, from;
    const cJSON *value;
};

/* Containers in each other, and bytes of memory, of a value. */
struct extent {
    int depth;
    size_t bytes;
};

static void measure(const cJSON *value, int depth, struct extent *extent)
{
    depth += cJSON_IsObject(value) || cJSON_IsArray(value);
    extent->depth = depth > extent->depth ? depth : extent->depth;
    extent->bytes += sizeof *value + (value->string ? strlen(value->string) : 0) +
                     (value->valuestring ? strlen(value->valuestring) : 0);
    for (const cJSON *c = value->child; c; c = c->next)
        measure(c, depth, extent);
}

/* Copies of copies would double a document with each operation, and its depth too. */
static const char *outgrown(const struct operation *op, const struct place *place)
{
    struct extent extent = {0};
    measure(op->value, place->depth, &extent);
    if (extent.depth > JSON_DEPTH)
        return "values would be nested more than 32 deep";
    if (extent.bytes > *op->room)
        return "the patch adds more than 16 MiB";
    *op->room -= extent.bytes;
    return NULL;
}

/* Each answers NULL, or why it cannot be done. */
static const char *op_add(const struct operation *op)
{
    struct place place;
    const char *why;
    if (find_place(*op->document, op->path, &place))
        return "the parent of the path does not exist";
    if ((why = outgrown(op, &place)))
        return why;
    return attach(op->document, &place, cJSON_Duplicate(op->value, 1)) ? "the list has no such position"
                                                                       : NULL;
}

static const char *op_remove(const struct operation *op)
{
    struct place place;
    cJSON *old = find_place(*op->document, op->path, &place) ? NULL : detach(op->document, &place);
    cJSON_Delete(old);
    if (old && !*op->document)
        *op->document = cJSON_CreateNull();
    return old ? NULL : "nothing is at this path";
}

static const char *op_replace(const struct operation *op)
{
    if (!value_at(*op->document, op->path))
        return "nothing is at this path";
    if (op->path.n)
        op_remove(op);
    return op_add(op);
}

/* Takes or copies the value at `from`. It is copied in both cases, because removing it may move the
 * place of the target. */
static const char *bring(const struct operation *op, int moves)
{
    const cJSON *source = value_at(*op->document, op->from);
    struct operation at_source = *op, add = *op;
    const char *why = NULL;
    cJSON *copy;
    if (!source)
        return "nothing is at \"from\"";
    if (moves && op->path.n > op->from.n && !memcmp(op->path.p, op->from.p, op->from.n) &&
        op->path.p[op->from.n] == '/')
        return "a value cannot be moved into itself";
    at_source.path = op->from;
    add.value = copy = cJSON_Duplicate(source, 1);
    if (moves)
        why = op_remove(&at_source);
    if (!why)
        why = op_add(&add);
    cJSON_Delete(copy);
    return why;
}

static const char *op_copy(const struct operation *op)
{
    return bring(op, 0);
}

static const char *op_move(const struct operation *op)
{
    return bring(op, 1);
}

static const char *op_test(const struct operation *op)
{
    const cJSON *value = value_at(*op->document, op->path);
    return value && json_equal(value, op->value) ? NULL : "the test failed: another value is there";
}

static const struct kind {
    const char *name;
    int needs_value, needs_from;
    const char *(*apply)(const struct operation *);
} kinds[] = {
    {"add", 1, 0, op_add},   {"remove", 0, 0, op_remove}, {"replace", 1, 0, op_replace},
    {"move", 0, 1, op_move}, {"copy", 0, 1, op_copy},     {"test", 1, 0, op_test},
};

static const struct kind *find_kind(struct ouse_str name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (ouse_is(name, kinds[i].name))
            return &kinds[i];
    return NULL;
}

static int is_pointer(struct ouse_str text)
{
    char token[TOKEN_MAX];
    while (text.p && text.n)
        if (next_token(&text, token))
            return 0;
    return text.p != NULL;
}

static ouse_rc apply_one(cJSON **document, size_t *room, const cJSON *json, uint32_t i,
                         struct problem *problem)
{
    const struct kind *kind = find_kind(json_text(json_member(json, "op")));
    struct operation op = {document, room, json_text(json_member(json, "path")),
                           json_text(json_member(json, "from")), json_member(json, "value")};
    const char *why;
    char pointer[32];
    snprintf(pointer, sizeof pointer, "/%u", i);
    if (!kind)
        return problem_add(problem, OUSE_E_REQUEST, pointer, "patch",
                           "An operation has an \"op\": one of add, remove, replace, move, copy, test");
    if (!is_pointer(op.path))
        return problem_add(problem, OUSE_E_REQUEST, pointer, "patch",
                           "\"path\" must be a JSON pointer (RFC 6901), such as \"/title\"");
    if (kind->needs_from && !is_pointer(op.from))
        return problem_add(problem, OUSE_E_REQUEST, pointer, "patch", "%s needs \"from\", a JSON pointer",
                           kind->name);
    if (kind->needs_value && !op.value)
        return problem_add(problem, OUSE_E_REQUEST, pointer, "patch", "%s needs a \"value\"", kind->name);
    why = kind->apply(&op);
    if (why)
        return problem_add(problem, OUSE_E_CONFLICT, pointer, "patch", "%s %.*s: %s", kind->name,
                           OUSE_F(op.path), why);
    return OUSE_OK;
}

ouse_rc json_patch(cJSON **document, const cJSON *operations, struct problem *problem)
{
    uint32_t i = 0;
    size_t room = JSON_PATCH_GROWTH;
    ouse_rc rc = OUSE_OK;
    if (!cJSON_IsArray(operations))
        return problem_add(problem, OUSE_E_REQUEST, "", "type", "A JSON Patch is an array of operations");
    for (const cJSON *op = operations->child; op && !rc; op = op->next, i++) {
        if (i == JSON_PATCH_OPERATIONS)
            return problem_add(problem, OUSE_E_TOO_LARGE, "", "too_many", "A patch has at most %d operations",
                               JSON_PATCH_OPERATIONS);
        rc = apply_one(document, &room, op, i, problem);
    }
    return rc;
}
