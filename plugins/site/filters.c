/* filters: see filters.h. */
#include "filters.h"
#include "stock.h"
#include "typed.h"
#include <stdlib.h>
#include <strings.h>

enum { SHOWN = 8 }; /* choices of a field as boxes; the rest is a list to choose from */

/* Finds the field or path of a filter. */
static const struct field *find_field(const struct view *view, struct ouse_str name)
{
    const struct collection *collection = view->collection;
    for (uint32_t i = 0; i < collection->n_paths; i++)
        if (ouse_is(name, collection->paths[i].name))
            return &collection->paths[i];
    return model_field(collection, name);
}

/* ---- Choices of a filter
 * --------------------------------------------------------------------------- */

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

/* "4,213", or no text. */
static struct ouse_str say_count(struct ouse_ctx *ctx, const struct ouse_doc *count)
{
    return ouse_kind(ctx, count) == OUSE_JSON_NUMBER
               ? value_number(ctx, ctx->host->doc_as_number(count, 0), 0)
               : ouse_s(NULL);
}

/* A record to choose may have been hidden since it was counted (stock.h): it is shown where it is there, or
 * chosen. */
static struct ouse_doc *describe_choice(struct view *view, const struct field *field, struct ouse_str value,
                                        const struct ouse_doc *count)
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
    ouse_set_text(ctx, choice, "count", say_count(ctx, count));
    return choice;
}

/* The choices of a filter: selected values, then others while there is room, then the rest. */
struct offer {
    struct view *view;
    const struct field *field;
    struct ouse_doc *shown, *rest;
    uint32_t n_chosen;
};

static int has_value(struct ouse_ctx *ctx, const struct ouse_doc *choices, struct ouse_str value)
{
    for (uint32_t i = 0; i < ouse_count(ctx, choices); i++)
        if (ouse_same(ouse_text(ctx, ouse_at(ctx, choices, i), "value"), value))
            return 1;
    return 0;
}

static void offer_value(struct offer *offer, struct ouse_str value, const struct ouse_doc *count)
{
    struct ouse_ctx *ctx = offer->view->ctx;
    if (has_value(ctx, offer->shown, value) || has_value(ctx, offer->rest, value) ||
        ouse_count(ctx, offer->rest) >= STOCK_CHOICES)
        return;
    int shown = is_chosen(offer->view, offer->field, value) || ouse_count(ctx, offer->shown) < SHOWN;
    ouse_add(ctx, shown ? offer->shown : offer->rest,
             describe_choice(offer->view, offer->field, value, count));
}

/* Offers the values of a count that are chosen, or all. */
static void offer_counted(struct offer *offer, const struct ouse_doc *counts, int only_chosen)
{
    struct ouse_ctx *ctx = offer->view->ctx;
    for (uint32_t i = 0; i < ouse_count(ctx, counts); i++) {
        const struct ouse_doc *count = ouse_at(ctx, counts, i);
        if (!only_chosen || is_chosen(offer->view, offer->field, ouse_name(ctx, count)))
            offer_value(offer, ouse_name(ctx, count), count);
    }
}

/* Offers the values that the address names, whether or not they were counted. */
static void offer_named(struct offer *offer)
{
    struct view *view = offer->view;
    struct ouse_str one = query_value(&view->query, offer->field->name);
    struct ouse_str all = query_value(&view->query, ouse_format(view->ctx, "%s[in]", offer->field->name).p);
    const char *at = all.p, *end = at + all.n;
    if (one.p)
        offer_value(offer, one, NULL);
    while (at && at < end) {
        uint32_t n = (uint32_t)strcspn(at, ",");
        if (n)
            offer_value(offer, (struct ouse_str){at, n}, NULL);
        at += n + 1;
    }
    offer->n_chosen = ouse_count(view->ctx, offer->shown);
}

