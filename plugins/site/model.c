/* model: see model.h. */
#include "model.h"
#include "paths.h"
#include <pthread.h>
#include <stdlib.h>

#define API "/api/v1/"

enum { ROLES = 8, BLOCK = 16 << 10 };

/* Memory that is freed at once. */
struct pool {
    struct block {
        struct block *next;
        char bytes[];
    } * blocks;
    size_t left;
};

struct models {
    pthread_mutex_t lock;
    struct pool pool;
    struct model *at[ROLES];
    uint32_t n;
};

static void *take(struct pool *pool, size_t n)
{
    n = (n + 15) & ~(size_t)15;
    if (n > pool->left) {
        size_t room = n > BLOCK ? n : BLOCK;
        struct block *block = calloc(1, sizeof *block + 16 + room);
        if (!block)
            abort();
        block->next = pool->blocks;
        pool->blocks = block;
        pool->left = room;
    }
    pool->left -= n;
    uintptr_t at = ((uintptr_t)pool->blocks->bytes + 15) & ~(uintptr_t)15;
    return (char *)at + pool->left;
}

/* ---- From the description --------------------------------------------------------------- */

struct making {
    struct ouse_ctx *ctx;
    struct pool *pool;
    struct model *model;
};

static const char *keep(struct making *m, struct ouse_str text)
{
    char *copy = text.p ? take(m->pool, text.n + 1) : NULL;
    if (copy) {
        memcpy(copy, text.p, text.n);
        copy[text.n] = 0;
    }
    return copy;
}

static const char *text(struct making *m, const struct ouse_doc *of, const char *name)
{
    return keep(m, ouse_text(m->ctx, of, name));
}

static int flag(struct making *m, const struct ouse_doc *of, const char *name)
{
    return ouse_number(m->ctx, of, name, 0) != 0;
}

static struct words words(struct making *m, const struct ouse_doc *list)
{
    struct words all = {NULL, ouse_count(m->ctx, list)};
    all.at = take(m->pool, (all.n + 1) * sizeof *all.at);
    for (uint32_t i = 0; i < all.n; i++)
        all.at[i] = keep(m, ouse_as_text(m->ctx, ouse_at(m->ctx, list, i)));
    return all;
}

static void make_field(struct making *m, const struct ouse_doc *from, struct field *field)
{
    struct ouse_ctx *ctx = m->ctx;
    *field = (struct field){.name = text(m, from, "name"),
                            .title = text(m, from, "title"),
                            .doc = text(m, from, "doc"),
                            .type = text(m, from, "type"),
                            .inverse = text(m, from, "inverse"),
                            .choices = words(m, ouse_member(ctx, from, "choices")),
                            .targets = words(m, ouse_member(ctx, from, "refers_to")),
                            .qualified = flag(m, from, "qualified"),
                            .indexed = flag(m, from, "indexed"),
                            .searchable = flag(m, from, "searchable")};
    if (!field->title)
        field->title = keep(m, ouse_title(ctx, ouse_s(field->name)));
}

/* A choice that a state machine moves is a state; so is one of these names, which nothing moves. */
static int is_state(struct making *m, const struct ouse_doc *flows, const struct field *field)
{
    static const char *const names[] = {"state", "status", "availability"};
    for (uint32_t i = 0; i < ouse_count(m->ctx, flows); i++)
        if (ouse_is(ouse_text(m->ctx, ouse_at(m->ctx, flows, i), "field"), field->name))
            return 1;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(field->name, names[i]) == 0)
            return 1;
    return 0;
}

static struct join make_join(struct making *m, const struct ouse_doc *from)
{
    return (struct join){.of = text(m, from, "of"),
                         .from = text(m, from, "from"),
                         .to = text(m, from, "to"),
                         .amount = text(m, from, "amount"),
                         .text = text(m, from, "text"),
                         .order = text(m, from, "order"),
                         .with = words(m, ouse_member(m->ctx, from, "with")),
                         .role = words(m, ouse_member(m->ctx, from, "role"))};
}

