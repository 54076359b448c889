/* match: see match.h. */
#include "match.h"

#include "../../base/text.h"
#include "cell.h"
#include <stdio.h>

/* ---- Keys of records ------------------------------------------------------------------ */

static const char *find_scheme(const struct field *field, struct ouse_str scheme)
{
    if (field->is.type == OUSE_IDS || field->is.flags & OUSE_SCHEME)
        for (uint32_t i = 0; i < field->n_choices; i++)
            if (ouse_is(scheme, field->choices[i]))
                return field->choices[i];
    return NULL;
}

/* Returns the label field of the records; NULL if they have no such field, or it has no index. */
static const struct field *label_field(const struct collection *collection)
{
    const struct field *field = collection->n_labels == 1 ? collection->labels[0] : NULL;
    return field && field->is.type == OUSE_TEXT && query_filters(collection, field, OUSE_MANAGER) ? field
                                                                                                  : NULL;
}

static int is_unique(const struct field *field)
{
    return field->is.type != OUSE_IDS && field->is.flags & (OUSE_UNIQUE | OUSE_SCHEME);
}

/* Calls fn with each name that `match` may have; ends when fn returns 1. */
static void each_possible(const struct collection *collection, struct arena *arena,
                          int (*fn)(void *arg, const struct match *match), void *arg)
{
    const struct field *label = label_field(collection);
    const struct match by_id = {.name = ouse_s("id")};
    if (fn(arg, &by_id))
        return;
    for (uint32_t i = 0; i < collection->n_fields; i++) {
        const struct field *field = &collection->fields[i];
        for (uint32_t k = 0; field->is.type == OUSE_IDS && k < field->n_choices; k++) {
            const char *scheme = field->choices[k];
            const struct match by_code = {field, scheme,
                                          arena_printf(arena, "%s.%s", field->is.name, scheme)};
            if (fn(arg, &by_code))
                return;
        }
        const struct match by_field = {.field = field, .name = ouse_s(field->is.name)};
        if (is_unique(field) && fn(arg, &by_field))
            return;
    }
    const struct match by_label = {.field = label, .name = ouse_s("label")};
    if (label)
        fn(arg, &by_label);
}

struct possible {
    struct arena *arena;
    const struct columns *columns; /* only their fields; NULL: all fields */
    struct ouse_str names;
};

static int add_possible(void *arg, const struct match *match)
{
    struct possible *possible = arg;
    const char *name = match->field ? match->field->is.name : "id";
    if (!possible->columns || columns_have(possible->columns, name, match->scheme))
        possible->names = arena_printf(possible->arena, "%.*s%s%.*s", OUSE_F(possible->names),
                                       possible->names.n ? ", " : "", OUSE_F(match->name));
    return 0;
}

struct ouse_str match_possible(const struct collection *collection, const struct columns *columns,
                               struct arena *arena)
{
    struct possible possible = {arena, columns, {"", 0}};
    each_possible(collection, arena, add_possible, &possible);
    possible.columns = NULL;
    if (!possible.names.n)
        each_possible(collection, arena, add_possible, &possible);
    return possible.names;
}

static int is_asked(void *arg, const struct match *match)
{
    struct match *asked = arg;
    if (!ouse_same(asked->name, match->name))
        return 0;
    *asked = *match;
    return 1;
}

ouse_rc match_read(const struct collection *collection, struct ouse_str text, struct match *match,
                   struct problem *problem)
{
    const struct field *label = label_field(collection);
    *match = (struct match){.name = text.p ? text : ouse_s("id")};
    if (label && ouse_is(text, label->is.name))
        match->name = ouse_s("label");
    each_possible(collection, problem->arena, is_asked, match);
    if (match->field || ouse_is(match->name, "id"))
        return OUSE_OK;
    return problem_fail(
        problem, OUSE_E_REQUEST, "Records of %s cannot be matched by \"%.*s\"; they can be by: %.*s",
        collection->is.name, OUSE_F(text), OUSE_F(match_possible(collection, NULL, problem->arena)));
}

