/* plugin_host: see plugin_host.h. */
#include "../base/heap.h"
#include "../observe/callback.h"
#include "instance.h"
#include <stdio.h>
#include <stdlib.h>

struct bound_migration {
    struct worker *worker;
    const struct ouse_migration *is;
};

static ouse_rc run_migration(void *arg, struct ouse_str id, cJSON *document, struct problem *problem)
{
    const struct bound_migration *migration = arg;
    struct context context;
    context_begin(&context, migration->worker, NULL, "migration", NULL, problem);
    callback_about(migration->is->collection, id);
    ouse_rc rc = context_end(&context, migration->is->fn(&context.visible, id, doc_of(document)));
    schema_drop_nulls(document);
    return rc;
}

static void add_migrations(struct worker *worker)
{
    struct runtime *runtime = worker->runtime;
    const struct ouse_plugin *plugin = &worker->plugin->is;
    for (uint32_t i = 0; i < plugin->migrations.n; i++) {
        const struct ouse_migration *is = &plugin->migrations.at[i];
        struct bound_migration *migration = arena_alloc(&runtime->memory, sizeof *migration);
        *migration = (struct bound_migration){worker, is};
        runtime->migrations[runtime->n_migrations++] =
            (struct record_migration){is->collection, is->from, run_migration, migration};
    }
}

static const char *make_names(struct runtime *runtime)
{
    struct ouse_str text = ouse_s("[");
    for (uint32_t i = 0; i < runtime->n; i++) {
        const struct ouse_plugin *plugin = &runtime->workers[i].plugin->is;
        text = arena_printf(&runtime->memory, "%.*s%s{\"name\":\"%s\",\"version\":\"%s\"}", OUSE_F(text),
                            i ? "," : "", plugin->name, plugin->version);
    }
    return arena_printf(&runtime->memory, "%.*s]", OUSE_F(text)).p;
}

/* Counts before it copies, so that the tables have their room at once. */
static void make_tables(struct runtime *runtime)
{
    size_t migrations = 1, formats = 1;
    for (uint32_t i = 0; i < runtime->n; i++) {
        migrations += runtime->workers[i].plugin->is.migrations.n;
        formats += runtime->workers[i].plugin->is.formats.n;
    }
    runtime->migrations = arena_zero(&runtime->memory, migrations * sizeof *runtime->migrations);
    runtime->formats = arena_zero(&runtime->memory, formats * sizeof *runtime->formats);
    for (uint32_t i = 0; i < runtime->n; i++) {
        add_migrations(&runtime->workers[i]);
        formats_add(&runtime->workers[i]);
    }
}

struct runtime *runtime_create(struct plugins *plugins, const char *base_path,
                               const struct feature *const *features)
{
    struct runtime *r = heap_zero(sizeof *r);
    r->plugins = plugins;
    r->n = plugins->n;
    r->workers = arena_zero(&r->memory, (plugins->n + 1) * sizeof *r->workers);
    r->base_path = base_path;
    r->services = &host_services;
    r->features = features;
    for (uint32_t i = 0; i < r->n; i++) {
        struct worker *worker = &r->workers[i];
        worker->runtime = r;
        worker->plugin = plugins->at[i];
        worker->serial = worker->plugin->is.threads != OUSE_PARALLEL;
        pthread_mutex_init(&worker->lock, NULL);
    }
    pthread_mutexattr_t recursive;
    pthread_mutexattr_init(&recursive);
    pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&r->writing, &recursive);
    pthread_mutexattr_destroy(&recursive);
    make_tables(r);
    r->names = make_names(r);
    return r;
}

void runtime_destroy(struct runtime *runtime)
{
    if (!runtime)
        return;
    for (uint32_t i = 0; i < runtime->n; i++)
        pthread_mutex_destroy(&runtime->workers[i].lock);
    pthread_mutex_destroy(&runtime->writing);
    arena_finish(&runtime->memory);
    free(runtime);
}

