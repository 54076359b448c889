/* encode: a document as the bytes that are stored and served.
 *
 *   {"id":…, fields in declared order …, "sources":[…], "meta":{…}}
 *
 * A view for a role is the same without the parts that the role may not see. So a role from which
 * nothing is hidden gets the bytes of the whole. */
#include "../base/clock.h"
#include "types.h"

/* The scale of visibilities and roles. */
static const struct {
    uint32_t role;
    const char *name;
} roles[] = {
    {OUSE_PUBLIC, "public"}, {OUSE_PARTNER, "partner"}, {OUSE_OFFICE, "office"}, {OUSE_MANAGER, "manager"}};

const char *schema_role_name(uint32_t role)
{
    size_t i = 0;
    while (i + 1 < sizeof roles / sizeof *roles && roles[i].role < role)
        i++;
    return roles[i].name;
}

int schema_visibility(struct ouse_str name, uint32_t *visibility)
{
    for (size_t i = 0; roles[i].role <= OUSE_OFFICE; i++) {
        if (ouse_is(name, roles[i].name)) {
            *visibility = roles[i].role;
            return 0;
        }
    }
    return -1;
}

/* The visibility of the field that a pointer leads to. */
static uint32_t visibility_of(const struct collection *collection, struct ouse_str pointer)
{
    const struct field *field = pointer.p ? schema_pointed(collection, pointer) : NULL;
    return field ? field->is.visibility : OUSE_PUBLIC;
}

uint32_t schema_source_visibility(const struct collection *collection, const cJSON *source)
{
    const cJSON *fields = json_member(source, "fields");
    uint32_t most = OUSE_PUBLIC;
    for (const cJSON *c = fields ? fields->child : NULL; c; c = c->next) {
        uint32_t visibility = visibility_of(collection, json_text(c));
        most = visibility > most ? visibility : most;
    }
    return most;
}

/* The least role that may see a warning: the field that it speaks of, and the records
 * that it was found by looking at. */
uint32_t schema_warning_visibility(const struct collection *collection, const cJSON *warning)
{
    const cJSON *named = json_member(warning, "visibility");
    uint32_t of_field = visibility_of(collection, json_text(json_member(warning, "field")));
    uint32_t visibility = OUSE_PUBLIC;
    if (named && schema_visibility(json_text(named), &visibility))
        visibility = OUSE_OFFICE;
    return visibility > of_field ? visibility : of_field;
}

typedef uint32_t visibility_fn(const struct collection *collection, const cJSON *entry);

/* The entries that the role may see. */
static uint32_t add_entries(const struct collection *collection, const cJSON *list, uint32_t role,
                            visibility_fn *least, struct buffer *out)
{
    uint32_t n = 0;
    for (const cJSON *c = list ? list->child : NULL; c; c = c->next) {
        if (least(collection, c) > role)
            continue;
        if (n++)
            buffer_byte(out, ',');
        json_print(out, c);
    }
    return n;
}

static int any_hidden(const struct collection *collection, const cJSON *list, uint32_t role,
                      visibility_fn *least)
{
    for (const cJSON *c = list ? list->child : NULL; c; c = c->next)
        if (least(collection, c) > role)
            return 1;
    return 0;
}

static void add_fields(const struct collection *collection, const cJSON *document, uint32_t role,
                       struct buffer *out)
{
    for (uint32_t i = 0; i < collection->n_fields; i++) {
        const struct field *field = &collection->fields[i];
        const cJSON *value = field->is.visibility > role ? NULL : json_member(document, field->is.name);
        if (!value)
            continue;
        buffer_text(out, ",\"");
        buffer_text(out, field->is.name);
        buffer_text(out, "\":");
        json_print(out, value);
    }
}

static void add_sources(const struct collection *collection, const cJSON *document, uint32_t role,
                        struct buffer *out)
{
    const cJSON *sources = json_member(document, collection->sources->is.name);
    size_t start = out->n;
    buffer_text(out, ",\"sources\":[");
    if (add_entries(collection, sources, role, schema_source_visibility, out))
        buffer_byte(out, ']');
    else
        out->n = start;
}

static void add_time(struct buffer *out, const char *name, int64_t ms)
{
    char text[CLOCK_TEXT];
    clock_format(ms, text);
    buffer_text(out, name);
    buffer_byte(out, '"');
    buffer_text(out, text);
    buffer_byte(out, '"');
}

static void add_meta(const struct collection *collection, const struct schema_meta *meta, uint32_t role,
                     struct buffer *out)
{
    buffer_text(out, ",\"meta\":{\"collection\":\"");
    buffer_text(out, collection->is.name);
    buffer_text(out, "\",\"revision\":");
    buffer_uint(out, meta->revision);
    add_time(out, ",\"created\":", meta->created);
    add_time(out, ",\"updated\":", meta->updated);
    buffer_text(out, ",\"visibility\":\"");
    buffer_text(out, schema_role_name(meta->visibility));
    buffer_text(out, "\",\"warnings\":[");
    add_entries(collection, meta->warnings, role, schema_warning_visibility, out);
    buffer_text(out, "]}}");
}

void schema_encode(const struct collection *collection, struct ouse_str id, const cJSON *document,
                   const struct schema_meta *meta, uint32_t role, struct buffer *out)
{
    buffer_text(out, "{\"id\":");
    json_string(out, id);
    add_fields(collection, document, role, out);
    add_sources(collection, document, role, out);
    add_meta(collection, meta, role, out);
}

int schema_hides(const struct collection *collection, const cJSON *document, const struct schema_meta *meta,
                 uint32_t role)
{
    if (any_hidden(collection, meta->warnings, role, schema_warning_visibility))
        return 1;
    if (collection->most_hidden <= role)
        return 0;
    for (uint32_t i = 0; i < collection->n_fields; i++) {
        const struct field *field = &collection->fields[i];
        if (field->is.visibility > role && json_member(document, field->is.name))
            return 1;
    }
    return any_hidden(collection, json_member(document, collection->sources->is.name), role,
                      schema_source_visibility);
}
