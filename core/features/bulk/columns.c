/* columns: see columns.h. */
#include "columns.h"

#include "../../base/text.h"
#include "cell.h"
#include "csv.h"
#include <ctype.h>

static const char *const quantity_parts[] = {"value", "min", "max", "qualifier", "unit"};
enum { NAMES_MAX = 256 }; /* that are compared with one that is not known */
enum { QUANTITY_PARTS = sizeof quantity_parts / sizeof *quantity_parts };

struct ouse_str pointer_to(struct arena *arena, struct ouse_str name)
{
    char *at = arena_alloc(arena, (size_t)name.n * 2 + 2);
    struct ouse_str pointer = {at, 0};
    at[pointer.n++] = '/';
    for (uint32_t i = 0; i < name.n; i++) {
        int escaped = name.p[i] == '~' || name.p[i] == '/';
        at[pointer.n++] = escaped ? '~' : name.p[i];
        if (escaped)
            at[pointer.n++] = name.p[i] == '/' ? '1' : '0';
    }
    at[pointer.n] = '\0';
    return pointer;
}

static struct ouse_str unescape(struct arena *arena, struct ouse_str part)
{
    char *to = arena_alloc(arena, part.n + 1);
    struct ouse_str name = {to, 0};
    for (uint32_t i = 0; i < part.n; i++) {
        int escape = part.p[i] == '~' && i + 1 < part.n;
        to[name.n++] = !escape ? part.p[i] : part.p[i + 1] == '1' ? '/' : '~';
        i += (uint32_t)escape;
    }
    to[name.n] = '\0';
    return name;
}

/* ---- Names ------------------------------------------------------------------------ */

/* Whether a header is the name of a field but for case, spaces and hyphens: "Short name". */
static int is_nearly(struct ouse_str header, const char *name)
{
    if (header.n != strlen(name))
        return 0;
    for (uint32_t i = 0; i < header.n; i++) {
        char c = header.p[i] == ' ' || header.p[i] == '-' ? '_' : (char)tolower((unsigned char)header.p[i]);
        if (c != name[i])
            return 0;
    }
    return 1;
}

/* The scheme of identifiers, or the member of a quantity, that a name has after a point. */
static const char *find_part(const struct field *field, struct ouse_str name)
{
    const char *const *parts = field->is.type == OUSE_IDS ? field->choices : quantity_parts;
    uint32_t n = field->is.type == OUSE_IDS ? field->n_choices : QUANTITY_PARTS;
    for (uint32_t i = 0; i < n; i++)
        if (ouse_is(name, parts[i]))
            return parts[i];
    return NULL;
}

/* The fields, then `sources`, if the records have them; then NULL. */
static const struct field *field_at(const struct collection *collection, uint32_t i)
{
    return i < collection->n_fields    ? &collection->fields[i]
           : i == collection->n_fields ? collection->sources
                                       : NULL;
}

static int find_whole(const struct collection *collection, struct ouse_str name, struct column *column)
{
    static const char *const others[] = {"id", CSV_VISIBILITY};
    const struct field *field;
    for (uint32_t i = 0; i < sizeof others / sizeof *others; i++)
        if (is_nearly(name, others[i]))
            column->name = others[i];
    for (uint32_t i = 0; !column->name && (field = field_at(collection, i)); i++)
        if (is_nearly(name, field->is.name)) {
            column->field = field;
            column->name = field->is.name;
        }
    return column->name != NULL;
}

/* Finds the target of a name: a field, a part of one, id, meta.visibility. */
static int find_target(const struct collection *collection, struct ouse_str name, struct column *column)
{
    struct ouse_str part = name, whole;
    if (find_whole(collection, name, column))
        return 1;
    text_cut(&part, '.', &whole);
    if (!part.p || !find_whole(collection, whole, column))
        return 0;
    if (column->field && (column->field->is.type == OUSE_IDS || column->field->is.type == OUSE_QTY))
        column->part = find_part(column->field, part);
    return column->part != NULL;
}