static void make_collection(struct making *m, const struct ouse_doc *from, struct collection *collection)
{
    struct ouse_ctx *ctx = m->ctx;
    const struct ouse_doc *fields = ouse_member(ctx, from, "fields"),
                          *derived = ouse_member(ctx, from, "derived");
    uint32_t n = ouse_count(ctx, fields), all = n + ouse_count(ctx, derived);
    *collection =
        (struct collection){.name = text(m, from, "name"),
                            .singular = text(m, from, "singular"),
                            .title = text(m, from, "title"),
                            .doc = text(m, from, "doc"),
                            .plugin = text(m, from, "plugin"),
                            .fields = take(m->pool, (all + 1) * sizeof(struct field)),
                            .n_fields = all,
                            .labels = words(m, ouse_member(ctx, from, "labels")),
                            .state = text(m, ouse_at(ctx, ouse_member(ctx, from, "flows"), 0), "field"),
                            .join = make_join(m, ouse_member(ctx, from, "join")),
                            .parent = text(m, from, "parent"),
                            .honorific = text(m, from, "honorific"),
                            .subtitle = text(m, from, "subtitle"),
                            .context = words(m, ouse_member(ctx, from, "context")),
                            .subject = text(m, from, "subject"),
                            .subject_order = (uint32_t)ouse_number(ctx, from, "subject_order", 0),
                            .stock = stock_create()};
    if (!collection->title)
        collection->title = keep(m, ouse_title(ctx, ouse_s(collection->name)));
    for (uint32_t i = 0; i < all; i++) {
        make_field(m, i < n ? ouse_at(ctx, fields, i) : ouse_at(ctx, derived, i - n), &collection->fields[i]);
        collection->fields[i].derived = i >= n;
        collection->fields[i].state = is_state(m, ouse_member(ctx, from, "flows"), &collection->fields[i]);
    }
}

/* Returns whether a collection has pages. A collection that a role may add to, but not read, has no
 * pages. */
static int is_seen(struct making *m, const struct ouse_doc *collection)
{
    static const struct {
        const char *name;
        uint32_t role;
    } levels[] = {{"partner", OUSE_PARTNER}, {"office", OUSE_OFFICE}};
    struct ouse_str visibility = ouse_text(m->ctx, collection, "visibility");
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        if (ouse_is(visibility, levels[i].name))
            return m->model->role >= levels[i].role;
    return 1;
}

static void make_collections(struct making *m, const struct ouse_doc *list)
{
    uint32_t n = ouse_count(m->ctx, list);
    m->model->collections = take(m->pool, (n + 1) * sizeof(struct collection));
    for (uint32_t i = 0; i < n; i++)
        if (is_seen(m, ouse_at(m->ctx, list, i)))
            make_collection(m, ouse_at(m->ctx, list, i), &m->model->collections[m->model->n_collections++]);
}

/* Returns the segment that begins at *at, and moves *at after its slash. */
static struct ouse_str segment(const char **at)
{
    struct ouse_str is = {*at, (uint32_t)strcspn(*at, "/")};
    *at += is.n + ((*at)[is.n] == '/');
    return is;
}

static const char *keep_text(void *making, struct ouse_str text)
{
    return keep(making, text);
}

static void *take_memory(void *making, size_t n)
{
    return take(((struct making *)making)->pool, n);
}

static void make_drawings(struct making *m, const struct ouse_doc *route, struct endpoint *endpoint)
{
    const struct ouse_doc *declared =
        ouse_member(m->ctx, ouse_member(m->ctx, route, "reply_schema"), "x-charts");
    uint32_t n = ouse_count(m->ctx, declared);
    endpoint->drawings = take(m->pool, (n + 1) * sizeof *endpoint->drawings);
    for (uint32_t i = 0; i < n; i++)
        if (drawing_read(m->ctx, ouse_at(m->ctx, declared, i), keep_text, m,
                         &endpoint->drawings[endpoint->n_drawings]) == 0)
            endpoint->n_drawings++;
}

static void make_parameters(struct making *m, const struct ouse_doc *route, struct endpoint *endpoint)
{
    const struct ouse_doc *declared = ouse_member(m->ctx, route, "parameters");
    endpoint->n_parameters = ouse_count(m->ctx, declared);
    endpoint->parameters = take(m->pool, (endpoint->n_parameters + 1) * sizeof *endpoint->parameters);
    for (uint32_t i = 0; i < endpoint->n_parameters; i++)
        make_field(m, ouse_at(m->ctx, declared, i), &endpoint->parameters[i]);
}

/* Whether a route is a computed endpoint: GET /api/v1/hubs/{id}/portfolio. */
static int is_endpoint(struct making *m, const struct ouse_doc *route, struct endpoint *endpoint)
{
    struct ouse_str path = ouse_text(m->ctx, route, "path"), collection, of, name;
    const char *at = path.p + strlen(API);
    if (!ouse_is(ouse_text(m->ctx, route, "method"), "GET") || path.n <= strlen(API) ||
        memcmp(path.p, API, strlen(API)) != 0)
        return 0;
    collection = segment(&at);
    of = segment(&at);
    name = segment(&at);
    if (*at || !name.n || name.p[0] == '{' || !model_collection(m->model, collection) ||
        !(ouse_is(of, "{id}") || ouse_is(of, "-")))
        return 0;
    *endpoint = (struct endpoint){.collection = keep(m, collection),
                                  .name = keep(m, name),
                                  .summary = text(m, route, "summary"),
                                  .of_record = ouse_is(of, "{id}"),
                                  .is_main = ouse_count(m->ctx, ouse_member(m->ctx, route, "flags")) > 0};
    make_drawings(m, route, endpoint);
    make_parameters(m, route, endpoint);
    return 1;
}

