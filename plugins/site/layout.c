/* layout: the common parts of every page: the name of the register, navigation, the day. */
#include "typed.h"
#include "view.h"

/* "One sentence; another one" as a list. */
static struct ouse_doc *list_sentences(struct ouse_ctx *ctx, const char *text)
{
    struct ouse_doc *list = ouse_list(ctx);
    while (*text) {
        uint32_t n = (uint32_t)strcspn(text, ";"), blank = (uint32_t)strspn(text, " \n");
        if (blank < n)
            ouse_add_text(ctx, list, (struct ouse_str){text + blank, n - blank});
        text += n + (text[n] == ';');
    }
    return list;
}

/* Returns the data of this register for the accessibility statement. */
static struct ouse_doc *describe_statement(struct ouse_ctx *ctx, const struct site *site)
{
    struct ouse_doc *statement = ouse_object(ctx), *issues = list_sentences(ctx, site->known_issues);
    ouse_set_text(ctx, statement, "prepared",
                  *site->prepared ? value_date(ctx, ouse_s(site->prepared)) : ouse_s(NULL));
    ouse_set_text(ctx, statement, "reviewed",
                  *site->reviewed ? value_date(ctx, ouse_s(site->reviewed)) : ouse_s(NULL));
    ouse_set(ctx, statement, "issues", issues);
    ouse_set_bool(ctx, statement, "partly", ouse_count(ctx, issues) > 0);
    return statement;
}

static struct ouse_doc *describe_site(struct view *view)
{
    const struct site *site = view->site;
    struct ouse_ctx *ctx = view->ctx;
    static const char *const logos[] = {"logo_png", "logo_svg"}; /* the deployer's, the best last */
    struct ouse_doc *is = ouse_object(ctx), *assets = assets_addresses(ctx, site->assets, view->model->base);
    ouse_set_text(ctx, is, "name", ouse_s(site->name));
    ouse_set_text(ctx, is, "short_name", ouse_s(*site->short_name ? site->short_name : site->name));
    ouse_set_text(ctx, is, "summary", ouse_s(site->summary));
    ouse_set_text(ctx, is, "contact", ouse_s(*site->contact ? site->contact : NULL));
    ouse_set_text(ctx, is, "footer", ouse_s(*site->footer ? site->footer : NULL));
    ouse_set_text(ctx, is, "licence", ouse_s(*site->licence ? site->licence : NULL));
    ouse_set_text(ctx, is, "licence_href", ouse_s(*site->licence_address ? site->licence_address : NULL));
    ouse_set_text(ctx, is, "base", ouse_s(view->model->base));
    ouse_set_text(ctx, is, "version", ouse_s(view->model->version));
    ouse_set_text(ctx, is, "home_href", view_href(view, NULL, "/"));
    ouse_set_text(ctx, is, "changes_href", view_href(view, NULL, "/changes"));
    ouse_set_text(ctx, is, "data_href", view_href(view, NULL, "/data"));
    ouse_set_text(ctx, is, "accessibility_href", view_href(view, NULL, "/accessibility"));
    ouse_set_text(ctx, is, "privacy_href", view_href(view, NULL, "/privacy"));
    ouse_set(ctx, is, "statement", describe_statement(ctx, site));
    ouse_set_text(ctx, is, "api_href", view_api(view, NULL, "%s", ""));
    if (model_has_plugin(view->model, "search"))
        ouse_set_text(ctx, is, "search_href", view_href(view, NULL, "/search"));
    ouse_set(ctx, is, "assets", assets);
    for (size_t i = 0; i < sizeof logos / sizeof *logos; i++)
        if (ouse_member(ctx, assets, logos[i]))
            ouse_set_text(ctx, is, "logo_href", ouse_text(ctx, assets, logos[i]));
    return is;
}

/* The collections, by the plugin that brings them. */
static struct ouse_doc *describe_navigation(struct view *view)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *groups = ouse_list(ctx);
    for (uint32_t p = 0; p < view->model->n_plugins; p++) {
        const struct plugin *plugin = &view->model->plugins[p];
        struct ouse_doc *group = ouse_object(ctx), *links = ouse_list(ctx);
        for (uint32_t i = 0; i < view->model->n_collections; i++) {
            const struct collection *collection = &view->model->collections[i];
            if (strcmp(collection->plugin, plugin->name) == 0)
                view_add_link(view, links, ouse_s(collection->title),
                              view_href(view, NULL, "/%s", collection->name));
        }
        if (ouse_count(ctx, links) == 0)
            continue;
        ouse_set_text(ctx, group, "title", ouse_s(plugin->title ? plugin->title : plugin->name));
        ouse_set(ctx, group, "links", links);
        ouse_add(ctx, groups, group);
    }
    return groups;
}

