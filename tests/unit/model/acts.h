/* acts: operations by chance, as the register runs them and as the model does.
 *
 * An act has all that a client says. Several make one change set, of which all
 * is done or nothing.
 */
#ifndef TESTS_MODEL_ACTS_H
#define TESTS_MODEL_ACTS_H

#include "farewell.h"

enum act_op {
    ACT_CREATE,
    ACT_REPLACE,
    ACT_PATCH,
    ACT_MOVE,
    ACT_REMOVE,
    ACT_MERGE,
    ACT_REVERT,
    ACT_RECHECK,
    ACT_OPS
};

struct act {
    enum act_op op;
    uint32_t collection;
    const char *id;
    cJSON *body;       /* of create, replace, patch; what a move sets with it */
    const char *to;    /* a state; the record to merge into */
    uint32_t revision; /* to revert to */
    int conditional;
    const char *if_match;
    struct changed changed; /* by the register */
};

/* ---- What is said --------------------------------------------------------------------- */

/* How many records of a collection there are. */
static uint32_t lives(uint32_t collection)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < m.n_items; i++)
        n += m.items[i].collection == collection && is_live(i);
    return n;
}

static const char *any_id(uint32_t collection)
{
    for (int i = 0; i < 40 && m.n_items; i++) {
        uint32_t item = chance(m.n_items);
        if (m.items[item].collection == collection && (is_live(item) || !chance(60)))
            return text("%s", m.items[item].id);
    }
    return text("r%u", chance(20));
}

static cJSON *any_reference(const struct ouse_field *field)
{
    uint32_t collection;
    do
        collection = chance(d.n);
    while (!refers_to(field, collection));
    const char *id = any_id(collection);
    return cJSON_CreateString(is_qualified(field) ? text("%s/%s", collection_names[collection], id) : id);
}

static cJSON *any_entry(const struct ouse_field *field)
{
    return is_reference(field) ? any_reference(field) : cJSON_Duplicate(any_good(field)->value, 1);
}

/* What must be in a list once: a reference, a choice, an identifier of a scheme. */
static int is_twice(const struct ouse_field *field, const cJSON *list, const cJSON *entry)
{
    if (field->type == OUSE_LIST && !field->choices)
        return 0;
    for (const cJSON *at = list->child; at; at = at->next)
        if (field->type == OUSE_IDS ? json_equal(json_member(at, "scheme"), json_member(entry, "scheme"))
                                    : json_equal(at, entry))
            return 1;
    return 0;
}

static cJSON *any_value(const struct ouse_field *field)
{
    if (!chance(150))
        return cJSON_Parse(any_bad(field));
    if (!is_list(field))
        return any_entry(field);
    cJSON *list = cJSON_CreateArray();
    for (uint32_t n = chance(20) ? 1 + chance(3) : 0; n > 0; n--) {
        cJSON *entry = any_entry(field);
        if (is_twice(field, list, entry))
            cJSON_Delete(entry);
        else
            cJSON_AddItemToArray(list, entry);
    }
    return list;
}

static void say_meta(cJSON *body)
{
    static const char *const said[] = {"public", "partner", "office", "secret"};
    cJSON *meta = cJSON_AddObjectToObject(body, "meta");
    cJSON_AddStringToObject(meta, "visibility", said[chance(8) ? chance(3) : 3]);
}

/* How often in thirty a document says something of a field. */
static uint32_t often(uint32_t collection, const struct ouse_field *field)
{
    uint32_t target = 0;
    while (is_reference(field) && target < d.n && !(refers_to(field, target) && lives(target)))
        target++;
    return flow_of(collection, field) || target == d.n ? 5
           : field->flags & OUSE_REQUIRED              ? 30
           : field->flags & OUSE_SYSTEM                ? 2
                                                       : 15;
}

