/* data: how to take the register away: the collections, the formats, the endpoints. */
#include "view.h"

static struct ouse_doc *describe_collection(struct view *view, const struct collection *collection)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *shown = ouse_object(ctx);
    ouse_set_text(ctx, shown, "title", ouse_s(collection->title));
    ouse_set_text(ctx, shown, "doc", ouse_s(collection->doc));
    ouse_set_text(ctx, shown, "href", view_href(view, NULL, "/%s", collection->name));
    ouse_set(
        ctx, shown, "formats",
        formats_of(view, FORMAT_LIST, collection->name, NULL, ouse_format(ctx, "/%s", collection->name).p));
    return shown;
}

static struct ouse_doc *describe_endpoint(struct view *view, const struct endpoint *endpoint)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *shown = ouse_object(ctx);
    ouse_set_text(ctx, shown, "summary", ouse_s(endpoint->summary));
    ouse_set_text(ctx, shown, "path",
                  ouse_format(ctx, "%s/api/v1/%s/%s/%s", view->model->base, endpoint->collection,
                              endpoint->of_record ? "{id}" : "-", endpoint->name));
    return shown;
}

/* Returns "https://register.example.org/register/api/v1": from the option, or from the request. */
static struct ouse_str api_address(struct view *view)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_str host = ouse_header(ctx, "Host");
    struct ouse_str origin = *view->site->address ? ouse_s(view->site->address)
                             : host.p             ? ouse_format(ctx, "http://%.*s", OUSE_F(host))
                                                  : ouse_s("");
    return ouse_format(ctx, "%.*s%s/api/v1", OUSE_F(origin), view->model->base);
}

int data_fill(struct view *view)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *data = ouse_object(ctx), *collections = ouse_list(ctx), *endpoints = ouse_list(ctx);
    for (uint32_t i = 0; i < view->model->n_collections; i++)
        ouse_add(ctx, collections, describe_collection(view, &view->model->collections[i]));
    for (uint32_t i = 0; i < view->model->n_endpoints; i++)
        ouse_add(ctx, endpoints, describe_endpoint(view, &view->model->endpoints[i]));
    ouse_sort(ctx, collections, "title href");
    ouse_sort(ctx, endpoints, "summary path");
    ouse_set_text(ctx, data, "address", api_address(view));
    ouse_set(ctx, data, "collections", collections);
    ouse_set(ctx, data, "endpoints", endpoints);
    if (model_has_plugin(view->model,
                         "openapi")) { /* it describes the present, whatever the day of the page */
        ouse_set_text(ctx, data, "openapi_href",
                      ouse_format(ctx, "%s/api/v1/openapi.json", view->model->base));
        ouse_set_text(ctx, data, "explorer_href", view_href(view, NULL, "/data/api"));
    }
    ouse_set(ctx, view->root, "data", data);
    return 0;
}