/* Declares the analyser of words: at most one plugin has one. */
static ouse_rc declare_words(struct runtime *runtime, struct schema *schema, struct problem *problem)
{
    struct analyser analyser = {.plugin = NULL};
    for (uint32_t i = 0; i < runtime->n; i++) {
        const struct ouse_plugin *plugin = &runtime->workers[i].plugin->is;
        if (!plugin->analyse)
            continue;
        if (analyser.plugin)
            return problem_fail(problem, OUSE_E_CONFLICT,
                                "%s: the words of texts are what the plugin %s says already; enable one of "
                                "the two",
                                plugin->name, analyser.plugin);
        if (!plugin->analysis)
            return problem_fail(problem, OUSE_E_INVALID,
                                "%s: it has analyse without analysis; versions begin with 1", plugin->name);
        analyser = (struct analyser){plugin->analyse, plugin->analysis, plugin->name};
    }
    if (analyser.plugin)
        schema_analyse(schema, &analyser);
    return OUSE_OK;
}

ouse_rc runtime_declare(struct runtime *runtime, struct schema *schema, struct problem *problem)
{
    for (uint32_t i = 0; i < runtime->n; i++)
        schema_spell(schema, runtime->workers[i].plugin->is.spellings);
    for (uint32_t i = 0; i < runtime->n; i++) {
        const struct ouse_plugin *plugin = &runtime->workers[i].plugin->is;
        for (uint32_t k = 0; k < plugin->collections.n; k++) {
            const struct ouse_collection *declared = &plugin->collections.at[k];
            ouse_rc rc = schema_add(schema, plugin->name, declared, sizeof *declared, problem);
            if (rc)
                return rc;
        }
    }
    ouse_rc rc = declare_words(runtime, schema, problem);
    return rc ? rc : schema_link(schema, problem);
}

const struct record_migration *runtime_migrations(struct runtime *runtime, uint32_t *n)
{
    *n = runtime->n_migrations;
    return runtime->migrations;
}

const struct rest_format *runtime_formats(struct runtime *runtime, uint32_t *n)
{
    *n = runtime->n_formats;
    return runtime->formats;
}

const char *runtime_names(struct runtime *runtime)
{
    return runtime->names;
}

typedef ouse_rc (*worker_fn)(struct worker *worker, void *arg, struct problem *problem);

/* Calls fn for each plugin, and reports all that fail. */
static ouse_rc each_worker(struct runtime *runtime, worker_fn fn, void *arg, struct problem *problem)
{
    ouse_rc rc = OUSE_OK;
    for (uint32_t i = 0; i < runtime->n; i++) {
        struct problem own;
        problem_init(&own, problem->arena);
        if (fn(&runtime->workers[i], arg, &own))
            rc = problem_append(problem, &own);
    }
    return rc;
}

static ouse_rc bind_hooks(struct worker *worker, void *arg, struct problem *problem)
{
    const int *delivering = arg;
    return hooks_bind(worker, *delivering, problem);
}

static ouse_rc mount_routes(struct worker *worker, void *router, struct problem *problem)
{
    return routes_mount(worker, router, problem);
}

static ouse_rc check_tasks(struct worker *worker, void *arg, struct problem *problem)
{
    (void)arg;
    return tasks_check(worker, problem);
}

ouse_rc runtime_bind(struct runtime *runtime, struct records *records, struct problem *problem)
{
    int delivering = 1, others = 0;
    runtime->records = records;
    ouse_rc rc = each_worker(runtime, bind_hooks, &delivering, problem);
    ouse_rc failed = each_worker(runtime, bind_hooks, &others, problem);
    return rc ? rc : failed;
}

ouse_rc runtime_start(struct runtime *runtime, struct problem *problem)
{
    ouse_rc rc = runtime_validate(runtime, NULL, problem);
    for (uint32_t i = 0; i < runtime->n && !rc; i++) {
        struct worker *worker = &runtime->workers[i];
        rc = worker_call(worker, worker->plugin->is.start, "start", worker->plugin->self, problem);
        worker->started = !rc;
    }
    for (uint32_t i = 0; i < runtime->n && !rc; i++) {
        struct worker *worker = &runtime->workers[i];
        rc = worker_call(worker, worker->plugin->is.ready, "be ready", worker->plugin->self, problem);
    }
    if (rc)
        runtime_stop(runtime);
    return rc;
}

