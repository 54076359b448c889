/* check_sources: `sources`, which any record may have: what it was taken from.
 *
 *     [{"publication": "id", "quote": "…", "fields": ["/amount"], "status": "claimed"}]
 */
#include "types.h"

static void check_quote(const struct place *source, cJSON *value)
{
    static const struct field quote = {.is = {.name = "quote", .type = OUSE_LONG, .max = 1000}};
    struct place place = place_member(source, "quote");
    place.field = &quote;
    if (value)
        schema_check_value(&place, value);
}

static void check_status(const struct place *source, cJSON *value)
{
    static const char *statuses[] = {"claimed", "confirmed", "disputed"};
    static const struct field status = {
        .is = {.name = "status", .type = OUSE_ENUM}, .choices = statuses, .n_choices = 3};
    struct place place = place_member(source, "status");
    place.field = &status;
    if (value)
        schema_check_value(&place, value);
}

static void check_pointers(const struct place *source, const struct collection *collection, const cJSON *list)
{
    struct place place = place_member(source, "fields");
    int i = 0;
    if (!list || schema_check_list(&place, list, (struct bounds){1, SCHEMA_FIELDS_MAX}))
        return;
    for (const cJSON *c = list->child; c; c = c->next) {
        struct place entry = place_entry(&place, i++);
        struct ouse_str pointer = json_text(c);
        if (!pointer.n || pointer.p[0] != '/' || !schema_pointed(collection, pointer))
            place_refuse(&entry, "format", "must be a JSON pointer to a field, such as \"/%s\"; got %s",
                         collection->fields[0].is.name, schema_shown(place.problem->arena, c));
    }
}

static void check_source(const struct place *place, const struct collection *collection, cJSON *value)
{
    static const char *const members[] = {"publication", "quote", "fields", "status"};
    struct place publication = place_member(place, "publication");
    if (!cJSON_IsObject(value)) {
        place_refuse(place, "type", "must be an object with publication; got %s",
                     schema_shown(place->problem->arena, value));
        return;
    }
    schema_check_members(place, value, members, sizeof members / sizeof *members);
    cJSON *id = json_member(value, "publication");
    if (id)
        type_check_reference(&publication, id);
    else
        place_refuse(&publication, "required", "must be given");
    check_quote(place, json_member(value, "quote"));
    check_pointers(place, collection, json_member(value, "fields"));
    check_status(place, json_member(value, "status"));
}

void schema_check_sources(const struct place *place, const struct collection *collection, cJSON *value)
{
    int i = 0;
    if (schema_check_list(place, value, (struct bounds){1, SCHEMA_SOURCES_MAX}))
        return;
    for (cJSON *c = value->child; c; c = c->next) {
        struct place entry = place_entry(place, i++);
        check_source(&entry, collection, c);
    }
}
