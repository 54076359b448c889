/* load: see load.h. */
#include "load.h"

#include <ouse/plugin.h>

/* ---- One row ---------------------------------------------------------------- */

static const struct ouse_str no_id = {NULL, 0};

static ouse_rc take_create(struct change_set *set, const struct row *row, struct changed *changed)
{
    return change_create(set, row->collection, no_id, row->document, changed);
}

/* Null, or an empty cell, takes a value out; of a field with a default it says nothing, so an import
 * that is repeated finds nothing to do. */
static int speaks_of(const struct row *row, const char *name)
{
    const cJSON *said = json_member(row->document, name);
    const struct field *field = schema_field(row->collection, ouse_s(name));
    return said && !(cJSON_IsNull(said) && field && field->dflt);
}

/* What a row is silent of stays as it is: a table of three columns takes nothing from the others, nor
 * does a list that was fetched by somebody who does not see all. */
static void keep_unsaid(const struct row *row, const cJSON *stored)
{
    for (const cJSON *c = stored ? stored->child : NULL; c; c = c->next)
        if (!speaks_of(row, c->string)) {
            cJSON_DeleteItemFromObjectCaseSensitive(row->document, c->string);
            cJSON_AddItemToObject(row->document, c->string, cJSON_Duplicate(c, 1));
        }
}

static ouse_rc take_update(struct change_set *set, const struct row *row, struct changed *changed)
{
    struct ouse_str id = json_text(json_member(row->document, "id"));
    struct record record;
    if (!id.p)
        return problem_add(set->problem, OUSE_E_INVALID, "/id", "required",
                           "An update must say which record it is of");
    if (!record_get(set->txn, row->collection, id, &record) && record.kind == RECORD_LIVE)
        keep_unsaid(row, record_document(set->arena, &record, NULL));
    return change_replace(set, row->collection, id, row->document, NULL, changed);
}

/* Without an id there is nothing to match by: such a row is always new. */
static ouse_rc take_upsert(struct change_set *set, const struct row *row, struct changed *changed)
{
    struct ouse_str id = json_text(json_member(row->document, "id"));
    struct record record;
    ouse_rc rc = id.p ? record_get(set->txn, row->collection, id, &record) : OUSE_E_NOT_FOUND;
    int is_there = rc == OUSE_OK && record.kind == RECORD_LIVE;
    return is_there ? take_update(set, row, changed) : take_create(set, row, changed);
}

static const struct load_mode modes[] = {{"upsert", take_upsert, OUSE_NO_CREATE | OUSE_NO_CHANGE},
                                         {"create", take_create, OUSE_NO_CREATE},
                                         {"update", take_update, OUSE_NO_CHANGE}};
enum { MODES = sizeof modes / sizeof modes[0] };

const struct load_mode *load_mode(struct ouse_str name)
{
    for (int i = 0; i < MODES; i++)
        if (!name.p || ouse_is(name, modes[i].name))
            return &modes[i];
    return NULL;
}

static uint32_t place_of(const struct schema *schema, const struct collection *collection)
{
    uint32_t i = 0;
    while (schema_at(schema, i) != collection)
        i++;
    return i;
}

/* Takes one row with a problem of its own, so that the rows behind a bad one are looked at
 * too, and with memory of its own. */
static void take_row(struct change_set *set, struct load *load, const struct row *row)
{
    struct arena arena = {0}, *whole = set->arena;
    struct problem problem, *shared = set->problem;
    struct changed changed = {0};
    problem_init(&problem, &arena);
    set->arena = &arena;
    set->problem = &problem;
    set->place = row->place;
    ouse_rc rc = load->mode->take(set, row, &changed);
    if (rc)
        change_await_references(set, row->collection, row->document);
    set->place = ouse_s("");
    set->problem = shared;
    set->arena = whole;
    if (rc)
        problem_gather(shared, OUSE_E_INVALID, &problem, row->place);
    else
        load->counts[place_of(load->intake->schema, row->collection)][changed.created     ? LOAD_CREATED
                                                                      : changed.unchanged ? LOAD_UNCHANGED
                                                                                          : LOAD_UPDATED]++;
    arena_finish(&arena);
}

/* ---- The set ----------------------------------------------------------------- */

void load_counts(const struct load *load, const struct collection *collection, uint64_t counts[LOAD_OUTCOMES])
{
    memcpy(counts, load->counts[place_of(load->intake->schema, collection)], sizeof *load->counts);
}

static ouse_rc take_rows(struct change_set *set, struct load *load)
{
    struct row row;
    struct problem problem;
    ouse_rc read, rc = OUSE_OK;
    while (!rc && !(read = intake_next(load->intake, &row, &problem))) {
        if (problem.rc)
            problem_gather(set->problem, OUSE_E_INVALID, &problem, row.place);
        else
            take_row(set, load, &row);
        rc = txn_step(set->txn);
    }
    if (rc)
        return problem_fail(set->problem, rc, "The store does not take all of it; nothing was imported");
    return read == OUSE_E_NOT_FOUND ? OUSE_OK
                                    : problem_fail(set->problem, read, "%.*s", OUSE_F(problem.detail));
}

/* All that is wrong is told: references that lead nowhere, too. */
ouse_rc load_rows(struct change_set *set, void *arg)
{
    struct load *load = arg;
    load->counts = arena_zero(set->arena, (schema_count(load->intake->schema) + 1) * sizeof *load->counts);
    set->problem->most = load->most;
    intake_rewind(load->intake);
    if (take_rows(set, load) == OUSE_OK)
        change_settle_references(set);
    if (!set->problem->rc)
        return OUSE_OK;
    return problem_fail(set->problem, OUSE_E_INVALID, "Nothing was imported; faults: %u",
                        set->problem->n_errors);
}
