/* shelf: one plugin at several times of its life. VERSION is that of its schema,
 * STEPS how many migrations it brings; ADDED is version 1 with what may be added
 * without a migration, RENAMED version 1 with its books called volumes. Version 2 counts pages in numbers,
 * version 3 calls them leaves. */
#include <ouse/plugin.h>
#include <stdlib.h>

static const struct ouse_field fields[] = {
    {.name = "title", .type = OUSE_TEXT, .flags = OUSE_REQUIRED},
#if VERSION == 1
    {.name = "pages", .type = OUSE_TEXT},
#elif VERSION == 2
    {.name = "pages", .type = OUSE_INT},
#else
    {.name = "leaves", .type = OUSE_INT},
#endif
#ifdef ADDED
    {.name = "colour", .type = OUSE_ENUM, .flags = OUSE_INDEXED, .choices = "red green"},
#endif
};

static const struct ouse_collection collections[] = {
#ifdef RENAMED
    {.name = "volumes",
     .was = "books",
     .singular = "volume",
#else
    {.name = "books",
     .singular = "book",
#endif
     .version = VERSION,
     .label_field = "title",
     .fields = OUSE_ROWS(fields)},
};

#if STEPS > 0
/* A book of "many" pages cannot be brought over. */
static ouse_rc count_pages(struct ouse_ctx *ctx, struct ouse_str id, struct ouse_doc *record)
{
    struct ouse_str pages = ouse_text(ctx, record, "pages");
    if (ouse_is(pages, "many"))
        return ouse_fail(ctx, OUSE_E_INVALID, "/pages", "count", "%.*s: \"%.*s\" is no number", OUSE_F(id),
                         OUSE_F(pages));
    if (pages.p)
        ouse_set_number(ctx, record, "pages", atoi(ouse_format(ctx, "%.*s", OUSE_F(pages)).p));
    return OUSE_OK;
}
#endif

#if STEPS > 1
static ouse_rc count_leaves(struct ouse_ctx *ctx, struct ouse_str id, struct ouse_doc *record)
{
    (void)id;
    ouse_set_number(ctx, record, "leaves", ouse_number(ctx, record, "pages", 0) / 2);
    ouse_set_null(ctx, record, "pages");
    return OUSE_OK;
}
#endif

#if STEPS > 0
static const struct ouse_migration migrations[] = {
#if STEPS > 1
    {.collection = "books", .from = 2, .to = 3, .fn = count_leaves},
#endif
    {.collection = "books", .from = 1, .to = 2, .fn = count_pages},
};
#define MIGRATIONS , .migrations = OUSE_ROWS(migrations)
#else
#define MIGRATIONS
#endif

OUSE_PLUGIN(.name = "shelf", .version = "1.0.0", .title = "Shelf",
            .collections = OUSE_ROWS(collections) MIGRATIONS)
