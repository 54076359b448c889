/* reference: the records that a document refers to, in its fields and sources. */
#include "types.h"
#include <stdio.h>

const struct target *reference_target(const struct field *field, struct ouse_str text, struct ouse_str *id)
{
    const struct target *target = field->targets;
    struct ouse_str rest = text;
    if (field->qualified) {
        const char *slash = memchr(text.p, '/', text.n);
        if (!slash)
            return NULL;
        struct ouse_str name = {text.p, (uint32_t)(slash - text.p)};
        const struct target *end = target + field->n_targets;
        while (target < end && !ouse_is(name, target->collection))
            target++;
        if (target == end)
            return NULL;
        rest = (struct ouse_str){slash + 1, text.n - name.n - 1};
    }
    if (!schema_id_valid(rest))
        return NULL;
    *id = rest;
    return target;
}

static int refers(const struct field *field)
{
    return field->is.type == OUSE_REF || field->is.type == OUSE_REFS;
}

/* ---- Telling */

struct telling {
    void (*fn)(void *arg, const struct field *field, int entry, const struct target *target,
               struct ouse_str id);
    void *arg;
};

static void tell(const struct telling *to, const struct field *field, int entry, const cJSON *value)
{
    struct ouse_str text = json_text(value), id;
    const struct target *target = text.p ? reference_target(field, text, &id) : NULL;
    if (target)
        to->fn(to->arg, field, entry, target, id);
}

static void tell_field(const struct telling *to, const struct field *field, const cJSON *value)
{
    int i = 0;
    if (field->is.type == OUSE_REF)
        tell(to, field, -1, value);
    else
        for (const cJSON *c = value->child; c; c = c->next)
            tell(to, field, i++, c);
}

static void tell_sources(const struct telling *to, const struct field *sources, const cJSON *list)
{
    int i = 0;
    for (const cJSON *c = list->child; c; c = c->next)
        tell(to, sources, i++, json_member(c, "publication"));
}

void schema_references(const struct collection *collection, const cJSON *document,
                       void (*fn)(void *arg, const struct field *field, int entry,
                                  const struct target *target, struct ouse_str id),
                       void *arg)
{
    struct telling to = {fn, arg};
    for (uint32_t i = 0; i < collection->n_fields; i++) {
        const struct field *field = &collection->fields[i];
        const cJSON *value = refers(field) ? json_member(document, field->is.name) : NULL;
        if (value)
            tell_field(&to, field, value);
    }
    const cJSON *sources = json_member(document, collection->sources->is.name);
    if (sources && collection->sources->targets[0].to)
        tell_sources(&to, collection->sources, sources);
}

/* ---- Replacing */

struct replacing {
    const struct collection *collection; /* of the record that is not to be referred to any more */
    struct ouse_str id, into;
};

static int is_it(const struct replacing *what, const struct field *field, const cJSON *value)
{
    struct ouse_str text = json_text(value), id;
    const struct target *target = text.p ? reference_target(field, text, &id) : NULL;
    return target && target->to == what->collection && ouse_same(id, what->id);
}

static int has_text(const cJSON *list, const char *text)
{
    for (const cJSON *c = list->child; c; c = c->next)
        if (ouse_is(json_text(c), text))
            return 1;
    return 0;
}

/* The text of the reference to `into`. The caller owns it. */
static cJSON *successor(const struct replacing *what, const struct field *field)
{
    char text[SCHEMA_NAME_MAX + SCHEMA_ID_MAX + 2];
    const char *name = field->qualified ? what->collection->is.name : "";
    snprintf(text, sizeof text, "%s%s%.*s", name, *name ? "/" : "", (int)what->into.n, what->into.p);
    return cJSON_CreateString(text);
}

static uint32_t replace_one(const struct replacing *what, cJSON *document, const struct field *field)
{
    if (!is_it(what, field, json_member(document, field->is.name)))
        return 0;
    if (what->into.p)
        cJSON_ReplaceItemInObjectCaseSensitive(document, field->is.name, successor(what, field));
    else
        cJSON_DeleteItemFromObjectCaseSensitive(document, field->is.name);
    return 1;
}

static uint32_t replace_entries(const struct replacing *what, cJSON *document, const struct field *field)
{
    cJSON *list = json_member(document, field->is.name), *next;
    uint32_t changed = 0;
    for (cJSON *c = list ? list->child : NULL; c; c = next) {
        next = c->next;
        if (!is_it(what, field, c))
            continue;
        cJSON *by = what->into.p ? successor(what, field) : NULL;
        if (by && !has_text(list, by->valuestring)) {
            cJSON_ReplaceItemViaPointer(list, c, by);
        } else {
            cJSON_Delete(by);
            cJSON_Delete(cJSON_DetachItemViaPointer(list, c));
        }
        changed++;
    }
    if (changed && !list->child)
        cJSON_DeleteItemFromObjectCaseSensitive(document, field->is.name);
    return changed;
}

static uint32_t replace_sources(const struct replacing *what, cJSON *document, const struct field *sources)
{
    cJSON *list = json_member(document, sources->is.name), *next;
    uint32_t changed = 0;
    for (cJSON *c = list ? list->child : NULL; c; c = next) {
        next = c->next;
        if (!is_it(what, sources, json_member(c, "publication")))
            continue;
        if (what->into.p)
            cJSON_ReplaceItemInObjectCaseSensitive(c, "publication", successor(what, sources));
        else
            cJSON_Delete(cJSON_DetachItemViaPointer(list, c));
        changed++;
    }
    if (changed && !list->child)
        cJSON_DeleteItemFromObjectCaseSensitive(document, sources->is.name);
    return changed;
}

uint32_t schema_replace_reference(const struct collection *collection, cJSON *document,
                                  const struct field *field, const struct collection *target,
                                  struct ouse_str id, struct ouse_str into)
{
    struct replacing what = {target, id, into};
    uint32_t changed = 0;
    for (uint32_t i = 0; i < collection->n_fields; i++) {
        const struct field *here = &collection->fields[i];
        if ((field && field != here) || !refers(here))
            continue;
        changed += here->is.type == OUSE_REF ? replace_one(&what, document, here)
                                             : replace_entries(&what, document, here);
    }
    if (!field || field == collection->sources)
        changed += replace_sources(&what, document, collection->sources);
    return changed;
}