/* Offers the records that a name matches if there are several. */
static void offer_found(struct offer *offer)
{
    struct ouse_ctx *ctx = offer->view->ctx;
    const struct ouse_doc *found = ouse_member(ctx, offer->view->found, offer->field->name);
    for (uint32_t i = 0; i < ouse_count(ctx, found); i++)
        offer_value(offer, ouse_as_text(ctx, ouse_at(ctx, found, i)), NULL);
}

static const char *label_of(const char *operator)
{
    static const struct {
        const char *operator, * label;
    } labels[] = {{"gte", "From"}, {"lte", "To"}, {"prefix", "Begins with"}, {"find", "Find by name"}};
    size_t i = 0;
    while (strcmp(labels[i].operator, operator) != 0)
        i++;
    return labels[i].label;
}

/* Describes an input. It shows the text in a readable form; if the text is invalid, it has an
 * error. */
static void describe_input(struct view *view, struct ouse_doc *filter, const char *member,
                           const struct field *field, const char *operator)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *input = ouse_object(ctx);
    struct ouse_str name = ouse_format(ctx, "%s[%s]", field->name, operator);
    struct ouse_str value = query_value(&view->query, name.p),
                    problem = ouse_text(ctx, view->mistakes, name.p);
    ouse_set_text(ctx, input, "name", name);
    ouse_set_text(ctx, input, "id", ouse_format(ctx, "%s-%s", field->name, operator));
    ouse_set_text(ctx, input, "value", value.p && !problem.p ? typed_show(ctx, field, value) : value);
    ouse_set_text(ctx, input, "label", ouse_s(label_of(operator)));
    ouse_set_text(ctx, input, "problem", problem);
    ouse_set_bool(ctx, input, "is_date", typed_is_date(field));
    typed_parts(ctx, input, value);
    ouse_set(ctx, filter, member, input);
    if (value.p)
        ouse_set_text(ctx, filter, "chosen", problem.p ? ouse_s("to be corrected") : ouse_s("chosen"));
}

/* Whether records that a field refers to can be found by their names. */
static int can_find(const struct view *view, const struct field *field)
{
    return field_refers(field) && field->targets.n > 0 && strcmp(field->targets.at[0], "*") != 0 &&
           model_has_plugin(view->model, "search");
}

/* Puts the choices of a field into its filter: those that the list has, the most frequent first. While the
 * field is filtered, its other values come from the whole of the collection, so that they can be chosen too.
 */
static void describe_choices(struct view *view, struct ouse_doc *filter, const struct field *field,
                             const struct facets *facets)
{
    struct ouse_ctx *ctx = view->ctx;
    struct offer offer = {view, field, ouse_list(ctx), ouse_list(ctx), 0};
    const struct ouse_doc *counts = ouse_member(ctx, facets->counted, field->name);
    const struct ouse_doc *all = ouse_member(ctx, facets->whole, field->name);
    offer_counted(&offer, counts, 1);
    offer_named(&offer);
    offer_found(&offer);
    offer_counted(&offer, counts, 0);
    if (offer.n_chosen)
        for (uint32_t i = 0; i < ouse_count(ctx, all); i++)
            offer_value(&offer, ouse_name(ctx, ouse_at(ctx, all, i)), NULL);
    ouse_set(ctx, filter, "choices", offer.shown);
    ouse_set(ctx, filter, "rest", offer.rest);
    ouse_set_bool(ctx, filter, "more", ouse_count(ctx, offer.rest) > 0);
    ouse_set_text(ctx, filter, "rest_name", ouse_format(ctx, "%s[in]", field->name));
    if (offer.n_chosen)
        ouse_set_text(ctx, filter, "chosen", ouse_format(ctx, "%u chosen", offer.n_chosen));
    if (ouse_count(ctx, offer.rest) >= STOCK_CHOICES - SHOWN && can_find(view, field))
        describe_input(view, filter, "find", field, "find");
}

