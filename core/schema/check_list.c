/* check_list: the rules of any list and any object in a document, independent of its entries and
 * members. */
#include "types.h"
#include <stdlib.h>

void schema_drop_nulls(cJSON *object)
{
    cJSON *next;
    for (cJSON *c = object->child; c; c = next) {
        next = c->next;
        if (cJSON_IsNull(c))
            cJSON_Delete(cJSON_DetachItemViaPointer(object, c));
    }
}

void schema_refuse_unknown(const struct place *place, const char *name, const char *const *names, size_t n)
{
    struct place member = place_member(place, name);
    place_refuse(&member, "unknown_field", "there is no \"%.*s\" here%s",
                 (int)schema_clip(ouse_s(name), 60).n, name, place_hint(place, ouse_s(name), names, n));
}

void schema_check_members(const struct place *place, cJSON *object, const char *const *names, size_t n)
{
    for (const cJSON *c = object->child; c; c = c->next) {
        size_t i = 0;
        while (i < n && strcmp(names[i], c->string) != 0)
            i++;
        if (i == n)
            schema_refuse_unknown(place, c->string, names, n);
    }
    schema_drop_nulls(object);
}

struct entry {
    const char *text;
    int at;
};

static int by_text(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int order = strcmp(x->text, y->text);
    return order ? order : x->at - y->at;
}

/* Returns the part of an entry that must be unique in a list: a reference, a choice, a scheme. */
static struct ouse_str once_text(const struct field *field, const cJSON *entry)
{
    if (field->is.type == OUSE_IDS)
        return json_text(json_member(entry, "scheme"));
    return json_text(entry);
}

static void check_once(const struct place *list, const cJSON *value)
{
    struct entry *entries =
        arena_alloc(list->problem->arena, sizeof *entries * (size_t)cJSON_GetArraySize(value));
    size_t n = 0;
    int at = 0;
    for (const cJSON *c = value->child; c; c = c->next, at++) {
        struct ouse_str text = once_text(list->field, c);
        if (text.p)
            entries[n++] = (struct entry){text.p, at};
    }
    qsort(entries, n, sizeof *entries, by_text);
    for (size_t i = 1; i < n; i++) {
        if (strcmp(entries[i - 1].text, entries[i].text) != 0)
            continue;
        struct place place = place_entry(list, entries[i].at);
        place_refuse(&place, "duplicate", "\"%.*s\" is there already, at %d",
                     (int)schema_clip(ouse_s(entries[i].text), 60).n, entries[i].text, entries[i - 1].at);
    }
}

/* Each observation of a series begins later than the one before. */
static void check_ascending(const struct place *list, const cJSON *value)
{
    struct ouse_str on, before = {NULL, 0};
    int32_t first, last, first_before = INT32_MIN;
    int at = 0;
    for (const cJSON *c = value->child; c; c = c->next, at++) {
        on = json_text(json_member(c, "on"));
        if (!on.p || schema_span(on, &first, &last))
            continue;
        if (first <= first_before) {
            struct place entry = place_entry(list, at), place = place_member(&entry, "on");
            place_refuse(&place, "order", "must begin later than the one before, which is %s; got %s",
                         before.p, on.p);
        }
        before = on;
        first_before = first;
    }
}

int schema_check_list(const struct place *place, const cJSON *value, struct bounds bounds)
{
    int n = cJSON_GetArraySize(value);
    if (!cJSON_IsArray(value))
        place_refuse(place, "type", "must be a list; got %s", place_shown(place, value));
    else if (n == 0)
        place_refuse(place, "empty", "must not be empty; leave it out, or null, where nothing is known");
    else if (n < bounds.least)
        place_refuse(place, "too_few", "must have at least %lld entries; has %d", (long long)bounds.least, n);
    else if (n > bounds.most)
        place_refuse(place, "too_many", "must have at most %lld entries; has %d", (long long)bounds.most, n);
    else
        return 0;
    return -1;
}

void schema_check_value(const struct place *place, cJSON *value)
{
    const struct type *type = type_of(place->field);
    if (!type->many) {
        type->check(place, value);
        return;
    }
    if (schema_check_list(place, value, schema_bounds(place->field)))
        return;
    int i = 0;
    for (cJSON *c = value->child; c; c = c->next) {
        struct place entry = place_entry(place, i++);
        type->check(&entry, c);
    }
    if (place->field->is.type == OUSE_SERIES)
        check_ascending(place, value);
    else if (place->field->is.type != OUSE_LIST || place->field->n_choices)
        check_once(place, value);
}