/* The subjects that readers look for, in their order; each leads to its main page, or to its list. */
static struct ouse_doc *describe_subjects(struct view *view)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *subjects = ouse_list(ctx);
    for (uint32_t i = 0; i < view->model->n_collections; i++) {
        const struct collection *is = &view->model->collections[i];
        const struct endpoint *main = model_main(view->model, is->name, 0);
        struct ouse_doc *subject = is->subject ? ouse_object(ctx) : NULL;
        ouse_set_text(ctx, subject, "title", ouse_s(is->subject));
        ouse_set_text(ctx, subject, "collection", ouse_s(is->name));
        ouse_set_number(ctx, subject, "order", is->subject_order);
        ouse_set_text(ctx, subject, "href",
                      main ? view_href(view, NULL, "/%s/-/%s", is->name, main->name)
                           : view_href(view, NULL, "/%s", is->name));
        ouse_add(ctx, subjects, subject);
    }
    ouse_sort(ctx, subjects, "order title");
    return subjects;
}

void view_section(struct view *view, const struct collection *collection)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *subjects = ouse_member(ctx, view->root, "subjects");
    for (uint32_t i = 0; i < ouse_count(ctx, subjects); i++) {
        struct ouse_doc *subject = ouse_at(ctx, subjects, i);
        ouse_set_bool(ctx, subject, "current",
                      ouse_is(ouse_text(ctx, subject, "collection"), collection->name));
    }
}

/* A time in the future means now. */
static int is_future(struct ouse_ctx *ctx, struct ouse_str as_of)
{
    int32_t first, last;
    struct ouse_str day = {as_of.p, as_of.n < 10 ? as_of.n : 10};
    return ouse_span(ctx, day, &first, &last) && first > ouse_today(ctx);
}

/* Begins the view. `at` names the page, for a template that is part of all. */
void layout_describe(struct view *view, const char *template)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *at = ouse_object(ctx), *as_of = ouse_object(ctx);
    struct ouse_str day = ouse_s(NULL);
    view->root = ouse_object(ctx);
    view->page = ouse_object(ctx);
    ouse_set_bool(ctx, at, template, 1);
    ouse_set(ctx, view->page, "at", at);
    ouse_set(ctx, view->page, "crumbs", ouse_list(ctx));
    ouse_set_text(ctx, view->page, "as_of", view->as_of);
    ouse_set_text(ctx, view->page, "keep", view_keep(view));
    if (view->request) /* an error before the page was chosen has no request */
        ouse_set_text(ctx, view->page, "now_href", view_href_now(view));
    if (view->as_of.p) {
        ouse_set_text(ctx, view->page, "as_of_text", value_date(ctx, view->as_of));
        ouse_set_bool(ctx, view->page, "future", is_future(ctx, view->as_of));
        day = (struct ouse_str){view->as_of.p, view->as_of.n < 10 ? view->as_of.n : 10};
        ouse_set_text(ctx, view->page, "as_of_day", ouse_format(ctx, "%.*s", OUSE_F(day)));
        ouse_set_text(ctx, view->page, "as_of_day_text", value_date(ctx, day));
    }
    ouse_set_text(ctx, as_of, "id", ouse_s("as-of"));
    ouse_set_text(ctx, as_of, "name", ouse_s("as_of"));
    ouse_set_text(ctx, as_of, "label", ouse_s("As it was on"));
    typed_parts(ctx, as_of, day);
    ouse_set(ctx, view->page, "as_of_date", as_of);
    ouse_set(ctx, view->root, "site", describe_site(view));
    ouse_set(ctx, view->root, "navigation", describe_navigation(view));
    ouse_set(ctx, view->root, "subjects", describe_subjects(view));
    ouse_set_bool(ctx, view->root, "has_subjects",
                  ouse_count(ctx, ouse_member(ctx, view->root, "subjects")) > 0);
    ouse_set(ctx, view->root, "page", view->page);
    if (view->collection)
        view_section(view, view->collection);
}