/* The names that a column may have, for "did you mean". */
static uint32_t target_names(const struct collection *collection, struct arena *arena,
                             const char *names[NAMES_MAX])
{
    const struct field *field;
    uint32_t n = 0;
    names[n++] = "id";
    names[n++] = CSV_VISIBILITY;
    for (uint32_t i = 0; (field = field_at(collection, i)); i++) {
        names[n++] = field->is.name;
        for (uint32_t k = 0;
             field->is.type == OUSE_IDS && k < field->n_choices && n < NAMES_MAX - SCHEMA_FIELDS_MAX; k++)
            names[n++] = arena_printf(arena, "%s.%s", field->is.name, field->choices[k]).p;
    }
    return n;
}

static void refuse_name(const struct collection *collection, struct ouse_str name, struct problem *problem)
{
    const char *names[NAMES_MAX];
    uint32_t n = target_names(collection, problem->arena, names);
    problem_add(problem, OUSE_E_INVALID, pointer_to(problem->arena, name).p, "unknown_field",
                "%s has no field \"%.*s\"%s", collection->is.name, OUSE_F(name),
                problem_hint(problem->arena, name, names, n));
}

/* ---- Making ----------------------------------------------------------------------- */

static void add_column(struct arena *arena, struct columns *columns, const struct column *column,
                       struct problem *problem)
{
    for (uint32_t i = 0; i < columns->n; i++)
        if (columns->at[i].name == column->name && columns->at[i].part == column->part &&
            !columns->at[i].constant && !column->constant)
            problem_add(problem, OUSE_E_INVALID, pointer_to(problem->arena, column->source).p, "duplicate",
                        "The column is there twice: two columns lead to %s%s%s", column->name,
                        column->part ? "." : "", column->part ? column->part : "");
    columns->at = arena_more(arena, columns->at, columns->n, &columns->room, sizeof *columns->at);
    columns->at[columns->n++] = *column;
}

static int read_details(const cJSON *spec, struct column *column, struct problem *problem)
{
    static const char *const known[] = {"field", "values", "scheme"};
    const cJSON *member;
    cJSON_ArrayForEach(member, spec)
    {
        const char *name = member->string;
        int fits = strcmp(name, "field") == 0 || (strcmp(name, "values") == 0 && cJSON_IsObject(member)) ||
                   (strcmp(name, "scheme") == 0 && cJSON_IsString(member));
        if (fits)
            continue;
        problem_add(problem, OUSE_E_INVALID, pointer_to(problem->arena, column->source).p, "mapping",
                    "In the mapping of a column, \"%s\" is not accepted%s; accepted are field, values (an "
                    "object) and scheme (a text)",
                    name, problem_hint(problem->arena, ouse_s(name), known, 3));
        return 0;
    }
    column->values = json_member(spec, "values");
    column->scheme = json_text(json_member(spec, "scheme")).p;
    return 1;
}

/* Adds the mapping of one column: a name, an object, a list of them; null ignores it. */
static void add_mapped(struct arena *arena, struct columns *columns, struct column column, const cJSON *spec,
                       struct problem *problem)
{
    const cJSON *entry;
    struct ouse_str target = json_text(cJSON_IsObject(spec) ? json_member(spec, "field") : spec);
    if (cJSON_IsNull(spec))
        return;
    if (cJSON_IsArray(spec)) {
        cJSON_ArrayForEach(entry, spec)
        {
            if (!cJSON_IsArray(entry))
                add_mapped(arena, columns, column, entry, problem);
        }
        return;
    }
    if (cJSON_IsObject(spec) && !read_details(spec, &column, problem))
        return;
    if (!target.p)
        problem_add(problem, OUSE_E_INVALID, pointer_to(problem->arena, column.source).p, "mapping",
                    "A mapping leads from a column to the name of a field, an object with a field, a list of "
                    "these, or null");
    else if (!find_target(columns->collection, target, &column))
        refuse_name(columns->collection, target, problem);
    else
        add_column(arena, columns, &column, problem);
}

