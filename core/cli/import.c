/* ouse import: records from files into the register, all or none.
 *
 * All rows are one change set, so they may refer to each other in any order,
 * and one bad row changes nothing. What is wrong with any of them is told
 * before anything is kept.
 */
#include "cli.h"

#include "rows.h"
#include <stdio.h>

enum outcome { CREATED, UPDATED, UNCHANGED, OUTCOMES };

struct import {
    struct rows_read rows;
    ouse_rc (*take)(struct change_set *set, const struct row *row, struct changed *changed);
    struct faults faults;         /* of this run of the change set, with those of reading */
    uint64_t (*counts)[OUTCOMES]; /* by the collection's place in the schema */
};

/* ---- One row ---------------------------------------------------------------- */

static const struct ouse_str no_id = {NULL, 0};

static ouse_rc take_create(struct change_set *set, const struct row *row, struct changed *changed)
{
    return change_create(set, row->collection, no_id, row->document, changed);
}

static ouse_rc take_update(struct change_set *set, const struct row *row, struct changed *changed)
{
    struct ouse_str id = json_text(json_member(row->document, "id"));
    if (!id.p)
        return problem_add(set->problem, OUSE_E_INVALID, "/id", "required",
                           "An update must say which record it is of");
    return change_replace(set, row->collection, id, row->document, NULL, changed);
}

/* Without an id there is nothing to match by: such a row is always new. */
static ouse_rc take_upsert(struct change_set *set, const struct row *row, struct changed *changed)
{
    struct ouse_str id = json_text(json_member(row->document, "id"));
    struct record record;
    ouse_rc rc = id.p ? record_get(set->txn, row->collection, id, OUSE_MANAGER, &record) : OUSE_E_NOT_FOUND;
    int is_there = rc == OUSE_OK && record.kind == RECORD_LIVE;
    return is_there ? take_update(set, row, changed) : take_create(set, row, changed);
}

static const struct {
    const char *name;
    ouse_rc (*take)(struct change_set *set, const struct row *row, struct changed *changed);
} modes[] = {{"create", take_create}, {"update", take_update}, {"upsert", take_upsert}};
enum { MODES = sizeof modes / sizeof modes[0] };

static uint32_t place_of(const struct schema *schema, const struct collection *collection)
{
    uint32_t i = 0;
    while (schema_at(schema, i) != collection)
        i++;
    return i;
}

/* Takes one row with a problem of its own, so that its faults are told with its line. */
static void take_row(struct change_set *set, struct import *import, const struct row *row)
{
    struct problem problem, *shared = set->problem;
    struct changed changed = {0};
    problem_init(&problem, set->arena);
    set->problem = &problem;
    if (import->take(set, row, &changed))
        faults_add(&import->faults, set->arena, row, &problem);
    else
        import->counts[place_of(import->rows.schema, row->collection)][changed.created     ? CREATED
                                                                       : changed.unchanged ? UNCHANGED
                                                                                           : UPDATED]++;
    set->problem = shared;
}

/* ---- The set ----------------------------------------------------------------- */

struct looking {
    struct change_set *set;
    const struct collection *collection;
    struct problem *problem;
};

static void look_at_reference(void *arg, const struct field *field, int entry, const struct target *target,
                              struct ouse_str id)
{
    const struct looking *looking = arg;
    struct record record;
    if (!target->to ||
        record_get(looking->set->txn, target->to, id, OUSE_MANAGER, &record) != OUSE_E_NOT_FOUND)
        return;
    const char *name = field->is.name, *inner = field == looking->collection->sources ? "/publication" : "";
    struct ouse_str pointer = entry < 0 ? arena_printf(looking->set->arena, "/%s", name)
                                        : arena_printf(looking->set->arena, "/%s/%d%s", name, entry, inner);
    problem_add(looking->problem, OUSE_E_INVALID, pointer.p, "not_found", "There is no %s/%.*s",
                target->to->is.name, OUSE_F(id));
}

/* References settle with the set, which no longer knows of lines: so they are
 * looked at here too, once all rows are in. */
static void look_at_references(struct change_set *set, struct import *import)
{
    for (size_t i = 0; i < import->rows.n; i++) {
        const struct row *row = &import->rows.at[i];
        struct problem problem;
        problem_init(&problem, set->arena);
        struct looking looking = {set, row->collection, &problem};
        schema_references(row->collection, row->document, look_at_reference, &looking);
        if (problem.rc)
            faults_add(&import->faults, set->arena, row, &problem);
    }
}

