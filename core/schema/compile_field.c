/* compile_field: compiles the fields of a declaration.
 *
 * If the type of a field is unknown, this is reported, and the field is treated as text, so that
 * the rest of the table can still be checked. */
#include "compile.h"

#define BIT(type)  (1u << (type))
#define DATES      (BIT(OUSE_DATE) | BIT(OUSE_PDATE))
#define REFERENCES (BIT(OUSE_REF) | BIT(OUSE_REFS))

/* Members of a declaration that are text, and the types that take or need them. */
static const struct {
    const char *name;
    size_t offset;
    uint32_t taken, needed;
} members[] = {
    {"choices", offsetof(struct ouse_field, choices),
     BIT(OUSE_ENUM) | BIT(OUSE_LIST) | BIT(OUSE_IDS) | BIT(OUSE_TEXT), BIT(OUSE_ENUM) | BIT(OUSE_IDS)},
    {"refers_to", offsetof(struct ouse_field, refers_to), REFERENCES, REFERENCES},
    {"pattern", offsetof(struct ouse_field, pattern), BIT(OUSE_TEXT), 0},
    {"after", offsetof(struct ouse_field, after), DATES, 0},
};

static const struct {
    uint32_t bit;
    const char *name;
} flags[] = {
    {OUSE_REQUIRED, "OUSE_REQUIRED"},     {OUSE_INDEXED, "OUSE_INDEXED"}, {OUSE_UNIQUE, "OUSE_UNIQUE"},
    {OUSE_SEARCHABLE, "OUSE_SEARCHABLE"}, {OUSE_SYSTEM, "OUSE_SYSTEM"},   {OUSE_FIXED, "OUSE_FIXED"},
    {OUSE_SCHEME, "OUSE_SCHEME"},
};

void compile_reserved(const struct compile *at, const char *name)
{
    static const char *const reserved[] = {"id", "meta", "sources", "created", "updated", "included"};
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (strcmp(name, reserved[i]) == 0)
            compile_mistake(at, "every record has one of this name already; choose another");
}

static void check_name(const struct compile *at, const struct field *field)
{
    const char *name = field->is.name;
    if (!schema_name_valid(name, '_')) {
        compile_mistake(at, "the name must be snake_case of at most %d characters", SCHEMA_NAME_MAX);
        return;
    }
    compile_reserved(at, name);
    if (schema_field(at->collection, ouse_s(name)) != field)
        compile_mistake(at, "there are two of this name");
}

static void check_flags(const struct compile *at, const struct field *field)
{
    uint32_t taken = type_of(field)->flags | OUSE_REQUIRED | OUSE_SYSTEM | OUSE_FIXED;
    uint32_t unknown = field->is.flags;
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        unknown &= ~flags[i].bit;
        if (field->is.flags & flags[i].bit & ~taken)
            compile_mistake(at, "%s has no meaning for type %s", flags[i].name, type_of(field)->name);
    }
    if (unknown)
        compile_mistake(at, "flags 0x%x are not known to this host; a newer one may be needed", unknown);
    if (!compile_visibility_known(field->is.visibility))
        compile_mistake(at, "visibility is %u; it must be OUSE_PUBLIC, OUSE_PARTNER or OUSE_OFFICE",
                        field->is.visibility);
}

static void check_members(const struct compile *at, const struct field *field)
{
    const char *type = type_of(field)->name;
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        const char *text = *(const char *const *)((const char *)&field->is + members[i].offset);
        if (text && !(members[i].taken & BIT(field->is.type)))
            compile_mistake(at, "%s has no meaning for type %s", members[i].name, type);
        if ((!text || !*text) && members[i].needed & BIT(field->is.type))
            compile_mistake(at, "type %s needs %s, separated by spaces", type, members[i].name);
    }
}

static void check_bounds(const struct compile *at, const struct field *field)
{
    const struct type *type = type_of(field);
    int64_t min = field->is.min, max = field->is.max;
    int open = max == 0 && min > 0; /* a least alone */
    if (!min && !max)
        return;
    if (!type->least && !type->most)
        compile_mistake(at, "min and max have no meaning for type %s", type->name);
    else if (max < min && !open)
        compile_mistake(at, "max %lld is less than min %lld", (long long)max, (long long)min);
    else if (min > type->most || (type->least == 1 && min < 0))
        compile_mistake(at, "min %lld is out of range for type %s", (long long)min, type->name);
}

