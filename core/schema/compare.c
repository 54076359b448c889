/* compare: returns whether records of one declaration are valid under another.
 *
 * Both are compared as descriptions. For each member of a field a rule states which changes need no
 * change of records; every other change needs a migration. */
#include "types.h"

static const char *name_of(const cJSON *thing)
{
    return json_text(json_member(thing, "name")).p;
}

static const cJSON *named(const cJSON *things, const char *name)
{
    for (const cJSON *c = things ? things->child : NULL; c; c = c->next)
        if (ouse_is(ouse_s(name), name_of(c)))
            return c;
    return NULL;
}

/* The rule of a member: returns 1 if `now` holds for records written under `was`. */
static int same(const cJSON *was, const cJSON *now)
{
    return json_equal(was, now);
}

static int same_or_gone(const cJSON *was, const cJSON *now)
{
    return !now || json_equal(was, now);
}

/* A list that only grows at its end: positions are in stored keys. */
static int extended(const cJSON *was, const cJSON *now)
{
    const cJSON *a = was ? was->child : NULL, *b = now ? now->child : NULL;
    if (!was != !now)
        return !now;
    for (; a && b && json_equal(a, b); a = a->next)
        b = b->next;
    return !a;
}

/* References to several collections are written otherwise than those to one. */
static int more_targets(const cJSON *was, const cJSON *now)
{
    int before = cJSON_GetArraySize(was), after = cJSON_GetArraySize(now);
    if ((before > 1) != (after > 1))
        return 0;
    for (const cJSON *a = was ? was->child : NULL; a; a = a->next) {
        const cJSON *b = now ? now->child : NULL;
        while (b && !json_equal(a, b))
            b = b->next;
        if (!b)
            return 0;
    }
    return 1;
}

static int not_more(const cJSON *was, const cJSON *now)
{
    return !now || (was && now->valuedouble <= was->valuedouble);
}

static int not_less(const cJSON *was, const cJSON *now)
{
    return !now || (was && now->valuedouble >= was->valuedouble);
}

static const struct {
    const char *member;
    int (*holds)(const cJSON *was, const cJSON *now);
    const char *why;
} rules[] = {
    {"type", same, "its type changed"},
    {"visibility", same, "its visibility changed, and views of records are stored"},
    {"required", same_or_gone, "it became required"},
    {"unique", same_or_gone, "it became unique"},
    {"scheme", same_or_gone, "it became an identifier"},
    {"pattern", same_or_gone, "its pattern changed"},
    {"after", same_or_gone, "`after` changed"},
    {"choices", extended, "choices were removed or moved; new ones can only be added at the end"},
    {"refers_to", more_targets, "collections were removed from refers_to, or one became several"},
    {"min", not_more, "min became larger"},
    {"max", not_less, "max became smaller"},
};

struct comparison {
    const struct collection *collection;
    const cJSON *was, *now;
    struct problem *problem;
};

static void differs(const struct comparison *at, const char *part, const char *name, const char *why)
{
    const char *pointer = arena_printf(at->problem->arena, "/%s/%s", part, name).p;
    problem_add(at->problem, OUSE_E_CONFLICT, pointer, "migration",
                "%s: collection %s: %s: %s; this needs a new version and a migration", at->collection->plugin,
                at->collection->is.name, name, why);
}

static void compare_fields(const struct comparison *at)
{
    const cJSON *fields = json_member(at->now, "fields");
    const cJSON *stored = json_member(at->was, "fields");
    for (const cJSON *was = stored ? stored->child : NULL; was; was = was->next) {
        const cJSON *now = named(fields, name_of(was));
        if (!now)
            differs(at, "fields", name_of(was), "the field was removed");
        for (size_t i = 0; now && i < sizeof rules / sizeof *rules; i++)
            if (!rules[i].holds(json_member(was, rules[i].member), json_member(now, rules[i].member)))
                differs(at, "fields", name_of(was), rules[i].why);
    }
    for (const cJSON *now = fields->child; now; now = now->next)
        if (!named(stored, name_of(now)) && cJSON_IsTrue(json_member(now, "required")))
            differs(at, "fields", name_of(now), "it is new and required, but existing records have no value");
}

/* Returns whether a key of an index is a new field. No record has a value of it, so the index has
 * no record. */
static int has_new_key(const struct comparison *at, const cJSON *index)
{
    const cJSON *keys = json_member(index, "keys");
    for (const cJSON *key = keys ? keys->child : NULL; key; key = key->next)
        if (!named(json_member(at->was, "fields"), json_text(key).p))
            return 1;
    return 0;
}

static void compare_indexes(const struct comparison *at)
{
    const cJSON *stored = json_member(at->was, "indexes");
    for (const cJSON *now = json_member(at->now, "indexes")->child; now; now = now->next) {
        const cJSON *was = named(stored, name_of(now));
        if (was && !json_equal(json_member(was, "keys"), json_member(now, "keys")))
            differs(at, "indexes", name_of(now), "its keys changed, which a new name would make a new index");
        else if (cJSON_IsTrue(json_member(now, "unique")) && !cJSON_IsTrue(json_member(was, "unique")) &&
                 !has_new_key(at, now) && !schema_field(at->collection, ouse_s(name_of(now))))
            differs(at, "indexes", name_of(now),
                    "records may have equal values in a field that is unique now");
    }
}

ouse_rc schema_compare(const cJSON *stored, const struct collection *declared, struct problem *problem)
{
    uint32_t before = problem->n_errors;
    cJSON *now = json_keep(problem->arena, schema_declaration(declared, OUSE_MANAGER));
    struct comparison at = {declared, stored, now, problem};
    compare_fields(&at);
    compare_indexes(&at);
    return problem->n_errors > before ? problem->rc : OUSE_OK;
}
