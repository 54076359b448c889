/* records: the schemas of the records of a collection.
 *
 *   NAME            a record as it is read; unknown values are absent
 *   NAME.changes    the members for a change; null removes a value
 *   NAME.new        the same, with the required members of a new record
 *   NAME.list       a page of records
 *   NAME.revisions  a page of revisions of a record
 *
 * Names of collections have no dots and no capitals, so they differ from these and the shared ones. */
#include "openapi.h"

int records_flag(struct ouse_ctx *ctx, const struct ouse_doc *object, const char *flag)
{
    return ouse_number(ctx, object, flag, 0) != 0;
}

int records_visible(const struct text *text, const struct ouse_doc *collection)
{
    return roles_called(ouse_text(text->ctx, collection, "visibility")) <= text->role;
}

/* Returns whether a field may refer to records that the role does not see: those references are
 * absent. */
static int may_be_hidden(const struct text *text, const struct ouse_doc *field)
{
    return text->role < OUSE_OFFICE && ouse_member(text->ctx, field, "refers_to");
}

/* A list of such may be shorter than it was written. */
static const struct ouse_doc *as_read(const struct text *text, const struct ouse_doc *field)
{
    struct ouse_doc *read;

    if (!may_be_hidden(text, field))
        return field;
    read = ouse_copy(text->ctx, field);
    ouse_set_null(text->ctx, read, "min");
    return read;
}

/* Adds one property, from its title to its example. Only properties in a request may be null. */
static void add_property(struct text *text, const struct ouse_doc *field, int written)
{
    struct ouse_ctx *ctx = text->ctx;
    struct ouse_str example = field_example(ctx, field);

    text_next(text);
    text_add(text, "\"%.*s\":{", OUSE_F(ouse_text(ctx, field, "name")));
    text_member(text, "title", ouse_text(ctx, field, "title"));
    text_member(text, "description", ouse_text(ctx, field, "doc"));
    if (records_flag(ctx, field, "system"))
        text_add(text, ",\"readOnly\":true");
    if (example.p)
        text_add(text, ",\"examples\":[%.*s]", OUSE_F(example));
    text_add(text, written ? ",\"anyOf\":[{" : ",");
    field_schema(text, written ? field : as_read(text, field));
    text_add(text, written ? "},{\"type\":\"null\"}]}" : "}");
}

static void add_properties(struct text *text, const struct ouse_doc *fields, int written)
{
    for (uint32_t i = 0; i < ouse_count(text->ctx, fields); i++) {
        const struct ouse_doc *field = ouse_at(text->ctx, fields, i);
        if (!written || !records_flag(text->ctx, field, "system"))
            add_property(text, field, written);
    }
}

/* Adds a derived field, which is null if it cannot be computed. */
static void add_derived(struct text *text, const struct ouse_doc *derived)
{
    for (uint32_t i = 0; i < ouse_count(text->ctx, derived); i++) {
        const struct ouse_doc *one = ouse_at(text->ctx, derived, i);
        text_add(text, ",\"%.*s\":{", OUSE_F(ouse_text(text->ctx, one, "name")));
        text_member(text, "description", ouse_text(text->ctx, one, "doc"));
        text_next(text);
        text_add(text, "\"readOnly\":true,\"anyOf\":[{");
        field_schema(text, one);
        text_add(text, "},{\"type\":\"null\"}]}");
    }
}

/* Whether a record must have the field; `written`: as a client writes it. */
static int is_required(const struct text *text, const struct ouse_doc *field, int written)
{
    return records_flag(text->ctx, field, "required") &&
           !(written ? records_flag(text->ctx, field, "system") : may_be_hidden(text, field));
}

/* The names of the required fields. */
static void add_required(struct text *text, const struct ouse_doc *fields, int written)
{
    for (uint32_t i = 0; i < ouse_count(text->ctx, fields); i++) {
        const struct ouse_doc *field = ouse_at(text->ctx, fields, i);
        if (!is_required(text, field, written))
            continue;
        text_next(text);
        text_string(text, ouse_text(text->ctx, field, "name"));
    }
}

