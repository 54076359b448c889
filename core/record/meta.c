/* meta: what the store keeps by a name. */
#include "internal.h"

ouse_rc meta_get(struct txn *txn, const char *name, void *value, size_t n)
{
    struct ouse_str stored;
    ouse_rc rc = txn_get(txn, DB_META, ouse_s(name), &stored);
    if (rc || stored.n != n)
        return rc ? rc : OUSE_E_INTERNAL;
    memcpy(value, stored.p, n);
    return OUSE_OK;
}