static void add_named(struct arena *arena, struct columns *columns, const struct mapping *mapping,
                      struct ouse_str name, uint32_t cell, struct problem *problem)
{
    struct column column = {.source = name, .cell = cell};
    const cJSON *spec = name.n ? json_member(mapping->fields, arena_copy(arena, name).p) : NULL;
    if (spec)
        add_mapped(arena, columns, column, spec, problem);
    else if (find_target(columns->collection, name, &column))
        add_column(arena, columns, &column, problem);
    else if (name.n && !mapping->fields)
        refuse_name(columns->collection, name, problem);
}

static int is_among(const struct ouse_str *names, uint32_t n, const char *name)
{
    for (uint32_t i = 0; i < n; i++)
        if (ouse_is(names[i], name))
            return 1;
    return 0;
}

/* A column of the mapping that the file does not have is a mistake in one of them. */
static void check_mapped(const struct columns *columns, const struct mapping *mapping,
                         struct problem *problem)
{
    const cJSON *member;
    cJSON_ArrayForEach(member, mapping->fields)
    {
        if (is_among(columns->names, columns->n_cells, member->string))
            continue;
        struct ouse_str list = {"", 0};
        for (uint32_t i = 0; i < columns->n_cells && list.n < 600; i++)
            if (columns->names[i].n)
                list = arena_printf(problem->arena, "%.*s%s%.*s", OUSE_F(list), list.n ? ", " : "",
                                    OUSE_F(columns->names[i]));
        problem_add(problem, OUSE_E_INVALID, pointer_to(problem->arena, ouse_s(member->string)).p,
                    "unknown_column",
                    "The mapping has a column \"%s\", which the file does not have; it has: "
                    "%.*s",
                    member->string, OUSE_F(list));
    }
}

static void add_constants(struct arena *arena, struct columns *columns, const struct mapping *mapping,
                          struct problem *problem)
{
    const cJSON *member;
    cJSON_ArrayForEach(member, mapping->constants)
    {
        struct column column = {.constant = member};
        if (find_target(columns->collection, ouse_s(member->string), &column))
            add_column(arena, columns, &column, problem);
        else
            refuse_name(columns->collection, ouse_s(member->string), problem);
    }
}

/* A pointer from a name: "title" is "/title". */
static struct ouse_str pointer_of(struct arena *arena, const char *name)
{
    return *name == '/' ? ouse_s(name) : pointer_to(arena, ouse_s(name));
}

ouse_rc columns_make(struct arena *arena, const struct collection *collection, const struct mapping *mapping,
                     const struct ouse_str *names, uint32_t n_names, struct columns *columns,
                     struct problem *problem)
{
    const cJSON *member;
    *columns = (struct columns){.collection = collection, .n_cells = n_names};
    columns->names = arena_zero(arena, (n_names + 1) * sizeof *names);
    for (uint32_t i = 0; i < n_names; i++) {
        columns->names[i] = arena_copy(arena, names[i]);
        add_named(arena, columns, mapping, columns->names[i], i, problem);
    }
    columns->exported = !mapping->fields && n_names > 1 && ouse_is(names[0], "id") &&
                        ouse_is(names[n_names - 1], CSV_VISIBILITY);
    if (names)
        check_mapped(columns, mapping, problem);
    else
        cJSON_ArrayForEach(member, mapping->fields)
        {
            const struct column column = {.source = pointer_of(arena, member->string)};
            add_mapped(arena, columns, column, member, problem);
        }
    add_constants(arena, columns, mapping, problem);
    return problem->rc;
}

int columns_are_named(const struct collection *collection, const struct mapping *mapping,
                      const struct ouse_str *names, uint32_t n_names)
{
    struct arena arena = {0};
    const char *known[NAMES_MAX];
    uint32_t n = target_names(collection, &arena, known);
    int found = 0;
    for (uint32_t i = 0; i < n_names && !found; i++) {
        struct column column = {.name = NULL};
        found = find_target(collection, names[i], &column) || problem_nearest(names[i], known, n) ||
                (names[i].n && json_member(mapping->fields, arena_copy(&arena, names[i]).p));
    }
    arena_finish(&arena);
    return found;
}

