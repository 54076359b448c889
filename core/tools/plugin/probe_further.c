/* Probes of callbacks that clients do not call directly: migrations, formats and tasks. */
#include "sample.h"

/* ---- migrations ------------------------------------------------------------------ */

/* Returns a document after a migration; NULL if it fails, which it may, with a reason. */
static cJSON *migrate(struct probe *probe, const struct record_migration *migration, const cJSON *document)
{
    struct problem problem;
    cJSON *copy = json_keep(&probe->arena, cJSON_Duplicate(document, 1));
    problem_init(&problem, &probe->arena);
    ouse_rc rc = migration->fn(migration->arg, ouse_s("specimen-0001"), copy, &problem);
    if (rc == OUSE_E_INTERNAL)
        probe_tell(probe, PROBE_FAIL, "the migration of %s from version %u fails: %s", migration->collection,
                   migration->from, probe_logged(probe));
    return rc ? NULL : copy;
}

/* Twice, as the start-up transaction may run again. */
static void try_migration(struct probe *probe, const struct record_migration *migration,
                          const cJSON *document)
{
    const cJSON *once = migrate(probe, migration, document);
    const cJSON *again = once ? migrate(probe, migration, document) : NULL;
    if (again && !json_equal(once, again))
        probe_tell(probe, PROBE_FAIL,
                   "the migration of %s from version %u gives another record if it runs again; it stores "
                   "something outside the record",
                   migration->collection, migration->from);
}

/* Runs a migration. Records of the older version are not known, so it uses a record of this one,
 * each of its fields alone, and an empty one. */
static void try_documents(struct trial *trial, const struct record_migration *migration)
{
    struct probe *probe = trial->probe;
    const struct collection *collection = schema_find(trial->opened.schema, ouse_s(migration->collection));
    struct specimen specimen;
    const cJSON *field;
    try_migration(probe, migration, json_keep(&probe->arena, cJSON_CreateObject()));
    if (!collection || specimen_create(trial, collection, 0, 1, &specimen) != 0)
        return;
    try_migration(probe, migration, specimen.document);
    cJSON_ArrayForEach(field, specimen.document)
    {
        cJSON *alone = json_keep(&probe->arena, cJSON_CreateObject());
        cJSON_AddItemToObject(alone, field->string, cJSON_Duplicate(field, 1));
        try_migration(probe, migration, alone);
    }
}

static int has_migration(const struct record_migration *migrations, uint32_t n, const char *collection,
                         uint32_t from)
{
    for (uint32_t i = 0; i < n; i++)
        if (migrations[i].from == from && strcmp(migrations[i].collection, collection) == 0)
            return 1;
    return 0;
}

void probe_migrations(struct probe *probe)
{
    struct trial trial;
    const struct collection *own;
    if (trial_begin(probe, &trial) == 0) {
        uint32_t n;
        const struct record_migration *migrations = runtime_migrations(trial.opened.runtime, &n);
        for (uint32_t i = 0; (own = trial_own(&trial, i)); i++) {
            for (uint32_t from = 1; from < own->is.version; from++)
                if (!has_migration(migrations, n, own->is.name, from))
                    probe_tell(
                        probe, PROBE_WARN,
                        "%s has version %u and no migration from version %u: a register of that version is "
                        "refused, if its records would have to change",
                        own->is.name, own->is.version, from);
            for (uint32_t k = 0; k < n; k++)
                if (strcmp(migrations[k].collection, own->is.name) == 0)
                    try_documents(&trial, &migrations[k]);
        }
        trial_verify(&trial);
    }
    trial_close(&trial);
}

/* ---- formats ---------------------------------------------------------------------- */

static void get_as(struct trial *trial, const struct ouse_format *format, const char *path)
{
    struct answer answer;
    trial_ask(trial,
              &(struct question){
                  .method = "GET", .path = path, .role = OUSE_MANAGER, .accept = ouse_s(format->media_type)},
              &answer);
    if (answer.status >= 400 && answer.status < 500)
        probe_tell(trial->probe, PROBE_FAIL, "%s as %s is answered with %d: %.*s", path, format->media_type,
                   answer.status, OUSE_F(answer.reason));
}

static void try_on(struct trial *trial, const struct ouse_format *format, const struct collection *collection)
{
    struct arena *arena = &trial->probe->arena;
    const char *list = arena_printf(arena, "/api/v1/%s", collection->is.name).p;
    if (format->collection && strcmp(format->collection, collection->is.name) != 0)
        return;
    struct ouse_str id = specimen_id(trial, collection, 0);
    if (format->applies_to & OUSE_OF_LIST)
        get_as(trial, format, list);
    if (format->applies_to & OUSE_OF_RECORD && id.p)
        get_as(trial, format, arena_printf(arena, "%s/%.*s", list, OUSE_F(id)).p);
}

/* In a register without records, and in one with some. */
static void try_format(struct trial *trial, const struct ouse_format *format)
{
    const struct schema *schema = trial->opened.schema;
    for (uint32_t i = 0; i < schema_count(schema); i++)
        try_on(trial, format, schema_at(schema, i));
    if (format->applies_to & OUSE_OF_CHANGES)
        get_as(trial, format, "/api/v1/-/changes");
}

static void look_at_format(struct probe *probe, const struct ouse_format *format)
{
    uint32_t both = OUSE_PAGED | OUSE_WHOLE, flags = format->flags & both;
    if (format->applies_to & OUSE_OF_LIST && (!flags || flags == both))
        probe_tell(probe, PROBE_WARN,
                   "the format %s of lists must have one of the flags OUSE_PAGED or OUSE_WHOLE",
                   format->media_type);
}

void probe_formats(struct probe *probe)
{
    struct trial trial;
    if (trial_begin(probe, &trial) == 0) {
        const struct ouse_plugin *is = &trial.plugin->is;
        for (uint32_t i = 0; i < is->formats.n; i++)
            look_at_format(probe, &is->formats.at[i]);
        for (int filled = 0; filled < 2; filled++) {
            if (filled)
                specimen_fill(&trial);
            for (uint32_t i = 0; i < is->formats.n; i++)
                try_format(&trial, &is->formats.at[i]);
        }
    }
    trial_close(&trial);
}

/* ---- tasks -------------------------------------------------------------------------- */

/* Runs a task. It may fail with a reason: it may need something that does not exist here. */
static void try_task(struct trial *trial, uint32_t i)
{
    struct probe *probe = trial->probe;
    const char *name = trial->plugin->is.tasks.at[i].name;
    struct problem problem;
    problem_init(&problem, &probe->arena);
    ouse_rc rc = runtime_try_task(trial->opened.runtime, trial->plugin->is.name, i, &problem);
    if (rc == OUSE_E_INTERNAL)
        probe_tell(probe, PROBE_FAIL, "task %s fails: %s", name, probe_logged(probe));
    else if (rc)
        probe_tell(probe, PROBE_WARN, "task %s fails: %.*s", name,
                   OUSE_F(problem.n_errors ? problem.errors[0].detail : problem.detail));
}

void probe_tasks(struct probe *probe)
{
    struct trial trial;
    if (trial_begin(probe, &trial) == 0)
        for (int filled = 0; filled < 2; filled++) {
            if (filled)
                specimen_fill(&trial);
            for (uint32_t i = 0; i < trial.plugin->is.tasks.n; i++)
                try_task(&trial, i);
            trial_verify(&trial);
        }
    trial_close(&trial);
}