/* Reads the subjects of a format: ["record", "list"] */
static uint32_t applies(struct making *m, const struct ouse_doc *of)
{
    static const struct {
        const char *name;
        uint32_t bit;
    } kinds[] = {{"record", FORMAT_RECORD}, {"list", FORMAT_LIST}, {"changes", FORMAT_CHANGES}};
    uint32_t bits = 0;
    for (uint32_t i = 0; i < ouse_count(m->ctx, of); i++)
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
            if (ouse_is(ouse_as_text(m->ctx, ouse_at(m->ctx, of, i)), kinds[k].name))
                bits |= kinds[k].bit;
    return bits;
}

static void make_plugin(struct making *m, const struct ouse_doc *from)
{
    struct ouse_ctx *ctx = m->ctx;
    struct model *model = m->model;
    const struct ouse_doc *routes = ouse_member(ctx, from, "routes"),
                          *formats = ouse_member(ctx, from, "formats");
    model->plugins[model->n_plugins++] = (struct plugin){text(m, from, "name"), text(m, from, "version"),
                                                         text(m, from, "title"), text(m, from, "doc")};
    for (uint32_t i = 0; i < ouse_count(ctx, routes); i++)
        model->n_endpoints +=
            (uint32_t)is_endpoint(m, ouse_at(ctx, routes, i), &model->endpoints[model->n_endpoints]);
    for (uint32_t i = 0; i < ouse_count(ctx, formats); i++) {
        const struct ouse_doc *format = ouse_at(ctx, formats, i);
        model->formats[model->n_formats++] =
            (struct format){text(m, format, "media_type"), text(m, format, "suffix"),
                            text(m, format, "collection"), applies(m, ouse_member(ctx, format, "of"))};
    }
}