static void check_on_delete(const struct compile *at, const struct field *field)
{
    uint32_t on_delete = field->is.on_delete;
    if (on_delete && !(REFERENCES & BIT(field->is.type)))
        compile_mistake(at, "on_delete has no meaning for type %s", type_of(field)->name);
    else if (on_delete > OUSE_NULLIFY)
        compile_mistake(at, "on_delete is %u; it must be OUSE_RESTRICT, OUSE_CASCADE or OUSE_NULLIFY",
                        on_delete);
    else if (on_delete == OUSE_NULLIFY && field->is.type == OUSE_REF && field->is.flags & OUSE_REQUIRED)
        compile_mistake(at, "it is required and cannot be nullified; use OUSE_RESTRICT or OUSE_CASCADE");
}

/* "starts_on" is "Starts on" for people. */
static void compile_choices(const struct compile *at, struct field *field)
{
    int identifies = field->is.type == OUSE_IDS || field->is.flags & OUSE_SCHEME;
    field->choices = schema_words(at->arena, field->is.choices, &field->n_choices);
    field->titles = arena_alloc(at->arena, field->n_choices * sizeof *field->titles);
    for (uint32_t i = 0; i < field->n_choices; i++)
        field->titles[i] = title_of_name(at->arena, at->spellings, ouse_s(field->choices[i]));
    if (field->is.type == OUSE_TEXT && (field->n_choices != 1) != !identifies)
        compile_mistake(at, identifies
                                ? "OUSE_SCHEME needs the one scheme in choices"
                                : "choices have no meaning for type text without OUSE_SCHEME; use OUSE_ENUM");
    if (field->n_choices > SCHEMA_CHOICES_MAX)
        compile_mistake(at, "there are %u choices; %d is the most", field->n_choices, SCHEMA_CHOICES_MAX);
    for (uint32_t i = 0; i < field->n_choices; i++) {
        if (identifies && !schema_scheme_known(field->choices[i]))
            compile_mistake(at, "%s is no known scheme; there are %s", field->choices[i],
                            schema_schemes(at->arena));
        for (uint32_t j = 0; j < i; j++)
            if (strcmp(field->choices[i], field->choices[j]) == 0)
                compile_mistake(at, "%s is twice among the choices", field->choices[i]);
    }
}

static void compile_targets(const struct compile *at, struct field *field)
{
    field->qualified = strcmp(field->is.refers_to ? field->is.refers_to : "", SCHEMA_ANY) == 0;
    if (field->qualified) /* linking fills in every collection there is */
        return;
    const char **names = schema_words(at->arena, field->is.refers_to, &field->n_targets);
    field->qualified = field->n_targets > 1;
    if (field->n_targets > SCHEMA_TARGETS_MAX) {
        compile_mistake(at, "refers_to names %u collections; %d is the most", field->n_targets,
                        SCHEMA_TARGETS_MAX);
        field->n_targets = 0;
    }
    field->targets = arena_zero(at->arena, field->n_targets * sizeof *field->targets);
    for (uint32_t i = 0; i < field->n_targets; i++) {
        struct target *target = &field->targets[i];
        char *plugin = strchr(names[i], '@');
        if (plugin)
            *plugin++ = 0;
        target->collection = names[i];
        target->plugin = plugin;
        if (!schema_name_valid(names[i], '-') || (plugin && !schema_name_valid(plugin, '-')))
            compile_mistake(at,
                            "refers_to must be collection or collection@plugin, several separated by spaces");
    }
}

static void free_pattern(void *pattern)
{
    regfree(pattern);
}

static void compile_pattern(const struct compile *at, struct field *field)
{
    char why[120];
    if (!field->is.pattern)
        return;
    regex_t *pattern = arena_alloc(at->arena, sizeof *pattern);
    int error = regcomp(pattern, field->is.pattern, REG_EXTENDED);
    if (error) {
        regerror(error, pattern, why, sizeof why);
        compile_mistake(at, "pattern %s is no POSIX extended regular expression: %s", field->is.pattern, why);
        return;
    }
    arena_defer(at->arena, free_pattern, pattern);
    field->pattern = pattern;
}