/* A document; with `now`, like that one in most fields. */
static cJSON *any_document(uint32_t collection, const cJSON *now)
{
    cJSON *body = keep(cJSON_CreateObject());
    for (uint32_t i = 0; i < FIELDS; i++) {
        const struct ouse_field *field = &d.fields[collection][i];
        const cJSON *is = json_member(now, field->name);
        if (now && chance(6) ? is != NULL : chance(30) < often(collection, field))
            cJSON_AddItemToObject(body, field->name,
                                  is && chance(6) ? cJSON_Duplicate(is, 1) : any_value(field));
    }
    if (!chance(5))
        say_meta(body);
    if (!chance(80))
        cJSON_AddNullToObject(body, "colour");
    return body;
}

/* A patch of some members; an object would be mixed with the one that is there, whose form the
 * model does not know, so there is none over another: only where nothing of the same set comes before. */
static cJSON *any_merge_patch(uint32_t collection, const cJSON *document, int alone)
{
    cJSON *body = keep(cJSON_CreateObject());
    for (uint32_t n = 1 + chance(3); n > 0; n--) {
        const struct ouse_field *field = &d.fields[collection][chance(FIELDS)];
        cJSON *value = chance(4) ? any_value(field) : cJSON_CreateNull();
        if (json_member(body, field->name) ||
            (cJSON_IsObject(value) && (!alone || json_member(document, field->name))))
            cJSON_Delete(value);
        else
            cJSON_AddItemToObject(body, field->name, value);
    }
    return body;
}

static cJSON *any_json_patch(uint32_t collection, const cJSON *document)
{
    static const char *const ops[] = {"add", "add", "replace", "remove", "test"};
    cJSON *body = keep(cJSON_CreateArray());
    for (uint32_t n = 1 + chance(3); n > 0; n--) {
        const struct ouse_field *field = &d.fields[collection][chance(FIELDS)];
        const char *op = ops[chance(5)];
        cJSON *operation = cJSON_CreateObject(), *now = json_member(document, field->name);
        cJSON_AddStringToObject(operation, "op", op);
        cJSON_AddStringToObject(operation, "path", text("/%s", field->name));
        if (strcmp(op, "remove") != 0)
            cJSON_AddItemToObject(operation, "value",
                                  *op == 't' && now && chance(4) ? cJSON_Duplicate(now, 1)
                                                                 : any_value(field));
        cJSON_AddItemToArray(body, operation);
    }
    return body;
}

static cJSON *any_patch(uint32_t collection, const cJSON *now, int alone)
{
    cJSON *body = chance(2) ? any_merge_patch(collection, now, alone) : any_json_patch(collection, now);
    if (cJSON_IsObject(body) && !chance(10))
        say_meta(body);
    return body;
}

static const char *any_condition(uint32_t item)
{
    if (!chance(20))
        return NULL;
    if (item == NONE || !last(item) || !chance(12))
        return chance(2) ? "*" : "\"1\"";
    return text("\"%x\"", m.items[item].last + 1);
}

static struct act any_act(int alone)
{
    static const enum act_op often[] = {ACT_CREATE, ACT_CREATE, ACT_CREATE, ACT_REPLACE, ACT_PATCH, ACT_PATCH,
                                        ACT_PATCH,  ACT_MOVE,   ACT_REMOVE, ACT_MERGE,   ACT_REVERT};
    static const char *const states[] = {"open", "shut", "draft", "ajar"};
    struct act act = {.op = often[chance(sizeof often / sizeof *often)], .collection = chance(d.n)};
    const cJSON *now;
    uint32_t item;
    if (chance(8) > lives(act.collection))
        act.op = ACT_CREATE;
    if (act.op == ACT_MOVE && !flow_of(act.collection, NULL))
        act.op = ACT_PATCH;
    act.id = act.op == ACT_CREATE ? (chance(3) ? text("r%u", chance(20)) : NULL) : any_id(act.collection);
    item = act.id ? item_of(act.collection, act.id, 0) : NONE;
    now = item != NONE && is_live(item) ? last(item)->document : NULL;
    if (act.op == ACT_CREATE || act.op == ACT_REPLACE)
        act.body = any_document(act.collection, act.op == ACT_CREATE ? NULL : now);
    if ((act.op == ACT_CREATE || act.op == ACT_REPLACE) && !chance(10))
        cJSON_AddStringToObject(act.body, "id", act.id && chance(4) ? act.id : text("r%u", chance(20)));
    if (act.op == ACT_PATCH)
        act.body = any_patch(act.collection, now, alone);
    if (act.op == ACT_MOVE && !chance(4))
        act.body = any_merge_patch(act.collection, now, alone);
    act.to = act.op == ACT_MOVE ? states[chance(12) ? chance(3) : 3] : any_id(act.collection);
    act.revision = 1 + chance(item != NONE && last(item) ? last(item)->revision + 1 : 2);
    act.conditional = (int)chance(2);
    act.if_match = any_condition(item);
    return act;
}

