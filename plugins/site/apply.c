/* apply: the form by which people express interest in a cohort, and the page that they see afterwards. The
 * plugin `training` takes the form, at /apply. */
#include "view.h"

int apply_fill(struct view *view)
{
    struct ouse_ctx *ctx = view->ctx;
    const struct collection *collection = view->collection;
    struct ouse_doc *cohort, *record, *apply;
    if (strcmp(collection->name, "cohorts") != 0)
        return view_fail(view, 404, "There is nothing at %.*s", OUSE_F(view->request->path));
    cohort = view_ask(view, "cohorts/%.*s", OUSE_F(query_encode(ctx, view->id)));
    if (!cohort)
        return -1;
    apply = ouse_object(ctx);
    record = view_link(view, collection->name, view->id);
    ouse_set(ctx, view->root, "record", record);
    ouse_set(ctx, apply, "scheme", view_link(view, "schemes", ouse_text(ctx, cohort, "scheme")));
    ouse_set_text(ctx, apply, "href", view_href(view, NULL, "/apply"));
    ouse_set_text(ctx, apply, "starts", value_date(ctx, ouse_text(ctx, cohort, "starts")));
    ouse_set_text(ctx, apply, "closes", value_date(ctx, ouse_text(ctx, cohort, "closes")));
    ouse_set_bool(ctx, apply, "open", ouse_is(ouse_text(ctx, cohort, "availability"), "open"));
    ouse_set(ctx, view->root, "apply", apply);
    view_label(view);
    view_crumb(view, ouse_s(collection->title), view_href(view, NULL, "/%s", collection->name));
    view_crumb(view, ouse_text(ctx, record, "label"), ouse_text(ctx, record, "href"));
    view_title(view, ouse_format(ctx, "Register your interest: %.*s",
                                 OUSE_F(ouse_text(ctx, ouse_member(ctx, apply, "scheme"), "label"))));
    return 0;
}
