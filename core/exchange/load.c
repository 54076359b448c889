/* load: see load.h. */
#include "load.h"

#include <ouse/plugin.h>

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

/* Takes one row with a problem of its own, so that the rows behind a bad one are looked at too. */
static void take_row(struct change_set *set, struct load *load, const struct row *row)
{
    struct problem problem, *shared = set->problem;
    struct changed changed = {0};
    problem_init(&problem, set->arena);
    set->problem = &problem;
    set->place = row->place;
    ouse_rc rc = load->mode->take(set, row, &changed);
    set->place = ouse_s("");
    set->problem = shared;
    if (rc)
        problem_gather(shared, OUSE_E_INVALID, &problem, row->place);
    else
        load->counts[place_of(load->intake->schema, row->collection)][changed.created     ? LOAD_CREATED
                                                                      : changed.unchanged ? LOAD_UNCHANGED
                                                                                          : LOAD_UPDATED]++;
}

/* ---- The set ----------------------------------------------------------------- */

struct looking {
    struct change_set *set;
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
    const char *name = field->is.name, *inner = strcmp(name, "sources") == 0 ? "/publication" : "";
    struct ouse_str pointer = entry < 0 ? arena_printf(looking->set->arena, "/%s", name)
                                        : arena_printf(looking->set->arena, "/%s/%d%s", name, entry, inner);
    problem_add(looking->problem, OUSE_E_INVALID, pointer.p, "not_found", "There is no %s/%.*s",
                target->to->is.name, OUSE_F(id));
}

/* References settle with the set, which ends where a row is bad: so they are
 * looked at here too, once all rows are in. */
static void look_at_references(struct change_set *set, const struct load *load)
{
    for (size_t i = 0; i < load->intake->n; i++) {
        const struct row *row = &load->intake->at[i];
        struct problem problem;
        problem_init(&problem, set->arena);
        struct looking looking = {set, &problem};
        schema_references(row->collection, row->document, look_at_reference, &looking);
        if (problem.rc)
            problem_gather(set->problem, OUSE_E_INVALID, &problem, row->place);
    }
}

void load_counts(const struct load *load, const struct collection *collection, uint64_t counts[LOAD_OUTCOMES])
{
    memcpy(counts, load->counts[place_of(load->intake->schema, collection)], sizeof *load->counts);
}

ouse_rc load_rows(struct change_set *set, void *arg)
{
    struct load *load = arg;
    const struct intake *intake = load->intake;
    load->counts = arena_zero(set->arena, (schema_count(intake->schema) + 1) * sizeof *load->counts);
    set->problem->most = intake->faults.most;
    if (intake->faults.rc)
        problem_gather(set->problem, OUSE_E_INVALID, &intake->faults, ouse_s(""));
    for (size_t i = 0; i < intake->n; i++)
        take_row(set, load, &intake->at[i]);
    look_at_references(set, load);
    if (!set->problem->rc)
        return OUSE_OK;
    return problem_fail(set->problem, OUSE_E_INVALID, "Nothing was imported; faults: %u",
                        set->problem->n_errors);
}