/* ---- Finding ---------------------------------------------------------------------- */

struct ouse_str match_key(const struct match *match, const cJSON *document)
{
    const cJSON *value = json_member(document, match->field ? match->field->is.name : "id"), *entry;
    if (!match->scheme)
        return json_text(value);
    cJSON_ArrayForEach(entry, value)
    {
        if (ouse_is(json_text(json_member(entry, "scheme")), match->scheme))
            return json_text(json_member(entry, "value"));
    }
    return (struct ouse_str){NULL, 0};
}

/* Finds the ids of the first two records with a value in the field. Returns how many there are. */
static int find_two(struct change_set *set, const struct collection *collection, const struct field *field,
                    struct ouse_str value, struct ouse_str ids[2])
{
    struct problem unused;
    struct query query;
    struct rows *rows;
    struct record record;
    int n = 0;
    problem_init(&unused, set->arena);
    query_init(&query, collection, set->caller.role);
    if (query_add(&query, set->arena, arena_printf(set->arena, "%s[eq]", field->is.name), value, &unused) ||
        rows_open(set->txn, &query, set->arena, &rows))
        return 0;
    while (n < 2 && rows_next(rows, &record) == OUSE_OK)
        ids[n++] = arena_copy(set->arena, record.id);
    rows_close(rows);
    return n;
}

static ouse_rc ambiguous(struct change_set *set, const struct collection *collection, const char *pointer,
                         struct ouse_str text, const struct ouse_str ids[2])
{
    return problem_add(
        set->problem, OUSE_E_INVALID, pointer, "ambiguous",
        "Several %s have \"%.*s\", such as %.*s and %.*s; name the one that is meant by its id or "
        "a code",
        collection->is.name, OUSE_F(text), OUSE_F(ids[0]), OUSE_F(ids[1]));
}

ouse_rc match_find(struct change_set *set, const struct collection *collection, const struct match *match,
                   struct ouse_str key, struct ouse_str *id)
{
    struct ouse_str ids[2], value = key;
    struct record record;
    if (!match->field) {
        *id = key;
        ouse_rc rc = record_get(set->txn, collection, key, &record);
        return !rc && record.kind != RECORD_LIVE ? OUSE_E_NOT_FOUND : rc;
    }
    if (match->scheme)
        value = arena_printf(set->arena, "%s:%.*s", match->scheme, OUSE_F(key));
    int n = find_two(set, collection, match->field, value, ids);
    if (n > 1)
        return ambiguous(set, collection, arena_printf(set->arena, "/%s", match->field->is.name).p, key, ids);
    *id = ids[0];
    return n ? OUSE_OK : OUSE_E_NOT_FOUND;
}

/* ---- References ------------------------------------------------------------------- */

static const struct reference_form forms[] = {
    {NULL, 1, 1, 0}, {"id", 1, 0, 0}, {"code", 0, 1, 0}, {"label", 0, 1, 1}};

const struct reference_form *reference_form(struct ouse_str name)
{
    for (size_t i = 1; name.p && i < sizeof forms / sizeof *forms; i++)
        if (ouse_is(name, forms[i].name))
            return &forms[i];
    return name.p ? NULL : &forms[0];
}

/* Finds records of a collection by a code; returns how many (up to two). */
static int find_by_code(struct change_set *set, const struct collection *collection, struct ouse_str scheme,
                        struct ouse_str value, struct ouse_str ids[2])
{
    for (uint32_t i = 0; i < collection->n_fields; i++) {
        const struct field *field = &collection->fields[i];
        const char *name = find_scheme(field, scheme);
        struct ouse_str text = value;
        if (name && field->is.type == OUSE_IDS)
            text = arena_printf(set->arena, "%s:%.*s", name, OUSE_F(value));
        int n = name ? find_two(set, collection, field, text, ids) : 0;
        if (n)
            return n;
    }
    return 0;
}