/* ---- By the register ------------------------------------------------------------------- */

static const struct collection *compiled(uint32_t collection)
{
    return schema_find(f.schema, ouse_s(collection_names[collection]));
}

static ouse_rc perform(struct change_set *set, struct act *act)
{
    const struct collection *collection = compiled(act->collection);
    const struct condition said = {ouse_s(act->if_match)}, *condition = act->conditional ? &said : NULL;
    struct ouse_str id = ouse_s(act->id), to = ouse_s(act->to);
    switch (act->op) {
    case ACT_CREATE:
        return change_create(set, collection, id, act->body, &act->changed);
    case ACT_REPLACE:
        return change_replace(set, collection, id, act->body, condition, &act->changed);
    case ACT_PATCH:
        return change_patch(set, collection, id, act->body, condition, &act->changed);
    case ACT_MOVE:
        return change_move(set, collection, id, NULL, to, act->body, condition, &act->changed);
    case ACT_REMOVE:
        return change_remove(set, collection, id, condition);
    case ACT_MERGE:
        return change_merge(set, collection, id, to, condition);
    case ACT_REVERT:
        return change_revert(set, collection, id, act->revision, condition, &act->changed);
    default:
        change_recheck(set, collection, id);
        return OUSE_OK;
    }
}

/* ---- By the model ------------------------------------------------------------------------ */

static ouse_rc imagine(const struct scene *scene, struct act *act)
{
    cJSON *body = keep(cJSON_Duplicate(act->body, 1));
    const char *chosen = act->changed.id.p ? text("%.*s", OUSE_F(act->changed.id)) : NULL;
    if (act->op == ACT_CREATE)
        return create(scene, act->collection, act->id, chosen, body);
    uint32_t item = item_of(act->collection, act->id, 1);
    if (act->op == ACT_RECHECK) {
        await_recheck(item, 1);
        return OUSE_OK;
    }
    ouse_rc rc = look(scene, item, act->if_match, act->conditional);
    if (rc)
        return rc;
    switch (act->op) {
    case ACT_REPLACE:
        return replace(scene, item, body);
    case ACT_PATCH:
        return patch(scene, item, body);
    case ACT_MOVE:
        return move(scene, item, act->to, body);
    case ACT_REMOVE:
        return remove_item(scene, item);
    case ACT_MERGE:
        return merge(scene, item, act->to);
    default:
        return revert(scene, item, act->revision);
    }
}

static const char *told_of(const struct act *act)
{
    static const char *const names[] = {"create", "replace", "patch",  "move",
                                        "remove", "merge",   "revert", "recheck"};
    char *body = act->body ? cJSON_PrintUnformatted(act->body) : NULL;
    const char *all =
        text("%s %s/%s if-match %s to %s %u %s", names[act->op], collection_names[act->collection],
             act->id ? act->id : "-", act->conditional ? (act->if_match ? act->if_match : "none") : "unasked",
             act->to ? act->to : "-", act->revision, body ? body : "");
    free(body);
    return all;
}

#endif
