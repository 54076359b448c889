/* migration: which migrations a plugin brings, checked when it is loaded. */
#include "migration.h"

static const struct ouse_collection *find(const struct ouse_plugin *plugin, const char *name)
{
    for (uint32_t i = 0; i < plugin->collections.n; i++)
        if (strcmp(plugin->collections.at[i].name, name) == 0)
            return &plugin->collections.at[i];
    return NULL;
}

static int is_repeated(const struct ouse_plugin *plugin, uint32_t i)
{
    const struct ouse_migration *rows = plugin->migrations.at;
    uint32_t k = 0;
    while (k < i && !(rows[k].from == rows[i].from && strcmp(rows[k].collection, rows[i].collection) == 0))
        k++;
    return k < i;
}

ouse_rc migrations_check(const struct loaded_plugin *plugin, struct problem *problem)
{
    for (uint32_t i = 0; i < plugin->is.migrations.n; i++) {
        const struct ouse_migration *is = &plugin->is.migrations.at[i];
        const struct ouse_collection *collection = find(&plugin->is, is->collection);
        uint32_t to = is->to ? is->to : is->from + 1;
        if (!collection)
            return plugin_refuse(plugin, problem,
                                 "migration %u is of the collection %s, which it does not declare",
                                 (unsigned)i, is->collection);
        if (is->from == 0 || to != is->from + 1)
            return plugin_refuse(
                plugin, problem,
                "migration %u of %s goes from version %u to %u; each goes to the next version, from 1",
                (unsigned)i, is->collection, (unsigned)is->from, (unsigned)to);
        if (to > collection->version)
            return plugin_refuse(plugin, problem,
                                 "migration %u of %s goes to version %u; the collection has version %u",
                                 (unsigned)i, is->collection, (unsigned)to, (unsigned)collection->version);
        if (is_repeated(&plugin->is, i))
            return plugin_refuse(plugin, problem,
                                 "two migrations of %s go from version %u to %u; remove one of them",
                                 is->collection, (unsigned)is->from, (unsigned)to);
    }
    return OUSE_OK;
}
