/* filters: see filters.h. */
#include "filters.h"
#include "stock.h"

/* ---- What can be chosen ---------------------------------------------------------------------------- */

enum filter { NO_FILTER, CHOICE, RANGE, WORDS };

static enum filter filter_of(const struct field *field)
{
    static const struct {
        const char *type;
        enum filter filter;
    } filters[] = {{"enum", CHOICE}, {"list", CHOICE}, {"bool", CHOICE}, {"ref", CHOICE},
                   {"refs", CHOICE}, {"date", RANGE},  {"pdate", RANGE}, {"int", RANGE},
                   {"money", RANGE}, {"qty", RANGE},   {"text", WORDS}};
    if (field->derived || (!field->indexed && !field_refers(field)))
        return NO_FILTER;
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++)
        if (strcmp(filters[i].type, field->type) == 0)
            return filters[i].filter;
    return NO_FILTER;
}

/* Whether a value is chosen: "state=open", or one of "state[in]=open,closed". */
static int is_chosen(struct view *view, const struct field *field, struct ouse_str value)
{
    struct ouse_str several = query_value(&view->query, ouse_format(view->ctx, "%s[in]", field->name).p);
    const char *at = several.p;
    if (ouse_same(query_value(&view->query, field->name), value))
        return 1;
    while (at && at < several.p + several.n) {
        uint32_t n = (uint32_t)strcspn(at, ",");
        if (ouse_same((struct ouse_str){at, n}, value))
            return 1;
        at += n + 1;
    }
    return 0;
}

/* "4,213", "about 4,213", or no text. */
static struct ouse_str say_count(struct ouse_ctx *ctx, const struct ouse_doc *count, int now)
{
    if (ouse_kind(ctx, count) != OUSE_JSON_NUMBER)
        return ouse_s(NULL);
    return ouse_format(ctx, "%s%.*s", now ? "" : "about ",
                       OUSE_F(value_number(ctx, ctx->host->doc_as_number(count, 0), 0)));
}

/* A record to choose may have been hidden since it was counted (stock.h): it is shown where it is there, or
 * chosen. */
static struct ouse_doc *describe_choice(struct view *view, const struct field *field, struct ouse_str value,
                                        struct ouse_str count)
{
    struct ouse_ctx *ctx = view->ctx;
    int chosen = is_chosen(view, field, value);
    struct ouse_doc *choice = field_refers(field) ? view_reference(view, field, value) : ouse_object(ctx);
    if (!field_refers(field))
        ouse_set_text(ctx, choice, "label", ouse_title(ctx, value));
    ouse_set_text(ctx, choice, "name", ouse_s(field->name));
    ouse_set_text(ctx, choice, "value", value);
    ouse_set_bool(ctx, choice, "chosen", chosen);
    ouse_set_bool(ctx, choice, "told", chosen || !field_refers(field));
    ouse_set_text(ctx, choice, "count", count);
    return choice;
}

/* Those that the list has, the most frequent first; and one that is chosen, in any case. */
static struct ouse_doc *describe_choices(struct view *view, const struct field *field,
                                         const struct ouse_doc *facets, int now)
{
    struct ouse_ctx *ctx = view->ctx;
    const struct ouse_doc *counts = ouse_member(ctx, facets, field->name);
    struct ouse_doc *choices = ouse_list(ctx);
    struct ouse_str chosen = query_value(&view->query, field->name);
    for (uint32_t i = 0; i < ouse_count(ctx, counts) && i < STOCK_CHOICES; i++) {
        const struct ouse_doc *count = ouse_at(ctx, counts, i);
        if (ouse_same(ouse_name(ctx, count), chosen))
            chosen = ouse_s(NULL);
        ouse_add(ctx, choices,
                 describe_choice(view, field, ouse_name(ctx, count), say_count(ctx, count, now)));
    }
    if (chosen.p)
        ouse_add(ctx, choices, describe_choice(view, field, chosen, ouse_s(NULL)));
    return choices;
}