static struct ouse_doc *describe_filter(struct view *view, const struct field *field,
                                        const struct facets *facets)
{
    struct ouse_ctx *ctx = view->ctx;
    enum filter kind = filter_of(field);
    struct ouse_doc *filter = ouse_object(ctx);
    ouse_set_text(ctx, filter, "name", ouse_s(field->name));
    ouse_set_text(ctx, filter, "title", ouse_s(field->title));
    if (kind == CHOICE)
        describe_choices(view, filter, field, facets);
    if (kind == RANGE) {
        ouse_set_text(ctx, filter, "example",
                      ouse_s(typed_is_date(field) ? "a date, like 1 6 2025; the day and month may stay empty"
                                                  : typed_example(field)));
        describe_input(view, filter, "from", field, "gte");
        describe_input(view, filter, "to", field, "lte");
    }
    if (kind == WORDS)
        describe_input(view, filter, "begins", field, "prefix");
    return filter;
}

/* Whether words of the collection can be searched. */
int filters_searchable(const struct view *view)
{
    for (uint32_t i = 0; i < view->collection->n_fields; i++)
        if (view->collection->fields[i].searchable)
            return model_has_plugin(view->model, "search");
    return 0;
}

/* ---- Labels of choices ---------------------------------------------------------------------------- */

/* Returns the record that distinguishes records of the same name: the first one that it refers to. */
static struct ouse_doc *find_context(struct view *view, const struct ouse_doc *choice)
{
    struct ouse_ctx *ctx = view->ctx;
    const struct collection *of = model_collection(view->model, ouse_text(ctx, choice, "collection"));
    const struct ouse_doc *record =
        of ? view_try(view, "%s/%.*s", of->name, OUSE_F(ouse_text(ctx, choice, "id"))) : NULL;
    for (uint32_t i = 0; record && i < of->n_fields; i++) {
        const struct ouse_doc *value = ouse_member(ctx, record, of->fields[i].name);
        if (strcmp(of->fields[i].type, "ref") == 0 && ouse_kind(ctx, value) == OUSE_JSON_TEXT)
            return view_reference(view, &of->fields[i], ouse_as_text(ctx, value));
    }
    return NULL;
}

static int is_double(struct ouse_ctx *ctx, const struct ouse_doc *const lists[2], struct ouse_str label)
{
    uint32_t n = 0;
    for (int k = 0; k < 2; k++)
        for (uint32_t i = 0; i < ouse_count(ctx, lists[k]); i++)
            n += ouse_same(ouse_text(ctx, ouse_at(ctx, lists[k], i), "label"), label);
    return n > 1;
}

/* Adds its context to each label that another choice of the filter has too. */
static void tell_apart(struct view *view, const struct ouse_doc *filter)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *lists[] = {ouse_member(ctx, filter, "choices"), ouse_member(ctx, filter, "rest")};
    const struct ouse_doc *both[] = {lists[0], lists[1]};
    struct {
        struct ouse_doc *choice, *context;
    } doubles[2 * STOCK_CHOICES];
    uint32_t n = 0;
    for (int k = 0; k < 2; k++)
        for (uint32_t i = 0; i < ouse_count(ctx, lists[k]) && n < 2 * STOCK_CHOICES; i++) {
            struct ouse_doc *choice = ouse_at(ctx, lists[k], i);
            if (ouse_text(ctx, choice, "collection").p &&
                is_double(ctx, both, ouse_text(ctx, choice, "label")) &&
                (doubles[n].context = find_context(view, choice)))
                doubles[n++].choice = choice;
        }
    view_label(view);
    for (uint32_t i = 0; i < n; i++)
        ouse_set_text(ctx, doubles[i].choice, "label",
                      ouse_format(ctx, "%.*s (%.*s)", OUSE_F(ouse_text(ctx, doubles[i].choice, "label")),
                                  OUSE_F(ouse_text(ctx, doubles[i].context, "label"))));
}

struct by_label {
    struct ouse_str label;
    struct ouse_doc *choice;
};

static int compare_labels(const void *a, const void *b)
{
    const struct by_label *x = a, *y = b;
    return strcasecmp(x->label.p ? x->label.p : "", y->label.p ? y->label.p : "");
}

