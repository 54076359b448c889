/* formats: what a page shows, in other forms: offered on it, and announced in its head where a plugin
 * brings them.
 */
#include "view.h"

/* Those of the server; the names are suffixes, too. */
static const struct {
    const char *suffix;
    uint32_t of;
} own[] = {{"csv", FORMAT_RECORD | FORMAT_LIST},
           {"json", FORMAT_RECORD | FORMAT_LIST | FORMAT_CHANGES},
           {"ndjson", FORMAT_RECORD | FORMAT_LIST}};

static void add(struct view *view, struct ouse_doc *formats, const struct query *query, const char *path,
                const char *suffix, const char *type)
{
    struct ouse_doc *link = ouse_object(view->ctx);
    ouse_set_text(view->ctx, link, "title", ouse_s(suffix));
    ouse_set_text(view->ctx, link, "href", view_api(view, query, "%s.%s", path, suffix));
    ouse_set_text(view->ctx, link, "type", ouse_s(type));
    ouse_add(view->ctx, formats, link);
}

struct ouse_doc *formats_of(struct view *view, uint32_t of, const char *collection, const struct query *query,
                            const char *path)
{
    struct ouse_doc *formats = ouse_list(view->ctx);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (own[i].of & of)
            add(view, formats, query, path, own[i].suffix, NULL);
    for (uint32_t i = 0; i < view->model->n_formats; i++) {
        const struct format *is = &view->model->formats[i];
        int elsewhere = is->collection && (!collection || strcmp(is->collection, collection) != 0);
        if (is->of & of && is->suffix && !elsewhere)
            add(view, formats, query, path, is->suffix, is->media_type);
    }
    return formats;
}
