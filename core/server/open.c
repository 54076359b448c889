/* open: opens the parts of the register that the caller needs; see open.h.
 *
 * The order is that of serving: config, plugins, schema, store. If a step fails, it undoes nothing:
 * server_close frees everything. */
#include "open.h"
#include "../host/watchdog.h"

#include <unistd.h>

static ouse_rc read_config(const struct server_choice *choice, struct server_register *opened)
{
    const char *file = choice->config ? choice->config : config_find();
    return config_read(&opened->arena, file, choice->sets, choice->n_sets, &opened->config, &opened->problem);
}

static ouse_rc open_schema(struct server_register *opened)
{
    struct problem *problem = &opened->problem;
    if (plugins_load(opened->config, &opened->plugins, problem) != OUSE_OK)
        return problem->rc;
    opened->runtime = runtime_create(opened->plugins, opened->config->base_path, opened->features);
    opened->schema = schema_create();
    return runtime_declare(opened->runtime, opened->schema, problem);
}

/* A program of the older format may have the store open: it must not write after the migration. */
static ouse_rc hold_to_migrate(struct server_register *opened)
{
    uint32_t format = engine_format(opened->engine);
    if (format == ENGINE_FORMAT || opened->folder.alone || folder_claim(&opened->folder))
        return OUSE_OK;
    return problem_fail(
        &opened->problem, OUSE_E_CONFLICT,
        "%s has the store format %u, which this program migrates to %d when it starts; another "
        "process has the store open: stop it first",
        opened->config->data, format, ENGINE_FORMAT);
}

static ouse_rc open_records(struct server_register *opened, int reads)
{
    uint32_t n;
    const struct record_migration *migrations = runtime_migrations(opened->runtime, &n);
    ouse_rc rc = hold_to_migrate(opened);
    if (!rc)
        rc = records_open(opened->engine, opened->writer, opened->schema, migrations, n, reads,
                          &opened->records, &opened->problem);
    folder_share(&opened->folder);
    return rc;
}

static ouse_rc open_rules(struct server_register *opened, int reads)
{
    ouse_rc rc = open_records(opened, reads);
    if (!rc)
        rc = runtime_bind(opened->runtime, opened->records, &opened->problem);
    return rc ? rc : runtime_start(opened->runtime, &opened->problem);
}

static ouse_rc open_engine(struct server_register *opened, const char *directory, int reads)
{
    const struct engine_options options = {
        .directory = directory,
        .map_size = (uint64_t)opened->config->map_size,
        .max_readers = (uint32_t)opened->config->max_readers,
        .draft = opened->folder.alone,
        .check = reads,
    };
    return engine_open(&options, &opened->engine, &opened->problem);
}

static ouse_rc open_store(struct server_register *opened, uint32_t parts)
{
    ouse_rc rc = folder_hold(opened->config->data, 0, &opened->folder, &opened->problem);
    if (!rc && parts & SERVER_WRITER)
        rc = folder_serve(&opened->folder, &opened->problem);
    return rc ? rc : open_engine(opened, opened->config->data, (parts & SERVER_READS) != 0);
}

/* Opens a draft; if other processes have the store open, opens the store itself. */
static ouse_rc open_draft(struct server_register *opened)
{
    struct folder *folder = &opened->folder;
    struct problem busy;
    problem_init(&busy, &opened->arena);
    if (folder_hold(opened->config->data, 1, folder, &busy) != OUSE_OK)
        return open_store(opened, 0);
    const char *store = arena_printf(&opened->arena, "%s/data.mdb", opened->config->data).p;
    ouse_rc rc = folder_begin(folder, folder_has_store(folder) ? store : NULL, &opened->problem);
    return rc ? rc : open_engine(opened, folder_draft(folder, &opened->arena).p, 0);
}

static ouse_rc require_store(struct server_register *opened)
{
    if (access(opened->config->data, F_OK) == 0)
        return OUSE_OK;
    return problem_fail(&opened->problem, OUSE_E_NOT_FOUND,
                        "There is no register in %s; name its folder with --data (\"ouse import\" and \"ouse "
                        "serve\" create one)",
                        opened->config->data);
}

/* Creates the writer. Writers may occupy three threads of four; readers use the others. */
static void open_writer(struct server_register *opened)
{
    writer_create(opened->engine, (uint32_t)opened->config->threads * 3 / 4, &opened->writer);
}

ouse_rc server_open_parts(struct server_register *opened, uint32_t parts)
{
    ouse_rc rc = OUSE_OK;
    parts |= parts & SERVER_RULES ? SERVER_SCHEMA | SERVER_STORE : 0;
    if (parts & SERVER_SCHEMA)
        rc = open_schema(opened);
    if (!rc && parts & SERVER_READS)
        rc = require_store(opened);
    if (!rc && parts & SERVER_STORE)
        rc = parts & SERVER_DRAFT ? open_draft(opened) : open_store(opened, parts);
    if (!rc && parts & SERVER_WRITER)
        open_writer(opened);
    if (rc || !(parts & SERVER_RULES))
        return rc;
    opened->watchdog = watchdog_start(opened->config->slow_callback);
    return open_rules(opened, (parts & SERVER_READS) != 0);
}

ouse_rc server_open(const struct server_choice *choice, uint32_t parts, struct server_register *opened)
{
    *opened = (struct server_register){.features = choice->features};
    problem_init(&opened->problem, &opened->arena);
    ouse_rc rc = read_config(choice, opened);
    return rc ? rc : server_open_parts(opened, parts);
}

ouse_rc server_mount(struct server_register *opened, struct rest *rest, struct router **router)
{
    *router = router_create();
    *rest = (struct rest){.records = opened->records,
                          .features = opened->features,
                          .base_path = opened->config->base_path,
                          .plugins = runtime_names(opened->runtime),
                          .derive = runtime_derive,
                          .derive_arg = opened->runtime,
                          .bell = opened->writer ? writer_bell(opened->writer) : NULL,
                          .export_ms = opened->config->export_timeout,
                          .comment_ms = opened->config->stream_comment};
    rest->formats = runtime_formats(opened->runtime, &rest->n_formats);
    ouse_rc rc = rest_mount(rest, *router, &opened->problem);
    return rc ? rc : runtime_mount(opened->runtime, *router, &opened->problem);
}

void server_unmount(struct rest *rest, struct router *router)
{
    rest_unmount(rest);
    router_destroy(router);
}

static void close_store(struct server_register *opened)
{
    if (opened->runtime)
        runtime_stop(opened->runtime);
    watchdog_stop(opened->watchdog);
    opened->watchdog = NULL;
    writer_destroy(opened->writer);
    records_close(opened->records);
    engine_close(opened->engine);
    opened->writer = NULL;
    opened->records = NULL;
    opened->engine = NULL;
}

ouse_rc server_keep(struct server_register *opened)
{
    close_store(opened);
    return opened->folder.alone ? folder_keep(&opened->folder, &opened->problem) : OUSE_OK;
}

void server_close(struct server_register *opened)
{
    close_store(opened);
    if (opened->folder.alone)
        folder_drop(&opened->folder);
    folder_release(&opened->folder);
    schema_destroy(opened->schema);
    runtime_destroy(opened->runtime);
    plugins_free(opened->plugins);
    arena_finish(&opened->arena);
}