/* One reference that is looked for. */
struct looking {
    struct change_set *set;
    const struct reference_form *form;
    const struct field *field;
    int report;
    ouse_rc rc;
};

/* Finds the record that a text means among the targets of the field. Returns how many there are, up to two.
 */
static int find_target(const struct looking *looking, struct ouse_str text, int is_code,
                       const struct collection **collection, struct ouse_str ids[2])
{
    struct ouse_str scheme = {NULL, 0}, value = text;
    if (is_code)
        cell_code(text, &scheme, &value);
    for (uint32_t i = 0; i < looking->field->n_targets; i++) {
        const struct collection *to = looking->field->targets[i].to;
        const struct field *label = to ? label_field(to) : NULL;
        int n = !to       ? 0
                : is_code ? find_by_code(looking->set, to, scheme, value, ids)
                : label   ? find_two(looking->set, to, label, text, ids)
                          : 0;
        if (n) {
            *collection = to;
            return n;
        }
    }
    return 0;
}

static void refuse(struct looking *looking, struct ouse_str text, int is_code, const char *pointer)
{
    const struct field *field = looking->field;
    struct ouse_str targets = {"", 0};
    for (uint32_t i = 0; i < field->n_targets && i < 8; i++)
        targets = arena_printf(looking->set->arena, "%.*s%s%s", OUSE_F(targets), i ? ", " : "",
                               field->targets[i].collection);
    looking->rc = OUSE_E_NOT_FOUND;
    if (!looking->report)
        return;
    if (is_code || looking->form->labels)
        problem_add(looking->set->problem, OUSE_E_INVALID, pointer, "not_found",
                    "No record of %.*s has the %s \"%.*s\"; import it first, or correct the row",
                    OUSE_F(targets), is_code ? "code" : "label", OUSE_F(text));
    else
        problem_add(looking->set->problem, OUSE_E_INVALID, pointer, "format",
                    "\"%.*s\" is no code; a code has a scheme, such as ods:RWK", OUSE_F(text));
}

static void resolve(struct looking *looking, cJSON *value, const char *pointer)
{
    const struct reference_form *form = looking->form;
    const struct collection *collection = NULL;
    struct ouse_str text = json_text(value), ids[2], scheme, code;
    int is_code = text.p && form->codes && cell_code(text, &scheme, &code);
    if (!text.p || (!is_code && form->ids))
        return;
    int n = is_code || form->labels ? find_target(looking, text, is_code, &collection, ids) : 0;
    if (n > 1)
        looking->rc = ambiguous(looking->set, collection, pointer, text, ids);
    else if (!n)
        refuse(looking, text, is_code, pointer);
    else
        cJSON_SetValuestring(
            value, looking->field->qualified
                       ? arena_printf(looking->set->arena, "%s/%.*s", collection->is.name, OUSE_F(ids[0])).p
                       : ids[0].p);
}

ouse_rc references_resolve(struct change_set *set, const struct collection *collection,
                           const struct reference_form *form, cJSON *document, int report)
{
    struct looking looking = {.set = set, .form = form, .report = report};
    for (uint32_t i = 0; i < collection->n_fields; i++) {
        looking.field = &collection->fields[i];
        if (!looking.field->n_targets)
            continue;
        char pointer[96];
        int entry = 0;
        cJSON *value = cJSON_GetObjectItemCaseSensitive(document, looking.field->is.name), *one;
        snprintf(pointer, sizeof pointer, "/%s", looking.field->is.name);
        if (!cJSON_IsArray(value))
            resolve(&looking, value, pointer);
        else
            cJSON_ArrayForEach(one, value)
            {
                snprintf(pointer, sizeof pointer, "/%s/%d", looking.field->is.name, entry++);
                resolve(&looking, one, pointer);
            }
    }
    return looking.rc;
}
