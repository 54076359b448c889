/* open: the register, as far as a command needs it; see cli.h.
 *
 * The order is that of serving: config, plugins, schema, store. Each step undoes
 * nothing: cli_close frees what is there.
 */
#include "cli.h"

static ouse_rc read_config(const struct cli *cli, struct cli_register *opened)
{
    const char *file = cli->config ? cli->config : config_find();
    return config_read(&opened->arena, file, cli->sets, cli->n_sets, &opened->config, &opened->problem);
}

static ouse_rc add_collections(const struct loaded_plugin *plugin, struct schema *schema,
                               struct problem *problem)
{
    const char *row = (const char *)plugin->is.collections.at;
    for (uint32_t i = 0; i < plugin->is.collections.n; i++, row += plugin->is.collections.stride)
        if (schema_add(schema, plugin->is.name, (const struct ouse_collection *)row,
                       plugin->is.collections.stride, problem) != OUSE_OK)
            return problem->rc;
    return OUSE_OK;
}

static ouse_rc open_schema(struct cli_register *opened)
{
    struct problem *problem = &opened->problem;
    if (plugins_load(opened->config, &opened->plugins, problem) != OUSE_OK)
        return problem->rc;
    opened->schema = schema_create();
    for (uint32_t i = 0; i < opened->plugins->n; i++)
        if (add_collections(opened->plugins->at[i], opened->schema, problem) != OUSE_OK)
            return problem->rc;
    return schema_link(opened->schema, problem);
}

ouse_rc cli_open_store(struct cli_register *opened)
{
    struct engine_options options = {
        .directory = opened->config->data,
        .map_size = (uint64_t)opened->config->map_size,
        .max_readers = (uint32_t)opened->config->max_readers,
    };
    return engine_open(&options, &opened->engine, &opened->problem);
}

ouse_rc cli_open(const struct cli *cli, uint32_t parts, struct cli_register *opened)
{
    *opened = (struct cli_register){0};
    problem_init(&opened->problem, &opened->arena);
    if (read_config(cli, opened) != OUSE_OK || ((parts & CLI_SCHEMA) && open_schema(opened) != OUSE_OK) ||
        ((parts & CLI_STORE) && cli_open_store(opened) != OUSE_OK))
        return opened->problem.rc;
    return OUSE_OK;
}

void cli_close(struct cli_register *opened)
{
    engine_close(opened->engine);
    schema_destroy(opened->schema);
    plugins_free(opened->plugins);
    arena_finish(&opened->arena);
}
