/* formats: other formats of a page: its links, and the announcements of plugin formats in its head. */
#include "view.h"

/* Those of the server: first the one for readers. */
static const struct {
    const char *title, *suffix;
    uint32_t of;
    int for_people;
} own[] = {{"Spreadsheet (CSV)", "csv", FORMAT_RECORD | FORMAT_LIST, 1},
           {"CSV with ids", "csv", FORMAT_RECORD | FORMAT_LIST, 0},
           {"JSON", "json", FORMAT_RECORD | FORMAT_LIST | FORMAT_CHANGES, 0},
           {"NDJSON", "ndjson", FORMAT_RECORD | FORMAT_LIST, 0}};

static void add(struct view *view, struct ouse_doc *formats, const char *title, const char *type,
                struct ouse_str href)
{
    struct ouse_doc *link = ouse_object(view->ctx);
    ouse_set_text(view->ctx, link, "title", ouse_s(title));
    ouse_set_text(view->ctx, link, "href", href);
    ouse_set_text(view->ctx, link, "type", ouse_s(type));
    ouse_add(view->ctx, formats, link);
}

/* A field that is called `for`, as the parameter is, is filtered by its operator. */
struct ouse_str formats_sheet(struct view *view, const struct query *query, const char *path)
{
    struct query for_people = query ? *query : (struct query){.n = 0};
    struct ouse_str field = query_value(&for_people, "for");
    query_set(&for_people, ouse_s("for"), ouse_s("people"));
    if (field.p)
        query_set(&for_people, ouse_s("for[eq]"), field);
    return view_api(view, &for_people, "%s.csv", path);
}

struct ouse_doc *formats_of(struct view *view, uint32_t of, const char *collection, const struct query *query,
                            const char *path)
{
    struct ouse_doc *formats = ouse_list(view->ctx);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (own[i].of & of)
            add(view, formats, own[i].title, NULL,
                own[i].for_people ? formats_sheet(view, query, path)
                                  : view_api(view, query, "%s.%s", path, own[i].suffix));
    for (uint32_t i = 0; i < view->model->n_formats; i++) {
        const struct format *is = &view->model->formats[i];
        int elsewhere = is->collection && (!collection || strcmp(is->collection, collection) != 0);
        if (is->of & of && is->suffix && !elsewhere)
            add(view, formats, is->suffix, is->media_type, view_api(view, query, "%s.%s", path, is->suffix));
    }
    return formats;
}