/* The rest of the choices is a list to look through, so it is in the order of names. */
static void sort_rest(struct view *view, struct ouse_doc *filter)
{
    struct ouse_ctx *ctx = view->ctx;
    const struct ouse_doc *rest = ouse_member(ctx, filter, "rest");
    uint32_t n = ouse_count(ctx, rest);
    struct by_label *all = ouse_alloc(ctx, (n + 1) * sizeof *all);
    struct ouse_doc *sorted = ouse_list(ctx);
    for (uint32_t i = 0; i < n; i++) {
        struct ouse_doc *choice = ouse_copy(ctx, ouse_at(ctx, rest, i));
        all[i] = (struct by_label){ouse_text(ctx, choice, "label"), choice};
    }
    qsort(all, n, sizeof *all, compare_labels);
    for (uint32_t i = 0; i < n; i++)
        ouse_add(ctx, sorted, all[i].choice);
    ouse_set(ctx, filter, "rest", sorted);
}

/* Adds the filter of a field or path, unless there is nothing to choose. */
static void add_filter(struct view *view, struct ouse_doc *filters, const struct field *field,
                       const struct facets *facets)
{
    struct ouse_ctx *ctx = view->ctx;
    enum filter kind = filter_of(field);
    struct ouse_doc *filter;
    if (kind == NO_FILTER || (kind == WORDS && filters_searchable(view)))
        return;
    filter = describe_filter(view, field, facets);
    if (kind != CHOICE || ouse_count(ctx, ouse_member(ctx, filter, "choices")))
        ouse_add(ctx, filters, filter);
}

/* Adds the paths that begin with a field, or (NULL) those that begin with no field. Their values are those
 * that the last field of the path has today, without numbers: those would be of other records. */
static void add_paths(struct view *view, struct ouse_doc *filters, const struct field *first)
{
    struct ouse_ctx *ctx = view->ctx;
    for (uint32_t i = 0; i < view->collection->n_paths; i++) {
        const struct field *path = &view->collection->paths[i];
        struct ouse_str step = {path->name, (uint32_t)strcspn(path->name, ".")};
        struct ouse_doc *values = ouse_object(ctx);
        if (model_field(view->collection, step) != first)
            continue;
        if (!view->as_of.p)
            ouse_set(ctx, values, path->name, stock_values(view, path->of, path->like->name));
        add_filter(view, filters, path, &(struct facets){values, values});
    }
}

void filters_describe(struct view *view, struct ouse_doc *list, const struct facets *facets)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *filters = ouse_list(ctx);
    for (uint32_t i = 0; i < view->collection->n_fields; i++) {
        add_filter(view, filters, &view->collection->fields[i], facets);
        add_paths(view, filters, &view->collection->fields[i]);
    }
    add_paths(view, filters, NULL);
    view_label(view);
    for (uint32_t i = 0; i < ouse_count(ctx, filters); i++) {
        struct ouse_doc *filter = ouse_at(ctx, filters, i);
        tell_apart(view, filter);
        if (ouse_count(ctx, ouse_member(ctx, filter, "rest")))
            sort_rest(view, filter);
    }
    ouse_set(ctx, list, "filters", filters);
}

/* Of the field, or the path to one, in the name of a filter: "starts" of "starts[gte]", "pillar.hub". */
static uint32_t name_length(struct ouse_str name)
{
    uint32_t n = 0;
    while (n < name.n && name.p[n] != '[')
        n++;
    return n;
}

/* ---- Input of the reader
 * --------------------------------------------------------------------------- */

/* Whether a name ends in an operator; then `*field` is the field before it. */
static int is_operator(const struct view *view, struct ouse_str name, const char *operator,
                       const struct field ** field)
{
    uint32_t n = (uint32_t)strlen(operator);
    if (name.n <= n || memcmp(name.p + name.n - n, operator, n) != 0)
        return 0;
    *field = find_field(view, (struct ouse_str){name.p, name.n - n});
    return *field != NULL;
}

