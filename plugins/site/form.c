/* form: the parameters of a computed endpoint, as something to fill in. */
#include "typed.h"
#include "view.h"

enum { OFFERED = 100 }; /* records, beyond which an id is typed */

static void offer(struct view *view, struct ouse_doc *choices, struct ouse_doc *choice, struct ouse_str value,
                  struct ouse_str given)
{
    ouse_set_text(view->ctx, choice, "value", value);
    ouse_set_bool(view->ctx, choice, "chosen", ouse_same(value, given));
    ouse_add(view->ctx, choices, choice);
}

static struct ouse_doc *offer_words(struct view *view, const struct field *parameter, struct ouse_str given)
{
    struct ouse_doc *choices = ouse_list(view->ctx);
    for (uint32_t i = 0; i < parameter->choices.n; i++) {
        struct ouse_doc *choice = ouse_object(view->ctx);
        ouse_set_text(view->ctx, choice, "label", ouse_title(view->ctx, ouse_s(parameter->choices.at[i])));
        offer(view, choices, choice, ouse_s(parameter->choices.at[i]), given);
    }
    return choices;
}

/* Returns the possible targets of a reference, if they are few; the field of that name gives the
 * collection. NULL if there are no targets. */
static struct ouse_doc *offer_records(struct view *view, const struct field *parameter, struct ouse_str given)
{
    struct ouse_ctx *ctx = view->ctx;
    const struct field *like = model_field_called(view->model, view->collection, ouse_s(parameter->name));
    struct ouse_doc *choices = ouse_list(ctx), *answer;
    const struct ouse_doc *data;
    if (!like || like->targets.n != 1 || !model_collection(view->model, ouse_s(like->targets.at[0])))
        return NULL;
    answer = view_try(view, "%s?limit=%d", like->targets.at[0], OFFERED);
    data = ouse_member(ctx, answer, "data");
    if (!data || ouse_text(ctx, ouse_member(ctx, answer, "page"), "next").p)
        return NULL;
    for (uint32_t i = 0; i < ouse_count(ctx, data); i++) {
        struct ouse_str id = ouse_text(ctx, ouse_at(ctx, data, i), "id");
        offer(view, choices, view_link(view, like->targets.at[0], id), id, given);
    }
    return choices;
}

static struct ouse_doc *describe_input(struct view *view, const struct field *parameter)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *input = ouse_object(ctx), *choices = NULL;
    struct ouse_str given = query_value(&view->query, parameter->name);
    if (parameter->choices.n)
        choices = offer_words(view, parameter, given);
    else if (strcmp(parameter->type, "ref") == 0)
        choices = offer_records(view, parameter, given);
    ouse_set_text(ctx, input, "name", ouse_s(parameter->name));
    ouse_set_text(ctx, input, "title", ouse_s(parameter->title));
    ouse_set_text(ctx, input, "doc", ouse_s(parameter->doc));
    ouse_set_text(ctx, input, "value", given);
    ouse_set_text(ctx, input, "id", ouse_format(ctx, "ask-%s", parameter->name));
    ouse_set_text(ctx, input, "label", ouse_s(parameter->title));
    ouse_set_bool(ctx, input, "is_date", typed_is_date(parameter));
    typed_parts(ctx, input, given);
    ouse_set_bool(ctx, input, "offered", choices != NULL);
    ouse_set_or_null(ctx, input, "choices", choices);
    return input;
}

void form_fill(struct view *view, const struct endpoint *endpoint)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *form = ouse_object(ctx), *inputs = ouse_list(ctx);
    if (endpoint->n_parameters == 0)
        return;
    for (uint32_t i = 0; i < endpoint->n_parameters; i++)
        if (strcmp(endpoint->parameters[i].name, "as_of") != 0) /* every page has that */
            ouse_add(ctx, inputs, describe_input(view, &endpoint->parameters[i]));
    ouse_set_text(ctx, form, "href",
                  ouse_format(ctx, "%s%.*s", view->model->base, OUSE_F(view->request->path)));
    ouse_set(ctx, form, "inputs", inputs);
    ouse_set(ctx, form, "as_of_date", ouse_copy(ctx, ouse_member(ctx, view->page, "as_of_date")));
    ouse_set_text(ctx, ouse_member(ctx, form, "as_of_date"), "id", ouse_s("ask-as-of"));
    ouse_set(ctx, view->root, "form", form);
}