int columns_have(const struct columns *columns, const char *name, const char *part)
{
    for (uint32_t i = 0; i < columns->n; i++)
        if (strcmp(columns->at[i].name, name) == 0 &&
            (!part || !columns->at[i].part || strcmp(columns->at[i].part, part) == 0))
            return 1;
    return 0;
}

struct ouse_str columns_named(const struct columns *columns, struct ouse_str pointer, struct arena *arena)
{
    struct ouse_str name, none;
    if (!pointer.n)
        return (struct ouse_str){NULL, 0};
    text_cut(&pointer, '/', &none);
    text_cut(&pointer, '/', &name);
    if (ouse_is(name, "meta") && pointer.p)
        name = ouse_s(CSV_VISIBILITY);
    for (uint32_t i = 0; columns && i < columns->n; i++)
        if (columns->at[i].source.p && ouse_is(name, columns->at[i].name))
            return columns->at[i].source;
    return unescape(arena, name);
}

/* ---- Values ----------------------------------------------------------------------- */

/* The codes of a reference get their scheme: RWK is ods:RWK. */
static void add_scheme(struct arena *arena, const struct column *column, cJSON *value)
{
    cJSON *entry;
    struct ouse_str text = json_text(value), scheme, code;
    cJSON_ArrayForEach(entry, value)
    {
        add_scheme(arena, column, entry);
    }
    if (text.p && !cell_code(text, &scheme, &code))
        cJSON_SetValuestring(value, arena_printf(arena, "%s:%.*s", column->scheme, OUSE_F(text)).p);
}

/* Returns the value of a text of the column, by its table of values; NULL: the text itself. */
static const cJSON *find_value(struct arena *arena, const struct column *column, struct ouse_str text)
{
    const cJSON *value = json_member(column->values, arena_copy(arena, text).p);
    return value ? value : json_member(column->values, "*");
}

/* Returns the value of a text; NULL if it is unknown. */
static cJSON *value_of_text(struct arena *arena, const struct column *column, struct ouse_str text)
{
    const cJSON *stands = find_value(arena, column, text);
    if (stands)
        return cJSON_IsNull(stands) ? NULL : cJSON_Duplicate(stands, 1);
    if (column->part && column->field->is.type == OUSE_IDS)
        return text.n ? cJSON_CreateString(arena_copy(arena, cell_identifier(column->part, text)).p) : NULL;
    if (column->part) {
        cJSON *value = cell_value(arena, column->field, text), *number = json_member(value, "value");
        return number ? cJSON_Duplicate(json_keep(arena, value)->child, 1) : value;
    }
    cJSON *value = cell_value(arena, column->field, text);
    if (value && column->scheme && column->field && column->field->n_targets)
        add_scheme(arena, column, value);
    return value;
}

/* Puts a value into the document at its column. */
static void set_value(cJSON *document, const struct column *column, cJSON *value)
{
    cJSON *member = cJSON_GetObjectItemCaseSensitive(document, column->name);
    int is_list = column->part && column->field->is.type == OUSE_IDS;
    if (strcmp(column->name, CSV_VISIBILITY) == 0) {
        member = cJSON_AddObjectToObject(document, "meta");
        cJSON_AddItemToObject(member, "visibility", value);
        return;
    }
    if (!column->part) {
        cJSON_DeleteItemFromObjectCaseSensitive(document, column->name);
        cJSON_AddItemToObject(document, column->name, value);
        return;
    }
    if (!(is_list ? cJSON_IsArray(member) : cJSON_IsObject(member))) {
        cJSON_DeleteItemFromObjectCaseSensitive(document, column->name);
        member = is_list ? cJSON_AddArrayToObject(document, column->name)
                         : cJSON_AddObjectToObject(document, column->name);
    }
    if (is_list) {
        cJSON *identifier = cJSON_CreateObject();
        cJSON_AddStringToObject(identifier, "scheme", column->part);
        cJSON_AddItemToObject(identifier, "value", value);
        cJSON_AddItemToArray(member, identifier);
    } else {
        cJSON_AddItemToObject(member, column->part, value);
    }
}