OUSE_PRINTF(3, 4)
static void mistake(struct view *view, struct ouse_str name, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    ouse_set_text(view->ctx, view->mistakes, name.p, view->ctx->host->vformat(view->ctx, format, args));
    va_end(args);
}

/* Adds the records of a collection that have a name to those that a field may refer to; one of exactly this
 * name comes alone. Returns whether there is one. */
static int find_records(struct view *view, const struct field *field, const char *collection,
                        struct ouse_str name, struct ouse_doc *found)
{
    struct ouse_ctx *ctx = view->ctx;
    const struct ouse_doc *data = ouse_member(
        ctx, view_try(view, "-/suggest?collection=%s&q=%.*s", collection, OUSE_F(query_encode(ctx, name))),
        "data");
    for (uint32_t i = 0; i < ouse_count(ctx, data); i++) {
        const struct ouse_doc *hit = ouse_at(ctx, data, i);
        struct ouse_str id = ouse_text(ctx, hit, "id"), label = ouse_text(ctx, hit, "label");
        struct ouse_str reference =
            field->qualified ? ouse_format(ctx, "%s/%.*s", collection, OUSE_F(id)) : id;
        if (label.n == name.n && strncasecmp(label.p, name.p, name.n) == 0) {
            ouse_set(ctx, view->found, field->name, ouse_list(ctx));
            ouse_add_text(ctx, ouse_member(ctx, view->found, field->name), reference);
            return 1;
        }
        ouse_add_text(ctx, found, reference);
    }
    return 0;
}

/* "leads[find]=Sandy" becomes "leads=ID" if one record has that name. */
static void read_name(struct view *view, const struct field *field, struct ouse_str name,
                      struct ouse_str text)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *found = ouse_list(ctx);
    ouse_set(ctx, view->found, field->name, found);
    for (uint32_t i = 0; i < field->targets.n; i++)
        if (find_records(view, field, field->targets.at[i], text, found))
            break;
    found = ouse_member(ctx, view->found, field->name);
    if (ouse_count(ctx, found) == 1) {
        query_set(&view->query, name, ouse_s(NULL));
        query_add(ctx, &view->query, ouse_s(field->name), ouse_as_text(ctx, ouse_at(ctx, found, 0)));
    } else if (ouse_count(ctx, found) == 0)
        mistake(view, name, "No name has the words “%.*s”; check the spelling or type fewer letters",
                OUSE_F(text));
    else
        mistake(view, name,
                "More than one name has the words “%.*s”; choose from the list or type more of the name",
                OUSE_F(text));
}

int filters_read(struct view *view)
{
    const struct query typed = view->query;
    view->mistakes = ouse_object(view->ctx);
    view->found = ouse_object(view->ctx);
    for (uint32_t i = 0; i < typed.n; i++) {
        const struct pair *pair = &typed.at[i];
        const struct field *field;
        int last = is_operator(view, pair->name, "[lte]", &field);
        if (last || is_operator(view, pair->name, "[gte]", &field)) {
            struct ouse_str value = typed_value(view->ctx, field, pair->value, last);
            if (value.p)
                query_set(&view->query, pair->name, value);
            else
                mistake(view, pair->name, "%s %s must be %s", field->title, last ? "to" : "from",
                        typed_example(field));
        } else if (is_operator(view, pair->name, "[find]", &field) && can_find(view, field))
            read_name(view, field, pair->name, pair->value);
    }
    return ouse_count(view->ctx, view->mistakes) == 0;
}

