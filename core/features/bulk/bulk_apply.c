/* bulk_apply: see bulk_apply.h. */
#include "bulk_apply.h"

#include "../../base/heap.h"
#include <ouse/plugin.h>
#include <stdlib.h>

/* ---- One row ---------------------------------------------------------------- */

static const struct ouse_str no_id = {NULL, 0};

static ouse_rc take_create(struct change_set *set, struct load *load, const struct row *row,
                           struct changed *changed)
{
    (void)load;
    return change_create(set, row->collection, no_id, row->document, changed);
}

/* Null, or an empty cell, takes a value out; of a field with a default it means nothing, so an import
 * that is repeated finds nothing to do. */
static int speaks_of(const struct row *row, const char *name)
{
    const cJSON *said = json_member(row->document, name);
    const struct field *field = schema_field(row->collection, ouse_s(name));
    return said && !(cJSON_IsNull(said) && field && field->dflt);
}

/* Keeps the identifiers of other schemes if some schemes have their own columns. */
static void keep_schemes(const struct row *row, const cJSON *stored)
{
    cJSON *said = cJSON_GetObjectItemCaseSensitive(row->document, stored->string);
    const cJSON *entry;
    cJSON_ArrayForEach(entry, stored)
    {
        struct ouse_str scheme = json_text(json_member(entry, "scheme"));
        if (!scheme.p || columns_have(row->columns, stored->string, scheme.p))
            continue;
        if (!cJSON_IsArray(said)) {
            cJSON_DeleteItemFromObjectCaseSensitive(row->document, stored->string);
            said = cJSON_AddArrayToObject(row->document, stored->string);
        }
        cJSON_AddItemToArray(said, cJSON_Duplicate(entry, 1));
    }
}

static int is_identifiers(const struct row *row, const char *name)
{
    const struct field *field = schema_field(row->collection, ouse_s(name));
    return field && field->is.type == OUSE_IDS && row->columns;
}

/* Keeps the fields that a row does not name: a table of three columns removes nothing from the
 * others, nor does a list that was exported with a restricted role. */
static void keep_unsaid(const struct row *row, const cJSON *stored)
{
    for (const cJSON *c = stored ? stored->child : NULL; c; c = c->next)
        if (!speaks_of(row, c->string)) {
            cJSON_DeleteItemFromObjectCaseSensitive(row->document, c->string);
            cJSON_AddItemToObject(row->document, c->string, cJSON_Duplicate(c, 1));
        } else if (is_identifiers(row, c->string)) {
            keep_schemes(row, c);
        }
}

static ouse_rc replace(struct change_set *set, const struct row *row, struct ouse_str id,
                       struct changed *changed)
{
    struct record record;
    if (!record_get(set->txn, row->collection, id, &record) && record.kind == RECORD_LIVE)
        keep_unsaid(row, record_document(set->arena, &record, NULL));
    return change_replace(set, row->collection, id, row->document, NULL, changed);
}

static const char *pointer_of_match(const struct match *match, struct arena *arena)
{
    return arena_printf(arena, "/%s", match->field ? match->field->is.name : "id").p;
}

static ouse_rc take_update(struct change_set *set, struct load *load, const struct row *row,
                           struct changed *changed)
{
    const struct match *by = &load->by;
    struct ouse_str key = match_key(by, row->document), id = {NULL, 0};
    if (!key.p)
        return problem_add(set->problem, OUSE_E_INVALID, pointer_of_match(by, set->arena), "required",
                           "An update must name the record that it is of, by %.*s", OUSE_F(by->name));
    ouse_rc rc = match_find(set, row->collection, by, key, &id);
    if (rc == OUSE_E_NOT_FOUND && by->field)
        return problem_add(set->problem, OUSE_E_INVALID, pointer_of_match(by, set->arena), "not_found",
                           "No record of %s has the %.*s \"%.*s\"", row->collection->is.name,
                           OUSE_F(by->name), OUSE_F(key));
    return rc && by->field ? rc : replace(set, row, id, changed);
}

