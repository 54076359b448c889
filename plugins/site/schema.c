/* schema: see schema.h. */
#include "schema.h"

enum { DEEP = 8 }; /* schemas may lie in themselves */

const struct ouse_doc *schema_follow(struct ouse_ctx *ctx, const struct ouse_doc *document,
                                     const struct ouse_doc *value)
{
    struct ouse_str to = ouse_text(ctx, value, "$ref");
    const char *at = to.p;
    if (!at || to.n < 2)
        return value;
    for (at += 2, value = document; value && *at;) { /* after "#/" */
        uint32_t n = (uint32_t)strcspn(at, "/");
        value = ouse_member(ctx, value, ouse_format(ctx, "%.*s", (int)n, at).p);
        at += n + (at[n] == '/');
    }
    return value;
}

struct ouse_str schema_name(struct ouse_ctx *ctx, const struct ouse_doc *value)
{
    static const uint32_t before = sizeof SCHEMA_PLACE - 1;
    struct ouse_str to = ouse_text(ctx, value, "$ref");
    if (to.n <= before || memcmp(to.p, SCHEMA_PLACE, before) != 0)
        return ouse_s(NULL);
    return (struct ouse_str){to.p + before, to.n - before};
}

/* ---- Examples -------------------------------------------------------------------------------- */

struct making {
    struct ouse_ctx *ctx;
    const struct ouse_doc *document;
};

static struct ouse_doc *make(const struct making *m, const struct ouse_doc *schema, int deep);

/* Returns the example in a schema. */
static struct ouse_doc *make_told(const struct making *m, const struct ouse_doc *schema)
{
    static const char *const plain[] = {"example", "const", "default", "minimum"};
    static const char *const lists[] = {"examples", "enum"};
    struct ouse_doc *told = NULL;
    for (size_t i = 0; i < sizeof lists / sizeof *lists && !told; i++)
        told = ouse_at(m->ctx, ouse_member(m->ctx, schema, lists[i]), 0);
    for (size_t i = 0; i < sizeof plain / sizeof *plain && !told; i++)
        told = ouse_member(m->ctx, schema, plain[i]);
    return told ? ouse_copy(m->ctx, told) : NULL;
}

static const struct ouse_doc *first_alternative(struct ouse_ctx *ctx, const struct ouse_doc *schema)
{
    static const char *const words[] = {"anyOf", "oneOf", "allOf"};
    const struct ouse_doc *first = NULL;
    for (size_t i = 0; i < sizeof words / sizeof *words && !first; i++)
        first = ouse_at(ctx, ouse_member(ctx, schema, words[i]), 0);
    return first;
}

static struct ouse_doc *make_object(const struct making *m, const struct ouse_doc *schema, int deep)
{
    struct ouse_doc *object = ouse_object(m->ctx);
    const struct ouse_doc *required = ouse_member(m->ctx, schema, "required"),
                          *properties = ouse_member(m->ctx, schema, "properties");
    for (uint32_t i = 0; i < ouse_count(m->ctx, required); i++) {
        struct ouse_str name = ouse_as_text(m->ctx, ouse_at(m->ctx, required, i));
        struct ouse_doc *value = make(m, ouse_member(m->ctx, properties, name.p), deep);
        if (value)
            ouse_set(m->ctx, object, name.p, value);
    }
    return object;
}

static struct ouse_doc *make_list(const struct making *m, const struct ouse_doc *schema, int deep)
{
    struct ouse_doc *list = ouse_list(m->ctx), *entry = make(m, ouse_member(m->ctx, schema, "items"), deep);
    if (entry)
        ouse_add(m->ctx, list, entry);
    return list;
}

static struct ouse_doc *make_text(const struct making *m, const struct ouse_doc *schema, int deep)
{
    static const char *const of[][2] = {
        {"date-time", "2026-01-31T10:00:00Z"}, {"date", "2026-01-31"}, {"uri", "https://example.org/"}};
    struct ouse_str format = ouse_text(m->ctx, schema, "format");
    const char *text = "text";
    (void)deep;
    for (size_t i = 0; format.p && i < sizeof of / sizeof *of; i++)
        if (ouse_is(format, of[i][0]))
            text = of[i][1];
    return m->ctx->host->doc_text(m->ctx, ouse_s(text));
}

static struct ouse_doc *make_number(const struct making *m, const struct ouse_doc *schema, int deep)
{
    (void)schema, (void)deep;
    return m->ctx->host->doc_number(m->ctx, 1);
}

static struct ouse_doc *make_truth(const struct making *m, const struct ouse_doc *schema, int deep)
{
    (void)schema, (void)deep;
    return m->ctx->host->doc_bool(m->ctx, 1);
}

static const struct {
    const char *type;
    struct ouse_doc *(*make)(const struct making *m, const struct ouse_doc *schema, int deep);
} types[] = {{"object", make_object},  {"array", make_list},    {"string", make_text},
             {"integer", make_number}, {"number", make_number}, {"boolean", make_truth}};

/* The type, or the first of several. */
static struct ouse_str type_of(struct ouse_ctx *ctx, const struct ouse_doc *schema)
{
    const struct ouse_doc *type = ouse_member(ctx, schema, "type");
    return ouse_as_text(ctx, ouse_count(ctx, type) ? ouse_at(ctx, type, 0) : type);
}

static struct ouse_doc *make(const struct making *m, const struct ouse_doc *schema, int deep)
{
    struct ouse_doc *told = make_told(m, schema);
    const struct ouse_doc *inner = schema_follow(m->ctx, m->document, schema);
    struct ouse_str type = type_of(m->ctx, schema);
    if (told || deep == DEEP)
        return told;
    if (inner == schema)
        inner = first_alternative(m->ctx, schema);
    if (inner)
        return make(m, inner, deep + 1);
    for (size_t i = 0; type.p && i < sizeof types / sizeof *types; i++)
        if (ouse_is(type, types[i].type))
            return types[i].make(m, schema, deep + 1);
    return NULL;
}

struct ouse_doc *schema_example(struct ouse_ctx *ctx, const struct ouse_doc *document,
                                const struct ouse_doc *schema)
{
    const struct making m = {ctx, document};
    return make(&m, schema, 0);
}

/* ---- Words ----------------------------------------------------------------------------------- */

struct ouse_str schema_words(struct ouse_ctx *ctx, const struct ouse_doc *schema)
{
    static const char *const bounds[][2] = {{"minimum", "at least"}, {"maximum", "at most"}};
    const struct ouse_doc *only = ouse_member(ctx, schema, "const");
    const struct ouse_doc *choices = ouse_member(ctx, schema, "enum");
    struct ouse_str words =
        only ? ouse_format(ctx, "“%.*s”", OUSE_F(ouse_as_text(ctx, only))) : type_of(ctx, schema);
    for (uint32_t i = 0; i < ouse_count(ctx, choices); i++)
        words = ouse_format(ctx, "%.*s%s%.*s", OUSE_F(words), i ? ", " : ": ",
                            OUSE_F(ouse_as_text(ctx, ouse_at(ctx, choices, i))));
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++)
        if (ouse_member(ctx, schema, bounds[i][0]))
            words = ouse_format(ctx, "%.*s, %s %.15g", OUSE_F(words), bounds[i][1],
                                ouse_number(ctx, schema, bounds[i][0], 0));
    return words;
}
