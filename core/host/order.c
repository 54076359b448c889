/* order: see order.h. Depth first: an item is placed when all it needs is
 * placed. The path from the first item to the one that is looked at shows the
 * circle, when there is one.
 */
#include "order.h"

#include <stdlib.h>

enum mark { UNSEEN, ON_PATH, PLACED };

struct walk {
    const struct order_item *items;
    uint32_t n;
    enum mark *marks;
    uint32_t *order, n_placed;
    uint32_t *path, n_path;
    struct problem *problem;
};

/* One entry of `needs`. */
struct need {
    struct ouse_str name;
    int major;
};

/* Reads digits without a leading zero; moves `at` after them. Returns -1 otherwise. */
static int read_number(const char **at)
{
    const char *digits = *at;
    size_t n = strspn(digits, "0123456789");
    if (n == 0 || n > 6 || (n > 1 && *digits == '0'))
        return -1;
    *at += n;
    return atoi(digits);
}

int order_major(const char *version)
{
    const char *at = version;
    int major = read_number(&at);
    for (int i = 0; i < 2; i++)
        if (major < 0 || *at++ != '.' || read_number(&at) < 0)
            return -1;
    if (*at && ((*at != '-' && *at != '+') || !at[1]))
        return -1;
    return major;
}

/* Reads "name>=1" up to the next space; moves `at` to the next entry. */
static int read_need(const char **at, struct need *need)
{
    const char *name = *at;
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");
    const char *version = name + n + 2;
    if (n == 0 || strncmp(name + n, ">=", 2) != 0)
        return -1;
    need->name = (struct ouse_str){name, (uint32_t)n};
    need->major = read_number(&version);
    if (need->major < 0 || (*version && *version != ' '))
        return -1;
    *at = version + strspn(version, " ");
    return 0;
}

static uint32_t find(const struct walk *walk, struct ouse_str name)
{
    uint32_t i = 0;
    while (i < walk->n && !ouse_is(name, walk->items[i].name))
        i++;
    return i;
}

static ouse_rc fail_missing(const struct walk *walk, const struct order_item *by, struct need need)
{
    struct ouse_str line = {0};
    for (uint32_t i = 0; i < walk->n; i++)
        line = arena_printf(walk->problem->arena, "%.*s, %s", OUSE_F(line), walk->items[i].name);
    return problem_fail(walk->problem, OUSE_E_INVALID,
                        "%s needs %.*s>=%d, which is not enabled; add it: plugins = {%.*s%s}", by->name,
                        OUSE_F(need.name), need.major, OUSE_F(need.name), line.p);
}

static ouse_rc fail_circle(const struct walk *walk, uint32_t again)
{
    struct ouse_str path = {0};
    uint32_t i = 0;
    while (walk->path[i] != again)
        i++;
    for (; i < walk->n_path; i++)
        path =
            arena_printf(walk->problem->arena, "%.*s%s -> ", OUSE_F(path), walk->items[walk->path[i]].name);
    return problem_fail(walk->problem, OUSE_E_INVALID,
                        "plugins need each other in a circle: %s%s; one of them has to do without", path.p,
                        walk->items[again].name);
}

static ouse_rc place(struct walk *walk, uint32_t i);

static ouse_rc place_need(struct walk *walk, const struct order_item *by, struct need need)
{
    uint32_t i = find(walk, need.name);
    if (i == walk->n)
        return fail_missing(walk, by, need);
    const struct order_item *needed = &walk->items[i];
    if (order_major(needed->version) < need.major)
        return problem_fail(walk->problem, OUSE_E_INVALID,
                            "%s needs %s>=%d, but %s is %s; install a later %s", by->name, needed->name,
                            need.major, needed->name, needed->version, needed->name);
    return place(walk, i);
}

static ouse_rc place_needs(struct walk *walk, const struct order_item *item)
{
    const char *at = item->needs ? item->needs + strspn(item->needs, " ") : "";
    while (*at) {
        struct need need;
        if (read_need(&at, &need) != 0)
            return problem_fail(
                walk->problem, OUSE_E_INVALID,
                "%s: its needs are \"%s\"; each must be a name and a major version, as in directory>=1",
                item->name, item->needs);
        if (place_need(walk, item, need) != OUSE_OK)
            return walk->problem->rc;
    }
    return OUSE_OK;
}

static ouse_rc place(struct walk *walk, uint32_t i)
{
    if (walk->marks[i] == PLACED)
        return OUSE_OK;
    if (walk->marks[i] == ON_PATH)
        return fail_circle(walk, i);
    walk->marks[i] = ON_PATH;
    walk->path[walk->n_path++] = i;
    if (place_needs(walk, &walk->items[i]) != OUSE_OK)
        return walk->problem->rc;
    walk->n_path--;
    walk->marks[i] = PLACED;
    walk->order[walk->n_placed++] = i;
    return OUSE_OK;
}

ouse_rc order_by_needs(const struct order_item *items, uint32_t n, uint32_t *order, struct problem *problem)
{
    struct walk walk = {.items = items,
                        .n = n,
                        .marks = arena_zero(problem->arena, (n + 1) * sizeof(enum mark)),
                        .order = order,
                        .path = arena_alloc(problem->arena, (n + 1) * sizeof(uint32_t)),
                        .problem = problem};
    for (uint32_t i = 0; i < n; i++)
        if (place(&walk, i) != OUSE_OK)
            return problem->rc;
    return OUSE_OK;
}
