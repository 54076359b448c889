/* aggregate: records counted, and sums made, by the values of fields.
 *
 *     by state, kind ──> [open, grant]  count, sums        one row for each combination
 *                        [open, null]   count, sums        that there is, in the order of
 *                                                          the values, nothing last
 *
 * A record with several values in a field counts once for each of them. Money is
 * summed in whole pence, and a sum that nothing is known for is no sum.
 */
#ifndef AGGREGATE_AGGREGATE_H
#define AGGREGATE_AGGREGATE_H

#include "../../record/record.h"

#define TALLY_FIELDS 5
#define TALLY_ROWS   10000
#define TALLY_STEPS  1000000  /* keys that are looked at for all tallies of a query */
#define TALLY_COUNTS 10000000 /* times that a record is counted in a row, in all of them */

struct tally_row {
    struct ouse_str key;                   /* the common part of equal entries, of each field */
    struct ouse_str entries[TALLY_FIELDS]; /* of the values */
    struct ouse_str values[TALLY_FIELDS];  /* JSON; no text: nothing */
    uint64_t count, known[TALLY_FIELDS];   /* how many records, and with the field that is summed */
    int64_t sums[TALLY_FIELDS];
};

struct tally {
    const struct field *by[TALLY_FIELDS], *sums[TALLY_FIELDS];
    uint32_t n_by, n_sums;
    struct tally_row **rows; /* query_tally's */
    uint32_t n_rows, room;
    struct alike *alike;
};

/* Permission to continue a query that examines more keys than its `steps`. */
struct tally_leave {
    ouse_rc (*ask)(void *arg);
    void *arg;
};

/* Fills tallies with all records of a query, without regard to its order and position. Returns
 * OUSE_E_REQUEST, with advice, if there are more records than the caps allow. */
ouse_rc query_tally(struct txn *txn, const struct query *query, struct arena *arena, struct tally *tallies,
                    uint32_t n, const struct tally_leave *leave, struct problem *problem);

#endif