static void compile_field(const struct compile *at, struct field *field)
{
    if (field->is.type < OUSE_TEXT || field->is.type > OUSE_SERIES) {
        compile_mistake(at, "type %u is not one of OUSE_TEXT … OUSE_SERIES", field->is.type);
        field->is.type = OUSE_TEXT;
    }
    field->type = &schema_types[field->is.type];
    check_name(at, field);
    check_flags(at, field);
    check_members(at, field);
    check_bounds(at, field);
    check_on_delete(at, field);
    field->title =
        field->is.title
            ? field->is.title
            : title_of_name(at->arena, at->spellings, ouse_s(field->is.name ? field->is.name : "")).p;
    compile_choices(at, field);
    compile_targets(at, field);
    compile_pattern(at, field);
    if (field->is.visibility > at->collection->most_hidden)
        at->collection->most_hidden = field->is.visibility;
}

static void add_times(struct collection *c)
{
    static const struct field times[SCHEMA_TIMES] = {
        {.is = {.name = "created", .type = TYPE_TIME, .flags = OUSE_INDEXED},
         .type = &schema_types[TYPE_TIME],
         .title = "Created"},
        {.is = {.name = "updated", .type = TYPE_TIME, .flags = OUSE_INDEXED},
         .type = &schema_types[TYPE_TIME],
         .title = "Updated"},
    };
    c->times = c->fields + c->n_fields;
    memcpy(c->times, times, sizeof times);
}

void compile_fields(const struct compile *at)
{
    struct collection *c = at->collection;
    uint32_t n = c->is.fields.n;
    if (n == 0 || n > SCHEMA_FIELDS_MAX) {
        compile_mistake(at, "it has %u fields; it must have 1 to %d", n, SCHEMA_FIELDS_MAX);
        n = 0;
    }
    const struct ouse_field *rows = COMPILE_ROWS(at, "fields", c->is.fields, &n);
    c->fields = arena_zero(at->arena, (n + SCHEMA_TIMES) * sizeof *c->fields);
    c->n_fields = n;
    for (uint32_t i = 0; i < n; i++)
        c->fields[i].is = rows[i];
    for (uint32_t i = 0; i < n; i++) {
        struct compile in = compile_part(at, "field", rows[i].name);
        compile_field(&in, &c->fields[i]);
    }
    add_times(c);
}

void compile_sources(const struct compile *at)
{
    struct field *sources = arena_zero(at->arena, sizeof *sources);
    sources->is = (struct ouse_field){
        .name = "sources", .type = TYPE_SOURCES, .refers_to = "publications", .title = "Sources"};
    sources->type = &schema_types[TYPE_SOURCES];
    sources->title = sources->is.title;
    sources->targets = arena_zero(at->arena, sizeof *sources->targets);
    sources->n_targets = 1;
    at->collection->sources = sources;
}

void compile_after(const struct compile *at, struct field *field)
{
    if (!field->is.after || !(DATES & BIT(field->is.type)))
        return;
    const struct field *after = schema_field(at->collection, ouse_s(field->is.after));
    if (!after || after == field || !(DATES & BIT(after->is.type)))
        compile_mistake(at, "after names %s, which is no other date of the collection", field->is.after);
    else if (after->is.visibility > field->is.visibility)
        compile_mistake(at, "after names %s, which some roles that see this field may not see",
                        field->is.after);
    else
        field->after = after;
}

void compile_default(const struct compile *at, struct field *field)
{
    struct problem flaws;
    struct place whole = {.problem = &flaws, .field = field, .entry = -1};
    cJSON *value = NULL;
    if (!field->is.dflt)
        return;
    problem_init(&flaws, at->problem->arena);
    if (field->flow) {
        compile_mistake(at, "dflt has no meaning here: a state begins at `initial`");
    } else if (json_parse(at->arena, ouse_s(field->is.dflt), &value, &flaws)) {
        compile_mistake(at, "dflt %s is invalid; put a text in quotes: %s", field->is.dflt, flaws.detail.p);
    } else {
        schema_check_value(&whole, value);
        if (flaws.n_errors)
            compile_mistake(at, "dflt %s is not valid: %s", field->is.dflt, flaws.errors[0].detail.p);
        field->dflt = value;
    }
}
