/* group: the part of a document that is about one tag: its operations, and of the components
 * those that they refer to, and these to in turn.
 *
 * It is cut out of the text of the whole document, which is JSON as document.c writes it: all of a
 * path has one tag, and the members of the objects that are taken apart here are objects or lists.
 */
#include "openapi.h"
#include <stdlib.h>

#define PLACE "\"#/components/" /* of a reference */
#define PATHS "paths"           /* the kind of parts that are no components */

/* The parts of an outline, and whether each is selected. */
struct cutting {
    const struct outline *outline;
    char *wanted; /* one for each part */
};

/* ---- Taking apart ------------------------------------------------------------ */

static const char *find(struct ouse_str in, const char *words)
{
    return memmem(in.p, in.n, words, strlen(words));
}

/* Returns the end of a text in quotes that begins here. */
static const char *skip_string(const char *at)
{
    for (at++; *at != '"'; at++)
        at += *at == '\\';
    return at + 1;
}

static const char *skip_nested(const char *at)
{
    int deep = 0;

    do {
        deep += (*at == '{' || *at == '[') - (*at == '}' || *at == ']');
        at = *at == '"' ? skip_string(at) : at + 1;
    } while (deep > 0);
    return at;
}

/* Reads the next member of an object; *at is its brace, then the end of the member. */
static int next_member(const char **at, struct part *member)
{
    const char *name = *at + strspn(*at, "{, "), *value;

    if (*name != '"')
        return 0;
    value = skip_string(name);
    member->name = (struct ouse_str){name + 1, (uint32_t)(value - name) - 2};
    value += strspn(value, ": ");
    *at = skip_nested(value);
    member->value = (struct ouse_str){value, (uint32_t)(*at - value)};
    return 1;
}

static void add_parts(struct outline *outline, struct ouse_str kind, const char *object)
{
    struct part part;

    while (next_member(&object, &part)) {
        struct part *grown = realloc(outline->at, (outline->n + 1) * sizeof *grown);
        if (!grown)
            abort();
        part.kind = kind;
        outline->at = grown;
        grown[outline->n++] = part;
    }
}

void group_outline(struct ouse_str document, struct outline *outline)
{
    const char *paths = find(document, ",\"" PATHS "\":{"), *at = find(document, ",\"components\":{");
    struct part kind;

    *outline = (struct outline){.head = {document.p, (uint32_t)(paths - document.p)}};
    add_parts(outline, ouse_s(PATHS), strchr(paths, '{'));
    for (at = strchr(at, '{'); next_member(&at, &kind);)
        add_parts(outline, kind.name, kind.value.p);
}

/* ---- Following --------------------------------------------------------------- */

static void want_references(const struct cutting *cutting, struct ouse_str in);

static void want(const struct cutting *cutting, uint32_t i)
{
    cutting->wanted[i] = 1;
    want_references(cutting, cutting->outline->at[i].value);
}

static void want_called(const struct cutting *cutting, struct ouse_str kind, struct ouse_str name)
{
    for (uint32_t i = 0; i < cutting->outline->n; i++) {
        const struct part *part = &cutting->outline->at[i];
        if (!cutting->wanted[i] && ouse_same(part->name, name) && ouse_same(part->kind, kind))
            want(cutting, i);
    }
}

/* Selects the components that a part refers to, and their references in turn. */
static void want_references(const struct cutting *cutting, struct ouse_str in)
{
    const char *end = in.p + in.n, *at;

    while ((at = find(in, PLACE))) {
        const char *kind = at + sizeof PLACE - 1, *name = kind + strcspn(kind, "/") + 1;
        uint32_t n = (uint32_t)strcspn(name, "\"");
        want_called(cutting, (struct ouse_str){kind, (uint32_t)(name - kind) - 1},
                    (struct ouse_str){name, n});
        in = (struct ouse_str){name + n, (uint32_t)(end - name) - n};
    }
}

/* Selects the paths of a tag, with their references, and the security schemes. Returns the number
 * of paths. */
static uint32_t want_tagged(const struct cutting *cutting, const char *tagged)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < cutting->outline->n; i++) {
        const struct part *part = &cutting->outline->at[i];
        int is_path = ouse_is(part->kind, PATHS);
        if (is_path ? !find(part->value, tagged) : !ouse_is(part->kind, "securitySchemes"))
            continue;
        want(cutting, i);
        n += (uint32_t)is_path;
    }
    return n;
}

/* ---- Putting together --------------------------------------------------------- */

/* Adds the selected parts in order, those of a kind in an object. Paths come first, before the
 * components. */
static void add_wanted(struct text *text, const struct cutting *cutting)
{
    struct ouse_str kind = {NULL, 0};

    for (uint32_t i = 0; i < cutting->outline->n; i++) {
        const struct part *part = &cutting->outline->at[i];
        if (!cutting->wanted[i])
            continue;
        if (!ouse_same(kind, part->kind)) {
            text_add(text, !kind.p ? "" : ouse_is(kind, PATHS) ? "},\"components\":{" : "}");
            text_next(text);
            text_add(text, "\"%.*s\":{", OUSE_F(part->kind));
            kind = part->kind;
        }
        text_next(text);
        text_add(text, "\"%.*s\":%.*s", OUSE_F(part->name), OUSE_F(part->value));
    }
    text_add(text, "}}}");
}

struct ouse_str group_cut(struct ouse_ctx *ctx, const struct outline *outline, struct ouse_str tag)
{
    struct cutting cutting = {outline, ouse_alloc(ctx, outline->n)};
    struct text text = {.ctx = ctx};

    if (memchr(tag.p, '"', tag.n)) /* is in no name, and may be in the searched text */
        return ouse_s(NULL);
    if (!want_tagged(&cutting, ouse_format(ctx, "\"tags\":[\"%.*s\"]", OUSE_F(tag)).p))
        return ouse_s(NULL);
    text_add(&text, "%.*s", OUSE_F(outline->head));
    add_wanted(&text, &cutting);
    return (struct ouse_str){text.at, (uint32_t)text.n};
}

struct ouse_str group_names(struct ouse_ctx *ctx, const struct outline *outline)
{
    static const char before[] = "{\"name\":\"";
    const char *tags = find(outline->head, ",\"tags\":["), *end = skip_nested(tags + sizeof ",\"tags\":" - 1);
    struct ouse_str names = ouse_s("");

    while ((tags = find((struct ouse_str){tags, (uint32_t)(end - tags)}, before))) {
        tags += sizeof before - 1;
        names = ouse_format(ctx, "%.*s%s%.*s", OUSE_F(names), names.n ? ", " : "", (int)strcspn(tags, "\""),
                            tags);
    }
    return names;
}