static void describe_input(struct view *view, struct ouse_doc *filter, const char *member,
                           const struct field *field, const char *operator)
{
    struct ouse_doc *input = ouse_object(view->ctx);
    struct ouse_str name = ouse_format(view->ctx, "%s[%s]", field->name, operator);
    ouse_set_text(view->ctx, input, "name", name);
    ouse_set_bool(view->ctx, input, "date",
                  strcmp(field->type, "date") == 0 || strcmp(field->type, "pdate") == 0);
    ouse_set_text(view->ctx, input, "value", query_value(&view->query, name.p));
    ouse_set(view->ctx, filter, member, input);
}

static struct ouse_doc *describe_filter(struct view *view, const struct field *field,
                                        const struct ouse_doc *facets, int now)
{
    struct ouse_ctx *ctx = view->ctx;
    enum filter kind = filter_of(field);
    struct ouse_doc *filter = ouse_object(ctx);
    ouse_set_text(ctx, filter, "name", ouse_s(field->name));
    ouse_set_text(ctx, filter, "title", ouse_s(field->title));
    if (kind == CHOICE)
        ouse_set(ctx, filter, "choices", describe_choices(view, field, facets, now));
    if (kind == RANGE) {
        describe_input(view, filter, "from", field, "gte");
        describe_input(view, filter, "to", field, "lte");
    }
    if (kind == WORDS)
        describe_input(view, filter, "begins", field, "prefix");
    return filter;
}

void filters_describe(struct view *view, struct ouse_doc *list, const struct ouse_doc *facets, int now)
{
    struct ouse_doc *filters = ouse_list(view->ctx);
    for (uint32_t i = 0; i < view->collection->n_fields; i++) {
        const struct field *field = &view->collection->fields[i];
        enum filter kind = filter_of(field);
        if (kind == NO_FILTER ||
            (kind == CHOICE && !ouse_count(view->ctx, ouse_member(view->ctx, facets, field->name))))
            continue;
        ouse_add(view->ctx, filters, describe_filter(view, field, facets, now));
    }
    ouse_set(view->ctx, list, "filters", filters);
}

uint32_t filters_fields(const struct collection *collection, const struct field *fields[FILTERS_CHOSEN])
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < collection->n_fields && n < FILTERS_CHOSEN; i++)
        if (filter_of(&collection->fields[i]) == CHOICE)
            fields[n++] = &collection->fields[i];
    return n;
}

struct ouse_str filters_names(struct ouse_ctx *ctx, const struct collection *collection)
{
    const struct field *fields[FILTERS_CHOSEN];
    uint32_t n = filters_fields(collection, fields);
    struct ouse_str names = ouse_s(NULL);
    for (uint32_t i = 0; i < n; i++)
        names = ouse_format(ctx, "%.*s%s%s", OUSE_F(names), i ? "," : "", fields[i]->name);
    return names;
}

/* ---- What is chosen -------------------------------------------------------------------------------- */