/* A row without an id is new, if records are matched by id; otherwise each needs its key. */
static ouse_rc take_upsert(struct change_set *set, struct load *load, const struct row *row,
                           struct changed *changed)
{
    const struct match *by = &load->by;
    struct ouse_str key = match_key(by, row->document), id = {NULL, 0};
    if (!key.p && by->field)
        return problem_add(set->problem, OUSE_E_INVALID, pointer_of_match(by, set->arena), "required",
                           "The row has no %.*s, by which rows are matched; without it a second import would "
                           "make the record again",
                           OUSE_F(by->name));
    ouse_rc rc = key.p ? match_find(set, row->collection, by, key, &id) : OUSE_E_NOT_FOUND;
    if (rc == OUSE_E_NOT_FOUND)
        return take_create(set, load, row, changed);
    return rc ? rc : replace(set, row, id, changed);
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

/* ---- Rows that wait --------------------------------------------------------- */

static int is_waiting(const struct load *load, uint64_t row)
{
    return row / 8 < load->room && load->waiting[row / 8] >> row % 8 & 1;
}

static void set_waiting(struct load *load, uint64_t row, int waits)
{
    size_t room = load->room ? load->room : 4096;
    if (!waits && !is_waiting(load, row))
        return;
    while (room <= row / 8)
        room *= 2;
    if (room > load->room) {
        load->waiting = heap_grow(load->waiting, room);
        memset(load->waiting + load->room, 0, room - load->room);
        load->room = room;
    }
    if (waits)
        load->waiting[row / 8] |= (uint8_t)(1u << row % 8);
    else
        load->waiting[row / 8] &= (uint8_t) ~(1u << row % 8);
    load->n_waiting = waits ? load->n_waiting + 1 : load->n_waiting;
}

/* ---- A row with its problem -------------------------------------------------- */

/* Reads the match of a collection. A mistake in it is one of the import, not of a row. */
static ouse_rc choose_match(struct change_set *set, struct load *load, const struct row *row)
{
    if (load->matched == row->collection)
        return OUSE_OK;
    load->matched = NULL;
    ouse_rc rc = match_read(row->collection, load->match, &load->by, set->problem);
    if (!rc)
        load->matched = row->collection;
    return rc;
}

/* The same key twice in one file is an error. */
static ouse_rc check_key(struct change_set *set, struct load *load, const struct row *row)
{
    struct ouse_str key = match_key(&load->by, row->document);
    if (load->keyed != row->source + 1)
        keys_finish(&load->keys);
    load->keyed = row->source + 1;
    uint32_t line =
        key.n && !load->round ? keys_add(&load->keys, row->collection->number, key, row->line) : 0;
    if (!line)
        return OUSE_OK;
    return problem_add(set->problem, OUSE_E_INVALID, pointer_of_match(&load->by, set->arena), "twice",
                       "The %.*s \"%.*s\" is twice in this file, first on line %u; take one of the rows out",
                       OUSE_F(load->by.name), OUSE_F(key), line);
}

/* Applies one row to the set. Returns OUSE_E_NOT_FOUND without a problem if it must wait for the
 * target of a reference. */
static ouse_rc take(struct change_set *set, struct load *load, const struct row *row, struct changed *changed)
{
    const struct reference_form *form = load->references ? load->references : reference_form(no_id);
    ouse_rc rc = check_key(set, load, row);
    if (!rc)
        rc = references_resolve(set, row->collection, form, row->document, load->last_round);
    return rc ? rc : load->mode->take(set, load, row, changed);
}

static void count(struct load *load, const struct row *row, const struct changed *changed)
{
    load->counts[place_of(load->intake->schema, row->collection)][changed->created     ? LOAD_CREATED
                                                                  : changed->unchanged ? LOAD_UNCHANGED
                                                                                       : LOAD_UPDATED]++;
}

/* Applies one row with a separate problem, so that the rows after a bad one are checked too, and
 * with separate memory. */
static void take_row(struct change_set *set, struct load *load, const struct row *row, uint64_t number)
{
    struct arena arena = {0}, *whole = set->arena;
    struct problem problem, *shared = set->problem;
    struct changed changed = {0};
    problem_init(&problem, &arena);
    set->arena = &arena;
    set->problem = &problem;
    set->place = row->place;
    ouse_rc rc = take(set, load, row, &changed);
    int waits = rc && !problem.rc;
    if (rc && !waits)
        change_await_references(set, row->collection, row->document);
    set->place = ouse_s("");
    set->problem = shared;
    set->arena = whole;
    set_waiting(load, number, waits);
    if (rc && !waits)
        problem_gather(shared, OUSE_E_INVALID, &problem, row->place);
    else if (!rc)
        count(load, row, &changed);
    arena_finish(&arena);
}

/* ---- The set ----------------------------------------------------------------- */

void load_counts(const struct load *load, const struct collection *collection, uint64_t counts[LOAD_OUTCOMES])
{
    memcpy(counts, load->counts[place_of(load->intake->schema, collection)], sizeof *load->counts);
}

/* A table that names no record can be imported once only: the second time, every row would be new again. */
static ouse_rc check_table(const struct load *load, const struct row *row, struct problem *problem)
{
    if (!row->columns || load->mode->take == take_create || load->match.p || !row->collection ||
        columns_have(row->columns, "id", NULL))
        return OUSE_OK;
    struct ouse_str possible = match_possible(row->collection, row->columns, problem->arena);
    problem_add(problem, OUSE_E_INVALID, "", "match_required",
                "The table has no column id and no match, so a second import would make every record again: "
                "choose match from %.*s, or the mode create",
                OUSE_F(possible));
    intake_skip(load->intake);
    return problem->rc;
}

/* Takes the rows of a round. */
static ouse_rc take_rows(struct change_set *set, struct load *load)
{
    struct row row;
    struct problem problem;
    uint64_t number = 0;
    ouse_rc read, rc = OUSE_OK;
    intake_rewind(load->intake);
    load->n_waiting = 0;
    for (; !rc && !(read = intake_next(load->intake, &row, &problem)); number++) {
        if (load->round && !is_waiting(load, number))
            continue;
        if (!problem.rc && choose_match(set, load, &row))
            return set->problem->rc;
        if (!problem.rc)
            check_table(load, &row, &problem);
        if (problem.rc)
            problem_gather(set->problem, OUSE_E_INVALID, &problem, row.place);
        else
            take_row(set, load, &row, number);
        rc = txn_step(set->txn);
    }
    if (rc)
        return problem_fail(set->problem, rc, "The store does not take all of it; nothing was imported");
    return read == OUSE_E_NOT_FOUND ? OUSE_OK
                                    : problem_fail(set->problem, read, "%.*s", OUSE_F(problem.detail));
}

/* Applies rows in rounds, as long as one applies waiting rows. Rows that still wait are reported in
 * the last round. */
static ouse_rc take_rounds(struct change_set *set, struct load *load)
{
    uint64_t waited = UINT64_MAX;
    ouse_rc rc = take_rows(set, load);
    while (!rc && load->n_waiting && !load->last_round) {
        load->last_round = load->n_waiting == waited;
        waited = load->n_waiting;
        load->round++;
        rc = take_rows(set, load);
    }
    return rc;
}

static void begin(struct change_set *set, struct load *load)
{
    load->counts = arena_zero(set->arena, (schema_count(load->intake->schema) + 1) * sizeof *load->counts);
    load->matched = NULL;
    load->keyed = load->round = 0;
    load->last_round = 0;
    set->problem->most = load->most;
}

static void end(struct load *load)
{
    keys_finish(&load->keys);
    free(load->waiting);
    load->waiting = NULL;
    load->room = 0;
}

/* Reports every error, also those that are known only at the end of the set. A file that cannot be read as it
 * is has one sentence. */
ouse_rc load_rows(struct change_set *set, void *arg)
{
    struct load *load = arg;
    struct problem *problem = set->problem;
    begin(set, load);
    if (take_rounds(set, load) == OUSE_OK)
        change_settle_rules(set);
    if (problem->rc == OUSE_E_CONFLICT) /* all rows fail with one status, whatever their mistakes */
        problem->rc = OUSE_E_INVALID;
    end(load);
    if (!problem->rc)
        return OUSE_OK;
    if (load->intake->unreadable && problem->n_errors == 1)
        return problem_fail(problem, OUSE_E_INVALID, "%.*s", OUSE_F(problem->errors[0].detail));
    return problem_fail(problem, OUSE_E_INVALID, "Nothing was imported; faults: %u", problem->n_errors);
}

void load_locate(const struct load *load, struct problem *problem)
{
    intake_locate(load->intake, problem);
}

struct ouse_str load_ignored(const struct load *load, struct arena *arena)
{
    const struct columns *columns = load->intake->n_sources ? load->intake->columns[0] : NULL;
    struct ouse_str list = {NULL, 0};
    struct buffer out;
    buffer_init(&out, 1 << 20);
    for (uint32_t i = 0; columns && i < columns->n_cells; i++) {
        int used = !columns->names[i].n;
        for (uint32_t k = 0; k < columns->n; k++)
            used |= !columns->at[k].constant && columns->at[k].cell == i;
        if (used)
            continue;
        buffer_byte(&out, out.n ? ',' : '[');
        json_string(&out, columns->names[i]);
    }
    if (out.n)
        list = arena_printf(arena, "%.*s]", OUSE_F(buffer_view(&out)));
    buffer_finish(&out);
    return list;
}