/* Sets null in a field for which a column has no value. */
static void set_unknown(cJSON *document, const struct column *column)
{
    if (column->field && !json_member(document, column->name))
        cJSON_AddNullToObject(document, column->name);
}

/* Sets a constant in a field that has no value from a column. */
static void set_constant(cJSON *document, const struct column *column)
{
    const cJSON *member = json_member(document, column->name), *entry;
    if (member && !cJSON_IsNull(member) && !column->part)
        return;
    cJSON_ArrayForEach(entry, member)
    {
        if (column->part && (ouse_is(json_text(json_member(entry, "scheme")), column->part) ||
                             strcmp(entry->string ? entry->string : "", column->part) == 0))
            return;
    }
    if (strcmp(column->name, CSV_VISIBILITY) != 0 || !json_member(document, "meta"))
        set_value(document, column, cJSON_Duplicate(column->constant, 1));
}

/* A list has a cap, so that a cell of a million semicolons does not become a million values. */
static int is_short(const struct column *column, struct ouse_str cell, struct problem *problem)
{
    uint32_t n = 1;
    if (!column->field || !schema_is_list(column->field) || column->part || !cell.n || cell.p[0] == '[')
        return 1;
    for (const char *at = cell.p, *end = at + cell.n; (at = memchr(at, ';', (size_t)(end - at))); at++)
        n++;
    if (n <= JSON_ENTRIES)
        return 1;
    problem_add(problem, OUSE_E_INVALID, arena_printf(problem->arena, "/%s", column->name).p, "too_many",
                "A list has at most %d entries; this cell has %u", JSON_ENTRIES, n);
    return 0;
}

static void set_text(struct arena *arena, cJSON *document, const struct column *column, struct ouse_str text)
{
    cJSON *value = value_of_text(arena, column, text);
    if (value)
        set_value(document, column, value);
    else
        set_unknown(document, column);
}

cJSON *columns_of_cells(struct arena *arena, const struct columns *columns, const struct ouse_str *cells,
                        struct problem *problem)
{
    cJSON *document = json_keep(arena, cJSON_CreateObject());
    for (uint32_t i = 0; i < columns->n; i++) {
        const struct column *column = &columns->at[i];
        struct ouse_str cell = column->constant    ? (struct ouse_str){"", 0}
                               : columns->exported ? csv_unguard(cells[column->cell])
                                                   : cell_trim(cells[column->cell]);
        if (column->constant)
            set_constant(document, column);
        else if (is_short(column, cell, problem))
            set_text(arena, document, column, cell);
    }
    return document;
}

/* ---- JSON ------------------------------------------------------------------------- */

/* Whether a member of an entry is, or has, a text: "types=label". */
static int fits(struct arena *arena, const cJSON *entry, struct ouse_str condition)
{
    struct ouse_str name;
    const cJSON *member, *one;
    text_cut(&condition, '=', &name);
    member = json_member(entry, arena_copy(arena, name).p);
    cJSON_ArrayForEach(one, member)
    {
        if (ouse_same(json_text(one), condition))
            return 1;
    }
    return member && ouse_same(json_text(member), condition);
}

static const cJSON *pick(struct arena *arena, const cJSON *value, struct ouse_str pointer);

/* Returns a list of the values in every entry, or in every entry that matches. */
static const cJSON *pick_all(struct arena *arena, const cJSON *list, struct ouse_str condition,
                             struct ouse_str pointer)
{
    cJSON *all = json_keep(arena, cJSON_CreateArray());
    const cJSON *entry;
    cJSON_ArrayForEach(entry, list)
    {
        const cJSON *found =
            !condition.n || fits(arena, entry, condition) ? pick(arena, entry, pointer) : NULL;
        if (found && !cJSON_IsNull(found))
            cJSON_AddItemToArray(all, cJSON_Duplicate(found, 1));
    }
    return all;
}