static int is_of_page(struct ouse_str name)
{
    static const char *const names[] = {"cursor", "limit", "sort", "q"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (ouse_is(name, names[i]))
            return 1;
    return 0;
}

/* Of the field in the name of a filter: "starts[gte]" is of starts, "pillar.hub" of pillar. */
static uint32_t name_length(struct ouse_str name)
{
    uint32_t n = 0;
    while (n < name.n && name.p[n] != '[' && name.p[n] != '.')
        n++;
    return n;
}

/* How a filter is called: "Starts from". */
static struct ouse_str describe_operator(struct view *view, struct ouse_str name)
{
    static const struct {
        const char *operator, * said;
    } words[] = {{"[gte]", "from"},           {"[lte]", "to"},
                 {"[gt]", "after"},           {"[lt]", "before"},
                 {"[prefix]", "begins with"}, {"[ne]", "is not"},
                 {"[contains]", "contains"},  {"[exists]", "is known"}};
    uint32_t n = name_length(name);
    const struct field *field = model_field(view->collection, (struct ouse_str){name.p, n});
    struct ouse_str title = field ? ouse_s(field->title) : (struct ouse_str){name.p, n};
    struct ouse_str operator= {name.p + n, name.n - n};
    const char *said = "";
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (ouse_is(operator, words[i].operator))
            said = words[i].said;
    return ouse_format(view->ctx, "%.*s%s%s", OUSE_F(title), *said ? " " : "", said);
}

/* Whether the values of a filter are references of this field. */
static int holds_references(const struct field *field, struct ouse_str name)
{
    static const char *const operators[] = {"", "[in]", "[ne]"};
    uint32_t n = name_length(name);
    for (size_t i = 0; field && field_refers(field) && i < sizeof operators / sizeof *operators; i++)
        if (ouse_is((struct ouse_str){name.p + n, name.n - n}, operators[i]))
            return 1;
    return 0;
}

/* One value of a filter, and the address with what is left of it: no text, nothing. */
static void add_active(struct view *view, struct ouse_doc *active, const struct pair *pair,
                       struct ouse_str value, struct ouse_str left)
{
    struct ouse_ctx *ctx = view->ctx;
    const struct field *field =
        model_field(view->collection, (struct ouse_str){pair->name.p, name_length(pair->name)});
    int refers = holds_references(field, pair->name);
    struct query without = view->query;
    struct ouse_doc *one = refers ? view_reference(view, field, value) : ouse_object(ctx);
    if (!refers)
        ouse_set_text(ctx, one, "label", field && field->choices.n ? ouse_title(ctx, value) : value);
    query_set(&without, pair->name, left);
    query_set(&without, ouse_s("cursor"), ouse_s(NULL));
    ouse_set_text(ctx, one, "title", describe_operator(view, pair->name));
    ouse_set_text(ctx, one, "remove_href", view_href_here(view, &without));
    ouse_add(ctx, active, one);
}

/* Each of several values that are asked for, "a,b,c", with the others left. */
static void add_several(struct view *view, struct ouse_doc *active, const struct pair *pair)
{
    const char *from = pair->value.p, *end = from + pair->value.n;
    for (const char *at = from; at < end;) {
        const char *comma = memchr(at, ',', (size_t)(end - at)), *stop = comma ? comma : end;
        struct ouse_str before = {from, (uint32_t)(at > from ? at - 1 - from : 0)};
        struct ouse_str behind = {stop + 1, (uint32_t)(comma ? end - stop - 1 : 0)};
        struct ouse_str left = ouse_format(view->ctx, "%.*s%s%.*s", OUSE_F(before),
                                           before.n && behind.n ? "," : "", OUSE_F(behind));
        add_active(view, active, pair, (struct ouse_str){at, (uint32_t)(stop - at)},
                   left.n ? left : ouse_s(NULL));
        at = stop + 1;
    }
}

struct ouse_doc *filters_active(struct view *view)
{
    static const char several[] = "[in]";
    struct ouse_doc *active = ouse_list(view->ctx);
    for (uint32_t i = 0; i < view->query.n; i++) {
        const struct pair *pair = &view->query.at[i];
        size_t n = strlen(several);
        if (is_of_page(pair->name))
            continue;
        if (pair->name.n > n && memcmp(pair->name.p + pair->name.n - n, several, n) == 0)
            add_several(view, active, pair);
        else
            add_active(view, active, pair, pair->value, ouse_s(NULL));
    }
    return active;
}

int filters_any(const struct view *view)
{
    for (uint32_t i = 0; i < view->query.n; i++)
        if (!is_of_page(view->query.at[i].name) || ouse_is(view->query.at[i].name, "q"))
            return 1;
    return view->as_of.p != NULL;
}
