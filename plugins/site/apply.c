/* apply: the form to express interest in a cohort, and the page afterwards. The plugin `training` accepts the
 * form, at /apply. If something is missing, the form is shown again with the typed values; a complete form is
 * forwarded.
 */
#include "view.h"

static const struct input {
    const char *name, *missing; /* NULL: it may be missing */
} inputs[] = {
    {"name", "Enter your name"},
    {"contact", "Enter an e-mail address or telephone number"},
    {"profession", NULL},
    {"practice", NULL},
};

/* Returns whether a text has a character other than a space. */
static int is_filled(struct ouse_str text)
{
    for (uint32_t i = 0; i < text.n; i++)
        if (text.p[i] != ' ')
            return 1;
    return 0;
}

static int is_open(struct ouse_ctx *ctx, const struct ouse_doc *cohort)
{
    return ouse_is(ouse_text(ctx, cohort, "availability"), "open");
}

static struct ouse_str form_href(struct view *view)
{
    return ouse_format(view->ctx, "%s/cohorts/%.*s/apply", view->model->base, OUSE_F(view->id));
}

/* Sets the typed values by the name of the input, and a mistake for each missing one. Returns whether any is
 * missing. */
static int describe_inputs(struct view *view, struct ouse_doc *apply)
{
    struct ouse_ctx *ctx = view->ctx;
    const struct ouse_doc *body = view->request->body;
    struct ouse_doc *typed = ouse_object(ctx), *mistakes = ouse_list(ctx);
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++) {
        struct ouse_doc *input = ouse_object(ctx), *mistake;
        struct ouse_str text = ouse_text(ctx, body, inputs[i].name);
        ouse_set_text(ctx, input, "value", text);
        ouse_set(ctx, typed, inputs[i].name, input);
        if (!body || !inputs[i].missing || is_filled(text))
            continue;
        ouse_set_text(ctx, input, "problem", ouse_s(inputs[i].missing));
        mistake = ouse_object(ctx);
        ouse_set_text(ctx, mistake, "href", ouse_format(ctx, "#%s", inputs[i].name));
        ouse_set_text(ctx, mistake, "text", ouse_s(inputs[i].missing));
        ouse_add(ctx, mistakes, mistake);
    }
    ouse_set(ctx, apply, "typed", typed);
    ouse_set(ctx, apply, "mistakes", mistakes);
    ouse_set_bool(ctx, apply, "mistaken", ouse_count(ctx, mistakes) > 0);
    return ouse_count(ctx, mistakes) > 0;
}

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
    ouse_set_text(ctx, apply, "href", form_href(view));
    ouse_set_text(ctx, apply, "starts", value_date(ctx, ouse_text(ctx, cohort, "starts")));
    ouse_set_text(ctx, apply, "closes", value_date(ctx, ouse_text(ctx, cohort, "closes")));
    ouse_set_bool(ctx, apply, "open", is_open(ctx, cohort));
    if (describe_inputs(view, apply))
        view->status = 422;
    else if (view->request->body) {
        view->location = ouse_format(ctx, "%s/apply", view->model->base);
        return -1;
    }
    ouse_set(ctx, view->root, "apply", apply);
    trail_crumbs(view);
    view_label(view);
    view_crumb(view, ouse_text(ctx, record, "label"), ouse_text(ctx, record, "href"));
    view_title(view, ouse_format(ctx, "%sRegister your interest: %.*s", view->status == 422 ? "Error: " : "",
                                 OUSE_F(ouse_text(ctx, ouse_member(ctx, apply, "scheme"), "label"))));
    return 0;
}

void apply_offer(struct view *view, const struct ouse_doc *cohort)
{
    struct ouse_doc *apply;
    if (strcmp(view->collection->name, "cohorts") != 0 || view->as_of.p || !is_open(view->ctx, cohort))
        return;
    apply = ouse_object(view->ctx);
    ouse_set_text(view->ctx, apply, "href", form_href(view));
    ouse_set(view->ctx, view->root, "apply", apply);
}
