/* reference: the records that a document refers to, in its fields and sources. */
#include "../base/json_slice.h"
#include "types.h"
#include <stdio.h>

/* Sources refer where a collection is loaded that they may refer to. */
static int refers(const struct field *field)
{
    return field->is.type == OUSE_REF || field->is.type == OUSE_REFS ||
           (field->is.type == TYPE_SOURCES && field->targets[0].to);
}

const struct field *schema_field_at(const struct collection *collection, uint32_t i)
{
    return i < collection->n_fields ? &collection->fields[i] : collection->sources;
}

/* Returns the reference in an entry of a list. */
static const cJSON *reference_in(const struct field *field, const cJSON *entry)
{
    return field->is.type == TYPE_SOURCES ? json_member(entry, "publication") : entry;
}

static const struct target *target_of(const struct field *field, const cJSON *value, struct ouse_str *id)
{
    struct ouse_str text = json_text(value);
    return text.p ? reference_target(field, text, id) : NULL;
}

void schema_references(const struct collection *collection, const cJSON *document,
                       void (*fn)(void *arg, const struct field *field, int entry,
                                  const struct target *target, struct ouse_str id),
                       void *arg)
{
    for (uint32_t i = 0; i <= collection->n_fields; i++) {
        const struct field *field = schema_field_at(collection, i);
        const cJSON *value = refers(field) ? json_member(document, field->is.name) : NULL;
        int entry = schema_is_list(field) ? 0 : -1;
        for (const cJSON *c = value_first(field, value); c; c = value_next(field, c), entry++) {
            struct ouse_str id;
            const struct target *target = target_of(field, reference_in(field, c), &id);
            if (target)
                fn(arg, field, entry, target, id);
        }
    }
}

/* ---- In bytes --------------------------------------------------------------------- */

/* The reference that a text with its quotes is. */
static int is_meant_in(const struct field *field, struct ouse_str quoted, reference_fn is_meant, void *arg)
{
    struct ouse_str text = {quoted.p + 1, quoted.n - 2}, id;
    const struct target *target =
        quoted.n > 2 && *quoted.p == '"' ? reference_target(field, text, &id) : NULL;
    return target && is_meant(arg, target, id);
}

int schema_refers(const struct field *field, struct ouse_str value, reference_fn is_meant, void *arg)
{
    struct ouse_str entry;
    int found = 0;
    if (!schema_is_list(field))
        return is_meant_in(field, value, is_meant, arg);
    while (!found && json_cut(&value, &entry))
        found = is_meant_in(field, field->is.type == TYPE_SOURCES ? json_slice(entry, "publication") : entry,
                            is_meant, arg);
    return found;
}

/* ---- Taking out, putting others in, putting back ---------------------------------- */

/* The references to replace, and their replacement. */
struct replacing {
    reference_fn is_meant;
    void *arg;
    const struct collection *collection; /* of `into`; if that has no text, the references are removed */
    struct ouse_str into;
};

static int is_it(const struct replacing *what, const struct field *field, const cJSON *value)
{
    struct ouse_str id;
    const struct target *target = target_of(field, value, &id);
    return target && what->is_meant(what->arg, target, id);
}

static int has_text(const cJSON *list, const char *text)
{
    for (const cJSON *c = list->child; c; c = c->next)
        if (ouse_is(json_text(c), text))
            return 1;
    return 0;
}

/* Returns the text of the reference to `into`, which the caller owns; NULL if there is no `into`. */
static cJSON *successor(const struct replacing *what, const struct field *field)
{
    char text[SCHEMA_NAME_MAX + SCHEMA_ID_MAX + 2];
    if (!what->into.p)
        return NULL;
    const char *name = field->qualified ? what->collection->is.name : "";
    snprintf(text, sizeof text, "%s%s%.*s", name, *name ? "/" : "", OUSE_F(what->into));
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

static void replace_entry(cJSON *list, cJSON *entry, const struct field *field, cJSON *by)
{
    if (by && field->is.type == TYPE_SOURCES) {
        cJSON_ReplaceItemInObjectCaseSensitive(entry, "publication", by);
    } else if (by && !has_text(list, by->valuestring)) {
        cJSON_ReplaceItemViaPointer(list, entry, by);
    } else {
        cJSON_Delete(by);
        cJSON_Delete(cJSON_DetachItemViaPointer(list, entry));
    }
}

static uint32_t replace_entries(const struct replacing *what, cJSON *document, const struct field *field)
{
    cJSON *list = json_member(document, field->is.name), *next;
    uint32_t changed = 0;
    for (cJSON *c = list ? list->child : NULL; c; c = next) {
        next = c->next;
        if (!is_it(what, field, reference_in(field, c)))
            continue;
        replace_entry(list, c, field, successor(what, field));
        changed++;
    }
    if (changed && !list->child)
        cJSON_DeleteItemFromObjectCaseSensitive(document, field->is.name);
    return changed;
}

static uint32_t replace(const struct replacing *what, cJSON *document, const struct field *field)
{
    return schema_is_list(field) ? replace_entries(what, document, field)
                                 : replace_one(what, document, field);
}

struct meant {
    const struct collection *collection;
    struct ouse_str id;
};

static int is_one(void *arg, const struct target *target, struct ouse_str id)
{
    const struct meant *meant = arg;
    return target->to == meant->collection && ouse_same(id, meant->id);
}

uint32_t schema_replace_reference(const struct collection *collection, cJSON *document,
                                  const struct field *field, const struct collection *target,
                                  struct ouse_str id, struct ouse_str into)
{
    struct meant meant = {target, id};
    struct replacing what = {is_one, &meant, target, into};
    uint32_t changed = 0;
    for (uint32_t i = 0; i <= collection->n_fields; i++) {
        const struct field *here = schema_field_at(collection, i);
        if ((!field || field == here) && refers(here))
            changed += replace(&what, document, here);
    }
    return changed;
}

void schema_drop_references(const struct field *field, cJSON *document, reference_fn is_meant, void *arg)
{
    struct replacing what = {.is_meant = is_meant, .arg = arg};
    replace(&what, document, field);
}

void schema_keep_references(const struct field *field, cJSON *document, const cJSON *before,
                            reference_fn is_meant, void *arg)
{
    struct replacing what = {.is_meant = is_meant, .arg = arg};
    const cJSON *value = json_member(before, field->is.name);
    cJSON *now = json_member(document, field->is.name);
    int many = schema_is_list(field);
    for (const cJSON *c = value_first(field, value); c; c = value_next(field, c)) {
        if (!is_it(&what, field, many ? reference_in(field, c) : c))
            continue;
        if (!now && many)
            now = cJSON_AddArrayToObject(document, field->is.name);
        if (many && cJSON_IsArray(now))
            cJSON_AddItemToArray(now, cJSON_Duplicate(c, 1));
        else if (!now)
            cJSON_AddItemToObject(document, field->is.name, cJSON_Duplicate(c, 1));
    }
}