/* Where a name stands among those of all fields, or would stand. */
static uint32_t place_of(const struct model *model, struct ouse_str name)
{
    uint32_t from = 0, to = model->n_named;
    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        if (strncmp(model->named[middle]->name, name.p, name.n) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static const struct field *field_called(const struct model *model, struct ouse_str name)
{
    uint32_t place = name.p ? place_of(model, name) : model->n_named;
    return place < model->n_named && ouse_is(name, model->named[place]->name) ? model->named[place] : NULL;
}

static void name_fields(struct making *m)
{
    struct model *model = m->model;
    uint32_t n = 0;
    for (uint32_t i = 0; i < model->n_collections; i++)
        n += model->collections[i].n_fields;
    model->named = take(m->pool, (n + 1) * sizeof *model->named);
    for (uint32_t i = 0; i < model->n_collections; i++)
        for (uint32_t k = 0; k < model->collections[i].n_fields; k++) {
            const struct field *field = &model->collections[i].fields[k];
            uint32_t place = place_of(model, ouse_s(field->name));
            if (field_called(model, ouse_s(field->name)))
                continue;
            memmove(&model->named[place + 1], &model->named[place],
                    (model->n_named - place) * sizeof *model->named);
            model->named[place] = field;
            model->n_named++;
        }
}

/* Counts the entries of plugins under a name, so that tables can be allocated at once. */
static uint32_t count_all(struct making *m, const struct ouse_doc *plugins, const char *name)
{
    uint32_t n = 1;
    for (uint32_t i = 0; i < ouse_count(m->ctx, plugins); i++)
        n += ouse_count(m->ctx, ouse_member(m->ctx, ouse_at(m->ctx, plugins, i), name));
    return n;
}

static struct model *make(struct ouse_ctx *ctx, uint32_t role, struct pool *pool)
{
    const struct ouse_doc *loaded = ouse_describe(ctx, role), *plugins = ouse_member(ctx, loaded, "plugins");
    struct model *model = take(pool, sizeof *model);
    struct making m = {ctx, pool, model};
    model->role = role;
    model->kept = kept_create();
    model->counted = counted_create();
    model->base = text(&m, loaded, "base_path");
    model->version = text(&m, loaded, "version");
    make_collections(&m, ouse_member(ctx, loaded, "collections"));
    name_fields(&m);
    paths_find(ctx, model, &(struct paths_memory){keep_text, take_memory, &m});
    model->plugins = take(pool, (ouse_count(ctx, plugins) + 1) * sizeof *model->plugins);
    model->endpoints = take(pool, count_all(&m, plugins, "routes") * sizeof *model->endpoints);
    model->formats = take(pool, count_all(&m, plugins, "formats") * sizeof *model->formats);
    for (uint32_t i = 0; i < ouse_count(ctx, plugins); i++)
        make_plugin(&m, ouse_at(ctx, plugins, i));
    return model;
}

/* ---- Keeping ------------------------------------------------------------------------------- */

struct models *models_create(void)
{
    struct models *models = calloc(1, sizeof *models);
    if (!models)
        abort();
    pthread_mutex_init(&models->lock, NULL);
    return models;
}

void models_destroy(struct models *models)
{
    if (!models)
        return;
    for (uint32_t i = 0; i < models->n; i++) {
        kept_destroy(models->at[i]->kept);
        counted_destroy(models->at[i]->counted);
        for (uint32_t k = 0; k < models->at[i]->n_collections; k++)
            stock_destroy(models->at[i]->collections[k].stock);
    }
    while (models->pool.blocks) {
        struct block *block = models->pool.blocks;
        models->pool.blocks = block->next;
        free(block);
    }
    pthread_mutex_destroy(&models->lock);
    free(models);
}

const struct model *models_get(struct ouse_ctx *ctx, struct models *models, uint32_t role)
{
    uint32_t i = 0;
    pthread_mutex_lock(&models->lock);
    while (i < models->n && models->at[i]->role != role)
        i++;
    if (i == models->n && models->n < ROLES)
        models->at[models->n++] = make(ctx, role, &models->pool);
    pthread_mutex_unlock(&models->lock);
    return i < ROLES ? models->at[i] : NULL;
}

const struct model *models_at(struct models *models, uint32_t i)
{
    pthread_mutex_lock(&models->lock);
    const struct model *model = i < models->n ? models->at[i] : NULL;
    pthread_mutex_unlock(&models->lock);
    return model;
}

/* ---- Finding -------------------------------------------------------------------------------- */

const struct collection *model_collection(const struct model *model, struct ouse_str name)
{
    for (uint32_t i = 0; i < model->n_collections; i++)
        if (ouse_is(name, model->collections[i].name))
            return &model->collections[i];
    return NULL;
}

const struct field *model_field(const struct collection *collection, struct ouse_str name)
{
    for (uint32_t i = 0; i < collection->n_fields; i++)
        if (ouse_is(name, collection->fields[i].name))
            return &collection->fields[i];
    return NULL;
}

const struct field *model_field_called(const struct model *model, const struct collection *collection,
                                       struct ouse_str name)
{
    const struct field *field = model_field(collection, name);
    return field ? field : field_called(model, name);
}

const struct endpoint *model_endpoint(const struct model *model, struct ouse_str collection,
                                      struct ouse_str name, int of_record)
{
    for (uint32_t i = 0; i < model->n_endpoints; i++) {
        const struct endpoint *is = &model->endpoints[i];
        if (ouse_is(collection, is->collection) && ouse_is(name, is->name) && is->of_record == of_record)
            return is;
    }
    return NULL;
}

const struct endpoint *model_main(const struct model *model, const char *collection, int of_record)
{
    for (uint32_t i = 0; i < model->n_endpoints; i++) {
        const struct endpoint *is = &model->endpoints[i];
        if (is->is_main && is->of_record == of_record && strcmp(is->collection, collection) == 0)
            return is;
    }
    return NULL;
}

int model_has_plugin(const struct model *model, const char *name)
{
    for (uint32_t i = 0; i < model->n_plugins; i++)
        if (strcmp(model->plugins[i].name, name) == 0)
            return 1;
    return 0;
}

int field_refers(const struct field *field)
{
    return field->targets.n > 0;
}

int field_refers_to(const struct field *field, const char *collection)
{
    return words_have(&field->targets, ouse_s(collection)) || words_have(&field->targets, ouse_s("*"));
}

int words_have(const struct words *words, struct ouse_str word)
{
    for (uint32_t i = 0; i < words->n; i++)
        if (ouse_is(word, words->at[i]))
            return 1;
    return 0;
}

const struct field *model_money(const struct collection *of)
{
    for (uint32_t i = 0; i < of->n_fields; i++)
        if (strcmp(of->fields[i].type, "money") == 0)
            return &of->fields[i];
    return NULL;
}