struct ouse_doc *filters_mistakes(struct view *view)
{
    struct ouse_ctx *ctx = view->ctx;
    struct ouse_doc *list = ouse_list(ctx);
    for (uint32_t i = 0; i < ouse_count(ctx, view->mistakes); i++) {
        const struct ouse_doc *one = ouse_at(ctx, view->mistakes, i);
        struct ouse_str name = ouse_name(ctx, one);
        struct ouse_doc *shown = ouse_object(ctx);
        ouse_set_text(ctx, shown, "text", ouse_as_text(ctx, one));
        ouse_set_text(ctx, shown, "href",
                      ouse_format(ctx, "#%.*s-%.*s", (int)name_length(name), name.p,
                                  (int)(name.n - name_length(name) - 2), name.p + name_length(name) + 1));
        ouse_add(ctx, list, shown);
    }
    return list;
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

/* ---- Active filters
 * ---------------------------------------------------------------------------------- */

static int is_of_page(struct ouse_str name)
{
    static const char *const names[] = {"cursor", "limit", "sort", "q", "row"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (ouse_is(name, names[i]))
            return 1;
    return 0;
}

/* Finds the field that a path ends in, over references and back over records that refer. */
static const struct field *follow(struct view *view, const struct collection *collection,
                                  struct ouse_str path)
{
    const char *dot = memchr(path.p, '.', path.n);
    struct ouse_str step = {path.p, dot ? (uint32_t)(dot - path.p) : path.n};
    struct ouse_str rest = {path.p + step.n + 1, dot ? path.n - step.n - 1 : 0};
    const struct field *field = model_field(collection, step), *found = NULL;
    const struct collection *back = field || !dot ? NULL : model_collection(view->model, step);
    if (!dot)
        return field;
    for (uint32_t i = 0; field && i < field->targets.n && !found; i++) {
        const struct collection *to = model_collection(view->model, ouse_s(field->targets.at[i]));
        found = to ? follow(view, to, rest) : NULL;
    }
    return back ? follow(view, back, rest) : found;
}

/* Returns the field of a filter: of "pillar.hub" that is hub, of the collection that pillar refers to. */
static const struct field *field_of(struct view *view, struct ouse_str name)
{
    struct ouse_str path = {name.p, name_length(name)};
    const struct field *field = find_field(view, path);
    return field ? field : follow(view, view->collection, path);
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
    const struct field *field = field_of(view, name);
    struct ouse_str title = field                     ? ouse_s(field->title)
                            : ouse_is(name, "id[in]") ? ouse_s("Record")
                                                      : ouse_title(view->ctx, (struct ouse_str){name.p, n});
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

/* Returns a value of a filter, that is no reference, in words. The times of a record have no field. */
static struct ouse_str describe_value(struct view *view, const struct field *field, struct ouse_str name,
                                      struct ouse_str value)
{
    int exists = name.n > 8 && memcmp(name.p + name.n - 8, "[exists]", 8) == 0;
    if (exists || (field && strcmp(field->type, "bool") == 0))
        return ouse_s(ouse_is(value, "false") ? "No" : "Yes");
    if (!field)
        return value_date(view->ctx, value);
    return field->choices.n ? ouse_title(view->ctx, value) : typed_show(view->ctx, field, value);
}

/* Adds one value of a filter, and the address without it. */
static void add_active(struct view *view, struct ouse_doc *active, const struct pair *pair,
                       struct ouse_str value, struct ouse_str left)
{
    struct ouse_ctx *ctx = view->ctx;
    const struct field *field = field_of(view, pair->name);
    int refers = holds_references(field, pair->name), is_id = ouse_is(pair->name, "id[in]");
    struct query without = view->query;
    struct ouse_doc *one = refers  ? view_reference(view, field, value)
                           : is_id ? view_link(view, view->collection->name, value)
                                   : ouse_object(ctx);
    if (!refers && !is_id)
        ouse_set_text(ctx, one, "label", describe_value(view, field, pair->name, value));
    query_set(&without, pair->name, left);
    query_set(&without, ouse_s("cursor"), ouse_s(NULL));
    ouse_set_text(ctx, one, "title", describe_operator(view, pair->name));
    ouse_set_text(ctx, one, "remove_href", view_href_here(view, &without));
    ouse_add(ctx, active, one);
}

/* Adds each of several values, "a,b,c", with the address that keeps the others. */
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
        if (is_of_page(pair->name) || ouse_member(view->ctx, view->mistakes, pair->name.p))
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
