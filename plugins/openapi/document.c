/* document: the whole of it, from its head to its components, for one role. */
#include "openapi.h"

static void add_head(struct text *text, const struct ouse_doc *loaded)
{
    struct ouse_str base = ouse_text(text->ctx, loaded, "base_path");

    text_add(text, "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"Ouse\"");
    text_member(text, "version", ouse_text(text->ctx, loaded, "version"));
    text_add(text, ",\"summary\":\"A register of health partnerships\","
                   "\"license\":{\"name\":\"MIT\",\"identifier\":\"MIT\"}},\"servers\":[{\"url\":");
    text_string(text, base.n ? base : ouse_s("/"));
    text_add(text, "}],\"security\":[{},{\"bearer\":[]}]");
}

/* Returns the description of a collection: its doc, else its title, else its name. */
static struct ouse_str description_of(struct ouse_ctx *ctx, const struct ouse_doc *collection)
{
    static const char *const members[] = {"doc", "title", "name"};
    struct ouse_str text = ouse_s(NULL);

    for (size_t i = 0; !text.p && i < sizeof members / sizeof members[0]; i++)
        text = ouse_text(ctx, collection, members[i]);
    return text;
}

static void add_tags(struct text *text, const struct ouse_doc *collections)
{
    text_add(text, ",\"tags\":[{\"name\":\"register\",\"description\":\"The register as a whole.\"}");
    for (uint32_t i = 0; i < ouse_count(text->ctx, collections); i++) {
        const struct ouse_doc *collection = ouse_at(text->ctx, collections, i);
        text_add(text, ",{");
        text_member(text, "name", ouse_text(text->ctx, collection, "name"));
        text_member(text, "description", description_of(text->ctx, collection));
        text_add(text, "}");
    }
    text_add(text, "]");
}

static void add_paths(struct text *text, const struct ouse_doc *loaded)
{
    const struct ouse_doc *collections = ouse_member(text->ctx, loaded, "collections");

    text_add(text, ",\"paths\":{");
    for (uint32_t i = 0; i < ouse_count(text->ctx, collections); i++) {
        const struct ouse_doc *collection = ouse_at(text->ctx, collections, i);
        const struct subject subject = {ouse_text(text->ctx, collection, "name"), collection,
                                        ouse_member(text->ctx, loaded, "plugins")};
        paths_of_collection(text, &subject);
    }
    paths_of_plugins(text, loaded);
    paths_of_server(text);
    text_add(text, "}");
}

static void add_components(struct text *text, const struct ouse_doc *collections)
{
    text_add(text, ",\"components\":{\"schemas\":{");
    for (uint32_t i = 0; i < ouse_count(text->ctx, collections); i++)
        records_schemas(text, ouse_at(text->ctx, collections, i));
    shared_schemas(text);
    text_add(text, "}");
    components_shared(text);
    text_add(text, "}}");
}

struct ouse_str document_write(struct ouse_ctx *ctx, uint32_t role)
{
    const struct ouse_doc *loaded = ouse_describe(ctx, role);
    const struct ouse_doc *collections = ouse_member(ctx, loaded, "collections");
    struct text text = {.ctx = ctx, .role = role};

    add_head(&text, loaded);
    add_tags(&text, collections);
    add_paths(&text, loaded);
    add_components(&text, collections);
    return (struct ouse_str){text.at, (uint32_t)text.n};
}