static void add_record(struct text *text, const struct ouse_doc *collection)
{
    const struct ouse_doc *fields = ouse_member(text->ctx, collection, "fields");

    text_next(text);
    text_add(text, "\"%.*s\":{\"type\":\"object\"", OUSE_F(ouse_text(text->ctx, collection, "name")));
    text_member(text, "title", ouse_text(text->ctx, collection, "title"));
    text_member(text, "description", ouse_text(text->ctx, collection, "doc"));
    text_add(text, ",\"properties\":{\"id\":{\"readOnly\":true,\"$ref\":\"#/components/schemas/Id\"}");
    add_properties(text, fields, 0);
    add_derived(text, ouse_member(text->ctx, collection, "derived"));
    text_add(text, ",\"sources\":{\"$ref\":\"#/components/schemas/Sources\"}"
                   ",\"meta\":{\"readOnly\":true,\"$ref\":\"#/components/schemas/Meta\"}}"
                   ",\"additionalProperties\":false,\"required\":[\"id\",\"meta\"");
    add_required(text, fields, 0);
    text_add(text, "]}");
}

static void add_changes(struct text *text, const struct ouse_doc *collection)
{
    text_next(text);
    text_add(text,
             "\"%.*s.changes\":{\"type\":\"object\",\"properties\":{"
             "\"id\":{\"$ref\":\"#/components/schemas/Id\"}",
             OUSE_F(ouse_text(text->ctx, collection, "name")));
    add_properties(text, ouse_member(text->ctx, collection, "fields"), 1);
    text_add(text,
             ",\"sources\":{\"anyOf\":[{\"$ref\":\"#/components/schemas/Sources\"},{\"type\":\"null\"}]}"
             ",\"meta\":{\"$ref\":\"#/components/schemas/MetaChanges\"}}}");
}

/* Adds an example with the required members, unless it cannot be made up. */
static void add_example(struct text *text, const struct ouse_doc *fields)
{
    struct text example = {.ctx = text->ctx};

    text_add(&example, ",\"examples\":[{");
    for (uint32_t i = 0; i < ouse_count(text->ctx, fields); i++) {
        const struct ouse_doc *field = ouse_at(text->ctx, fields, i);
        struct ouse_str value = field_example(text->ctx, field);
        if (!is_required(text, field, 1))
            continue;
        if (!value.p)
            return;
        text_next(&example);
        text_fill(&example, "\"@\":", ouse_text(text->ctx, field, "name"));
        text_add(&example, "%.*s", OUSE_F(value));
    }
    text_add(text, "%.*s}]", (int)example.n, example.at);
}

static void add_new(struct text *text, const struct ouse_doc *collection)
{
    const struct ouse_doc *fields = ouse_member(text->ctx, collection, "fields");

    text_next(text);
    text_fill(text, "\"@.new\":{\"allOf\":[{\"$ref\":\"#/components/schemas/@.changes\"}],\"required\":[",
              ouse_text(text->ctx, collection, "name"));
    add_required(text, fields, 1);
    text_add(text, "]");
    add_example(text, fields);
    text_add(text, "}");
}

/* A page has no members beyond those of the record. */
static const char pages[] = OUSE_JSON(
    "@.list": {
        "type": "object",
        "properties": {
            "data": {"type": "array", "items": {"anyOf": [{"$ref": "#/components/schemas/@"}, {"$ref": "#/components/schemas/Part"}]}},
            "page": {"$ref": "#/components/schemas/Page"},
            "facets": {"$ref": "#/components/schemas/Facets"},
            "included": {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/Part"}}
        },
        "required": ["data", "page"]
    },
    "@.revisions": {
        "type": "object",
        "properties": {
            "data": {"type": "array", "items": {"$ref": "#/components/schemas/@.revision"}},
            "page": {"$ref": "#/components/schemas/Page"}
        },
        "required": ["data", "page"]
    },
    "@.revision": {
        "anyOf": [{"$ref": "#/components/schemas/@"}, {"$ref": "#/components/schemas/Ended"}]
    }
);

void records_schemas(struct text *text, const struct ouse_doc *collection)
{
    add_changes(text, collection);
    add_new(text, collection);
    if (!records_visible(text, collection))
        return;
    add_record(text, collection);
    text_next(text);
    text_fill(text, pages, ouse_text(text->ctx, collection, "name"));
}