/* Returns the value at a pointer, without its first slash; NULL: there is no value. */
static const cJSON *pick(struct arena *arena, const cJSON *value, struct ouse_str pointer)
{
    struct ouse_str part;
    const cJSON *entry;
    if (!value || !text_cut(&pointer, '/', &part))
        return value;
    if (!cJSON_IsArray(value))
        return pick(arena, json_member(value, unescape(arena, part).p), pointer);
    if (part.n && *part.p == '*')
        return pick_all(arena, value, (struct ouse_str){part.p + 1, part.n - 1}, pointer);
    if (part.n && memchr(part.p, '=', part.n)) {
        cJSON_ArrayForEach(entry, value)
        {
            if (fits(arena, entry, part))
                return pick(arena, entry, pointer);
        }
        return NULL;
    }
    uint32_t n = 0;
    for (uint32_t i = 0; i < part.n && n < JSON_ENTRIES; i++)
        n = part.p[i] >= '0' && part.p[i] <= '9' ? n * 10 + (uint32_t)(part.p[i] - '0') : JSON_ENTRIES;
    return pick(arena, cJSON_GetArrayItem(value, (int)n), pointer);
}

/* Returns the text of a scalar, as in a cell of CSV. */
static struct ouse_str text_of(struct arena *arena, const cJSON *value)
{
    struct ouse_str text = json_text(value);
    struct buffer out;
    if (text.p || cJSON_IsNull(value))
        return text.p ? cell_trim(text) : (struct ouse_str){"", 0};
    buffer_init(&out, 64);
    json_print(&out, value);
    text = arena_copy(arena, buffer_view(&out));
    buffer_finish(&out);
    return text;
}

/* Sets a list: each text is itself, or its entry in the table of values. */
static void set_list(struct arena *arena, cJSON *document, const struct column *column, const cJSON *found)
{
    cJSON *list = json_keep(arena, cJSON_CreateArray());
    const cJSON *entry;
    cJSON_ArrayForEach(entry, found)
    {
        struct ouse_str text = json_text(entry);
        const cJSON *stands = text.p ? find_value(arena, column, cell_trim(text)) : NULL;
        if (!cJSON_IsNull(stands ? stands : entry))
            cJSON_AddItemToArray(list, stands   ? cJSON_Duplicate(stands, 1)
                                       : text.p ? cJSON_CreateString(arena_copy(arena, cell_trim(text)).p)
                                                : cJSON_Duplicate(entry, 1));
    }
    if (column->scheme)
        add_scheme(arena, column, list);
    if (list->child)
        set_value(document, column, cJSON_Duplicate(list, 1));
    else
        set_unknown(document, column);
}

static const cJSON *list_of(struct arena *arena, const cJSON *entry)
{
    cJSON *list = json_keep(arena, cJSON_CreateArray());
    cJSON_AddItemToArray(list, cJSON_Duplicate(entry, 1));
    return list;
}

static void set_found(struct arena *arena, cJSON *document, const struct column *column, const cJSON *found)
{
    int to_list = column->field && schema_is_list(column->field) && !column->part;
    if (cJSON_IsArray(found) && to_list)
        set_list(arena, document, column, found);
    else if (cJSON_IsString(found) && to_list && found->valuestring[0])
        set_list(arena, document, column, list_of(arena, found));
    else if (cJSON_IsArray(found) || cJSON_IsObject(found))
        set_value(document, column, cJSON_Duplicate(found, 1));
    else
        set_text(arena, document, column, found ? text_of(arena, found) : (struct ouse_str){"", 0});
}

cJSON *columns_of_json(struct arena *arena, const struct columns *columns, const cJSON *row,
                       struct problem *problem)
{
    cJSON *document = json_keep(arena, cJSON_CreateObject());
    if (!cJSON_IsObject(row)) {
        problem_fail(problem, OUSE_E_INVALID, "A row must be a JSON object");
        return NULL;
    }
    for (uint32_t i = 0; i < columns->n; i++) {
        const struct column *column = &columns->at[i];
        struct ouse_str pointer = column->source;
        if (column->constant) {
            set_constant(document, column);
            continue;
        }
        pointer.p++, pointer.n--;
        set_found(arena, document, column, pick(arena, row, pointer));
    }
    return document;
}