static ouse_rc take_rows(struct change_set *set, void *arg)
{
    struct import *import = arg;
    uint32_t n = schema_count(import->rows.schema);
    import->faults = import->rows.faults;
    import->counts = arena_zero(set->arena, (n + 1) * sizeof *import->counts);
    for (size_t i = 0; i < import->rows.n; i++)
        take_row(set, import, &import->rows.at[i]);
    look_at_references(set, import);
    if (!import->faults.n)
        return OUSE_OK;
    return problem_fail(set->problem, OUSE_E_INVALID, "nothing was imported; faults: %llu",
                        (unsigned long long)import->faults.n);
}

/* ---- The command --------------------------------------------------------------- */

static ouse_rc choose_mode(const struct cli *cli, struct import *import, struct problem *problem)
{
    const char *wanted = cli_value(cli, "mode");
    for (int i = 0; i < MODES; i++)
        if (strcmp(wanted ? wanted : "upsert", modes[i].name) == 0)
            import->take = modes[i].take;
    if (import->take)
        return OUSE_OK;
    return problem_fail(problem, OUSE_E_REQUEST, "--mode is create, update or upsert, not \"%s\"", wanted);
}

static ouse_rc read_paths(const struct cli *cli, struct import *import, struct problem *problem)
{
    ouse_rc rc = OUSE_OK;
    for (int i = 0; i < cli->n_arguments && !rc; i++)
        rc = rows_read_path(&import->rows, cli->arguments[i], problem);
    return rc;
}

/* Faults of rows; what the end of the set finds is told by cli_fail. */
static void tell_faults(const struct faults *faults)
{
    for (uint64_t i = 0; i < faults->n && i < FAULTS_TOLD; i++)
        fprintf(stderr, "%.*s\n", OUSE_F(faults->at[i]));
    if (faults->n > FAULTS_TOLD)
        fprintf(stderr, "and %llu more\n", (unsigned long long)(faults->n - FAULTS_TOLD));
}

static void tell_counts(const struct import *import, int dry_run)
{
    for (uint32_t i = 0; i < schema_count(import->rows.schema); i++) {
        const uint64_t *counts = import->counts[i];
        if (counts[CREATED] + counts[UPDATED] + counts[UNCHANGED])
            printf("%s: %llu created, %llu updated, %llu unchanged\n",
                   schema_at(import->rows.schema, i)->is.name, (unsigned long long)counts[CREATED],
                   (unsigned long long)counts[UPDATED], (unsigned long long)counts[UNCHANGED]);
    }
    if (dry_run)
        puts("dry run: nothing was kept");
}

static ouse_rc import_all(const struct cli *cli, struct cli_register *opened)
{
    struct import import = {.rows = {.arena = &opened->arena, .schema = opened->schema}};
    struct change_set set = {.records = opened->records,
                             .caller = {OUSE_MANAGER, ouse_s("ouse import")},
                             .mode = CHANGE_IMPORT,
                             .dry_run = cli_value(cli, "dry-run") != NULL,
                             .arena = &opened->arena,
                             .problem = &opened->problem};
    ouse_rc rc = choose_mode(cli, &import, &opened->problem);
    if (!rc)
        rc = read_paths(cli, &import, &opened->problem);
    if (rc)
        return rc;
    rc = records_write(&set, take_rows, NULL, &import, import.rows.bytes);
    if (rc)
        tell_faults(&import.faults);
    else
        tell_counts(&import, set.dry_run);
    return rc;
}

static int run(const struct cli *cli)
{
    struct cli_register opened;
    int status = CLI_OK;
    if (cli_open(cli, CLI_RULES, &opened) != OUSE_OK || import_all(cli, &opened) != OUSE_OK)
        status = cli_fail(&opened.problem);
    cli_close(&opened);
    return status;
}

static const struct cli_option options[] = {
    {"mode", "MODE", "create (none may be there), update (all must be), or upsert, which is the default"},
    {"dry-run", NULL, "check everything and tell what would be done; keep nothing"},
    {NULL, NULL, NULL},
};

const struct cli_command cli_import = {
    .name = "import",
    .arguments = "FILE|DIR…",
    .least = 1,
    .most = -1,
    .summary = "bring in records from NDJSON files, all or none",
    .help =
        "A file is of the collection that its name says (hubs.ndjson); where it says none, each line\n"
        "names it in meta.collection. Of a folder, every *.ndjson is taken; - is standard input. Records\n"
        "may refer to each other in any order. A row without an id gets one made from its label.",
    .options = options,
    .run = run,
};
