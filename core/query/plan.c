/* plan: selects the cheapest access path. Estimates count keys, up to a bound, so that a plan costs
 * little compared with the page. */
#include "join.h"
#include "words.h"

/* ---- Estimates ------------------------------------------------------------------ */

enum { CHARGED = 8 /* keys that are counted at the cost of a step */ };

struct counting {
    struct reader *reader;
    uint32_t n, most;
};

static ouse_rc count(void *arg, struct ouse_str id)
{
    struct counting *counting = arg;
    (void)id;
    if (counting->n % CHARGED == CHARGED - 1)
        reader_charge(counting->reader, 1);
    return counting->n++ == counting->most ? OUSE_E_TOO_LARGE : OUSE_OK;
}

/* Selects the most selective index. Counts the keys of all predicates in parallel, each time
 * further, until one reaches its end: a large one costs no more than the smallest. */
ouse_rc plan_driver(struct reader *reader, const struct collection *collection,
                    const struct query_term *terms, uint32_t n, const struct query_term **driver,
                    uint32_t *n_keys)
{
    const struct query_term *best = NULL;
    for (uint32_t most = 8; most <= SELECT_MAX && !best; most *= 8) {
        uint32_t least = UINT32_MAX;
        for (uint32_t i = 0; i < n; i++) {
            struct counting counting = {reader, 0, most};
            ouse_rc rc = term_drives(&terms[i]) ? term_each(reader, collection, &terms[i], count, &counting)
                                                : OUSE_E_TOO_LARGE;
            if (rc && rc != OUSE_E_TOO_LARGE)
                return rc;
            if (!rc && counting.n < least) {
                best = &terms[i];
                *n_keys = least = counting.n;
            }
        }
    }
    *driver = best;
    return OUSE_OK;
}

int plan_is_small(struct reader *reader, const struct collection *collection, uint32_t most)
{
    struct counting counting = {reader, 0, most};
    return term_each(reader, collection, NULL, count, &counting) == OUSE_OK;
}

ouse_rc plan_all(struct reader *reader, const struct collection *collection, uint32_t *n_keys)
{
    struct counting counting = {reader, 0, SELECT_MAX};
    ouse_rc rc = term_each(reader, collection, NULL, count, &counting);
    if (!rc)
        *n_keys = counting.n;
    return rc;
}
