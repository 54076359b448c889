/* setting: see setting.h. A number is digits and a unit; the types of numbers
 * differ in their units only. */
#include "setting.h"

#include <ctype.h>

struct unit {
    const char *name;
    int64_t factor;
};

/* Ascending, so that the last one that divides a number shows it best. */
static const struct unit none[] = {{"", 1}, {NULL, 0}};
static const struct unit durations[] = {{"ms", 1},      {"s", 1000},     {"min", 60000},
                                        {"h", 3600000}, {"d", 86400000}, {NULL, 0}};
static const struct unit sizes[] = {{"", 1},
                                    {"KiB", INT64_C(1) << 10},
                                    {"MiB", INT64_C(1) << 20},
                                    {"GiB", INT64_C(1) << 30},
                                    {"TiB", INT64_C(1) << 40},
                                    {NULL, 0}};

static const struct type {
    uint32_t type, size;
    const char *name, *right; /* the form of a value of the type */
    const struct unit *units; /* of numbers */
} types[] = {
    {OUSE_OPTION_TEXT, sizeof(const char *), "text", "text", NULL},
    {OUSE_OPTION_INT, sizeof(int64_t), "int", "a whole number", none},
    {OUSE_OPTION_BOOL, sizeof(int32_t), "bool", "true or false", NULL},
    {OUSE_OPTION_DURATION, sizeof(int64_t), "duration", "a duration such as 250ms, 15s, 5min, 24h or 7d",
     durations},
    {OUSE_OPTION_SIZE, sizeof(int64_t), "size", "a size such as 4096, 64MiB or 16GiB", sizes},
};

static const struct type *type_of(uint32_t type)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (types[i].type == type)
            return &types[i];
    return NULL;
}

uint32_t value_size(uint32_t type)
{
    const struct type *known = type_of(type);
    return known ? known->size : 0;
}

const char *value_type(uint32_t type)
{
    const struct type *known = type_of(type);
    return known ? known->name : NULL;
}

static struct ouse_str number_text(struct arena *arena, const struct unit *units, int64_t number)
{
    const struct unit *best = units;
    for (const struct unit *unit = units; unit->name; unit++)
        if (number != 0 && number % unit->factor == 0)
            best = unit;
    return arena_printf(arena, "%lld%s", (long long)(number / best->factor), best->name);
}

/* Returns the accepted values of an option: the sentence of the type and the bounds. */
static struct ouse_str expected(const struct ouse_option *option, const struct type *type,
                                struct arena *arena)
{
    if (!type->units || (option->min == 0 && option->max == 0))
        return ouse_s(type->right);
    struct ouse_str min = number_text(arena, type->units, option->min);
    if (option->max == INT64_MAX)
        return arena_printf(arena, "%s, at least %s", type->right, min.p);
    struct ouse_str max = number_text(arena, type->units, option->max);
    return arena_printf(arena, "%s, from %s to %s", type->right, min.p, max.p);
}

static int read_number(const char *text, const struct unit *units, int64_t *number)
{
    int negative = *text == '-';
    const char *at = text + negative;
    if (!isdigit((unsigned char)*at))
        return -1;
    int64_t value = 0;
    for (; isdigit((unsigned char)*at); at++)
        if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, *at - '0', &value))
            return -1;
    while (units->name && strcmp(units->name, at) != 0)
        units++;
    if (!units->name || __builtin_mul_overflow(value, negative ? -units->factor : units->factor, &value))
        return -1;
    *number = value;
    return 0;
}

static int put_number(const struct ouse_option *option, const struct unit *units, const char *text,
                      void *member)
{
    int64_t number;
    if (read_number(text, units, &number) != 0)
        return -1;
    int bounded = option->min != 0 || option->max != 0;
    if (bounded ? number < option->min || number > option->max : units != none && number < 0)
        return -1;
    memcpy(member, &number, sizeof number);
    return 0;
}

static int put_bool(const char *text, void *member)
{
    static const char *const words[] = {"false", "true"};
    for (int32_t i = 0; i < 2; i++)
        if (strcmp(text, words[i]) == 0) {
            memcpy(member, &i, sizeof i);
            return 0;
        }
    return -1;
}

static int put_text(const char *text, void *member, struct arena *keep)
{
    const char *copy = arena_copy(keep, ouse_s(text)).p;
    memcpy(member, &copy, sizeof copy);
    return 0;
}

static int put(const struct ouse_option *option, const struct type *type, const char *text, void *member,
               struct arena *keep)
{
    if (type->units)
        return put_number(option, type->units, text, member);
    return option->type == OUSE_OPTION_BOOL ? put_bool(text, member) : put_text(text, member, keep);
}

ouse_rc value_set(const struct ouse_option *option, const struct setting *setting, void *self,
                  struct arena *keep, struct problem *problem)
{
    const struct type *type = type_of(option->type);
    if (put(option, type, setting->text, (char *)self + option->offset, keep) == 0)
        return OUSE_OK;
    struct ouse_str right = expected(option, type, problem->arena);
    const char *section = setting->section ? setting->section : "", *dot = setting->section ? "." : "";
    if (option->flags & OUSE_SECRET)
        return problem_add(problem, OUSE_E_INVALID, "", "config", "%s: %s%s%s must be %s", setting->origin,
                           section, dot, option->name, right.p);
    return problem_add(problem, OUSE_E_INVALID, "", "config", "%s: %s%s%s must be %s; it is \"%s\"",
                       setting->origin, section, dot, option->name, right.p, setting->text);
}

struct ouse_str value_show(const struct ouse_option *option, const void *self, struct arena *arena)
{
    const struct type *type = type_of(option->type);
    const char *member = (const char *)self + option->offset;
    const char *text;
    int64_t number;
    int32_t yes;
    if (type->units) {
        memcpy(&number, member, sizeof number);
        return number_text(arena, type->units, number);
    }
    if (option->type == OUSE_OPTION_BOOL) {
        memcpy(&yes, member, sizeof yes);
        return ouse_s(yes ? "true" : "false");
    }
    memcpy(&text, member, sizeof text);
    return ouse_s(text && option->flags & OUSE_SECRET ? "(set)" : text);
}

int value_same(const struct ouse_option *option, const void *a, const void *b)
{
    const char *left = (const char *)a + option->offset, *right = (const char *)b + option->offset;
    if (option->type != OUSE_OPTION_TEXT)
        return memcmp(left, right, value_size(option->type)) == 0;
    const char *texts[2];
    memcpy(&texts[0], left, sizeof texts[0]);
    memcpy(&texts[1], right, sizeof texts[1]);
    return ouse_same(ouse_s(texts[0]), ouse_s(texts[1]));
}

void value_copy(const struct ouse_option *option, void *to, const void *from)
{
    memcpy((char *)to + option->offset, (const char *)from + option->offset, value_size(option->type));
}