void runtime_stop(struct runtime *runtime)
{
    for (uint32_t i = runtime->n; i-- > 0;) {
        struct worker *worker = &runtime->workers[i];
        struct context context;
        struct problem problem;
        if (!worker->started || !worker->plugin->is.stop)
            continue;
        context_begin(&context, worker, NULL, "stop", NULL, &problem);
        problem_init(&problem, &context.scratch);
        worker->plugin->is.stop(&context.visible);
        context_end(&context, OUSE_OK);
        worker->started = 0;
    }
}

static void list_plugin(cJSON *list, const struct schema *schema, const struct ouse_plugin *plugin,
                        uint32_t role)
{
    char abi[16];
    cJSON *row = cJSON_CreateObject();
    snprintf(abi, sizeof abi, "%u.%u", plugin->abi.major, plugin->abi.minor);
    cJSON_AddStringToObject(row, "name", plugin->name);
    cJSON_AddStringToObject(row, "version", plugin->version);
    cJSON_AddStringToObject(row, "title", plugin->title ? plugin->title : plugin->name);
    cJSON_AddStringToObject(row, "abi", abi);
    cJSON *names = cJSON_AddArrayToObject(row, "collections");
    for (uint32_t i = 0; i < plugin->collections.n; i++) {
        const char *name = plugin->collections.at[i].name;
        if (schema_told(schema_find(schema, ouse_s(name)), role))
            cJSON_AddItemToArray(names, cJSON_CreateString(name));
    }
    cJSON_AddItemToArray(list, row);
}

/* GET /api/v1/-/plugins: lists the loaded plugins. */
static ouse_rc list_plugins(struct http_request *request, struct http_reply *reply, void *arg)
{
    const struct runtime *runtime = arg;
    cJSON *whole = json_keep(request->arena, cJSON_CreateObject());
    cJSON *list = cJSON_AddArrayToObject(whole, "data");
    struct buffer text;
    for (uint32_t i = 0; i < runtime->n; i++)
        list_plugin(list, records_schema(runtime->records), &runtime->workers[i].plugin->is, request->role);
    buffer_init(&text, UINT32_MAX);
    json_print(&text, whole);
    reply->body = arena_copy(request->arena, buffer_view(&text));
    buffer_finish(&text);
    return OUSE_OK;
}

ouse_rc runtime_mount(struct runtime *runtime, struct router *router, struct problem *problem)
{
    ouse_rc rc = router_add(router, HTTP_GET, "/api/v1/-/plugins", "server", list_plugins, runtime);
    runtime->router = router;
    if (rc)
        return problem_fail(problem, rc, "/api/v1/-/plugins is mounted already");
    return each_worker(runtime, mount_routes, router, problem);
}

ouse_rc runtime_check_tasks(struct runtime *runtime, struct problem *problem)
{
    return each_worker(runtime, check_tasks, NULL, problem);
}

ouse_rc runtime_run(struct runtime *runtime, struct problem *problem)
{
    ouse_rc rc = runtime_check_tasks(runtime, problem);
    for (uint32_t i = 0; i < runtime->n && !rc; i++) {
        rc = deliver_start(&runtime->workers[i], problem);
        rc = rc ? rc : tasks_start(&runtime->workers[i], problem);
    }
    if (rc)
        runtime_rest(runtime);
    return rc;
}

void runtime_rest(struct runtime *runtime)
{
    for (uint32_t i = 0; i < runtime->n; i++) {
        ticker_end(runtime->workers[i].tasks);
        ticker_end(runtime->workers[i].delivering);
    }
    for (uint32_t i = 0; i < runtime->n; i++) {
        struct worker *worker = &runtime->workers[i];
        ticker_destroy(worker->tasks);
        ticker_destroy(worker->delivering);
        if (worker->tasks)
            tasks_keep(worker);
        worker->tasks = worker->delivering = NULL;
    }
}
